"""Dossiers: all that the text of one alarm may rest on, read from a home or from one replay of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from tocsin.alarms.alarm import Alarm
from tocsin.alarms.bulletin import Dossier
from tocsin.alarms.dossier import Found, dossier
from tocsin.alarms.expert import raised_in
from tocsin.forecasting.forecast import Forecast
from tocsin.signals.signal import Signal
from tocsin.store.desk import Desk
from tocsin.store.home import Home
from tocsin.store.rows import from_row


@dataclass(frozen=True, slots=True)
class Cited:
    """What of a record stands beside its words."""

    source: str
    address: str
    title: str
    language: str
    sensitivity: str


class Dossiers:
    """The dossiers of one home: live, or of the replay `run`.

    `base` is the address of the dashboard without a slash at its end, "" when nothing can be linked.
    """

    def __init__(self, home: Home, run: str = "live", base: str = "") -> None:
        self._desk, self._home, self._base = Desk(home, run), home, base
        self._made_in = home if run == "live" else home.replay(run)

    def newest(self, alarm: str) -> Dossier:
        """The dossier of the newest revision of an alarm. Raises UnknownId."""
        return self.of(self._made_in.ledger.alarms(alarm)[-1])

    def of(self, alarm: Alarm) -> Dossier:
        """The dossier of one revision: claims and their words, forecasts, signatures, what was taken back."""
        wanted = set(alarm.reasons)
        claims = {s.id: s for s in self._desk.signals(alarm.iso3) if s.id in wanted}
        claims |= {s.id: s for s in self._rows("signals", wanted - set(claims), Signal)}
        forecasts: dict[str, Forecast] = {f.id: f for f in self._rows("forecasts", wanted, Forecast)}
        found = Found(
            claims=list(claims.values()),
            records=self._records({s.record for s in claims.values()}),
            forecasts=[forecasts[id] for id in alarm.reasons if id in forecasts],
            signatures=self._desk.signatures(alarm.id),
            taken=self._desk.withdrawing.taken,
            flags=self._desk.withdrawing.flags([alarm]).get(alarm.id, ()),
            raised=raised_in(self._desk.alarm_history(alarm.id), alarm),
        )
        return dossier(alarm, found, self._base)

    def _rows(self, table: str, ids: set[str], noun: type[Any]) -> list[Any]:
        """Rows by their ids, whichever turn made them: what a revision rests on is fixed."""
        if not ids:
            return []
        rows = self._made_in.lake.ask(table, lambda frame: frame.filter(nw.col("id").is_in(sorted(ids))))
        return [from_row(noun, row) for row in rows]

    def _records(self, ids: set[str]) -> Mapping[str, Cited]:
        if not ids:
            return {}
        columns = ("id", *Cited.__dataclass_fields__)
        rows = self._home.lake.ask(
            "records", lambda frame: frame.filter(nw.col("id").is_in(sorted(ids))).select(*columns)
        )
        return {row.pop("id"): Cited(**row) for row in rows}
