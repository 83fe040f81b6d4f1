"""Coding again with another version of the coder: old readings stay, reviews go along."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.tools import tocsin
from tests.flow.test_beside import TEXTS, a_record, a_turn
from tocsin.clock import as_of_end, today
from tocsin.flow import turn
from tocsin.signals import coder
from tocsin.signals.review import judgement
from tocsin.store.desk import Desk
from tocsin.store.home import Home, open_home
from tocsin.store.reviewing import Reviewing

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = open_home(tmp_path / "home")
    made.lake.write({"records": [a_record(id, text) for id, text in TEXTS.items()]}, "test")
    for name in ("ada", "ben"):
        made.ledger.add_user(name, "desk officer")
    yield made
    made.close()


def test_a_new_version_keeps_old_readings_and_what_people_said(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old = a_turn(home)["coder_version"]
    desk = Reviewing(home)
    before = desk.readings()
    claims = desk.claims("rec-bor")
    desk.correct("rec-pibor", "ada", judgement({"time": "past"}), "it tells of long ago")
    desk.wrong(claims[0].id, "ada", "the words do not say it")
    monkeypatch.setattr(coder, "version", lambda: "another")
    report = a_turn(home)
    assert report["coder_version"] == "another" and report["records"] == len(TEXTS)
    after = desk.readings()
    assert [r for r in after if r.coder_version == old] == before
    assert {r.record for r in after if r.coder_version == "another"} == set(TEXTS)
    kept = [s for s in desk.claims("rec-bor") if s.coder_version == old]
    assert sorted(kept, key=lambda s: s.id) == sorted(claims, key=lambda s: s.id)
    assert desk.subject("rec-pibor").reading.coder_version == "another"
    used = [s for s in Desk(home).signals() if s.record == "rec-bor"]
    assert [s.review for s in used if s.indicator == claims[0].indicator] == ["rejected"]
    assert {s.time.value for s in Desk(home).signals(record="rec-pibor")} == {"past"}
    desk.confirm("rec-pibor", "ben")
    out = tmp_path / "home" / "training" / "rows.jsonl"
    assert tocsin(home.folder, "review", "export", "--out", str(out)).returncode == 0
    rows = {row["id"]: row for row in map(json.loads, out.read_text("utf-8").splitlines())}
    assert set(rows) == {"rec-pibor", "rec-bor"} and rows["rec-pibor"]["sure"] == 2
    assert set(rows["rec-bor"]["indicators"]).isdisjoint({claims[0].indicator})


def test_going_back_to_a_version_uses_its_readings_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    old = a_turn(home)["coder_version"]
    with monkeypatch.context() as patched:
        patched.setattr(coder, "version", lambda: "another")
        a_turn(home)
    report = a_turn(home)
    assert report["coder_version"] == old and report["written"]["coded"] == 0
    assert Reviewing(home).subject("rec-bor").reading.coder_version == old


def test_a_replay_of_an_earlier_day_sees_no_later_review(home: Home) -> None:
    a_turn(home)
    Reviewing(home).correct("rec-pibor", "ada", judgement({"time": "past"}), "it tells of long ago")
    run = turn(home, as_of_end(today() - timedelta(days=1)), True, lambda line: None)["run"]
    assert {s.time.value for s in Desk(home, run).signals(record="rec-pibor")} == {"present"}
    assert not Desk(home, run).reviewing.reviews("rec-pibor") and Reviewing(home).reviews("rec-pibor")
