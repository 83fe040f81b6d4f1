"""Alarms as plain lines for a terminal or a log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tocsin.alarms.alarm import Alarm
from tocsin.alarms.words import say


def lines(
    alarms: Sequence[Alarm], names: Mapping[str, str] | None = None, flags: Mapping[str, str] | None = None
) -> list[str]:
    """The alarms, highest level first, a line a sentence; an empty list says so and not that all is well.

    `flags` says by alarm what it rests on that was taken back.
    """
    if not alarms:
        return ["No alarm stands. That is not a finding of safety: see what was not read."]
    shown: list[str] = []
    for alarm in sorted(alarms, key=lambda a: (-a.level.step, a.iso3)):
        first, *rest = say(alarm, (names or {}).get(alarm.iso3, ""))
        head = f"{alarm.id}  [{alarm.level.upper()}] {alarm.state}"
        flag = (flags or {}).get(alarm.id)
        shown += [f"{head}: {first}", *([f"    WITHDRAWN: {flag}"] if flag else [])]
        shown += [f"    {line}" for line in rest]
    return shown
