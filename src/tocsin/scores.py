"""Proper scores and ranking measures as bare formulas, in the letters of the papers; no checks, numpy only.

`p` are probabilities (n,), `y` outcomes 0 or 1 (n,). Callers check lengths and missing values. A measure that
has no meaning on the rows given (an AUC without positives) is nan, never a made-up number.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Z_95 = 1.959963984540054


class Bin(NamedTuple):
    """One bin of a reliability table: edges, rows, mean forecast, observed share and its Wilson interval."""

    low: float
    high: float
    n: int
    forecast: float
    observed: float
    observed_low: float
    observed_high: float


class Murphy(NamedTuple):
    """Murphy (1973): Brier = reliability - resolution + uncertainty, over the distinct forecast values."""

    reliability: float
    resolution: float
    uncertainty: float


def brier(p: Floats, y: Floats) -> float:
    """Mean squared difference of probability and outcome (Brier 1950); 0 is perfect."""
    return float(np.mean((p - y) ** 2))


def brier_skill(p: Floats, y: Floats, reference: Floats) -> float:
    """1 - Brier / Brier of the reference on the same rows; 0 is no better, negative is worse."""
    b = brier(reference, y)
    return 1 - brier(p, y) / b if b > 0 else float("nan")


def log_score(p: Floats, y: Floats) -> float:
    """Mean negative log likelihood in nats (Good 1952); infinite when the impossible happened."""
    with np.errstate(divide="ignore"):
        return float(-np.mean(np.log(np.where(y == 1, p, 1 - p))))


def crps(x: Floats, y: Floats) -> float:
    """Mean CRPS of ensembles x (n, m) against y (n,): E|X - y| - E|X - X'| / 2 (Gneiting, Raftery 2007)."""
    m = x.shape[1]
    ordered = np.sort(x, axis=1)
    spread = ordered @ (2 * np.arange(1, m + 1) - m - 1) / m**2
    return float(np.mean(np.abs(x - y[:, None]).mean(axis=1) - spread))


def auc(p: Floats, y: Floats) -> float:
    """P(p of a positive > p of a negative), ties one half (Mann-Whitney); nan without both classes."""
    n1 = int(np.sum(y == 1))
    n0 = len(y) - n1
    if not n1 or not n0:
        return float("nan")
    u = _midrank(p)[y == 1].sum() - n1 * (n1 + 1) / 2
    return float(u / (n1 * n0))


def average_precision(p: Floats, y: Floats) -> float:
    """Sum over distinct cuts of (recall step) x precision, without interpolation; nan without positives."""
    if not np.any(y == 1):
        return float("nan")
    order = np.argsort(-p, kind="stable")
    hits = np.cumsum(y[order])
    cut = np.append(np.flatnonzero(np.diff(p[order])), len(p) - 1)
    precision, recall = hits[cut] / (cut + 1), hits[cut] / hits[-1]
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def recall_at_k(p: Floats, y: Floats, k: int) -> float:
    """Share of the positives among the k highest p; rows tied at the cut count in the share that fits."""
    if not np.any(y == 1):
        return float("nan")
    cut = np.sort(p)[::-1][min(k, len(p)) - 1]
    above, tied = p > cut, p == cut
    room = (min(k, len(p)) - above.sum()) / tied.sum()
    return float((y[above].sum() + room * y[tied].sum()) / y.sum())


def wilson(k: float, n: int, z: float = Z_95) -> tuple[float, float]:
    """Interval for a share of k in n (Wilson 1927); the whole unit interval when n is 0."""
    if n == 0:
        return 0.0, 1.0
    q, d = k / n, 1 + z**2 / n
    centre, half = (q + z**2 / (2 * n)) / d, z / d * np.sqrt(q * (1 - q) / n + z**2 / (4 * n**2))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def reliability(p: Floats, y: Floats, edges: Floats) -> tuple[Bin, ...]:
    """Observed share against mean forecast in bins [low, high), the last closed; empty bins are left out."""
    index = np.clip(np.searchsorted(edges, p, side="right") - 1, 0, len(edges) - 2)
    bins = []
    for i in np.unique(index):
        here = index == i
        n, k = int(here.sum()), float(y[here].sum())
        low, high = wilson(k, n)
        bins.append(Bin(float(edges[i]), float(edges[i + 1]), n, float(p[here].mean()), k / n, low, high))
    return tuple(bins)


def calibration_in_the_large(p: Floats, y: Floats) -> float:
    """Observed number over expected number of events; 1 is calibrated, above 1 the forecasts are too low."""
    return float(y.sum() / p.sum()) if p.sum() > 0 else float("nan")


def murphy(p: Floats, y: Floats) -> Murphy:
    """The three parts of the Brier score (Murphy 1973), exact: rows are grouped by equal p."""
    f, group, n = np.unique(p, return_inverse=True, return_counts=True)
    o = np.bincount(group, weights=y) / n
    base = float(np.mean(y))
    return Murphy(
        float(np.sum(n * (f - o) ** 2) / len(p)),
        float(np.sum(n * (o - base) ** 2) / len(p)),
        base * (1 - base),
    )


def _midrank(p: Floats) -> Floats:
    _, group, n = np.unique(p, return_inverse=True, return_counts=True)
    last = np.cumsum(n)
    return np.asarray((last - (n - 1) / 2)[group], dtype=np.float64)
