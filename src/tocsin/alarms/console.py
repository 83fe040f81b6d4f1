"""Alarms as plain lines for a terminal or a log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tocsin.alarms.alarm import Alarm
from tocsin.alarms.bulletin import Dossier, Part, Scope
from tocsin.alarms.telling import tell
from tocsin.errors import UserError

SHOWN = (Part.FINDING, Part.NOT_KNOWN)


def lines(
    alarms: Sequence[Alarm], names: Mapping[str, str] | None = None, flags: Mapping[str, str] | None = None
) -> list[str]:
    """The alarms in short, highest level first; an empty list says so and not that all is well.

    `flags` says by alarm what it rests on that was taken back. Who moved an alarm and why is shown as typed:
    these lines are for the desk.
    """
    if not alarms:
        return ["No alarm stands. That is not a finding of safety: see what was not read."]
    shown: list[str] = []
    for alarm in sorted(alarms, key=lambda a: (-a.level.step, a.iso3)):
        first, *rest = _told(alarm, (names or {}).get(alarm.iso3, alarm.iso3))
        head = f"{alarm.id}  [{alarm.level.upper()}] {alarm.state}"
        flag = (flags or {}).get(alarm.id)
        shown += [f"{head}: {first}", *([f"    WITHDRAWN: {flag}"] if flag else [])]
        shown += [f"    {line}" for line in rest]
    return [*shown, "A level is not a legal finding. All that an alarm says: tocsin warn text ALARM"]


def _told(alarm: Alarm, name: str) -> Iterator[str]:
    try:
        bulletin = tell(Dossier(alarm, {"en": name}), "en", Scope.PRIVATE)
        yield from (s.text for part in SHOWN for s in bulletin.part(part))
    except UserError as refused:
        yield str(refused)
    yield f"by {alarm.moved_by} ({alarm.why.rstrip('.')}); last day {alarm.expires}"
