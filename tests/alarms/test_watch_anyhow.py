"""A desk and its rules doing anything in any order: what is public keeps what it promises."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.alarms.made import a_decision
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
    refuse,
    sign,
    standing_alarm,
)
from tocsin.errors import NotAllowed


class Desk(RuleBasedStateMachine):
    """A desk and its rules doing anything in any order, under a clock that also jumps back."""

    def __init__(self) -> None:
        super().__init__()
        self.day = 0
        self.rows: list[Alarm] = []
        self.signatures: list[Signature] = []

    @property
    def standing(self) -> Alarm | None:
        newest = {row.id: row for row in self.rows}
        return standing_alarm(list(newest.values()))

    @rule(
        level=st.sampled_from(list(Level)),
        days=st.integers(-3, 60),
        held=st.booleans(),
        origins=st.integers(0, 2),
        forecast=st.booleans(),
    )
    def a_turn(self, level: Level, days: int, held: bool, origins: int, forecast: bool) -> None:
        self.day = max(0, self.day + days)
        why = "quiet" if held else ""
        decision = a_decision(level, day=self.day, held=why, origins=origins, forecast_rule=forecast)
        if self.standing and (over := expire(self.standing, decision.as_of, decision.recorded)):
            self.rows.append(over)
        moved = propose(decision, self.standing, policy())
        if moved is not None:
            self.rows.append(moved)

    @precondition(lambda self: self.rows)
    @rule(signer=st.sampled_from(["Ada", "Ben", "ada"]), consents=st.booleans(), hours=st.integers(-48, 48))
    def someone_signs(self, signer: str, consents: bool, hours: int) -> None:
        at = AS_OF + timedelta(days=self.day, hours=hours)
        alarm = self.standing
        assert alarm is not None
        new = Signature(alarm.id, signer, consents, "because", at, alarm.revision)
        counted = {
            s.signer.casefold()
            for s in self.signatures
            if (s.alarm, s.revision) == (alarm.id, alarm.revision)
        }
        try:
            moved = sign(alarm, self.signatures, new, at)
        except NotAllowed as refused:
            again = signer.casefold() in counted
            asked = alarm.state is AlarmState.PROPOSED and at.date() <= alarm.expires
            twice = "second person" in str(refused)
            assert twice == (again and asked), "no clock loses or doubles one"
            return
        assert signer.casefold() not in counted
        self.signatures.append(new)
        self.rows.extend(moved)

    @precondition(lambda self: self.rows)
    @rule(act=st.sampled_from([refuse, cancel, close, override]), reason=st.sampled_from(["", "because"]))
    def someone_acts(self, act: object, reason: str) -> None:
        at = AS_OF + timedelta(days=self.day, hours=1)
        try:
            self.rows.append(act(self.standing, "Cyd", reason, at))  # type: ignore[operator]
        except NotAllowed:
            return

    @invariant()
    def every_row_names_its_mover_its_reason_and_the_row_it_replaces(self) -> None:
        before: dict[str, Alarm] = {}
        for row in self.rows:
            assert row.moved_by and row.why
            assert row.replaces == (before[row.id].row if row.id in before else "")
            before[row.id] = row
        assert len({row.row for row in self.rows}) == len(self.rows)

    @invariant()
    def a_place_has_one_alarm_at_a_time(self) -> None:
        newest = {row.id: row for row in self.rows}
        assert sum(row.state.open or row.in_force > 0 for row in newest.values()) <= 1

    @invariant()
    def nothing_is_public_without_two_signers_and_support_or_a_named_override(self) -> None:
        for row in self.rows:
            if row.state.public and row.in_force == row.revision:
                seen = row.revision - 1
                mine = [s for s in self.signatures if (s.alarm, s.revision) == (row.id, seen) and s.consents]
                by_two = len({s.signer.casefold() for s in mine}) >= 2 and not lacks(row)
                assert by_two or row.why.startswith("override by Cyd")
                assert by_two or not lacks(row) or "without support" in row.why

    @invariant()
    def every_alarm_ends_on_a_day_that_is_told(self) -> None:
        assert all(row.expires > row.first_crossing for row in self.rows)

    @invariant()
    def what_ended_opens_again_under_its_name_only_on_its_day_or_under_a_clock_that_jumped_back(self) -> None:
        before: dict[str, Alarm] = {}
        for row in self.rows:
            earlier = before.get(row.id)
            if earlier and not earlier.state.open and not earlier.in_force and row.state.open:
                assert row.as_of.date() == row.first_crossing or row.as_of == earlier.as_of
            before[row.id] = row


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
