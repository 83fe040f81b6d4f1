"""The Figure: one casualty claim of one record as a dated row. Figures are never summed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tocsin.clock import Moment, Period
from tocsin.signals.signal import Relevance


@dataclass(frozen=True, slots=True)
class Figure:
    """Who claims how many people were harmed, in which words of which record.

    From `kind` to `end` it is the claim (see `CasualtyClaim`): `low`, `best`, `high` count people, or
    families or households as `unit` says; `high` is None without an upper bound; `quote` is text[start:end].
    `sensitivity` is that of the record. `relevance` is that of the whole record: a figure of a record that
    is `none` is kept, and shown on no page of a country.
    """

    id: str
    record: str
    story: str
    source: str
    origin: str
    sensitivity: str
    relevance: Relevance
    kind: str
    low: int
    best: int
    high: int | None
    unit: str
    victims: str
    claimant: str
    claimant_kind: str
    denied: bool
    part: bool
    iso3: str
    place: str
    happened: Period | None
    quote: str
    start: int
    end: int
    coder: str
    coder_version: str
    published: Moment | None
    known: Moment | None
    recorded: datetime
    run: str
    replaces: str = ""
