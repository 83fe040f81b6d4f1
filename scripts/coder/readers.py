"""Fitting the four readers on some rows, as arrays in the form of the trained file."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
from rows import Material
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from vocabulary import FEWEST, listed

from tocsin.signals.model.grams import BITS, pieces, words
from tocsin.signals.model.masking import NAME, PLACE, without_names
from tocsin.signals.model.trained import HEADS, OF_ALL, OF_SIGNALS

FEWEST_PIECES, FEWEST_EVIDENCE, FEWEST_PAIRS = 5, 5, 12
"""A piece of a word, a piece of evidence or a pair of concepts in fewer passages is left out."""
STRENGTH = {"words": 4.0, "pieces": 4.0, "rules": 0.2}
STRETCH, HIDDEN, PENALTY, ROUNDS, NETWORKS = 3.0, 256, 1.0, 25, 4
OTHERS = 0.15
"""What a row that is no signal weighs in learning the heads `OF_SIGNALS`."""
NEVER = -5.0
"""The log-odds of a head with fewer than three positives."""
Counts = list[dict[Any, float]]


def counted(material: Material) -> dict[str, Counts]:
    """Words, pieces and evidence of every row, as named counts."""
    people = listed("given_names.txt")
    allowed = material.known | {PLACE, NAME}
    masked = [without_names(text, allowed) for text in material.placeless]
    return {
        "words": [_allowed(words(text), allowed, people) for text in masked],
        "pieces": [dict(zip(*map(np.ndarray.tolist, pieces(text)), strict=True)) for text in masked],
        "rules": [e | p for e, p in zip(material.evidence, material.pairs, strict=True)],
    }


def _allowed(counts: Counter[str], allowed: frozenset[str], people: frozenset[str]) -> dict[str, float]:
    return {
        gram: n
        for gram, n in counts.items()
        if all(w in allowed or not w.isalpha() for w in gram.split()) and people.isdisjoint(gram.split())
    }


def linear(
    kind: str, counts: Counts, train: np.ndarray, gold: np.ndarray, weight: np.ndarray
) -> dict[str, Any]:
    """One linear reader, a ridge logistic regression for each head."""
    weighed = kind != "rules"
    met = Counter(name for n in train for name in counts[n])
    fewest = (
        (lambda name: FEWEST_PAIRS if name.startswith("x:") else FEWEST_EVIDENCE) if not weighed else None
    )
    least = FEWEST if kind == "words" else FEWEST_PIECES
    names = sorted(name for name, n in met.items() if n >= (fewest(name) if fewest else least))
    rows = {name: n for n, name in enumerate(names)}
    idf = np.array([np.log((1 + len(train)) / (1 + met[name])) + 1 for name in names]) if weighed else None
    x = matrix([counts[n] for n in train], rows, idf)
    weights = by_head(gold, weight)
    fits = [
        _fit(x, gold[train, head], weights[name in OF_SIGNALS][train], STRENGTH[kind])
        for head, name in enumerate(HEADS)
    ]
    found: dict[str, Any] = {
        "names": names if kind != "pieces" else np.array(names, np.int32),
        "weights": np.stack([w for w, _ in fits], axis=1).astype(np.float16),
        "bias": np.array([b for _, b in fits]).astype(np.float16),
    }
    return found | ({"idf": idf.astype(np.float16)} if idf is not None else {})


def by_head(gold: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each row weighs in learning the heads `OF_ALL`, and `OF_SIGNALS`."""
    return weight, np.where(gold[:, HEADS.index("signal")], weight, weight * OTHERS)


def _fit(x: Any, y: np.ndarray, weight: np.ndarray, strength: float) -> tuple[np.ndarray, float]:
    if y.sum() < 3:
        return np.zeros(x.shape[1]), NEVER
    model = LogisticRegression(C=strength, solver="liblinear", max_iter=400, random_state=0)
    model.fit(x, y, sample_weight=weight)
    return model.coef_[0], float(model.intercept_[0])


def matrix(counts: Counts, rows: dict[Any, int], idf: np.ndarray | None) -> Any:
    """Named values as a sparse matrix; with `idf` as sublinear TF-IDF of length 1."""
    data, at, ends = [], [], [0]
    for one in counts:
        here = [(rows[name], value) for name, value in one.items() if name in rows]
        at += [row for row, _ in here]
        data += [value for _, value in here]
        ends.append(len(at))
    x = sp.csr_matrix((np.array(data, float), np.array(at, int), np.array(ends)), (len(counts), len(rows)))
    if idf is None:
        return x
    x.data = (1 + np.log(x.data)) * idf[x.indices]
    lengths = np.sqrt(np.asarray(x.multiply(x).sum(axis=1)).ravel())
    return sp.diags(1 / np.maximum(lengths, 1e-9)) @ x


def network(material: Material, train: np.ndarray, seed: int) -> dict[str, Any]:
    """Networks of one hidden layer over evidence and vector; a row of less weight is seen by fewer."""
    met = Counter(name for n in train for name in material.evidence[n])
    names = sorted(name for name, n in met.items() if n >= FEWEST_EVIDENCE)
    rows = {name: n for n, name in enumerate(names)}
    x = np.hstack(
        [
            matrix([material.evidence[n] for n in train], rows, None).toarray(),
            material.vectors[train] * STRETCH,
        ]
    )
    weights = by_head(material.gold, material.weight)
    gold = material.gold[train].astype(int)
    parts = (gold[:, : len(OF_ALL)], gold[:, len(OF_ALL) :])
    groups = [_nets(x, y, weight[train], seed) for y, weight in zip(parts, weights, strict=True)]
    return {"names": names, "groups": groups, "stretch": STRETCH}


def _nets(x: np.ndarray, gold: np.ndarray, weight: np.ndarray, seed: int) -> list[list[np.ndarray]]:
    draw = np.random.default_rng(seed)
    nets = []
    for n in range(NETWORKS):
        keep = draw.random(len(x)) < weight
        net = MLPClassifier((HIDDEN,), alpha=PENALTY, max_iter=ROUNDS, random_state=n)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            net.fit(x[keep], gold[keep])
        (w1, w2), (b1, b2) = net.coefs_, net.intercepts_
        nets.append([a.astype(np.float16) for a in (w1, b1, w2, b2)])
    return nets


def fit_all(
    material: Material, counts: dict[str, Counts], train: np.ndarray, say: Callable[[str], None]
) -> dict[str, Any]:
    """The four readers fitted on the rows `train`."""
    made: dict[str, Any] = {}
    for kind in ("words", "pieces", "rules"):
        made[kind] = linear(kind, counts[kind], train, material.gold, material.weight)
        say(f"{kind}: {len(made[kind]['names'])}")
    made["network"] = network(material, train, seed=0)
    return made


def logits(
    made: dict[str, Any], material: Material, counts: dict[str, Counts], test: np.ndarray
) -> np.ndarray:
    """Log-odds of the four readers for the rows `test`: (reader, row, head)."""
    out = []
    for kind in ("words", "pieces", "rules"):
        raw = made[kind]
        rows = {name: n for n, name in enumerate(raw["names"] if kind != "pieces" else raw["names"].tolist())}
        idf = raw["idf"].astype(float) if "idf" in raw else None
        x = matrix([counts[kind][n] for n in test], rows, idf)
        out.append(x @ raw["weights"].astype(float) + raw["bias"].astype(float))
    net = made["network"]
    rows = {name: n for n, name in enumerate(net["names"])}
    x = np.hstack(
        [matrix([material.evidence[n] for n in test], rows, None).toarray(), material.vectors[test] * STRETCH]
    )
    told = [
        np.mean([_forward(x, *(a.astype(float) for a in layers)) for layers in nets], axis=0)
        for nets in net["groups"]
    ]
    p = np.clip(np.hstack(told), 1e-4, 1 - 1e-4)
    return np.stack([*out, np.log(p / (1 - p))])


def _forward(x: np.ndarray, w1: np.ndarray, b1: np.ndarray, w2: np.ndarray, b2: np.ndarray) -> np.ndarray:
    found: np.ndarray = 1 / (1 + np.exp(-(np.maximum(x @ w1 + b1, 0) @ w2 + b2)))
    return found


assert BITS <= 31  # buckets are stored as 32-bit numbers
