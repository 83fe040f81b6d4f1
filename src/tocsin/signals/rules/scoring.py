"""From rule evidence to probabilities: logistic heads over named evidence, with committed weights.

Every input is a concept, a pattern, a time status or a frame that a person can look up; the weights were
fitted on labelled passages by `scripts/fit_rules.py` (which writes numbers only), calibrated on a sample.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import cache
from math import log, log2
from pathlib import Path

import numpy as np

from tocsin.errors import InputError
from tocsin.signals.rules.claims import Match, perpetrator
from tocsin.signals.rules.passage import Passage
from tocsin.signals.rules.patterns import violence_concepts
from tocsin.signals.rules.timing import time_of
from tocsin.signals.signal import TimeStatus

WEIGHTS = Path(__file__).parent / "weights.json"
WITHOUT_WORDS = 0.09
"""The share of labelled development passages without a word of violence or need that still bear a signal."""


@dataclass(frozen=True, slots=True)
class Heads:
    """Linear heads: log-odds = bias + sum of weight x value; `cuts` are decision thresholds."""

    rows: dict[str, int]
    columns: dict[str, int]
    weights: np.ndarray
    bias: np.ndarray
    cuts: dict[str, float]

    def probabilities(self, values: dict[str, float]) -> dict[str, float]:
        """The probability that each head gives; evidence without a weight is left out."""
        known = [(self.rows[name], value) for name, value in values.items() if name in self.rows]
        index = [row for row, _ in known]
        logits = np.array([v for _, v in known]) @ self.weights[index] + self.bias if known else self.bias
        odds = 1.0 / (1.0 + np.exp(-np.clip(logits, -30, 30)))
        return {name: float(odds[column]) for name, column in self.columns.items()}


@cache
def heads() -> Heads:
    """The fitted heads that ship with the package. Raises InputError when the file does not fit together."""
    raw = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    weights, bias = np.array(raw["weights"], dtype=float), np.array(raw["bias"], dtype=float)
    if weights.shape != (len(raw["evidence"]), len(raw["heads"])) or len(bias) != len(raw["heads"]):
        raise InputError(f"weights have the shape {weights.shape}", str(WEIGHTS), "run scripts/fit_rules.py")
    rows = {name: n for n, name in enumerate(raw["evidence"])}
    return Heads(rows, {name: n for n, name in enumerate(raw["heads"])}, weights, bias, raw["cuts"])


def founded(doc: Passage, found: list[list[Match]]) -> bool:
    """Whether a passage holds anything to rest a judgement on: a pattern, or a word of violence or need."""
    return any(found) or not violence_concepts().isdisjoint(doc.counts)


def unfounded(odds: dict[str, float]) -> dict[str, float]:
    """The probabilities of a passage that is not founded: signal, atrocity and factors at most the base.

    The heads speak of passages that someone chose to label; where one shows nothing, their bias is no news.
    """
    low = [name for name in odds if name in ("signal", "atrocity") or name.startswith("RF")]
    return odds | {name: min(odds[name], WITHOUT_WORDS) for name in low}


def evidence(doc: Passage, found: list[list[Match]]) -> dict[str, float]:
    """What the rules saw in a passage, as named values of about 0 to 1.

    `c:` concepts, `p:` patterns, `now:` patterns in a sentence about the present, `t:` time statuses, `by:`
    actors, `f:` frame, and the length of the text. Counts are squashed by log2(1 + n) / 3.
    """
    counts: Counter[str] = Counter({f"c:{name}": n for name, n in doc.counts.items()})
    for part, held in zip(doc.parts, found, strict=True):
        if held:
            counts[f"by:{perpetrator(part)}"] += 1
        for pattern, start, end in held:
            when = time_of(doc, part, start, end, frozenset())
            counts[f"p:{pattern.id}"] += 1
            counts[f"t:{when}"] += 1
            if when is TimeStatus.PRESENT:
                counts[f"now:{pattern.id}"] += 1
    values = {name: log2(1 + n) / 3 for name, n in counts.items()}
    if doc.frame:
        values[f"f:{doc.frame.id}"] = 1.0
    values["length"] = log(1 + len(doc.text)) / 8
    values["short"] = float(len(doc.text) < 250)
    values["sentences"] = log2(1 + len(doc.parts)) / 4
    values["nothing"] = float(not any(found))
    values["digits"] = min(1.0, 10 * sum(map(str.isdigit, doc.text)) / (len(doc.text) + 1))
    return values
