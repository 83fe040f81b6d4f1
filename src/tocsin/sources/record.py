"""The Record: one thing one source said, verbatim, never edited after writing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tocsin.clock import Moment, Period
from tocsin.evidence import content_id, sha256


@dataclass(frozen=True, slots=True)
class Record:
    """One thing one source said.

    `raw_sha256` is the hash of the raw bytes; `text` is what was read out of them. `origin` names who first
    said it (copies of one wire story share an origin). `known` is None when the document states no date: no
    past turn sees it. `backfilled` marks a `known` taken from `published` because it came from an archive.
    """

    id: str
    source: str
    address: str
    title: str
    text: str
    language: str
    raw_sha256: str
    licence: str
    sensitivity: str
    origin: str
    published: Moment | None
    known: Moment | None
    recorded: datetime
    backfilled: bool = False
    replaces: str = ""
    external_id: str = ""
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One event row of a data set (today: UCDP GED), with the figures and the vintage of its release.

    `vintage` is `as known` (a candidate release) or `later revision` (an annual release). `known` is when
    that release was out. `violence` is 1 state-based, 2 non-state, 3 one-sided (UCDP GED codebook). `layer`
    is `annual` or `candidate`; a candidate row lies on top of an annual release and never replaces one.
    `columns` keeps every other column of the row by name.
    """

    id: str
    source: str
    external_id: str
    release: str
    layer: str
    vintage: str
    status: str
    violence: int
    iso3: str
    country: str
    place: str
    latitude: float | None
    longitude: float | None
    where_precision: int
    happened: Period
    side_a: str
    side_b: str
    best: int
    low: int
    high: int
    civilians: int
    known: Moment
    recorded: datetime
    columns: Mapping[str, Any] = field(default_factory=dict)
    replaces: str = ""


def record_id(source: str, address: str, raw: bytes) -> str:
    """The id of a record: the hash of source id, canonical address or external id, and raw bytes."""
    return content_id("rec", source, address, sha256(raw))


def event_id(source: str, external_id: str, row: Mapping[str, Any]) -> str:
    """The id of an event row: the hash of source, external id and the row as read."""
    return content_id("evt", source, external_id, dict(row))


def beginning(record: Record, longest: int) -> str:
    """The title with the first words of the text, which may hold it already, on one line."""
    words = " ".join(record.text.split())
    title = " ".join(record.title.split())
    told = words if words.startswith(title) else f"{title} | {words}"
    return told[:longest] + ("..." if len(told) > longest else "")
