"""Fit the weights by which the countries named in a text are judged, and write numbers only.

usage: python scripts/fit_countries.py LABELLED.jsonl

Each line needs source, text and countries. One row for each country named in a text: is it among those that
the text is about? A logistic regression with a ridge penalty on standardised features; features met in fewer
than 30 rows are left out. The cuts are those of the best micro F1 over all passages (countries that no
mention names count as missed) of predictions for a source by a model that has not seen that source. Printed
beside it: five-fold figures with sources mixed, as new passages of the same sources should show.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from tocsin.signals.countries import features
from tocsin.signals.rules.passage import passage

OUT = Path(__file__).parent.parent / "src/tocsin/signals/countries.json"
STRENGTH, RARE, FOLDS = 0.1, 30, 5
OTHER = {"un-es", "un-ar", "news-fra", "telegram-ru", "news-swa"}
CUTS = [round(float(c), 2) for c in np.arange(0.3, 0.61, 0.04)]
LEAST = [round(float(c), 2) for c in np.arange(0.14, 0.45, 0.04)]


def fit(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights and intercept for features as they stand (the scale of standardisation is put into them)."""
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    model = LogisticRegression(C=STRENGTH, max_iter=2000).fit((x - mean) / spread, y)
    weight = model.coef_[0] / spread
    return weight, float(model.intercept_[0] - weight @ mean)


def out_of_fold(x: np.ndarray, y: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """The probability of each row from a model that has not seen its group."""
    out = np.zeros(len(y))
    for group in sorted(set(groups)):
        held = groups == group
        weight, intercept = fit(x[~held], y[~held])
        out[held] = 1 / (1 + np.exp(-(x[held] @ weight + intercept)))
    return out


def decide(keys: list[tuple[int, str]], odds: np.ndarray, cut: float, least: float) -> dict[int, set[str]]:
    """The countries of each text, as `tocsin.signals.countries.countries` decides."""
    chosen: dict[int, set[str]] = {}
    best: dict[int, tuple[float, str]] = {}
    for (text, iso3), p in zip(keys, odds, strict=True):
        if p >= cut:
            chosen.setdefault(text, set()).add(iso3)
        best[text] = max(best.get(text, (0.0, "")), (float(p), iso3))
    return {t: chosen.get(t) or ({iso3} if p >= least else set()) for t, (p, iso3) in best.items()}


def micro_f1(gold: dict[int, set[str]], found: dict[int, set[str]]) -> float:
    """Micro F1 over sets of countries."""
    hit = sum(len(g & found.get(t, set())) for t, g in gold.items())
    return 2 * hit / max(sum(len(g) + len(found.get(t, set())) for t, g in gold.items()), 1)


def main(path: Path) -> None:
    """Fits, prints the figures of unseen rows, and writes the weights."""
    rows: list[dict[str, Any]] = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    seen = [features(passage(row["text"])) for row in rows]
    keys = [(n, iso3) for n, found in enumerate(seen) for iso3 in found]
    counts: dict[str, int] = {}
    for n, iso3 in keys:
        for name, value in seen[n][iso3].items():
            counts[name] = counts.get(name, 0) + bool(value)
    names = sorted(name for name, count in counts.items() if count >= RARE)
    x = np.array([[seen[n][iso3].get(name, 0.0) for name in names] for n, iso3 in keys])
    y = np.array([iso3 in rows[n]["countries"] for n, iso3 in keys])
    gold = {n: set(row["countries"]) for n, row in enumerate(rows)}
    folds = {
        "source left out": np.array([rows[n]["source"] for n, _ in keys]),
        "mixed": np.array([str(n % FOLDS) for n, _ in keys]),
    }
    odds = {name: out_of_fold(x, y, groups) for name, groups in folds.items()}
    strict = odds["source left out"]
    cut, least = max(
        ((c, at) for c in CUTS for at in LEAST if at <= c),
        key=lambda pair: micro_f1(gold, decide(keys, strict, *pair)),
    )
    for name, p in odds.items():
        show(name, rows, gold, decide(keys, p, cut, least))
    weight, intercept = fit(x, y)
    numbers = {name: round(float(w), 4) for name, w in zip(names, weight, strict=True)}
    written = {"intercept": round(intercept, 4), "cut": cut, "least": least, "weights": numbers}
    OUT.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def show(
    name: str, rows: list[dict[str, Any]], gold: dict[int, set[str]], found: dict[int, set[str]]
) -> None:
    """Writes the figures of one way of leaving rows out."""
    groups = {"all": set(gold)}
    groups["mostly English"] = {n for n in gold if rows[n]["source"] not in OTHER}
    groups["es ar fr ru sw"] = {n for n in gold if rows[n]["source"] in OTHER}
    for source in sorted({row["source"] for row in rows}):
        groups[source] = {n for n in gold if rows[n]["source"] == source}
    figures = {g: micro_f1({n: gold[n] for n in members}, found) for g, members in groups.items()}
    sys.stdout.write(name + ": " + ", ".join(f"{g} {f:.3f}" for g, f in figures.items()) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
