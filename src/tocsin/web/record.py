"""One record as machines and people read it: the reading in use, the reviews beside it, the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tocsin.assessment.figures import weights
from tocsin.signals.corrected import REJECTED, counted
from tocsin.signals.review import Review, Verdict
from tocsin.signals.signal import Signal
from tocsin.signals.standing import Standing, standing
from tocsin.signals.worth import Worth, judged
from tocsin.sources.record import Record, beginning
from tocsin.web.reading import Desk

Claimed = Sequence[tuple[Signal, Standing]]
SHOWN = 50
VERDICTS = {Verdict.CONFIRM: "confirms", Verdict.CORRECT: "corrects", Verdict.WRONG: "calls wrong"}


@dataclass(frozen=True, slots=True)
class RecordView:
    """The reading by the coder in use (None: not coded yet), its claims, all reviews, the other readings
    (of older versions, and of coders beside), and how the claims count."""

    newest: Standing | None
    shown: Claimed
    reviews: Sequence[Review]
    older: Sequence[tuple[Standing, Claimed]]
    counted: Mapping[str, Signal]

    @property
    def claims(self) -> list[Signal]:
        """The machine's claims in use, to mark in the text."""
        return [claim for claim, _ in self.shown]

    def bound(self, claim: Signal, own: Standing) -> str:
        """What the review of the whole record does to a claim that nobody reviewed itself; "" if nothing."""
        now = self.counted.get(claim.id, claim)
        if own.review != "machine" or now == claim:
            return ""
        if now.review == REJECTED:
            return "By the review of the whole record it no longer counts."
        if now == replace(claim, review=now.review):
            return "Confirmed with the whole record."
        says = f"{now.iso3 or 'no country'}, {now.time}, {now.relevance}, perpetrator {now.perpetrator}"
        return f"By the review of the whole record it counts as: {says}."

    def verdict(self, review: Review) -> str:
        """A review in words."""
        what = f"the claim \u201c{review.of.quote}\u201d" if review.of else "the reading"
        says = "; ".join(f"{field} {said(value)}" for field, value in review.says.said().items())
        fields = f" ({says})" if review.verdict is Verdict.CORRECT else ""
        return f"{VERDICTS[review.verdict]} {what}{fields}"


def record(desk: Desk, id: str) -> RecordView:
    """The view of one record at this desk."""
    readings, told = desk.reviewing.readings(id), desk.reviewing.reviews(id)
    claims = desk.reviewing.claims(id)
    stands = [
        (standing(r, told), _claimed([c for c in claims if c.coder_version == r.coder_version], told))
        for r in reversed(readings)
    ]
    if not stands:
        return RecordView(None, _claimed(claims, told), told, (), {})
    used = counted(readings[-1], [claim for claim, _ in stands[0][1]], told)
    return RecordView(stands[0][0], stands[0][1], told, stands[1:], used)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Records worth a person's time with why, most first: those shown, and how many more there are."""

    shown: Sequence[tuple[Worth, Record]]
    more: int

    def begins(self, record: Record) -> str:
        """The title with the first words of the text, which may hold it already."""
        return beginning(record, 140)

    def why(self, found: Worth) -> str:
        """The reasons in words."""
        return ", ".join(judged()["reasons"][reason] for reason in found.reasons)


def waiting(desk: Desk, as_of: datetime) -> Waiting:
    """What is worth reviewing at this desk; claims outside the window of words are of no consequence."""
    found = desk.reviewing.worth(as_of - timedelta(days=weights().window_days))
    records = desk.reviewing.records(w.reading.record for w in found[:SHOWN])
    shown = [(w, records[w.reading.record]) for w in found[:SHOWN] if w.reading.record in records]
    return Waiting(shown, max(0, len(found) - SHOWN))


def said(value: object) -> str:
    """A judged value in words; what nobody said is told as such."""
    if value is None:
        return "not said"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (", ".join(value) if isinstance(value, tuple) else str(value)) or "none"


def _claimed(claims: Sequence[Signal], told: Sequence[Review]) -> Claimed:
    return [(claim, standing(claim, told)) for claim in claims]
