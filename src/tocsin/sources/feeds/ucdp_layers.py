"""Which of several releases' rows count as of a date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tocsin.sources.feeds.ucdp_release import ANNUAL, order
from tocsin.sources.record import Event

Rank = tuple[bool, tuple[int, int], datetime]


def layered(events: Iterable[Event], as_of: datetime) -> list[Event]:
    """One row for each event: of the newest annual release known at `as_of`, else of the newest candidate.

    Candidate rows lie on top of the annual release and replace none of its rows. A release whose number is
    not stated comes after all that state theirs. The order of first appearance is kept.
    """
    chosen: dict[str, Event] = {}
    for event in events:
        if event.known.end > as_of:
            continue
        held = chosen.get(event.external_id)
        if held is None or _rank(event) > _rank(held):
            chosen[event.external_id] = event
    return list(chosen.values())


def _rank(event: Event) -> Rank:
    return event.layer == ANNUAL, order(event.release), event.known.end
