"""The trained file, and the probabilities it gives for a passage.

Every head (`signal`, `RF1`, `time:past`, ...) is the mean log-odds of its readers, brought to a probability
by a scale and a shift fitted on passages that the readers had not seen, apart for English and the others.
A passage whose quick readers are sure that it is no signal is not encoded; the network then has no voice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.errors import InputError
from tocsin.evidence import sha256
from tocsin.framework import framework
from tocsin.signals.model.encoder import vector
from tocsin.signals.model.evidence import evidence, founded, pairs
from tocsin.signals.model.grams import BITS, pieces, words
from tocsin.signals.model.masking import PLACE, places_of, without_names, without_places
from tocsin.signals.model.stored import stored
from tocsin.signals.rules.claims import Match
from tocsin.signals.rules.passage import Passage

FILE = Path(__file__).parent / "coder.skops"
FACTORS = tuple(f"RF{n}" for n in range(1, 15))
TIMES = ("present", "past", "future", "none")
SIDES = ("state", "nonstate", "both", "unclear", "none")
OF_ALL = ("signal", "none", "mitigation", *(f"time:{t}" for t in TIMES))
"""Heads that are learned from all passages alike."""
OF_SIGNALS = ("atrocity", *FACTORS, *(f"by:{s}" for s in SIDES))
"""Heads that are learned from signals above all, to tell one from another rather than from football."""
HEADS = (*OF_ALL, *OF_SIGNALS)
VOICES = np.array([1.0, 2.0, 1.0, 2.0])
"""How much each reader says in the mean: words, pieces of words, rules, network."""
_WITHIN = np.array([HEADS.index(name) for name in ("atrocity", *FACTORS)])
_RISKY = ("signal", "atrocity", *FACTORS)
_SURE, _LEAST = 12.0, 1e-6
Odds = dict[str, float]
"""A probability for each head."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A linear reader: log-odds of all heads = value @ weights + bias.

    `rows` tells each name its row; where names are numbers it is an array, -1 for a number without a row.
    """

    rows: Mapping[str, int] | np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    idf: np.ndarray | None = None

    def logits(self, names: Any, values: np.ndarray) -> np.ndarray:
        """The log-odds for named values; names without a row are left out."""
        at = self._rows_of(names)
        known = at >= 0
        if not known.any():
            return self.bias
        at, given = at[known], values[known]
        if self.idf is not None:
            given = (1 + np.log(given)) * self.idf[at]
            given /= np.sqrt(given @ given)
        found: np.ndarray = given @ self.weights[at] + self.bias
        return found

    def _rows_of(self, names: Any) -> np.ndarray:
        if isinstance(self.rows, np.ndarray):
            found: np.ndarray = self.rows[names]
            return found
        return np.fromiter((self.rows.get(name, -1) for name in names), np.int64, len(names))


Layers = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Weights and bias into the hidden layer, and out of it."""


@dataclass(frozen=True, slots=True)
class Network:
    """Small networks over evidence and sentence vector, each of one hidden layer; their mean speaks.

    `groups` are those for the heads `OF_ALL` and those for `OF_SIGNALS`.
    """

    rows: Mapping[str, int]
    groups: tuple[tuple[Layers, ...], ...]
    stretch: float

    def logits(self, seen: Mapping[str, float], encoded: np.ndarray) -> np.ndarray:
        """The log-odds of the mean probability of the networks."""
        given = np.zeros(len(self.rows) + len(encoded), np.float32)
        for name, value in seen.items():
            if name in self.rows:
                given[self.rows[name]] = value
        given[len(self.rows) :] = encoded * self.stretch
        told = [
            np.mean([_odds(np.maximum(given @ w1 + b1, 0) @ w2 + b2) for w1, b1, w2, b2 in nets], axis=0)
            for nets in self.groups
        ]
        return _logit(np.clip(np.concatenate(told), 1e-4, 1 - 1e-4))


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """What the quick readers saw in a passage; `settled` when they are sure enough to leave it at that."""

    doc: Passage
    seen: Mapping[str, float]
    spans: list[tuple[int, int]]
    logits: np.ndarray
    odds: Odds
    settled: bool


@dataclass(frozen=True, slots=True)
class Trained:
    """The whole file. `scales[reading][language group]` are scale and shift of each head."""

    version: str
    known: frozenset[str]
    words: Linear
    pieces: Linear
    rules: Linear
    network: Network
    scales: Mapping[str, Mapping[str, np.ndarray]]
    cuts: Mapping[str, Mapping[str, float]]
    leans: Mapping[str, float]
    clear: float
    unfounded: float

    def odds(self, doc: Passage, found: list[list[Match]]) -> Odds:
        """The probability of each head for a passage; `found` are the matches of each sentence."""
        return self.looked(self.glance(doc, found))

    def glance(self, doc: Passage, found: list[list[Match]]) -> Glance:
        """What the quick readers say of a passage.

        A passage that is not founded (see `evidence`) has at most the share of signals that such labelled
        passages had: the heads speak of passages that someone chose, so that their base is no news there.
        """
        seen, spans = evidence(doc, found), places_of(doc.text)
        quick = self.quick(doc, seen, spans)
        odds = self._scaled(joined(quick), "quick", language_group(doc.language))
        if founded(doc, found):
            return Glance(doc, seen, spans, quick, odds, odds["signal"] <= self.clear)
        low = {name: min(odds[name], self.unfounded) for name in _RISKY}
        odds = odds | low | {"none": max(odds["none"], 1 - self.unfounded)}
        return Glance(doc, seen, spans, quick, odds, True)

    def looked(self, glance: Glance) -> Odds:
        """The probabilities after all readers, or those of the quick ones where they are sure."""
        if glance.settled:
            return glance.odds
        encoded = vector(glance.doc, glance.spans, self.known)
        full = np.vstack([glance.logits, self.network.logits(glance.seen, encoded)])
        return self._scaled(joined(full), "full", language_group(glance.doc.language))

    def quick(self, doc: Passage, seen: Mapping[str, float], spans: list[tuple[int, int]]) -> np.ndarray:
        """The log-odds of the three readers that need no encoder, one row each."""
        masked = without_names(without_places(doc.text, spans, PLACE), self.known)
        counted = words(masked)
        buckets, times = pieces(masked)
        every = dict(seen) | pairs(doc)
        return np.stack(
            [
                self.words.logits(counted, np.fromiter(counted.values(), float, len(counted))),
                self.pieces.logits(buckets, times.astype(float)),
                self.rules.logits(every, np.fromiter(every.values(), float, len(every))),
            ]
        )

    def cut(self, name: str, language: str) -> float:
        """The probability from which a head decides, in a language."""
        return self.cuts[language_group(language)][name]

    def likeliest(self, odds: Odds, kind: str, names: Sequence[str]) -> str:
        """The likeliest of the heads "kind:name", after what choosing on unseen passages leans each by."""

        def weight(name: str) -> float:
            p = min(max(odds[f"{kind}:{name}"], _LEAST), 1 - _LEAST)
            return math.log(p / (1 - p)) + self.leans[f"{kind}:{name}"]

        return max(names, key=weight)

    def _scaled(self, logits: np.ndarray, reading: str, group: str) -> Odds:
        scale, shift = self.scales[reading][group]
        odds: Odds = dict(zip(HEADS, _odds(scale * logits + shift).tolist(), strict=True))
        return odds | {"atrocity": min(odds["atrocity"], odds["signal"])}


def joined(logits: np.ndarray) -> np.ndarray:
    """The mean log-odds of the first readers (reader, ..., head), each by its voice.

    An atrocity or a factor is a signal too: its log-odds are the mean of its own and of those of the product
    with the probability of a signal.
    """
    voices = VOICES[: len(logits)]
    mean: np.ndarray = np.tensordot(voices / voices.sum(), logits, axes=1)
    own = mean[..., _WITHIN]
    both = _odds(own) * _odds(mean[..., :1])
    mean[..., _WITHIN] = (own + _logit(np.clip(both, _LEAST, 1 - _LEAST))) / 2
    return mean


def language_group(language: str) -> str:
    """ "english" also where the language is unknown, else "other"."""
    return "english" if language in ("en", "") else "other"


@cache
def trained() -> Trained:
    """The file that ships with the package. Raises InputError when it is not of this version of the code."""
    raw = stored(FILE)
    try:
        fits = tuple(raw["heads"]) == HEADS and len(framework().factors) == len(FACTORS)
        made = of_arrays(raw, sha256(FILE.read_bytes())[:12]) if fits else None
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        raise InputError(f"lacks {error}", str(FILE), "run scripts/train_coder.py") from error
    if made is None:
        raise InputError("its heads are not those of this version", str(FILE), "run scripts/train_coder.py")
    return made


def of_arrays(raw: Mapping[str, Any], version: str) -> Trained:
    """The model of the arrays that scripts/train_coder.py writes."""
    names = _rows(raw["words"])
    return Trained(
        version=version,
        known=frozenset(raw["known"].split("\n")),
        words=_linear(names, raw["words"]),
        pieces=_linear(_table(raw["pieces"]["names"]), raw["pieces"]),
        rules=_linear(_rows(raw["rules"]), raw["rules"]),
        network=Network(
            _rows(raw["network"]),
            tuple(tuple(_layers(net) for net in nets) for nets in raw["network"]["groups"]),
            float(raw["network"]["stretch"]),
        ),
        scales={
            reading: {group: np.asarray(rows) for group, rows in groups.items()}
            for reading, groups in raw["scales"].items()
        },
        cuts=raw["cuts"],
        leans=raw["leans"],
        clear=float(raw["clear"]),
        unfounded=float(raw["unfounded"]),
    )


def _rows(raw: Mapping[str, Any]) -> dict[str, int]:
    """The row of each name; names are stored as the lines of one text."""
    return {name: n for n, name in enumerate(raw["names"].split("\n"))}


def _table(buckets: np.ndarray) -> np.ndarray:
    """The row of each bucket of a piece, -1 where it has none."""
    table = np.full(1 << BITS, -1, np.int64)
    table[buckets] = np.arange(len(buckets))
    return table


def _linear(rows: Mapping[str, int] | np.ndarray, raw: Mapping[str, Any]) -> Linear:
    idf = _wide(raw["idf"]) if "idf" in raw else None
    return Linear(rows, _wide(raw["weights"]), _wide(raw["bias"]), idf)


def _layers(net: Sequence[np.ndarray]) -> Layers:
    w1, b1, w2, b2 = (_wide(array) for array in net)
    return w1, b1, w2, b2


def _wide(stored: np.ndarray) -> np.ndarray:
    """Half-precision numbers as the file holds them, in the precision that is computed with."""
    return np.asarray(stored).astype(np.float32)


def _odds(logits: np.ndarray) -> np.ndarray:
    found: np.ndarray = 1.0 / (1.0 + np.exp(-np.clip(logits, -_SURE, _SURE)))
    return found


def _logit(p: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.log(p / (1 - p))
    return found
