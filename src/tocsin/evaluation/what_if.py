"""What past levels would have been under other costs: the policy walked over past quarters, without words.

Each place is judged on the first day of every quarter from what figures and forecasts said then (both of
later revision, each out as late as it is), beside its neighbours of the quarter before. Rules on words,
trends and risk factors stay silent here, so this shows what a cost does and not what a desk would have seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tocsin.alarms.alarm import Level
from tocsin.alarms.around import Around, chances
from tocsin.alarms.judge import Reading
from tocsin.alarms.measure import of_figure, of_forecasts
from tocsin.alarms.policy import Policy
from tocsin.assessment.figures import figures_from_panel
from tocsin.clock import add_months
from tocsin.evaluation.policy_walk import Levels, Measured, Walk
from tocsin.forecasting.forecast import Forecast
from tocsin.forecasting.hindcast import Hindcasts, opening
from tocsin.forecasting.panel import Panel

FIRST, LAST = 1995, 2023
KILLED, ONSET, WITHIN = "killed", "onset", 2
"""1,000 or more civilians killed in the year; a new mass killing in it or in the year after."""
SETTLE = 1
"""Years walked before the first that is counted, so that levels held from before are there."""


@dataclass(frozen=True, slots=True)
class Year:
    """One year of one policy: the places at the level or above on its first day, by what then happened.

    `caught` and `missed` are places by outcome; `false` are those where neither outcome came.
    """

    year: int
    high: tuple[str, ...]
    caught: Mapping[str, tuple[str, ...]]
    missed: Mapping[str, tuple[str, ...]]
    false: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """The years of one policy together, counted in place-years."""

    alarms: int
    false: int
    caught: Mapping[str, int]
    missed: Mapping[str, int]

    @property
    def per_true(self) -> float | None:
        """False alarms per true one, counted in place-years."""
        true = self.alarms - self.false
        return self.false / true if true else None


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """What the walk sees: the country-year table and the past forecasts."""

    panel: Panel
    forecasts: Hindcasts

    @property
    def known(self) -> int:
        """The last year of which both outcomes are known."""
        return min(self.panel.info[column].last_year for column in ("os_deaths", "mk_onset"))

    def measured(self, day: date, policy: Policy) -> list[Measured]:
        """The fields of forecasts and of the figures that rules compare or tell, by place, as out on a day.

        `day` is a day of issue of the past forecasts.
        """
        then = add_months(day, -12)
        before = chances(self.forecasts.on(then)) if then in self.forecasts.lines else {}
        told = sorted({f.split(".")[1] for r in policy.rules for f in r.told if f.startswith("figure.")})
        found: list[Measured] = []
        for iso3, forecasts in _by_place(self.forecasts.on(day)).items():
            fields = of_forecasts(forecasts, Around(before=before.get(iso3, {})))
            read = figures_from_panel(self.panel, iso3, opening(day))
            for figure in map(read, told):
                if figure.value is not None and figure.year is not None:
                    fields |= of_figure(figure.column, figure.value, figure.year, day.year)
            found.append((iso3, fields, Reading()))
        return found

    def walk(
        self, policies: Sequence[Policy], first: date, last: date
    ) -> Iterator[tuple[date, list[Levels]]]:
        """The level of every forecast place on first days of quarters, for every policy beside the others."""
        walks = [Walk(policy) for policy in policies]
        for day in (d for d in self.forecasts.days if first <= d <= last):
            measured = self.measured(day, policies[0])
            yield day, [one.step(measured, day) for one in walks]

    def happened(self, year: int) -> dict[str, frozenset[str]]:
        """The places by what happened in a year (for beginnings, or the year after); unknown is not in it."""
        return {
            KILLED: self._reached("os_deaths", year, year, 1000),
            ONSET: self._reached("mk_onset", year, year + WITHIN - 1, 1),
        }

    def _reached(self, column: str, first: int, last: int, least: float) -> frozenset[str]:
        panel = self.panel
        hit = (panel.columns[column] >= least) & (panel.year >= first) & (panel.year <= last)
        return frozenset(iso3 for iso3, yes in zip(panel.iso3, hit, strict=True) if yes)


def what_if(
    past: Past, policies: Sequence[Policy], level: Level, first: int = FIRST, last: int = LAST
) -> list[list[Year]]:
    """The years of every policy, walked together so that each day is measured once."""
    found: list[list[Year]] = [[] for _ in policies]
    for day, stood in past.walk(policies, date(first - SETTLE, 1, 1), date(last, 1, 1)):
        if day.month == 1 and day.year >= first:
            then = past.happened(day.year)
            for years, levels in zip(found, stood, strict=True):
                years.append(count(day.year, levels, level, then))
    return found


def count(year: int, levels: Levels, level: Level, then: Mapping[str, frozenset[str]]) -> Year:
    """Places at a level or above against what then happened, by outcome."""
    high = {iso3 for iso3, stands in levels.items() if stands.step >= level.step}
    true = frozenset[str]().union(*then.values())
    return Year(
        year,
        tuple(sorted(high)),
        {kind: tuple(sorted(high & where)) for kind, where in then.items()},
        {kind: tuple(sorted(where - high)) for kind, where in then.items()},
        tuple(sorted(high - true)),
    )


def summed(years: Sequence[Year]) -> Sum:
    """All years together."""
    kinds = years[0].caught if years else {}
    return Sum(
        sum(len(y.high) for y in years),
        sum(len(y.false) for y in years),
        {kind: sum(len(y.caught[kind]) for y in years) for kind in kinds},
        {kind: sum(len(y.missed[kind]) for y in years) for kind in kinds},
    )


def _by_place(rows: Sequence[Forecast]) -> dict[str, list[Forecast]]:
    found: dict[str, list[Forecast]] = defaultdict(list)
    for row in rows:
        found[row.iso3].append(row)
    return found
