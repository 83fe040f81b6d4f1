"""One situation, one alarm: rules propose, people issue, and nothing is closed in silence.

States: proposed -> issued (two signers, or a named override) -> updated -> cancelled, expired or closed; a
proposal can be refused. Every step is a new revision that names the one it replaces, who moved it and why.

A turn never changes what is public. When the level of an issued alarm rises, when its last days come while
its level stands, or when nobody answers it, the change is a proposal under the same id; what was issued stays
in force to its own last day. Whatever crosses in a place (another rule or outcome) is the same situation.

Two signers issue an alarm of the levels alarm and ongoing only when it has support: two independent origins,
or a rule on a forecast that fires and one origin (`lacks`). A named override with a reason goes past that,
and is shown.

Where no rule fires a named expert can propose too (`by_expert`), with a reason and evidence; what is asked of
those who issue it is the same. Nobody lowers a level by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from tocsin.alarms.alarm import Alarm, AlarmState, Decision, Level, Signature, alarm_id
from tocsin.alarms.expert import EXPERT, Judgement, by_hand
from tocsin.alarms.policy import Policy, Rule
from tocsin.errors import NotAllowed

SIGNERS = 2
ORIGINS = 2
_ENDS = (AlarmState.CANCELLED, AlarmState.CLOSED, AlarmState.EXPIRED)
RENEW = timedelta(days=14)
"""How long before its last day an alarm whose level stands is put before people again."""


def propose(
    decision: Decision, standing: Alarm | None, policy: Policy, *, answered: date | None = None
) -> Alarm | None:
    """The alarm that a decision opens, raises or puts again, or None when nothing new must be looked at.

    `standing` is the place's alarm of this crime family (`standing_alarm`), open or not; one whose level has
    gone goes through `expire`. `answered` is the last day on which somebody signed it or answered what it
    asks, None for never. A level that falls is left to people and to expiry. An alarm that people refused,
    cancelled or closed stays so while its cool-down lasts (`quiet_until`) unless the level rises. A held
    level opens nothing new, but it keeps what stands before people.
    """
    rule = policy.rule(decision.rule)
    if rule is None or not rule.proposes:
        return None
    if standing is None:
        return None if decision.held else _open(decision, rule, policy)
    why = _why_again(decision, standing, policy, rule, answered)
    if not why:
        return None
    opened = _open(decision, rule, policy)
    if _over(standing, opened, decision.as_of):
        return opened
    return _again(standing, decision, rule, why)


def by_expert(judgement: Judgement, history: Sequence[Alarm], policy: Policy, recorded: datetime) -> Alarm:
    """The proposal by which an expert opens, raises or renews the alarm of a place. It issues nothing.

    `history` is every revision of the place's alarm (`standing_alarm`), oldest first; empty without one. It
    stands for the days of its level, and no shorter than what is in force. A cool-down binds rules and no
    expert. Raises NotAllowed for a level that the policy does not leave to
    experts, for one below what stands, and for one that stands already, unless its last days have come or the
    judgement brings the support that a proposal lacks.
    """
    rule = policy.expert.rule(judgement.level)
    said = Decision(
        id="",
        run=judgement.run,
        iso3=judgement.iso3,
        as_of=recorded,
        level=judgement.level,
        rule=rule.id,
        reasons=judgement.evidence,
        sentences=(rule.sentence,),
        origins=judgement.origins,
        held="",
        recorded=recorded,
        unknowns=judgement.unknowns,
        forecast_rule=judgement.forecast_rule,
    )
    for stands in _stand(history, recorded.date()):
        _may_raise(said, stands)
    opened = _open(said, rule, policy)
    expires = opened.expires
    if history and not _over(history[-1], opened, recorded):
        opened = _again(history[-1], said, rule, judgement.reason)
        expires = max(expires, opened.in_force_until or expires)
    by, why = judgement.expert.strip(), judgement.reason.strip()
    return replace(opened, moved_by=by, why=why, expires=expires)


def _over(standing: Alarm, opened: Alarm, at: datetime) -> bool:
    """Whether what is opened at an instant is another situation than the one that stood."""
    ended = not standing.state.open and not standing.in_force
    return ended and opened.id != standing.id and at >= standing.as_of


def _stand(history: Sequence[Alarm], day: date) -> Iterator[Alarm]:
    """What of an alarm stands on a day: its proposal or what is in force, or both."""
    for newest in history[-1:]:
        if newest.state.open and day <= newest.expires:
            yield newest
        if newest.in_force_until and day <= newest.in_force_until:
            yield from (a for a in history if a.revision == newest.in_force != newest.revision)


def _may_raise(said: Decision, stands: Alarm) -> None:
    known, level = f"alarm {stands.id} stands at {stands.level}", said.level
    if level.step < stands.level.step:
        raise NotAllowed(f"{known}, above {level}: nobody lowers by hand; cancel or close what is wrong")
    renewed = said.as_of.date() + RENEW > stands.expires
    backed = stands.state is AlarmState.PROPOSED and lacks(stands) and not lacks(said)
    if level is stands.level and not renewed and not backed:
        how = "sign it" if stands.state is AlarmState.PROPOSED else f"it is issued until {stands.expires}"
        raise NotAllowed(f"{known} already: {how}")


def _why_again(decision: Decision, standing: Alarm, policy: Policy, rule: Rule, answered: date | None) -> str:
    """Why people must look at a place's alarm once more; empty when they need not."""
    day, risen = decision.as_of.date(), decision.level.step > standing.level.step
    if decision.held and not standing.state.open and not standing.in_force:
        return ""
    if risen and not decision.held:
        return f"raised from {standing.level} to {decision.level}: {rule.basis}"
    if _judged(standing, day) and decision.level.step < standing.level.step:
        return ""
    by_people = not standing.state.open and standing.state is not AlarmState.EXPIRED
    if by_people and day <= quiet_until(standing, policy):
        return ""
    return (
        _moved(decision, standing, rule)
        or _to_be_renewed(decision, standing, rule)
        or _unanswered(decision, standing, policy, answered)
    )


def _moved(decision: Decision, standing: Alarm, rule: Rule) -> str:
    """That it crosses anew after its end, or has found the support that it lacked; empty when neither."""
    if decision.held:
        return ""
    if not standing.state.open and (not standing.in_force or decision.level is standing.level):
        return f"put again after it was {standing.state}: {rule.basis}"
    lower = decision.level.step < standing.level.step
    if standing.state is AlarmState.PROPOSED and lacks(standing) and not lacks(decision) and not lower:
        return f"it now has the support that it lacked: {rule.basis}"
    return ""


def _to_be_renewed(decision: Decision, standing: Alarm, rule: Rule) -> str:
    last = standing.expires if standing.state.open else standing.in_force_until or standing.expires
    if decision.as_of.date() + RENEW <= last:
        return ""
    why = decision.held or f"{_whose(standing)} rule still fires: {rule.basis}"
    return f"to be renewed, its last day is {last}: {why}"


def _unanswered(decision: Decision, standing: Alarm, policy: Policy, answered: date | None) -> str:
    """That an alarm stood for long with its rule firing and without an answer; empty when it did not."""
    if decision.held or decision.level is not standing.level or not standing.state.open:
        return ""
    since = max(standing.as_of.date(), answered or date.min)
    days = (decision.as_of.date() - since).days
    if days < policy.unanswered[standing.level]:
        return ""
    stood = f", and the level has stood since {decision.since}" if decision.since else ""
    return f"nobody has answered for {days} days while {_whose(standing)} rule fires{stood}"


def _whose(standing: Alarm) -> str:
    """Whose rule fires: a rule beside an expert's judgement is not the alarm's own."""
    return "a" if standing.rule == EXPERT else "its"


def _judged(standing: Alarm, day: date) -> bool:
    """Whether an expert's judgement stands on a day, proposed or issued: no rule puts a lower level there."""
    return standing.rule == EXPERT and standing.state.open and day <= standing.expires


def quiet_until(standing: Alarm, policy: Policy) -> date:
    """The last day of the cool-down of an alarm that people refused, cancelled or closed.

    It is as long as its rule lets an alarm stand, counted from when it was put before people, and never
    longer than the alarm itself. What an expert raised has none: who refuses it silences no rule.
    """
    rule = policy.rule(standing.rule)
    days = timedelta(days=rule.expires_days if rule else 0)
    return min(standing.expires, standing.as_of.date() + days)


def lacks(of: Alarm | Decision) -> str:
    """The support that is missing before two signers may issue it, in words; empty when none is.

    Only the levels alarm and ongoing need it. Origins are those of grave words and the publishers of the
    figures that the rule compares.
    """
    if of.level.step < Level.ALARM.step or of.origins >= ORIGINS or (of.forecast_rule and of.origins):
        return ""
    have = "1 independent origin" if of.origins == 1 else "no independent origin"
    also = "and one on a forecast fires" if of.forecast_rule else "and no rule on a forecast fires"
    return f"it rests on {have} {also}: it needs two origins, or one and a rule on a forecast"


def standing_alarm(alarms: Sequence[Alarm]) -> Alarm | None:
    """The alarm that stands for a place among the newest revisions of all its alarms: open ones first."""
    order = sorted(
        alarms, key=lambda a: (a.state.open or a.in_force > 0, a.as_of, a.recorded, a.first_crossing)
    )
    return order[-1] if order else None


def expire(alarm: Alarm, as_of: datetime, recorded: datetime) -> Alarm | None:
    """The expired revision of an alarm that is open or in force and past its last day, or None."""
    last = max(alarm.expires if alarm.state.open else date.min, alarm.in_force_until or date.min)
    if not (alarm.state.open or alarm.in_force) or as_of.date() <= last:
        return None
    return _move(alarm, AlarmState.EXPIRED, "the expiry date", f"it expired on {last}", recorded)


def sign(
    alarm: Alarm, signatures: Sequence[Signature], new: Signature, recorded: datetime
) -> tuple[Alarm, ...]:
    """The issued revision when `new` is the second consent, else nothing; dissents are kept and told.

    Only signatures under this revision count: who consented to a lower level has not consented to a higher
    one. Without support (`lacks`) two consents issue nothing. Raises NotAllowed for the same signer twice, a
    proposal that is not open or is past its last day, a signature for another alarm, or a dissent without a
    reason.
    """
    _must(alarm, AlarmState.PROPOSED)
    _in_time(alarm, recorded)
    if new.alarm != alarm.id:
        raise NotAllowed(f"the signature is for {new.alarm}, not for {alarm.id}")
    if not new.consents:
        _reason(new.reason, "a dissent")
    counted = [s for s in signatures if _under(s, alarm)]
    if _person(new.signer) in {_person(s.signer) for s in counted}:
        raise NotAllowed(f"{new.signer} has already signed alarm {alarm.id}; a second person must")
    counted.append(new)
    consents = [s.signer for s in counted if s.consents]
    if not new.consents or len(consents) < SIGNERS or lacks(alarm):
        return ()
    dissents = "".join(f"; dissent of {s.signer}: {s.reason}" for s in counted if not s.consents)
    why = f"signed by {' and '.join(consents)}{dissents}"
    return (_issue(alarm, new.signer, why, recorded),)


def override(alarm: Alarm, signer: str, reason: str, recorded: datetime) -> Alarm:
    """Issue with one named signer and a reason, both shown. Raises NotAllowed without them.

    Who raised it by judgement cannot: what one person alone holds is never issued.
    """
    _must(alarm, AlarmState.PROPOSED)
    _in_time(alarm, recorded)
    if by_hand(alarm) and _person(signer) == _person(alarm.moved_by):
        raise NotAllowed(f"{signer} raised alarm {alarm.id}; another person must override, or two sign")
    why = f"override by {_person(signer) and signer.strip()}, one signer: {_reason(reason, 'an override')}"
    why += f"; without support: {lacks(alarm)}" if lacks(alarm) else ""
    return _issue(alarm, signer, why, recorded)


def refuse(alarm: Alarm, signer: str, reason: str, recorded: datetime) -> Alarm:
    """Refuse a proposal; kept with the reason. What is in force stays. Raises NotAllowed without a reason."""
    _must(alarm, AlarmState.PROPOSED)
    return _move(alarm, AlarmState.REFUSED, signer, _reason(reason, "a refusal"), recorded)


def cancel(alarm: Alarm, signer: str, reason: str, recorded: datetime) -> Alarm:
    """Take back an issued alarm that was wrong. Raises NotAllowed without a reason."""
    _must_be_in_force(alarm)
    return _move(alarm, AlarmState.CANCELLED, signer, _reason(reason, "a cancellation"), recorded)


def close(alarm: Alarm, signer: str, reason: str, recorded: datetime) -> Alarm:
    """Close an issued alarm whose situation is over. Raises NotAllowed without a reason."""
    _must_be_in_force(alarm)
    return _move(alarm, AlarmState.CLOSED, signer, _reason(reason, "a closure"), recorded)


def _under(signature: Signature, alarm: Alarm) -> bool:
    """Whether it was given to this revision; a row older than its revision number is judged by its time."""
    if signature.alarm != alarm.id:
        return False
    return signature.revision == alarm.revision if signature.revision else signature.at >= alarm.recorded


def _issue(alarm: Alarm, by: str, why: str, recorded: datetime) -> Alarm:
    state = AlarmState.UPDATED if alarm.in_force else AlarmState.ISSUED
    issued = _move(alarm, state, by, why, recorded)
    return replace(issued, in_force=issued.revision, in_force_until=issued.expires)


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
        measured=decision.measured,
        forecast_rule=decision.forecast_rule,
        as_of=decision.as_of,
        expires=first + timedelta(days=rule.expires_days),
        moved_by=f"rule {rule.id}",
        why=rule.basis,
        run=decision.run,
        recorded=decision.recorded,
    )


def _again(standing: Alarm, decision: Decision, rule: Rule, why: str) -> Alarm:
    """The same situation before people once more: raised, or to be renewed."""
    lapsed = standing.in_force_until is not None and standing.in_force_until < decision.as_of.date()
    put = replace(
        standing,
        in_force=0 if lapsed else standing.in_force,
        in_force_until=None if lapsed else standing.in_force_until,
        level=decision.level,
        rule=rule.id,
        reasons=decision.reasons,
        sentences=decision.sentences,
        unknowns=decision.unknowns,
        origins=decision.origins,
        measured=decision.measured,
        forecast_rule=decision.forecast_rule,
        as_of=max(standing.as_of, decision.as_of),
        expires=max(standing.expires, decision.as_of.date() + timedelta(days=rule.expires_days)),
        run=decision.run,
    )
    return _move(put, AlarmState.PROPOSED, f"rule {rule.id}", why, decision.recorded)


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
        in_force=0 if state in _ENDS else alarm.in_force,
        in_force_until=None if state in _ENDS else alarm.in_force_until,
    )


def _must_be_in_force(alarm: Alarm) -> None:
    if not alarm.in_force:
        raise NotAllowed(f"alarm {alarm.id} is {alarm.state} and was not issued; this needs one in force")


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
