"""Expected against actual report flow: when fewer reports about a place are news, and when they are not.

The expected number follows a Poisson-gamma (negative binomial) law: the place's own weekly rate of the last
half year, with weekdays and months shrunk to those of all places together, and more spread than chance where
weeks differ more than chance makes them differ. Weeks far above the median are cut, as outbreaks of the past
are weighed down in the surveillance of diseases (Farrington et al. 1996, J. R. Stat. Soc. A 159 (3); Noufaily
et al. 2013, Stat. Med. 32 (7)), so that the quiet after a crisis is no drop. The expectation is lowered where
the source brings less from everywhere else too: then the source has fallen off, not the place. A drop is
named when its probability is small after correction for the number of places and windows (Holm 1979, Scand.
J. Stat. 6 (2)), among those places of which enough is expected (Tarone 1990, Biometrics 46 (2)).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tocsin.clock import Period
from tocsin.sources.factsheet import built, catalog

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

Counts = Mapping[str, Mapping[date, int]]
"""Reports by place (ISO3) and day; a day without a key had none."""


class Flow(StrEnum):
    """What can be said of the flow. `unknown` is never told as usual."""

    USUAL = "usual"
    DROPPED = "dropped"
    SOURCE = "source"
    UNKNOWN = "not known yet"


@dataclass(frozen=True, slots=True)
class Window:
    """One place, one source or group of sources, one window that ends on the day looked from.

    `expected` is the mean of what the place's history and the source as a whole let expect, None where not
    known; `probability` that of so few or fewer. `why` is a clause for a reader.
    """

    of: str
    days: int
    actual: int
    state: Flow
    why: str
    expected: float | None = None
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """The numbers of data/reportflow.yml; that file says what each means and why."""

    windows: tuple[int, ...]
    history_days: int
    rate_days: int
    looked_back_days: int
    season_days: int
    weekday_prior: float
    month_prior: float
    clip: float
    spread_prior: float
    others: float
    source_share: float
    alpha: float


@cache
def rules() -> Rules:
    """The shipped numbers."""
    path = Path(__file__).parent / "data" / "reportflow.yml"
    given = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return built(Rules, {**given, "windows": tuple(given["windows"])}, path.name)


def judged(
    of: str,
    counts: Counts,
    places: Sequence[str],
    until: date,
    *,
    ran: bool | None = None,
    by: Rules | None = None,
) -> dict[str, tuple[Window, ...]]:
    """The windows of every place for one source or group (`of`), looked at from the end of a day.

    `ran` says whether the source was read within the windows, None where nobody knows; it counts only where
    other places are too few to tell a silent source from a silent place.
    """
    law, every = by or rules(), sorted({*places, *counts})
    begun = min((day for days in counts.values() for day in days if day <= until), default=None)
    spans = {n: Period(until - timedelta(days=n - 1), until) for n in law.windows}
    looks = {n: _look(law, counts, every, span, begun) for n, span in spans.items()}
    told: dict[str, list[Window]] = {place: [] for place in places}
    for n, look in looks.items():
        for window, place in zip(_windows(of, n, look, ran, law), every, strict=True):
            if place in told:
                told[place].append(window)
    return {place: tuple(windows) for place, windows in told.items()}


def windows_of(
    of: str, members: Mapping[str, Counts], places: Sequence[str], until: date, ran: Mapping[str, date] | None
) -> dict[str, tuple[Window, ...]]:
    """The windows of every place for the sources `members` together, each in the windows it can speak to.

    A source whose releases come less often than twice in a window says nothing about that window. `ran` is
    the day of each source's last good run, None where nobody knows.
    """
    law = rules()
    found: dict[str, tuple[Window, ...]] = dict.fromkeys(places, ())
    for days in law.windows:
        speak = [source for source in members if 2 * _cadence(source) <= 24 * days]
        if not speak:
            continue
        since = until - timedelta(days=days - 1)
        read = None if ran is None else any(ran.get(source, date.min) >= since for source in speak)
        alone = replace(law, windows=(days,), alpha=law.alpha / len(law.windows))
        told = judged(of, _together([members[s] for s in speak]), places, until, ran=read, by=alone)
        found = {place: (*found[place], *told[place]) for place in places}
    return found


def _cadence(source: str) -> int:
    """Hours between two releases of a source; 0 for one that brings things as they come or by hand."""
    sheet = catalog().get(source)
    return sheet.cadence_hours if sheet else 0


def _together(counts: Sequence[Counts]) -> Counts:
    if len(counts) == 1:
        return counts[0]
    found: dict[str, Counter[date]] = defaultdict(Counter)
    for one in counts:
        for place, days in one.items():
            found[place].update(days)
    return found


@dataclass(frozen=True, slots=True)
class _Look:
    """One window over all places: actual and expected numbers, and the spread of the expectation."""

    actual: Numbers
    expected: Numbers | None
    spread: Numbers | None
    history: int


def _look(law: Rules, counts: Counts, places: Sequence[str], span: Period, begun: date | None) -> _Look:
    import numpy as np

    first, until, days = span.start, span.end, (span.end - span.start).days + 1
    actual = np.array([_between(counts.get(p, {}), first, until) for p in places], float)
    history = (first - begun).days if begun else 0
    if history < law.history_days:
        return _Look(actual, None, None, max(0, history))
    past = min(history, law.looked_back_days)
    start = first - timedelta(days=past)
    table = np.zeros((len(places), past + days))
    for n, place in enumerate(places):
        for day, many in counts.get(place, {}).items():
            if start <= day <= until:
                table[n, (day - start).days] = many
    told = _cut(table[:, :past], law)
    factors = _factors(told, start, past + days, law)
    rate, spread = _rates(told, factors[:, :past], law)
    return _Look(actual, rate * factors[:, past:].sum(axis=1), spread, history)


def _between(days: Mapping[date, int], first: date, last: date) -> int:
    return sum(many for day, many in days.items() if first <= day <= last)


def _cut(past: Numbers, law: Rules) -> Numbers:
    """The same days, those of a week far above the place's median week scaled down to the cut."""
    import numpy as np

    rest, weeks = past.shape[1] % 7, past.shape[1] // 7
    total = past[:, rest:].reshape(len(past), weeks, 7).sum(axis=2)
    most = law.clip * np.median(total, axis=1, keepdims=True)
    share = np.where((most > 0) & (total > most), most / np.maximum(total, 1), 1.0)
    return np.hstack([past[:, :rest], past[:, rest:] * np.repeat(share, 7, axis=1)])


def _factors(past: Numbers, start: date, length: int, law: Rules) -> Numbers:
    """By place and day, how much more or less than the mean day a weekday of a month brings."""
    import numpy as np

    days = [start + timedelta(days=n) for n in range(length)]
    weekday = np.array([day.weekday() for day in days])
    factors = _shape(past, weekday, 7, law.weekday_prior)[:, weekday]
    if past.shape[1] >= law.season_days:
        month = np.array([day.month - 1 for day in days])
        factors = factors * _shape(past, month, 12, law.month_prior)[:, month]
    return factors


def _shape(past: Numbers, unit: NDArray[Any], units: int, prior: float) -> Numbers:
    """Factors of the units (weekdays, months) of each place, shrunk to the pooled ones, and those to 1."""
    import numpy as np

    member = np.eye(units)[unit[: past.shape[1]]]
    share = member.mean(axis=0)
    by_place = past @ member
    pooled = (by_place.sum(axis=0) + prior * share) / ((by_place.sum() + prior) * np.maximum(share, 1e-9))
    own = by_place + prior * pooled * share
    return np.where(
        share > 0, own / ((by_place.sum(axis=1, keepdims=True) + prior) * np.maximum(share, 1e-9)), 1.0
    )


def _rates(past: Numbers, factors: Numbers, law: Rules) -> tuple[Numbers, Numbers]:
    """Reports on a day of factor 1, and the squared coefficient of variation of a window's mean."""
    import numpy as np

    weeks = min(past.shape[1], law.rate_days) // 7
    told = past[:, -7 * weeks :].reshape(len(past), weeks, 7).sum(axis=2)
    exposed = factors[:, -7 * weeks :].reshape(len(past), weeks, 7).sum(axis=2)
    total = told.sum(axis=1)
    rate = total / exposed.sum(axis=1)
    mean = rate[:, None] * exposed
    over = ((told - mean) ** 2 - mean).sum(axis=1) / np.maximum((mean**2).sum(axis=1), 1e-9)
    busy = mean.mean(axis=1) >= 1
    pooled = float(np.median(np.maximum(over[busy], 0))) if busy.any() else 0.0
    shrunk = (weeks * np.maximum(over, 0) + law.spread_prior * pooled) / (weeks + law.spread_prior)
    return rate, shrunk + 1 / (total + 0.5)


def _windows(of: str, days: int, look: _Look, ran: bool | None, law: Rules) -> list[Window]:
    import numpy as np

    if look.expected is None or look.spread is None:
        why = f"only {look.history} days of history, {law.history_days} are needed"
        return [Window(of, days, int(n), Flow.UNKNOWN, why) for n in look.actual]
    elsewhere = look.expected.sum() - look.expected
    share = (look.actual.sum() - look.actual + 1) / (elsewhere + 1)
    telling = elsewhere >= law.others
    own = look.actual / np.maximum(look.expected, 1e-9)
    scaled = look.expected * np.where(telling, np.minimum(1.0, np.maximum(share, own)), 1.0)
    alpha = law.alpha / len(law.windows)
    chance = _chance(look.actual, scaled, look.spread)
    able = _able(_chance(0 * scaled, scaled, look.spread), alpha)
    named = _named(chance, able, alpha)
    fallen = telling & (np.maximum(share, own) < law.source_share)
    found = []
    for n, many in enumerate(look.actual):
        seen = Window(of, days, int(many), Flow.USUAL, "", float(scaled[n]), float(chance[n]))
        untold = bool(named[n] and not telling[n] and ran is not True)
        state = Flow.SOURCE if untold or (fallen[n] and not named[n]) else Flow.USUAL
        state = Flow.DROPPED if named[n] and not untold else state
        state = Flow.UNKNOWN if not able[n] and state is Flow.USUAL else state
        found.append(replace(seen, state=state, why=_why(seen, state, float(look.expected[n]), untold)))
    return found


def _why(found: Window, state: Flow, usual: float, untold: bool) -> str:
    few = f"{found.actual} in {found.days} days"
    if state is Flow.DROPPED:
        return f"{few}, where {found.expected or 0.0:.0f} are expected"
    if untold:
        return f"{few}, where {usual:.0f} are usual; nothing tells a silent place from a silent source"
    if state is Flow.SOURCE:
        return f"{few}, where {usual:.0f} are usual; but the source brings less from everywhere"
    if state is Flow.UNKNOWN:
        return f"{few}; so few are expected ({usual:.1f}) that none at all would be no news"
    return f"{few}, where {found.expected or 0.0:.0f} are expected"


def _chance(actual: Numbers, expected: Numbers, spread: Numbers) -> Numbers:
    """P(so few or fewer) under the negative binomial law with that mean and spread."""
    from scipy.stats import nbinom

    return nbinom.cdf(actual, 1 / spread, 1 / (1 + spread * expected))  # type: ignore[no-any-return]


def _able(never: Numbers, alpha: float) -> NDArray[np.bool_]:
    """The places where no report at all could be named a drop: only these are corrected for (Tarone)."""
    import numpy as np

    able = np.zeros(len(never), bool)
    for tests in range(1, len(never) + 1):
        able = never <= alpha / tests
        if able.sum() <= tests:
            break
    return able


def _named(chance: Numbers, able: NDArray[np.bool_], alpha: float) -> NDArray[np.bool_]:
    """Which of the places that are able to fall below `alpha` by Holm's step-down rule."""
    import numpy as np

    named = np.zeros(len(chance), bool)
    order = np.flatnonzero(able)[np.argsort(chance[able], kind="stable")]
    passed = chance[order] * (len(order) - np.arange(len(order))) <= alpha
    named[order[: len(order) if passed.all() else int(np.argmin(passed))]] = True
    return named
