"""A record of our own words, read by a coder of any version, and people who review it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.signals.reports import record as report
from tocsin.signals.coded import CodedRecord, coded
from tocsin.signals.make import signals_of
from tocsin.signals.review import Judgement, Review, Subject, confirm, correct, wrong
from tocsin.signals.signal import Claim, Reading, Relevance, Signal, TimeStatus
from tocsin.signals.stories import Told
from tocsin.sources.record import Record

NOON = datetime(2017, 10, 20, 12, tzinfo=UTC)
TEXT = "Armed men burned the market of the town. Soldiers closed the road to the camp."
RECORD = report(TEXT)


class OneCoder:
    """A coder whose reading is given: it stands for any version of any coder."""

    name = "given"

    def __init__(self, version: str, **reads: Any) -> None:
        self.version, self.reads = version, reads

    def code(self, record: Record) -> Reading:
        """The given reading, with one claim for each sentence unless `claims` says which."""
        claims = self.reads.get("claims", (claim("11.1", "Armed"), claim("14.4", "Soldiers")))
        made = Reading(
            record=record.id,
            relevance=Relevance.ATROCITY,
            score=0.7,
            factors={},
            factors_present=("RF11", "RF14"),
            indicators=("11.1", "14.4"),
            time=TimeStatus.PRESENT,
            countries=("SSD",),
            perpetrator="nonstate",
            target="residents",
            mitigation=False,
            claims=claims,
        )
        return replace(made, **self.reads)


def claim(indicator: str, begins: str, **changes: Any) -> Claim:
    """A claim of the sentence that begins so."""
    start = TEXT.index(begins)
    end = TEXT.index(".", start) + 1
    factor = f"RF{indicator.partition('.')[0]}"
    made = Claim(
        indicator, factor, "SSD", "", TimeStatus.PRESENT, Relevance.ATROCITY, "nonstate", "residents", False,
        0.6, TEXT[start:end], start, end,
    )  # fmt: skip
    return replace(made, **changes)


def read(version: str = "1", record: Record = RECORD, **reads: Any) -> tuple[CodedRecord, list[Signal]]:
    """The rows that a turn would write for a record read by one version."""
    coder = OneCoder(version, **reads)
    reading = coder.code(record)
    whole = coded(record, reading, Told("sto-1", "sto-1"), (coder.name, version), f"live-{version}")
    return whole, signals_of(record, reading, Told("sto-1", "sto-1"), f"live-{version}", NOON, coder=coder)


def subject(version: str = "1", claim: int | None = None) -> Subject:
    """The record as that version read it, or one of its claims."""
    reading, signals = read(version)
    return Subject(RECORD, reading, None if claim is None else signals[claim])


def says(who: str, hours: int = 0, on: Subject | None = None, **judged: Any) -> Review:
    """A correction by somebody, so many hours after noon."""
    made = NOON + timedelta(hours=hours)
    return correct(on or subject(), Judgement(**judged), who, made, "the words show it")


def agrees(who: str, hours: int = 0, on: Subject | None = None) -> Review:
    """A confirmation."""
    return confirm(on or subject(), who, NOON + timedelta(hours=hours))


def denies(who: str, hours: int = 0, on: Subject | None = None) -> Review:
    """A claim called wrong."""
    return wrong(on or subject(claim=0), who, NOON + timedelta(hours=hours), "it is not said")
