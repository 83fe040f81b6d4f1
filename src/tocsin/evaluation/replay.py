"""Replays: a case walked day by day with what was public then, and the day on which each level was reached.

Two kinds of input, never merged. `forecast`: the shipped past forecasts and the figures of the country-year
table as far as they were out. `signs`: the same and hand-picked signs of the case. Both go through the
product's own `assess` and `decide` with the shipped policy, the decision of the day before kept. A replay
reports the day on which a rule would have proposed a level; nobody signed then. It is not given the levels of
neighbours, nor trends of reports: hand-picked signs are no count of what was reported. Figures are of later
revision: what was first published may have been lower.

A day is decided on only when something changes, or a level has stood as long as a rule asks; on the days
between the same rule gives the same level (its last day, which lowers nothing, would move on).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache, lru_cache

from tocsin.alarms.alarm import Decision, Level
from tocsin.alarms.around import Around, chances
from tocsin.alarms.decide import decide
from tocsin.alarms.policy import policy
from tocsin.assessment.belief import Assessment
from tocsin.assessment.figures import Figure, columns, figures_from_panel, weights
from tocsin.assessment.inputs import Inputs
from tocsin.assessment.weigh import assess
from tocsin.clock import add_months, as_of_end
from tocsin.evaluation.replay_cases import Case, Sign
from tocsin.evaluation.replay_signs import signals_of
from tocsin.forecasting.forecast import Forecast
from tocsin.forecasting.hindcast import Hindcasts, hindcasts
from tocsin.forecasting.panel import Panel, load_panel

RUN = "replay of a named case"


class Given(StrEnum):
    """What a walk is given."""

    FORECAST = "forecast"
    SIGNS = "signs"


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """The figures and past forecasts that walks look up, each only as far as it was out on the day."""

    panel: Panel
    past: Hindcasts


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days that are walked in one place, both ends included."""

    id: str
    name: str
    iso3: str
    first: date
    last: date

    @classmethod
    def of(cls, case: Case) -> Stretch:
        """Those of a case or control."""
        return cls(case.id, case.name, case.iso3, case.first, case.last)


@dataclass(frozen=True, slots=True)
class Step:
    """One day on which something changed: the level of that day, and what became known on it.

    `signs` holds on the first day those of the window of words before it too. `forecasts` holds the newest
    past forecasts of the place when they are new that day. `figures` maps a year to how many columns of the
    table its figures came out for. A day on which an old sign leaves the window of words, or a year begins,
    has no news. `figures_read` counts the figures young enough to count.
    """

    day: date
    level: Level
    rule: str
    sentences: tuple[str, ...]
    held: str
    signs: tuple[Sign, ...]
    forecasts: tuple[Forecast, ...]
    figures: Mapping[int, int]
    figures_read: int

    @property
    def news(self) -> bool:
        """Whether anything became known."""
        return bool(self.signs or self.forecasts or self.figures)


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk. `used` and `withheld` count figures (`forecast`) or signs (`signs`)."""

    stretch: Stretch
    given: Given
    steps: tuple[Step, ...]
    used: int
    withheld: int

    def first(self, level: Level) -> date | None:
        """The first day at this level or above."""
        return next((s.day for s in self.steps if s.level.step >= level.step), None)

    def highest(self, first: date, last: date) -> Level:
        """The highest level that stood on any day from `first` to `last`."""
        stood = [s for s in self.steps if s.day <= first][-1:]
        within = [s for s in self.steps if first < s.day <= last]
        return max((s.level for s in (*stood, *within)), key=lambda level: level.step, default=Level.NONE)

    def moves(self) -> Iterator[tuple[Step, Step | None]]:
        """Every step with the one before it."""
        yield from zip(self.steps, (None, *self.steps), strict=False)


@cache
def material() -> Material:
    """The shipped table and past forecasts."""
    return Material(load_panel(), hindcasts())


def walk(stretch: Stretch, signs: Sequence[Sign] | None, given: Material, every_day: bool = False) -> Walk:
    """A stretch walked with figures and past forecasts, and with signs unless `signs` is None.

    `signs` may hold anything: what was not public, or not yet, is not looked at. `every_day` decides also on
    days on which nothing changes.
    """
    steps: list[Step] = []
    before: _Looked | None = None
    waiting = set(_days(stretch) if every_day else changes(stretch, signs or (), given))
    while waiting:
        day = min(waiting)
        now = _look(stretch, signs or (), given, day, before)
        steps.append(_step(now, before, signs or ()))
        waiting = {d for d in waiting | _ripe(now.decision) if day < d <= stretch.last}
        before = now
    if signs is None:
        used, withheld = steps[-1].figures_read, _not_out(stretch, given)
        return Walk(stretch, Given.FORECAST, tuple(steps), used, withheld)
    used = sum(s.seen_on(stretch.last) for s in signs)
    return Walk(stretch, Given.SIGNS, tuple(steps), used, len(signs) - used)


def changes(stretch: Stretch, signs: Sequence[Sign], given: Material) -> tuple[date, ...]:
    """The days of a stretch on which anything known changes, its first day among them.

    New forecasts, the release of a year's figures, a new year (figures grow older), a sign that becomes known
    or leaves the window of words.
    """
    years = range(stretch.first.year - 3, stretch.last.year + 1)
    lags = {given.panel.column_info(column).lag_months for column in columns()}
    found = {stretch.first, *given.past.days, *(date(year, 1, 1) for year in years)}
    found |= {add_months(date(year, 12, 31), lag) for year in years for lag in lags}
    for sign in signs:
        if sign.seen_on(stretch.last):
            found |= {sign.known, sign.known + timedelta(days=weights().window_days + 1)}
    return tuple(sorted(day for day in found if stretch.first <= day <= stretch.last))


def _days(stretch: Stretch) -> Iterator[date]:
    for n in range((stretch.last - stretch.first).days + 1):
        yield stretch.first + timedelta(days=n)


def _ripe(decision: Decision) -> set[date]:
    """The days on which what stands now has stood as long as a rule asks."""
    asked = [c for rule in policy().rules for c in rule.all if c.field.startswith("standing.")]
    return {
        decision.stood[level] + timedelta(days=math.ceil(condition.threshold))
        for condition in asked
        if (level := condition.field.split(".")[1]) in decision.stood
    }


@dataclass(frozen=True, slots=True)
class _Looked:
    """One day decided on."""

    day: date
    figures: Mapping[str, Figure]
    forecasts: tuple[Forecast, ...]
    assessment: Assessment
    decision: Decision


def _look(
    stretch: Stretch, signs: Sequence[Sign], given: Material, day: date, before: _Looked | None
) -> _Looked:
    as_of = as_of_end(day)
    figures, forecasts = _known(given, stretch.iso3, day)
    lately = _lately(signs, day, weights().window_days)
    spoken = [signal for sign in lately for signal in signals_of(sign, stretch.id, stretch.iso3)]
    inputs = Inputs(
        as_of=as_of,
        run=RUN,
        recorded=as_of,
        signals=spoken,
        forecasts=forecasts,
        figures=figures.__getitem__,
        records_read=len(lately),
        origins_read=len({signal.origin for signal in spoken}),
        newest_record=max((s.known.isoformat() for s in lately), default=""),
        name=stretch.name,
    )
    assessment, around = assess(stretch.iso3, inputs), Around(before=_year_before(stretch, given, day))
    previous = before.decision if before else None
    decision, _ = decide(assessment, forecasts, spoken, previous, policy(), around=around)
    return _Looked(day, figures, forecasts, assessment, decision)


def _lately(signs: Sequence[Sign], day: date, days: int) -> tuple[Sign, ...]:
    """The signs that became known on a day or within so many days before it."""
    return tuple(s for s in signs if s.seen_on(day) and (day - s.known).days <= days)


@lru_cache(maxsize=8192)
def _known(given: Material, iso3: str, day: date) -> tuple[Mapping[str, Figure], tuple[Forecast, ...]]:
    """The newest figures and forecasts of a place at the end of a day; several walks ask for them."""
    as_of = as_of_end(day)
    read = figures_from_panel(given.panel, iso3, as_of)
    return {column: read(column) for column in columns()}, given.past.of(iso3, as_of)


def _year_before(stretch: Stretch, given: Material, day: date) -> dict[str, float]:
    """What was forecast for the same outcomes a year earlier; nothing before the first past forecast."""
    then = add_months(day, -12)
    if then < given.past.days[0]:
        return {}
    _, found = _known(given, stretch.iso3, then)
    return chances(found).get(stretch.iso3, {})


def _step(now: _Looked, before: _Looked | None, signs: Sequence[Sign]) -> Step:
    read = before.figures if before else {}
    out = [f for c, f in now.figures.items() if f.year and (c not in read or read[c].year != f.year)]
    fresh = not before or [f.id for f in before.forecasts] != [f.id for f in now.forecasts]
    return Step(
        day=now.day,
        level=now.decision.level,
        rule=now.decision.rule,
        sentences=now.decision.sentences,
        held=now.decision.held,
        signs=_lately(signs, now.day, 0 if before else weights().window_days),
        forecasts=now.forecasts if fresh else (),
        figures=dict(sorted(Counter(f.year for f in out if f.year).items())),
        figures_read=now.assessment.coverage.figures_read,
    )


def _not_out(stretch: Stretch, given: Material) -> int:
    """Figures of the place, for years up to that of the last day, that the table holds but were not out."""
    as_of, panel = as_of_end(stretch.last), given.panel
    return sum(
        (stretch.iso3, year) in panel.rows and not math.isnan(panel.value(column, stretch.iso3, year))
        for column in columns()
        for year in range(panel.known_year(column, as_of) + 1, stretch.last.year + 1)
    )
