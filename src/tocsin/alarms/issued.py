"""What of an alarm is public: its issued revisions, and the end of what was issued; never a proposal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from tocsin.alarms.alarm import Alarm, AlarmState
from tocsin.alarms.bulletin import Bulletin, Scope
from tocsin.errors import InputError
from tocsin.evidence import content_id

ENDS = (AlarmState.CANCELLED, AlarmState.CLOSED, AlarmState.EXPIRED)
SHOWN_AFTER = timedelta(days=30)
"""How long feeds and files show an alarm that was cancelled, closed or has expired."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What CAP 1.2 calls the extended message identifier of one message."""

    sender: str
    identifier: str
    sent: datetime

    def __str__(self) -> str:
        return f"{self.sender},{self.identifier},{cap_time(self.sent)}"


@dataclass(frozen=True, slots=True)
class Issue:
    """One public revision of an alarm as told in each language (English first), and what it follows.

    `earlier` are the public revisions since the alarm was issued, oldest first.
    """

    bulletins: tuple[Bulletin, ...]
    earlier: tuple[Alarm, ...] = ()

    @property
    def alarm(self) -> Alarm:
        """The revision."""
        return self.bulletins[0].alarm

    @property
    def bulletin(self) -> Bulletin:
        """The one in the first language."""
        return self.bulletins[0]

    @property
    def file(self) -> str:
        """The name of its CAP document."""
        return f"{self.alarm.row}.xml"


def issued(history: Sequence[Alarm]) -> list[Alarm]:
    """The public revisions of one alarm, oldest first, from all its revisions in order.

    When an alarm ends while a change to it waits for signatures, the end is told of what was issued: the
    level, reasons and sentences of the change were never public.
    """
    found: list[Alarm] = []
    standing: Alarm | None = None
    for alarm in history:
        if alarm.state.public:
            standing = alarm
            found.append(alarm)
        elif alarm.state in ENDS and standing is not None:
            found.append(_ended(standing, alarm))
            standing = None
    return found


def earlier(public: Sequence[Alarm], revision: int) -> tuple[Alarm, ...]:
    """Of public revisions those that a message on `revision` updates or cancels: since it was last issued."""
    before: list[Alarm] = []
    for alarm in public:
        if alarm.revision >= revision:
            break
        before = [*before, alarm] if alarm.state not in ENDS else []
    return tuple(before)


def listed(public: Sequence[Alarm], on: date) -> Alarm | None:
    """The revision that a list of a day shows: the newest, unless it ended or lapsed SHOWN_AFTER ago."""
    if not public:
        return None
    newest = public[-1]
    last = newest.recorded.date() if newest.state in ENDS else newest.in_force_until or newest.expires
    return newest if on <= last + SHOWN_AFTER else None


def stands(alarm: Alarm, on: date) -> bool:
    """Whether a public revision is in force on a day."""
    return alarm.state.public and on <= (alarm.in_force_until or alarm.expires)


def identifier(row: str, scope: Scope, addresses: Sequence[str] = ()) -> str:
    """The identifier of the message on one revision for one scope and, if private, for these bodies."""
    if scope is Scope.PUBLIC:
        return row
    whom = f".{content_id('to', *addresses).removeprefix('to-')[:8]}" if addresses else ""
    return f"{row}.{scope.value.lower()}{whom}"


def references(
    before: Sequence[Alarm], scope: Scope, sender: str, addresses: Sequence[str] = ()
) -> tuple[Reference, ...]:
    """The messages on earlier revisions, as they were sent: each when its revision was recorded."""
    checked_sender(sender)
    return tuple(Reference(sender, identifier(a.row, scope, addresses), a.recorded) for a in before)


def checked_sender(sender: str) -> str:
    """A sender as CAP 1.2 wants it: no space, comma, < or &. Raises InputError."""
    if not sender or any(c in sender for c in ",<&") or any(c.isspace() for c in sender):
        raise InputError(
            f"{sender!r} cannot name a sender", remedy="use a mail address or a domain name of yours"
        )
    return sender


def cap_time(at: datetime) -> str:
    """An instant as CAP 1.2 writes it: UTC is -00:00 and never Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def _ended(standing: Alarm, end: Alarm) -> Alarm:
    return replace(
        standing,
        revision=end.revision,
        state=end.state,
        moved_by=end.moved_by,
        why=end.why,
        recorded=end.recorded,
        replaces=standing.row,
        in_force=0,
        in_force_until=None,
    )
