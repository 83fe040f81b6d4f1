"""Fits signals/data/word_shares.tsv and signals/data/same_event.json.

usage: python scripts/fit_same_event.py TEXT_FOLDER

TEXT_FOLDER holds framework_dev.jsonl (for the shares of words), same_event/ECB_Train_corpus.txt.gz and
parallel_un.jsonl (only its sentences with an even id are used). Everything is chosen by leaving topics out,
eight folds, seed 0. Numbers and common words leave the folder, sentences do not.
"""

import json
import random
import sys
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.preprocessing import StandardScaler

from measure_stories import documents, event_of, grouped, topic_of
from tocsin.signals import same_event
from tocsin.signals.language import language
from tocsin.signals.rules.lexicon import fold
from tocsin.signals.same_event import ACROSS, EVIDENCE, Scale, account, across, company, evidence

OUT = Path(__file__).parents[1] / "src/tocsin/signals/data"
FOLDS, SEED = 8, 0
CROSS = 0.05
"""Weight of a pair of two topics against one of a single topic: there are twenty-five times as many."""
LEAST_SHARE, LEAST_TEXTS, LEAST_LANGUAGE = 0.003, 8, 100
PRECISION = 0.95
CUTS = [0.5, 0.6, 0.7, 0.8, *(n / 100 for n in range(90, 100))]
LOTS = 40
"""False pairs for each true pair of sentences in two languages."""


def shares(path: Path) -> dict[str, float]:
    """The share of passages that hold each common word, the highest of the languages."""
    texts = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        text = json.loads(line)["text"]
        texts[language(text)].append(fold(text))
    found: dict[str, float] = {}
    for told in texts.values():
        counts = Counter(w for text in told for w in set(same_event._WORD.findall(text)))
        for word, n in counts.items():
            share = n / len(told)
            enough = n >= LEAST_TEXTS and share >= LEAST_SHARE
            if enough and len(told) >= LEAST_LANGUAGE:
                found[word] = max(share, found.get(word, 0.0))
    return found


def fit(
    rows: np.ndarray, same: np.ndarray, weight: np.ndarray, strength: float = 0.01
) -> tuple[list[float], float]:
    """Weights and intercept of a logistic scale in the units of the evidence."""
    scaler = StandardScaler().fit(rows)
    model = LogisticRegression(C=strength, max_iter=2000)
    model.fit(scaler.transform(rows), same, sample_weight=weight)
    weights = model.coef_[0] / scaler.scale_
    return [float(w) for w in weights], float(model.intercept_[0] - weights @ scaler.mean_)


def folds(topics: list[str]) -> dict[str, int]:
    """The fold of each topic."""
    names = sorted(set(topics))
    random.Random(SEED).shuffle(names)
    return {name: n % FOLDS for n, name in enumerate(names)}


def pair_scales(texts: dict[str, str]) -> tuple[dict[str, object], dict[str, object], float]:
    """The scales `pair` and `company`, and the cut, from documents named by topic and event."""
    names, accounts = list(texts), [account(text) for text in texts.values()]
    ij = list(combinations(range(len(names)), 2))
    rows = np.array([evidence(accounts[n], accounts[m]) for n, m in ij])
    same = np.array([event_of(names[n]) == event_of(names[m]) for n, m in ij])
    within = np.array([topic_of(names[n]) == topic_of(names[m]) for n, m in ij])
    weight = np.where(within, 1.0, CROSS)
    fold_of = folds([topic_of(name) for name in names])
    held = np.array([[fold_of[topic_of(names[n])] for n in pair] for pair in ij])
    odds, seen, tables = np.zeros(len(ij)), np.zeros(len(ij)), {}
    for f in range(FOLDS):
        train, test = (held != f).all(axis=1), (held == f).any(axis=1)
        tables[f] = fit(rows[train], same[train], weight[train])
        odds[test] += rows[test] @ np.array(tables[f][0]) + tables[f][1]
        seen[test] += 1
    triples = [(n, m, float(o)) for (n, m), o in zip(ij, odds / seen, strict=True)]
    near = np.array(list(company(accounts, triples)))
    told = (
        round(float(average_precision_score(same[w], (odds / seen)[w])), 4) for w in (within | True, within)
    )
    print("average precision of pairs, their topics left out: all, of one topic", *told)
    cut = chosen_cut(texts, fold_of, tables)
    pair, together = fit(rows, same, weight), fit(near, same, weight, 1.0)
    return table(EVIDENCE, pair), table(("odds", "cosine", "nearness of others"), together), cut


def chosen_cut(
    texts: dict[str, str], fold_of: dict[str, int], tables: dict[int, tuple[list[float], float]]
) -> float:
    """The lowest cut at which held-out topics are grouped with the wanted precision."""
    for cut in CUTS:
        told: Counter[str] = Counter()
        for f, (weights, intercept) in tables.items():
            held = {name: text for name, text in texts.items() if fold_of[topic_of(name)] == f}
            by = Scale(
                {"pair": tuple(weights), "across": (0.0,) * len(ACROSS)},
                {"pair": intercept, "across": -9.0},
                cut,
            )
            told += grouped(held, by)
        precision, recall = told["right"] / max(1, told["joined"]), told["right"] / told["same"]
        print(f"cut {cut}: precision {precision:.3f} recall {recall:.3f} over all pairs of held-out topics")
        if precision >= PRECISION:
            return cut
    raise SystemExit("no cut reaches the wanted precision")


def across_scale(path: Path) -> dict[str, object]:
    """The scale of two languages from parallel sentences with an even id."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    even = [line for line in lines if int(line["id"]) % 2 == 0]
    chance, rows, same = random.Random(SEED), [], []
    for one, other in (("en", "es"), ("en", "ar"), ("es", "ar")):
        left = [account(line[one], one) for line in even]
        right = [account(line[other], other) for line in even]
        for n, item in enumerate(left[:600]):
            picks = [n, *(k for k in chance.sample(range(len(even)), LOTS) if k != n)]
            rows += [across(item, right[k]) for k in picks]
            same += [k == n for k in picks]
    return table(ACROSS, fit(np.array(rows), np.array(same), np.ones(len(rows)), 1.0))


def table(names: tuple[str, ...], fitted: tuple[list[float], float]) -> dict[str, object]:
    """A scale as it is written."""
    weights = {name: round(w, 4) for name, w in zip(names, fitted[0], strict=True)}
    return {"intercept": round(fitted[1], 4), "weights": weights}


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    lines = [f"{word}\t{share:.4f}" for word, share in sorted(shares(folder / "framework_dev.jsonl").items())]
    OUT.mkdir(exist_ok=True)
    head = "# word, share of passages (scripts/fit_same_event.py)\n"
    (OUT / "word_shares.tsv").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    pair, together, cut = pair_scales(documents(str(folder / "same_event/ECB_Train_corpus.txt.gz")))
    scales = {
        "cut": cut,
        "pair": pair,
        "company": together,
        "across": across_scale(folder / "parallel_un.jsonl"),
    }
    (OUT / "same_event.json").write_text(json.dumps(scales, indent=1) + "\n", encoding="utf-8")
