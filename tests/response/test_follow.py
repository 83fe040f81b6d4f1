"""What following promises: every issued alarm asks somebody, and nothing ends without an act or a reason."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.alarms.made import a_proposal
from tests.assessment.made import AS_OF
from tocsin.alarms.alarm import Alarm, Level
from tocsin.alarms.watch import override
from tocsin.errors import NotAllowed, UserError
from tocsin.recipients import addressees
from tocsin.response.engagement import Engagement, EngagementState, Inaction
from tocsin.response.follow import act, answer, decline, due, open_for, parse_inaction, reopen, uphold

TODAY = AS_OF.date()


def issued(level: Level = Level.ALARM) -> Alarm:
    return override(a_proposal(level), "Ada", "no time", AS_OF)


def an_ask(level: Level = Level.ALARM) -> Engagement:
    return open_for(issued(level), addressees("QQA", ("AU",)), AS_OF)[0]


def test_an_issued_alarm_asks_every_role_by_a_day_and_a_proposal_asks_nobody() -> None:
    roles = addressees("QQA", ("AU", "IGAD"))
    asks = open_for(issued(), roles, AS_OF)
    assert [e.body for e in asks] == [r.body for r in roles]
    assert {e.due for e in asks} == {TODAY + timedelta(days=3)}
    assert len({e.id for e in asks}) == len(asks)
    assert open_for(issued(), roles, AS_OF) == asks
    with pytest.raises(NotAllowed, match="only an issued alarm"):
        open_for(a_proposal(), roles, AS_OF)


def test_a_graver_level_is_due_no_later() -> None:
    days = [an_ask(level).due for level in (Level.WARNING, Level.ALARM, Level.ONGOING)]
    assert days == sorted(days, reverse=True)


def test_an_answer_is_kept_unedited_and_the_ask_stays_due_until_an_act_or_a_reason() -> None:
    said = answer(an_ask(), "We look into it.", "desk", AS_OF)
    assert (said.answer, said.state) == ("We look into it.", EngagementState.ANSWERED)
    assert due([said], said.due) == (said,)
    done = act(said, "A monitoring team was sent.", "desk", AS_OF, measure="P04")
    assert done.state is EngagementState.ACTED and done.replaces == said.row
    assert due([done], TODAY + timedelta(days=999)) == ()


def test_declining_needs_a_reason_of_the_list_and_a_review_falls_due_after_30_days() -> None:
    refused = decline(an_ask(), Inaction.LACK_OF_CAPACITY, "", "desk", AS_OF)
    assert refused.review_due == TODAY + timedelta(days=30)
    assert due([refused], TODAY + timedelta(days=29)) == ()
    assert due([refused], TODAY + timedelta(days=30)) == (refused,)


def test_the_reason_other_needs_a_note() -> None:
    with pytest.raises(NotAllowed, match="needs a note"):
        decline(an_ask(), Inaction.OTHER, "  ", "desk", AS_OF)
    assert decline(an_ask(), Inaction.OTHER, "the office is closed", "desk", AS_OF).note


@pytest.mark.parametrize("code", list(Inaction))
def test_each_of_the_five_reasons_can_be_given_by_its_code(code: Inaction) -> None:
    assert parse_inaction(f" {code.value.upper().replace('_', '-')} ") is code


def test_another_reason_is_refused_with_the_five_listed() -> None:
    with pytest.raises(UserError) as caught:
        parse_inaction("too busy")
    assert all(code.value in str(caught.value) for code in Inaction)


def test_a_review_reopens_the_ask_or_upholds_the_reason_for_another_30_days() -> None:
    refused = decline(an_ask(), Inaction.COMPLEXITY_OR_RISK, "roads are closed", "desk", AS_OF)
    month = AS_OF + timedelta(days=30)
    again = reopen(refused, "", month.date() + timedelta(days=7), "desk", month)
    kept = uphold(refused, "roads are still closed", "desk", month)
    assert (again.state, again.ask, again.inaction) == (EngagementState.OPEN, refused.ask, None)
    assert kept.review_due == month.date() + timedelta(days=30)
    for act_on in (
        lambda: reopen(an_ask(), "", TODAY, "desk", AS_OF),
        lambda: uphold(an_ask(), "x", "d", AS_OF),
    ):
        with pytest.raises(NotAllowed):
            act_on()


def test_what_is_closed_takes_no_further_answer_and_nothing_moves_without_a_name_or_words() -> None:
    done = act(an_ask(), "Done.", "desk", AS_OF)
    for attempt in (
        lambda: answer(done, "late", "desk", AS_OF),
        lambda: decline(done, Inaction.COMPETING_INTEREST, "", "desk", AS_OF),
        lambda: answer(an_ask(), " ", "desk", AS_OF),
        lambda: act(an_ask(), "Done.", " ", AS_OF),
    ):
        with pytest.raises(NotAllowed):
            attempt()


@given(days=st.lists(st.integers(0, 60), max_size=8), on=st.integers(0, 90))
def test_everything_due_is_listed_once_longest_overdue_first(days: list[int], on: int) -> None:
    asks = [
        reopen(decline(an_ask(), Inaction.OTHER, "x", "d", AS_OF), "", TODAY + timedelta(days=n), "d", AS_OF)
        for n in days
    ]
    listed = due(asks, TODAY + timedelta(days=on))
    assert [e.due for e in listed] == sorted(TODAY + timedelta(days=n) for n in days if n <= on)
