"""The second coder on a home: which records wait for it, and its readings of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from tocsin.clock import now
from tocsin.errors import UserError
from tocsin.settings import settings
from tocsin.signals.coded import CodedRecord
from tocsin.signals.endpoint.beside import Beside, beside, stopped
from tocsin.signals.endpoint.coder import endpoint_coder
from tocsin.signals.stories import Told
from tocsin.sources.record import Record
from tocsin.store.home import Home
from tocsin.store.turns import Stamp

PATIENCE = timedelta(minutes=15)
"""Alarms wait for the second coder: after so long no further record is asked about in a turn."""
_NEVER = datetime.min.replace(tzinfo=UTC)


def read_beside(
    home: Home, view: Home, stamp: Stamp, seen: Iterable[CodedRecord], offline: bool = False
) -> Beside:
    """What the language model reads in the records of `seen`, the newest first; empty when none is set.

    A replay, and a turn offline, give kept answers and ask nobody. Settings that make no coder are told in
    the account: a turn is not lost by them.
    """
    quiet = stamp.replay or offline or settings().offline
    try:
        coder = endpoint_coder(offline=quiet)
    except UserError as error:
        return stopped(str(error))
    if coder is None:
        return Beside()
    version = {"coder": coder.name, "coder_version": coder.version}
    there = view.lake.read("coded", stamp.as_of, undated=not stamp.replay, where=version)
    read = {c.record for c in there}
    placed = {c.record: Told(c.copy or c.story, c.story) for c in seen if c.record not in read}
    records: list[Record] = home.lake.read("records", stamp.as_of, undated=not stamp.replay) if placed else []
    waiting = sorted((r for r in records if r.id in placed), key=_newest, reverse=True)
    most, until = 0 if quiet else settings().coder_most, now() + PATIENCE
    told = [(r, placed[r.id]) for r in waiting]
    return beside(coder, told, stamp.run, stamp.recorded, lambda asked: asked < most and now() < until)


def _newest(record: Record) -> tuple[datetime, str]:
    return (record.known.end if record.known else _NEVER, record.id)
