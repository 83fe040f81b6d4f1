"""Gathered events as the monthly panels read them: known at an origin, each once, and what they cover.

Source of the rules: UCDP GED codebook 25.1 (Högbladh 2025) and the candidate codebook (Hegre et al. 2020).

Which row counts. Of each event the row of the newest release known at the origin (`sources.layered`). Where
an annual release covers a country's month, only rows of the newest such release count there: an event that
it no longer holds was withdrawn, and a candidate row it did not confirm is not added to it.

What is covered. A *world release* makes every state's month known, empty ones as zero: an annual release with
at least WORLD_ROWS rows in WORLD_COUNTRIES countries, from January of its first year to December of its last;
a candidate release in the months of which it names at least WORLD_CANDIDATE countries. Any other gathering (a
country's extract, a few rows) makes known only the countries it names, each from the month of its first to
that of its last event, and no year of which it holds under HALF of the deaths that the yearly table counts.
Everything else is unknown, not zero; so is every month after the newest that is covered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

import numpy as np

from tocsin.clock import Moment, Precision
from tocsin.evidence.ids import sha256
from tocsin.forecasting.cube import Flags, Ints
from tocsin.geography import countries, country
from tocsin.sources import Event, layered
from tocsin.sources.feeds.ucdp_layers import rank
from tocsin.sources.feeds.ucdp_release import ANNUAL

STATE_BASED, NON_STATE, ONE_SIDED = 1, 2, 3
WORLD_ROWS, WORLD_COUNTRIES, WORLD_CANDIDATE = 100_000, 60, 20
HALF = 0.5
SOVEREIGN = ("member", "observer", "state")

Release = tuple[str, str, Moment]
"""Layer, label, and when it was out."""

YearlyDeaths = Mapping[tuple[str, int], float]
"""Deaths of all three types of violence by (ISO3, year), from the yearly table, as known at the origin."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """What a panel reads of one event row. `known` is when its release was out; `best` is in deaths."""

    id: str
    external_id: str
    release: str
    layer: str
    known: Moment
    violence: int
    iso3: str
    start: date
    end: date
    date_precision: Precision
    latitude: float | None
    longitude: float | None
    where_precision: int
    adm_1: str
    side_a: str
    side_b: str
    best: int
    replaces: str = ""

    @classmethod
    def of(cls, event: Event) -> EventRow:
        """The row of an event in full."""
        return cls(
            event.id,
            event.external_id,
            event.release,
            event.layer,
            event.known,
            event.violence,
            event.iso3,
            event.happened.start,
            event.happened.end,
            event.happened.precision,
            event.latitude,
            event.longitude,
            event.where_precision,
            str(event.columns.get("adm_1") or ""),
            event.side_a,
            event.side_b,
            event.best,
            event.replaces,
        )

    @property
    def month(self) -> int:
        """The month it is placed in: that of its first day."""
        return month_id(self.start)

    @property
    def dated(self) -> bool:
        """Whether a month can be told: it lies in one, or its date is known to the month or better."""
        return self.date_precision is not Precision.YEAR or month_id(self.end) == self.month


class EventReader(Protocol):
    """A store of gathered events."""

    def event_rows(self, as_of: datetime, /) -> Sequence[EventRow]:
        """Every row known at `as_of`, of every release."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """`known` (n, t): whether a country's month can be told from what was gathered. `periods` are months.

    `by` (n, t) is the place in `releases` of the newest one that tells of it, annual before candidate, -1
    where none does.
    """

    iso3: tuple[str, ...]
    periods: Ints
    known: Flags
    by: Ints
    releases: tuple[Release, ...]


@dataclass(frozen=True, slots=True, eq=False)
class KnownEvents:
    """The events that count at `as_of`, each once: `placed` in a month, `undated` only in a longer span.

    Undated events are in no month of any panel; a month's figure may be too low by as much as they hold.
    """

    as_of: datetime
    placed: tuple[EventRow, ...]
    undated: tuple[EventRow, ...]
    coverage: Coverage


def events_digest(known: KnownEvents) -> str:
    """SHA-256 over the ids of the events that stand in a month."""
    return sha256("\n".join(sorted(row.id for row in known.placed)).encode())


def month_id(day: date) -> int:
    """The number of a month, 1 for January 1980 (as in the ViEWS data)."""
    return (day.year - 1980) * 12 + day.month


def first_day(month: int) -> date:
    """The first day of a month by its number."""
    return date(1980 + (month - 1) // 12, (month - 1) % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class _Scope:
    """The months from `first` to `last` of a country (None: of every state) that one release tells of."""

    first: int
    last: int
    iso3: str | None


def known_events(
    rows: Iterable[EventRow], as_of: datetime, yearly: YearlyDeaths | None = None
) -> KnownEvents:
    """The events that count at `as_of` and the months they make known.

    With `yearly`, a partial release is not believed for years of which it holds less than half the deaths.
    """
    seen = [row for row in rows if row.known.end <= as_of]
    gone = {row.replaces for row in seen if row.replaces}
    seen = sorted((row for row in seen if row.id not in gone), key=lambda row: (row.external_id, row.id))
    by_release: dict[Release, list[EventRow]] = defaultdict(list)
    for row in seen:
        by_release[row.layer, row.release, row.known].append(row)
    ordered = sorted(by_release.items(), key=lambda pair: rank(pair[1][0]))
    told = [_scopes(group, yearly or {}) for _, group in ordered]
    grid = _Grid.of([scope for scopes in told for scope in scopes], tuple(key for key, _ in ordered))
    for number, scopes in enumerate(told):
        for scope in scopes:
            grid.cover(scope, number)
    numbers = {key: n for n, (key, _) in enumerate(ordered)}
    kept = [row for row in layered(seen, as_of) if grid.counts(row, numbers)]
    return KnownEvents(
        as_of,
        tuple(row for row in kept if row.dated),
        tuple(row for row in kept if not row.dated),
        grid.coverage,
    )


def _scopes(group: Sequence[EventRow], yearly: YearlyDeaths) -> list[_Scope]:
    """What the rows of one release make known."""
    by_country: dict[str, list[EventRow]] = defaultdict(list)
    for row in group:
        by_country[row.iso3].append(row)
    # Where an event is, the month is told, also of a territory or before a state's first day.
    told = [_Scope(m, m, iso3) for iso3, m in sorted({(row.iso3, row.month) for row in group})]
    if group[0].layer != ANNUAL:
        parts = [_Scope(*_span(own), iso3) for iso3, own in by_country.items()]
        return [*_world_months(group), *parts]
    if len(group) >= WORLD_ROWS and len(by_country) >= WORLD_COUNTRIES:
        first, last = min(row.start.year for row in group), max(row.start.year for row in group)
        return [_Scope(month_id(date(first, 1, 1)), month_id(date(last, 12, 1)), None), *told]
    return [scope for iso3, own in sorted(by_country.items()) for scope in _partial(iso3, own, yearly)]


def _world_months(group: Sequence[EventRow]) -> list[_Scope]:
    named: dict[int, set[str]] = defaultdict(set)
    for row in group:
        named[row.month].add(row.iso3)
    return [_Scope(m, m, None) for m, states in sorted(named.items()) if len(states) >= WORLD_CANDIDATE]


def _partial(iso3: str, own: Sequence[EventRow], yearly: YearlyDeaths) -> list[_Scope]:
    """From a country's first event to its last, without the years of which most deaths are missing."""
    first, last = _span(own)
    deaths: dict[int, int] = defaultdict(int)
    for row in own:
        deaths[row.start.year] += row.best
    out = []
    for year in range(first_day(first).year, first_day(last).year + 1):
        if deaths[year] >= HALF * yearly.get((iso3, year), 0):
            january = month_id(date(year, 1, 1))
            out.append(_Scope(max(first, january), min(last, january + 11), iso3))
    return out


def _span(own: Sequence[EventRow]) -> tuple[int, int]:
    return min(row.month for row in own), max(row.month for row in own)


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """Countries by months: what is known, and by which release."""

    coverage: Coverage
    rows: Mapping[str, int]

    @classmethod
    def of(cls, scopes: Sequence[_Scope], releases: tuple[Release, ...]) -> _Grid:
        """An empty grid that all scopes fit into."""
        named = {scope.iso3 for scope in scopes if scope.iso3}
        if any(scope.iso3 is None for scope in scopes):
            named |= {one.iso3 for one in countries() if one.status in SOVEREIGN}
        iso3 = tuple(sorted(named))
        first = min((scope.first for scope in scopes), default=1)
        last = max((scope.last for scope in scopes), default=0)
        periods = np.arange(first, last + 1)
        known = np.zeros((len(iso3), len(periods)), dtype=bool)
        by = np.full(known.shape, -1, dtype=np.int64)
        return cls(Coverage(iso3, periods, known, by, releases), {name: i for i, name in enumerate(iso3)})

    def cover(self, scope: _Scope, number: int) -> None:
        """Mark a scope as known by a release; a later one takes the place of an earlier one."""
        t = slice(scope.first - self._first, scope.last - self._first + 1)
        for iso3 in [scope.iso3] if scope.iso3 else self.coverage.iso3:
            there = self._existed(iso3, t) if scope.iso3 is None else True
            self.coverage.known[self.rows[iso3], t] |= there
            held = self.coverage.by[self.rows[iso3], t]
            self.coverage.by[self.rows[iso3], t] = np.where(there, number, held)

    def counts(self, row: EventRow, numbers: Mapping[Release, int]) -> bool:
        """Whether a row counts where and when it is placed."""
        i, t = self.rows.get(row.iso3), row.month - self._first
        if i is None or not 0 <= t < len(self.coverage.periods) or not self.coverage.known[i, t]:
            return False
        number = int(self.coverage.by[i, t])
        annual = self.coverage.releases[number][0] == ANNUAL
        return not annual or number == numbers[row.layer, row.release, row.known]

    @property
    def _first(self) -> int:
        return int(self.coverage.periods[0]) if len(self.coverage.periods) else 1

    def _existed(self, iso3: str, t: slice) -> Flags:
        """Whether the state existed on the first or the last day of each month."""
        one = country(iso3)
        months = [int(m) for m in self.coverage.periods[t]]
        flags = [one.on(first_day(m)) or one.on(_last_day(m)) for m in months]
        return np.array(flags, dtype=bool)


def _last_day(month: int) -> date:
    return date.fromordinal(first_day(month + 1).toordinal() - 1)
