"""What an alarm promises: one a situation, issued by people, never closed in silence, never for ever."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.alarms.made import a_decision, a_proposal, a_signature, later
from tests.assessment.made import AS_OF
from tocsin.alarms.alarm import Alarm, AlarmState, Level, Signature
from tocsin.alarms.policy import policy
from tocsin.alarms.watch import (
    cancel,
    close,
    expire,
    lacks,
    override,
    propose,
    quiet_until,
    refuse,
    sign,
    standing_alarm,
)
from tocsin.errors import NotAllowed


def issued(level: Level = Level.WARNING) -> Alarm:
    return override(a_proposal(level), "Ada", "lives at stake tonight", AS_OF)


def test_a_rule_proposes_and_does_not_issue() -> None:
    made = a_proposal()
    assert (made.state, made.revision, made.moved_by) == (AlarmState.PROPOSED, 1, "rule warning-onset")
    assert made.expires == AS_OF.date() + timedelta(days=180)
    assert made.unknowns and made.sentences


@pytest.mark.parametrize("level", [Level.NONE, Level.RISK])
def test_risk_only_colours_the_map(level: Level) -> None:
    assert propose(a_decision(level), None, policy()) is None


def test_a_held_level_opens_no_alarm() -> None:
    assert propose(a_decision(held="not measured this time"), None, policy()) is None


def test_the_same_situation_makes_no_second_alarm() -> None:
    standing = a_proposal()
    assert propose(a_decision(day=1, reasons=("fct-2",)), standing, policy()) is None
    assert propose(a_decision(Level.NONE, day=1), standing, policy()) is None


@pytest.mark.parametrize("standing", [a_proposal(), issued()])
def test_a_raised_level_is_a_revision_of_the_same_alarm_and_waits_for_people(standing: Alarm) -> None:
    raised = propose(a_decision(Level.ALARM, day=2), standing, policy())
    assert raised is not None
    assert (raised.id, raised.level, raised.state) == (standing.id, Level.ALARM, AlarmState.PROPOSED)
    assert (raised.replaces, raised.revision) == (standing.row, standing.revision + 1)
    assert "raised from warning to alarm" in raised.why
    assert (raised.in_force, raised.in_force_until) == (standing.in_force, standing.in_force_until)


def test_a_raise_that_is_signed_comes_into_force_and_one_refused_leaves_what_was_in_force() -> None:
    standing = issued()
    raised = propose(a_decision(Level.ALARM, day=2), standing, policy())
    assert raised is not None
    signed = override(raised, "Ada", "checked", raised.recorded)
    assert (signed.state, signed.in_force) == (AlarmState.UPDATED, signed.revision)
    refused = refuse(raised, "Ada", "the report is wrong", raised.recorded)
    assert (refused.in_force, refused.in_force_until) == (standing.revision, standing.expires)
    assert cancel(refused, "Ada", "all of it was wrong", raised.recorded).in_force == 0


@pytest.mark.parametrize("standing", [a_proposal(), issued()])
@pytest.mark.parametrize("held", ["", "not measured any more"])
def test_an_alarm_whose_level_stands_comes_before_people_again_before_its_last_day(
    standing: Alarm, held: str
) -> None:
    answered = AS_OF.date() + timedelta(days=160)
    assert propose(a_decision(day=165, held=held), standing, policy(), answered=answered) is None
    again = propose(a_decision(day=170, held=held), standing, policy())
    assert again is not None and again.id == standing.id and again.state is AlarmState.PROPOSED
    assert again.expires > standing.expires and again.in_force == standing.in_force
    assert expire(again, AS_OF + timedelta(days=181), AS_OF) is None
    late = propose(a_decision(day=200, held=held), standing, policy())
    assert late is not None and late.id == standing.id and late.in_force == 0, "nothing lapsed is in force"


def test_a_level_that_falls_leaves_the_alarm_to_people_and_to_its_expiry() -> None:
    assert propose(a_decision(Level.WARNING, day=1), issued(Level.ALARM), policy()) is None


def test_what_people_refused_is_not_proposed_again_unless_the_level_rises_or_it_is_over() -> None:
    refused = refuse(a_proposal(), "Ada", "an error in the figures", AS_OF)
    assert propose(a_decision(day=1), refused, policy()) is None
    raised = propose(a_decision(Level.ALARM, day=1), refused, policy())
    again = propose(a_decision(day=181), refused, policy())
    assert raised is not None and raised.id != refused.id
    assert again is not None and again.state is AlarmState.PROPOSED


@pytest.mark.parametrize("act", [cancel, close])
def test_what_people_ended_is_left_for_its_cool_down_and_no_longer(act: object) -> None:
    ended = act(issued(Level.ALARM), "Ada", "it was wrong", AS_OF)  # type: ignore[operator]
    assert quiet_until(ended, policy()) == AS_OF.date() + timedelta(days=30)
    assert propose(a_decision(Level.ALARM, day=30), ended, policy()) is None
    again = propose(a_decision(Level.ALARM, day=31), ended, policy())
    assert again is not None and again.id != ended.id


def test_a_refused_rise_is_quiet_as_long_as_its_own_rule_and_not_as_long_as_the_alarm_below_it() -> None:
    raised = propose(a_decision(Level.ALARM, day=2), issued(), policy())
    assert raised is not None
    refused = refuse(raised, "Ada", "one report, misread", raised.recorded)
    assert propose(a_decision(Level.ALARM, day=32), refused, policy()) is None
    again = propose(a_decision(Level.ALARM, day=33), refused, policy())
    assert again is not None and again.id == refused.id and again.in_force == refused.in_force
    assert "put again after it was refused" in again.why


@pytest.mark.parametrize("standing", [a_proposal(Level.ALARM), issued(Level.ALARM)])
def test_an_alarm_that_nobody_answers_is_put_before_people_again_and_says_so(standing: Alarm) -> None:
    waits = policy().unanswered[Level.ALARM]
    fires = a_decision(Level.ALARM, day=waits, since=AS_OF.date())
    again = propose(fires, standing, policy())
    assert propose(a_decision(Level.ALARM, day=waits - 1), standing, policy()) is None
    assert again is not None and (again.id, again.state) == (standing.id, AlarmState.PROPOSED)
    told = f"nobody has answered for {waits} days while its rule fires, and the level has stood since"
    assert again.why == f"{told} {AS_OF.date()}"
    assert again.in_force == standing.in_force
    yesterday = AS_OF.date() + timedelta(days=waits - 1)
    assert propose(fires, standing, policy(), answered=yesterday) is None
    assert propose(a_decision(Level.WARNING, day=waits), standing, policy()) is None, "its rule does not fire"


def test_an_alarm_keeps_what_its_rule_measured() -> None:
    seen = {"words.grave.origins": 2.0}
    made = propose(a_decision(Level.ALARM, measured=seen, forecast_rule=True), None, policy())
    assert made is not None and (made.measured, made.forecast_rule, made.origins) == (seen, True, 2)


@pytest.mark.parametrize("level", [Level.ALARM, Level.ONGOING])
@pytest.mark.parametrize(
    ("origins", "forecast", "enough"),
    [(0, True, False), (1, False, False), (1, True, True), (2, False, True)],
)
def test_an_alarm_needs_two_origins_or_one_and_a_forecast_beside_two_signers(
    level: Level, origins: int, forecast: bool, enough: bool
) -> None:
    alarm = propose(a_decision(level, origins=origins, forecast_rule=forecast), None, policy())
    assert alarm is not None
    signed = sign(alarm, [a_signature("Ada", alarm)], a_signature("Ben", alarm), later(alarm, 2))
    assert bool(signed) is enough is not bool(lacks(alarm))
    forced = override(alarm, "Cyd", "I saw it", later(alarm, 2))
    assert ("without support: it rests on" in forced.why) is not enough


def test_a_warning_needs_no_origin() -> None:
    assert lacks(a_decision(Level.WARNING, origins=0)) == ""


def test_a_proposal_that_lacked_support_comes_anew_when_it_has_it() -> None:
    alone = propose(a_decision(Level.ALARM, origins=1), None, policy())
    assert alone is not None
    assert propose(a_decision(Level.ALARM, day=1, origins=1), alone, policy()) is None
    backed = propose(a_decision(Level.ALARM, day=1, origins=2), alone, policy())
    assert backed is not None and backed.revision == 2 and "the support that it lacked" in backed.why
    assert sign(backed, [a_signature("Ada", alone)], a_signature("Ben", backed), later(backed, 1)) == ()


def test_a_lower_level_that_needs_no_support_is_not_the_support_a_proposal_lacked() -> None:
    alone = propose(a_decision(Level.ALARM, origins=1), None, policy())
    assert alone is not None
    assert propose(a_decision(Level.WARNING, day=1, origins=0), alone, policy()) is None


def test_two_distinct_signers_issue_and_both_are_named() -> None:
    alarm = a_proposal()
    first = a_signature("Ada", alarm)
    assert sign(alarm, [], first, later(alarm, 1)) == ()
    (made,) = sign(alarm, [first], a_signature("Ben", alarm), later(alarm, 2))
    assert (made.state, made.why) == (AlarmState.ISSUED, "signed by Ada and Ben")


@pytest.mark.parametrize("again", ["Ada", "ada ", " ADA"])
def test_the_same_signer_twice_is_refused(again: str) -> None:
    alarm = a_proposal()
    with pytest.raises(NotAllowed, match="a second person must"):
        sign(alarm, [a_signature("Ada", alarm)], a_signature(again, alarm), later(alarm, 2))


def test_a_dissent_is_kept_and_told_and_needs_a_reason() -> None:
    alarm = a_proposal()
    no = a_signature("Cyd", alarm, consents=False, reason="the figures are two years old")
    assert sign(alarm, [], no, later(alarm, 1)) == ()
    (made,) = sign(alarm, [no, a_signature("Ada", alarm)], a_signature("Ben", alarm), later(alarm, 2))
    assert "dissent of Cyd: the figures are two years old" in made.why
    with pytest.raises(NotAllowed, match="needs a reason"):
        sign(alarm, [], a_signature("Cyd", alarm, consents=False, reason=" "), later(alarm, 1))


def test_consent_to_a_lower_level_is_not_consent_to_a_higher_one() -> None:
    alarm = a_proposal()
    early = a_signature("Ada", alarm)
    raised = propose(a_decision(Level.ALARM, day=2), alarm, policy())
    assert raised is not None
    late = a_signature("Ben", raised)
    assert sign(raised, [early], late, later(raised, 1)) == ()


def test_an_override_needs_one_name_and_a_reason_and_shows_both() -> None:
    made = override(a_proposal(), "Ada", "no second signer can be reached", AS_OF)
    assert made.state is AlarmState.ISSUED
    assert "override by Ada" in made.why and "no second signer" in made.why
    for signer, reason in (("Ada", " "), (" ", "a reason")):
        with pytest.raises(NotAllowed):
            override(a_proposal(), signer, reason, AS_OF)


@pytest.mark.parametrize("act", [refuse, cancel, close])
def test_nothing_is_closed_in_silence(act: object) -> None:
    alarm = a_proposal() if act is refuse else issued()
    with pytest.raises(NotAllowed, match="needs a reason"):
        act(alarm, "Ada", "  ", AS_OF)  # type: ignore[operator]


def test_only_what_was_issued_can_be_cancelled_and_only_a_proposal_signed() -> None:
    with pytest.raises(NotAllowed):
        cancel(a_proposal(), "Ada", "wrong", AS_OF)
    with pytest.raises(NotAllowed):
        refuse(issued(), "Ada", "wrong", AS_OF)
    with pytest.raises(NotAllowed, match="not for"):
        alarm = a_proposal()
        sign(alarm, [], Signature("alm-other", "Ada", True, "", AS_OF), AS_OF)


def test_an_open_alarm_expires_after_its_last_day_and_a_closed_one_does_not() -> None:
    alarm = issued()
    assert expire(alarm, AS_OF + timedelta(days=180), AS_OF) is None
    over = expire(alarm, AS_OF + timedelta(days=181), AS_OF)
    assert over is not None and over.state is AlarmState.EXPIRED
    assert expire(close(alarm, "Ada", "it is over", AS_OF), AS_OF + timedelta(days=999), AS_OF) is None


def test_a_proposal_past_its_last_day_can_no_longer_be_issued() -> None:
    alarm = a_proposal()
    late = AS_OF + timedelta(days=181)
    with pytest.raises(NotAllowed, match="expired on"):
        override(alarm, "Ada", "now at last", late)
    with pytest.raises(NotAllowed, match="expired on"):
        sign(alarm, [], a_signature("Ada", alarm), late)


def test_an_alarm_whose_level_has_gone_ends_on_its_last_day_and_a_new_crossing_is_a_new_alarm() -> None:
    alarm = issued()
    assert propose(a_decision(Level.NONE, day=181), alarm, policy()) is None
    over = expire(alarm, a_decision(day=181).as_of, AS_OF)
    assert over is not None and (over.state, over.in_force) == (AlarmState.EXPIRED, 0)
    again = propose(a_decision(day=300), over, policy())
    assert again is not None and again.id != alarm.id


def test_the_alarm_that_stands_is_the_open_one_whatever_was_recorded_last() -> None:
    over = expire(issued(), AS_OF + timedelta(days=181), AS_OF + timedelta(days=500))
    new = propose(a_decision(day=300), over, policy())
    assert over is not None and new is not None
    assert standing_alarm([over, new]) is standing_alarm([new, over]) is new
    assert standing_alarm([]) is None


@given(levels=st.lists(st.sampled_from(list(Level)), max_size=40))
def test_levels_that_flap_do_not_flap_the_alarm(levels: list[Level]) -> None:
    standing: Alarm | None = None
    changes = 0
    for day, level in enumerate(levels):
        answered = AS_OF.date() + timedelta(days=day)
        moved = propose(a_decision(level, day=day), standing, policy(), answered=answered)
        if moved is not None:
            changes += 1
            assert standing is None or (moved.id == standing.id and moved.level.step > standing.level.step)
            standing = moved
    assert changes <= 3


@given(levels=st.lists(st.sampled_from(list(Level)), max_size=60))
def test_an_alarm_that_flaps_and_that_nobody_answers_comes_no_oftener_than_its_patience(
    levels: list[Level],
) -> None:
    put: list[Alarm] = []
    for day, level in enumerate(levels):
        moved = propose(a_decision(level, day=day), put[-1] if put else None, policy())
        put += [moved] if moved else []
    assert len({alarm.id for alarm in put}) <= 1
    for before, after in pairwise(put):
        risen = after.level.step > before.level.step
        assert risen or (after.as_of - before.as_of).days >= policy().unanswered[Level.ALARM]
