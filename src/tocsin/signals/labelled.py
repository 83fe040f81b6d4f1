"""Reviews as training rows, in the keys of the labelled passages; words that may not leave stay at home."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.errors import UnknownId
from tocsin.evidence import sha256
from tocsin.signals.coded import CodedRecord
from tocsin.signals.corrected import REJECTED, reviewed
from tocsin.signals.review import RISK, Review
from tocsin.signals.signal import Signal
from tocsin.signals.standing import Standing, standing
from tocsin.signals.worth import judged
from tocsin.sources.factsheet import fact_sheet
from tocsin.sources.record import Record

_JUDGED = ("relevance", "factors", "time", "countries", "perpetrator", "mitigation")
_MOST = 4
"""Indicators a row, as in the codebook."""


@dataclass(frozen=True, slots=True)
class Export:
    """Training rows, and how many reviewed records were left out, by the reason."""

    rows: tuple[dict[str, Any], ...]
    left_out: Mapping[str, int]


def training_rows(
    records: Mapping[str, Record],
    seen: Iterable[CodedRecord],
    signals: Iterable[Signal],
    reviews: Iterable[Review],
    leaves: bool = True,
) -> Export:
    """One row for each reviewed record: what stands, people's word before the machine's.

    `sure` is 3 when people judged every field and agree, 2 when they judged every field and differ on one, 1
    when some field is still the machine's own. With `leaves`, a text that may not leave the home by its
    licence or sensitivity is left out, and counted with the reason.
    """
    told: dict[str, list[Review]] = defaultdict(list)
    for review in reviews:
        told[review.record].append(review)
    read = {c.record: c for c in seen if c.record in told}
    claims: dict[str, list[Signal]] = defaultdict(list)
    for signal in signals:
        claims[signal.record].append(signal)
    rows, out = [], Counter[str]()
    for id in sorted(told):
        why = _unfit(records.get(id), read.get(id), told[id], leaves)
        if why:
            out[why] += 1
        else:
            rows.append(_row(records[id], read[id], claims[id], told[id]))
    return Export(tuple(rows), dict(out))


def stays_home(record: Record) -> str:
    """Why the words of a record may not leave the home; empty when they may.

    Both the record and the fact sheet of its source must be public, and the record's licence an open one.
    """
    try:
        sheet = fact_sheet(record.source)
    except UnknownId:
        return f"source {record.source} has no fact sheet"
    for sensitivity in (record.sensitivity, sheet.sensitivity):
        if sensitivity != "public":
            return f"sensitivity: {sensitivity or 'not stated'}"
    return "" if _open(record.licence) else f"licence: {record.licence or 'not stated'}"


def _open(licence: str) -> bool:
    """Whether a licence, as stated, begins with an open one and goes on with nothing that narrows it."""
    stated = " ".join(licence.casefold().split())
    return any(
        stated == free or stated.startswith((f"{free},", f"{free};")) for free in judged()["open_licences"]
    )


def _unfit(
    record: Record | None, reading: CodedRecord | None, reviews: Iterable[Review], leaves: bool
) -> str:
    if record is None or reading is None:
        return "the record was replaced or is not coded by the coder in use"
    words = sha256(record.text.encode("utf-8", "surrogatepass"))
    if any(r.text_sha256 != words for r in reviews):
        return "the text is not the one that was reviewed"
    return stays_home(record) if leaves else ""


def _row(record: Record, reading: CodedRecord, claims: list[Signal], reviews: list[Review]) -> dict[str, Any]:
    whole = standing(reading, reviews)
    used: dict[str, Any] = {line.field: line.used for line in whole.lines}
    _, read = reviewed([reading], claims, reviews)
    held = [s for s in read if s.review != REJECTED and s.relevance in RISK and s.indicator]
    factors = _factors(whole, held, [s for s in read if s.review == REJECTED])
    best = sorted((s for s in held if s.factor in factors), key=lambda s: -s.confidence)
    return {
        "id": record.id,
        "source": record.source,
        "published": str(record.published) if record.published else None,
        "title": record.title or None,
        "text": record.text,
        "relevance": str(used["relevance"]),
        "factors": factors,
        "indicators": list(dict.fromkeys(s.indicator for s in best))[:_MOST],
        "time": str(used.get("time", "none")),
        "countries": list(reading.countries if not whole.line("countries").people else used["countries"]),
        "perpetrator": used.get("perpetrator", "none"),
        "target": used.get("target", ""),
        "mitigation": bool(used.get("mitigation", False)),
        "sure": _sure(whole),
    }


def _factors(whole: Standing, held: list[Signal], rejected: list[Signal]) -> list[str]:
    """What people say; else the machine's factors as far as their claims were not all called wrong."""
    line = whole.line("factors")
    given = [str(f) for f in line.used] if isinstance(line.used, tuple) else []
    if line.people:
        return given
    if whole.line("relevance").used not in RISK:
        return []
    upheld = {s.factor for s in held}
    gone = {s.factor for s in rejected} - upheld
    by_people = {s.factor for s in held if s.review == "person" and s.factor}
    return [f for f in given if f not in gone] + sorted(by_people - set(given))


def _sure(whole: Standing) -> int:
    lines = [whole.line(field) for field in _JUDGED]
    if not all(line.people for line in lines):
        return 1
    return 2 if any(line.differ for line in lines) else 3
