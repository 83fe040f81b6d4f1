"""What is owed to whom: a pure rule on the revisions of alarms, the roles, the addresses and what was told.

Nothing decides by itself that somebody was to be told: it follows from the record each time anew, so that a
process that ends between deciding and telling loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.alarms.alarm import Alarm, Level
from tocsin.alarms.bulletin import LANGUAGES, Scope
from tocsin.alarms.issued import ENDS, earlier, issued, stands
from tocsin.recipients import Recipient
from tocsin.response.addresses import Addressed
from tocsin.response.dispatch import Channel, Dispatch, dispatch_id

SCOPES = {"public": Scope.PUBLIC, "restricted": Scope.RESTRICTED, "private": Scope.PRIVATE}
REPLAYED = "replay-"
"""How the id of a replay's run begins."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the record holds: dispatches that were or may have been taken, and notice that is held back.

    `told` are (row, recipient, channel, address). `held` are (alarm, recipient).
    """

    told: frozenset[tuple[str, str, Channel, str]] = frozenset()
    held: frozenset[tuple[str, str]] = frozenset()


def owed(
    histories: Iterable[Sequence[Alarm]],
    roles: Callable[[Alarm], Sequence[Recipient]],
    addresses: Mapping[str, Addressed],
    kept: Kept,
    at: datetime,
) -> list[Dispatch]:
    """Every dispatch that the record asks for at a time, told ones included, in the order of the alarms.

    `histories` are all revisions of each alarm, oldest first; `roles` gives who hears of an alarm.

    * A revision in force is owed to each role that hears of its level, and to each address that was told of
      an earlier one since it was issued.
    * An end (cancelled, closed, expired) is owed to the addresses that were told, and to nobody else.
    * Proposals and replays are owed to nobody, nor is what is held back.
    """
    found: list[Dispatch] = []
    for history in histories:
        public = issued(history)
        if not public or public[-1].run.startswith(REPLAYED):
            continue
        newest = public[-1]
        if newest.state not in ENDS and not stands(newest, at.date()):
            continue
        rows = [a.row for a in earlier(public, newest.revision)]
        for role in roles(newest):
            if (newest.id, role.key) in kept.held or role.key not in addresses:
                continue
            found += _to(newest, role, addresses[role.key], rows, kept)
    return found


def _to(
    alarm: Alarm, role: Recipient, addressed: Addressed, rows: Sequence[str], kept: Kept
) -> Iterable[Dispatch]:
    hears = alarm.level.step >= Level(role.hears).step and alarm.state not in ENDS
    language = addressed.language or written(role)
    for way in addressed.ways:
        before = any((row, role.key, way.channel, way.address) in kept.told for row in rows)
        if not (hears or before):
            continue
        yield Dispatch(
            id=dispatch_id(alarm.row, role.key, way.channel, way.address),
            row=alarm.row,
            alarm=alarm.id,
            iso3=alarm.iso3,
            recipient=role.key,
            body=role.body,
            role=role.role,
            channel=way.channel,
            address=way.address,
            language=language,
            scope=SCOPES[role.clearance],
            why=role.basis if hears else f"was told of an earlier revision; {role.basis}",
            recorded=alarm.recorded,
            end=alarm.state in ENDS,
        )


def written(role: Recipient) -> str:
    """The first of a role's languages that alarms are told in; English when there is none."""
    return next((code for code in role.languages if code in LANGUAGES), LANGUAGES[0])
