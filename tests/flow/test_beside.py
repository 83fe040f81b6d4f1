"""A turn with a language model beside the default coder: a real home, a real server on this machine."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.tools import COMMAND, tocsin
from tests.signals.model_server import Behaviour, answer, serving, stated
from tocsin.clock import Moment, as_of_end, now, today
from tocsin.evidence import sha256
from tocsin.flow import turn
from tocsin.signals.review import judgement
from tocsin.sources.record import Record
from tocsin.store import beside as store_beside
from tocsin.store.desk import Desk
from tocsin.store.home import Home, open_home
from tocsin.store.reviewing import Reviewing

pytestmark = pytest.mark.slow

TEXTS = {
    "rec-pibor": "On Tuesday soldiers killed twelve villagers near Pibor in South Sudan and burned a market.",
    "rec-market": "The council of Oslo opened a new market hall and a school this week.",
    "rec-bor": "Armed men shot nine farmers in a village near Bor, South Sudan, and took the cattle.",
}


def a_record(id: str, text: str, sensitivity: str = "public") -> Record:
    known = Moment(as_of_end(today()) - timedelta(days=2))
    return Record(
        id=id, source="folder", address=f"{id}.txt", title="", text=text, language="en",
        raw_sha256=sha256(text.encode()), licence="own words", sensitivity=sensitivity, origin=id,
        published=known, known=known, recorded=now(),
    )  # fmt: skip


def model(text: str) -> str:
    """A model that calls everything an atrocity in Norway, by the first words of each text."""
    first = stated(text[:40], "11.1", iso3="NOR", relevance="atrocity", confidence=1.0)
    return json.dumps(answer(first, relevance="atrocity", score=1.0, countries=["NOR"]))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = open_home(tmp_path / "home")
    made.lake.write({"records": [a_record(id, text) for id, text in TEXTS.items()]}, "test")
    yield made
    made.close()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in ("URL", "MODEL", "KEY", "KEY_FILE", "MOST"):
        monkeypatch.delenv(f"TOCSIN_CODER_{name}", raising=False)
    monkeypatch.delenv("TOCSIN_OFFLINE", raising=False)
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))
    return monkeypatch


@contextmanager
def asked(environment: pytest.MonkeyPatch, behaviour: Behaviour) -> Iterator[None]:
    """The settings name a server that behaves so."""
    with serving(behaviour) as base:
        environment.setenv("TOCSIN_CODER_URL", base)
        environment.setenv("TOCSIN_CODER_MODEL", "small-model")
        environment.setenv("TOCSIN_ALLOW_HOSTS", base.removeprefix("http://").removesuffix("/v1"))
        yield


def a_turn(home: Home, **more: Any) -> dict[str, Any]:
    return turn(home, as_of_end(today()), False, lambda line: None, **more)


def test_a_second_coder_reads_beside_and_moves_no_level(home: Home, environment: pytest.MonkeyPatch) -> None:
    first = a_turn(home)
    # After the first turn the levels of neighbours are known.
    plain = a_turn(home)
    before = {d.iso3: d.level for d in Desk(home).decisions()}
    assert plain["beside"] == {}
    behaviour = Behaviour(model)
    with asked(environment, behaviour):
        report = a_turn(home)
        again = a_turn(home)
    told = report["beside"]
    assert (told["coder"], told["read"], told["asked"], told["failed"]) == ("endpoint", 3, 3, 0)
    assert (again["beside"]["read"], len(behaviour.asked)) == (0, 3), "what was read is not read again"
    assert report["coder_version"] == again["coder_version"] == plain["coder_version"]
    assert (report["records"], report["signals"]) == (plain["records"], plain["signals"])
    assert {d.iso3: d.level for d in Desk(home).decisions()} == before
    assert not Desk(home).signals("NOR"), "what it claims enters no assessment"
    readings = Reviewing(home).readings("rec-pibor")
    assert [(r.coder, r.run) for r in readings] == [("endpoint", report["run"]), ("hybrid", first["run"])]
    claims = [s for s in Reviewing(home).claims("rec-pibor") if s.coder == "endpoint"]
    assert [(s.iso3, s.coder_version) for s in claims] == [("NOR", told["version"])]
    assert TEXTS["rec-pibor"][claims[0].start : claims[0].end] == claims[0].quote
    assert Reviewing(home).subject("rec-pibor").reading.coder == "hybrid", "a reviewer judges the one in use"
    worth = {w.reading.record: w.reasons for w in Reviewing(home).worth(now() - timedelta(days=90))}
    assert "coders_differ" in worth["rec-market"]


def test_one_failing_answer_stops_nothing_and_is_counted(home: Home, environment: pytest.MonkeyPatch) -> None:
    def say(text: str) -> str:
        return "I would rather not." if "Oslo" in text else model(text)

    with asked(environment, Behaviour(say)):
        told = a_turn(home)["beside"]
        assert (told["read"], told["failed"]) == (2, 1) and "cannot be read" in told["why"]
    with asked(environment, Behaviour(model)):
        assert a_turn(home)["beside"]["read"] == 1, "it is asked about again"


def test_a_dead_server_is_left_alone_and_the_turn_ends(home: Home, environment: pytest.MonkeyPatch) -> None:
    home.lake.write({"records": [a_record(f"rec-{n}", f"Report {n} of the day.") for n in range(9)]}, "test")
    behaviour = replace(Behaviour(model), errors=[(401, {})] * 99)
    with asked(environment, behaviour):
        report = a_turn(home)
    told = report["beside"]
    assert (told["read"], told["failed"], told["waiting"]) == (0, 5, 7) and len(behaviour.asked) == 5
    assert "check TOCSIN_CODER_KEY" in told["why"] and report["places"] >= 195


def test_what_is_not_public_is_not_sent_to_a_model_outside(
    home: Home, environment: pytest.MonkeyPatch
) -> None:
    home.lake.write({"records": [a_record("rec-inside", "Families hid in the school.", "internal")]}, "test")
    behaviour = Behaviour(model)
    with asked(environment, behaviour):
        environment.delenv("TOCSIN_ALLOW_HOSTS")
        told = a_turn(home)["beside"]
    assert (told["read"], told["private"], told["failed"], behaviour.asked) == (0, 1, 3, [])
    assert "unencrypted" in told["why"]


def test_a_turn_asks_about_so_many_and_leaves_the_rest_for_later(
    home: Home, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("TOCSIN_CODER_MOST", "2")
    with asked(environment, Behaviour(model)):
        told = [a_turn(home)["beside"] for _ in range(2)]
    assert [(t["read"], t["waiting"]) for t in told] == [(2, 1), (1, 0)]


def test_a_slow_server_does_not_hold_up_the_alarms(
    home: Home, environment: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(text: str) -> str:
        time.sleep(0.6)
        return model(text)

    monkeypatch.setattr(store_beside, "PATIENCE", timedelta(seconds=0.5))
    with asked(environment, Behaviour(slow)):
        told = a_turn(home)["beside"]
    assert (told["read"], told["waiting"]) == (1, 2)


def test_a_claim_of_it_counts_when_a_person_upholds_it(home: Home, environment: pytest.MonkeyPatch) -> None:
    with asked(environment, Behaviour(model)):
        a_turn(home)
    home.ledger.add_user("ada", "desk officer")
    (claim,) = (s for s in Reviewing(home).claims("rec-market") if s.coder == "endpoint")
    Reviewing(home).confirm(claim.id, "ada")
    a_turn(home)
    assert [(s.id, s.review, s.record) for s in Desk(home).signals("NOR")] == [
        (claim.id, "person", "rec-market")
    ]


def test_offline_and_replayed_turns_ask_nobody(home: Home, environment: pytest.MonkeyPatch) -> None:
    behaviour = Behaviour(model)
    with asked(environment, behaviour):
        told = a_turn(home, offline=True)["beside"]
        assert (told["read"], told["waiting"], told["failed"], behaviour.asked) == (0, 3, 0, [])
        environment.setenv("TOCSIN_CODER_MOST", "1")
        assert a_turn(home)["beside"]["asked"] == 1
        replayed = turn(home, as_of_end(today() - timedelta(days=1)), True, lambda line: None)["beside"]
        assert (replayed["read"], replayed["kept"], replayed["waiting"]) == (1, 1, 2)
        assert len(behaviour.asked) == 1


def test_settings_that_make_no_coder_are_told_and_lose_no_turn(
    home: Home, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("TOCSIN_CODER_URL", "https://models.example/v1")
    told = tocsin(home.folder, "run", "--offline", "--json")
    assert told.returncode == 0 and "TOCSIN_CODER_MODEL" in json.loads(told.stdout)["beside"]["why"]


def test_a_review_counts_from_the_next_turn_on_and_not_before(
    home: Home, environment: pytest.MonkeyPatch
) -> None:
    a_turn(home)
    home.ledger.add_user("ada", "desk officer")
    read = {a.iso3: a for a in Desk(home).assessments()}
    claimed = [s for s in Desk(home).signals("SSD") if s.factor]
    assert claimed and any(r.signals for r in read["SSD"].readings)
    for record in ("rec-pibor", "rec-bor"):
        Reviewing(home).correct(record, "ada", judgement({"time": "past"}), "both tell of years long gone")
    assert [s.id for s in Desk(home).signals("SSD") if s.factor] == [s.id for s in claimed]
    a_turn(home)
    after = {a.iso3: a for a in Desk(home).assessments()}
    assert not any(r.signals for r in after["SSD"].readings)
    assert {s.time.value for s in Desk(home).signals("SSD")} == {"past"}
    assert {s.time.value for s in Reviewing(home).claims("rec-pibor")} == {"present"}, "the machine's stay"


def test_the_command_line_codes_with_it_in_the_same_lines(
    tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    rows = [{"id": id, "text": text, "published": "2024-05-01"} for id, text in TEXTS.items()]
    rows += [{"id": "none"}, {"id": "when", "text": "Rain fell.", "published": "soon"}]
    rows += [{"id": "half", "text": "Soldiers \ud800 burned the village of Pibor."}]
    given = "".join(json.dumps(row) + "\n" for row in rows)
    bare = tocsin(tmp_path, "code", "--json", "--coder", "endpoint", stdin=given)
    assert bare.returncode == 2 and "TOCSIN_CODER_URL" in bare.stderr
    assert "did you mean endpoint" in tocsin(tmp_path, "code", "--coder", "endpoin", stdin="x").stderr
    plain = tocsin(tmp_path, "code", "--json", stdin=given).stdout.splitlines()
    behaviour = Behaviour(model)
    with asked(environment, behaviour):
        environment.setenv("TOCSIN_OFFLINE", "0")
        command = ("code", "--json", "--coder", "endpoint")
        made = subprocess.run(
            [*COMMAND, *command],
            env={**os.environ, "TOCSIN_HOME": str(tmp_path)},
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        count = len(behaviour.asked)
        kept = tocsin(tmp_path, *command, "--offline", stdin=given)
    assert made.returncode == 0, made.stderr
    ours = [json.loads(line) for line in made.stdout.splitlines()]
    theirs = [json.loads(line) for line in plain]
    assert [(row["id"], list(row)) for row in ours] == [(row["id"], list(row)) for row in theirs]
    assert [row["countries"] for row in ours[:3]] == [["NOR"]] * 3 and ours[0]["signals"][0]["quote"]
    assert ours[3]["error"] and "not a date" in ours[4]["error"] and not ours[5]["error"]
    assert kept.stdout == made.stdout and len(behaviour.asked) == count == 4, "offline gives what is kept"
