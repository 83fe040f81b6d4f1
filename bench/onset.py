"""How long the whole onset evaluation takes, and scikit-learn's elastic net beside it for one model.

Usage: python bench/onset.py [--first 1993] [--last 2022] [--panel FILE] [--out bench/onset.txt]

`tocsin evaluate onset` (the product, all rivals, and the product again with release lags) runs as a command
of its own; its wall clock, processor time and peak memory are printed. The rival is LogisticRegressionCV of
scikit-learn (elastic net, mix 0.5, ten folds) on the rows of the last origin: one model, one origin. With the
published predictors in `--panel` (by default ../shared/data/onset_panel), an elastic net of the published
form is rolled over origins up to 2010 on them, and its scores are printed: they are not in the product.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from datetime import date
from pathlib import Path

import numpy as np

os.environ["OMP_NUM_THREADS"] = "1"

from tocsin import scores
from tocsin.evaluation.scorecard import Hindcast, Past, recall_by_origin
from tocsin.forecasting.engine import Vantage
from tocsin.forecasting.forecaster import Rows, Seen
from tocsin.forecasting.forecasters.elastic import ElasticNet
from tocsin.forecasting.forecasters.filling import Filling
from tocsin.forecasting.outcomes import outcome
from tocsin.forecasting.panel import load_panel

PANEL = Path(__file__).resolve().parents[2] / "shared/data/onset_panel/onset_panel_1960_2010.csv"
NOT_PREDICTORS = {"ewp_name", "year", "ccode", "mk_onset", "mk_onset_1", "mk_onset_2", "mk_onset_1or2"}
NET = ElasticNet(flags=False)


Ours = dict[tuple[str, int], float]


def product(first: int, last: int) -> tuple[list[str], Ours]:
    """Wall clock, processor seconds and peak memory of the command with its children; its forecasts."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "onset.csv"
        command = [sys.executable, "-m", "tocsin.cli", "evaluate", "onset"]
        begun = time.perf_counter()
        subprocess.run(
            [*command, "--first", str(first), "--last", str(last), "--out", str(out)],
            check=True,
            capture_output=True,
        )
        wall = time.perf_counter() - begun
        with out.open(encoding="utf-8") as f:
            ours = {(r["gwcode"], int(r["period"])): float(r["probability"]) for r in csv.DictReader(f)}
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return [
        f"tocsin evaluate onset, {last - first + 1} origins, everything: {wall:.1f} s wall clock",
        f"  {used.ru_utime + used.ru_stime:.1f} s of processor; largest process {used.ru_maxrss // 1024} MB",
        f"  {wall / (last - first + 1):.2f} s an origin",
    ], ours


def rival(last: int) -> tuple[float, str]:
    """Seconds of scikit-learn's elastic net on the rows of one origin."""
    from sklearn.linear_model import LogisticRegressionCV

    found, bench = outcome("new_mass_killing"), Past.of(load_panel()).bench
    seen = bench.seen(found, 1, Vantage.revised(bench.grid, last), last, np.array([1.0]))
    x = Filling.of(seen.rows.x, False)(seen.rows.x)
    x = (x - x.mean(axis=0)) / np.where(x.std(axis=0) > 0, x.std(axis=0), 1)
    net = LogisticRegressionCV(
        Cs=20, cv=10, l1_ratios=(0.5,), solver="saga", max_iter=100, scoring="neg_log_loss", n_jobs=1
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        begun = time.perf_counter()
        net.fit(x, seen.y >= 1)
    taken = time.perf_counter() - begun
    return taken, f"scikit-learn LogisticRegressionCV, one model at one origin ({len(x)} rows): {taken:.1f} s"


def published(path: Path, ours: Ours, first: int = 1993, last: int = 2008) -> list[str]:
    """An elastic net of the published form on the published predictors, rolled over origins, beside ours.

    Both on the country-years that both have; states are matched by number (COW there, Gleditsch-Ward here).
    """
    with path.open(encoding="utf-8") as f:
        body = list(csv.DictReader(f))
    names = tuple(name for name in body[0] if name not in NOT_PREDICTORS)
    x = np.array([[_number(row[name]) for name in names] for row in body])
    y, year = (
        np.array([_number(row["mk_onset_1or2"]) for row in body]),
        np.array([int(r["year"]) for r in body]),
    )
    parts = []
    for origin in range(first, last + 1):
        learn, here = (year <= origin - 2) & ~np.isnan(y), (year == origin) & ~np.isnan(y)
        fit = NET.fit(Seen(_rows(names, x[learn], year[learn]), y[learn], np.array([1.0]), 2))
        p = fit.predict(_rows(names, x[here], year[here]))[:, 0]
        mine = [ours.get((row["ccode"], origin), np.nan) for row, one in zip(body, here, strict=True) if one]
        parts.append((year[here], y[here], p, np.array(mine)))
    when, truth, net, mine = (np.concatenate(part) for part in zip(*parts, strict=True))
    both = ~np.isnan(mine)
    told = f"origins {first} to {last}: {both.sum()} rows of both, {truth[both].sum():.0f} events"
    return [
        f"elastic net on the published predictors, {told}",
        _line(when[both], truth[both], net[both]),
        "tocsin on the same rows",
        _line(when[both], truth[both], mine[both]),
    ]


def _line(when: np.ndarray, truth: np.ndarray, p: np.ndarray) -> str:
    recall = [f"{recall_by_origin(Hindcast(when, truth, {'p': p}), 'p', k):.2f}" for k in (10, 20, 30)]
    return (
        f"  AUC {scores.auc(p, truth):.3f}, AP {scores.average_precision(p, truth):.3f}, recall at 10, 20, "
        f"30 {', '.join(recall)}, mean forecast over observed {p.sum() / truth.sum():.2f}"
    )


def _rows(names: tuple[str, ...], x: np.ndarray, year: np.ndarray) -> Rows:
    zeros = np.zeros(len(x), dtype=np.int64)
    return Rows(names, np.zeros(len(names), dtype=np.int64), x, np.full((len(x), 1), np.nan), zeros, year)


def _number(cell: str) -> float:
    return float("nan") if cell in {"", "NA"} else float(cell)


def main() -> None:
    """Run all and print the lines."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--first", type=int, default=1993)
    asked.add_argument("--last", type=int, default=2022)
    asked.add_argument("--panel", type=Path, default=PANEL)
    asked.add_argument("--out", type=Path)
    given = asked.parse_args()
    begun = time.perf_counter()
    told, ours = product(given.first, given.last)
    lines = [f"{date.today()}, {os.cpu_count()} cores", *told]
    wall = time.perf_counter() - begun
    an_origin = wall / (given.last - given.first + 1)
    taken, said = rival(given.last)
    lines += [
        said,
        f"  ratio: one rival model takes as long as {taken / an_origin:.1f} origins of ours with all rivals",
    ]
    lines.append("reference implementation in R: 64 s for one model (as given, not measured here)")
    if given.panel.exists():
        lines += published(given.panel, ours)
    else:
        lines.append(f"{given.panel}: not there, the published predictors were not rolled")
    print("\n".join(lines))
    if given.out:
        given.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
