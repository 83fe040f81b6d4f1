"""The alarms of a live home with what then happened: the public record, made from the ledger each time."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

import numpy as np

from tocsin.clock import as_of_end
from tocsin.evaluation.alarm_record import AlarmRecord, Happened, Kept, alarm_record
from tocsin.evaluation.beginnings import YEARLY, Ground, monthly, yearly
from tocsin.forecasting.events import KnownEvents, first_day, known_events
from tocsin.forecasting.monthly import yearly_deaths
from tocsin.forecasting.months import OS, monthly_cube
from tocsin.forecasting.panel import Panel, load_panel
from tocsin.store.eventrows import LakeEvents
from tocsin.store.home import Home

KILLED = 1000
OUTBREAK, WITHIN = 100, 3
"""100 or more killed within three months, where gathered events tell of them."""
ALL_TURNS = 1_000_000


class AlarmRecords:
    """The record of alarms of one live home. Replays have their own folders and never enter it."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def made(self) -> AlarmRecord:
        """The record by the shipped table and the gathered events. The same home gives the same record."""
        kept = self.kept()
        if kept.as_of is None:
            return alarm_record(kept, Happened())
        at = as_of_end(kept.as_of)
        return alarm_record(kept, _happened(self._home, self._home.lake.generation().number, at))

    def kept(self) -> Kept:
        """What the ledger holds of alarms: every revision and signature, and the days of the turns."""
        ledger = self._home.ledger
        turns = ledger.turns(ALL_TURNS)
        ids = sorted(alarm.id for alarm in ledger.alarms())
        return Kept(
            [ledger.alarms(id) for id in ids],
            {id: ledger.signatures(id) for id in ids},
            sum(_near_misses(self._home, turn.run) for turn in turns),
            min((turn.ended.date() for turn in turns), default=None),
            max((turn.as_of.date() for turn in turns), default=None),
        )


def happened_by(panel: Panel, known: KnownEvents | None, as_of: datetime) -> Happened:
    """What then happened, as known at an instant: by the yearly table, and by events where there are any."""
    places = sorted(set(panel.iso3))
    until = {column: panel.known_year(column, as_of) for column in YEARLY}
    told = sorted({panel.column_info(column).source for column in YEARLY})
    months = _months(known) if known and known.coverage.iso3 else None
    if months is not None:
        told.append("gathered events of UCDP GED")
    return Happened(yearly(panel, places, KILLED, until), months, tuple(told))


def _months(known: KnownEvents) -> Ground:
    cube = monthly_cube(known)
    starts = [first_day(int(month)) for month in cube.periods]
    return monthly(np.asarray(cube.columns[OS], dtype=np.float64), cube.entities, starts, OUTBREAK, WITHIN)


@lru_cache(maxsize=65_536)
def _near_misses(home: Home, run: str) -> int:
    """How many rules nearly fired in a finished turn, which changes no more."""
    return len(home.ledger.near_misses(run))


@lru_cache(maxsize=2)
def _happened(home: Home, generation: int, as_of: datetime) -> Happened:
    """What then happened, read once for each state of the lake."""
    rows = LakeEvents(home.lake).event_rows(as_of)
    known = known_events(rows, as_of, yearly_deaths(load_panel(), as_of)) if rows else None
    return happened_by(load_panel(), known, as_of)
