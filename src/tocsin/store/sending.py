"""Sending what the outbox owes: one sender at a time, each step written down before the next.

What was handed over is written before it is (`begun`) and after it (`done`). A process that ends in between
leaves it begun: a webhook is sent again under the same id, by which its receiver drops copies; a letter is in
doubt and is not sent again until a person says so.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from tocsin import clock
from tocsin.errors import (
    AddressRefused,
    FetchFailed,
    InDoubt,
    InputError,
    NotAllowed,
    NotTold,
    UnknownId,
    UserError,
)
from tocsin.net import GuardedFetcher, Limits
from tocsin.net.mail import Envelope, Mailer
from tocsin.net.webhook import signed, signing_key
from tocsin.response.dispatch import Attempt, Channel, Dispatch, Standing, Step, after_failure, standing
from tocsin.settings import settings
from tocsin.store.home import Home
from tocsin.store.lock import writing
from tocsin.store.outbox import Outbox

HOOK_LIMITS = Limits(seconds=20.0, idle_seconds=15.0, redirects=0, retries=0)
GONE = 410
_CUT = "the process ended before an answer was noted"


def sending_lock(home: Home) -> AbstractContextManager[None]:
    """Held by who sends and by who says a word on what was sent; freed when the process dies."""
    return writing(home.folder / "sender.lock", "telling")


class Content(Protocol):
    """Who writes what a dispatch says; raises UserError when it cannot be told."""

    def envelope(self, dispatch: Dispatch, at: datetime) -> Envelope:
        """The letter."""

    def hook(self, dispatch: Dispatch) -> bytes:
        """The body of the webhook: the same bytes each time."""


@dataclass(slots=True)
class Sent:
    """What one round of sending did, by id of the dispatch; `halted` says why a channel was left off.

    `moved` are left because their alarm changed meanwhile, `silent` are addresses that gave no answer.
    """

    steps: dict[str, Attempt] = field(default_factory=dict)
    halted: dict[Channel, str] = field(default_factory=dict)
    moved: list[str] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)

    def halts(self, one: Dispatch) -> bool:
        """Whether it is left for a later round: its channel is halted, or its address did not answer."""
        return one.channel in self.halted or one.address in self.silent

    def ended(self, *steps: Step) -> list[str]:
        """The ids whose last step of this round is one of these."""
        return [id for id, attempt in self.steps.items() if attempt.step in steps]


class Sender:
    """Sends what a live home owes. `at` is the clock; `jitter` spreads waits."""

    def __init__(
        self,
        home: Home,
        outbox: Outbox,
        content: Content,
        at: Callable[[], datetime] = clock.now,
        jitter: Callable[[], float] = lambda: secrets.SystemRandom().uniform(0.5, 1.5),
    ) -> None:
        self._home, self._outbox, self._content = home, outbox, content
        self._at, self._jitter = at, jitter
        self._mailer: Mailer | None = None

    def send(self, at_once: bool = False) -> Sent:
        """One round: every dispatch that is owed and need not wait (with `at_once`, also those that wait).

        Raises AddressRefused when offline, NotAllowed in a replay, HomeBusy while another process sends,
        HomeError when a step cannot be written down.
        """
        if settings().offline:
            raise AddressRefused("offline: nobody is told (unset TOCSIN_OFFLINE)")
        if self._home.run != "live":
            raise NotAllowed("this is a replay: nobody is told of what is in it")
        with sending_lock(self._home):
            return self._round(at_once)

    def _round(self, at_once: bool) -> Sent:
        sent = Sent()
        self._find_cut(sent)
        due = self._outbox.owed(self._at())
        marks = {alarm: self._outbox.mark(alarm) for alarm in {d.alarm for d in due}}
        self._outbox.write(due)
        steps = self._outbox.attempts()
        closed = _closed(self._outbox.dispatches(), steps)
        ready = (Standing.OWED, Standing.WAITING) if at_once else (Standing.OWED,)
        for one in due:
            mine = steps.get(one.id, [])
            if standing(one.channel, mine, self._at()) not in ready or sent.halts(one):
                continue
            if self._outbox.mark(one.alarm) != marks[one.alarm]:
                sent.moved.append(one.id)
            elif one.address in closed and not _asked_again(mine):
                why = f"not tried: {closed[one.address]} was answered 410, the address is no more"
                self._note(sent, self._failure(one, why, dead=True))
            else:
                self._one(sent, one, mine)
                if one.id in sent.ended(Step.GONE):
                    closed[one.address] = one.id
        return sent

    def _find_cut(self, sent: Sent) -> None:
        """Puts into doubt every letter that was begun by a process that is no more: we hold the lock."""
        for told in self._outbox.account(self._at()):
            if told.dispatch.channel is Channel.MAIL and told.last and told.last.step is Step.BEGUN:
                self._note(sent, Attempt(told.dispatch.id, Step.DOUBT, self._at(), _CUT))

    def _one(self, sent: Sent, one: Dispatch, before: list[Attempt]) -> None:
        try:
            end = self._letter(one) if one.channel is Channel.MAIL else self._hook(one)
        except NotTold as error:
            if error.everyone:
                sent.halted[one.channel] = str(error)
            end = self._failure(one, str(error), own=not error.everyone, dead=error.lasting)
        except _NotReady as error:
            sent.halted[one.channel] = str(error)
            return
        except AddressRefused as error:
            end = self._failure(one, str(error), dead=True)
        if end.step is Step.DOUBT:
            # A server that breaks off once would bring every other letter into doubt too.
            sent.halted[one.channel] = end.note
        if end.maybe:
            sent.silent.add(one.address)
        if end.step is Step.FAILED:
            end = after_failure(before, end, self._jitter())
        self._note(sent, end)

    def _letter(self, one: Dispatch) -> Attempt:
        mailer = self._connected()
        try:
            envelope = self._content.envelope(one, self._at())
        except (NotAllowed, InputError, UnknownId) as error:
            return self._failure(one, f"cannot be written: {error}")
        try:
            mailer.send(envelope, lambda: self._outbox.note(Attempt(one.id, Step.BEGUN, self._at())))
        except InDoubt as error:
            return Attempt(one.id, Step.DOUBT, self._at(), str(error))
        return Attempt(one.id, Step.DONE, self._at())

    def _hook(self, one: Dispatch) -> Attempt:
        way = next(w for w in self._outbox.addresses[one.recipient].ways if w.address == one.address)
        try:
            key = signing_key(way.secret)
        except UserError as error:
            return self._failure(one, str(error), own=False)
        try:
            body = self._content.hook(one)
        except (NotAllowed, InputError, UnknownId) as error:
            return self._failure(one, f"cannot be written: {error}")
        self._outbox.note(Attempt(one.id, Step.BEGUN, self._at()))
        try:
            status = GuardedFetcher.from_environment(limits=HOOK_LIMITS).deliver(
                one.address, body, signed(key, one.id, self._at(), body)
            )
        except FetchFailed as error:
            return Attempt(one.id, Step.FAILED, self._at(), _unaddressed(str(error), one), maybe=True)
        if 200 <= status < 300:
            return Attempt(one.id, Step.DONE, self._at())
        if status == GONE:
            return Attempt(one.id, Step.GONE, self._at(), "answered 410: the address is no more")
        return self._failure(one, f"answered {status}")

    def _connected(self) -> Mailer:
        if self._mailer is None:
            try:
                self._mailer = Mailer.from_environment()
            except UserError as error:
                raise _NotReady(str(error)) from error
        return self._mailer

    def _failure(self, one: Dispatch, note: str, own: bool = True, dead: bool = False) -> Attempt:
        step = Step.DEAD if dead else Step.FAILED
        return Attempt(one.id, step, self._at(), _unaddressed(note, one), own=own)

    def _note(self, sent: Sent, attempt: Attempt) -> None:
        self._outbox.note(attempt)
        sent.steps[attempt.dispatch] = attempt


class _NotReady(UserError):
    """Our own settings lack what the channel needs; nothing was tried."""


def _closed(dispatches: Mapping[str, Dispatch], steps: Mapping[str, list[Attempt]]) -> dict[str, str]:
    """Webhook addresses whose last answer was 410, each with the dispatch that got it."""
    ended = [
        (step.seq, dispatches[id].address, id, step.step is Step.GONE)
        for id, mine in steps.items()
        for step in mine
        if step.step in (Step.GONE, Step.DONE)
    ]
    last = {address: (id, gone) for _, address, id, gone in sorted(ended)}
    return {address: id for address, (id, gone) in last.items() if gone}


def _asked_again(mine: list[Attempt]) -> bool:
    return bool(mine) and mine[-1].step is Step.AGAIN


def _unaddressed(note: str, one: Dispatch) -> str:
    """The note without the address, which may hold a token of its own."""
    return note.replace(one.address, f"the {one.channel} of {one.recipient}")
