"""tocsin evaluate score, as somebody who compares two forecast files uses it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.tools import COMMAND, environment, tocsin
from tests.evaluation.forecast_files import BINARY, OUTCOME, binary_rows, outcome_rows, write
from tocsin.evaluation.forecast_file import QUANTILES

pytestmark = pytest.mark.slow
YEARLY = ("entity", "p_ge_1", "p_ge_25", "p_ge_100", "p_ge_1000", *QUANTILES)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    write(tmp_path / "a.csv", BINARY, binary_rows(1))
    write(tmp_path / "b.csv", BINARY, binary_rows(2))
    write(tmp_path / "o.csv", OUTCOME, outcome_rows(3))
    return tmp_path


def score(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return tocsin(folder / "home", "evaluate", "score", *words)


def asked(folder: Path, *words: str) -> tuple[str, ...]:
    return ("--forecasts", str(folder / "a.csv"), "--outcomes", str(folder / "o.csv"), *words)


def test_tables_lines_and_files_hold_the_same_figures(files: Path) -> None:
    more = ("--against", str(files / "b.csv"), "--out", str(files / "s.csv"), "--figures", str(files / "f"))
    told = score(files, *asked(files, *more))
    assert told.returncode == 0, told.stderr
    assert "seed 20240815" in told.stderr and "144 of 144 rows have one" in told.stderr
    lines = score(files, *asked(files, "--against", str(files / "b.csv"), "--json")).stdout.splitlines()
    records = [json.loads(line, parse_constant=pytest.fail) for line in lines]
    assert records[0]["record"] == "run" and records[0]["resamples"] == 1000
    wanted = {"measure": "auc", "forecasts": "difference", "horizon": "2", "kind": "all"}
    (auc,) = [r for r in records if wanted.items() <= r.items()]
    with (files / "s.csv").open(encoding="utf-8") as f:
        written = [r for r in csv.DictReader(f) if r["measure"] == "auc" and r["horizon"] == "2"]
    (row,) = [r for r in written if (r["forecasts"], r["kind"]) == ("difference", "all")]
    assert [float(row[k]) for k in ("value", "low", "high")] == [auc[k] for k in ("value", "low", "high")]
    assert f"{auc['value']:.5g}" in told.stdout
    assert sorted(p.name for p in (files / "f").iterdir()) == [
        "onsets.png", "ranking.png", "reliability.png", "report.html",
    ]  # fmt: skip


def test_the_shipped_tables_answer_for_the_products_own_files(tmp_path: Path) -> None:
    rows = [[e, y, p] for e, p in (("RWA", 0.3), ("FRA", 0.01)) for y in range(1990, 1999)]
    write(tmp_path / "onset.csv", ("entity", "period", "probability"), rows)
    told = score(tmp_path, "--forecasts", str(tmp_path / "onset.csv"))
    assert told.returncode == 0 and "shipped table of mass killings: 18 of 18" in told.stderr
    assert "a new mass killing within two years" in told.stdout
    yearly = [[e, *p, *range(99)] for e, p in (("SDN", (0.9, 0.8, 0.7, 0.5)), ("FRA", (0.2, 0.1, 0.0, 0.0)))]
    write(tmp_path / "violence.csv", YEARLY, yearly)
    told = score(tmp_path, "--forecasts", str(tmp_path / "violence.csv"), "--year", "2023")
    assert told.returncode == 0 and "shipped table of one-sided deaths: 2 of 2" in told.stderr
    assert "at least 1000" in told.stdout and "crps" in told.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--interval", "80"), "use 90 or 95"),
        (("--panel", "p.csv"), "--panel and --spec belong together"),
        (("--panel", "p.csv", "--spec", "s.toml"), "give one of them"),
        (("--out", "scores.parquet"), "end the name in .csv"),
        (("--against", "none.csv"), "none.csv: No such file"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(files: Path, words: tuple[str, ...], said: str) -> None:
    told = score(files, *asked(files, *words))
    assert told.returncode == 2 and told.stdout == ""
    assert said in told.stderr and len(told.stderr.splitlines()) == 1


def test_a_bad_cell_and_missing_outcomes_are_said_in_one_line(files: Path) -> None:
    write(files / "bad.csv", BINARY, [*binary_rows(1), ["E", 2000, 2001, 1, 1.5]])
    told = score(files, "--forecasts", str(files / "bad.csv"), "--outcomes", str(files / "o.csv"))
    assert told.returncode == 2 and len(told.stderr.splitlines()) == 1
    assert "bad.csv, row 146, column probability: 1.5 is not a probability" in told.stderr
    told = score(files, "--forecasts", str(files / "a.csv"))
    assert told.returncode == 2 and "nothing says what happened" in told.stderr


def test_without_the_drawing_library_the_scores_stand_and_one_line_says_what_to_install(files: Path) -> None:
    block = files / "block" / "matplotlib"
    block.mkdir(parents=True)
    (block / "__init__.py").write_text("raise ImportError('not installed')\n")
    told = subprocess.run(
        [*COMMAND, "evaluate", "score", *asked(files, "--figures", str(files / "f"))],
        env=environment(files / "home", PYTHONPATH=os.pathsep.join([str(files / "block")])),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert told.returncode == 2 and "brier" in told.stdout
    assert told.stderr.splitlines()[-1] == "tocsin: pictures need matplotlib; install tocsin[figures]"
    assert not (files / "f").exists()


def test_the_example_of_the_guide_is_what_the_command_says(tmp_path: Path) -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs" / "evaluation.md").read_text("utf-8")
    forecasts, outcomes = (part.split("```")[0] for part in guide.split("```csv\n")[1:3])
    (tmp_path / "forecasts.csv").write_text(forecasts, "utf-8")
    (tmp_path / "outcomes.csv").write_text(outcomes, "utf-8")
    told = score(
        tmp_path, "--forecasts", str(tmp_path / "forecasts.csv"), "--outcomes", str(tmp_path / "outcomes.csv")
    )
    assert told.returncode == 0, told.stderr
    said = {" ".join(line.split()[:2]) for line in told.stdout.splitlines()} | set(told.stderr.splitlines())
    shown = guide.split("```text\n")[1].split("```")[0].splitlines()
    assert len(shown) > 10 and not [line for line in shown if line not in said]


def test_the_guide_names_every_option_and_the_measures_without_an_interval_in_their_name() -> None:
    from tocsin.evaluation.scored import measures

    guide = (Path(__file__).resolve().parents[2] / "docs" / "evaluation.md").read_text("utf-8")
    for option in (
        "--against",
        "--outcomes",
        "--panel",
        "--spec",
        "--year",
        "--interval",
        "--out",
        "--figures",
    ):
        assert option in guide
    families = {m.rsplit("_", 1)[0] if m[-1].isdigit() else m for m in measures()}
    untold = {"n", "events", "base_rate", "mean_forecast", "mean_observed", "onsets", "onsets_in_top"}
    parts = {
        f
        for f in families
        if f.startswith(("brier_", "log_", "crps_")) and f not in ("brier_skill", "log_score")
    }
    assert not [f for f in families - untold - parts if f not in guide]
