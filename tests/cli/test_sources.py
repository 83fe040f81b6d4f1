"""What can be read is listed, with what it needs and how its last run went."""

import json
from pathlib import Path

from tests.cli.tools import documents, tocsin
from tocsin.sources import catalog


def test_every_source_is_listed_with_what_it_lacks_and_its_last_run(tmp_path: Path) -> None:
    home = tmp_path / "home"
    asked = tocsin(home, "check", "sources", "--json")
    assert asked.returncode == 0, asked.stderr
    rows = {row["source"]: row for row in map(json.loads, asked.stdout.splitlines())}
    assert rows.keys() == catalog().keys() and not home.exists()
    assert all(row["lacks"] == list(catalog()[id].secrets) for id, row in rows.items())
    assert rows["folder"]["last_run"] == "never read"
    tocsin(home, "gather", "folder", "--from", str(documents(tmp_path / "in", 2)))
    told = tocsin(home, "check", "sources", "--json").stdout.splitlines()
    assert {row["source"]: row["last_run"] for row in map(json.loads, told)}["folder"] == "well"
    assert "folder" in tocsin(home, "check", "sources").stdout
