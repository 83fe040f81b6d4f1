"""What people do: sign, refuse, cancel and close alarms; record answers, actions and reasons for inaction.

Every act is one step of a pure rule (`alarms.watch`, `response.follow`) between two readings of the ledger,
made under the writer's lock, so that two people acting at once cannot both be first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

from tocsin.alarms import watch
from tocsin.alarms.alarm import Alarm, Signature
from tocsin.alarms.lint import lint_reason
from tocsin.clock import now
from tocsin.errors import NotAllowed, UnknownId
from tocsin.geography import country
from tocsin.recipients import addressees
from tocsin.response import follow
from tocsin.response.engagement import Engagement, Inaction
from tocsin.store.archive import kept
from tocsin.store.home import Home
from tocsin.store.ledger import Ledger
from tocsin.store.lock import writing
from tocsin.store.raising import Raising
from tocsin.store.reviewing import Reviewing
from tocsin.store.sealing import lake_faults

Move = Callable[[Alarm, str, str, datetime], Alarm]


class Acts:
    """The acts on one live home. A replay has none: nothing in it was issued."""

    def __init__(self, home: Home) -> None:
        self._home, self._ledger = home, home.ledger
        self.reviewing, self.raising = Reviewing(home), Raising(home)

    def users(self) -> list[str]:
        """The names that may sign."""
        return [name for name, _ in self._ledger.users()]

    def sign(self, alarm: str, signer: str, consents: bool, reason: str, revision: int | None = None) -> str:
        """One person's yes or no to a proposal; the second distinct yes issues it. Says what came of it.

        `revision` is the one the person saw: a proposal that changed since is not signed.
        """
        lint_reason(reason)
        with self._act(signer):
            standing = _newest(self._ledger, alarm)
            if revision is not None and revision != standing.revision:
                raise NotAllowed(
                    f"{alarm} is now revision {standing.revision} ({standing.level.value}), not {revision}: "
                    "look at it again before you sign"
                )
            signature = Signature(alarm, signer, consents, reason, now(), standing.revision)
            issued = watch.sign(standing, self._ledger.signatures(alarm), signature, signature.at)
            asked = [e for a in issued for e in _asked(self._ledger, a)]
            self._ledger.add(signature, *issued, *asked)
        if issued:
            return f"{alarm} is issued; {len(asked)} engagement(s) opened"
        missing = watch.lacks(standing)
        rest = f"; two signers do not issue it: {missing}; an override with a reason does" if missing else ""
        kept = "consent" if consents else "dissent"
        return f"{alarm}: {kept} of {signer} kept; it is still a proposal{rest}"

    def override(self, alarm: str, signer: str, reason: str) -> str:
        """Issue with one named signer and a reason, both shown with the alarm."""
        lint_reason(reason)
        with self._act(signer):
            standing = _newest(self._ledger, alarm)
            issued = watch.override(standing, signer, reason, now())
            asked = _asked(self._ledger, issued)
            signed = Signature(alarm, signer, True, f"override: {reason}", now(), standing.revision)
            self._ledger.add(signed, issued, *asked)
        return f"{alarm} is issued by override; {len(asked)} engagement(s) opened"

    def refuse(self, alarm: str, signer: str, reason: str) -> str:
        """Refuse a proposal; kept with the reason."""
        return self._move(alarm, signer, reason, watch.refuse)

    def cancel(self, alarm: str, signer: str, reason: str) -> str:
        """Take back an issued alarm that was wrong; what was asked for its sake is withdrawn with it."""
        lint_reason(reason)
        with self._act(signer):
            moved = watch.cancel(_newest(self._ledger, alarm), signer, reason, now())
            waiting = [e for e in self._ledger.engagements(alarm=alarm) if not e.state.closed]
            self._ledger.add(moved, *(follow.withdraw(e, moved.why, signer, now()) for e in waiting))
        return f"{alarm} is cancelled; {len(waiting)} engagement(s) withdrawn"

    def close(self, alarm: str, signer: str, reason: str) -> str:
        """Close an issued alarm. Raises NotAllowed while an engagement of it is open: no silent end."""
        waiting = [e for e in self._ledger.engagements(alarm=alarm) if not e.state.closed]
        if waiting:
            named = ", ".join(e.id for e in waiting)
            raise NotAllowed(
                f"{alarm} has {len(waiting)} open engagement(s): act or decline them first ({named})"
            )
        return self._move(alarm, signer, reason, watch.close)

    def answer(self, engagement: str, by: str, text: str) -> str:
        """What a body replied."""
        return self._step(engagement, by, lambda e: follow.answer(e, text, by, now()))

    def act(self, engagement: str, by: str, outcome: str) -> str:
        """What a body did; closes the engagement."""
        return self._step(engagement, by, lambda e: follow.act(e, outcome, by, now()))

    def decline(self, engagement: str, by: str, reason: Inaction, note: str) -> str:
        """Close without an action, with a reason from the fixed list; reviewed after 30 days."""
        return self._step(engagement, by, lambda e: follow.decline(e, reason, note, by, now()))

    def reopen(self, engagement: str, by: str, ask: str, due: date) -> str:
        """Ask once more after the review of a reason for inaction."""
        return self._step(engagement, by, lambda e: follow.reopen(e, ask, due, by, now()))

    def uphold(self, engagement: str, by: str, note: str) -> str:
        """The review finds that the reason still holds; it is looked at again after 30 days."""
        return self._step(engagement, by, lambda e: follow.uphold(e, note, by, now()))

    def _move(self, alarm: str, signer: str, reason: str, move: Move) -> str:
        lint_reason(reason)
        with self._act(signer):
            moved = move(_newest(self._ledger, alarm), signer, reason, now())
            self._ledger.add(moved)
        return f"{alarm} is {moved.state.value}"

    def _step(self, engagement: str, by: str, step: Callable[[Engagement], Engagement]) -> str:
        with self._act(by):
            moved = step(self._ledger.engagements(engagement)[-1])
            self._ledger.add(moved)
        return f"{engagement} is {moved.state.value}"

    @contextmanager
    def _act(self, who: str) -> Iterator[None]:
        known = [name for name, _ in self._ledger.users()]
        if who not in known:
            raise UnknownId("user (tocsin users add NAME)", who, known)
        with writing(self._home.lock, f"an act of {who}"):
            yield


def _newest(ledger: Ledger, alarm: str) -> Alarm:
    return ledger.alarms(alarm)[-1]


def _asked(ledger: Ledger, alarm: Alarm) -> list[Engagement]:
    """What an issued revision asks: new asks, and those of an earlier revision once more."""
    place = country(alarm.iso3)
    roles = addressees(place.iso3, place.organisations, place.region)
    before = {e.id: e for e in ledger.engagements(alarm=alarm.id)}
    fresh = follow.open_for(alarm, roles, alarm.recorded)
    return [follow.ask_again(before[e.id], e) if e.id in before else e for e in fresh]


def faults(home: Home) -> list[str]:
    """Every fault of a home in words: parts, ledger, seals, the log, and what rows and seals rest on."""
    found = [*home.lake.check(), *home.ledger.check()]
    found += [f"log: {fault}" for fault in home.custody.verified().faults]
    if found:
        return found
    found += lake_faults(home.lake, home.ledger.seals())
    found += home.archive.faults(kept(home.lake))
    for name in home.replays():
        found += [f"replay {name}: {fault}" for fault in faults(home.replay(name))]
    return found
