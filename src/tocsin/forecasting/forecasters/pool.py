"""The ensemble: a weighted mean of distributions, with weights learned where each member was blind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tocsin.errors import InputError
from tocsin.forecasting.forecaster import Fitted, Floats, Forecaster, Rows, Seen

JUDGED = (1.0, 5.0, 25.0, 100.0)
ROUNDS = 200
FLOOR = 1e-6


@dataclass(frozen=True, slots=True)
class Pool:
    """A linear pool (Stone 1961) of `members`.

    Weights are those of the mixture that makes what happened most likely, at the levels of `JUDGED`, over
    the newest `span` periods, forecast in `blocks` by fits that knew earlier rows only (found by expectation
    and maximisation). `prior` rows for each member pull towards equal weights, which stand while no such fit
    can be made.
    """

    members: tuple[Forecaster, ...]
    span: int
    blocks: int = 1
    prior: float = 200.0
    name: str = "pool"

    def fit(self, seen: Seen) -> Fitted:
        """Raises InputError when no member can learn from the rows."""
        weights = self._weights(seen)
        return Pooled(tuple(m.name for m in self.members), tuple(m.fit(seen) for m in self.members), weights)

    def _weights(self, seen: Seen) -> Floats:
        equal = np.full(len(self.members), 1 / len(self.members))
        if len(self.members) == 1:
            return equal
        likely = [part for train, test in self._blind(seen) for part in self._likelihoods(train, test)]
        return mixture(np.concatenate(likely), self.prior) if likely else equal

    def _blind(self, seen: Seen) -> Iterator[tuple[Seen, Seen]]:
        last = int(seen.rows.base.max())
        edges = np.linspace(last - self.span, last, self.blocks + 1).round().astype(int)
        for low, high in pairwise(edges.tolist()):
            known = seen.rows.base <= low + 1 - seen.gap
            test = (seen.rows.base > low) & (seen.rows.base <= high)
            if known.any() and test.any():
                yield seen.take(known), seen.take(test)

    def _likelihoods(self, train: Seen, test: Seen) -> Iterator[Floats]:
        """(n, members): the chance each member gave to what happened, at one level after another."""
        try:
            p = np.stack([m.fit(train).predict(test.rows) for m in self.members], axis=2)
        except InputError:
            return
        for k in np.flatnonzero(np.isin(test.levels, JUDGED)):
            happened = test.y >= test.levels[k]
            yield np.where(happened[:, None], p[:, k], 1 - p[:, k])


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """A fitted pool; `weights` (members,) add up to one."""

    names: tuple[str, ...]
    members: tuple[Fitted, ...]
    weights: Floats

    def predict(self, rows: Rows) -> Floats:
        """Exceedances (n, g)."""
        parts = (w * m.predict(rows) for w, m in zip(self.weights, self.members, strict=True))
        return np.asarray(np.sum(list(parts), axis=0))


def mixture(likely: Floats, prior: float) -> Floats:
    """Mixture weights (m,) from the chances (n, m) that members gave to what happened; `prior` rows for each."""
    n, m = likely.shape
    p, w = np.maximum(likely, FLOOR), np.full(m, 1 / m)
    for _ in range(ROUNDS):
        share = p * w
        new = ((share / share.sum(axis=1, keepdims=True)).sum(axis=0) + prior) / (n + m * prior)
        if np.abs(new - w).max() < 1e-7:
            break
        w = new
    return w
