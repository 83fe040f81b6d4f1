"""tocsin review figures, as a desk officer uses it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.tools import tocsin
from tests.signals.counted import COUNTED, figures
from tocsin.clock import now
from tocsin.signals.held import hold, standing
from tocsin.store.home import open_home

FIRST, SECOND, _ = figures()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    made = open_home(folder)
    made.lake.write({"records": [COUNTED], "figures": figures()}, "test")
    made.ledger.add_user("ada", "monitor")
    old = hold(standing(SECOND, []), "ada", "", now() - timedelta(days=9))
    made.figure_acts.add(replace(old, id="fac-old"))
    made.close()
    return folder


@pytest.mark.slow
def test_figures_are_listed_with_who_claims_them_and_held_ones_are_flagged(home: Path) -> None:
    told = tocsin(home, "review", "figures", "--place", "SSD")
    assert told.returncode == 0, told.stderr
    assert "United Nations (UN)" in told.stdout and FIRST.quote in told.stdout and "denied" in told.stdout
    assert "held by ada" in told.stdout and told.stdout.count("LATE") == 1
    late = tocsin(home, "review", "figures", "--late", "--json")
    assert [(r["id"], r["late"]) for r in map(json.loads, late.stdout.splitlines())] == [(SECOND.id, True)]
    none = tocsin(home, "review", "figures", "--place", "SDN")
    assert none.stdout == "" and "not zero" in none.stderr


@pytest.mark.slow
def test_a_figure_is_held_explained_and_published_with_a_name(home: Path) -> None:
    nobody = tocsin(home, "review", "figures", "hold", FIRST.id, "--by", "eve")
    assert nobody.returncode == 2 and "users add" in nobody.stderr and "Traceback" not in nobody.stderr
    assert tocsin(home, "review", "figures", "hold", FIRST.id, "--by", "ada").returncode == 0
    silent = tocsin(home, "review", "figures", "explain", SECOND.id, "--by", "ada", "--reason", " ")
    assert silent.returncode == 2 and "reason" in silent.stderr
    why = ("--reason", "the family asked for time")
    assert tocsin(home, "review", "figures", "explain", SECOND.id, "--by", "ada", *why).returncode == 0
    assert tocsin(home, "review", "figures", "--late").stdout == ""
    assert tocsin(home, "review", "figures", "publish", FIRST.id, "--by", "ada").returncode == 0
    held = tocsin(home, "review", "figures", "--held").stdout
    assert SECOND.id in held and "the family asked for time" in held and FIRST.id not in held
