"""The Signal: one claim coded from one record, never without its words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from tocsin.clock import Moment, Period
from tocsin.sources.record import Record


class TimeStatus(StrEnum):
    """When the claimed situation is, relative to the writing (codebook of the labelled passages)."""

    PRESENT = "present"
    PAST = "past"
    FUTURE = "future"
    DENIED = "denied"
    HYPOTHETICAL = "hypothetical"
    NONE = "none"


class Relevance(StrEnum):
    """none: not about it; context: touches it without a sign of present risk; signal; atrocity."""

    NONE = "none"
    CONTEXT = "context"
    SIGNAL = "signal"
    ATROCITY = "atrocity"


@dataclass(frozen=True, slots=True)
class Signal:
    """One claim coded from one record.

    `quote` is text[start:end] of the record, character offsets. `indicator` is a Framework id such as "7.14",
    empty when the claim is context without an indicator. `iso3` is empty when no country could be named.
    `protective` marks a mitigating act (shelter, mediation, aid that reaches people). `story` is shared by
    the reports of one event, `copy` by the copies of one text ("" in a row older than the field: see
    `stories`). `review` is `machine` until a person has looked; a correction is a new row that names this
    one in `replaces`.
    """

    id: str
    record: str
    story: str
    origin: str
    indicator: str
    factor: str
    iso3: str
    place: str
    happened: Period | None
    time: TimeStatus
    relevance: Relevance
    actors: tuple[str, ...]
    perpetrator: str
    target: str
    protective: bool
    confidence: float
    quote: str
    start: int
    end: int
    coder: str
    coder_version: str
    review: str
    published: Moment | None
    known: Moment | None
    recorded: datetime
    run: str
    replaces: str = ""
    speech: tuple[str, ...] = ()
    copy: str = ""

    def __post_init__(self) -> None:
        if not self.quote:
            raise ValueError(f"signal {self.id} of record {self.record} has no quoted words")


class Coder(Protocol):
    """Reads one record and says what it claims. Never opens a socket, a clock or a store."""

    name: str
    version: str

    def code(self, record: Record) -> Reading:
        """The reading of one record; no signals when it claims nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a coder made of one record: the line of `tocsin code --json`, and its claims.

    `factors` maps RF1..RF14 to a probability; `claims` are drafts of signals (see `Claim`).
    """

    record: str
    relevance: Relevance
    score: float
    factors: dict[str, float]
    factors_present: tuple[str, ...]
    indicators: tuple[str, ...]
    time: TimeStatus
    countries: tuple[str, ...]
    perpetrator: str
    target: str
    mitigation: bool
    claims: tuple[Claim, ...]
    places: tuple[dict[str, object], ...] = ()
    events: tuple[dict[str, object], ...] = ()
    counts: tuple[dict[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """What a coder says about one passage, before run, story and ids are joined to it."""

    indicator: str
    factor: str
    iso3: str
    place: str
    time: TimeStatus
    relevance: Relevance
    perpetrator: str
    target: str
    protective: bool
    confidence: float
    quote: str
    start: int
    end: int
    happened: Period | None = None
    actors: tuple[str, ...] = ()
    speech: tuple[str, ...] = ()


class SignalReader(Protocol):
    """What later rooms need from a store of signals."""

    def signals(self, as_of: datetime, iso3: str | None = None) -> Iterable[Signal]:
        """Signals whose `known` is not after `as_of`, latest row of each claim."""
        ...
