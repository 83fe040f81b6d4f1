"""The Withdrawal: a source takes back what it said. The row stays; all that rests on it is flagged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tocsin.clock import Moment


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What was taken back: the row of `source` that bears `external_id`, or the record `record` of ours.

    One of the two is set. `by` is the source, or the person of the desk who withdrew it; `why` the reason.
    Raises ValueError when neither or both are set.
    """

    id: str
    source: str
    external_id: str
    record: str
    by: str
    why: str
    known: Moment
    recorded: datetime

    def __post_init__(self) -> None:
        if bool(self.external_id) == bool(self.record):
            raise ValueError(f"{self.id}: a withdrawal names a source's id or a record of ours, one of them")
