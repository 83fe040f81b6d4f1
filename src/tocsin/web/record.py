"""One record as machines and people read it: the reading in use, the reviews beside it, the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.signals.review import Review, Verdict
from tocsin.signals.signal import Signal
from tocsin.signals.standing import Standing, standing
from tocsin.web.reading import Desk

Claimed = Sequence[tuple[Signal, Standing]]
VERDICTS = {Verdict.CONFIRM: "confirms", Verdict.CORRECT: "corrects", Verdict.WRONG: "calls wrong"}


@dataclass(frozen=True, slots=True)
class RecordView:
    """The reading by the coder in use (None: not coded yet), its claims, all reviews, and the other
    readings: of older versions, and of coders beside."""

    newest: Standing | None
    shown: Claimed
    reviews: Sequence[Review]
    older: Sequence[tuple[Standing, Claimed]]

    @property
    def claims(self) -> list[Signal]:
        """The machine's claims in use, to mark in the text."""
        return [claim for claim, _ in self.shown]

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
        return RecordView(None, _claimed(claims, told), told, ())
    return RecordView(stands[0][0], stands[0][1], told, stands[1:])


def said(value: object) -> str:
    """A judged value in words; what nobody said is told as such."""
    if value is None:
        return "not said"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (", ".join(value) if isinstance(value, tuple) else str(value)) or "none"


def _claimed(claims: Sequence[Signal], told: Sequence[Review]) -> Claimed:
    return [(claim, standing(claim, told)) for claim in claims]
