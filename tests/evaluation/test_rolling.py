"""A back-test as rows: its columns, its keys, and that only the spec's columns and the past matter."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.forecasting.panels import cube, rows, tables, toml, write
from tocsin.errors import InputError, UnknownId
from tocsin.evaluation import rolling
from tocsin.evaluation.forecast_file import read_forecasts
from tocsin.forecasting.standard import forecasters

COUNTS = ["entity", "origin", "period", "horizon", "p_ge_1", "p_ge_5", *rolling.QUANTILES]


PAGE = (Path(__file__).resolve().parents[2] / "docs" / "backtest.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The one block of the page in a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found


def prepared(folder: Path, kind: str = "count", who: str = "decayed3", **words: Any) -> rolling.Backtest:
    """A back-test of a small panel, or of the one that is already in the folder."""
    panel = folder / "p.csv"
    if not panel.exists():
        write(panel, rows(cube(kind)))
    (folder / "s.toml").write_text(toml(tables(kind, **words)), encoding="utf-8")
    return rolling.prepare(panel, folder / "s.toml", who)


def made(test: rolling.Backtest, heard: list[str] | None = None) -> list[dict[str, str]]:
    return list(rolling.rows(test, (lambda text: None) if heard is None else heard.append))


def test_counts_have_thresholds_and_quantiles_one_row_a_key(tmp_path: Path) -> None:
    found = made(prepared(tmp_path))
    assert list(found[0]) == COUNTS and len(found) == 12 * 4 * 3
    assert len({(r["entity"], r["origin"], r["horizon"]) for r in found}) == len(found)
    ahead = {"1": 1, "3": 3, "sum2": 2}
    assert all(int(r["period"]) == int(r["origin"]) + ahead[r["horizon"]] for r in found)
    assert all(float(r["p_ge_1"]) >= float(r["p_ge_5"]) for r in found)
    quantiles = [[float(r[q]) for q in rolling.QUANTILES] for r in found]
    assert all(q == sorted(q) for q in quantiles)


def test_yes_or_no_has_a_probability(tmp_path: Path) -> None:
    found = made(prepared(tmp_path, "binary", "ridge", horizons=[0], sums=[3]))
    assert list(found[0]) == ["entity", "origin", "period", "horizon", "probability"]
    assert {r["horizon"] for r in found} == {"0", "sum3"}
    assert all(0 < float(r["probability"]) < 1 for r in found)
    assert all(r["period"] == r["origin"] for r in found if r["horizon"] == "0")


def test_the_scorer_reads_what_is_written(tmp_path: Path) -> None:
    found = made(prepared(tmp_path))
    path = write(tmp_path / "f.csv", [list(r.values()) for r in found], COUNTS)
    assert len(read_forecasts(path)) == len(found)


def test_dates_are_written_as_the_panel_writes_them(tmp_path: Path) -> None:
    days = [f"{2000 + t // 12}-{t % 12 + 1:02d}-15" for t in range(40)]
    write(tmp_path / "p.csv", [[e, days[t], y, z] for e, t, y, z in rows(cube())])
    heard: list[str] = []
    found = made(prepared(tmp_path, first="2002-07-15", last="2002-08-15"), heard)
    assert {(r["origin"], r["period"], r["horizon"]) for r in found} >= {("2002-08-15", "2002-11-15", "3")}
    assert (
        heard[1] == "origin 2002-07-15" and "40 periods from 2000-01-15 to 2003-04-15 by 1 month" in heard[0]
    )


def test_other_columns_and_the_order_of_rows_change_nothing(tmp_path: Path) -> None:
    plain = made(prepared(tmp_path))
    more = [[*row, "inf", "garbage", '"a,\nb"'] for row in reversed(rows(cube()))]
    write(tmp_path / "p.csv", more, ("who", "t", "y", "z", "u", "v", "w"))
    assert made(prepared(tmp_path)) == plain


def test_another_process_makes_the_same_rows(tmp_path: Path) -> None:
    test = prepared(tmp_path, "binary", "pool", horizons=[1], sums=[])
    code = (
        "import sys; from pathlib import Path; from tocsin.evaluation import rolling as r\n"
        "t = r.prepare(Path('p.csv'), Path('s.toml'), 'pool')\n"
        "print(t.manifest['id'], list(r.rows(t, lambda text: None)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120
    )
    identity, _, body = told.stdout.partition(" ")
    assert body.strip() == str(made(test)) and identity == test.manifest["id"]


def test_the_manifest_names_what_it_takes(tmp_path: Path) -> None:
    first = prepared(tmp_path).manifest
    assert {"code", "seed", "forecaster", "settings", "as_of", "panel", "spec"} <= set(first)
    assert prepared(tmp_path).manifest == first and prepared(tmp_path, last=32).manifest["id"] != first["id"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"last": 41}, "last 41 is not inside of the panel (it runs from 0 to 39)"),
        ({"first": 0}, "the first origin 0 is not inside of the panel"),
        (
            {"first": "2001-01-01", "last": "2001-02-01"},
            "2001-01-01 is a date, the periods are whole numbers",
        ),
        ({"horizons": [400]}, "horizon 400 is known 400 periods later, the panel has 40"),
        ({"sums": [10**9]}, "horizon sum1000000000"),
        ({"label_lag": 40}, "horizon 1 is known 41 periods later"),
        ({"known": ["gdp"]}, "has no column 'gdp' (its columns are who, t, y, z)"),
    ],
)
def test_a_spec_that_does_not_fit_the_panel(tmp_path: Path, words: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as raised:
        prepared(tmp_path, **words)
    assert said in str(raised.value) and "\n" not in str(raised.value)


def test_who_is_not_known_is_asked_back(tmp_path: Path) -> None:
    with pytest.raises(UnknownId, match="did you mean ridge"):
        prepared(tmp_path, who="rigde")


def test_a_horizon_beyond_the_end_of_the_panel_is_forecast_all_the_same(tmp_path: Path) -> None:
    found = made(prepared(tmp_path, last=39, horizons=[9]))
    assert max(int(r["period"]) for r in found) == 48


def test_what_the_reader_should_know_is_told_first(tmp_path: Path) -> None:
    heard: list[str] = []
    made(prepared(tmp_path, "binary", "climatology", horizons=[0], thresholds=[1, 25]), heard)
    assert heard[0].startswith("12 entities, 40 periods from 0 to 39 by whole numbers, 480 rows")
    assert "labels are taken for known one period after their row" in heard[1]
    assert "thresholds are for counts" in heard[2]


def test_the_spec_of_the_page_runs_on_a_panel_like_that_of_the_page(tmp_path: Path) -> None:
    days = [f"{2002 + t // 12}-{t % 12 + 1:02d}-01" for t in range(40)]
    body = [[e, days[t], int(float(y)), 1, 1_200_000] for e, t, y, _ in rows(cube())]
    panel = write(tmp_path / "panel.csv", body, block("csv").split("\n")[0].split(","))
    (tmp_path / "spec.toml").write_text(block("toml"), encoding="utf-8")
    found = made(rolling.prepare(panel, tmp_path / "spec.toml", "decayed3"))
    assert {(r["origin"], r["period"]) for r in found if r["horizon"] == "sum3"} >= {
        ("2004-12-01", "2005-03-01")
    }


def test_the_forecaster_of_the_page_keeps_the_protocol(tmp_path: Path) -> None:
    (tmp_path / "halfway.py").write_text(block("python"), encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "halfway.py"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert told.returncode == 0, told.stderr


def test_the_page_names_every_forecaster() -> None:
    named = set(re.findall(r"`([a-z_]+\d*)`", PAGE.split("## Who forecasts")[1].split("## Your own")[0]))
    assert named >= {name for kind in ("binary", "count") for name in forecasters(kind)}
