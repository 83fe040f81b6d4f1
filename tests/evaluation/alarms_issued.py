"""Alarms as the watch makes them, on days of our choosing, and a small table of what then happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import numpy as np

from tests.alarms.made import a_decision
from tocsin.alarms import watch
from tocsin.alarms.alarm import Alarm, Level, Signature
from tocsin.alarms.policy import policy
from tocsin.clock import as_of_end
from tocsin.evaluation.alarm_record import Happened, Kept
from tocsin.evaluation.beginnings import YEARLY, Ground, monthly, yearly
from tocsin.evaluation.columns import Floats

SIGNERS = ("Ada Lovelace", "Grace Hopper")
History = list[Alarm]


def at(day: date) -> datetime:
    """Nine in the morning of a day."""
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def proposed(day: date, iso3: str = "SDN", level: Level = Level.WARNING) -> Alarm:
    """What a live turn of that day proposes."""
    decision = a_decision(level, iso3=iso3, run=f"live-{day}", as_of=as_of_end(day), recorded=at(day))
    made = watch.propose(decision, None, policy())
    assert made is not None
    return made


def signatures(alarm: Alarm, day: date, dissent: str = "") -> list[Signature]:
    """Two yes, after one no where there is a dissent."""
    no = [Signature(alarm.id, "Mary Somerville", False, dissent, at(day), alarm.revision)] if dissent else []
    return [*no, *(Signature(alarm.id, who, True, "", at(day), alarm.revision) for who in SIGNERS)]


def issued(day: date, iso3: str = "SDN", level: Level = Level.WARNING, dissent: str = "") -> History:
    """Proposed and signed on one day."""
    one = proposed(day, iso3, level)
    signed = signatures(one, day, dissent)
    return [one, *watch.sign(one, signed[:-1], signed[-1], at(day))]


def renewed(history: History, day: date) -> History:
    """The same put before people again and signed on another day."""
    newest = history[-1]
    again = watch.propose(
        a_decision(newest.level, iso3=newest.iso3, run=f"live-{day}", as_of=as_of_end(day), recorded=at(day)),
        newest,
        policy(),
    )
    assert again is not None
    signed = signatures(again, day)
    return [*history, again, *watch.sign(again, signed[:-1], signed[-1], at(day))]


def kept(*histories: History, first: date, as_of: date, near: int = 0, dissent: str = "") -> Kept:
    """What a ledger would hold."""
    told = {h[0].id: signatures(h[0], first, dissent) for h in histories if any(a.state.public for a in h)}
    return Kept(histories, told, near, first, as_of)


@dataclass(frozen=True)
class SmallCells:
    """Figures by place and year; a cell that is not given is 0."""

    rows: Mapping[tuple[str, int], int]
    columns: Mapping[str, Floats]


def happened(
    killed: Mapping[tuple[str, int], float],
    last: int,
    months: Mapping[tuple[str, date], int] | None = None,
    places: Sequence[str] = ("FRA", "SDN", "SSD"),
) -> Happened:
    """What happened up to a year: the killed of years, and of months where they are given."""
    keys = [(iso3, year) for iso3 in places for year in range(1989, last + 1)]
    deaths = np.array([killed.get(key, 0.0) for key in keys])
    none = np.zeros(len(keys))
    cells = SmallCells(
        {key: n for n, key in enumerate(keys)}, dict(zip(YEARLY, (deaths, none, none), strict=True))
    )
    ground = yearly(cells, places, 1000, dict.fromkeys(YEARLY, last))
    return replace(Happened(ground, None, ("A table",)), months=_months(months, places) if months else None)


def _months(told: Mapping[tuple[str, date], int], places: Sequence[str]) -> Ground:
    starts = [date(2015 + n // 12, n % 12 + 1, 1) for n in range(12 * 8)]
    values = np.array([[float(told.get((iso3, day), 0)) for day in starts] for iso3 in places])
    return monthly(values, places, starts, 100, 3)
