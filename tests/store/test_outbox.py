"""Nothing is told twice and nothing is lost: mail servers, webhooks, clocks and people of every kind."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from tests.net.mail_server import Box, taking
from tests.net.server import Quiet, serving
from tests.store.telling import AT, KEY, Clock, Words, home_with, hook, issued, mail, moved, sender
from tocsin.alarms.alarm import AlarmState, Level
from tocsin.errors import AddressRefused, NotAllowed, UnknownId
from tocsin.net.mail import Envelope
from tocsin.response.dispatch import LONGEST_WAIT, TRIES, Attempt, Dispatch, Standing, Step
from tocsin.store.home import Home
from tocsin.store.outbox import Outbox, Word, hold, release, step_in
from tocsin.store.sending import Sender

LATER = timedelta(seconds=LONGEST_WAIT * 2)
ADA = Word("Ada", "seen by eye", AT)


@pytest.fixture(autouse=True)
def set_up(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("TOCSIN_OFFLINE", "0")
    monkeypatch.setenv("TOCSIN_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("TOCSIN_SMTP_TLS", "none")
    monkeypatch.setenv("TOCSIN_SMTP_FROM", "alarms@tocsin.example")
    monkeypatch.setenv("TOCSIN_ALLOW_HOSTS", "127.0.0.1")
    monkeypatch.setenv("TOCSIN_WEBHOOK_TEST", KEY)
    monkeypatch.setenv("TOCSIN_HOST_SECONDS", "0")
    return monkeypatch


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = home_with(tmp_path, issued())
    yield made
    made.close()


@pytest.fixture
def box(set_up: pytest.MonkeyPatch) -> Iterator[Box]:
    made = Box()
    with taking(made) as port:
        set_up.setenv("TOCSIN_SMTP_PORT", str(port))
        yield made


@pytest.fixture
def server() -> Iterator[Quiet]:
    with serving() as up:
        yield up


def places(outbox: object, at: object = AT) -> list[Standing]:
    return [t.standing for t in outbox.account(at)]  # type: ignore[attr-defined]


# What is owed


def test_an_alarm_in_force_is_told_once_to_each_address_of_each_role(home: Home, box: Box) -> None:
    one, outbox = sender(home, {"au": mail("a@au.example", "b@au.example"), "un-ocha": mail("o@un.example")})
    one.send()
    one.send()
    assert sorted(to for to, _ in box.taken) == ["a@au.example", "b@au.example", "o@un.example"]
    assert set(places(outbox)) == {Standing.TOLD}


def test_nobody_is_told_of_a_proposal_a_lapsed_alarm_a_replay_or_a_level_they_do_not_hear(
    tmp_path: Path, box: Box
) -> None:
    proposal = moved(issued("RWA"), AlarmState.PROPOSED, in_force=0, in_force_until=None)
    lapsed = moved(issued("KEN"), AlarmState.UPDATED, in_force_until=AT.date() - timedelta(days=1))
    replayed = moved(issued("UGA"), AlarmState.UPDATED, run="replay-20140101-1")
    home = home_with(
        tmp_path, proposal, lapsed, replayed, issued("TZA", Level.WARNING), issued("COD", Level.RISK)
    )
    every = {"au": mail("a@au.example"), "un-ocha": mail("o@un.example")}
    sender(home, every)[0].send()
    assert [to for to, _ in box.taken] == ["a@au.example"], "the African Union, of the warning alone"
    home.close()


def test_an_update_goes_to_all_and_an_end_only_to_those_who_were_told(home: Home, box: Box) -> None:
    first = issued()
    sender(home, {"au": mail("a@au.example")})[0].send()
    both = {"au": mail("a@au.example"), "eac": mail("e@eac.example")}
    ended = moved(first, AlarmState.CANCELLED)
    home.ledger.add(ended)
    one, outbox = sender(home, both)
    one.send()
    assert [(to, m["Subject"]) for (to, _), m in zip(box.taken, box.letters(), strict=True)] == [
        ("a@au.example", first.row),
        ("a@au.example", f"{ended.row} end"),
    ]
    assert {t.dispatch.recipient for t in outbox.account(AT)} == {"au"}


def test_a_lower_level_is_told_to_who_heard_of_the_higher_one(home: Home, box: Box) -> None:
    everyone = {"un-ocha": mail("o@un.example")}
    sender(home, everyone)[0].send()
    home.ledger.add(moved(issued(), AlarmState.UPDATED, level=Level.WARNING))
    sender(home, everyone)[0].send()
    assert len(box.taken) == 2


def test_what_was_not_told_before_the_alarm_moved_on_is_told_only_as_it_now_stands(
    home: Home, box: Box
) -> None:
    box.habit = "later"
    one, outbox = sender(home, {"au": mail("a@au.example")})
    one.send()
    update = moved(issued(), AlarmState.UPDATED)
    home.ledger.add(update)
    box.habit = ""
    one.send()
    assert [m["Subject"] for m in box.letters()] == [update.row]
    assert [(t.standing, t.lapsed) for t in outbox.account(AT + LATER)] == [
        (Standing.OWED, True),
        (Standing.TOLD, False),
    ]


def test_a_change_that_waits_for_signatures_changes_nothing(home: Home, box: Box) -> None:
    home.ledger.add(moved(issued(), AlarmState.PROPOSED, level=Level.ONGOING))
    sender(home, {"au": mail("a@au.example")})[0].send()
    assert [m["Subject"] for m in box.letters()] == [issued().row]


def test_offline_and_in_a_replay_nobody_is_told(home: Home, box: Box, set_up: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotAllowed, match="replay"):
        sender(Home(home.folder, "replay-1"), {"au": mail("a@au.example")})[0].send()
    set_up.setenv("TOCSIN_OFFLINE", "1")
    with pytest.raises(AddressRefused, match="offline: nobody is told"):
        sender(home, {"au": mail("a@au.example")})[0].send()
    assert box.taken == []


def test_an_alarm_that_nobody_is_responsible_for_is_an_error_that_keeps_no_other_from_being_told(
    home: Home, box: Box
) -> None:
    home.ledger.add(issued("QQQ"))
    one, outbox = sender(home, {"au": mail("a@au.example")})
    one.send()
    assert len(box.taken) == 1
    (fault,) = outbox.unrouted()
    assert fault.startswith(f"{issued('QQQ').id}: unknown country 'QQQ'")


# Mail


def test_a_mail_server_that_is_down_kills_no_letter_and_is_tried_once_a_round(
    home: Home, set_up: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        set_up.setenv("TOCSIN_SMTP_PORT", str(free.getsockname()[1]))
    clock = Clock()
    one, outbox = sender(home, {"au": mail("a@au.example"), "eac": mail("e@eac.example")}, clock)
    for _ in range(2 * TRIES):
        sent = one.send()
        assert len(sent.steps) == 1 and "cannot be used" in sent.halted["mail"]  # type: ignore[index]
        clock.at += LATER
    assert Standing.DEAD not in places(outbox, clock.at)
    box = Box()
    with taking(box) as port:
        set_up.setenv("TOCSIN_SMTP_PORT", str(port))
        sender(home, {"au": mail("a@au.example"), "eac": mail("e@eac.example")}, clock)[0].send()
    assert len(box.taken) == 2


def test_without_a_mail_server_webhooks_are_told_and_letters_stay_owed(
    home: Home, server: Quiet, set_up: pytest.MonkeyPatch
) -> None:
    set_up.delenv("TOCSIN_SMTP_HOST")
    server.plan["hook"] = [(204, b"", {})]
    one, outbox = sender(home, {"au": mail("a@au.example"), "eac": hook(f"{server.url}/hook")})
    sent = one.send()
    assert "TOCSIN_SMTP_HOST" in sent.halted["mail"] and server.paths() == ["hook"]  # type: ignore[index]
    assert sorted(places(outbox)) == [Standing.OWED, Standing.TOLD]


def test_a_refused_addressee_is_a_dead_letter_and_the_others_are_told(home: Home, box: Box) -> None:
    box.habit = "refuses one"
    one, outbox = sender(home, {"au": mail("gone@au.example", "a@au.example")})
    one.send()
    assert [to for to, _ in box.taken] == ["a@au.example"]
    assert sorted(places(outbox)) == [Standing.DEAD, Standing.TOLD]


def test_an_address_that_says_later_is_tried_again_after_its_wait_and_is_dead_in_the_end(
    home: Home, box: Box
) -> None:
    box.habit = "later"
    clock = Clock()
    one, outbox = sender(home, {"au": mail("a@au.example")}, clock)
    one.send()
    one.send()
    assert box.sessions == 1, "it waits"
    one.send(at_once=True)
    assert box.sessions == 2
    for _ in range(TRIES):
        clock.at += LATER
        one.send()
    (told,) = outbox.account(clock.at)
    assert told.standing is Standing.DEAD and told.loud and box.sessions == TRIES


def test_a_letter_in_doubt_is_not_sent_again_until_a_person_says_so(home: Home, box: Box) -> None:
    box.habit = "drops"
    clock = Clock()
    one, outbox = sender(home, {"au": mail("a@au.example")}, clock)
    one.send()
    (told,) = outbox.account(AT)
    assert told.standing is Standing.DOUBT and told.loud
    box.habit = ""
    for _ in range(3):
        clock.at += LATER
        one.send(at_once=True)
    assert len(box.taken) == 1
    step_in(outbox, told.dispatch.id, Step.AGAIN, ADA)
    one.send()
    one.send()
    assert len(box.taken) == 2 and places(outbox) == [Standing.TOLD]


def test_a_server_that_breaks_off_brings_one_letter_a_round_into_doubt_and_no_more(
    home: Home, box: Box
) -> None:
    box.habit = "drops"
    one, outbox = sender(home, {"au": mail("a@au.example", "b@au.example", "c@au.example")})
    assert "mail" in one.send().halted
    assert len(box.taken) == 1 and sorted(places(outbox)) == ["in doubt", "owed", "owed"]
    box.habit = ""
    one.send()
    assert len(box.taken) == 3 and sorted(places(outbox)) == ["in doubt", "told", "told"]


def test_a_person_settles_a_doubt_with_a_reason_and_the_end_is_told_there_too(home: Home, box: Box) -> None:
    box.habit = "drops"
    one, outbox = sender(home, {"au": mail("a@au.example")})
    one.send()
    id = outbox.account(AT)[0].dispatch.id
    with pytest.raises(NotAllowed, match="needs a reason"):
        Word("Ada", " ", AT)
    step_in(outbox, id, Step.SETTLED, ADA)
    with pytest.raises(NotAllowed, match="only what is dead or in doubt"):
        step_in(outbox, id, Step.AGAIN, ADA)
    with pytest.raises(UnknownId):
        step_in(outbox, "dsp-0", Step.AGAIN, ADA)
    box.habit = ""
    home.ledger.add(moved(issued(), AlarmState.CANCELLED))
    one.send()
    assert len(box.taken) == 2
    assert outbox.attempts()[id][-1].by == "Ada" and outbox.attempts()[id][-1].note == "seen by eye"


def test_what_the_alarm_has_left_behind_is_not_sent_again_by_hand(home: Home, box: Box) -> None:
    box.habit = "drops"
    one, outbox = sender(home, {"au": mail("a@au.example")})
    one.send()
    home.ledger.add(moved(issued(), AlarmState.UPDATED))
    with pytest.raises(NotAllowed, match="the alarm has moved on"):
        step_in(outbox, outbox.account(AT)[0].dispatch.id, Step.AGAIN, ADA)


def test_a_letter_begun_by_a_process_that_is_no_more_is_in_doubt(home: Home, box: Box) -> None:
    one, outbox = sender(home, {"au": mail("a@au.example")})
    due = outbox.owed(AT)
    outbox.write(due)
    outbox.note(Attempt(due[0].id, Step.BEGUN, AT))
    one.send()
    assert box.taken == [] and places(outbox) == [Standing.DOUBT]
    assert "before an answer was noted" in outbox.attempts()[due[0].id][-1].note


# Webhooks


def test_a_webhook_is_sent_again_under_one_id_with_a_fresh_signature(home: Home, server: Quiet) -> None:
    server.plan["hook"] = [(500, b"", {}), (503, b"", {}), (200, b"", {})]
    clock = Clock()
    one, outbox = sender(home, {"au": hook(f"{server.url}/hook")}, clock)
    for _ in range(5):
        one.send()
        clock.at += LATER
    headers = [{k.lower(): v for k, v in h.items()} for _, _, h in server.seen]
    assert len(headers) == 3 and len({h["webhook-id"] for h in headers}) == 1
    assert len({h["webhook-timestamp"] for h in headers}) == 3
    assert len({h["webhook-signature"] for h in headers}) == 3 and places(outbox) == [Standing.TOLD]


@pytest.mark.parametrize("path", ["moved", "metadata", "circle"])
def test_a_webhook_is_led_nowhere_else(home: Home, server: Quiet, path: str) -> None:
    one, outbox = sender(home, {"au": hook(f"{server.url}/{path}")})
    one.send()
    assert server.paths() == [path] and places(outbox) == [Standing.WAITING]


def test_an_address_inside_is_a_dead_letter_at_once(home: Home, set_up: pytest.MonkeyPatch) -> None:
    set_up.setenv("TOCSIN_ALLOW_HOSTS", "")
    one, outbox = sender(home, {"au": hook("https://127.0.0.1/hook")})
    one.send()
    assert places(outbox) == [Standing.DEAD]


def test_a_webhook_that_does_not_answer_is_tried_once_a_round_and_may_have_been_told(
    home: Home, server: Quiet, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tocsin.store import sending

    monkeypatch.setattr(sending, "HOOK_LIMITS", sending.Limits(seconds=0.2, idle_seconds=0.1, retries=0))
    home.ledger.add(issued("TZA"))
    address = {"eac": hook(f"{server.url}/silent")}
    one, outbox = sender(home, address)
    one.send()
    assert server.paths() == ["silent"]
    first = next(t for t in outbox.account(AT) if t.attempts)
    home.ledger.add(moved(issued(first.dispatch.iso3), AlarmState.CANCELLED))
    assert [d.alarm for d in outbox.owed(AT) if d.end] == [first.dispatch.alarm]


def test_an_address_that_is_no_more_gets_nothing_until_a_person_tries_it(home: Home, server: Quiet) -> None:
    server.plan["hook"] = [(410, b"", {}), (200, b"", {})]
    address = {"au": hook(f"{server.url}/hook")}
    one, outbox = sender(home, address)
    one.send()
    home.ledger.add(moved(issued(), AlarmState.UPDATED))
    one.send()
    assert server.paths() == ["hook"] and places(outbox) == [Standing.DEAD, Standing.DEAD]
    newest = outbox.account(AT)[-1]
    assert "answered 410" in newest.attempts[-1].note
    step_in(outbox, newest.dispatch.id, Step.AGAIN, ADA)
    one.send()
    assert server.paths() == ["hook", "hook"]
    assert sorted(places(outbox)) == [Standing.DEAD, Standing.TOLD]


def test_a_signing_secret_that_is_missing_is_our_own_fault_and_kills_nothing(
    home: Home, server: Quiet, set_up: pytest.MonkeyPatch
) -> None:
    set_up.delenv("TOCSIN_WEBHOOK_TEST")
    clock = Clock()
    one, outbox = sender(home, {"au": hook(f"{server.url}/hook")}, clock)
    for _ in range(TRIES + 1):
        one.send()
        clock.at += LATER
    assert server.seen == [] and places(outbox, clock.at) == [Standing.OWED]


def test_no_note_holds_the_address_itself(home: Home, server: Quiet) -> None:
    server.plan["hook"] = [(302, b"", {"Location": "/x"})]
    one, outbox = sender(home, {"au": hook(f"{server.url}/hook?token=of-ours")})
    one.send()
    assert "of-ours" not in str(outbox.attempts())


def test_a_message_that_cannot_be_written_stops_no_other_and_is_a_dead_letter_in_the_end(
    home: Home, box: Box
) -> None:
    class Refusing(Words):
        def envelope(self, dispatch: Dispatch, at: datetime) -> Envelope:
            if dispatch.recipient == "au":
                raise NotAllowed("a crime is stated as a fact")
            return super().envelope(dispatch, at)

    outbox = Outbox(home.ledger.engine, {"au": mail("a@au.example"), "eac": mail("e@eac.example")})
    clock = Clock()
    for _ in range(TRIES):
        Sender(home, outbox, Refusing(), clock, lambda: 1.0).send()
        clock.at += LATER
    assert [to for to, _ in box.taken] == ["e@eac.example"]
    assert sorted(places(outbox, clock.at)) == [Standing.DEAD, Standing.TOLD]
    assert any("a crime is stated as a fact" in a.note for steps in outbox.attempts().values() for a in steps)


def test_a_turn_of_the_watch_has_no_hand_on_what_sends() -> None:
    code = "import sys, tocsin.flow; print([m for m in sys.modules if m in sys.argv[1:]])"
    senders = ("tocsin.store.sending", "tocsin.net.mail", "tocsin.net.webhook", "smtplib")
    done = subprocess.run([sys.executable, "-c", code, *senders], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# Clocks


@trying(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
@given(st.lists(st.integers(-3000, 3000), max_size=6))
def test_a_clock_that_jumps_neither_repeats_nor_loses_a_letter(
    tmp_path_factory: pytest.TempPathFactory, box: Box, days: list[int]
) -> None:
    box.taken.clear()
    home = home_with(tmp_path_factory.mktemp("jump"), issued())
    clock = Clock()
    one, outbox = sender(home, {"au": mail("a@au.example")}, clock)
    for jump in days:
        clock.at = AT + timedelta(days=jump)
        one.send()
    clock.at = AT
    one.send()
    home.close()
    assert len(box.taken) == 1 and places(outbox) == [Standing.TOLD]


def test_a_failure_noted_in_the_future_is_tried_when_the_clock_is_right_again(home: Home, box: Box) -> None:
    box.habit = "later"
    clock = Clock(AT + timedelta(days=80))
    one, _ = sender(home, {"au": mail("a@au.example")}, clock)
    one.send()
    box.habit, clock.at = "", AT
    one.send()
    assert len(box.taken) == 1


# Notice to states


def test_notice_to_a_state_is_held_back_by_a_named_person_and_let_go(home: Home, box: Box) -> None:
    one, outbox = sender(home, {"state-mission-BDI": mail("m@bdi.example"), "au": mail("a@au.example")})
    hold(outbox, issued(), "state-mission-BDI", Word("Ada", "those who spoke are still there", AT))
    one.send()
    assert [to for to, _ in box.taken] == ["a@au.example"]
    ((alarm, who), step) = next(iter(outbox.held().items()))
    assert (alarm, who, step.by) == (issued().id, "state-mission-BDI", "Ada")
    release(outbox, issued(), "state-mission-BDI", Word("Ben", "they left", AT))
    one.send()
    assert len(box.taken) == 2 and outbox.held() == {}
    with pytest.raises(NotAllowed, match="is not held back"):
        release(outbox, issued(), "state-mission-BDI", ADA)


def test_a_hold_stands_through_every_revision_and_an_end(home: Home, box: Box) -> None:
    one, outbox = sender(home, {"state-mission-BDI": mail("m@bdi.example")})
    hold(outbox, issued(), "state-mission-BDI", ADA)
    update = moved(issued(), AlarmState.UPDATED)
    home.ledger.add(update)
    one.send()
    home.ledger.add(moved(update, AlarmState.CANCELLED))
    one.send()
    assert box.taken == []


def test_only_notice_to_a_state_that_hears_of_it_can_be_held_back(home: Home) -> None:
    _, outbox = sender(home, {})
    with pytest.raises(NotAllowed, match="only notice to a state"):
        hold(outbox, issued(), "au", ADA)
    with pytest.raises(UnknownId, match="did you mean state-mission-BDI"):
        hold(outbox, issued(), "state-mission-BDJ", ADA)


def test_an_alarm_that_changes_while_others_are_told_waits_for_the_next_round(home: Home, box: Box) -> None:
    one, outbox = sender(home, {"au": mail("a@au.example", "b@au.example")})
    box.at_data = lambda: hold(outbox, issued(), "state-mission-BDI", ADA) if not outbox.held() else None
    sent = one.send()
    assert len(box.taken) == 1 and len(sent.moved) == 1
    one.send()
    assert len(box.taken) == 2


def test_dispatches_and_attempts_cannot_be_changed(home: Home, box: Box) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import IntegrityError

    sender(home, {"au": mail("a@au.example")})[0].send()
    for table in ("dispatches", "attempts"):
        for act in (f"DELETE FROM {table}", f"UPDATE {table} SET body = '{{}}'"):
            with pytest.raises(IntegrityError, match="append-only"), home.ledger.engine.begin() as connection:
                connection.execute(text(act))
