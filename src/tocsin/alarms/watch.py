"""One situation, one alarm: rules propose, people issue, and nothing is closed in silence.

States: proposed -> issued (two signers, or a named override) -> updated -> cancelled, expired or closed; a
proposal can be refused. Every step is a new revision that names the one it replaces, who moved it and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tocsin.alarms.alarm import Alarm, AlarmState, Decision, Signature, alarm_id
from tocsin.alarms.policy import Policy, Rule
from tocsin.errors import NotAllowed

SIGNERS = 2


def propose(decision: Decision, standing: Alarm | None, policy: Policy) -> Alarm | None:
    """The alarm that a decision opens or raises, or None when nothing new must be looked at.

    `standing` is the newest revision of the place's newest alarm of this crime family, open or not; one past
    its last day must go through `expire` first. An open alarm gets a new revision only when the level rises;
    a level that falls is left to people and to expiry. An alarm that people refused, cancelled or closed
    stays so until its expiry unless the level rises. A held level opens nothing.
    """
    rule = policy.rule(decision.rule)
    if rule is None or not rule.proposes or decision.held:
        return None
    if standing is None:
        return _open(decision, rule, policy)
    if standing.as_of > decision.as_of or (standing.state.open and _over(standing, decision)):
        return None
    raised = decision.level.step > standing.level.step
    if standing.state.open:
        return _raise(standing, decision, rule) if raised else None
    again = raised or standing.state is AlarmState.EXPIRED or _over(standing, decision)
    # The id is made from the day of first crossing and is never used twice.
    new_day = decision.as_of.date() > standing.first_crossing
    return _open(decision, rule, policy) if again and new_day else None


def expire(alarm: Alarm, as_of: datetime, recorded: datetime) -> Alarm | None:
    """The expired revision of an open alarm whose last day is before `as_of`, or None."""
    if not alarm.state.open or as_of.date() <= alarm.expires:
        return None
    return _move(alarm, AlarmState.EXPIRED, "the expiry date", f"it expired on {alarm.expires}", recorded)


def sign(
    alarm: Alarm, signatures: Sequence[Signature], new: Signature, recorded: datetime
) -> tuple[Alarm, ...]:
    """The issued revision when `new` is the second consent, else nothing; dissents are kept and told.

    Only signatures made after this revision was recorded count: who consented to a lower level has not
    consented to a higher one. Raises NotAllowed for the same signer twice, a proposal that is not open or is
    past its last day, a signature for another alarm, or a dissent without a reason.
    """
    _must(alarm, AlarmState.PROPOSED)
    _in_time(alarm, recorded)
    if new.alarm != alarm.id:
        raise NotAllowed(f"the signature is for {new.alarm}, not for {alarm.id}")
    if not new.consents:
        _reason(new.reason, "a dissent")
    counted = [s for s in signatures if s.alarm == alarm.id and s.at >= alarm.recorded]
    if _person(new.signer) in {_person(s.signer) for s in counted}:
        raise NotAllowed(f"{new.signer} has already signed alarm {alarm.id}; a second person must")
    counted.append(new)
    consents = [s.signer for s in counted if s.consents]
    if not new.consents or len(consents) < SIGNERS:
        return ()
    dissents = "".join(f"; dissent of {s.signer}: {s.reason}" for s in counted if not s.consents)
    why = f"signed by {' and '.join(consents)}{dissents}"
    return (_move(alarm, AlarmState.ISSUED, new.signer, why, recorded),)


def override(alarm: Alarm, signer: str, reason: str, recorded: datetime) -> Alarm:
    """Issue with one named signer and a reason, both shown. Raises NotAllowed without them."""
    _must(alarm, AlarmState.PROPOSED)
    _in_time(alarm, recorded)
    why = f"override by {_person(signer) and signer.strip()}, one signer: {_reason(reason, 'an override')}"
    return _move(alarm, AlarmState.ISSUED, signer, why, recorded)


def refuse(alarm: Alarm, signer: str, reason: str, recorded: datetime) -> Alarm:
    """Refuse a proposal; it is kept with the reason. Raises NotAllowed without one."""
    _must(alarm, AlarmState.PROPOSED)
    return _move(alarm, AlarmState.REFUSED, signer, _reason(reason, "a refusal"), recorded)


def cancel(alarm: Alarm, signer: str, reason: str, recorded: datetime) -> Alarm:
    """Take back an issued alarm that was wrong. Raises NotAllowed without a reason."""
    _must(alarm, AlarmState.ISSUED, AlarmState.UPDATED)
    return _move(alarm, AlarmState.CANCELLED, signer, _reason(reason, "a cancellation"), recorded)


def close(alarm: Alarm, signer: str, reason: str, recorded: datetime) -> Alarm:
    """Close an issued alarm whose situation is over. Raises NotAllowed without a reason."""
    _must(alarm, AlarmState.ISSUED, AlarmState.UPDATED)
    return _move(alarm, AlarmState.CLOSED, signer, _reason(reason, "a closure"), recorded)


def _over(standing: Alarm, decision: Decision) -> bool:
    return decision.as_of.date() > standing.expires


def _open(decision: Decision, rule: Rule, policy: Policy) -> Alarm:
    first = decision.as_of.date()
    return Alarm(
        id=alarm_id(decision.iso3, policy.crime_family, first, decision.run),
        revision=1,
        iso3=decision.iso3,
        crime_family=policy.crime_family,
        first_crossing=first,
        level=decision.level,
        rule=rule.id,
        state=AlarmState.PROPOSED,
        reasons=decision.reasons,
        sentences=decision.sentences,
        unknowns=decision.unknowns,
        origins=decision.origins,
        as_of=decision.as_of,
        expires=first + timedelta(days=rule.expires_days),
        moved_by=f"rule {rule.id}",
        why=rule.basis,
        run=decision.run,
        recorded=decision.recorded,
    )


def _raise(standing: Alarm, decision: Decision, rule: Rule) -> Alarm:
    state = AlarmState.UPDATED if standing.state.public else AlarmState.PROPOSED
    why = f"raised from {standing.level} to {decision.level}: {rule.basis}"
    raised = replace(
        standing,
        level=decision.level,
        rule=rule.id,
        reasons=decision.reasons,
        sentences=decision.sentences,
        unknowns=decision.unknowns,
        origins=decision.origins,
        as_of=decision.as_of,
        expires=max(standing.expires, decision.as_of.date() + timedelta(days=rule.expires_days)),
        run=decision.run,
    )
    return _move(raised, state, f"rule {rule.id}", why, decision.recorded)


def _move(alarm: Alarm, state: AlarmState, by: str, why: str, recorded: datetime) -> Alarm:
    if not by.strip():
        raise NotAllowed(f"nobody is named who moves alarm {alarm.id}; give a name")
    return replace(
        alarm,
        revision=alarm.revision + 1,
        state=state,
        moved_by=by.strip(),
        why=why,
        recorded=recorded,
        replaces=alarm.row,
    )


def _must(alarm: Alarm, *states: AlarmState) -> None:
    if alarm.state not in states:
        wanted = " or ".join(states)
        raise NotAllowed(f"alarm {alarm.id} is {alarm.state}; this needs one that is {wanted}")


def _in_time(alarm: Alarm, recorded: datetime) -> None:
    if recorded.date() > alarm.expires:
        raise NotAllowed(f"alarm {alarm.id} expired on {alarm.expires}; wait for a new proposal")


def _reason(text: str, act: str) -> str:
    if not text.strip():
        raise NotAllowed(f"{act} needs a reason; say it in one line")
    return text.strip()


def _person(name: str) -> str:
    folded = " ".join(name.split()).casefold()
    if not folded:
        raise NotAllowed("a signature needs a name")
    return folded
