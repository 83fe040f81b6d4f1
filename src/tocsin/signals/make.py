"""Signals and figures out of a reading: each claim joined to its record, story, run and id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import datetime

from tocsin.evidence import content_id
from tocsin.signals.casualties import CasualtyClaim, claim_of
from tocsin.signals.figures import Figure
from tocsin.signals.signal import Claim, Coder, Reading, Signal
from tocsin.signals.stories import Told
from tocsin.sources.record import Record

_OF_CLAIM = [f.name for f in fields(CasualtyClaim) if f.name in {g.name for g in fields(Figure)}]


def signals_of(
    record: Record, reading: Reading, told: Told, run: str, recorded: datetime, *, coder: Coder
) -> list[Signal]:
    """The signals of one reading. Raises ValueError when a quote is not the record's own words.

    Ids are made from record, coder, version, span, indicator and country, so that coding the same record
    again gives the same signals.
    """
    for claim in reading.claims:
        if record.text[claim.start : claim.end] != claim.quote:
            raise ValueError(f"record {record.id}: the quote at {claim.start} is not its words")
    drafts = (_draft(record, claim, coder) for claim in reading.claims)
    return [replace(draft, story=told.story, copy=told.copy, run=run, recorded=recorded) for draft in drafts]


def figures_of(
    record: Record, reading: Reading, told: Told, run: str, recorded: datetime, *, coder: Coder
) -> Iterator[Figure]:
    """The figures of one reading, dated as the record is. Raises ValueError for words that are not its own.

    Ids are made from record, coder, version, kind and span, so that coding the same record again gives the
    same figures.
    """
    for row in reading.counts:
        claim = claim_of(row)
        if record.text[claim.start : claim.end] != claim.quote:
            raise ValueError(f"record {record.id}: the figure at {claim.start} is not in its words")
        where = (claim.kind, claim.start, claim.end, claim.best, claim.victims)
        yield Figure(
            id=content_id("fig", record.id, coder.name, coder.version, *where),
            record=record.id,
            story=told.story,
            source=record.source,
            origin=record.origin,
            sensitivity=record.sensitivity,
            relevance=reading.relevance,
            coder=coder.name,
            coder_version=coder.version,
            published=record.published,
            known=record.known,
            recorded=recorded,
            run=run,
            **{name: getattr(claim, name) for name in _OF_CLAIM},
        )


def _draft(record: Record, claim: Claim, coder: Coder) -> Signal:
    return Signal(
        id=_id(record, claim, coder),
        record=record.id,
        story="",
        origin=record.origin,
        indicator=claim.indicator,
        factor=claim.factor,
        iso3=claim.iso3,
        place=claim.place,
        happened=claim.happened,
        time=claim.time,
        relevance=claim.relevance,
        actors=claim.actors,
        perpetrator=claim.perpetrator,
        target=claim.target,
        protective=claim.protective,
        confidence=claim.confidence,
        quote=claim.quote,
        start=claim.start,
        end=claim.end,
        coder=coder.name,
        coder_version=coder.version,
        review="machine",
        published=record.published,
        known=record.known,
        recorded=record.recorded,
        run="",
        speech=claim.speech,
    )


def _id(record: Record, claim: Claim, coder: Coder) -> str:
    where = (claim.start, claim.end, claim.indicator, claim.iso3)
    return content_id("sig", record.id, coder.name, coder.version, *where)
