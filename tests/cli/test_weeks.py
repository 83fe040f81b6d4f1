"""tocsin check weeks: from delivered files to a table, as a user asks for it."""

import json
from pathlib import Path

import pytest

from tests.cli.tools import tocsin
from tests.store.given_slices import file, line


@pytest.mark.slow
def test_delivered_files_become_weeks_on_the_screen_and_in_a_file(tmp_path: Path) -> None:
    home, brought = tmp_path / "home", tmp_path / "in"
    brought.mkdir()
    body = file(
        line(1, QuadClass="4", EventRootCode="19"), line(2), b"broken", line(3, ActionGeo_CountryCode="")
    )
    (brought / "20250107143000.export.CSV").write_bytes(body)
    gathered = tocsin(home, "gather", "gdelt", "--from", str(brought))
    assert gathered.returncode == 0 and "4 read, 3 used, 0 ignored, 1 refused" in gathered.stderr
    assert "20250107143000.export.CSV, line 3: has 1 columns, not 61" in gathered.stderr
    shown = tocsin(home, "check", "weeks", "--place", "Sudan", "--json")
    row = json.loads(shown.stdout)
    assert (row["iso3"], row["week"], row["events"], row["fight"]) == ("SDN", "2025-01-06", 2, 1)
    assert "3 events known; 1 of them name no country" in shown.stderr
    out = tmp_path / "weeks.csv"
    assert tocsin(home, "check", "weeks", "--since", "2025-01-08", "--out", str(out)).returncode == 0
    assert out.read_text().splitlines()[1].startswith("SDN,2025-01-06,2,")
    nothing = tocsin(home, "check", "weeks", "--place", "IRQ")
    assert nothing.returncode == 2 and "none is of that place and time" in nothing.stderr
    assert tocsin(home, "check", "home").returncode == 0


@pytest.mark.slow
def test_a_home_without_events_of_gdelt_says_what_to_do(tmp_path: Path) -> None:
    brought = tmp_path / "in"
    brought.mkdir()
    (brought / "20250107143000.export.CSV").write_bytes(b"")
    tocsin(tmp_path / "home", "gather", "gdelt", "--from", str(brought))
    told = tocsin(tmp_path / "home", "check", "weeks")
    assert told.returncode == 2 and "tocsin gather gdelt" in told.stderr
