"""That a record was coded, by which coder, and to which story it belongs; also when it claims nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tocsin.clock import Moment
from tocsin.evidence import content_id
from tocsin.signals.signal import Reading, Relevance
from tocsin.sources.record import Record


@dataclass(frozen=True, slots=True)
class CodedRecord:
    """The verdict of one coder on one record. `claims` counts the signals it gave, nought too."""

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


def coded(record: Record, reading: Reading, story: str, coder: tuple[str, str], run: str) -> CodedRecord:
    """The verdict of `coder` (name, version) on a record, dated as the record is."""
    return CodedRecord(
        id=content_id("cod", record.id, *coder),
        record=record.id,
        story=story,
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
    )
