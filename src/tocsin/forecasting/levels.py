"""Predictive distributions of counts held as exceedances P(Y >= level) on a rising grid of whole levels.

Counts of deaths are mostly zero and heavy in the tail, so the grid holds the small numbers and then steps of
about a quarter. Between two levels the distribution is spread evenly in log(1 + count).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEPS = (1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.5, 8.0)
QUANTILES = np.arange(1, 100) / 100
TAIL_DECADES = 1


def grid(largest: float, thresholds: Sequence[float] = ()) -> Floats:
    """Levels from 1 to ten times the largest count seen, with the thresholds asked for among them."""
    top = 10.0 ** np.ceil(np.log10(max(largest, 10.0)) + TAIL_DECADES)
    decades = np.arange(0, round(float(np.log10(top))) + 1)
    steps = np.unique(np.round([s * 10.0**d for d in decades for s in STEPS]))
    return np.unique(np.concatenate([steps[steps <= top], np.asarray(thresholds, dtype=np.float64)]))


def falling(p: Floats) -> Floats:
    """Exceedances (n, g) made to fall with the level and kept within [0, 1].

    Each is the mean of the least it must be and the most it may be, so that no side is favoured.
    """
    p = np.clip(p, 0.0, 1.0)
    low = np.minimum.accumulate(p, axis=1)
    high = np.maximum.accumulate(p[:, ::-1], axis=1)[:, ::-1]
    return np.asarray((low + high) / 2)


def spread(p: Floats, at: Floats, levels: Floats, tail: float) -> Floats:
    """Exceedances (n, g) at all `levels` from those (n, m) at some of them, `at` (m,).

    Between two levels the log of the exceedance is linear in that of the level; beyond the last it falls as a
    power law with exponent `tail` (Pareto), before the first (only when `at` starts above 1) it is held.
    """
    logs = np.log(np.maximum(p, 1e-12))
    x, wanted = np.log(at), np.log(levels)
    i = np.clip(np.searchsorted(x, wanted, side="right") - 1, 0, len(x) - 1)
    j = np.minimum(i + 1, len(x) - 1)
    width = np.where(j > i, x[j] - x[i], 1.0)
    w = np.clip((wanted - x[i]) / width, 0.0, 1.0)
    inside = logs[:, i] * (1 - w) + logs[:, j] * w
    beyond = np.maximum(wanted - x[-1], 0.0)
    return np.asarray(np.exp(inside - tail * beyond[None]))


def tail_exponent(y: Floats, over: float) -> float:
    """The exponent of a power law over `over` by maximum likelihood (Hill 1975), kept within 0.5 to 3."""
    big = y[y >= over]
    if len(big) < 5:
        return 1.0
    return float(np.clip(len(big) / np.sum(np.log((big + 0.5) / (over - 0.5))), 0.5, 3.0))


def quantiles(p: Floats, levels: Floats, taus: Floats = QUANTILES) -> Floats:
    """Quantiles (n, q) of distributions held as exceedances (n, g)."""
    # F steps from 1 - p[i] just below level i; the mass between two levels lies on [level i, level i+1 - 1]
    below = 1.0 - p
    i = np.stack([np.searchsorted(row, taus, side="left") - 1 for row in below])
    at = np.maximum(i, 0)
    low = levels[at]
    upper = np.append(levels[1:] - 1, levels[-1])[at]
    start = np.take_along_axis(below, at, axis=1)
    end = np.take_along_axis(np.append(below[:, 1:], np.ones((len(p), 1)), axis=1), at, axis=1)
    w = np.clip((taus - start) / np.maximum(end - start, 1e-12), 0.0, 1.0)
    value = np.expm1(np.log1p(low) * (1 - w) + np.log1p(np.maximum(upper, low)) * w)
    return np.asarray(np.where(i < 0, 0.0, value))


def crps(p: Floats, levels: Floats, y: Floats) -> Floats:
    """CRPS (n,) of whole counts y (n,): the sum over k >= 1 of (P(Y >= k) - 1[y >= k])^2, in deaths.

    Levels between grid points take the exceedance of the next level up (Matheson and Winkler 1976).
    """
    width = np.diff(levels, prepend=0.0)
    reached = np.clip(y[:, None] - (levels - width)[None], 0.0, width[None])
    return np.asarray((p**2 * (width[None] - reached) + (p - 1) ** 2 * reached).sum(axis=1))
