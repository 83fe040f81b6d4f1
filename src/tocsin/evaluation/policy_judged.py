"""The shipped policy beside two simple ones: years of the world, and months of a given file.

All is as known then. The rival of last year's killings chooses its number on what was known up to 2005.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.alarms.alarm import Level
from tocsin.alarms.policy import Policy
from tocsin.evaluation import policy_rivals as simple
from tocsin.evaluation.beginnings import YEARLY, Bools, monthly, yearly
from tocsin.evaluation.policy_months import Months
from tocsin.evaluation.policy_scores import Difference, Onset, Score, Stands, Trial, decades
from tocsin.evaluation.policy_walk import Levels, walked, walked_fresh
from tocsin.forecasting.hindcast import Hindcasts
from tocsin.forecasting.panel import Panel

POLICY, FRESH = "policy", "policy, deaths a month late"
WORLD, AFRICA = "world, years", "Africa, months"
KILLED = (1000, 100)
OUTBREAKS = ((25, 1), (100, 3))
CHOSEN_UP_TO = 2005


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found; `least` is the number that the rival of last year's killings chose."""

    first: int
    last: int
    least: int
    beginnings: dict[str, str]
    scores: tuple[Score, ...]
    differences: tuple[Difference, ...]
    onsets: tuple[Onset, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What the comparison is made from; `known` is the user's monthly file, or None."""

    panel: Panel
    past: Hindcasts
    policy: Policy
    known: Months | None = None


def judged(given: Given, first: int, last: int) -> Judged:
    """Every trial between two years. Needs past forecasts from before `first` on."""
    world = _taken(walked(given.panel, given.past, given.policy, date(last, 12, 1)))
    least = chosen(given, world)
    trials = [*_world(given, world, least, first, last)]
    if given.known is not None:
        trials += _africa(given, given.known, world, least, first)
    since = CHOSEN_UP_TO + 1
    return Judged(
        first,
        last,
        least,
        {trial.ground.key: trial.ground.said for trial in trials},
        tuple(score for trial in trials for score in trial.scores()),
        tuple(
            gap
            for trial in trials
            for gap in trial.differences([s for s in trial.scopes if s[1] == since or s is trial.scopes[-1]])
        ),
        tuple(onset for trial in trials for onset in trial.onsets()),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Walked:
    """Levels walked: `high` (places, days) is warning or above."""

    places: tuple[str, ...]
    days: tuple[date, ...]
    high: Bools

    def rows(self, values: NDArray[Any], places: Sequence[str]) -> NDArray[Any]:
        """The rows (places, days) of some places; of one that was never decided, nothing: False or nan."""
        row = {iso3: n for n, iso3 in enumerate(self.places)}
        nothing = np.zeros_like(values[0]) if values.dtype == np.bool_ else np.full_like(values[0], np.nan)
        return np.stack([values[row[iso3]] if iso3 in row else nothing for iso3 in places])


def _taken(steps: Iterable[tuple[date, Levels]]) -> Walked:
    told = list(steps)
    places = tuple(sorted({iso3 for _, levels in told for iso3 in levels}))
    high = [
        [levels.get(iso3, Level.NONE).step >= Level.WARNING.step for _, levels in told] for iso3 in places
    ]
    return Walked(places, tuple(day for day, _ in told), np.array(high, dtype=np.bool_))


def chosen(given: Given, world: Walked) -> int:
    """The number of killed with the best F1, by the origins and the beginnings up to 2005."""
    days = tuple(day for day in world.days if day.year <= CHOSEN_UP_TO)
    killed = simple.killings(given.panel, world.places, days)
    ground = yearly(given.panel, world.places, KILLED[0], dict.fromkeys(YEARLY, CHOSEN_UP_TO))
    found = {}
    for least in simple.LEAST:
        stands = Stands(world.places, days, {"": simple.at_least(killed, least)})
        scope = ((f"to {CHOSEN_UP_TO}", days[0].year + 1, CHOSEN_UP_TO),)
        (score,) = Trial(WORLD, stands, ground, _januaries(days), scope).scores()
        found[least] = _f1(score)
    return max(found, key=lambda least: (found[least], least))


def _f1(score: Score) -> float:
    """The harmonic mean of the share of alarms that were true and of beginnings that were met."""
    hits, recall = score.stood.true, score.recall or 0.0
    right = hits / (hits + score.stood.false) if hits else 0.0
    return 2 * right * recall / (right + recall) if right + recall else 0.0


def _world(given: Given, world: Walked, least: int, first: int, last: int) -> Iterable[Trial]:
    used = _januaries(world.days) & _years(world.days, first, last)
    by = {POLICY: world.high, **_rivals(given, world, world.places, own=world.high, least=least, used=used)}
    stands = Stands(world.places, world.days, by)
    newest = {column: given.panel.info[column].last_year for column in YEARLY}
    for killed in KILLED:
        ground = yearly(given.panel, world.places, killed, newest)
        yield Trial(WORLD, stands, ground, used, decades(first, last, CHOSEN_UP_TO + 1))


def _africa(given: Given, known: Months, world: Walked, least: int, first: int) -> Iterable[Trial]:
    last = min(known.starts[-1], world.days[-1])
    span = sum(day <= last for day in world.days)
    days = world.days[:span]
    part = Walked(world.places, days, world.high[:, :span])
    fresh = _taken(walked_fresh(given.panel, given.past, given.policy, known, last))
    own, used = part.rows(part.high, known.places), _years(days, first, last.year)
    by = {
        POLICY: own,
        FRESH: fresh.rows(fresh.high, known.places),
        **_rivals(given, part, known.places, own=own, least=least, used=used),
    }
    recent = np.stack([known.trailing(day)[0] for day in days], axis=1)
    by[f"{least} or more killed in the newest 12 months"] = simple.at_least(recent, least)
    stands = Stands(known.places, days, by)
    for killed, months in OUTBREAKS:
        ground = monthly(known.deaths, known.places, known.starts, killed, months)
        yield Trial(AFRICA, stands, ground, used, decades(first, last.year, CHOSEN_UP_TO + 1))


def _rivals(
    given: Given, world: Walked, places: Sequence[str], *, own: Bools, least: int, used: Bools
) -> dict[str, Bools]:
    """The simple policies by name: some with a number of their own, some with that of the policy.

    The first 30 of the forecast are those of the world, whichever places are asked for. k is the mean number
    of places of the policy over the used days; "as many" is its number on each day.
    """
    everywhere = simple.chances(given.past, world.places, world.days)
    chance = world.rows(everywhere, places)
    killed = simple.killings(given.panel, places, world.days)
    same = own.sum(axis=0)
    k = np.full(len(same), max(1, round(float(same[used].mean()))))
    first = np.full(len(same), simple.FIRST)
    return {
        f"first {simple.FIRST} of the forecast": world.rows(simple.highest(everywhere, first), places),
        f"first {k[0]} of the forecast": simple.highest(chance, k),
        "as many of the forecast": simple.highest(chance, same),
        f"{least} or more killed last year": simple.at_least(killed, least),
        "as many with most killed last year": simple.highest(killed, same),
    }


def _januaries(days: Sequence[date]) -> Bools:
    return np.array([day.month == 1 for day in days], dtype=np.bool_)


def _years(days: Sequence[date], first: int, last: int) -> Bools:
    return np.array([first <= day.year <= last for day in days], dtype=np.bool_)
