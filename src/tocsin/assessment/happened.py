"""What gathered event data say happened in a place by year: shown beside a belief, not yet weighed in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tocsin.sources import layered
from tocsin.sources.record import Event

ONE_SIDED = 3
YEARS = 6


@dataclass(frozen=True, slots=True)
class Year:
    """One year of gathered events: all events, and civilians killed in one-sided violence (best, low, high).

    `provisional` counts the events of candidate releases, which an annual release may still change. A year
    without a row here has no gathered event: it was not gathered, or nothing was coded; that is not peace.
    """

    year: int
    events: int
    provisional: int
    best: int
    low: int
    high: int


def years(events: Iterable[Event], as_of: datetime) -> tuple[Year, ...]:
    """The newest years with a gathered event as known at `as_of`, newest first, each event counted once."""
    by_year: dict[int, list[Event]] = defaultdict(list)
    for event in layered(events, as_of):
        by_year[event.happened.start.year].append(event)
    return tuple(_year(year, by_year[year]) for year in sorted(by_year, reverse=True)[:YEARS])


def _year(year: int, events: list[Event]) -> Year:
    killed = [e for e in events if e.violence == ONE_SIDED]
    return Year(
        year=year,
        events=len(events),
        provisional=sum(e.layer != "annual" for e in events),
        best=sum(e.best for e in killed),
        low=sum(e.low for e in killed),
        high=sum(e.high for e in killed),
    )
