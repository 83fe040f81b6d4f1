"""The policy walked through the past: every place re-decided each month with the decision before in mind.

Every month sees the shipped figures as out by then (of later revision) and the shipped past forecasts. No
words are read, so rules on words stay silent: what stands is what figures alone would have put before people.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from tocsin.alarms.alarm import Level
from tocsin.alarms.around import Around, chances
from tocsin.alarms.decide import reading_of
from tocsin.alarms.judge import Reading, Standing, judge
from tocsin.alarms.measure import measure, of_neighbours
from tocsin.alarms.policy import Policy
from tocsin.assessment.everywhere import Belief, Material, assess_everywhere
from tocsin.assessment.figures import Figure, FigureReader, columns, figures_from_panel
from tocsin.assessment.inputs import Inputs
from tocsin.assessment.weigh import assess
from tocsin.clock import add_months
from tocsin.evaluation.policy_months import Months
from tocsin.forecasting.hindcast import Hindcasts, opening
from tocsin.forecasting.panel import Panel
from tocsin.geography.neighbours import neighbours

RUN = "judged"
KILLED = "os_deaths"
Levels = dict[str, Level]
Measured = tuple[str, dict[str, float], Reading]


@dataclass(slots=True)
class Walk:
    """One policy on its way; `stood` holds the newest standing of every place."""

    policy: Policy
    stood: dict[str, Standing] = field(default_factory=dict)

    def step(self, measured: Iterable[Measured], day: date) -> Levels:
        """Judge every place on a day, with what stood there and around it before."""
        before, levels = dict(self.stood), Levels()
        for iso3, fields, read in measured:
            beside = {other: before[other].level for other in neighbours(iso3, day) if other in before}
            told = {**fields, **of_neighbours(Around(neighbours=beside))}
            self.stood[iso3] = judge(told, before.get(iso3), self.policy, day, read)
            levels[iso3] = self.stood[iso3].level
        return levels


def months(first: date, last: date) -> Iterator[date]:
    """The first day of every month, from a first to the last."""
    day = first
    while day <= last:
        yield day
        day = add_months(day, 1)


def walked(panel: Panel, past: Hindcasts, policy: Policy, last: date) -> Iterator[tuple[date, Levels]]:
    """The level of every state of the day at the first of every month, from the first forecasts on.

    While no forecast and no figure came out, a place is judged anew by what it measured before.
    """
    walk, measured, seen = Walk(policy), list[Measured](), dict[str, int]()
    for day in months(past.days[0], last):
        at = opening(day)
        known = {column: panel.known_year(column, at) for column in columns()}
        if day in past.lines or known != seen:
            seen = known
            beliefs = assess_everywhere(Material(panel, past.at(at), [], [], {}), at, RUN, at)
            measured = list(_measured(beliefs, policy, past, day))
        yield day, walk.step(measured, day)


def walked_fresh(
    panel: Panel, past: Hindcasts, policy: Policy, known: Months, last: date
) -> Iterator[tuple[date, Levels]]:
    """The same for the places of a monthly file, its newest 12 known months in place of the yearly count.

    What the policy would do if the deaths of each month came out a month after its end.
    """
    walk = Walk(policy)
    for day in months(past.days[0], last):
        beliefs = _fresh_beliefs(panel, past, known, opening(day))
        yield day, walk.step(_measured(beliefs, policy, past, day), day)


def _measured(beliefs: Iterable[Belief], policy: Policy, past: Hindcasts, day: date) -> Iterator[Measured]:
    """What the rules compare of each place, its neighbours apart."""
    before = _chances(past, add_months(day, -12))
    for one in beliefs:
        around = Around(before=before.get(one.assessment.iso3, {}))
        fields = measure(one.assessment, one.forecasts, one.signals, policy, around)
        yield one.assessment.iso3, fields, reading_of(one.assessment)


def _chances(past: Hindcasts, day: date) -> dict[str, dict[str, float]]:
    """The probabilities that were out on a day, by place; none before the first forecasts."""
    return chances(past.at(opening(day))) if day >= past.days[0] else {}


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
