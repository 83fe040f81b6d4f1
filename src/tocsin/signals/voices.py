"""Voices: which origins count by themselves, which count together as one, and which are set aside as a flood.

An origin is established when it is listed (a reviewed feed, a fact sheet, a news agency) or was read here for
some time with some regularity (data/voices.yml). All others count together as one new voice; when many of
them begin to speak of one place within days, or one far above its usual rate, they count nothing. So whoever
puts up a hundred sites tonight adds no voice, and whoever puts up one adds at most one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, cached_property
from importlib.resources import files
from typing import Protocol

import yaml

from tocsin.clock import Moment
from tocsin.signals.signal import Signal
from tocsin.signals.stories import independent
from tocsin.sources.factsheet import built, catalog, feed_list
from tocsin.sources.origins import agency_domains

NEW = "new origins"
"""The one voice of all origins that are not established."""


class Spoken(Protocol):
    """What is asked of a document (a `CodedRecord` has it): who said it, of which copies, and when."""

    @property
    def record(self) -> str:
        """The record's id."""
        ...

    @property
    def source(self) -> str:
        """The fact sheet it came through."""
        ...

    @property
    def origin(self) -> str:
        """Who first said it."""
        ...

    @property
    def copy(self) -> str:
        """The group of its near copies, or empty: then its story stands for it."""
        ...

    @property
    def story(self) -> str:
        """The story it belongs to."""
        ...

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries it names."""
        ...

    @property
    def known(self) -> Moment | None:
        """When a reader outside could have it."""
        ...


@dataclass(frozen=True, slots=True)
class Rules:
    """The numbers of data/voices.yml; that file says what each means and why."""

    past_days: int
    past_weeks: int
    looked_back_days: int
    burst_days: int
    burst_voices: int
    burst_voices_without_past: int
    burst_texts: int
    burst_times: int


@dataclass(frozen=True, slots=True)
class Flood:
    """What was set aside about one place: how many origins, within how many days, with how many documents."""

    origins: int
    days: int
    documents: int

    def __str__(self) -> str:
        many = f"{self.origins} new origin{'' if self.origins == 1 else 's'}"
        within = f"{self.days} day{'' if self.days == 1 else 's'}"
        told = f"{self.documents} document{'' if self.documents == 1 else 's'}"
        return f"set aside: {many} in {within} ({told})"


@dataclass(frozen=True, slots=True)
class Heard:
    """What counts of the words about one place. `signals` bear their voice as `origin`.

    `aside` are the signals of a flood. `together` is the number of new origins that count as one, `unproven`
    of those that count by themselves only because the home has no past to judge them by.
    """

    records: tuple[Spoken, ...] = ()
    signals: tuple[Signal, ...] = ()
    aside: tuple[Signal, ...] = ()
    voices: int = 0
    together: int = 0
    unproven: int = 0
    flood: Flood | None = None


class Voices:
    """The standing of every origin, as of an instant, by the documents that were known then."""

    def __init__(
        self,
        coded: Iterable[Spoken],
        as_of: datetime,
        by: Rules | None = None,
        listed: Iterable[str] = (),
    ) -> None:
        self._by, self._today = by or rules(), as_of.date()
        self._listed = listed_origins() | set(listed)
        self._days: dict[str, list[date]] = defaultdict(list)
        self._standing: dict[str, bool] = {}
        for c in {c.record: c for c in coded if c.known is not None and c.known.end <= as_of}.values():
            self._days[c.origin].append(_day(c))

    @cached_property
    def _proven_from(self) -> date:
        """The first day on which the home itself had a past long enough to call an origin new."""
        begun = min((min(days) for days in self._days.values()), default=self._today)
        return begun + timedelta(days=self._by.past_days)

    def established(self, origin: str) -> bool:
        """Whether an origin is listed, or was read here long and regularly enough."""
        if origin not in self._standing:
            self._standing[origin] = origin in self._listed or self._regular(origin)
        return self._standing[origin]

    def _regular(self, origin: str) -> bool:
        since = self._today - timedelta(days=self._by.looked_back_days)
        days = [day for day in self._days.get(origin, ()) if day >= since]
        weeks = {day.isocalendar()[:2] for day in days}
        old = bool(days) and (self._today - min(days)).days >= self._by.past_days
        return old and len(weeks) >= self._by.past_weeks

    def heard(self, about: Sequence[Spoken], signals: Sequence[Signal]) -> Heard:
        """What counts of the dated records about one place and of its signals, in any order."""
        fresh: dict[str, list[Spoken]] = defaultdict(list)
        for c in about:
            if not self.established(c.origin):
                fresh[c.origin].append(c)
        loud = self._bursts(fresh) | {o for o, said in fresh.items() if self._too_loud(o, said)}
        gone = {c.record for origin in loud for c in fresh[origin]}
        voice = {c.record: self._voice(c) for origin, said in fresh.items() for c in said}
        counted = tuple(c for c in about if c.record not in gone)
        quiet = {origin: said for origin, said in fresh.items() if origin not in loud}
        return Heard(
            records=counted,
            signals=tuple(
                replace(s, origin=voice.get(s.record, s.origin)) for s in signals if s.record not in gone
            ),
            aside=tuple(s for s in signals if s.record in gone),
            voices=independent((c.copy or c.story, voice.get(c.record, c.origin)) for c in counted),
            together=len({c.origin for said in quiet.values() for c in said if voice[c.record] == NEW}),
            unproven=len({c.origin for said in quiet.values() for c in said if voice[c.record] != NEW}),
            flood=_flood([c for origin in loud for c in fresh[origin]]),
        )

    def steady(self, record: Spoken) -> bool:
        """Whether a dated document is by an established origin, or from before anybody could be new.

        Only such documents are report flow: a crowd of new sites must not hide that known ones fell silent.
        """
        return record.known is not None and (self.established(record.origin) or self._voice(record) != NEW)

    def _voice(self, record: Spoken) -> str:
        """The voice of a document by an origin that is not established."""
        return record.origin if _day(record) < self._proven_from else NEW

    def _bursts(self, fresh: Mapping[str, Sequence[Spoken]]) -> set[str]:
        """Origins that began to speak of the place in a week with more new voices than may be by chance."""
        arrival = {origin: min(map(_day, said)) for origin, said in fresh.items()}
        found: set[str] = set()
        for first in set(arrival.values()):
            last = first + timedelta(days=self._by.burst_days - 1)
            came = [origin for origin, day in arrival.items() if first <= day <= last]
            told = [c for origin in came for c in fresh[origin] if _day(c) <= last]
            proven = first >= self._proven_from
            most = self._by.burst_voices if proven else self._by.burst_voices_without_past
            if len(came) > most and independent((c.copy or c.story, c.origin) for c in told) > most:
                found.update(came)
        return found

    def _too_loud(self, origin: str, said: Sequence[Spoken]) -> bool:
        """Whether a new origin tells far more of the place within days than of all places at other times."""
        days, span = self._days[origin], timedelta(days=self._by.burst_days)
        for first in {_day(c) for c in said if _day(c) >= self._proven_from}:
            texts = len({c.copy or c.story for c in said if first <= _day(c) < first + span})
            before = [day for day in days if day < first]
            spans = max(1.0, (first - min(before)) / span) if before else 1.0
            if texts > self._by.burst_texts and texts > self._by.burst_times * len(before) / spans:
                return True
        return False


def _flood(records: Sequence[Spoken]) -> Flood | None:
    if not records:
        return None
    arrival: dict[str, date] = {}
    for c in records:
        arrival[c.origin] = min(_day(c), arrival.get(c.origin, _day(c)))
    spread = arrival.values() if len(arrival) > 1 else [_day(c) for c in records]
    return Flood(len(arrival), (max(spread) - min(spread)).days + 1, len({c.record for c in records}))


def _day(record: Spoken) -> date:
    """The day on which a dated record was known."""
    if record.known is None:
        raise ValueError(f"record {record.record} has no date; it cannot be weighed")
    return record.known.end.date()


@cache
def rules() -> Rules:
    """The shipped numbers."""
    return built(
        Rules,
        yaml.load(files(__package__).joinpath("data/voices.yml").read_text("utf-8"), yaml.CSafeLoader),
        "voices.yml",
    )


@cache
def listed_origins() -> frozenset[str]:
    """Every origin that somebody reviewed: of the feeds, the fact sheets and the news agencies."""
    feeds = {feed.independence_group or feed.publisher.casefold() for feed in feed_list()}
    publishers = {feed.publisher.casefold() for feed in feed_list()}
    sheets = {sheet.independence_group for sheet in catalog().values()}
    return frozenset(feeds | publishers | sheets | set(agency_domains().values())) - {""}
