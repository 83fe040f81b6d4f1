"""What became of a message is said by its steps in order; no clock makes it told twice or never."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.response.dispatch import (
    FIRST_WAIT,
    LONGEST_WAIT,
    TRIES,
    Attempt,
    Channel,
    Standing,
    Step,
    after_failure,
    dispatch_id,
    held,
    standing,
    tries,
)

AT = datetime(2026, 1, 5, 12, tzinfo=UTC)
MAIL, WEBHOOK = Channel.MAIL, Channel.WEBHOOK


def step(kind: Step, at: datetime = AT, **more: object) -> Attempt:
    return Attempt("dsp", kind, at, **more)  # type: ignore[arg-type]


def test_what_was_begun_and_has_no_end_is_in_doubt_by_mail_and_owed_again_by_webhook() -> None:
    assert standing(MAIL, [step(Step.BEGUN)], AT) is Standing.DOUBT
    assert standing(WEBHOOK, [step(Step.BEGUN)], AT) is Standing.OWED
    assert standing(MAIL, [], AT) is Standing.OWED


@pytest.mark.parametrize(
    ("last", "where"),
    [
        (Step.DONE, Standing.TOLD),
        (Step.SETTLED, Standing.TOLD),
        (Step.DEAD, Standing.DEAD),
        (Step.GONE, Standing.DEAD),
        (Step.DOUBT, Standing.DOUBT),
        (Step.AGAIN, Standing.OWED),
    ],
)
def test_the_last_step_says_where_a_message_stands(last: Step, where: Standing) -> None:
    assert standing(MAIL, [step(Step.BEGUN), step(last)], AT) is where


def test_a_failure_waits_and_a_clock_that_jumps_back_does_not_block_it() -> None:
    failed = [step(Step.FAILED, wait=60.0)]
    assert standing(MAIL, failed, AT + timedelta(seconds=59)) is Standing.WAITING
    assert standing(MAIL, failed, AT + timedelta(seconds=60)) is Standing.OWED
    assert standing(MAIL, failed, AT - timedelta(days=900)) is Standing.OWED


@given(st.lists(st.sampled_from(list(Step))), st.integers(-(10**9), 10**9))
def test_no_clock_makes_what_was_told_owed_again(steps: list[Step], seconds: int) -> None:
    row = [*(step(s) for s in steps), step(Step.DONE)]
    assert standing(MAIL, row, AT + timedelta(seconds=seconds)) is Standing.TOLD
    assert standing(WEBHOOK, row, AT + timedelta(seconds=seconds)) is Standing.TOLD


def test_waits_double_to_a_bound_and_the_last_failure_is_a_dead_letter() -> None:
    row: list[Attempt] = []
    waits = []
    while True:
        row.append(after_failure(row, step(Step.FAILED, note="no answer"), 1.0))
        if row[-1].step is Step.DEAD:
            break
        waits.append(row[-1].wait)
    assert waits[:3] == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT] and waits[-1] == LONGEST_WAIT
    assert len(row) == TRIES and row[-1].note == f"no answer; tried {TRIES} times"


def test_failures_of_our_own_mail_server_kill_no_letter() -> None:
    row: list[Attempt] = []
    for _ in range(3 * TRIES):
        row.append(after_failure(row, step(Step.FAILED, own=False), 1.0))
    assert {a.step for a in row} == {Step.FAILED} and tries(row) == 0


def test_a_person_who_says_again_gives_all_tries_back() -> None:
    row = [step(Step.FAILED)] * 5
    assert tries(row) == 5 and tries([*row, step(Step.AGAIN), step(Step.FAILED)]) == 1


def test_notice_is_held_until_it_is_released() -> None:
    assert held([]) is None and held([step(Step.HELD)]) == step(Step.HELD)
    assert held([step(Step.HELD), step(Step.RELEASED)]) is None


def test_an_id_is_of_revision_role_channel_and_address() -> None:
    one = dispatch_id("alm-1.1", "au", MAIL, "a@b.example")
    others = {
        dispatch_id("alm-1.2", "au", MAIL, "a@b.example"),
        dispatch_id("alm-1.1", "eu", MAIL, "a@b.example"),
        dispatch_id("alm-1.1", "au", WEBHOOK, "a@b.example"),
        dispatch_id("alm-1.1", "au", MAIL, "c@b.example"),
    }
    assert one not in others and len(others) == 4
    assert one == dispatch_id("alm-1.1", "au", MAIL, "a@b.example")
