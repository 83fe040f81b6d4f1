"""What an alarm promises: one a situation, issued by people, never closed in silence, never for ever."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.alarms.made import a_decision, a_proposal, a_signature, later
from tests.assessment.made import AS_OF
from tocsin.alarms.alarm import Alarm, AlarmState, Level, Signature
from tocsin.alarms.policy import policy
from tocsin.alarms.watch import cancel, close, expire, override, propose, refuse, sign, standing_alarm
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
    assert propose(a_decision(day=165, held=held), standing, policy()) is None
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
    late = Signature(alarm.id, "Ben", True, "yes", later(raised, 1))
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
        moved = propose(a_decision(level, day=day), standing, policy())
        if moved is not None:
            changes += 1
            assert standing is None or (moved.id == standing.id and moved.level.step > standing.level.step)
            standing = moved
    assert changes <= 3


class Desk(RuleBasedStateMachine):
    """A desk and its rules doing anything in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.day = 0
        self.rows: list[Alarm] = []
        self.signatures: list[Signature] = []

    @property
    def standing(self) -> Alarm | None:
        return self.rows[-1] if self.rows else None

    @rule(level=st.sampled_from(list(Level)), days=st.integers(0, 60), held=st.booleans())
    def a_turn(self, level: Level, days: int, held: bool) -> None:
        self.day += days
        decision = a_decision(level, day=self.day, held="quiet" if held else "")
        if self.standing and (over := expire(self.standing, decision.as_of, decision.recorded)):
            self.rows.append(over)
        moved = propose(decision, self.standing, policy())
        if moved is not None:
            self.rows.append(moved)

    @precondition(lambda self: self.rows)
    @rule(signer=st.sampled_from(["Ada", "Ben", "ada"]), consents=st.booleans())
    def someone_signs(self, signer: str, consents: bool) -> None:
        at = AS_OF + timedelta(days=self.day, hours=1)
        new = Signature(self.rows[-1].id, signer, consents, "because", at)
        try:
            moved = sign(self.rows[-1], self.signatures, new, at)
        except NotAllowed:
            return
        self.signatures.append(new)
        self.rows.extend(moved)

    @precondition(lambda self: self.rows)
    @rule(act=st.sampled_from([refuse, cancel, close, override]), reason=st.sampled_from(["", "because"]))
    def someone_acts(self, act: object, reason: str) -> None:
        at = AS_OF + timedelta(days=self.day, hours=1)
        try:
            self.rows.append(act(self.rows[-1], "Cyd", reason, at))  # type: ignore[operator]
        except NotAllowed:
            return

    @invariant()
    def every_row_names_its_mover_its_reason_and_the_row_it_replaces(self) -> None:
        for earlier, row in zip(self.rows, self.rows[1:], strict=False):
            assert row.moved_by and row.why
            assert row.replaces == (earlier.row if row.id == earlier.id else "")
        assert len({row.row for row in self.rows}) == len(self.rows)

    @invariant()
    def nothing_is_public_without_two_signers_or_a_named_override(self) -> None:
        for row in self.rows:
            if row.state is AlarmState.ISSUED:
                names = {s.signer.casefold() for s in self.signatures if s.alarm == row.id and s.consents}
                assert len(names) >= 2 or row.why.startswith("override by Cyd")

    @invariant()
    def a_closed_alarm_opens_again_only_on_the_day_that_is_its_name(self) -> None:
        for earlier, row in zip(self.rows, self.rows[1:], strict=False):
            if not earlier.state.open and row.id == earlier.id:
                over = row.state is AlarmState.EXPIRED and earlier.in_force
                risen = row.level.step > earlier.level.step and row.as_of.date() == row.first_crossing
                renewed = row.state is AlarmState.PROPOSED and earlier.in_force
                assert over or risen or renewed, "what was in force may still expire, rise or be renewed"


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=25, stateful_step_count=25)
