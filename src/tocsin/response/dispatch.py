"""A Dispatch is one message owed to one address; what became of it is the row of its attempts, in order.

Order is that of writing, never that of a clock: clocks jump. A clock is asked only whether a wait is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from tocsin.alarms.bulletin import Scope
from tocsin.evidence import content_id

TRIES = 12
"""After so many failures of its own address a dispatch is a dead letter."""
FIRST_WAIT, LONGEST_WAIT = 60.0, 6 * 3600.0
"""Seconds after the first failure, doubled after each, and at most."""


class Channel(StrEnum):
    """How an address is reached. `notice` reaches nobody: under it is kept that a state is not told."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    NOTICE = "notice"


class Step(StrEnum):
    """What was done with a dispatch.

    * begun: handed over now; without an end after it, nobody knows whether it was taken.
    * done: taken. failed: surely not taken, tried again. gone: the address said that it is no more (410).
    * dead: not tried again by itself. doubt: it may have been taken.
    * again, settled: a person says to send it once more, or that it arrived.
    * held, released: a person holds notice to a state back, or lets it go.
    """

    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"
    GONE = "gone"
    DEAD = "dead"
    DOUBT = "doubt"
    AGAIN = "again"
    SETTLED = "settled"
    HELD = "held"
    RELEASED = "released"


class Standing(StrEnum):
    """Where a dispatch stands."""

    OWED = "owed"
    WAITING = "waiting"
    TOLD = "told"
    DEAD = "dead"
    DOUBT = "in doubt"

    @property
    def maybe_told(self) -> bool:
        """Whether it was taken, for all that is known."""
        return self in (Standing.TOLD, Standing.DOUBT)

    @property
    def loud(self) -> bool:
        """Whether a person must look."""
        return self in (Standing.DEAD, Standing.DOUBT)


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One message owed. `row` is the revision that it tells of; `why` says by which mandate.

    `end` says that the revision takes back or ends what was told before.
    """

    id: str
    row: str
    alarm: str
    iso3: str
    recipient: str
    body: str
    role: str
    channel: Channel
    address: str
    language: str
    scope: Scope
    why: str
    recorded: datetime
    end: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One step. `seq` is its place among all, 0 before it is written. `wait` are seconds to wait after it.

    `own` says that a failure was that of the address and not of our mail server or settings. `maybe` says
    that the far side may have read it all the same: it gave no answer. `by` is the person who stepped in.
    """

    dispatch: str
    step: Step
    at: datetime
    note: str = ""
    by: str = ""
    wait: float = 0.0
    own: bool = True
    maybe: bool = False
    seq: int = 0


def dispatch_id(row: str, recipient: str, channel: Channel, address: str) -> str:
    """The id of what is owed: a revision, a role, a channel and an address, whatever the language."""
    return content_id("dsp", row, recipient, channel.value, address)


def standing(channel: Channel, attempts: Sequence[Attempt], at: datetime) -> Standing:
    """Where a dispatch stands, by its attempts in order. Only the last step counts.

    What was begun and has no end is in doubt on a channel without memory (mail); a webhook is owed again,
    because its receiver drops copies by its id. A wait holds only between the failure and its end: when the
    clock shows a time before the failure, it has jumped, and the wait is over.
    """
    if not attempts:
        return Standing.OWED
    last = attempts[-1]
    if last.step is Step.BEGUN:
        return Standing.DOUBT if channel is Channel.MAIL else Standing.OWED
    if last.step is Step.FAILED:
        waited = (at - last.at).total_seconds()
        return Standing.WAITING if 0 <= waited < last.wait else Standing.OWED
    return {
        Step.DONE: Standing.TOLD,
        Step.SETTLED: Standing.TOLD,
        Step.GONE: Standing.DEAD,
        Step.DEAD: Standing.DEAD,
        Step.DOUBT: Standing.DOUBT,
    }.get(last.step, Standing.OWED)


def tries(attempts: Sequence[Attempt]) -> int:
    """Failures of the address itself since a person last asked to try again."""
    count = 0
    for one in attempts:
        if one.step is Step.AGAIN:
            count = 0
        count += one.step is Step.FAILED and one.own
    return count


def held(attempts: Sequence[Attempt]) -> Attempt | None:
    """The step by which notice is held back, None when it is not."""
    last = attempts[-1] if attempts else None
    return last if last and last.step is Step.HELD else None


def after_failure(attempts: Sequence[Attempt], failed: Attempt, jitter: float) -> Attempt:
    """The failure with its wait, or the dead letter when it was one too many.

    `jitter` is a factor (0.5 to 1.5), so that not all is tried again at once.
    """
    count = tries([*attempts, failed])
    if failed.own and count >= TRIES:
        return replace(failed, step=Step.DEAD, note=f"{failed.note}; tried {count} times")
    wait = min(FIRST_WAIT * 2.0 ** max(0, count - 1), LONGEST_WAIT) * jitter
    return replace(failed, wait=wait)
