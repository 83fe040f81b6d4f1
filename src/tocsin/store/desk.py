"""What a reader of the home sees: the newest finished turn, and everything it rests on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tocsin.alarms.alarm import Alarm, Decision, Signature
from tocsin.assessment.belief import Assessment
from tocsin.clock import as_of_end, today
from tocsin.errors import UnknownId
from tocsin.forecasting.forecast import Forecast
from tocsin.forecasting.monthly import MonthlyForecast
from tocsin.forecasting.parts import PartsForecast
from tocsin.response.engagement import Engagement
from tocsin.signals.corrected import reviewed
from tocsin.signals.signal import Signal
from tocsin.signals.withdrawn import marked
from tocsin.sources.groups import GroupStatus
from tocsin.sources.record import Event, Record
from tocsin.store.alarm_record import AlarmRecords
from tocsin.store.conditions import Elsewhere
from tocsin.store.figuring import Figuring
from tocsin.store.flows import Watching
from tocsin.store.forecast_record import ForecastRecord
from tocsin.store.home import Home
from tocsin.store.models import TurnRow
from tocsin.store.outbox import Telling
from tocsin.store.reviewing import Reviewing
from tocsin.store.withdrawing import Withdrawing, taken_at

LOOKED_BACK = 400
"""Turns among which last month's is looked for."""


class _View:
    """One turn of one run, and the facts it could see. `home` holds the facts; `made` what turns made."""

    def __init__(self, home: Home, run: str) -> None:
        self.home, self.live = home, run == "live"
        self.made_in = home if self.live else home.replay(run)
        turns = self.made_in.ledger.turns()
        self.turn: TurnRow | None = turns[0] if turns else None
        self.as_of = self.turn.as_of.replace(tzinfo=UTC) if self.turn else None
        self.until = self.as_of if self.as_of and not self.live else as_of_end(today())

    def made(self, table: str, **equal: str) -> list[Any]:
        """Rows that the turn itself made."""
        if self.turn is None:
            return []
        return self.made_in.lake.read(table, self.until, where={"run": self.turn.run, **equal})

    def months(self, table: str, iso3: str, which: str = "run") -> list[Any]:
        """Rows of the monthly forecasts that stand in the turn, whichever run of the home made them.

        With `which` "before" those of an earlier month that stood before them.
        """
        run = self.turn.body.get("months", {}).get(which, "") if self.turn else ""
        return self.made_in.lake.read(table, self.until, where={"run": run, "iso3": iso3}) if run else []

    def coded(self, table: str, **equal: str) -> list[Any]:
        """Rows of the coder version that the turn used, whichever turn coded them."""
        version = self.turn.body["coder_version"] if self.turn else ""
        where = {**equal, "coder_version": version} if version else equal
        return self.made_in.lake.read(table, self.until, undated=self.live, where=where)

    def reviewed(self, iso3: str | None, record: str | None) -> list[Signal]:
        """Signals with the reviews and withdrawals applied that the turn saw: none that came after it."""
        where = {"record": record} if record else {}
        told = self.home.reviews.known(self._looked(), record) if self.turn else []
        taken = taken_at(self.home, self._looked(), False)
        if not told:
            found = self.coded("signals", **where, **({"iso3": iso3} if iso3 else {}))
            return marked(found, taken)
        _, signals = reviewed(self.coded("coded", **where), self.coded("signals", **where), told)
        return [s for s in marked(signals, taken) if iso3 in (None, s.iso3)]

    def _looked(self) -> datetime:
        started = datetime.fromisoformat(self.turn.body["started"]) if self.turn else self.until
        return min(started, self.as_of or self.until)


class _Ahead:
    """The months ahead that stand in one turn, with what stands beside them, and what was forecast before."""

    def __init__(self, view: _View) -> None:
        self._view = view

    def monthly(self, iso3: str, /) -> list[MonthlyForecast]:
        """The monthly forecasts of one place: months, then windows."""
        found: list[MonthlyForecast] = self._view.months("monthly", iso3)
        return sorted(found, key=lambda f: (f.total, f.ahead))

    def monthly_before(self, iso3: str, /) -> list[MonthlyForecast]:
        """The monthly forecasts of one place that stood in an earlier month; none for a replay."""
        return self._view.months("monthly", iso3, "before")

    def parts(self, iso3: str, /) -> list[PartsForecast]:
        """The same shared out over areas, cells and situations; the nearest month first."""
        found: list[PartsForecast] = self._view.months("parts", iso3)
        return sorted(found, key=lambda p: (p.kind, p.window.end))

    def before(self, iso3: str, /) -> list[Forecast]:
        """Yearly forecasts of one place by the newest live turn of an earlier month; none for a replay."""
        view = self._view
        if not view.live or view.turn is None:
            return []
        month = f"{view.turn.as_of:%Y-%m}"
        run = next((t.run for t in view.made_in.ledger.turns(LOOKED_BACK) if f"{t.as_of:%Y-%m}" < month), "")
        return (
            view.made_in.lake.read("forecasts", view.until, where={"run": run, "iso3": iso3}) if run else []
        )

    def groups(self, iso3: str, /) -> list[GroupStatus]:
        """Gathered standings of ethnic groups of one place that the turn could see."""
        return self._view.home.lake.read("groups", self._view.until, where={"iso3": iso3})


class Desk:
    """One consistent look at a live home or at one replay: the newest finished turn and what it rests on."""

    def __init__(self, home: Home, run: str = "live") -> None:
        self._home, self._view, self.run = home, _View(home, run), run
        self.as_of: datetime | None = self._view.as_of
        past = None if self._view.live else self._view.until
        self.ahead = _Ahead(self._view)
        self.elsewhere = Elsewhere(home, self._view.until)
        self.reviewing = Reviewing(home, self._view.made_in, past)
        self.withdrawing = Withdrawing(home, self._view.made_in, past)
        self.figuring = Figuring(home, self._view.made_in, past)
        self.watching = Watching(home, self._view.made_in, past)
        self.forecast_record = ForecastRecord(home) if self._view.live else None
        self.alarm_record = AlarmRecords(home) if self._view.live else None
        self.telling = Telling(home.ledger.engine) if self._view.live else None

    def turn(self) -> dict[str, Any] | None:
        """The report of the newest turn; None before the first."""
        return self._view.turn.body if self._view.turn else None

    def decisions(self) -> list[Decision]:
        """The level of every place in the newest turn."""
        return self._view.made("decisions")

    def assessments(self, iso3: str | None = None) -> list[Assessment]:
        """What was believed of every place in the newest turn, or of one."""
        return self._view.made("assessments", **({"iso3": iso3} if iso3 else {}))

    def forecasts(self, iso3: str | None = None) -> list[Forecast]:
        """The forecasts of the newest turn, of all places or one."""
        return self._view.made("forecasts", **({"iso3": iso3} if iso3 else {}))

    def signals(self, iso3: str | None = None, record: str | None = None) -> list[Signal]:
        """The signals as the newest turn read them, corrections applied; newest first.

        Of one place, of one record, or all.
        """
        return sorted(self._view.reviewed(iso3, record), key=_newest_first, reverse=True)

    def record(self, record: str) -> Record | None:
        """One record in full, if the newest turn could see it (or, live, if it is there at all)."""
        lake, live = self._home.lake, self._view.live
        found: list[Record] = lake.read("records", self._view.until, undated=live, where={"id": record})
        return found[0] if found else None

    def events(self, iso3: str) -> list[Event]:
        """Gathered event rows about one place that the newest turn could see, every release of each."""
        return self._home.lake.read("events", self._view.until, where={"iso3": iso3})

    def alarms(self) -> list[Alarm]:
        """The newest revision of every alarm."""
        return self._view.made_in.ledger.alarms()

    def in_force(self) -> list[Alarm]:
        """The issued revisions that are in force today; a replay has none."""
        return self._view.made_in.ledger.in_force(today()) if self._view.live else []

    def alarm_history(self, alarm: str) -> list[Alarm]:
        """Every revision of one alarm, oldest first; empty when there is none of that id."""
        try:
            return self._view.made_in.ledger.alarms(alarm)
        except UnknownId:
            return []

    def signatures(self, alarm: str) -> list[Signature]:
        """Who signed an alarm, who dissented, and why."""
        return self._view.made_in.ledger.signatures(alarm)

    def engagements(self, alarm: str | None = None) -> list[Engagement]:
        """The newest revision of every engagement, of all alarms or one."""
        return self._view.made_in.ledger.engagements(alarm=alarm)

    def source_runs(self) -> list[dict[str, Any]]:
        """Readings of sources, newest first, with what they gave."""
        found = self._home.sources.runs()
        return [{**r.body, "source": r.source, "started": r.started, "stopped": r.stopped} for r in found]

    def runs(self) -> list[dict[str, Any]]:
        """The replays in this home (id, as_of), newest last."""
        found = []
        for name in self._home.replays():
            turns = self._home.replay(name).ledger.turns()
            found += [{"id": name, "as_of": turns[0].as_of.date().isoformat()}] if turns else []
        return found


def _newest_first(signal: Signal) -> tuple[str, str]:
    return (str(signal.published) if signal.published else "", signal.id)
