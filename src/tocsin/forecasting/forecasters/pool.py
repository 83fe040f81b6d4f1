"""The ensemble: a weighted mean of distributions, with weights learned where each member was blind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tocsin.errors import InputError
from tocsin.forecasting.forecaster import Fitted, Floats, Forecaster, Rows, Seen
from tocsin.forecasting.forecasters.baselines import Climatology

JUDGED = (1.0, 5.0, 25.0, 100.0)
ROUNDS = 200
FLOOR = 1e-6


@dataclass(frozen=True, slots=True)
class Pool:
    """A linear pool (Stone 1961) of `members`.

    Weights are those of the mixture that makes what happened most likely, at the levels of `JUDGED`, over the
    newest `share` of the periods, forecast in `blocks` by fits that knew earlier rows only (found by
    expectation and maximisation). `prior` rows for each member pull towards equal weights, which stand while
    no such fit can be made. A member that cannot learn from the rows stands aside; when none can, the
    climatology answers: `Pooled.names` says who did.
    """

    members: tuple[Forecaster, ...]
    share: float = 0.25
    blocks: int = 1
    prior: float = 5.0
    name: str = "pool"

    def fit(self, seen: Seen) -> Fitted:
        """Raises InputError without rows."""
        able: list[Forecaster] = []
        fits: list[Fitted] = []
        for member in self.members:
            try:
                fits.append(member.fit(seen))
                able.append(member)
            except InputError:
                continue
        if not able:
            return Pooled((Climatology().name,), (Climatology().fit(seen),), np.ones(1))
        return Pooled(tuple(m.name for m in able), tuple(fits), self._weights(able, seen))

    def _weights(self, able: Sequence[Forecaster], seen: Seen) -> Floats:
        blind = self._blind(seen) if len(able) > 1 else ()
        likely = [part for train, test in blind for part in _likelihoods(able, train, test)]
        return mixture(np.concatenate(likely), self.prior) if likely else np.full(len(able), 1 / len(able))

    def _blind(self, seen: Seen) -> Iterator[tuple[Seen, Seen]]:
        first, last = int(seen.rows.base.min()), int(seen.rows.base.max())
        edges = np.linspace(last - self.share * (last - first), last, self.blocks + 1).round().astype(int)
        for low, high in pairwise(edges.tolist()):
            known = seen.rows.base <= low + 1 - seen.gap
            test = (seen.rows.base > low) & (seen.rows.base <= high)
            if known.any() and test.any():
                yield seen.take(known), seen.take(test)


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """A fitted pool; `weights` (members,) add up to one."""

    names: tuple[str, ...]
    members: tuple[Fitted, ...]
    weights: Floats

    def predict(self, rows: Rows) -> Floats:
        """Exceedances (n, g)."""
        return np.asarray(np.sum([weight * p for _, weight, p in self.parts(rows)], axis=0))

    def parts(self, rows: Rows) -> list[tuple[str, float, Floats]]:
        """Of each member its name, its weight, and its exceedances (n, g)."""
        told = zip(self.names, self.weights.tolist(), self.members, strict=True)
        return [(name, weight, member.predict(rows)) for name, weight, member in told]


def mixture(likely: Floats, prior: float) -> Floats:
    """Weights (m,) from the chances (n, m) that members gave to what happened; `prior` rows for each."""
    n, m = likely.shape
    p, w = np.maximum(likely, FLOOR), np.full(m, 1 / m)
    for _ in range(ROUNDS):
        share = p * w
        new = ((share / share.sum(axis=1, keepdims=True)).sum(axis=0) + prior) / (n + m * prior)
        if np.abs(new - w).max() < 1e-7:
            break
        w = new
    return w


def _likelihoods(members: Sequence[Forecaster], train: Seen, test: Seen) -> Iterator[Floats]:
    """(n, members): the chance each member gave to what happened, at one level after another."""
    try:
        p = np.stack([m.fit(train).predict(test.rows) for m in members], axis=2)
    except InputError:
        return
    for k in np.flatnonzero(np.isin(test.levels, JUDGED)):
        happened = test.y >= test.levels[k]
        yield np.where(happened[:, None], p[:, k], 1 - p[:, k])
