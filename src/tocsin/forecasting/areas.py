"""Where in a country violence was: first-level areas and 0.5-degree cells, adding up to the country exactly.

A first-level area is the `adm_1` of the event as UCDP writes it; a cell is the PRIO-GRID number of its point
(Tollefsen, Strand and Buhaug 2012: 1 to 259200, row by row from the south-west corner), within one country.
An event known only to a coarser place than asked (`where_prec` of the GED codebook) is given to no area: it
stays SOMEWHERE in the country. `where_prec`: 1 the point, 2 within 25 km, 3 the second-level area, 4 the
first-level area, 5 part of the country or a line, 6 the country, 7 sea or air.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import numpy as np

from tocsin.errors import UnknownId
from tocsin.forecasting.cube import Cube
from tocsin.forecasting.events import ONE_SIDED, EventRow, KnownEvents
from tocsin.geography.borders import priogrid

SOMEWHERE = "somewhere in the country"
"""The events that name no such area."""

UNSEEN = "where nothing was seen yet"
"""Every place of the country in which no event was gathered."""

OS, OTHER, EVENTS = "ged_best_os", "ged_best_other", "ged_events"


class Kind(StrEnum):
    """How a country is cut: first-level areas, or 0.5-degree cells."""

    ADM1 = "adm1"
    CELL = "cell"


COARSEST = {Kind.ADM1: 5, Kind.CELL: 3}
"""The highest `where_prec` that still tells the area."""


def area_of(event: EventRow, kind: Kind) -> str:
    """The area of one event, or SOMEWHERE."""
    if not 1 <= event.where_precision <= COARSEST[kind]:
        return SOMEWHERE
    if kind is Kind.ADM1:
        return event.adm_1.strip() or SOMEWHERE
    if event.latitude is None or event.longitude is None:
        return SOMEWHERE
    return str(priogrid(event.latitude, event.longitude))


def area_cube(known: KnownEvents, iso3: str, kind: Kind) -> Cube:
    """Areas of one country by months, SOMEWHERE first: deaths in one-sided and in other violence, and events.

    The columns add up to those of the country's panel in every month. Only areas in which an event was
    gathered are listed. Raises UnknownId for a country about which nothing was gathered.
    """
    if iso3 not in known.coverage.iso3:
        raise UnknownId("country with gathered events", iso3, known.coverage.iso3)
    own = [event for event in known.placed if event.iso3 == iso3]
    names = (SOMEWHERE, *sorted({area_of(event, kind) for event in own} - {SOMEWHERE}))
    told = known.coverage.known[known.coverage.iso3.index(iso3)]
    blank = np.where(np.broadcast_to(told, (len(names), len(told))), 0.0, np.nan)
    columns = {name: blank.copy() for name in (OS, OTHER, EVENTS)}
    row, first = {name: i for i, name in enumerate(names)}, int(known.coverage.periods[0])
    for event in own:
        at = row[area_of(event, kind)], event.month - first
        columns[EVENTS][at] += 1
        columns[OS if event.violence == ONE_SIDED else OTHER][at] += event.best
    return Cube(names, known.coverage.periods, columns, np.isfinite(blank))


def adjacent(cells: Iterable[str]) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Which cells touch, corners included (c, c); the date line is no border; SOMEWHERE touches nothing."""
    at = [divmod(int(cell) - 1, 720) if cell.isdigit() else None for cell in cells]
    out = np.zeros((len(at), len(at)), dtype=bool)
    for i, here in enumerate(at):
        for j, there in enumerate(at):
            if here and there and i != j:
                around = min((here[1] - there[1]) % 720, (there[1] - here[1]) % 720)
                out[i, j] = abs(here[0] - there[0]) <= 1 and around <= 1
    return out
