"""Taken back: records that their source or a person of the desk withdrew, or that a later version replaced.

Nothing is deleted. A claim of a withdrawn record keeps its row with `review` withdrawn, which no assessment
counts, whatever people said of it before; that of a replaced record is no longer read. The record still
counts as read and its origin as heard: a withdrawal takes claims away and adds none, so it raises no level.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tocsin.signals.signal import Signal
from tocsin.sources.withdrawal import Withdrawal

WITHDRAWN, REPLACED = "withdrawn", "replaced"
SHOWN = 3
"""Records that a sentence names; all are counted."""


@dataclass(frozen=True, slots=True)
class Version:
    """What of a record tells whether it was taken back: `recorded` is when we wrote it."""

    id: str
    source: str
    external_id: str
    replaces: str
    recorded: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """That a record was taken back: by whom, when and why. `person` says that the desk did it."""

    record: str
    how: str
    by: str
    on: datetime
    why: str
    person: bool = False

    def __str__(self) -> str:
        return f"{self.record}, {self.how} by {self.by} on {self.on:%Y-%m-%d}: {self.why}"


def taken_back(versions: Iterable[Version], withdrawals: Iterable[Withdrawal]) -> dict[str, Taken]:
    """Every record that was taken back, by its id. A withdrawal weighs more than a later version.

    A source withdraws the versions that it had given until then: what it says anew later stands. The first
    withdrawal of a record is told.
    """
    named: dict[str, Withdrawal] = {}
    given: dict[tuple[str, str], Withdrawal] = {}
    for w in sorted(withdrawals, key=lambda w: (w.known.end, w.id)):
        if w.record:
            named.setdefault(w.record, w)
        else:
            given.setdefault((w.source, w.external_id), w)
    found: dict[str, Taken] = {}
    for v in versions:
        if v.replaces:
            later = Taken(v.replaces, REPLACED, v.source, v.recorded, f"a later version, {v.id}, stands")
            found.setdefault(v.replaces, later)
        by_source = given.get((v.source, v.external_id)) if v.external_id else None
        if v.id in named:
            found[v.id] = _taken(v.id, named[v.id], person=True)
        elif by_source and v.recorded <= by_source.recorded:
            found[v.id] = _taken(v.id, by_source, person=False)
    return found


def marked(signals: Sequence[Signal], taken: Mapping[str, Taken]) -> list[Signal]:
    """The same claims, those of withdrawn records marked so that none of them counts."""
    gone = {record for record, back in taken.items() if back.how == WITHDRAWN}
    return [replace(s, review=WITHDRAWN) if s.record in gone else s for s in signals]


def resting(
    reasons: Iterable[str], record_of: Mapping[str, str], taken: Mapping[str, Taken]
) -> tuple[Taken, ...]:
    """The records taken back among those behind some reasons; `record_of` leads from claims to records."""
    records = dict.fromkeys(record_of[reason] for reason in reasons if reason in record_of)
    return tuple(taken[record] for record in records if record in taken)


def told(flags: Sequence[Taken], named: bool = False) -> str:
    """The flag of an alarm as a sentence; empty without one.

    `named` gives the names and reasons of persons, for the desk alone: sentences may become public.
    """
    parts = []
    for how in (WITHDRAWN, REPLACED):
        some = [f for f in flags if f.how == how]
        if some:
            which = "; ".join(_who(f, named) for f in some[:SHOWN])
            more = f"; and {len(some) - SHOWN} more" if len(some) > SHOWN else ""
            parts.append(f"{len(some)} {how} record{'' if len(some) == 1 else 's'} ({which}{more})")
    return f"Rests on {' and '.join(parts)}." if parts else ""


def _who(flag: Taken, named: bool) -> str:
    if named or not flag.person:
        return str(flag)
    return str(replace(flag, by="this desk", why="the desk knows the reason"))


def _taken(record: str, w: Withdrawal, person: bool) -> Taken:
    return Taken(record, WITHDRAWN, w.by, w.known.end, w.why, person)
