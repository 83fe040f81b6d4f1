"""Calibration, cuts and leans, chosen on log-odds of rows that the readers had not seen."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from rows import Material
from sklearn.linear_model import LogisticRegression

from tocsin.signals.model.trained import FACTORS, HEADS, SIDES, TIMES, joined, language_group

GROUPS = ("english", "other")
READINGS = {"quick": 3, "full": 4}
"""How many of the four readers speak: the network last."""
FEW = 15
"""A head with fewer positives than this among the plain rows is calibrated on all real rows."""
FALSE_SIGNALS = {"english": 0.115, "other": 0.16}
"""At most this share of the context rows of a group may be called a signal."""
MANY = 200
"""With so many plain context rows the plain rows alone decide; else the chosen ones weigh as elsewhere."""
LEAST_NONE = 0.6
"""At least this share of the rows without a time must be told as such."""
COMMON = 0.33
"""Half of the F1 over all factors: the cut that is best for it where probabilities are calibrated (Lipton,
Elkan and Naryanaswamy 2014)."""
CLEAR_MISSES = 0.002
"""At most this share of the signals that all readers find may be lost to the quick readers alone."""


def groups(material: Material) -> np.ndarray:
    """The language group of every row."""
    return np.array([language_group(language) for language in material.languages])


def scales(material: Material, logits: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    """Scale and shift (Platt 1999) of each head by reading and language group, on real rows."""
    found: dict[str, dict[str, np.ndarray]] = {}
    of = groups(material)
    for reading, readers in READINGS.items():
        mean = joined(logits[:readers])
        found[reading] = {
            group: np.array([_platt(mean[:, h], material, of == group, h) for h in range(len(HEADS))]).T
            for group in GROUPS
        }
    return found


def _platt(logit: np.ndarray, material: Material, group: np.ndarray, head: int) -> tuple[float, float]:
    """Fitted on the plain rows of a group where they hold enough positives, else on all real rows of it."""
    gold = material.gold[:, head]
    rows = material.plain & group
    if gold[rows].sum() < FEW:
        rows = material.real & group
    if gold[rows].sum() < FEW:
        rows = material.real
    if gold[rows].sum() < 3:
        return 1.0, 0.0
    model = LogisticRegression(C=1.0).fit(logit[rows, None], gold[rows])
    return max(float(model.coef_[0, 0]), 0.05), float(model.intercept_[0])


def probabilities(
    scale: dict[str, dict[str, np.ndarray]], material: Material, logits: np.ndarray, reading: str
) -> np.ndarray:
    """Calibrated probabilities of every row and head, each by the scale of its language group."""
    mean, of = joined(logits[: READINGS[reading]]), groups(material)
    p = np.zeros(mean.shape)
    for group in GROUPS:
        slope, shift = scale[reading][group]
        p[of == group] = 1 / (1 + np.exp(-np.clip(mean[of == group] * slope + shift, -12, 12)))
    return p


def f1(gold: np.ndarray, given: np.ndarray, weight: np.ndarray) -> float:
    """Weighted F1."""
    hit = weight[gold & given].sum()
    whole = weight[gold].sum() + weight[given].sum()
    return float(2 * hit / whole) if whole else 0.0


def cuts(material: Material, p: np.ndarray) -> dict[str, dict[str, float]]:
    """The probability from which each head decides, by language group: that of the best F1 on real rows.

    Plain rows weigh 1 and the chosen ones 0.4. The signal must also keep false signals among context rows
    low. The cut of a factor is its own best one, drawn by a third to `COMMON`: the best one of a rare factor
    is partly chance. Factors of the other languages are too few to choose one by one: theirs are the English
    cuts, all moved by one factor.
    """
    weight = np.where(material.plain, 1.0, 0.4) * material.real
    of = groups(material)
    found: dict[str, dict[str, float]] = {}
    for group in GROUPS:
        rows = material.real & (of == group)
        found[group] = {
            "signal": _signal_cut(material, p, rows, FALSE_SIGNALS[group]),
            "atrocity": _best(material, p, "atrocity", rows, weight),
            "none": _best(material, p, "none", rows, weight),
            "mitigation": _best(material, p, "mitigation", rows, weight),
        }
    english = material.real & (of == "english")
    own = {factor: _best(material, p, factor, english, weight) for factor in FACTORS}
    base = {factor: round((2 * cut + COMMON) / 3, 3) for factor, cut in own.items()}
    found["english"] |= base
    moved = max(np.arange(0.5, 1.6, 0.1), key=lambda by: _micro(material, p, base, by, of == "other"))
    found["other"] |= {factor: round(float(cut * moved), 3) for factor, cut in base.items()}
    return found


def _best(material: Material, p: np.ndarray, head: str, rows: np.ndarray, weight: np.ndarray) -> float:
    """The middle of the cuts whose F1 is within a hundredth of the best, so that no single row decides."""
    h = HEADS.index(head)
    tried = np.round(np.arange(0.06, 0.75, 0.01), 2)
    scores = np.array([f1(material.gold[rows, h], p[rows, h] >= c, weight[rows]) for c in tried])
    good = tried[scores >= scores.max() - 0.01]
    return float(np.round(np.median(good), 3)) if scores.max() >= 0.1 else 0.5


def _signal_cut(material: Material, p: np.ndarray, rows: np.ndarray, most: float) -> float:
    """The cut of the best F1 among those that call few context rows a signal; plain rows alone where many."""
    h = HEADS.index("signal")
    context = np.array([row["relevance"] == "context" for row in material.rows])
    strict = (rows & context & material.plain).sum() >= MANY
    weight = np.where(material.plain, 1.0, 0.0 if strict else 0.4) * rows
    tried = np.round(np.arange(0.2, 0.8, 0.01), 2)
    false = np.array([np.average(p[context, h] >= c, weights=weight[context]) for c in tried])
    allowed = tried[false <= most] if (false <= most).any() else tried[-1:]
    return float(max(allowed, key=lambda c: f1(material.gold[:, h], p[:, h] >= c, weight)))


def _micro(material: Material, p: np.ndarray, base: dict[str, float], by: float, group: np.ndarray) -> float:
    rows = material.real & group
    at = [HEADS.index(factor) for factor in FACTORS]
    given = p[np.ix_(rows, at)] >= np.array([base[f] * by for f in FACTORS])
    gold = material.gold[np.ix_(rows, at)]
    return float(2 * (gold & given).sum() / max(1, gold.sum() + given.sum()))


def leans(material: Material, p: np.ndarray) -> dict[str, float]:
    """What is added to the log-odds of a time or a side before the likeliest is taken.

    Times: the best share right of present, past and future rows, the recall of past counted a quarter as
    much, while most rows without a time stay so. Sides: the best share right among signals.
    """
    logit = np.log(np.clip(p, 1e-6, 1) / np.clip(1 - p, 1e-6, 1))
    weight = np.where(material.plain, 1.0, 0.4) * material.real
    return _times(material, logit, weight) | _sides(material, logit, weight)


def _times(material: Material, logit: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    at = [HEADS.index(f"time:{t}") for t in TIMES]
    gold = material.gold[:, at].argmax(axis=1)
    past, none = TIMES.index("past"), TIMES.index("none")
    best: tuple[float, tuple[float, ...]] = (-1.0, (0, 0, 0, 0))
    for lean in product((0.0,), np.arange(0, 2.1, 0.25), np.arange(0, 2.1, 0.5), np.arange(-3, 0.6, 0.25)):
        told = (logit[:, at] + lean).argmax(axis=1)
        right = told == gold
        if np.average(right[gold == none], weights=weight[gold == none]) < LEAST_NONE:
            continue
        score = np.average(right[gold != none], weights=weight[gold != none])
        score += 0.25 * np.average(right[gold == past], weights=weight[gold == past])
        best = max(best, (float(score), lean))
    return {f"time:{t}": float(lean) for t, lean in zip(TIMES, best[1], strict=True)}


def _sides(material: Material, logit: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    at = [HEADS.index(f"by:{side}") for side in SIDES]
    rows = material.gold[:, HEADS.index("signal")] & material.real
    gold = material.gold[np.ix_(rows, at)].argmax(axis=1)
    best: tuple[float, tuple[float, ...]] = (-1.0, (0.0,) * 5)
    steps = np.arange(-1.5, 1.1, 0.5)
    for lean in product((0.0,), np.arange(-0.5, 0.6, 0.5), np.arange(-0.5, 1.1, 0.5), steps, steps):
        told = (logit[np.ix_(rows, at)] + lean).argmax(axis=1)
        best = max(best, (float(np.average(told == gold, weights=weight[rows])), lean))
    return {f"by:{side}": float(lean) for side, lean in zip(SIDES, best[1], strict=True)}


def clear(material: Material, quick: np.ndarray, full: np.ndarray, cut: dict[str, dict[str, float]]) -> float:
    """The quick probability of a signal up to which a passage need not be encoded."""
    h = HEADS.index("signal")
    needed = np.array([cut[group]["signal"] for group in groups(material)])
    found = material.real & material.gold[:, h] & (full[:, h] >= needed)
    signals = np.sort(quick[found, h])
    return float(np.round(signals[int(CLEAR_MISSES * len(signals))] * 0.999, 4))


def unfounded(material: Material) -> float:
    """The share of signals among plain rows without a word of violence or need."""
    rows = material.plain & ~material.founded
    return float(np.round((material.gold[rows, 0].sum() + 1) / (rows.sum() + 2), 4))


def _present(odds: dict[str, float], cut: dict[str, float]) -> list[str]:
    """The factors over their cuts, else the one nearest to it, as the coder decides."""
    return [f for f in FACTORS if odds[f] >= cut[f]] or [max(FACTORS, key=lambda f: odds[f] / cut[f])]


def answers(
    material: Material, p: np.ndarray, cut: dict[str, dict[str, float]], lean: dict[str, float]
) -> list[dict[str, Any]]:
    """What the coder would say of every row on these probabilities, less what rules find (countries)."""
    of = groups(material)
    logit = np.log(np.clip(p, 1e-6, 1) / np.clip(1 - p, 1e-6, 1))
    out = []
    for n in range(len(material.rows)):
        odds, c = dict(zip(HEADS, p[n].tolist(), strict=True)), cut[of[n]]
        risky = odds["signal"] >= c["signal"]
        kind = ("atrocity" if odds["atrocity"] >= c["atrocity"] else "signal") if risky else ""
        kind = kind or ("none" if odds["none"] >= c["none"] else "context")
        told = {
            k: max(names, key=lambda name, k=k: logit[n, HEADS.index(f"{k}:{name}")] + lean[f"{k}:{name}"])
            for k, names in (("time", TIMES), ("by", SIDES))
        }
        out.append(
            {
                "relevance": kind,
                "relevance_score": odds["signal"],
                "factors_present": _present(odds, c) if risky else [],
                "time": told["time"],
                "perpetrator": told["by"],
                "mitigation": odds["mitigation"] >= c["mitigation"],
                "countries": material.rows[n]["countries"],
            }
        )
    return out
