"""The Engagement: what a body was asked to do about an alarm, and what it did, or why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Inaction(StrEnum):
    """The fixed list of reasons for doing nothing (from the 2014 Brussels speech on looking away)."""

    COMPETING_INTEREST = "competing_interest"
    COMPLEXITY_OR_RISK = "complexity_or_risk"
    LACK_OF_CAPACITY = "lack_of_capacity"
    NO_APPETITE = "no_appetite_cost_or_troops"
    OTHER = "other"


class EngagementState(StrEnum):
    """open: nothing heard; answered: the body has replied; acted, declined and withdrawn are closed."""

    OPEN = "open"
    ANSWERED = "answered"
    ACTED = "acted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"

    @property
    def closed(self) -> bool:
        """Whether nothing more is asked of the body."""
        return self in (EngagementState.ACTED, EngagementState.DECLINED, EngagementState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Engagement:
    """One ask to one role in one body. Corrections and answers are new revisions.

    `body` and `role` name an office, never a person. `measure` is a key of the measures table or empty.
    `review_due` is set 30 days after a decline (the reason is looked at again).
    """

    id: str
    revision: int
    alarm: str
    iso3: str
    body: str
    role: str
    ask: str
    measure: str
    due: date
    state: EngagementState
    answer: str
    outcome: str
    inaction: Inaction | None
    note: str
    review_due: date | None
    moved_by: str
    recorded: datetime
    run: str
    replaces: str = ""

    def __post_init__(self) -> None:
        if self.state is EngagementState.DECLINED and self.inaction is None:
            raise ValueError(f"engagement {self.id} is closed without action and without a reason")
        if self.inaction is Inaction.OTHER and not self.note.strip():
            raise ValueError(f"engagement {self.id}: the reason 'other' needs a note")

    @property
    def row(self) -> str:
        """The id of this revision."""
        return f"{self.id}.{self.revision}"
