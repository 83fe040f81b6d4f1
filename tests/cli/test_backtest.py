"""tocsin evaluate backtest, as a researcher runs it on a panel of their own."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.cli.tools import tocsin
from tests.forecasting.panels import cube, rows, tables, toml, write

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    names = {f"E{i:02d}": name for i, name in enumerate(['a "b", c', "NA", "7"])}
    panel = [[names.get(e, e), t, y, z] for e, t, y, z in rows(cube())]
    with (tmp_path / "p.csv").open("w", newline="", encoding="utf-8") as f:
        csv.writer(f).writerows([("who", "t", "y", "z"), *panel])
    return tmp_path


def backtest(folder: Path, *words: str, out: str = "f.csv", **asked: Any) -> subprocess.CompletedProcess[str]:
    (folder / "s.toml").write_text(toml(tables(**asked)), encoding="utf-8")
    paths = (str(folder / "p.csv"), "--spec", str(folder / "s.toml"), "--out", str(folder / out))
    return tocsin(folder / "home", "evaluate", "backtest", "--panel", *paths, *words)


def test_the_whole_pool_writes_the_same_bytes_twice_with_a_manifest(folder: Path) -> None:
    told = backtest(folder)
    assert told.returncode == 0 and told.stdout == "", told.stderr
    assert "origin 33" in told.stderr and "144 rows" in told.stderr
    first = (folder / "f.csv").read_bytes()
    manifest = json.loads((folder / "f.csv.manifest.json").read_text())
    assert manifest["forecaster"] == "pool" and len(manifest["panel"]) == 64
    assert backtest(folder).returncode == 0 and (folder / "f.csv").read_bytes() == first
    with (folder / "f.csv").open(encoding="utf-8", newline="") as f:
        found = list(csv.DictReader(f))
    assert {r["entity"] for r in found} >= {'a "b", c', "NA", "7"} and {r["horizon"] for r in found} >= {
        "sum2"
    }
    assert sorted(p.name for p in folder.iterdir()) == ["f.csv", "f.csv.manifest.json", "p.csv", "s.toml"]


def test_parquet_holds_the_same_rows_with_types(folder: Path) -> None:
    for out in ("f.csv", "f.parquet"):
        assert backtest(folder, "--forecaster", "decayed12", out=out).returncode == 0
    read = duckdb.connect().read_parquet(str(folder / "f.parquet"))
    types = dict(zip(read.columns, map(str, read.types), strict=True))
    assert (types["entity"], types["origin"], types["horizon"]) == ("VARCHAR", "BIGINT", "VARCHAR")
    assert {types[c] for c in ("p_ge_1", "q01", "q99")} == {"DOUBLE"}
    with (folder / "f.csv").open(encoding="utf-8", newline="") as f:
        text = [[r["entity"], int(r["origin"]), r["horizon"], float(r["q90"])] for r in csv.DictReader(f)]
    assert [list(r) for r in read.select("entity", "origin", "horizon", "q90").fetchall()] == text


def test_what_is_written_can_be_scored(folder: Path) -> None:
    assert backtest(folder, "--forecaster", "decayed3").returncode == 0
    told = tocsin(
        folder / "home", "evaluate", "score", "--forecasts", str(folder / "f.csv"),
        "--panel", str(folder / "p.csv"), "--spec", str(folder / "s.toml"),
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert "crps" in told.stdout and "144 of 144 rows have one" in told.stderr


@pytest.mark.parametrize(
    ("asked", "words", "said"),
    [
        ({"last": 99}, (), "last 99 is not inside of the panel"),
        ({"kind": "counts"}, (), "unknown kind 'counts'"),
        ({"known": ["gdp"]}, (), "has no column 'gdp'"),
        ({}, ("--forecaster", "forrest"), "did you mean forest?"),
        ({"first": 2, "horizons": [5]}, ("--forecaster", "ridge"), "start at a later origin"),
    ],
)
def test_a_slip_is_one_line_and_leaves_nothing(folder: Path, asked: dict, words: tuple, said: str) -> None:
    told = backtest(folder, *words, **asked)
    assert told.returncode == 2 and told.stdout == "" and said in told.stderr.splitlines()[-1], told.stderr
    assert "Traceback" not in told.stderr
    assert sorted(p.name for p in folder.iterdir()) == ["p.csv", "s.toml"]


def test_a_bad_cell_is_named_and_the_panel_is_never_written_over(folder: Path) -> None:
    assert "would be written over" in backtest(folder, out="p.csv").stderr
    assert "would be written over" in backtest(folder, out="s.toml").stderr
    write(folder / "p.csv", [*rows(cube()), ["E99", 1, -3, 0]])
    told = backtest(folder)
    assert told.returncode == 2 and len(told.stderr.splitlines()) == 1
    assert "p.csv: row 482, column y: the count -3 is negative" in told.stderr
    told = backtest(folder, out="nowhere/f.csv")
    assert told.returncode == 2 and len(told.stderr.splitlines()) == 1
