"""A second reading beside the default coder's: what it read, and what it could not read, counted.

Assessments and alarms rest on the default coder alone. This one can be wrong in ways that nobody has measured
on the home's own texts, and it can be switched off any day; where the two differ, a person looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tocsin.errors import FetchFailed, NotAllowed, UserError
from tocsin.signals.coded import CodedRecord, coded
from tocsin.signals.endpoint.coder import EndpointCoder
from tocsin.signals.make import signals_of
from tocsin.signals.signal import Signal
from tocsin.signals.stories import Told
from tocsin.sources.record import Record

COUNTS = ("read", "asked", "kept", "failed", "private", "waiting", "instructed")


@dataclass(frozen=True, slots=True)
class Beside:
    """Readings of a second coder, their signals, and the account of them, JSON-able.

    `account` counts records: `read`, of which `asked` and `kept` (an answer was on disk); `failed`, with the
    last reason in `why`; `private` (may not be sent); `waiting` (for a later turn). `instructed` are texts
    that speak to a machine, `dropped` what of the answers did not hold. Empty without a second coder.
    """

    coded: tuple[CodedRecord, ...] = ()
    signals: tuple[Signal, ...] = ()
    account: dict[str, Any] = field(default_factory=dict)


def beside(
    coder: EndpointCoder,
    waiting: Iterable[tuple[Record, Told]],
    run: str,
    recorded: datetime,
    may_ask: Callable[[int], bool],
) -> Beside:
    """Read each record (with its copy group and story); one failure stops nothing.

    `may_ask` is told how many were asked about and says whether one more may be; the rest waits.
    """
    read: list[CodedRecord] = []
    signals: list[Signal] = []
    told, why, asked = Counter[str](), "", 0
    for record, place in waiting:
        if not coder.known(record):
            if coder.down or not may_ask(asked):
                told["waiting"] += 1
                continue
            asked += 1
        try:
            reading = coder.code(record)
        except NotAllowed:
            told["private"] += 1
            asked -= 1
            continue
        except (FetchFailed, UserError) as error:
            told["failed"] += 1
            why = str(error)
            continue
        read.append(coded(record, reading, place, (coder.name, coder.version), run))
        signals += signals_of(record, reading, place, run, recorded, coder=coder)
    return Beside(tuple(read), tuple(signals), _account(coder, len(read), told, why))


def stopped(why: str) -> Beside:
    """No reading at all, because the settings make no coder."""
    return Beside(account=dict.fromkeys(COUNTS, 0) | {"coder": "", "version": "", "dropped": {}, "why": why})


def _account(coder: EndpointCoder, read: int, told: Counter[str], why: str) -> dict[str, Any]:
    tally = coder.tally
    dropped = {name.removeprefix("dropped "): n for name, n in tally.items() if name.startswith("dropped ")}
    counts = {name: told[name] or tally[name] for name in COUNTS}
    names = {"coder": coder.name, "version": coder.version}
    return counts | names | {"read": read, "dropped": dropped, "why": why}
