"""One turn on a real home: it proposes, two people issue, somebody is asked, and silence has a reason."""

import json
import re

import pytest

from tests.cli.tools import tocsin
from tocsin.acts import Acts, faults
from tocsin.alarms.alarm import Alarm, AlarmState
from tocsin.alarms.feed import atom
from tocsin.clock import now, today
from tocsin.errors import NotAllowed, UnknownId
from tocsin.flow import turn
from tocsin.response.engagement import EngagementState, Inaction
from tocsin.response.follow import due
from tocsin.store.desk import Desk
from tocsin.store.home import Home, open_home
from tocsin.store.publishing import Publishing

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = open_home(tmp_path_factory.mktemp("turn") / "home")
    turn(made, now(), False, lambda line: None)
    for name in ("ada", "ben", "cai"):
        made.ledger.add_user(name, "desk officer")
    return made


def feed(home: Home) -> bytes:
    return atom(Publishing(home, "http://localhost", "desk@tocsin.example").edition(now()))


def proposals(home: Home) -> list[Alarm]:
    return [a for a in Desk(home).alarms() if a.state is AlarmState.PROPOSED]


def test_every_un_member_is_assessed_with_its_coverage(home: Home) -> None:
    assessments = Desk(home).assessments()
    assert len(assessments) >= 195
    for a in assessments:
        assert len(a.readings) == 14
        assert a.coverage.blind, "nothing was read in words, so something is not seen"


def test_no_data_is_never_shown_as_low_risk(home: Home) -> None:
    decided = {d.iso3: d for d in Desk(home).decisions()}
    for a in Desk(home).assessments():
        if a.no_data:
            assert any("unknown" in s for s in decided[a.iso3].sentences)


def test_a_turn_only_proposes(home: Home) -> None:
    assert proposals(home)
    assert home.ledger.engagements() == []
    assert b"<entry" not in feed(home)


def test_two_people_issue_an_alarm_and_one_twice_does_not(home: Home) -> None:
    acts, alarm = Acts(home), proposals(home)[0]
    acts.sign(alarm.id, "ada", True, "the figures are plain")
    with pytest.raises(NotAllowed):
        acts.sign(alarm.id, "ada", True, "again")
    with pytest.raises(UnknownId):
        acts.sign(alarm.id, "somebody else", True, "")
    acts.sign(alarm.id, "cai", False, "the figures are old")
    assert Desk(home).alarm_history(alarm.id)[-1].state is AlarmState.PROPOSED
    acts.sign(alarm.id, "ben", True, "seen and checked")
    issued = Desk(home).alarm_history(alarm.id)[-1]
    assert issued.state is AlarmState.ISSUED
    assert [s.consents for s in Desk(home).signatures(alarm.id)] == [True, False, True]
    told = feed(home).decode()
    assert told.count("<entry") == 1 and alarm.id in told


def test_an_issued_alarm_asks_roles_and_is_not_closed_in_silence(home: Home) -> None:
    acts, alarm = Acts(home), proposals(home)[0]
    for name in ("ada", "ben"):
        acts.sign(alarm.id, name, True, "checked")
    asked = home.ledger.engagements(alarm=alarm.id)
    assert asked and all(e.body and e.role and e.due > today() for e in asked)
    with pytest.raises(NotAllowed, match="open engagement"):
        acts.close(alarm.id, "ada", "over")
    with pytest.raises(NotAllowed):
        acts.decline(asked[0].id, "ada", Inaction.OTHER, " ")
    acts.decline(asked[0].id, "ada", Inaction.LACK_OF_CAPACITY, "")
    declined = home.ledger.engagements(asked[0].id)[-1]
    assert declined.state is EngagementState.DECLINED and declined.review_due is not None
    assert (declined.review_due - today()).days == 30
    assert declined in due(home.ledger.engagements(), declined.review_due)
    for e in asked[1:]:
        acts.answer(e.id, "ben", "We have received it.")
        acts.act(e.id, "ben", "An envoy travelled.")
    acts.close(alarm.id, "ben", "the situation is over")
    assert Desk(home).alarm_history(alarm.id)[-1].state is AlarmState.CLOSED


def test_a_second_turn_raises_no_second_alarm(home: Home) -> None:
    before = {a.id for a in Desk(home).alarms()}
    turn(home, now(), False, lambda line: None)
    assert {a.id for a in Desk(home).alarms()} == before


def test_the_home_verifies_and_a_changed_forecast_is_found(home: Home) -> None:
    assert faults(home) == []
    part = next(p for p in home.lake.generation().parts if p.table == "forecasts")
    path = home.lake.folder / part.file
    raw = path.read_bytes()
    path.write_bytes(raw[:100] + bytes([raw[100] ^ 1]) + raw[101:])
    assert any(part.file in fault for fault in faults(home))
    path.write_bytes(raw)


def test_a_replay_is_kept_apart_and_tells_nobody(home: Home) -> None:
    turns, alarms = len(home.ledger.turns(limit=1000)), Desk(home).alarms()
    said = tocsin(home.folder, "run", "--as-of", "2010-12-31", "--json")
    report = json.loads(said.stdout)
    assert report["replay"] and re.match(r"replay-20101231-", report["run"])
    assert (len(home.ledger.turns(limit=1000)), Desk(home).alarms()) == (turns, alarms)
    replay = Desk(home, report["run"])
    assert replay.engagements() == [] and {a.run for a in replay.alarms()} == {report["run"]}
    assert {f.run for f in replay.forecasts()} == {report["run"]}
    assert report["run"] not in {f.run for f in Desk(home).forecasts()}
    assert max(replay.forecasts()[0].features_known.values()) <= 2010
