"""Withdrawals on a home: what was taken back as of an instant, what rests on it, and a person's act."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import narwhals as nw

from tocsin.alarms.alarm import Alarm
from tocsin.alarms.dossier import flag
from tocsin.alarms.lint import lint_reason
from tocsin.clock import Moment, Precision, as_of_end, now, today
from tocsin.errors import NotAllowed, UnknownId
from tocsin.evidence import content_id
from tocsin.signals.coded import CodedRecord
from tocsin.signals.corrected import reviewed
from tocsin.signals.signal import Signal
from tocsin.signals.withdrawn import WITHDRAWN, Taken, Version, marked, resting, taken_back, told
from tocsin.sources.withdrawal import Withdrawal
from tocsin.store.home import Home

_VERSION = ("id", "source", "external_id", "replaces", "recorded", "known_end")
Words = tuple[list[CodedRecord], list[Signal]]


def taken_at(home: Home, as_of: datetime, undated: bool) -> dict[str, Taken]:
    """The records of a home that were taken back as of an instant, by their ids.

    `undated` sees later versions without a date too, which no replay does.
    """
    withdrawals: list[Withdrawal] = home.lake.read("withdrawals", as_of)
    ids = ["-", *(w.record or w.external_id for w in withdrawals)]

    def concerned(frame: Any) -> Any:
        named = nw.col("id").is_in(ids) | nw.col("external_id").is_in(ids) | (nw.col("replaces") != "")
        return frame.filter(named).select(*_VERSION)

    rows = home.lake.ask("records", concerned)
    return taken_back((_version(row) for row in rows if _seen(row, as_of, undated)), withdrawals)


class Withdrawing:
    """What was taken back of the facts of a home, and what rests on it in the home or in one replay of it.

    `until` is the instant that a turn or a replay looks from; without it all that is known today counts.
    """

    def __init__(self, home: Home, replay: Home | None = None, until: datetime | None = None) -> None:
        self._home, self._made_in, self._live = home, replay or home, until is None
        self._upto = until or as_of_end(today())

    @cached_property
    def taken(self) -> dict[str, Taken]:
        """The records that were taken back, by their ids."""
        return taken_at(self._home, self._upto, self._live)

    def words(self, seen: Sequence[CodedRecord], signals: Sequence[Signal]) -> Words:
        """Coded records and claims as later steps read them: with reviews, then withdrawals, applied."""
        records, claims = reviewed(seen, signals, self._home.reviews.known(self._upto))
        return records, marked(claims, self.taken)

    def flags(self, alarms: Iterable[Alarm]) -> dict[str, tuple[Taken, ...]]:
        """Of each alarm that rests on records taken back, these records.

        An alarm rests on the reasons of the revision given, of the one in force, and of the newest written.
        """
        if not self.taken:
            return {}
        reasons = {a.id: (*a.reasons, *self._reasons(a)) for a in alarms}
        every = {r for given in reasons.values() for r in given}
        record_of = {r: r for r in every if r.startswith("rec-")}
        record_of |= self._records({r for r in every if r.startswith("sig-")})
        found = {id: resting(given, record_of, self.taken) for id, given in reasons.items()}
        return {id: flags for id, flags in found.items() if flags}

    def said(self, moved: Sequence[Alarm]) -> list[Alarm]:
        """New revisions, each saying in a sentence what it rests on that was taken back."""
        flags = self.flags(moved)
        return [replace(a, sentences=_with(a, flags[a.id])) if a.id in flags else a for a in moved]

    def account(self, alarms: Iterable[Alarm]) -> list[dict[str, Any]]:
        """The standing alarms that rest on records taken back, for the report of a turn."""
        standing = {a.id: a for a in alarms if a.state.open or a.in_force}
        return [
            {"alarm": id, "iso3": standing[id].iso3, "told": told(flags, named=True), "records": _rows(flags)}
            for id, flags in self.flags(standing.values()).items()
        ]

    def withdraw(self, record: str, by: str, reason: str) -> str:
        """A person takes a record back for this desk, with a reason. Says what was kept."""
        by, reason = by.strip(), " ".join(reason.split())
        known = [name for name, _ in self._home.ledger.users()]
        if by not in known:
            raise UnknownId("user (tocsin users add NAME)", by, known)
        if not reason:
            raise NotAllowed("a withdrawal needs a reason; say it in one line")
        lint_reason(reason)
        if not self._home.lake.read("records", as_of_end(today()), undated=True, where={"id": record}):
            raise UnknownId("record", record, ())
        if (back := self.taken.get(record)) and back.how == WITHDRAWN:
            raise NotAllowed(f"{record} is withdrawn already, by {back.by} on {back.on:%Y-%m-%d}: {back.why}")
        at = now()
        one = Withdrawal(
            id=content_id("wdr", record, by, at.isoformat()),
            source="desk",
            external_id="",
            record=record,
            by=by,
            why=reason,
            known=Moment(at, Precision.INSTANT),
            recorded=at,
        )
        self._home.lake.write({"withdrawals": [one]}, f"a withdrawal of {by}")
        return f"{one.id}: {record} withdrawn by {by}; alarms are flagged, levels follow at the next turn"

    def _reasons(self, alarm: Alarm) -> tuple[str, ...]:
        """The reasons of its revisions that stand in the ledger: the one in force and the newest."""
        try:
            written = self._made_in.ledger.alarms(alarm.id)
        except UnknownId:
            return ()
        stand = [a for a in written if a.revision == alarm.in_force or a is written[-1]]
        return tuple(reason for a in stand for reason in a.reasons)

    def _records(self, claims: set[str]) -> dict[str, str]:
        """From claims to their records: the machine's own, and those that people corrected."""
        if not claims:
            return {}
        rows = self._made_in.lake.ask(
            "signals", lambda frame: frame.filter(nw.col("id").is_in(sorted(claims))).select("id", "record")
        )
        found = {row["id"]: row["record"] for row in rows}
        if len(found) < len(claims):
            found |= {s.id: s.record for s in self._corrected() if s.id in claims}
        return found

    def _corrected(self) -> Iterable[Signal]:
        """Every claim that people ever made out of one of a record taken back, by any coder version."""
        told_of = [r for r in self._home.reviews.known(self._upto) if r.record in self.taken]
        for record in dict.fromkeys(r.record for r in told_of):
            where, of_it = {"record": record}, [r for r in told_of if r.record == record]
            coded = self._made_in.lake.read("coded", self._upto, undated=True, where=where)
            claims = self._made_in.lake.read("signals", self._upto, undated=True, where=where)
            for reading in coded:
                own = [s for s in claims if s.coder_version == reading.coder_version]
                for first in range(1, len(of_it) + 1):
                    yield from reviewed([reading], own, of_it[:first])[1]


def _with(alarm: Alarm, flags: Sequence[Taken]) -> tuple[str, ...]:
    """The sentences of a revision with the flag, once."""
    kept = (s for s in alarm.sentences if not s.startswith("Rests on "))
    return (*kept, flag(flags))


def _rows(flags: Sequence[Taken]) -> list[dict[str, str]]:
    return [
        {"record": f.record, "how": f.how, "by": f.by, "on": f.on.date().isoformat(), "why": f.why}
        for f in flags
    ]


def _seen(row: Mapping[str, Any], as_of: datetime, undated: bool) -> bool:
    end = row.get("known_end")
    return undated if end is None else bool(end.replace(tzinfo=UTC) <= as_of)


def _version(row: Mapping[str, Any]) -> Version:
    return Version(
        row["id"],
        row["source"],
        row.get("external_id") or "",
        row.get("replaces") or "",
        row["recorded"].replace(tzinfo=UTC),
    )
