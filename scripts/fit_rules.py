"""Fit the weights of the rules coder on labelled passages, and write numbers only.

usage: python scripts/fit_rules.py LABELLED.jsonl

Each line needs id, text, published, relevance, factors, time, perpetrator, mitigation. Rows whose id starts
with "t" are a plain sample: probabilities are calibrated on them (Platt scaling of five-fold predictions)
where they hold at least 15 positives, and other rows weigh 0.6. Cuts are those of the best F1 of the
five-fold predictions; a head that never reaches an F1 of 0.1 decides on nothing (cut 0.5).
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold

from tocsin.signals.rules.claims import matches
from tocsin.signals.rules.passage import passage
from tocsin.signals.rules.scoring import WEIGHTS, evidence

FACTORS = [f"RF{n}" for n in range(1, 15)]
TIMES = ["present", "past", "future", "none"]
ACTORS = ["state", "nonstate", "both", "unclear", "none"]
STRENGTH = 0.5
RARE = 5
"""Evidence in fewer passages than this is left out."""


def labels(rows: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    """What every head has to say about every row."""
    found = {
        "signal": [r["relevance"] in ("signal", "atrocity") for r in rows],
        "atrocity": [r["relevance"] == "atrocity" for r in rows],
        "none": [r["relevance"] == "none" for r in rows],
        "mitigation": [bool(r["mitigation"]) for r in rows],
    }
    found |= {factor: [factor in r["factors"] for r in rows] for factor in FACTORS}
    found |= {f"time:{t}": [r["time"] == t for r in rows] for t in TIMES}
    found |= {f"by:{a}": [r["perpetrator"] == a for r in rows] for a in ACTORS}
    return {name: np.array(values) for name, values in found.items()}


def seen(row: dict[str, Any]) -> dict[str, float]:
    """The evidence of one row, as the coder sees it."""
    doc = passage(row["text"], "", int((row["published"] or "0")[:4] or 0))
    return evidence(doc, [matches(part) for part in doc.parts])


def model() -> LogisticRegression:
    """A logistic regression with a ridge penalty."""
    return LogisticRegression(C=STRENGTH, max_iter=1000, solver="liblinear")


def out_of_fold(x: Any, y: np.ndarray, weight: np.ndarray, strata: list[str]) -> np.ndarray:
    """Log-odds of each row from a model that has not seen it."""
    logits = np.zeros(len(y))
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(x, strata):
        fitted = model().fit(x[train], y[train], sample_weight=weight[train])
        logits[test] = fitted.decision_function(x[test])
    return logits


def platt(logits: np.ndarray, y: np.ndarray, plain: np.ndarray) -> tuple[float, float]:
    """Scale and shift that calibrate log-odds on the plain sample (on all rows when it has too few)."""
    rows = plain if y[plain].sum() >= 15 else np.ones(len(y), dtype=bool)
    fitted = LogisticRegression(C=1e6).fit(logits[rows, None], y[rows])
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def best_cut(y: np.ndarray, p: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """The cut with the best weighted F1, and that F1."""
    cuts = np.linspace(0.05, 0.8, 76)
    scores = [f1_score(y, p >= c, sample_weight=weight, zero_division=0) for c in cuts]
    best = float(max(scores))
    return (float(cuts[int(np.argmax(scores))]) if best >= 0.1 else 0.5), best


def main(path: str) -> None:
    """Fit, calibrate, choose cuts, write the weights, and print five-fold figures."""
    rows = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    vectorizer = DictVectorizer()
    x = vectorizer.fit_transform([seen(row) for row in rows])
    keep = np.asarray((x != 0).sum(axis=0)).ravel() >= RARE
    x, names = x[:, keep], [n for n, k in zip(vectorizer.feature_names_, keep, strict=True) if k]
    plain = np.array([row["id"].startswith("t") for row in rows])
    weight = np.where(plain, 1.0, 0.6)
    columns, bias, cuts = [], [], {}
    for name, y in labels(rows).items():
        logits = out_of_fold(x, y, weight, [row["source"] for row in rows])
        scale, shift = platt(logits, y, plain)
        fitted = model().fit(x, y, sample_weight=weight)
        columns.append(scale * fitted.coef_[0])
        bias.append(scale * fitted.intercept_[0] + shift)
        cuts[name], score = best_cut(y, 1 / (1 + np.exp(-(scale * logits + shift))), weight)
        print(f"{name:14} positives {y.sum():5d}  five-fold F1 {score:.3f} at {cuts[name]:.2f}")
    write(names, list(labels(rows)), np.array(columns).T, bias, cuts)


def write(
    names: list[str], heads: list[str], weights: np.ndarray, bias: list[float], cuts: dict[str, float]
) -> None:
    """The weights file, one line for each piece of evidence."""
    lines = ",\n".join(json.dumps([round(float(v), 2) for v in row]) for row in weights)
    head: dict[str, Any] = {"heads": heads, "cuts": {k: round(v, 2) for k, v in cuts.items()}}
    head |= {"bias": [round(float(b), 3) for b in bias], "evidence": names}
    WEIGHTS.write_text(json.dumps(head)[:-1] + ',\n"weights": [\n' + lines + "\n]}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
