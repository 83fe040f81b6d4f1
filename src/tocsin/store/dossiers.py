"""Dossiers: all that the text of one alarm may rest on, read from a home or from one replay of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import narwhals as nw

from tocsin.alarms.alarm import Alarm, AlarmState, Signature
from tocsin.alarms.bulletin import LANGUAGES, Dossier, Quoted
from tocsin.assessment.words import WITHDRAWN
from tocsin.clock import Moment, Precision
from tocsin.errors import UnknownId
from tocsin.forecasting.forecast import Forecast
from tocsin.geography import country
from tocsin.signals.signal import Signal
from tocsin.sources.factsheet import fact_sheet
from tocsin.store.desk import Desk
from tocsin.store.home import Home
from tocsin.store.rows import from_row
from tocsin.store.withdrawing import flag

ALONE = "override: "
"""How the reason of a signature begins that issued an alarm by itself (see `acts`)."""
_RECORD = ("id", "source", "address", "title", "language", "sensitivity")


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
        """The dossier of one revision: claims with their words, forecasts, who moved it, what was taken back.

        Claims that were taken back since are left out; `withdrawn` says so.
        """
        signatures = _under(alarm, self._desk.signatures(alarm.id))
        flags = self._desk.withdrawing.flags([alarm]).get(alarm.id, ())
        return Dossier(
            alarm=alarm,
            names=_names(alarm.iso3),
            quotes=self._quotes(alarm),
            forecasts=self._forecasts(alarm),
            withdrawn=flag(flags),
            dissents=tuple(s.reason for s in signatures if not s.consents),
            signers=_signers(alarm, signatures),
            override=next((s.reason.removeprefix(ALONE) for s in signatures if _alone(s)), ""),
            self_url=f"{self._base}/alarm/{alarm.id}" if self._base else "",
            record_url=f"{self._base}/track-record" if self._base else "",
        )

    def _quotes(self, alarm: Alarm) -> tuple[Quoted, ...]:
        wanted = set(alarm.reasons)
        found = {s.id: s for s in self._desk.signals(alarm.iso3) if s.id in wanted}
        found |= {s.id: s for s in self._rows("signals", wanted - set(found), Signal)}
        standing = [s for s in found.values() if s.review not in WITHDRAWN and not self._taken(s)]
        records = self._records({s.record for s in standing})
        return tuple(_quoted(s, records[s.record]) for s in standing if s.record in records)

    def _taken(self, signal: Signal) -> bool:
        return signal.record in self._desk.withdrawing.taken

    def _forecasts(self, alarm: Alarm) -> tuple[Forecast, ...]:
        found: dict[str, Forecast] = {f.id: f for f in self._rows("forecasts", set(alarm.reasons), Forecast)}
        return tuple(found[id] for id in alarm.reasons if id in found)

    def _rows(self, table: str, ids: set[str], noun: type[Any]) -> list[Any]:
        """Rows by their ids, whichever turn made them: what a revision rests on is fixed."""
        if not ids:
            return []
        rows = self._made_in.lake.ask(table, lambda frame: frame.filter(nw.col("id").is_in(sorted(ids))))
        return [from_row(noun, row) for row in rows]

    def _records(self, ids: set[str]) -> Mapping[str, dict[str, Any]]:
        if not ids:
            return {}
        chosen = self._home.lake.ask(
            "records", lambda frame: frame.filter(nw.col("id").is_in(sorted(ids))).select(*_RECORD)
        )
        return {row["id"]: row for row in chosen}


def _quoted(signal: Signal, record: Mapping[str, Any]) -> Quoted:
    return Quoted(
        signal=signal.id,
        words=signal.quote,
        language=record["language"],
        source=_publisher(record["source"]),
        title=record["title"],
        url=record["address"] if record["address"].startswith(("https://", "http://")) else "",
        published=_day(signal.published),
        factor=signal.factor,
        origin=signal.origin,
        sensitivity=record["sensitivity"],
    )


def _publisher(source: str) -> str:
    try:
        return fact_sheet(source).publisher
    except UnknownId:
        return source


def _day(moment: Moment | None) -> Any:
    """The day of a moment that is known to the day; a month or a year is not a day."""
    exact = moment is not None and moment.precision in (Precision.DAY, Precision.INSTANT)
    return moment.at.date() if exact and moment is not None else None


def _names(iso3: str) -> dict[str, str]:
    try:
        found = country(iso3)
    except UnknownId:
        return {"en": iso3}
    return {language: found.name_in(language) for language in LANGUAGES}


def _under(alarm: Alarm, signatures: Iterable[Signature]) -> list[Signature]:
    """The signatures given to what a revision says: to the proposal itself, or to the one that it issued."""
    if alarm.state is AlarmState.PROPOSED:
        return [s for s in signatures if s.revision == alarm.revision]
    if alarm.state.public:
        return [s for s in signatures if s.revision in (0, alarm.revision - 1)]
    return list(signatures)


def _signers(alarm: Alarm, signatures: Sequence[Signature]) -> tuple[str, ...]:
    by_hand = not alarm.moved_by.startswith("rule ") and alarm.state is not AlarmState.EXPIRED
    named = [s.signer for s in signatures if s.consents]
    return tuple(dict.fromkeys([*named, *([alarm.moved_by] if by_hand else [])]))


def _alone(signature: Signature) -> bool:
    return signature.consents and signature.reason.startswith(ALONE)
