"""Small forecast and outcome files of our own making."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.evaluation.compared import Compared, compare
from tocsin.evaluation.forecast_file import QUANTILES, read_forecasts
from tocsin.evaluation.outcomes_of import from_file

BINARY = ("entity", "origin", "period", "horizon", "probability")
COUNT = ("entity", "origin", "period", "horizon", "p_ge_1", "p_ge_25", *QUANTILES)
OUTCOME = ("entity", "period", "observed")
NAMES = ("RWA", "SDN", "MMR", "NGA", "FRA", "PER")


def write(path: Path, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as f:
        writer = csv.writer(f, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)
    return path


def binary_rows(seed: int, names: Sequence[str] = NAMES, last: int = 2012) -> list[list[Any]]:
    """Coarse probabilities one and two years ahead, so that ties are common."""
    made = np.random.default_rng(seed)
    return [
        [name, origin, origin + h, h, int(made.integers(1, 9)) / 10]
        for name in names
        for origin in range(2000, last)
        for h in (1, 2)
    ]


def outcome_rows(seed: int, names: Sequence[str] = NAMES, most: int = 2) -> list[list[Any]]:
    made = np.random.default_rng(seed)
    return [[name, year, int(made.integers(0, most))] for name in names for year in range(2000, 2015)]


def count_rows(seed: int, names: Sequence[str] = NAMES) -> list[list[Any]]:
    made = np.random.default_rng(seed)
    rows: list[list[Any]] = []
    for name in names:
        for origin in range(2000, 2010):
            for h in ("1", "sum3"):
                draws = np.sort(np.floor(made.gamma(0.5, 40, 200)))
                q = np.quantile(draws, np.arange(1, 100) / 100)
                ahead = 3 if h == "sum3" else 1
                p = [float(np.mean(draws >= t)) for t in (1, 25)]
                rows.append([name, origin, origin + ahead, h, *p, *q.tolist()])
    return rows


def compared(folder: Path, given: dict[str, list[list[Any]]], outcomes: list[list[Any]]) -> Compared:
    """The rows of forecast files (binary or count by their width) with outcomes by entity and period."""
    read = {}
    for label, rows in given.items():
        head = BINARY if len(rows[0]) == len(BINARY) else COUNT
        read[label] = read_forecasts(write(folder / f"{label}.csv", head, rows))
    return compare(read, from_file(write(folder / "outcomes.csv", OUTCOME, outcomes)))
