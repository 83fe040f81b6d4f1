"""That a record was coded, by which coder, and to which story it belongs; also when it claims nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from tocsin.clock import Moment
from tocsin.evidence import content_id
from tocsin.signals.language import language
from tocsin.signals.signal import Reading, Relevance, TimeStatus
from tocsin.signals.stories import Told
from tocsin.sources.record import Record


@dataclass(frozen=True, slots=True)
class CodedRecord:
    """The verdict of one coder on one record. `claims` counts the signals it gave, nought too.

    `language` is the ISO 639-1 code found, "" when none was sure. A text in a language that the coder has no
    words for was kept and not read: see `unread`. From `factors` on, None in a row older than the field.
    """

    id: str
    record: str
    story: str
    source: str
    origin: str
    coder: str
    coder_version: str
    relevance: Relevance
    score: float
    countries: tuple[str, ...]
    claims: int
    published: Moment | None
    known: Moment | None
    recorded: datetime
    run: str
    replaces: str = ""
    language: str = ""
    factors: tuple[str, ...] | None = None
    time: TimeStatus | None = None
    perpetrator: str | None = None
    target: str | None = None
    mitigation: bool | None = None
    copy: str = ""


def coded(record: Record, reading: Reading, told: Told, coder: tuple[str, str], run: str) -> CodedRecord:
    """The verdict of `coder` (name, version) on a record, dated as the record is."""
    return CodedRecord(
        id=content_id("cod", record.id, *coder),
        record=record.id,
        story=told.story,
        copy=told.copy,
        source=record.source,
        origin=record.origin,
        coder=coder[0],
        coder_version=coder[1],
        relevance=reading.relevance,
        score=reading.score,
        countries=reading.countries,
        claims=len(reading.claims),
        published=record.published,
        known=record.known,
        recorded=record.recorded,
        run=run,
        language=record.language or language(record.text),
        factors=reading.factors_present,
        time=reading.time,
        perpetrator=reading.perpetrator,
        target=reading.target,
        mitigation=reading.mitigation,
    )


def unread(records: Iterable[CodedRecord], known: Collection[str]) -> dict[str, int]:
    """How many records are in a language that the coder does not know, by language: kept, but not read."""
    return dict(Counter(c.language for c in records if c.language and c.language not in known))
