"""The comparison measures both coders on the same rows, and says when there is only one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.signals.model_server import Behaviour, answer, serving, stated

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "compare_coders.py"
ROW = {"published": "2014-04-02", "relevance": "signal", "factors": ["RF11"], "time": "present"}
ROW |= {"countries": ["SSD"], "perpetrator": "state", "mitigation": False}
TEXTS = ["Soldiers killed twelve villagers near Pibor, South Sudan.", "Soldiers killed nine nurses in Bor."]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    lines = [json.dumps(ROW | {"id": f"r{n}", "text": text}) for n, text in enumerate(TEXTS)]
    path.write_text("\n".join(lines) + "\n")
    return path


def run(path: Path, home: Path, *more: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TOCSIN_")}
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(path), *more],
        env={**kept, "TOCSIN_HOME": str(home), **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_without_an_address_it_measures_the_default_and_says_so(rows: Path, tmp_path: Path) -> None:
    done = run(rows, tmp_path / "home", "--most", "1")
    assert done.returncode == 0, done.stderr
    assert "TOCSIN_CODER_URL is not set" in done.stdout and "endpoint" not in done.stdout.splitlines()[0]
    assert not (tmp_path / "home").exists()


def test_both_coders_stand_side_by_side_and_a_failure_is_counted(rows: Path, tmp_path: Path) -> None:
    def say(text: str) -> str:
        return json.dumps(answer(stated(text, "11.1"))) if "Pibor" in text else "I would rather not."

    with serving(Behaviour(say)) as base:
        given = {"TOCSIN_CODER_URL": base, "TOCSIN_CODER_MODEL": "m", "TOCSIN_ALLOW_HOSTS": "127.0.0.1"}
        done = run(rows, tmp_path / "home", **given)
    assert done.returncode == 0, done.stderr
    table = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    assert table["hybrid"] == ["endpoint"]
    assert (table["rows"], table["failed"]) == (["2", "2"], ["0", "1"])
    assert table["factors_micro"][1] == table["signal_f1"][1] == "0.667"
    assert "failed 1 times" in done.stderr and "'asked': 1" in done.stderr


def test_a_row_without_labels_is_named(rows: Path, tmp_path: Path) -> None:
    rows.write_text(rows.read_text() + json.dumps({"id": "x", "text": "y"}) + "\n")
    done = run(rows, tmp_path / "home")
    assert done.returncode == 1 and "line 3: lacks relevance" in done.stderr
    assert "Traceback" not in done.stderr
