"""From a page that is gone to the alarm that rests on it: flagged everywhere, dropped nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.tools import tocsin
from tests.net.server import Quiet, guest, serving
from tests.signals.test_withdrawn import withdrawal
from tests.sources.test_pages import plan
from tests.store.made import alarm as stored_alarm
from tests.store.made import record
from tocsin.acts import Acts, faults
from tocsin.alarms.alarm import Alarm, AlarmState, Decision, Level
from tocsin.clock import as_of_end, now, today
from tocsin.errors import NotAllowed, UnknownId
from tocsin.flow import code, gather, turn
from tocsin.signals.review import Judgement
from tocsin.signals.voices import listed_origins
from tocsin.signals.withdrawn import REPLACED, WITHDRAWN
from tocsin.sources.contract import Request, Wanted
from tocsin.store.desk import Desk
from tocsin.store.home import Home, open_home
from tocsin.store.turns import Stamp
from tocsin.store.withdrawing import Withdrawing, taken_at

ISO3 = "BWA"
KNOWN = tuple(name for name in sorted(listed_origins()) if not name.startswith("state_"))[:2]
"""Two origins that the reviewed lists name: they count by themselves from the first day."""
YESTERDAY = today() - timedelta(days=1)
SAID = (
    "Soldiers massacred dozens of civilians in Gaborone, Botswana, this week. Troops executed villagers and "
    "burned their houses; hundreds fled the ethnic cleansing."
)
OTHER = (
    "In Gaborone, Botswana, the army killed at least forty people on Tuesday and raped women of a minority. "
    "Survivors describe mass graves, and officials call the minority vermin that must be exterminated."
)


def article(words: str) -> bytes:
    stated = f'<meta name="date" content="{YESTERDAY}">'
    return f"<html><head><title>A report</title>{stated}</head><body><p>{words}</p></body></html>".encode()


def pages(home: Home, web: Quiet, *wanted: str) -> Any:
    named = tuple(Wanted(address, origin) for address, origin in zip(wanted, KNOWN, strict=False))
    return gather(home, "pages", Request((), None, None, now(), False, guest(web), pages=named))


def alarm(home: Home) -> Alarm:
    (found,) = [a for a in Desk(home).alarms() if a.iso3 == ISO3]
    return found


def decision(home: Home) -> Decision:
    (found,) = [d for d in Desk(home).decisions() if d.iso3 == ISO3]
    return found


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = open_home(tmp_path / "home")
    made.ledger.add_user("ada", "desk officer")
    yield made
    made.close()


@pytest.fixture
def web() -> Iterator[Quiet]:
    with serving() as up:
        yield up


@pytest.mark.slow
def test_an_alarm_on_withdrawn_words_is_flagged_and_falls_by_the_policy_alone(home: Home, web: Quiet) -> None:
    one = plan(web, "a", (200, article(SAID)), (410, b""))
    two = plan(web, "b", (200, article(OTHER)))
    assert pages(home, web, one, two).written["records"] == 2 and faults(home) == []
    assert turn(home, now(), False, lambda _: None)["withdrawn"] == []
    raised = alarm(home)
    assert (raised.level, raised.rule, raised.state) == (
        Level.ALARM,
        "alarm-two-origins",
        AlarmState.PROPOSED,
    )

    gone = pages(home, web)
    assert gone.written == {**gone.written, "withdrawals": 1, "records": 0}, (
        "what alarms rest on is looked at"
    )
    assert pages(home, web).written["withdrawals"] == 0, "it is told once"
    _flagged_at_once(home, raised)

    report = turn(home, now(), False, lambda _: None)
    (flag,) = [f for f in report["withdrawn"] if f["iso3"] == ISO3]
    assert flag["alarm"] == raised.id and "127.0.0.1" in flag["told"] and "410" in flag["told"]
    assert decision(home).level.step <= Level.ALARM.step and alarm(home).state is AlarmState.PROPOSED

    (left,) = [r for r in home.lake.read("records", now()) if r.external_id == two]
    Withdrawing(home).withdraw(left.id, "ada", "the photographs are of another war")
    report = turn(home, now(), False, lambda _: None)
    (flag,) = [f for f in report["withdrawn"] if f["iso3"] == ISO3]
    assert len(flag["records"]) == 2 and "ada" in flag["told"]
    assert decision(home).level.step < Level.ALARM.step, "both origins are gone, and the same pages were read"
    assert alarm(home).state is AlarmState.PROPOSED, "nothing closes it but people and its last day"
    shown = tocsin(home.folder, "warn").stdout
    assert "WITHDRAWN: Rests on 2 withdrawn records" in shown and "by ada" in shown
    assert all(s.review == WITHDRAWN for s in Desk(home).signals(ISO3))


def _flagged_at_once(home: Home, raised: Alarm) -> None:
    """On the desk the flag needs no turn."""
    desk = Desk(home)
    (back,) = desk.withdrawing.flags([raised])[raised.id]
    assert (back.how, back.by) == (WITHDRAWN, "127.0.0.1") and desk.withdrawing.taken[back.record] == back
    (line,) = [json.loads(x) for x in tocsin(home.folder, "warn", "--json").stdout.splitlines() if ISO3 in x]
    assert "1 withdrawn record" in line["withdrawn"]


def coded(home: Home, *rows: Any) -> tuple[list[Any], list[Any]]:
    """Records written and coded, as a turn does it."""
    home.lake.write({"records": rows}, "test")
    stamp = Stamp("live-1", as_of_end(today()), now(), False)
    seen, signals, _ = code(home, home, stamp)
    home.lake.write({"coded": seen, "signals": signals}, "test")
    return seen, signals


def an_alarm(signals: list[Any], home: Home, **changes: Any) -> Alarm:
    one = replace(stored_alarm(iso3=ISO3), reasons=tuple(s.id for s in signals), **changes)
    home.ledger.add(one)
    return one


def test_a_corrected_record_flags_what_rests_on_the_version_before(home: Home) -> None:
    first = replace(record(1, str(YESTERDAY), SAID), external_id="1")
    _, signals = coded(home, first)
    assert signals
    raised = an_alarm(signals, home)
    assert Withdrawing(home).flags([raised]) == {}
    home.lake.write({"records": [replace(record(2, str(today()), OTHER, first.id), external_id="1")]}, "test")
    (back,) = Withdrawing(home).flags([raised])[raised.id]
    assert (back.record, back.how) == (first.id, REPLACED)
    assert Withdrawing(home).account([raised])[0]["records"][0]["how"] == REPLACED


def test_the_next_revision_says_it_and_names_nobody_of_the_desk(home: Home) -> None:
    made = record(1, str(YESTERDAY), SAID)
    _, signals = coded(home, made)
    raised = an_alarm(signals, home)
    Withdrawing(home).withdraw(made.id, "ada", "a forgery")
    renewed = replace(raised, revision=2, reasons=(), replaces=raised.row)
    (said,) = Withdrawing(home).said([renewed])
    assert said.sentences[:-1] == raised.sentences and said.sentences[-1].startswith(
        "Rests on 1 withdrawn record"
    )
    assert "ada" not in said.sentences[-1] and "forgery" not in said.sentences[-1]
    (again,) = Withdrawing(home).said([said])
    assert again.sentences == said.sentences, "it is said once"
    (free,) = Withdrawing(home).said([replace(renewed, id="alm-another")])
    assert free.sentences == raised.sentences


def test_a_claim_that_people_corrected_still_leads_to_its_record(home: Home) -> None:
    made = record(1, str(YESTERDAY), SAID)
    coded(home, made)
    acts = Acts(home)
    claim = acts.reviewing.claims(made.id)[0]
    acts.reviewing.correct(claim.id, "ada", Judgement(countries=("NAM",)), "the town lies elsewhere")
    seen, signals = Withdrawing(home).words(*coded(home, made))
    (corrected,) = [s for s in signals if s.replaces == claim.id]
    raised = an_alarm([corrected], home)
    Withdrawing(home).withdraw(made.id, "ada", "a forgery")
    assert [f.record for f in Withdrawing(home).flags([raised])[raised.id]] == [made.id]
    assert all(s.review == WITHDRAWN for s in Withdrawing(home).words(seen, signals)[1])


def test_a_person_withdraws_once_with_a_name_and_a_reason(home: Home) -> None:
    made = record(1, str(YESTERDAY))
    home.lake.write({"records": [made]}, "test")
    desk = Withdrawing(home)
    with pytest.raises(UnknownId, match="tocsin users add"):
        desk.withdraw(made.id, "nobody", "x")
    with pytest.raises(NotAllowed, match="needs a reason"):
        desk.withdraw(made.id, "ada", " ")
    with pytest.raises(NotAllowed, match="may not state a crime as a fact"):
        desk.withdraw(made.id, "ada", "This is genocide.")
    with pytest.raises(UnknownId, match="record"):
        desk.withdraw("rec-none", "ada", "x")
    done = tocsin(home.folder, "review", "withdraw", made.id, "--by", "ada", "--reason", "a forgery")
    assert done.returncode == 0 and f"{made.id} withdrawn by ada" in done.stderr
    with pytest.raises(NotAllowed, match="withdrawn already, by ada"):
        Withdrawing(home).withdraw(made.id, "ada", "again")
    (row,) = home.lake.read("withdrawals", now())
    assert (row.record, row.by, row.why, row.external_id) == (made.id, "ada", "a forgery", "")
    assert home.lake.read("records", now()) == [made], "the record stays"


def test_a_replay_sees_no_later_withdrawal(home: Home) -> None:
    made = record(1, "2024-05-03")
    home.lake.write({"records": [made]}, "test")
    Withdrawing(home).withdraw(made.id, "ada", "a forgery")
    assert taken_at(home, as_of_end(YESTERDAY), False) == {}
    assert set(taken_at(home, now(), False)) == {made.id}


def test_words_of_others_never_make_an_alarm_state_a_crime(home: Home) -> None:
    made = replace(record(1, str(YESTERDAY), SAID), source="pages", external_id="https://genocide.example/a")
    _, signals = coded(home, made)
    raised = an_alarm(signals, home)
    told = withdrawal(
        now(), external_id="https://genocide.example/a", by="genocide.example", why="It is genocide."
    )
    home.lake.write({"withdrawals": [told]}, "test")
    (said,) = Withdrawing(home).said([replace(raised, revision=2)])
    assert "genocide" not in said.sentences[-1] and "withdrawn by its source" in said.sentences[-1]
