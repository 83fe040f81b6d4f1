"""tocsin review, as a monitor uses it: look, confirm or correct, and take training rows along."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.tools import tocsin
from tests.signals.reviewed import RECORD, read
from tocsin.store.home import open_home


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    made = open_home(folder)
    reading, signals = read()
    made.lake.write({"records": [RECORD], "coded": [reading], "signals": signals}, "test")
    for name in ("ada", "ben"):
        made.ledger.add_user(name, "monitor")
    made.close()
    return folder


@pytest.mark.slow
def test_a_reading_is_shown_corrected_and_exported_within_the_home_only(home: Path, tmp_path: Path) -> None:
    refused = tocsin(
        home, "review", "correct", RECORD.id, "--by", "ada", "--factors", "RF99", "--reason", "x"
    )
    assert refused.returncode == 2 and "RF9" in refused.stderr and "Traceback" not in refused.stderr
    silent = tocsin(home, "review", "correct", RECORD.id, "--by", "ada", "--time", "past")
    assert silent.returncode == 2 and "reason" in silent.stderr
    done = tocsin(
        home, "review", "correct", RECORD.id, "--by", "ada", "--relevance", "signal", "--factors", "RF14,RF1",
        "--countries", "South Sudan, SDN", "--perpetrator", "both", "--reason", "the second sentence shows",
    )  # fmt: skip
    assert done.returncode == 0 and done.stdout == "", done.stderr
    assert tocsin(home, "review", "confirm", RECORD.id, "--by", "ben").returncode == 0
    told = tocsin(home, "review", "show", RECORD.id, "--text").stdout
    assert " ".join(RECORD.text.split()) in " ".join(told.split()) and "ada: SDN SSD" in told
    assert "ada: RF1 RF14" in told and "ben: RF11 RF14" in told and "reviewers differ" in told
    claim = re.findall(r"sig-\w+", told)[0]
    wrong = tocsin(home, "review", "correct", claim, "--by", "ada", "--wrong", "--reason", "not said")
    assert wrong.returncode == 0, wrong.stderr
    assert "review: rejected" in tocsin(home, "review", "show", claim).stdout
    between = tocsin(home, "review", "agreement").stdout
    assert "ada and ben" in between and "kappa" in between
    outside = tocsin(home, "review", "export", "--out", str(tmp_path / "rows.jsonl"))
    assert (tmp_path / "rows.jsonl").read_text() == "" and "1 left out" in outside.stderr
    assert "inside the home" in outside.stderr
    inside = home / "training" / "rows.jsonl"
    assert tocsin(home, "review", "export", "--out", str(inside)).returncode == 0
    assert inside.stat().st_mode & 0o077 == 0, "it holds words that may not leave"
    rows = [json.loads(line) for line in inside.read_text("utf-8").splitlines()]
    assert [(row["id"], row["sure"]) for row in rows] == [(RECORD.id, 2)]


def test_the_list_is_of_what_nobody_reviewed(home: Path) -> None:
    nothing = tocsin(home, "review", "list", "--place", "SDN")
    assert nothing.stdout == "" and "nothing waits" in nothing.stderr
    assert tocsin(home, "review", "list", "--place", "SSX").returncode == 2


def test_an_export_never_lies_among_the_homes_own_files(home: Path) -> None:
    refused = tocsin(home, "review", "export", "--out", str(home / "lake" / "rows.jsonl"))
    assert refused.returncode == 2 and not (home / "lake" / "rows.jsonl").exists()
