"""The country-month panel of organised violence, from gathered events as known at an origin.

An event stands in the month of its first day when its date is known to the month or better, or when it lies
in one month. An event known only to a longer span (date precision 5 of the UCDP codebook) is put into no
month: `undated` counts what was left out, so that nobody takes the month for complete.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from tocsin.forecasting.cube import Cube, Floats
from tocsin.forecasting.events import NON_STATE, ONE_SIDED, STATE_BASED, EventRow, KnownEvents

STATE = "Government of "
"""How UCDP names a state as an actor (also several, "Government of X, Government of Y")."""

DEATHS = {STATE_BASED: "ged_best_sb", NON_STATE: "ged_best_ns", ONE_SIDED: "ged_best_os"}
OS, OS_STATE, OS_GROUPS = "ged_best_os", "ged_best_os_state", "ged_best_os_groups"
EVENTS, ACTORS = "ged_events", "ged_os_actors"
COLUMNS = (*DEATHS.values(), OS_STATE, OS_GROUPS, EVENTS, ACTORS)


def monthly_cube(known: KnownEvents) -> Cube:
    """Countries by months, nan where what was gathered does not tell; a covered month without events is zero.

    `ged_best_sb`, `_ns`, `_os`: deaths, best estimate, in state-based, non-state and one-sided violence;
    `ged_best_os_state` and `ged_best_os_groups`: the last by states and by armed groups; `ged_events`: events
    of all types; `ged_os_actors`: actors that killed civilians.
    """
    cover = known.coverage
    rows = {iso3: i for i, iso3 in enumerate(cover.iso3)}
    columns = {name: np.where(cover.known, 0.0, np.nan) for name in COLUMNS}
    actors: dict[tuple[int, int], set[str]] = defaultdict(set)
    for event in known.placed:
        at = rows[event.iso3], event.month - int(cover.periods[0])
        _add(columns, at, event)
        if event.violence == ONE_SIDED:
            actors[at].add(event.side_a)
    for at, names in actors.items():
        columns[ACTORS][at] = len(names)
    return Cube(cover.iso3, cover.periods, columns, cover.known)


def undated(known: KnownEvents) -> dict[tuple[str, int], int]:
    """Deaths in one-sided violence that stand in no month, by (ISO3, year of the first day)."""
    out: dict[tuple[str, int], int] = defaultdict(int)
    for event in known.undated:
        if event.violence == ONE_SIDED:
            out[event.iso3, event.start.year] += event.best
    return dict(out)


def _add(columns: dict[str, Floats], at: tuple[int, int], event: EventRow) -> None:
    columns[EVENTS][at] += 1
    columns[DEATHS[event.violence]][at] += event.best
    if event.violence == ONE_SIDED:
        columns[OS_STATE if event.side_a.startswith(STATE) else OS_GROUPS][at] += event.best
