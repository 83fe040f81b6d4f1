"""tocsin warn tell, as a desk uses it: a dry run first, then real servers, and what a person must do."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.cli.house import ALARM, House, standing
from tests.store.telling import moved
from tocsin.alarms.alarm import AlarmState
from tocsin.store.home import open_home


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with standing(tmp_path) as up:
        yield up


def test_a_dry_run_shows_what_would_go_to_whom_and_sends_nothing(house: House) -> None:
    house.addresses("un-osapg: {mail: desk@un.example, language: fr}\nau: {webhook: HOOK}\n")
    code, out, err = house.run("tell")
    assert code == 0 and house.box.taken == [] and house.server.seen == []
    mail, hook = sorted(out.splitlines(), key=lambda line: "by webhook" in line)
    assert "un-osapg by mail to desk@un.example, fr, private: owed" in mail and "S/2004/567" in mail
    assert "au by webhook to" in hook and "restricted: owed" in hook and "PSC Protocol" in hook
    assert "nothing was sent" in err and "no address for" in err and "state-mission-BDI" in err


def test_what_is_sent_arrives_in_its_language_and_scope_with_the_alarm_as_cap(house: House) -> None:
    house.addresses(
        "un-osapg: {mail: desk@un.example, language: ar}\n"
        "state-mission-BDI: {mail: m@bdi.example}\nau: {webhook: HOOK}\n"
    )
    assert house.run("tell", "--send")[0] == 0
    by = {to: letter for (to, _), letter in zip(house.box.taken, house.box.letters(), strict=True)}
    osapg, state = by["desk@un.example"], by["m@bdi.example"]
    assert "بوروندي" in osapg["Subject"] and osapg["Content-Language"] == "ar"
    assert "<scope>Private</scope>" in cap_of(osapg) and "<scope>Public</scope>" in cap_of(state)
    assert "Ada" in str(text_of(osapg)) and "Ada" not in str(text_of(state)) + cap_of(state)
    (got,) = house.server.seen
    headers = {k.lower(): v for k, v in got[2].items()}
    assert headers["webhook-id"].startswith("dsp-") and headers["webhook-signature"].startswith("v1,")
    assert house.told() == {"un-osapg": "told", "state-mission-BDI": "told", "au": "told"}
    assert house.run("tell", "--send")[0] == 0 and len(house.box.taken) == 2 and len(house.server.seen) == 1


def test_a_letter_links_to_the_alarm_and_the_record_where_readers_find_the_dashboard(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_PUBLIC_URL", "https://watch.example.org")
    house.addresses("un-osapg: {mail: desk@un.example, language: fr}\n")
    assert house.run("tell", "--send")[0] == 0
    (letter,) = house.box.letters()
    assert f"https://watch.example.org/alarm/{ALARM.id}" in text_of(letter)
    assert "https://watch.example.org/track-record" in text_of(letter)


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body
    return str(body.get_content())


def cap_of(letter: EmailMessage) -> str:
    (one,) = letter.iter_attachments()
    assert one.get_content_type() == "application/cap+xml"
    return bytes(one.get_content()).decode()


def test_a_cancellation_follows_the_letter_it_takes_back(house: House) -> None:
    house.addresses("au: {mail: a@au.example}\n")
    house.run("tell", "--send")
    home = open_home(house.home)
    home.ledger.add(moved(ALARM, AlarmState.CANCELLED, why="it was wrong"))
    home.close()
    house.addresses("au: {mail: a@au.example}\neac: {mail: e@eac.example}\n")
    assert house.run("tell", "--send")[0] == 0
    first, second = house.box.letters()
    assert [to for to, _ in house.box.taken] == ["a@au.example"] * 2
    assert second["In-Reply-To"] == first["Message-ID"] and "<msgType>Cancel</msgType>" in cap_of(second)
    assert ALARM.row in cap_of(second)


def test_what_is_in_doubt_is_loud_until_a_person_says_what_became_of_it(house: House) -> None:
    house.addresses("au: {mail: a@au.example}\n")
    house.box.habit = "drops"
    code, out, err = house.run("tell", "--send")
    assert code == 2 and "a person must look at 1 in doubt" in err
    house.box.habit = ""
    id = out.split()[0]
    assert house.run("tell", "--send")[0] == 2 and len(house.box.taken) == 1
    assert house.run("told")[0] == 2 and house.run("tell")[0] == 2
    assert house.run("tell", "--settled", id)[0] == 2, "nobody is named"
    assert house.run("tell", "--settled", id, "--as", "Nobody", "--why", "x")[0] == 2
    assert house.run("tell", "--settled", id, "--as", "Ada", "--why", "they answered")[0] == 0
    code, out, _ = house.run("told", ALARM.id)
    assert code == 0 and "told (they answered)" in out and len(house.box.taken) == 1


def test_a_mail_server_that_is_down_loses_nothing(house: House) -> None:
    house.addresses("au: {mail: a@au.example}\nun-ocha: {webhook: HOOK}\n")
    port = house.settings["TOCSIN_SMTP_PORT"]
    house.settings["TOCSIN_SMTP_PORT"] = "1"
    house.settings["TOCSIN_ALLOW_HOSTS"] += ",127.0.0.1:1"
    code, _, err = house.run("tell", "--send")
    assert code == 2 and "owed and not told yet" in err and len(house.server.seen) == 1
    house.settings["TOCSIN_SMTP_PORT"] = port
    assert house.run("tell", "--send", "--at-once")[0] == 0
    assert len(house.box.taken) == 1 and len(house.server.seen) == 1


def test_offline_nobody_is_told(house: House) -> None:
    house.addresses("au: {mail: a@au.example}\n")
    house.settings["TOCSIN_OFFLINE"] = "1"
    code, _, err = house.run("tell", "--send")
    assert code == 2 and "offline: nobody is told" in err and house.box.taken == []


def test_addresses_that_others_can_read_stop_it_all(house: House) -> None:
    house.addresses("au: {mail: a@au.example}\n")
    (house.home / "addresses.yml").chmod(0o644)
    code, _, err = house.run("tell")
    assert code == 2 and "chmod 600" in err


def test_roles_without_an_address_are_named(house: House) -> None:
    house.addresses("au: {mail: [a@au.example, b@au.example]}\n")
    code, out, _ = house.run("addresses")
    said = dict(line.split(": ", 1) for line in out.splitlines())
    assert code == 0 and said["au"] == "2 mail" and said["asean"] == "none"
    assert said["state-mission-BDI"] == said["un-osapg"] == "none, and an alarm needs it"


def test_notice_to_the_state_is_held_back_with_a_name_and_a_reason(house: House) -> None:
    house.addresses("state-mission-BDI: {mail: m@bdi.example}\n")
    words = ("hold", ALARM.id, "--role", "state-mission-BDI", "--as", "Ada", "--why")
    assert house.run(*words, " ")[0] == 2
    assert house.run(*words, "those who spoke are there")[0] == 0
    assert "notice to state-mission-BDI is held back by Ada" in house.run("tell")[2]
    assert house.run("tell", "--send")[0] == 0 and house.box.taken == []
    assert "held back by Ada: those who spoke are there" in house.run("told")[1]
    assert house.run(*words, "they left", "--release")[0] == 0
    assert house.run("tell", "--send")[0] == 0 and len(house.box.taken) == 1


def test_administrators_hear_counts_and_ids_and_nothing_of_the_alarm(house: House) -> None:
    house.addresses("au: {mail: gone@au.example}\n")
    house.box.habit = "refuses one"
    house.server.plan["notice"] = [(200, b"", {})]
    house.settings["TOCSIN_ADMIN_URLS"] = f"json://{house.server.host}/notice"
    code, _, err = house.run("tell", "--send")
    assert code == 2 and "1 dead" in err and house.server.paths() == ["notice"]
    code, out, _ = house.run("notify")
    assert code == 0 and "1 message(s) dead: dsp-" in out and "Burundi" not in out and "gone@" not in out
