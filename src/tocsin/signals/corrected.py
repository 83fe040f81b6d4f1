"""Signals as later steps read them: the newest coder's, with the corrections of people applied.

Nothing is written here: the machine's rows stay in the lake, and the corrected ones are made again from the
reviews by every reader, so that a reader as of an earlier instant gets what stood then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from tocsin.evidence import content_id
from tocsin.signals.coded import CodedRecord
from tocsin.signals.review import RISK, Review, Verdict
from tocsin.signals.signal import Relevance, Signal, TimeStatus
from tocsin.signals.standing import Standing, same_claim, standing

REJECTED = "rejected"
_KEPT_TIMES = (TimeStatus.DENIED, TimeStatus.HYPOTHETICAL)


def reviewed(
    seen: Sequence[CodedRecord], signals: Sequence[Signal], reviews: Iterable[Review]
) -> tuple[list[CodedRecord], list[Signal]]:
    """Coded records and signals with reviews applied; what nobody reviewed is passed through as it is.

    A claim called wrong keeps its row with `review` rejected, which no assessment counts. A corrected one is
    a row of its own that names the machine's in `replaces`. A claim that a person confirmed or corrected
    stands also when the coder of `seen` no longer makes it. `known` stays that of the document: a review
    makes old words no newer.
    """
    told: dict[str, list[Review]] = defaultdict(list)
    for review in reviews:
        told[review.record].append(review)
    whole = {c.record: standing(c, told[c.record]) for c in seen if c.record in told}
    records = [_record(c, whole[c.record]) if c.record in whole else c for c in seen]
    claims = [
        _claim(s, whole[s.record], standing(s, told[s.record])) if s.record in whole else s for s in signals
    ]
    made: dict[str, list[Signal]] = defaultdict(list)
    for signal in (s for s in signals if s.record in whole):
        made[signal.record].append(signal)
    lost = [s for record in whole for s in _upheld(told[record], made[record])]
    return records, [*claims, *lost]


def counted(reading: CodedRecord, claims: Sequence[Signal], reviews: Sequence[Review]) -> dict[str, Signal]:
    """How the claims of one reading count, by the machine's ids: also for what is said of their record."""
    return {s.replaces or s.id: s for s in reviewed([reading], claims, reviews)[1]}


def _record(reading: CodedRecord, stand: Standing) -> CodedRecord:
    used: dict[str, Any] = {line.field: line.used for line in stand.lines if line.corrected}
    return replace(reading, **used) if used else reading


def _claim(signal: Signal, whole: Standing, own: Standing) -> Signal:
    """One claim under what people say of its record, and then of the claim itself, which weighs more."""
    looked = any(r.verdict is Verdict.CONFIRM and _saw(r, signal) for r in whole.reviews)
    under = _under(replace(signal, review="person") if looked else signal, whole)
    return _made(signal, _own(under, own))


def _saw(review: Review, signal: Signal) -> bool:
    """Whether who confirmed the record had this claim before them."""
    return (review.coder, review.coder_version) == (signal.coder, signal.coder_version)


def _under(signal: Signal, whole: Standing) -> Signal:
    used: dict[str, Any] = {line.field: line.used for line in whole.lines if line.corrected}
    change: dict[str, Any] = {}
    if "relevance" in used:
        change |= _relevance(signal, used["relevance"], whole.line("factors").used)
    if used.get("factors") and signal.factor and signal.factor not in used["factors"]:
        change |= {"review": REJECTED}
    if "time" in used and signal.time not in _KEPT_TIMES:
        change |= {"time": used["time"]}
    if "countries" in used and signal.iso3 not in used["countries"]:
        one = used["countries"] if len(used["countries"]) == 1 else ("",)
        change |= {"iso3": one[0], "place": ""}
    if used.get("perpetrator") not in (None, "both"):
        change |= {"perpetrator": used["perpetrator"]}
    if used.get("mitigation") is False:
        change |= {"protective": False}
    change = {name: value for name, value in change.items() if getattr(signal, name) != value}
    return replace(signal, **{"review": "person", **change}) if change else signal


def _relevance(signal: Signal, relevance: Relevance, factors: object) -> dict[str, Any]:
    """What a record's corrected relevance does to a claim.

    It sets a bound above; below, it only lifts claims of a factor that the person sees, from context to
    signal.
    """
    if relevance is Relevance.NONE:
        return {"review": REJECTED}
    if relevance is Relevance.CONTEXT:
        return {"relevance": Relevance.CONTEXT}
    if signal.relevance in RISK:
        return {"relevance": Relevance.SIGNAL} if relevance is Relevance.SIGNAL else {}
    seen = isinstance(factors, tuple) and signal.factor in factors
    return {"relevance": Relevance.SIGNAL} if seen else {}


def _own(signal: Signal, own: Standing) -> Signal:
    if own.review == "machine":
        return signal
    if own.review == REJECTED:
        return replace(signal, review=REJECTED)
    used: dict[str, Any] = {line.field: line.used for line in own.lines if line.by == "person"}
    change: dict[str, Any] = {
        name: used[name] for name in ("relevance", "time", "perpetrator") if name in used
    }
    if "countries" in used:
        iso3 = used["countries"][0] if used["countries"] else ""
        change |= {"iso3": iso3, "place": signal.place if iso3 == signal.iso3 else ""}
    if "indicator" in used:
        number = used["indicator"].partition(".")[0]
        change |= {"indicator": used["indicator"], "factor": f"RF{number}" if number else ""}
    return replace(signal, review="person", **change)


def _made(machine: Signal, now: Signal) -> Signal:
    """The row as it counts: the machine's own id unless what it says was changed."""
    same = replace(now, review=machine.review) == machine
    if same or now.review == REJECTED:
        return replace(machine, review=now.review)
    said = (now.indicator, now.iso3, now.time, now.relevance, now.perpetrator, now.protective)
    return replace(now, id=content_id("sig", machine.id, *said), replaces=machine.id)


def _upheld(reviews: Sequence[Review], signals: Sequence[Signal]) -> list[Signal]:
    """Claims of one record that people upheld and the coder in use, which made `signals`, no longer makes."""
    made: list[Signal] = []
    for review in sorted(reviews, key=lambda r: (r.made, r.id), reverse=True):
        of = review.of
        if of is None or any(same_claim(review, s) for s in (*signals, *made)):
            continue
        stand = standing(of, reviews)
        if stand.review == "person":
            made.append(of)
    return [_made(of, _own(of, standing(of, reviews))) for of in made]
