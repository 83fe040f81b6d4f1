"""Which of several releases' rows count as of a date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Protocol, TypeVar

from tocsin.clock import Moment
from tocsin.sources.feeds.ucdp_release import ANNUAL, order

Rank = tuple[bool, tuple[int, int], datetime]


class Released(Protocol):
    """A row of a release: an Event, or the part of one that a panel reads."""

    @property
    def external_id(self) -> str:
        """The publisher's id of the event, the same in every release."""
        ...

    @property
    def release(self) -> str:
        """The label of the release, empty when none was stated."""
        ...

    @property
    def layer(self) -> str:
        """`annual` or `candidate`."""
        ...

    @property
    def known(self) -> Moment:
        """When the release was out."""
        ...


Row = TypeVar("Row", bound=Released)


def layered(events: Iterable[Row], as_of: datetime) -> list[Row]:
    """One row for each event: of the newest annual release known at `as_of`, else of the newest candidate.

    Candidate rows lie on top of the annual release and replace none of its rows. A release whose number is
    not stated comes after all that state theirs. The order of first appearance is kept.
    """
    chosen: dict[str, Row] = {}
    for event in events:
        if event.known.end > as_of:
            continue
        held = chosen.get(event.external_id)
        if held is None or rank(event) > rank(held):
            chosen[event.external_id] = event
    return list(chosen.values())


def rank(row: Released) -> Rank:
    """The place of a row's release in the order of trust, lowest first."""
    return _rank(row.layer, row.release, row.known)


@lru_cache(maxsize=4096)
def _rank(layer: str, release: str, known: Moment) -> Rank:
    return layer == ANNUAL, order(release), known.end
