"""The machine's reading and what people say of it, side by side, and which of them later steps use.

Each person counts once a field, with the newest word. The value that most people say is used; among values
that equally many say, the one the machine says too, then the newest. So one person's correction is used, and
of two people who differ neither silences the other: the machine's reading breaks the tie until a third looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from tocsin.signals.coded import CodedRecord
from tocsin.signals.review import Judgement, Review, Verdict, of_claim, of_record
from tocsin.signals.signal import Signal


@dataclass(frozen=True, slots=True)
class Said:
    """What one person says of one field, by the newest review that speaks of it."""

    reviewer: str
    value: object
    verdict: Verdict
    made: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One field: what the machine reads, what people say, and what later steps use."""

    field: str
    machine: object
    people: tuple[Said, ...]
    used: object

    @property
    def by(self) -> str:
        """Who said what is used: `person` when anybody did, else `machine`."""
        return "person" if any(s.value == self.used for s in self.people) else "machine"

    @property
    def corrected(self) -> bool:
        """Whether what is used was put there by a correction, not only confirmed."""
        return any(s.value == self.used and s.verdict is not Verdict.CONFIRM for s in self.people)

    @property
    def differ(self) -> bool:
        """Whether people say different things."""
        return any(s.value != self.people[0].value for s in self.people)


@dataclass(frozen=True, slots=True)
class Standing:
    """A reading of a record or a claim beside its reviews, field by field."""

    id: str
    coder: str
    coder_version: str
    lines: tuple[Line, ...]
    reviews: tuple[Review, ...]

    @property
    def review(self) -> str:
        """`machine` (nobody looked), `person`, or `rejected` for a claim that people call wrong."""
        if self.line("counts").used is False:
            return "rejected"
        return "person" if any(line.by == "person" for line in self.lines) else "machine"

    @property
    def differ(self) -> bool:
        """Whether reviewers differ on any field."""
        return any(line.differ for line in self.lines)

    def line(self, field: str) -> Line:
        """One field; with nothing in it when nobody speaks of it."""
        return next((line for line in self.lines if line.field == field), Line(field, None, (), None))


def standing(reading: CodedRecord | Signal, reviews: Iterable[Review]) -> Standing:
    """A reading beside the reviews that speak of it: those of the record, or those of the claim.

    Reviews of another coder version are shown too; a claim is known again by `same_claim`.
    """
    if isinstance(reading, Signal):
        machine, about = of_claim(reading), [r for r in reviews if same_claim(r, reading)]
        id = reading.id
    else:
        machine, id = of_record(reading), reading.record
        about = [r for r in reviews if r.record == id and not r.signal]
    about = sorted(about, key=lambda r: (r.made, r.id))
    made = [_line(f.name, getattr(machine, f.name), about) for f in fields(Judgement)]
    shown = tuple(line for line in made if line.machine is not None or line.people)
    return Standing(id, reading.coder, reading.coder_version, shown, tuple(about))


def same_claim(review: Review, signal: Signal) -> bool:
    """Whether a review is of this claim, or of the same claim as another coder version made it.

    The same claim: of one record, in words that overlap, of the indicator and the country that the reviewed
    claim had or that the reviewer gave it.
    """
    of = review.of
    if of is None or of.record != signal.record:
        return False
    if of.id == signal.id:
        return True
    said = review.says
    indicators = {of.indicator, said.indicator if said.indicator is not None else of.indicator}
    places = {of.iso3, *(said.countries or ("",) if said.countries is not None else (of.iso3,))}
    overlap = of.start < signal.end and signal.start < of.end
    return overlap and signal.indicator in indicators and signal.iso3 in places


def _line(field: str, machine: object, reviews: Sequence[Review]) -> Line:
    newest: dict[str, Said] = {}
    for review in reviews:
        value = getattr(review.says, field)
        if value is not None:
            newest[review.reviewer] = Said(review.reviewer, value, review.verdict, review.made)
    people = tuple(newest[name] for name in sorted(newest))
    return Line(field, machine, people, _used(machine, people))


def _used(machine: object, people: Sequence[Said]) -> object:
    if not people:
        return machine
    votes = Counter(s.value for s in people)
    latest = {value: max(s.made for s in people if s.value == value) for value in votes}
    return max(votes, key=lambda v: (votes[v], v == machine, latest[v], str(v)))
