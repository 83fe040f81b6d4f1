"""The Review: what one person says of a machine's reading. It stands beside the reading, never over it.

The judged fields and their values are those of the codebook of the labelled passages: relevance, factors,
time, countries, perpetrator, target and mitigation for a whole record; indicator, country, time and
perpetrator for one claim.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum

from tocsin.errors import NotAllowed, UnknownId
from tocsin.evidence import content_id, sha256
from tocsin.framework import framework
from tocsin.geography import by_name, country
from tocsin.signals.coded import CodedRecord
from tocsin.signals.signal import Relevance, Signal, TimeStatus
from tocsin.sources.record import Record

ISO3_LETTERS = 3
PERPETRATORS = ("state", "nonstate", "both", "unclear", "none")
TIMES = (TimeStatus.PRESENT, TimeStatus.PAST, TimeStatus.FUTURE, TimeStatus.NONE)
"""The times of a whole record; a claim may also be denied or hypothetical."""
RISK = (Relevance.SIGNAL, Relevance.ATROCITY)


class Verdict(StrEnum):
    """confirm: it is as read; correct: it is otherwise; wrong: the claim is not in the words at all."""

    CONFIRM = "confirm"
    CORRECT = "correct"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What somebody, or the machine, says field by field; None means nothing said, never "no".

    Factors and countries are kept in order, so that equal sets are equal. `counts` is False for a claim that
    is not in the words.
    """

    relevance: Relevance | None = None
    factors: tuple[str, ...] | None = None
    time: TimeStatus | None = None
    countries: tuple[str, ...] | None = None
    perpetrator: str | None = None
    target: str | None = None
    mitigation: bool | None = None
    indicator: str | None = None
    counts: bool | None = None

    def __post_init__(self) -> None:
        for name, key in (("factors", _number), ("countries", str)):
            given = getattr(self, name)
            if given is not None:
                object.__setattr__(self, name, tuple(sorted(set(given), key=key)))

    def said(self) -> dict[str, object]:
        """The fields on which something is said."""
        return {f.name: v for f in fields(self) if (v := getattr(self, f.name)) is not None}


@dataclass(frozen=True, slots=True)
class Review:
    """One person's verdict on a coded record, or on one claim when `signal` is set; never edited.

    `of` is the claim as it stood (a newer coder may not make it again). `coder` and `coder_version` name the
    reading that was reviewed, `text_sha256` the words it was read from. `made` is when it was known and when
    it was written: no turn as of an earlier instant sees it.
    """

    id: str
    record: str
    signal: str
    of: Signal | None
    verdict: Verdict
    says: Judgement
    reviewer: str
    reason: str
    coder: str
    coder_version: str
    text_sha256: str
    made: datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """What is reviewed: a record, how one coder read it, and the claim when it is about one."""

    record: Record
    reading: CodedRecord
    claim: Signal | None = None


def of_record(reading: CodedRecord) -> Judgement:
    """What the machine said of a whole record."""
    return Judgement(
        relevance=reading.relevance,
        factors=reading.factors,
        time=reading.time,
        countries=reading.countries,
        perpetrator=reading.perpetrator,
        target=reading.target,
        mitigation=reading.mitigation,
    )


def of_claim(signal: Signal) -> Judgement:
    """What the machine said in one claim."""
    return Judgement(
        relevance=signal.relevance,
        time=signal.time,
        countries=(signal.iso3,) if signal.iso3 else (),
        perpetrator=signal.perpetrator,
        indicator=signal.indicator,
        counts=True,
    )


def confirm(subject: Subject, reviewer: str, made: datetime, reason: str = "") -> Review:
    """The reading, or the claim, is right in every field. Its values are kept as the person's own."""
    return _made(subject, Verdict.CONFIRM, _machine(subject), (reviewer, reason), made)


def correct(subject: Subject, says: Judgement, reviewer: str, made: datetime, reason: str) -> Review:
    """Some fields are otherwise. Raises NotAllowed without a reason or a change, or for a wrong value."""
    says = _whole(checked(says, claim=subject.claim is not None))
    machine = _machine(subject).said()
    given = says.said()
    if not given:
        raise NotAllowed("a correction says what is otherwise; name at least one field")
    if all(machine.get(name) == value for name, value in given.items()):
        raise NotAllowed("this is what the machine says already; confirm it instead")
    if says.factors and (says.relevance or subject.reading.relevance) not in RISK:
        raise NotAllowed("factors are for a signal or an atrocity; correct the relevance as well")
    return _made(subject, Verdict.CORRECT, says, (reviewer, reason), made)


def wrong(subject: Subject, reviewer: str, made: datetime, reason: str) -> Review:
    """The claim is not in the words. Raises NotAllowed for a whole record: that is a correction to `none`."""
    if subject.claim is None:
        raise NotAllowed("only a claim can be wrong as a whole; correct the record's relevance instead")
    return _made(subject, Verdict.WRONG, Judgement(counts=False), (reviewer, reason), made)


def judgement(given: Mapping[str, str]) -> Judgement:
    """What a person typed, by field; an empty text says nothing, `none` in a list says that there is none.

    Raises UnknownId or NotAllowed for a value that is not one of the field's.
    """
    kept = {name: text.strip() for name, text in given.items() if text.strip()}
    relevance, time = kept.get("relevance"), kept.get("time")
    if relevance is not None and relevance not in set(Relevance):
        raise UnknownId("relevance", relevance, Relevance)
    if time is not None and time not in set(TimeStatus):
        raise UnknownId("time", time, TimeStatus)
    if kept.get("mitigation", "no") not in ("yes", "no"):
        raise NotAllowed(f"mitigation is yes or no, not {kept['mitigation']!r}")
    return Judgement(
        relevance=Relevance(relevance) if relevance else None,
        factors=_listed(kept.get("factors")),
        time=TimeStatus(time) if time else None,
        countries=_countries(kept.get("countries")),
        perpetrator=kept.get("perpetrator"),
        target=kept.get("target"),
        mitigation=kept["mitigation"] == "yes" if "mitigation" in kept else None,
        indicator=kept.get("indicator"),
    )


def _listed(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    return () if text.casefold() == "none" else tuple(re.split(r"[\s,;]+", text.upper().strip(",; ")))


def _countries(text: str | None) -> tuple[str, ...] | None:
    """Codes, with any marks between them, or names with commas between them. Raises UnknownId."""
    codes = _listed(text) or ()
    if text is None or not codes or all(len(code) == ISO3_LETTERS for code in codes):
        return _listed(text)
    parts = [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
    return tuple(p.upper() if len(p) == ISO3_LETTERS else by_name(p).iso3 for p in parts)


def checked(says: Judgement, claim: bool) -> Judgement:
    """The judgement as it is. Raises UnknownId or NotAllowed outside framework, countries and codebook."""
    for code in says.factors or ():
        framework().factor(code)
    for iso3 in says.countries or ():
        country(iso3)
    if says.indicator:
        framework().indicator(says.indicator)
    if says.perpetrator is not None and says.perpetrator not in PERPETRATORS:
        raise UnknownId("perpetrator", says.perpetrator, PERPETRATORS)
    return _of_a_claim(says) if claim else _of_a_record(says)


def _of_a_claim(says: Judgement) -> Judgement:
    stray = [n for n in ("factors", "target", "mitigation") if getattr(says, n) is not None]
    if stray:
        raise NotAllowed(f"{' and '.join(stray)} belong to a whole record, not to one claim")
    if len(says.countries or ()) > 1:
        raise NotAllowed("a claim is about one country; correct the record for several")
    return says


def _of_a_record(says: Judgement) -> Judgement:
    if says.indicator is not None or says.counts is not None:
        raise NotAllowed("an indicator belongs to one claim; name the claim, or correct the factors")
    if says.time is not None and says.time not in TIMES:
        raise NotAllowed(f"a whole record is {', '.join(TIMES[:-1])} or none; {says.time} is for one claim")
    if says.relevance is not None and says.relevance not in RISK and says.factors:
        raise NotAllowed(f"a text that is {says.relevance} shows no factor; leave the factors out")
    return says


def _whole(says: Judgement) -> Judgement:
    """Where a text is no sign of risk, no factor is there either (codebook)."""
    bare = says.relevance is not None and says.relevance not in RISK
    return replace(says, factors=()) if bare and says.indicator is None else says


def _machine(subject: Subject) -> Judgement:
    return of_claim(subject.claim) if subject.claim else of_record(subject.reading)


def _made(
    subject: Subject, verdict: Verdict, says: Judgement, person: tuple[str, str], made: datetime
) -> Review:
    reviewer, reason = (" ".join(text.split()) for text in person)
    if not reviewer:
        raise NotAllowed("a review needs the name of who made it")
    if verdict is not Verdict.CONFIRM and not reason:
        raise NotAllowed("a correction needs a reason; say what the words show")
    claim, coder = subject.claim, subject.claim or subject.reading
    target = claim.id if claim else subject.record.id
    return Review(
        id=content_id("rev", target, reviewer, made.isoformat(), str(says.said())),
        record=subject.record.id,
        signal=claim.id if claim else "",
        of=claim,
        verdict=verdict,
        says=says,
        reviewer=reviewer,
        reason=reason,
        coder=coder.coder,
        coder_version=coder.coder_version,
        text_sha256=sha256(subject.record.text.encode("utf-8", "surrogatepass")),
        made=made,
    )


def _number(code: str) -> tuple[int, str]:
    digits = code.removeprefix("RF")
    return (int(digits) if digits.isdigit() else 0, code)
