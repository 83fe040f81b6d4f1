"""What then happened in the window of a monthly forecast: deaths read off releases that came out later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from tocsin.clock import Moment, Period, as_of_end, day_moment
from tocsin.evaluation.outcome import Arrival, could_have_seen
from tocsin.evidence.ids import content_id, sha256
from tocsin.forecasting.cube import Cube, Ints
from tocsin.forecasting.events import KnownEvents, Release, events_digest, first_day, month_id
from tocsin.forecasting.months import OS, monthly_cube
from tocsin.sources.feeds.ucdp_release import ANNUAL, VINTAGE

DEFINITION = "deaths (best estimate) in one-sided violence, UCDP type 3, in events whose month is known"


@dataclass(frozen=True, slots=True)
class SealedMonth:
    """A sealed monthly forecast as far as the record needs it; `chance` is P(deaths >= 25)."""

    id: str
    run: str
    iso3: str
    as_of: datetime
    horizon: str
    window: Period
    chance: float


@dataclass(frozen=True, slots=True)
class MonthlyOutcome:
    """What happened in the window of one monthly forecast: `deaths`, by the releases named in `dataset`.

    `known` is the first day on which an outsider could have the figure, for a correction the day on which it
    was met. `replaces` names the row that a later release corrects.
    """

    id: str
    run: str
    forecast: str
    iso3: str
    as_of: datetime
    horizon: str
    window: Period
    deaths: int
    definition: str
    dataset: str
    vintage: str
    known: Moment
    recorded: datetime
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Stands:
    """The outcome that stands for a forecast, as far as scoring needs it."""

    id: str
    forecast: str
    as_of: datetime
    deaths: int
    dataset: str
    recorded: datetime
    replaces: str


@dataclass(frozen=True, slots=True)
class Observed:
    """Deaths in one window with the releases that tell of it."""

    deaths: int
    dataset: str
    vintage: str
    known: Moment


def state_of(known: KnownEvents) -> str:
    """A digest of all that an observation depends on: the same state holds no outcome that is not written."""
    cover = known.coverage
    told = (
        events_digest(known),
        ",".join(cover.iso3),
        str(cover.periods[:1]),
        str(month_id(known.as_of.date())),
    )
    return sha256("|".join(told).encode() + cover.known.tobytes())


def newest_month_end(known: KnownEvents) -> datetime:
    """The end of the newest month that anything is known of; windows that end later are open."""
    last = int(known.coverage.periods[-1]) if len(known.coverage.periods) else 0
    return as_of_end(date.fromordinal(first_day(last + 1).toordinal() - 1))


class Observations:
    """Deaths by country and window as known; a window with a month that is not known has none."""

    def __init__(self, known: KnownEvents) -> None:
        self._known, self._cube = known, monthly_cube(known)
        self._rows = {iso3: i for i, iso3 in enumerate(self._cube.entities)}
        self._beside = _candidates(known, self._cube, self._rows)
        self._made: dict[tuple[str, Period], Observed | None] = {}

    def of(self, iso3: str, window: Period) -> Observed | None:
        """What is known of a window of whole months; None while any of it is not known: open, never zero."""
        key = (iso3, window)
        if key not in self._made:
            self._made[key] = self._observe(iso3, window)
        return self._made[key]

    def _observe(self, iso3: str, window: Period) -> Observed | None:
        row = self._rows.get(iso3)
        t = np.arange(month_id(window.start), month_id(window.end) + 1) - int(self._cube.periods[0])
        outside = t[0] < 0 or t[-1] >= len(self._cube.periods)
        if row is None or outside or window.end >= self._known.as_of.date():
            return None
        deaths = self._cube.columns[OS][row, t]
        if np.isnan(deaths).any():
            return None
        told = self._releases(row, t)
        labels = [f"{layer} {label or '(release not stated)'}" for layer, label, _ in told]
        return Observed(
            int(deaths.sum()),
            f"UCDP GED: {', '.join(labels)}",
            " and ".join(sorted({VINTAGE[layer] for layer, _, _ in told})),
            day_moment(max(known.end for _, _, known in told).date()),
        )

    def _releases(self, row: int, t: Ints) -> list[Release]:
        """Those that make the months known and those whose events are counted in them, in order of trust."""
        found = set(self._known.coverage.by[row, t].tolist())
        found |= {number for at in t.tolist() for number in self._beside.get((row, at), ())}
        return [self._known.coverage.releases[number] for number in sorted(found)]


def months_arrived(
    asked: Iterable[SealedMonth],
    sealed: Mapping[str, datetime],
    standing: Mapping[str, Stands],
    observed: Observations,
    at: Arrival,
) -> Iterator[MonthlyOutcome]:
    """The outcomes that have become known, and corrections of those that stand (forecast id to outcome).

    `sealed` is when each run was sealed; a run that was not sealed is no forecast, and one that could have
    seen its window is never compared. A turn that looks from an earlier day than an outcome corrects nothing.
    """
    for one in asked:
        if one.run not in sealed or could_have_seen(one.window, sealed[one.run]):
            continue
        found, before = observed.of(one.iso3, one.window), standing.get(one.id)
        if found is None or (before and (before.as_of > at.as_of or before.deaths == found.deaths)):
            continue
        replaces = before.id if before else ""
        yield MonthlyOutcome(
            id=content_id("monthly outcome", at.run, one.id, found.deaths, replaces),
            run=at.run,
            forecast=one.id,
            iso3=one.iso3,
            as_of=at.as_of,
            horizon=one.horizon,
            window=one.window,
            deaths=found.deaths,
            definition=DEFINITION,
            dataset=found.dataset,
            vintage=found.vintage,
            known=day_moment(at.recorded.date()) if before else found.known,
            recorded=at.recorded,
            replaces=replaces,
        )


def months_standing(rows: Iterable[Stands]) -> dict[str, Stands]:
    """Forecast id to the outcome that stands: of several, the one that was recorded last."""
    return {row.forecast: row for row in sorted(rows, key=lambda row: (row.recorded, row.id))}


def _candidates(known: KnownEvents, cube: Cube, rows: Mapping[str, int]) -> dict[tuple[int, int], set[int]]:
    """By country and month, the candidate releases whose events are counted there."""
    numbers = {release: n for n, release in enumerate(known.coverage.releases)}
    out: dict[tuple[int, int], set[int]] = defaultdict(set)
    for row in known.placed:
        if row.layer != ANNUAL:
            at = rows[row.iso3], row.month - int(cube.periods[0])
            out[at].add(numbers[row.layer, row.release, row.known])
    return out
