"""Who kills civilians where: perpetrator x target group x place, as situations, never as persons.

A situation is named by what the event data name: an actor of UCDP (a state's forces or an organised armed
group), the target as the data give it ("Civilians"), and a first-level area. Nothing is said of a group that
no event names: the groups that the state shuts out of power (EPR Core, the user's copy) stand beside, as what
they are and not as targets. The country's forecast is shared out over its situations as over its areas
(`sharing.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from tocsin.errors import UnknownId
from tocsin.forecasting.areas import EVENTS, OS, OTHER, Kind, area_of
from tocsin.forecasting.cube import Cube
from tocsin.forecasting.events import ONE_SIDED, EventRow, KnownEvents
from tocsin.sources.groups import SHUT_OUT, GroupStatus

Key = tuple[str, str, str]
"""Perpetrator, target, place."""


@dataclass(frozen=True, slots=True)
class Recent:
    """What one-sided violence did in one part of a country until its newest known month.

    `deaths` are all that were gathered; `last_3` and `last_12` those of the newest 3 and 12 months, and
    `before_12` of the 12 months before. `months_since` counts from the newest month with an event (0: that
    month itself), None where there was none.
    """

    deaths: int = 0
    last_3: int = 0
    last_12: int = 0
    before_12: int = 0
    months_since: int | None = None

    @classmethod
    def of(cls, cube: Cube, i: int) -> Recent:
        """Of one row of a cube of areas or situations."""
        deaths, events = (np.nan_to_num(cube.columns[name][i]) for name in (OS, EVENTS))
        struck = np.flatnonzero(events)
        return cls(
            deaths=int(deaths.sum()),
            last_3=int(deaths[-3:].sum()),
            last_12=int(deaths[-12:].sum()),
            before_12=int(deaths[-24:-12].sum()),
            months_since=int(len(events) - 1 - struck[-1]) if len(struck) else None,
        )

    @property
    def trend(self) -> str:
        """The last 12 months against the 12 before: quiet, new, returning, rising, falling or level."""
        if not self.last_12:
            return "quiet"
        if not self.before_12:
            return "new" if self.deaths == self.last_12 else "returning"
        ratio = self.last_12 / self.before_12
        return "rising" if ratio > 4 / 3 else "falling" if ratio < 3 / 4 else "level"


def situation_cube(known: KnownEvents, iso3: str) -> tuple[tuple[Key, ...], Cube]:
    """Situations of one country by months; the one-sided deaths add up to those of the country.

    `ged_best_os`: deaths; `ged_best_other`: deaths in the perpetrator's other fighting in that place;
    `ged_events`: its one-sided events. Raises UnknownId for a country about which nothing was gathered.
    """
    if iso3 not in known.coverage.iso3:
        raise UnknownId("country with gathered events", iso3, known.coverage.iso3)
    own = [event for event in known.placed if event.iso3 == iso3]
    keys = tuple(sorted({key_of(event) for event in own if event.violence == ONE_SIDED}))
    told = known.coverage.known[known.coverage.iso3.index(iso3)]
    blank = np.where(np.broadcast_to(told, (len(keys), len(told))), 0.0, np.nan)
    columns = {name: blank.copy() for name in (OS, OTHER, EVENTS)}
    first = int(known.coverage.periods[0])
    rows: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, (actor, _, place) in enumerate(keys):
        rows[actor, place].append(i)
    at = {key: i for i, key in enumerate(keys)}
    for event in own:
        t = event.month - first
        if event.violence == ONE_SIDED:
            columns[OS][at[key_of(event)], t] += event.best
            columns[EVENTS][at[key_of(event)], t] += 1
        else:
            place = area_of(event, Kind.ADM1)
            for i in (i for side in (event.side_a, event.side_b) for i in rows.get((side, place), ())):
                columns[OTHER][i, t] += event.best
    return keys, Cube(tuple(map(" / ".join, keys)), known.coverage.periods, columns, np.isfinite(blank))


def key_of(event: EventRow) -> Key:
    """The situation that a one-sided event belongs to."""
    return event.side_a, event.side_b, area_of(event, Kind.ADM1)


def shut_out(groups: Iterable[GroupStatus], iso3: str, as_of: datetime) -> list[GroupStatus]:
    """The groups that a state shuts out of executive power in the newest year coded, as known at `as_of`.

    Of the newest release known; by status, then by name. Empty when none is known: that is no finding.
    """
    known = [g for g in groups if g.iso3 == iso3 and g.known.end <= as_of]
    if not known:
        return []
    newest = max((g.known.end, g.release) for g in known)
    release = [g for g in known if (g.known.end, g.release) == newest]
    year = min(max(g.happened.end.year for g in release), as_of.year)
    now = [g for g in release if g.happened.start.year <= year <= g.happened.end.year and g.status.shut_out]
    return sorted({g.external_id: g for g in now}.values(), key=lambda g: (SHUT_OUT.index(g.status), g.group))
