"""Whatever is killed, and whenever: the home opens, nothing is half written, nothing reported is lost."""

import json
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.tools import documents, started, tocsin
from tocsin.acts import faults
from tocsin.clock import now
from tocsin.store.home import open_home

pytestmark = pytest.mark.slow
KILLS = 16


def killed_after(process: subprocess.Popen[str], seconds: float) -> str:
    """What the process had said when it was killed, or when it ended by itself before that."""
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        said, _ = process.communicate()
    return said


def whole(folder: Path) -> int:
    home = open_home(folder)
    found, rows = faults(home), len(home.lake.read("records", now(), undated=True))
    home.close()
    assert found == []
    return rows


def test_a_gather_killed_at_many_random_moments_loses_nothing_it_reported(tmp_path: Path) -> None:
    chance, home = random.Random(20141994), tmp_path / "home"
    reported = 0
    full = _seconds(tmp_path)
    for n in range(KILLS):
        folder = documents(tmp_path / f"in{n}", 40, mark=f"k{n}-")
        said = killed_after(
            started(home, "gather", "--from", str(folder), "--json"), chance.uniform(0.05, full * 1.2)
        )
        reported += sum(json.loads(line)["written"]["records"] for line in said.splitlines())
        if home.exists():
            rows = whole(home)
            assert rows >= reported
            assert rows % 40 == 0, "a run is written whole or not at all"
    every = [word for n in range(KILLS) for word in ("--from", str(tmp_path / f"in{n}"))]
    assert tocsin(home, "gather", *every).returncode == 0
    assert whole(home) == 40 * KILLS


def _seconds(tmp_path: Path) -> float:
    begun = time.monotonic()
    tocsin(tmp_path / "timing", "gather", "--from", str(documents(tmp_path / "timed", 40, mark="t")))
    return time.monotonic() - begun


def test_a_turn_killed_at_random_moments_leaves_the_last_finished_one(tmp_path: Path) -> None:
    chance, home = random.Random(1994), tmp_path / "home"
    tocsin(home, "gather", "--from", str(documents(tmp_path / "in", 20)))
    begun = time.monotonic()
    assert tocsin(home, "run", "--json").returncode == 0
    full = time.monotonic() - begun
    finished = 1
    for _ in range(3):
        finished += bool(
            killed_after(started(home, "run", "--json"), chance.uniform(full * 0.3, full * 1.1)).strip()
        )
        whole(home)
        opened = open_home(home)
        assert len(opened.ledger.turns(limit=1000)) >= finished, "a turn that was reported is there"
        opened.close()
    shown = tocsin(home, "assess", "--json")
    assert shown.returncode == 0 and len(shown.stdout.splitlines()) > 190
