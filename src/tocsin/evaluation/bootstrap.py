"""Intervals by resampling whole entities: sums are weighted, rankings are recomputed, no row is copied.

An entity drawn twice counts twice. Column 0 of `Draws.times` holds every entity once, so that estimates and
resamples come from the same arithmetic (Efron, Tibshirani 1993; countries as clusters).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.evaluation.columns import Floats

Ints = NDArray[np.int64]
SEED = 20_240_815
RESAMPLES = 1_000
ENOUGH = 0.9
"""An interval is given when so many of the resamples have a value; without events a ranking has none."""


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """`times` (e, 1 + resamples): how often each entity is drawn; the same for every forecaster: paired."""

    times: Floats

    @classmethod
    def of(cls, entities: int, resamples: int = RESAMPLES, seed: int = SEED) -> Draws:
        """As many draws as there are entities, with replacement."""
        made = np.random.default_rng(seed)
        drawn = made.multinomial(entities, np.full(entities, 1 / entities), size=resamples)
        return cls(np.concatenate([np.ones((1, entities)), drawn]).T)

    def total(self, values: Floats, entity: Ints) -> Floats:
        """Sum of the values (n,) over the rows of each draw (1 + resamples,)."""
        return np.asarray(np.bincount(entity, weights=values, minlength=len(self.times)) @ self.times)


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """Rows of a scope (an origin, or all) from the highest p down, for each draw.

    For each group of equal p that holds an event: how many rows stand `above`, how many are `tied`, and how
    many of those are `events` (g, 1 + resamples). `size` (scopes, 1 + resamples) counts all rows.
    """

    above: Floats
    tied: Floats
    events: Floats
    size: Floats

    @property
    def all_events(self) -> Floats:
        """Events of each draw."""
        return np.asarray(self.events.sum(axis=0))

    def hits(self, k: int) -> Floats:
        """Events among the k highest of each scope; rows tied at the cut count in the share that fits."""
        fits = np.clip((k - self.above) / np.where(self.tied > 0, self.tied, 1), 0, 1)
        return np.asarray((fits * self.events).sum(axis=0))

    def called(self, k: int) -> Floats:
        """Rows among the k highest of each scope, together."""
        return np.asarray(np.minimum(self.size, k).sum(axis=0))

    def auc(self) -> Floats:
        """Area under the ROC curve; for a single scope."""
        events, others = self.all_events, self.size[0] - self.all_events
        events_above = np.cumsum(self.events, axis=0) - self.events
        tied = self.tied - self.events
        below = others - (self.above - events_above) - tied
        return _share((self.events * (below + tied / 2)).sum(axis=0), events * others)

    def average_precision(self) -> Floats:
        """Average precision; for a single scope."""
        found = np.cumsum(self.events, axis=0)
        precision = _share(found, self.above + self.tied)
        return _share(np.nansum(self.events * precision, axis=0), self.all_events)


def ranked(p: Floats, y: Floats, entity: Ints, scope: Ints, draws: Draws) -> Ranked:
    """Count what stands above each event in each draw; `scope` (n,) numbers what is ranked together."""
    from scipy.sparse import csr_array

    order = np.lexsort((-p, scope))
    p, y, entity, scope = p[order], y[order], entity[order], scope[order]
    first = np.append(True, (np.diff(p) != 0) | (np.diff(scope) != 0))
    group = np.cumsum(first) - 1
    with_event = np.bincount(group, weights=y) > 0
    slot: Ints = (np.cumsum(with_event) - with_event)[group]
    n, inside = int(with_event.sum()), with_event[group]

    def counted(index: Ints, weight: Floats, many: int, rows: NDArray[np.bool_]) -> Floats:
        table = csr_array((weight[rows], (index[rows], entity[rows])), shape=(many, len(draws.times)))
        return np.asarray(table @ draws.times)

    one, every = np.ones(len(p)), np.ones(len(p), dtype=bool)
    tied = counted(slot, one, n, inside)
    size = counted(scope, one, int(scope.max()) + 1, every)
    before = (np.cumsum(size, axis=0) - size)[scope[first][with_event]]
    through = np.cumsum(counted(slot, one, n + 1, every)[:n], axis=0)
    return Ranked(through - tied - before, tied, counted(slot, y, n, inside), size)


def interval(values: Floats, share: float) -> tuple[float, float]:
    """The central interval of the resamples, the estimate (first) left out; nan when too few have a value."""
    drawn = values[1:]
    drawn = drawn[np.isfinite(drawn)]
    if not len(drawn) or len(drawn) < ENOUGH * (len(values) - 1):
        return float("nan"), float("nan")
    low, high = np.quantile(drawn, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


def _share(part: Floats, whole: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(whole > 0, part / whole, np.nan))
