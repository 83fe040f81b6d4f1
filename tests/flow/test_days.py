"""Many turns over many days on a real ledger: one situation keeps one alarm, and none is lost or doubled."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.alarms.made import a_decision
from tests.assessment.made import AS_OF
from tocsin.acts import Acts
from tocsin.alarms.alarm import Alarm, AlarmState, Decision, Level
from tocsin.alarms.policy import policy
from tocsin.clock import now
from tocsin.errors import NotAllowed
from tocsin.flow import propose
from tocsin.response.engagement import EngagementState
from tocsin.store.home import Home, open_home
from tocsin.store.turns import Stamp

TURNS = count()
PLACES = ("HTI", "MLI", "SDN")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = open_home(tmp_path / "home")
    for name in ("ada", "ben"):
        made.ledger.add_user(name, "desk officer")
    yield made
    made.close()


def a_turn(home: Home, day: int, levels: dict[str, Level], held: str = "", **more: Any) -> list[Alarm]:
    as_of = AS_OF + timedelta(days=day)
    run = f"live-{next(TURNS)}"
    decisions: list[Decision] = [
        a_decision(level, day=day, iso3=iso3, run=run, held=held, id=f"dec-{iso3}-{day}", **more)
        for iso3, level in levels.items()
    ]
    moved = propose(home, Stamp(run, as_of, as_of, False), decisions)
    home.ledger.add(*moved)
    return moved


def standing(home: Home, iso3: str) -> list[Alarm]:
    return [a for a in home.ledger.alarms() if a.iso3 == iso3 and (a.state.open or a.in_force)]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.lists(
        st.tuples(
            st.integers(1, 70), st.lists(st.sampled_from(list(Level)), min_size=3, max_size=3), st.booleans()
        ),
        max_size=12,
    )
)
def test_a_place_never_has_two_standing_alarms(
    tmp_path_factory: pytest.TempPathFactory, days: list[tuple[int, list[Level], bool]]
) -> None:
    home, day = open_home(tmp_path_factory.mktemp("days") / "home"), 0
    for gap, levels, held in days:
        day += gap
        a_turn(home, day, dict(zip(PLACES, levels, strict=True)), "not measured" if held else "")
        assert all(len(standing(home, iso3)) <= 1 for iso3 in PLACES)
    home.close()


def test_a_level_that_lasts_two_years_keeps_one_alarm_and_asks_people_again(home: Home) -> None:
    put = [a_turn(home, day, {"HTI": Level.WARNING}) for day in range(0, 730, 5)]
    assert len({a.id for moved in put for a in moved}) == 1
    often = 730 // policy().unanswered[Level.WARNING]
    assert sum(map(len, put)) == 1 + often, "first, and once for every stretch without an answer"
    assert [a.state for a in standing(home, "HTI")] == [AlarmState.PROPOSED]


def test_a_place_that_is_no_longer_decided_on_loses_its_alarm_on_its_last_day(home: Home) -> None:
    a_turn(home, 0, {"HTI": Level.WARNING, "MLI": Level.WARNING})
    a_turn(home, 100, {"MLI": Level.WARNING})
    assert standing(home, "HTI")
    a_turn(home, 181, {"MLI": Level.WARNING})
    assert not standing(home, "HTI") and standing(home, "MLI")


def test_two_signers_do_not_issue_an_alarm_on_one_origin_and_are_told_what_is_missing(home: Home) -> None:
    day = (now().date() - AS_OF.date()).days
    (alarm,) = a_turn(home, day, {"HTI": Level.ALARM}, origins=1)
    said = [Acts(home).sign(alarm.id, name, True, "seen") for name in ("ada", "ben")]
    assert all("it needs two origins, or one and a rule on a forecast" in line for line in said)
    assert [a.state for a in standing(home, "HTI")] == [AlarmState.PROPOSED]
    Acts(home).override(alarm.id, "ada", "I spoke to the only witness")
    (public,) = standing(home, "HTI")
    assert (
        public.state is AlarmState.ISSUED
        and "without support: it rests on 1 independent origin" in public.why
    )


def test_an_answer_to_what_an_alarm_asks_gives_it_time(home: Home) -> None:
    alarm, day = issued(home), (now().date() - AS_OF.date()).days
    waits = policy().unanswered[Level.WARNING]
    asked = home.ledger.engagements(alarm=alarm.id)[0]
    Acts(home).answer(asked.id, "ada", "we look into it")
    assert a_turn(home, day + waits - 1, {"HTI": Level.WARNING}) == []
    (again,) = a_turn(home, day + waits, {"HTI": Level.WARNING})
    assert again.id == alarm.id and f"nobody has answered for {waits} days" in again.why


def test_two_turns_of_one_day_and_an_act_between_them_make_one_alarm(home: Home) -> None:
    (alarm,) = a_turn(home, 0, {"HTI": Level.WARNING})
    Acts(home).refuse(alarm.id, "ada", "an error in the figures")
    assert a_turn(home, 0, {"HTI": Level.WARNING}) == []
    raised = a_turn(home, 0, {"HTI": Level.ONGOING})
    assert [a.state for a in raised] == [AlarmState.PROPOSED], "a refusal of less is no refusal of more"


def issued(home: Home) -> Alarm:
    (alarm,) = a_turn(home, 0, {"HTI": Level.WARNING})
    # The acts read the clock of today; the alarm is given a last day that lies ahead of it.
    home.ledger.add(
        replace(alarm, revision=2, expires=alarm.expires + timedelta(days=3650), replaces=alarm.row)
    )
    for name in ("ada", "ben"):
        Acts(home).sign(alarm.id, name, True, "checked")
    return home.ledger.alarms(alarm.id)[-1]


def test_a_raise_waits_for_people_while_the_issued_level_stays_public(home: Home) -> None:
    alarm = issued(home)
    a_turn(home, 10, {"HTI": Level.ONGOING}, recorded=now())
    (public,) = home.ledger.in_force(AS_OF.date())
    assert (public.row, public.level) == (alarm.row, Level.WARNING)
    asked = home.ledger.engagements(alarm=alarm.id)
    for name in ("ada", "ben"):
        Acts(home).sign(alarm.id, name, True, "seen")
    (public,) = home.ledger.in_force(AS_OF.date())
    assert (public.level, public.state) == (Level.ONGOING, AlarmState.UPDATED)
    again = home.ledger.engagements(alarm=alarm.id)
    assert {e.id for e in again} == {e.id for e in asked}
    assert all(e.revision == 2 and e.state is EngagementState.OPEN for e in again), (
        "each role is asked once more"
    )


def test_nobody_signs_what_they_did_not_see(home: Home) -> None:
    alarm = issued(home)
    a_turn(home, 10, {"HTI": Level.ONGOING})
    with pytest.raises(NotAllowed, match="look at it again"):
        Acts(home).sign(alarm.id, "ada", True, "checked", revision=alarm.revision)


def test_an_alarm_taken_back_asks_nobody_any_more(home: Home) -> None:
    alarm = issued(home)
    Acts(home).cancel(alarm.id, "ada", "the figures were wrong")
    assert home.ledger.in_force(AS_OF.date()) == []
    assert {e.state for e in home.ledger.engagements(alarm=alarm.id)} == {EngagementState.WITHDRAWN}
