"""The home: opens, migrates, refuses what it does not know, and keeps facts."""

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from tests.store.made import WRITTEN, alarm, record
from tocsin.alarms.alarm import AlarmState, Signature
from tocsin.clock import now
from tocsin.errors import HomeBusy, HomeDamaged, HomeError, NewerHome, NotAllowed, UnknownId
from tocsin.store.home import Home, open_home
from tocsin.store.lock import writing


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


def test_a_home_opens_again_with_what_it_held(home: Home) -> None:
    home.lake.write({"records": [record(1)]}, "test")
    home.ledger.add(alarm())
    again = open_home(home.folder)
    assert again.lake.read("records", now()) == [record(1)]
    assert again.ledger.alarms() == [alarm()]
    again.close()
    home.close()


def test_a_newer_home_is_refused_and_left_alone(home: Home) -> None:
    marker = home.folder / "home.json"
    marker.write_text(json.dumps({"schema": 2}))
    with pytest.raises(NewerHome, match="update tocsin"):
        open_home(home.folder)
    assert json.loads(marker.read_text()) == {"schema": 2}


def test_a_newer_ledger_is_refused(home: Home) -> None:
    home.close()
    with sqlite3.connect(home.folder / "ledger.sqlite") as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    db.close()
    with pytest.raises(NewerHome, match="9999"):
        open_home(home.folder)


def test_a_damaged_ledger_says_so(home: Home) -> None:
    home.close()
    for path in home.folder.glob("ledger.sqlite-*"):
        path.unlink()
    (home.folder / "ledger.sqlite").write_bytes(b"this is not a database at all" * 100)
    with pytest.raises(HomeDamaged, match="restore"):
        open_home(home.folder)


def test_a_missing_ledger_is_damage_and_not_a_new_home(home: Home) -> None:
    home.close()
    (home.folder / "ledger.sqlite").unlink()
    with pytest.raises(HomeDamaged, match="missing"):
        open_home(home.folder)


def test_a_home_that_is_a_file_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(HomeError):
        open_home(tmp_path / "home")


def test_facts_of_the_ledger_cannot_be_changed_or_removed(home: Home) -> None:
    home.ledger.add(alarm())
    home.close()
    db = sqlite3.connect(home.folder / "ledger.sqlite")
    for act in ("UPDATE alarms SET state = 'issued'", "DELETE FROM alarms"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute(act)
    db.close()


def test_the_newest_revision_is_the_state_and_the_old_ones_stay(home: Home) -> None:
    issued = replace(alarm(2, AlarmState.ISSUED), replaces=alarm().row)
    home.ledger.add(alarm(), issued, alarm(iso3="XXB"))
    assert {a.iso3: a.state for a in home.ledger.alarms()} == {
        "XXA": AlarmState.ISSUED,
        "XXB": AlarmState.PROPOSED,
    }
    assert home.ledger.alarms(alarm().id) == [alarm(), issued]
    home.close()


def test_a_revision_that_was_made_meanwhile_is_refused(home: Home) -> None:
    home.ledger.add(alarm())
    with pytest.raises(NotAllowed, match="meanwhile"):
        home.ledger.add(alarm())
    home.close()


def test_only_known_people_sign(home: Home) -> None:
    home.ledger.add(alarm())
    with pytest.raises(NotAllowed):
        home.ledger.add(Signature(alarm().id, "nobody", True, "", WRITTEN))
    home.ledger.add_user("ada", "desk officer")
    home.ledger.add(Signature(alarm().id, "ada", True, "seen", WRITTEN))
    assert [s.signer for s in home.ledger.signatures(alarm().id)] == ["ada"]
    home.close()


def test_an_unknown_alarm_says_what_was_meant(home: Home) -> None:
    home.ledger.add(alarm())
    with pytest.raises(UnknownId, match=alarm().id):
        home.ledger.alarms(alarm().id[:-1])
    home.close()


def test_a_busy_home_names_who_is_writing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_LOCK_SECONDS", "0.2")
    with writing(home.lock, "a long gather"), pytest.raises(HomeBusy, match="a long gather"):
        home.lake.write({"records": [record(1)]}, "test")
    home.close()
