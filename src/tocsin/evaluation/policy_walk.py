"""The policy walked through the past: every place re-decided each month with the decision before in mind.

Every month sees the shipped figures as out by then (of later revision) and the shipped past forecasts. No
words are read, so rules on words stay silent: what stands is what figures alone would have put before people.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from tocsin.alarms.alarm import Decision, Level
from tocsin.alarms.around import Around
from tocsin.alarms.decide import decide
from tocsin.alarms.policy import Policy
from tocsin.assessment.everywhere import Belief, Material, assess_everywhere
from tocsin.assessment.figures import Figure, FigureReader, figures_from_panel
from tocsin.assessment.inputs import Inputs
from tocsin.assessment.weigh import assess
from tocsin.clock import add_months
from tocsin.evaluation.policy_months import Months
from tocsin.forecasting.hindcast import Hindcasts, opening
from tocsin.forecasting.panel import Panel

RUN = "judged"
KILLED = "os_deaths"
Levels = dict[str, Level]


@dataclass(slots=True)
class Walk:
    """One policy on its way; `before` holds the newest decision of every place."""

    policy: Policy
    past: Hindcasts
    before: dict[str, Decision] = field(default_factory=dict)

    def step(self, beliefs: Iterable[Belief], as_of: datetime) -> Levels:
        """Decide every place at an instant, each beside what stood around it in the step before."""
        earlier, chances = dict(self.before), self._year_before(as_of)
        levels: Levels = {}
        for one in beliefs:
            iso3 = one.assessment.iso3
            made, _ = decide(
                replace(one.assessment, as_of=as_of),
                one.forecasts,
                one.signals,
                earlier.get(iso3),
                self.policy,
                around=Around(before=chances.get(iso3, {})),
            )
            self.before[iso3], levels[iso3] = made, made.level
        return levels

    def _year_before(self, as_of: datetime) -> dict[str, dict[str, float]]:
        """The probabilities that were out a year earlier, by place; none before the first forecasts."""
        then = opening(add_months(as_of.date(), -12))
        found: dict[str, dict[str, float]] = {}
        for f in self.past.at(then) if then.date() >= self.past.days[0] else ():
            found.setdefault(f.iso3, {})[f"{f.outcome}.{f.horizon_months}"] = f.probability
        return found


def months(first: date, last: date) -> Iterator[date]:
    """The first day of every month, from a first to the last."""
    day = first
    while day <= last:
        yield day
        day = add_months(day, 1)


def walked(panel: Panel, past: Hindcasts, policy: Policy, last: date) -> Iterator[tuple[date, Levels]]:
    """The level of every state of the day at the first of every month, from the first forecasts on.

    Figures and forecasts come out on first days of quarters: between them a place is decided anew from the
    same belief.
    """
    walk, beliefs = Walk(policy, past), list[Belief]()
    for day in months(past.days[0], last):
        at = opening(day)
        if day in past.lines or not beliefs:
            beliefs = assess_everywhere(Material(panel, past.at(at), [], [], {}), at, RUN, at)
        yield day, walk.step(beliefs, at)


def walked_fresh(
    panel: Panel, past: Hindcasts, policy: Policy, known: Months, last: date
) -> Iterator[tuple[date, Levels]]:
    """The same for the places of a monthly file, its newest 12 known months in place of the yearly count.

    What the policy would do if the deaths of each month came out a month after its end.
    """
    walk = Walk(policy, past)
    for day in months(past.days[0], last):
        at = opening(day)
        yield day, walk.step(_fresh_beliefs(panel, past, known, at), at)


def _fresh_beliefs(panel: Panel, past: Hindcasts, known: Months, at: datetime) -> Iterator[Belief]:
    by_place: dict[str, list[int]] = {}
    told = past.at(at)
    for n, f in enumerate(told):
        by_place.setdefault(f.iso3, []).append(n)
    deaths, year = known.trailing(at.date())
    for iso3, count in zip(known.places, deaths.tolist(), strict=True):
        forecasts = [told[n] for n in by_place.get(iso3, ())]
        read = _with(figures_from_panel(panel, iso3, at), count, year)
        yield Belief(assess(iso3, Inputs(at, RUN, at, [], forecasts, read)), forecasts, [])


def _with(read: FigureReader, count: float, year: int) -> FigureReader:
    """A reader that gives a place's newest months as its count of civilians killed, where they are known."""

    def reader(column: str) -> Figure:
        if column != KILLED or math.isnan(count):
            return read(column)
        return Figure(KILLED, count, year)

    return reader
