"""The outbox: what is owed, by the ledger, and what became of it. Everything is added and nothing changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tocsin.alarms.alarm import Alarm
from tocsin.alarms.bulletin import Scope
from tocsin.alarms.issued import issued
from tocsin.clock import now
from tocsin.errors import NotAllowed, UnknownId, UserError
from tocsin.evidence import canonical
from tocsin.geography import country
from tocsin.geography.neighbours import neighbours
from tocsin.recipients import Recipient, told
from tocsin.response.addresses import Addressed
from tocsin.response.dispatch import Attempt, Channel, Dispatch, Standing, Step, dispatch_id, held, standing
from tocsin.response.routing import Kept, owed
from tocsin.response.told import Line, lines
from tocsin.store import models
from tocsin.store.ledger import utc, writing_session
from tocsin.store.rows import from_row, to_row


@dataclass(frozen=True, slots=True)
class Told:
    """One dispatch and what became of it. `lapsed` says that it is no longer owed and was not taken."""

    dispatch: Dispatch
    attempts: tuple[Attempt, ...]
    standing: Standing
    lapsed: bool = False

    @property
    def last(self) -> Attempt | None:
        """The last step."""
        return self.attempts[-1] if self.attempts else None

    @property
    def loud(self) -> bool:
        """Whether a person must look: what may have been taken, and dead letters that are still owed."""
        return self.standing is Standing.DOUBT or (self.standing is Standing.DEAD and not self.lapsed)


class Outbox:
    """Dispatches and attempts in the ledger's file. `addresses` are the deployment's, by key of the role."""

    def __init__(self, engine: Engine, addresses: Mapping[str, Addressed]) -> None:
        self.engine, self.addresses = engine, addresses

    def owed(self, at: datetime) -> list[Dispatch]:
        """Everything that is owed at a time, whether it was told already or not."""
        return owed(self.routed(), roles, self.addresses, self.kept(), at)

    def routed(self) -> list[list[Alarm]]:
        """All revisions of every alarm that somebody is responsible for, oldest first."""
        return [h for h in self.histories() if not _fault(h)]

    def unrouted(self) -> list[str]:
        """Alarms that nobody is responsible for, with the error of each: no other waits for them."""
        return [f"{h[0].id}: {fault}" for h in self.histories() if (fault := _fault(h))]

    def account(self, at: datetime, alarm: str | None = None) -> list[Told]:
        """Every dispatch, of all alarms or one, with what became of it; those not yet written too."""
        due = {d.id: d for d in self.owed(at)}
        written = self.dispatches()
        steps = self.attempts()
        every = {**written, **{id: d for id, d in due.items() if id not in written}}
        found = []
        for id, one in every.items():
            if one.channel is Channel.NOTICE or alarm not in (None, one.alarm):
                continue
            mine = tuple(steps.get(id, ()))
            where = standing(one.channel, mine, at)
            found.append(Told(one, mine, where, id not in due and not where.maybe_told))
        return sorted(
            found, key=lambda t: (t.dispatch.recorded, t.dispatch.row, t.dispatch.recipient, t.dispatch.id)
        )

    def held(self) -> dict[tuple[str, str], Attempt]:
        """Notice that is held back, by (alarm, recipient), with who holds it and why."""
        return _held(self.dispatches(), self.attempts())

    def kept(self) -> Kept:
        """What was or may have been taken, and what is held back."""
        steps, every = self.attempts(), self.dispatches()
        taken = [
            (d.row, d.recipient, d.channel, d.address)
            for d in every.values()
            if _may_have_been_taken(steps.get(d.id, ()))
        ]
        return Kept(frozenset(taken), frozenset(_held(every, steps)))

    def histories(self, alarm: str | None = None) -> list[list[Alarm]]:
        """All revisions of every alarm, or of one, oldest first."""
        row = models.AlarmRow
        asked = select(row.id, row.body).order_by(row.id, row.revision)
        with Session(self.engine) as session:
            found = session.execute(asked.where(row.id == alarm) if alarm else asked).all()
        return [[from_row(Alarm, r.body) for r in rows] for _, rows in groupby(found, key=lambda r: r.id)]

    def attempts(self) -> dict[str, list[Attempt]]:
        """Every step by its dispatch, in the order of writing."""
        found: dict[str, list[Attempt]] = {}
        row = models.AttemptRow
        with Session(self.engine) as session:
            for one in session.scalars(select(row).order_by(row.seq)):
                found.setdefault(one.dispatch, []).append(_attempt(one))
        return found

    def mark(self, alarm: str) -> tuple[int, int]:
        """Changes whenever an alarm moves on or notice of it is held back or let go."""
        moved, row = models.AlarmRow, models.DispatchRow
        newest = select(func.max(moved.revision)).where(moved.id == alarm)
        notices = (
            select(func.count(models.AttemptRow.seq))
            .join(row, row.id == models.AttemptRow.dispatch)
            .where(
                row.channel == Channel.NOTICE.value, row.alarm_row.startswith(f"{alarm}.", autoescape=True)
            )
        )
        with Session(self.engine) as session:
            return session.scalar(newest) or 0, session.scalar(notices) or 0

    def write(self, dispatches: Iterable[Dispatch]) -> None:
        """Write those that are not there yet, in one transaction."""
        there = self.dispatches()
        fresh = {d.id: d for d in dispatches if d.id not in there}
        with writing_session(self.engine) as session:
            session.add_all(_dispatch_row(d) for d in fresh.values())

    def note(self, attempt: Attempt) -> None:
        """Write one step; it is on the disk when this returns."""
        body: dict[str, Any] = {
            "note": attempt.note,
            "by": attempt.by,
            "wait": attempt.wait,
            "own": attempt.own,
        }
        body["maybe"] = attempt.maybe
        with writing_session(self.engine) as session:
            session.add(
                models.AttemptRow(
                    dispatch=attempt.dispatch, state=attempt.step.value, at=utc(attempt.at), body=body
                )
            )

    def told(self, dispatch: str, at: datetime) -> Told:
        """One dispatch. Raises UnknownId."""
        found = {t.dispatch.id: t for t in self.account(at)}
        if dispatch not in found:
            raise UnknownId("dispatch", dispatch, found)
        return found[dispatch]

    def dispatches(self) -> dict[str, Dispatch]:
        """Every dispatch that was written, notices held back among them, by id."""
        row = models.DispatchRow
        with Session(self.engine) as session:
            found = session.scalars(select(row).order_by(row.recorded, row.id))
            return {one.id: from_row(Dispatch, one.body) for one in found}


def roles(alarm: Alarm) -> tuple[Recipient, ...]:
    """Everyone who hears of an alarm, its neighbours among them. Raises UnknownId and UserError."""
    near = neighbours(alarm.iso3, alarm.as_of.date())
    return told(country(alarm.iso3), [country(code) for code in near])


@dataclass(frozen=True, slots=True)
class Word:
    """What a person says about telling: who, why, when. Raises NotAllowed without a reason."""

    by: str
    why: str
    at: datetime

    def __post_init__(self) -> None:
        if not self.why.strip():
            raise NotAllowed("a person's word on what is told needs a reason, which is kept and shown")

    def step(self, dispatch: str, step: Step) -> Attempt:
        """The step that it makes."""
        return Attempt(dispatch, step, self.at, self.why.strip(), self.by)


def step_in(outbox: Outbox, dispatch: str, step: Step, word: Word) -> None:
    """A person's word on a dispatch: AGAIN sends a dead or doubtful one once more, SETTLED says it arrived.

    Raises NotAllowed for one that a person need not decide on, and for AGAIN when it is no longer owed.
    """
    one = outbox.told(dispatch, word.at)
    if not one.standing.loud:
        raise NotAllowed(f"{dispatch} is {one.standing}; only what is dead or in doubt needs a person")
    if step is Step.AGAIN and dispatch not in {d.id for d in outbox.owed(word.at)}:
        raise NotAllowed(f"{dispatch} is no longer owed: the alarm has moved on; say --settled instead")
    outbox.note(word.step(dispatch, step))


def hold(outbox: Outbox, alarm: Alarm, recipient: str, word: Word) -> None:
    """Hold notice of an alarm to a state's role back, because it would endanger who spoke.

    Raises NotAllowed for a role that is not a state's, UnknownId for one that does not hear of the place.
    """
    who = _state_role(alarm, recipient)
    _notice(outbox, alarm, who, word.step("", Step.HELD))


def release(outbox: Outbox, alarm: Alarm, recipient: str, word: Word) -> None:
    """Let notice go that was held back. Raises NotAllowed when it is not."""
    if (alarm.id, recipient) not in outbox.held():
        raise NotAllowed(f"notice of {alarm.id} to {recipient} is not held back")
    who = _state_role(alarm, recipient)
    _notice(outbox, alarm, who, word.step("", Step.RELEASED))


def _state_role(alarm: Alarm, recipient: str) -> Recipient:
    found = {r.key: r for r in roles(alarm)}
    if recipient not in found:
        raise UnknownId(f"role that hears of {alarm.iso3}", recipient, found)
    if not found[recipient].state:
        raise NotAllowed(f"{recipient} is no role of a state; only notice to a state can be held back")
    return found[recipient]


def _notice(outbox: Outbox, alarm: Alarm, who: Recipient, step: Attempt) -> None:
    id = dispatch_id(alarm.id, who.key, Channel.NOTICE, "")
    outbox.write(
        [
            Dispatch(
                id=id,
                row=alarm.row,
                alarm=alarm.id,
                iso3=alarm.iso3,
                recipient=who.key,
                body=who.body,
                role=who.role,
                channel=Channel.NOTICE,
                address="",
                language="",
                scope=Scope.PUBLIC,
                why=who.basis,
                recorded=step.at,
            )
        ]
    )
    outbox.note(replace(step, dispatch=id))


def _may_have_been_taken(attempts: Sequence[Attempt]) -> bool:
    """Whether any step says so, also one before a person had it sent again."""
    taken = {Step.DONE, Step.SETTLED, Step.DOUBT}
    return any(a.step in taken or a.maybe for a in attempts) or (
        bool(attempts) and attempts[-1].step is Step.BEGUN
    )


def _fault(history: Sequence[Alarm]) -> str:
    """Why nobody can be named who hears of an alarm that was issued; "" when somebody can."""
    try:
        for alarm in issued(history)[-1:]:
            roles(alarm)
    except UserError as error:
        return str(error)
    return ""


def _held(
    dispatches: Mapping[str, Dispatch], steps: Mapping[str, Sequence[Attempt]]
) -> dict[tuple[str, str], Attempt]:
    notices = [d for d in dispatches.values() if d.channel is Channel.NOTICE]
    found = {(d.alarm, d.recipient): held(steps.get(d.id, ())) for d in notices}
    return {key: step for key, step in found.items() if step is not None}


def _attempt(row: models.AttemptRow) -> Attempt:
    return Attempt(row.dispatch, Step(row.state), row.at.replace(tzinfo=UTC), seq=row.seq, **row.body)


def _dispatch_row(dispatch: Dispatch) -> models.DispatchRow:
    body: dict[str, Any] = json.loads(canonical(to_row(dispatch)))
    return models.DispatchRow(
        id=dispatch.id,
        alarm_row=dispatch.row,
        channel=dispatch.channel.value,
        recorded=utc(dispatch.recorded),
        body=body,
    )


class Telling:
    """What a live home has told, for readers of pages."""

    def __init__(self, engine: Engine) -> None:
        self._outbox = Outbox(engine, {})

    def of(self, alarm: str) -> list[Line]:
        """What was told of one alarm to which role, and notice that is held back."""
        public = [a for rows in self._outbox.histories(alarm) for a in issued(rows)]
        mine = [d for d in self._outbox.dispatches().values() if d.alarm == alarm]
        return lines(mine, self._outbox.attempts(), public[-1].revision if public else 0, now())
