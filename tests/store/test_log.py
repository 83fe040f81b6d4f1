"""The log in the ledger: written with what it logs or not at all, held to the rows, and free of names."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from tests.store.made import WRITTEN, alarm
from tests.store.test_sealing import a_turn
from tocsin.acts import Acts, faults
from tocsin.alarms.alarm import Alarm, Signature
from tocsin.clock import now
from tocsin.errors import HomeDamaged, NotAllowed, UnknownId
from tocsin.evidence.tree import extends, includes, leaf_hash
from tocsin.response.engagement import Inaction
from tocsin.store.backup import back_up
from tocsin.store.home import Home, open_home
from tocsin.store.ledger import open_engine
from tocsin.store.log import person

FIRST, SECOND = "Ada Quill", "Ben Quill"
SAID = "Ada Quill saw the roadblock at the mill."


def proposal(iso3: str = "XXA") -> Alarm:
    """A proposal that can still be signed today."""
    return replace(alarm(iso3=iso3), expires=now().date() + timedelta(days=90), moved_by="rule warning-onset")


def lived_in(folder: Path) -> Home:
    """A home in which two people issued one alarm, a body declined, and another alarm is only proposed."""
    home = open_home(folder)
    home.ledger.add_user(FIRST, "desk officer")
    home.ledger.add_user(SECOND, "desk officer")
    a_turn(home, "live-1")
    one = replace(proposal("SDN"))
    home.ledger.add(one, proposal("XXB"))
    acts = Acts(home)
    acts.sign(one.id, FIRST, True, SAID)
    acts.sign(one.id, SECOND, True, "I agree.")
    asked = home.ledger.engagements(alarm=one.id)[0]
    acts.decline(asked.id, FIRST, Inaction.OTHER, "Ben Quill was away.")
    a_turn(home, "live-2")
    return home


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = lived_in(tmp_path_factory.mktemp("lived") / "home")
    home.close()
    return home.folder


@pytest.fixture
def home(lived: Path, tmp_path: Path) -> Home:
    import shutil

    shutil.copytree(lived, tmp_path / "home")
    return open_home(tmp_path / "home")


def found(home: Home) -> list[str]:
    return list(home.custody.verified().faults)


def body(home: Home, ref: str) -> dict[str, object]:
    told: dict[str, object] = json.loads(home.custody.proof(ref)["entry"]["body"])
    return told


def forge(home: Home, *statements: str) -> None:
    """Change the ledger past its guards, as somebody with the file could."""
    home.close()
    db = sqlite3.connect(home.folder / "ledger.sqlite")
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


def test_everything_decided_signed_asked_and_sealed_is_in_the_log_and_it_is_whole(home: Home) -> None:
    with home.ledger.engine.connect() as connection:
        rows = connection.execute(text("SELECT seq, kind FROM log ORDER BY seq")).all()
        heads = connection.execute(text("SELECT size FROM heads ORDER BY seq")).scalars().all()
    asked = len(home.ledger.engagements())
    kinds = [
        "seal",
        "alarm",
        "alarm",
        "signature",
        "signature",
        "alarm",
        *["engagement"] * (asked + 1),
        "seal",
    ]
    assert [seq for seq, _ in rows] == list(range(len(kinds)))
    assert [kind for _, kind in rows] == kinds
    assert heads == [1, 3, 4, 6 + asked, 7 + asked, 8 + asked], "a head after every turn and every act"
    assert found(home) == [] == faults(home)
    home.close()


def test_what_the_ledger_refuses_leaves_no_entry(home: Home) -> None:
    before = home.custody.newest()
    with pytest.raises(NotAllowed):
        home.ledger.add(proposal("XXC"), proposal("XXC"))
    with pytest.raises(NotAllowed):
        home.ledger.add(Signature(proposal("XXB").id, "nobody", True, "", WRITTEN))
    assert home.custody.newest() == before and found(home) == []
    home.close()


def test_no_name_and_no_typed_word_is_in_the_log(home: Home, tmp_path: Path) -> None:
    home.custody.export(tmp_path / "copy", public=False)
    said = (tmp_path / "copy" / "log.jsonl").read_text("utf-8")
    for word in ("Ada", "Ben", "Quill", "roadblock", "agree", "away"):
        assert word not in said
    assert "rule warning-onset" in said, "a rule is no person"
    home.close()


@pytest.mark.parametrize("name", ["rule expert", "alarm x", " the expiry date "])
def test_nobody_who_may_sign_bears_a_name_that_the_log_would_show(name: str, home: Home) -> None:
    with pytest.raises(NotAllowed, match="the person's own name"):
        home.ledger.add_user(name, "desk officer")


def test_two_signers_can_be_told_apart_and_one_is_the_same_everywhere(home: Home) -> None:
    one, two = (body(home, f"signature-{n}")["row"] for n in (1, 2))
    issued = body(home, f"{proposal('SDN').id}.2")["row"]
    assert isinstance(one, dict) and isinstance(two, dict) and isinstance(issued, dict)
    assert one["signer"] != two["signer"] == issued["moved_by"]
    home.close()


ALARMS = "UPDATE alarms SET "
ROWS = {
    "a level": ALARMS + "body = replace(body, 'warning', 'risk') WHERE row LIKE '%.2'",
    "a state": ALARMS + "state = 'cancelled' WHERE revision = 2",
    "a time": ALARMS + "recorded = '2026-01-06 12:00:00.000000' WHERE iso3 = 'XXB'",
    "a consent": "UPDATE signatures SET consents = 0 WHERE seq = 1",
    "a reason": "UPDATE signatures SET reason = reason || ' Not.' WHERE seq = 1",
    "a signer": f"UPDATE signatures SET signer = '{SECOND}' WHERE seq = 1",
    "a note": "UPDATE engagements SET body = replace(body, 'away', 'here') WHERE state = 'declined'",
    "a seal": "UPDATE seals SET count = 4 WHERE seq = 1",
    "a key": "UPDATE keys SET key = zeroblob(32) WHERE of = 'signature-1'",
}


@pytest.mark.parametrize("what", ROWS)
def test_a_row_that_was_changed_after_it_was_logged_is_one_line(home: Home, what: str) -> None:
    forge(home, ROWS[what])
    (line,) = found(home)
    assert "differs from the row that it logs" in line
    assert any(line in fault for fault in faults(home)), "check home says it too"
    home.close()


def test_a_row_without_an_entry_and_an_entry_without_its_row_are_found(home: Home) -> None:
    forge(
        home,
        "DELETE FROM signatures WHERE seq = 2",
        "UPDATE seals SET seq = 9 WHERE seq = 2",
    )
    last = home.custody.newest().size - 1
    assert set(found(home)) == {
        "entry 4 (signature-2) logs a row that is not there",
        f"entry {last} (seal-2) logs a row that is not there",
        "seal seal-9 has no entry in the log",
    }
    home.close()


LOG = {
    "a text": "UPDATE log SET body = replace(body, 'SDN', 'SDM') WHERE kind = 'alarm' AND ref LIKE '%.2'",
    "a hash": "UPDATE log SET leaf = replace(leaf, substr(leaf, 1, 1), 'x') WHERE seq = 3",
    "a kind": "UPDATE log SET kind = 'seal' WHERE seq = 3",
    "a name": "UPDATE log SET ref = 'signature-8' WHERE seq = 3",
    "a time": "UPDATE log SET at = '2026-01-06 12:00:00.000000' WHERE seq = 3",
    "a head's time": "UPDATE heads SET at = '2026-01-06 12:00:00.000000' WHERE seq = 3",
    "a head's root": "UPDATE heads SET root = replace(root, substr(root, 1, 1), 'x') WHERE seq = 3",
    "a head's frontier": "UPDATE heads SET frontier = '' WHERE seq = 3",
    "a head's token": "UPDATE heads SET token = x'00' WHERE seq = 3",
    "a head gone": "DELETE FROM heads WHERE seq = 3",
    "heads gone": "DELETE FROM heads WHERE seq > 3",
    "an entry gone": "DELETE FROM log WHERE seq = 3",
    "entries at the end gone": "DELETE FROM log WHERE seq > 6",
    "all gone": "DELETE FROM log",
    "an erasure that was none": "DELETE FROM keys WHERE of = 'signature-1'",
}


@pytest.mark.parametrize("what", LOG)
def test_whatever_is_done_to_the_log_itself_is_found(home: Home, what: str) -> None:
    forge(home, LOG[what])
    assert found(home) and faults(home)
    home.close()


def test_two_entries_that_changed_places_are_found(home: Home) -> None:
    forge(
        home,
        "UPDATE log SET seq = 99 WHERE seq = 3",
        "UPDATE log SET seq = 3 WHERE seq = 4",
        "UPDATE log SET seq = 4 WHERE seq = 99",
    )
    lines = found(home)
    assert any(line.startswith("entry 3 holds the text of another") for line in lines)
    assert any(line.startswith("entry 4 holds the text of another") for line in lines)
    home.close()


def test_one_byte_of_the_files_that_is_changed_inside_an_entry_is_found(home: Home) -> None:
    with home.ledger.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    salt = str(body(home, "signature-1")["salt"]).encode()
    home.close()
    path = home.folder / "ledger.sqlite"
    raw = path.read_bytes()
    assert raw.count(salt) == 1
    at = raw.index(salt)
    path.write_bytes(raw[:at] + (b"0" if raw[at : at + 1] != b"0" else b"1") + raw[at + 1 :])
    again = open_home(home.folder)
    (line,) = found(again)
    assert line == "entry 3 (signature-1) was changed: its text does not give its hash"
    again.close()


def test_triggers_forbid_what_the_tests_had_to_drop_them_for(home: Home) -> None:
    home.close()
    db = sqlite3.connect(home.folder / "ledger.sqlite")
    for table in ("log", "heads"):
        for act in (f"UPDATE {table} SET seq = seq + 1", f"DELETE FROM {table}"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                db.execute(act)
    db.close()


def test_a_damaged_head_is_not_built_upon(home: Home) -> None:
    forge(home, "UPDATE heads SET frontier = 'x'")
    with pytest.raises(HomeDamaged, match="head"):
        home.ledger.add(proposal("XXC"))
    assert len(home.ledger.alarms()) == 2
    home.close()


def test_a_log_whose_heads_were_cut_goes_on_and_stays_found_out(home: Home) -> None:
    forge(home, "DELETE FROM heads WHERE seq = 3")
    home.ledger.add(proposal("XXC"))
    assert "head 3 is missing: head 4 stands in its place" in found(home)
    home.close()


def test_a_name_is_cut_loose_and_the_log_still_verifies(home: Home, tmp_path: Path) -> None:
    with home.ledger.engine.connect() as connection:
        key: bytes = connection.execute(
            text("SELECT key FROM keys WHERE of = :of"), {"of": person(FIRST)}
        ).scalar_one()
    home.custody.export(tmp_path / "before", public=False)
    home.custody.erase(person(FIRST))
    assert found(home) == [] == faults(home)
    home.custody.export(tmp_path / "after", public=False)
    before, after = ((tmp_path / name / "log.jsonl").read_bytes() for name in ("before", "after"))
    assert after.startswith(before) and after.count(b"\n") == before.count(b"\n") + 1, "and a tombstone"
    home.close()
    for path in home.folder.glob("ledger.sqlite*"):
        assert key not in path.read_bytes()


def test_typed_words_are_cut_loose_by_entry_and_only_theirs(home: Home) -> None:
    home.custody.erase("signature-1")
    assert found(home) == []
    forge(home, ROWS["a reason"])
    assert found(home) == [], "nobody can say any more what it was"
    forge(home, ROWS["a consent"])
    (line,) = found(home)
    assert "signature-1" in line, "what was not hidden still counts"
    home.close()


def test_who_signs_after_being_erased_gets_another_pseudonym(home: Home) -> None:
    home.custody.erase(person(FIRST))
    Acts(home).sign(proposal("XXB").id, FIRST, True, "Once more.")
    assert found(home) == []
    old, new = (body(home, f"signature-{n}")["row"] for n in (1, 3))
    assert isinstance(old, dict) and isinstance(new, dict) and old["signer"] != new["signer"]
    home.close()


def test_what_has_no_key_cannot_be_erased(home: Home) -> None:
    with pytest.raises(UnknownId, match="signature-1"):
        home.custody.erase("signature-7")
    home.close()


def test_a_public_copy_withholds_what_was_never_issued_and_verifies(home: Home, tmp_path: Path) -> None:
    from tocsin.evidence.custody import log_faults
    from tocsin.evidence.log_copy import read_copy

    Acts(home).sign(proposal("XXB").id, FIRST, False, "Not enough.")
    home.custody.export(tmp_path / "copy", public=True)
    log, heads = read_copy(tmp_path / "copy")
    assert log_faults(log, heads) == [] and log.withheld == 2
    said = (tmp_path / "copy" / "log.jsonl").read_text("utf-8")
    assert "XXB" not in said and proposal("XXB").id not in said and "SDN" in said
    home.close()


def test_every_entry_can_be_proved_and_every_earlier_size_shown_to_be_the_beginning(home: Home) -> None:
    with home.ledger.engine.connect() as connection:
        refs = connection.execute(text("SELECT ref FROM log")).scalars().all()
    for ref in refs:
        told = home.custody.proof(ref)
        leaf = leaf_hash(told["entry"]["body"].encode())
        path = [bytes.fromhex(step) for step in told["path"]]
        head = told["head"]
        assert includes(leaf, told["entry"]["seq"], head["size"], path, bytes.fromhex(head["root"]))
    for size in range(len(refs) + 1):
        told = home.custody.head(size)
        roots = bytes.fromhex(told["since"]["root"]), bytes.fromhex(told["head"]["root"])
        assert extends((size, len(refs)), roots, [bytes.fromhex(step) for step in told["path"]])
    with pytest.raises(NotAllowed, match="give a number"):
        home.custody.head(len(refs) + 1)
    with pytest.raises(UnknownId, match="signature-1"):
        home.custody.proof("signature-11")
    home.close()


def test_a_backup_carries_the_log_and_verifies(home: Home, tmp_path: Path) -> None:
    back_up(home, tmp_path / "backup")
    copy = open_home(tmp_path / "backup")
    assert found(copy) == [] and copy.custody.newest() == home.custody.newest()
    copy.close()
    home.close()


def test_an_empty_home_has_a_whole_log_and_no_head(tmp_path: Path) -> None:
    home = open_home(tmp_path / "home")
    assert found(home) == []
    with pytest.raises(NotAllowed, match="empty"):
        home.custody.newest()
    home.close()


def test_a_ledger_from_before_the_log_is_logged_when_it_is_migrated_and_says_so(tmp_path: Path) -> None:
    logs = []
    for name in ("one", "two"):
        home = open_home(older(tmp_path / name))
        assert found(home) == []
        with home.ledger.engine.connect() as connection:
            rows = connection.execute(text("SELECT ref, body FROM log ORDER BY seq")).all()
        logs.append([ref for ref, _ in rows])
        assert all(json.loads(said)["backfilled"] is True for _, said in rows)
        home.ledger.add(proposal("XXC"))
        assert "backfilled" not in body(home, proposal("XXC").row) and found(home) == []
        home.close()
    assert logs[0] == logs[1] == ["alm-b.1", "alm-a.1", "signature-1", "signature-2", "eng-1.1", "seal-1"]


def older(folder: Path) -> Path:
    """A home of the schema before the log, with rows that were not written in the order of their times."""
    folder.mkdir()
    (folder / "home.json").write_text('{"schema": 1}')
    config = Config()
    config.set_main_option("script_location", str(Path(open_home.__code__.co_filename).parent / "migrations"))
    engine = open_engine(f"sqlite:///{folder / 'ledger.sqlite'}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        at = "2026-01-0{} 12:00:00.000000"
        add = connection.exec_driver_sql
        add("INSERT INTO users VALUES ('Ada', 'desk', ?)", (at.format(1),))
        for row, day in (("alm-a", 3), ("alm-b", 2)):
            told = json.dumps({"id": row, "moved_by": "rule x", "why": "it fired"})
            values = (f"{row}.1", row, 1, "XXA", "proposed", "live-1", at.format(day), told)
            add("INSERT INTO alarms VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        for seq in (2, 1):
            values = (seq, "alm-a", "Ada", 1, "yes", at.format(4))
            add("INSERT INTO signatures VALUES (?, ?, ?, ?, ?, ?)", values)
        told = json.dumps(
            {"id": "eng-1", "moved_by": "Ada", "ask": "a", "answer": "", "outcome": "", "note": ""}
        )
        values = ("eng-1.1", "eng-1", 1, "XXA", "open", "live-1", at.format(5), told, "alm-a")
        add("INSERT INTO engagements VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        values = (1, "live-1", "forecasts", 0, "d" * 64, "", "c" * 64, at.format(6), "{}")
        add("INSERT INTO seals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    engine.dispose()
    return folder


def test_two_writers_at_once_leave_one_log_without_a_gap(tmp_path: Path) -> None:
    home = open_home(tmp_path / "home")
    places = [[f"{a}{b}{c}" for b in "ABCDE" for c in "XYZ"] for a in "PQR"]

    def write(own: list[str]) -> None:
        writer = open_home(home.folder)
        for iso3 in own:
            writer.ledger.add(proposal(iso3))
        writer.close()

    threads = [threading.Thread(target=write, args=(own,)) for own in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found(home) == [] and home.custody.newest().size == sum(map(len, places))
    home.close()


def test_a_log_that_grows_while_it_is_verified_has_no_fault(tmp_path: Path) -> None:
    home, done = open_home(tmp_path / "home"), threading.Event()

    def write() -> None:
        writer = open_home(home.folder)
        for n in range(1, 60):
            writer.ledger.add(replace(proposal(), revision=n))
        writer.close()
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    looked = list[str]()
    while not done.is_set():
        looked += found(home)
    thread.join()
    assert looked == [] and home.custody.newest().size == 59
    home.close()


def test_no_place_in_the_log_is_taken_twice(home: Home) -> None:
    home.close()
    db = sqlite3.connect(home.folder / "ledger.sqlite")
    for table in ("log", "heads"):
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            db.execute(f"INSERT INTO {table} SELECT * FROM {table} WHERE seq = 1")
    db.close()


WRITER = """
import sys
from dataclasses import replace
from tests.store.test_log import proposal
from tocsin.store.home import open_home
home = open_home(__import__("pathlib").Path(sys.argv[1]))
first = proposal("XXA")
for n in range(1, 100_000):
    home.ledger.add(replace(first, revision=n), replace(proposal("XXB"), revision=n))
    print(n, flush=True)
"""


@pytest.mark.slow
def test_a_writer_that_is_killed_leaves_no_half_entry_and_loses_nothing_it_reported(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    open_home(folder).close()
    root = Path(__file__).resolve().parents[2]
    for lines in (1, 7, 23):
        db = sqlite3.connect(folder / "ledger.sqlite")
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        for table in ("alarms", "log", "heads"):
            db.execute(f"DELETE FROM {table}")
        db.commit()
        db.close()
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder)],
            stdout=subprocess.PIPE, text=True, cwd=root, env={**os.environ, "PYTHONPATH": str(root)},
        )  # fmt: skip
        assert writer.stdout
        said = [writer.stdout.readline() for _ in range(lines)]
        writer.send_signal(signal.SIGKILL)
        rest, _ = writer.communicate()
        reported = int([*said, *rest.splitlines()][-1])
        home = open_home(folder)
        assert found(home) == []
        size = home.custody.newest().size
        assert size % 2 == 0 and size >= 2 * reported
        home.close()


def test_a_timestamped_head_is_kept_and_logged_and_not_after_the_log_grew(home: Home) -> None:
    newest = home.custody.newest()
    stamped = replace(newest, authority="https://tsa.example", token=b"x", at="2026-01-07T12:00:00")
    home.custody.keep(stamped)
    assert home.custody.newest().size == newest.size + 1
    row = body(home, f"timestamp-{newest.seq + 1}")["row"]
    assert row == replace(stamped, seq=newest.seq + 1).stamped
    with pytest.raises(NotAllowed, match="grown meanwhile"):
        home.custody.keep(stamped)
    (line,) = found(home)
    assert f"head {newest.seq + 1}: its timestamp does not fit" in line
    forge(home, f"UPDATE heads SET token = x'79' WHERE seq = {newest.seq + 1}")
    assert f"the timestamp of head {newest.seq + 1} is not the one that was logged" in found(home)
    home.close()
