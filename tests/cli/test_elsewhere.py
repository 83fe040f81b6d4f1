"""Conditions and other people's forecasts at the command line, on a real home."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.tools import tocsin

pytestmark = pytest.mark.slow


def test_assess_shows_what_was_gathered_and_says_where_nothing_was(tmp_path: Path) -> None:
    home, files = tmp_path / "home", tmp_path / "files"
    files.mkdir()
    vdem = files / "vdem_v15.csv"
    vdem.write_text("country_text_id,year,v2x_polyarchy,v2x_libdem\nSDN,2024,0.135,0.06\n")
    ewp = files / "list.csv"
    ewp.write_text("year,ewp_name,ccode,risk,riskrank\n2098,Sudan,625,0.071,3\n")
    for name, path in (("vdem", vdem), ("earlywarningproject", ewp)):
        assert tocsin(home, "gather", name, "--from", str(path)).returncode == 0
    assert tocsin(home, "run", "--offline").returncode == 0
    told = tocsin(home, "assess", "--place", "SDN").stdout
    assert "Electoral democracy: 0.135 (0 to 1) (vdem, 2024; known 2025-03, later revision)" in told
    assert "and 1 further series" in told
    assert "a new mass killing begins in one of two years: 7.1% (2099-01-01 to 2100-12-31; run list" in told
    plain = tocsin(home, "assess", "--place", "FRA").stdout
    assert plain.count("  nothing gathered") == 2
    row = json.loads(tocsin(home, "assess", "--place", "SDN", "--json").stdout)
    assert [c["label"] for c in row["conditions"]] == ["Electoral democracy", "Liberal democracy"]
    assert {o["measure"] for o in row["others"]} == {"probability", "rank"}
