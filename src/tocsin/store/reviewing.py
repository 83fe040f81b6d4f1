"""Reviewing on a home: what to look at, a reading beside its reviews, and a person's word on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tocsin.clock import as_of_end, now, today
from tocsin.errors import NotAllowed, UnknownId
from tocsin.signals import review as rules
from tocsin.signals.coded import CodedRecord
from tocsin.signals.labelled import Export, training_rows
from tocsin.signals.review import Judgement, Review, Subject
from tocsin.signals.signal import Signal
from tocsin.signals.worth import Worth, worth_reviewing
from tocsin.sources.record import Record
from tocsin.store.home import Home
from tocsin.store.lock import writing


class Reviewing:
    """The readings of every coder version and the reviews of them: of a live home, or of one replay in it.

    `until` is the instant that a replay looks from; it sees no later record and no later review.
    """

    def __init__(self, home: Home, replay: Home | None = None, until: datetime | None = None) -> None:
        self._home, self._made_in, self._until = home, replay or home, until

    def readings(self, record: str | None = None) -> list[CodedRecord]:
        """Every reading, of one record or all, by every coder version, oldest first; those in use last.

        In use is the coder version that the newest turn rests on: a second coder may have read later.
        """
        where = {"record": record} if record else None
        found: list[CodedRecord] = self._read("coded", where)
        turns = self._made_in.ledger.turns()
        used = turns[0].body["coder_version"] if turns else ""
        return sorted(found, key=lambda c: (c.coder_version == used, c.run, c.coder, c.coder_version))

    def claims(self, record: str) -> list[Signal]:
        """The machine's claims of one record, by every coder version, as they are in the lake."""
        return self._read("signals", {"record": record})

    def reviews(self, record: str | None = None) -> list[Review]:
        """The reviews until now, of one record or all, oldest first."""
        return self._home.reviews.known(self._until or now(), record)

    def record(self, record: str) -> Record:
        """One record. Raises UnknownId."""
        found: list[Record] = self._read("records", {"id": record})
        if not found:
            raise UnknownId("record", record, ())
        return found[0]

    def subject(self, target: str) -> Subject:
        """A record by the reading in use, or a claim with its record. Raises UnknownId, NotAllowed."""
        claim = self._claim(target) if target.startswith("sig-") else None
        record = self.record(claim.record if claim else target)
        readings = self.readings(record.id)
        if claim:
            readings = [r for r in readings if r.coder_version == claim.coder_version]
        if not readings:
            raise NotAllowed(f"{target} is not coded yet, so there is nothing to review; run: tocsin run")
        return Subject(record, readings[-1], claim)

    def confirm(self, target: str, by: str, reason: str = "") -> str:
        """The reading in use of a record, or one claim, is right. Says what was kept."""
        return self._keep(by, rules.confirm(self.subject(target), by, now(), reason))

    def correct(self, target: str, by: str, says: Judgement, reason: str) -> str:
        """Some fields are otherwise, and why. Says what was kept."""
        return self._keep(by, rules.correct(self.subject(target), says, by, now(), reason))

    def wrong(self, target: str, by: str, reason: str) -> str:
        """The claim is not in the words. Says what was kept."""
        return self._keep(by, rules.wrong(self.subject(target), by, now(), reason))

    def records(self, ids: Iterable[str]) -> dict[str, Record]:
        """Those of the records that are here, by their ids."""
        wanted = set(ids)
        return {r.id: r for r in self._read("records", None) if r.id in wanted}

    def worth(self, since: datetime) -> list[Worth]:
        """What to look at first, by the coder in use."""
        mine, others = _newest(self.readings())
        signals = self._read("signals", {"coder_version": mine[0].coder_version}) if mine else []
        return worth_reviewing(mine, signals, others, self.reviews(), since)

    def export(self, leaves: bool) -> Export:
        """Reviewed records as training rows; with `leaves`, only what may be taken out of the home."""
        mine, _ = _newest(self.readings())
        signals = self._read("signals", {"coder_version": mine[0].coder_version}) if mine else []
        told = self.reviews()
        return training_rows(self.records(r.record for r in told), mine, signals, told, leaves)

    def _claim(self, id: str) -> Signal:
        found: list[Signal] = self._read("signals", {"id": id})
        if not found:
            raise UnknownId("signal", id, ())
        return found[0]

    def _keep(self, by: str, review: Review) -> str:
        known = [name for name, _ in self._home.ledger.users()]
        if by not in known:
            raise UnknownId("user (tocsin users add NAME)", by, known)
        with writing(self._home.lock, f"a review of {by}"):
            self._home.reviews.add(review)
        what = f"{review.verdict} of {review.signal or review.record} by {by}"
        return f"{review.id}: {what} kept; it counts from the next turn on"

    def _read(self, table: str, where: dict[str, str] | None) -> list[Any]:
        home = self._home if table == "records" else self._made_in
        live = self._until is None
        return home.lake.read(table, self._until or as_of_end(today()), undated=live, where=where)


def _newest(readings: list[CodedRecord]) -> tuple[list[CodedRecord], list[CodedRecord]]:
    """The readings of the coder version in use, and those of the others."""
    if not readings:
        return [], []
    version = readings[-1].coder_version
    return (
        [r for r in readings if r.coder_version == version],
        [r for r in readings if r.coder_version != version],
    )
