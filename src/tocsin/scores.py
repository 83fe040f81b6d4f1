"""Proper scores and ranking measures as bare formulas, in the letters of the papers; no checks, numpy only.

`p` are probabilities (n,), `y` outcomes 0 or 1 (n,). Callers check lengths and missing values. A measure that
has no meaning on the rows given (an AUC without positives) is nan, never a made-up number. Quantiles are
`q` (n, m) at levels `tau` (m,); `tau` rises and lies inside (0, 1).
"""

from __future__ import annotations

from collections.abc import Callable
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
    """Murphy (1973): Brier = reliability - resolution + uncertainty."""

    reliability: float
    resolution: float
    uncertainty: float


class Corp(NamedTuple):
    """Score = miscalibration - discrimination + uncertainty (Dimitriadis, Gneiting, Jordan 2021)."""

    miscalibration: float
    discrimination: float
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
    low, high = float(centre - half), float(centre + half)
    return (max(0.0, low) if k > 0 else 0.0), (min(1.0, high) if k < n else 1.0)


def equal_edges(p: Floats, bins: int) -> Floats:
    """Edges of at most `bins` bins, each filled from below until it has its share of the rows.

    Equal p are never parted, and a p that many rows share does not pull others into its bin.
    """
    values, n = np.unique(p, return_counts=True)
    through, starts = np.cumsum(n), [0]
    while starts[-1] < len(values):
        full = through[starts[-1]] - n[starts[-1]] + len(p) / bins
        starts.append(int(np.searchsorted(through, full - 1e-9)) + 1)
    return np.append(values[starts[:-1]], values[-1])


def in_bins(p: Floats, edges: Floats) -> NDArray[np.int64]:
    """The bin of each row: [low, high), the last closed."""
    return np.clip(np.searchsorted(edges, p, side="right") - 1, 0, len(edges) - 2)


def reliability(p: Floats, y: Floats, edges: Floats) -> tuple[Bin, ...]:
    """Observed share against mean forecast in bins [low, high), the last closed; empty bins are left out."""
    index = in_bins(p, edges)
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


def murphy(p: Floats, y: Floats, bins: NDArray[np.int64] | None = None) -> Murphy:
    """The three parts of the Brier score, exact: rows are grouped by equal p, or by the bins given (n,).

    In bins the resolution is the generalised one of Stephenson, Coelho, Jolliffe (2008), which takes in what
    differs within a bin, so that the parts still add up.
    """
    _, group = np.unique(p if bins is None else bins, return_inverse=True)
    n = np.bincount(group)
    f, o = np.bincount(group, weights=p) / n, np.bincount(group, weights=y) / n
    base, inside = float(np.mean(y)), p - f[group]
    within = float(np.mean(inside**2) - 2 * np.mean((y - o[group]) * inside))
    return Murphy(
        float(np.sum(n * (f - o) ** 2) / len(p)),
        float(np.sum(n * (o - base) ** 2) / len(p)) - within,
        base * (1 - base),
    )


def isotonic(p: Floats, y: Floats) -> Floats:
    """The rising function of p nearest to y by squares (pool adjacent violators); equal p get equal fits."""
    from scipy.optimize import isotonic_regression

    _, group, n = np.unique(p, return_inverse=True, return_counts=True)
    fit = isotonic_regression(np.bincount(group, weights=y) / n, weights=n).x
    return np.clip(np.asarray(fit, dtype=np.float64), 0, 1)[group]


def corp(p: Floats, y: Floats, score: Callable[[Floats, Floats], float]) -> Corp:
    """The parts of a proper score of probabilities: against the isotonic recalibration and the base rate."""
    given, best = score(p, y), score(isotonic(p, y), y)
    flat = score(np.full(len(y), np.mean(y)), y)
    return Corp(given - best, flat - best, flat)


def pinball(q: Floats, y: Floats, tau: Floats) -> Floats:
    """Quantile losses (n, m): (1{y < q} - tau) (q - y) (Koenker, Bassett 1978); 0 is perfect."""
    off = q - y[:, None]
    return np.asarray(np.where(off > 0, 1 - tau, -tau) * off)


def crps_from_quantiles(q: Floats, y: Floats, tau: Floats) -> Floats:
    """CRPS of each row (n,), approximated by twice its mean quantile loss over the levels given.

    The CRPS is twice the integral of the quantile loss over all levels (Laio, Tamea 2007); what lies beyond
    the outer levels is not seen, so that it comes out a little low for heavy tails.
    """
    return np.asarray(2 * pinball(q, y, tau).mean(axis=1))


def interval_score(low: Floats, high: Floats, y: Floats, alpha: float) -> Floats:
    """Width of a central 1 - alpha interval plus 2 / alpha for each unit missed (Winkler 1972); rows (n,)."""
    missed = np.maximum(low - y, 0) + np.maximum(y - high, 0)
    return np.asarray(high - low + 2 / alpha * missed)


def isotonic_quantile(f: Floats, y: Floats, tau: float) -> Floats:
    """A rising function of f with the least quantile loss at tau; equal f get equal fits (n,).

    By halving the values of y: among two neighbouring values the best rising fit is one cut, and that cut
    also parts the rows for all values beyond (Ahuja, Orlin 2001).
    """
    _, group, n = np.unique(f, return_inverse=True, return_counts=True)
    values, rank = np.unique(y, return_inverse=True)
    sorted_rank = rank[np.argsort(group, kind="stable")]
    start = np.append(0, np.cumsum(n))
    fit = np.empty(len(n))
    todo = [(0, len(n), 0, len(values) - 1)]
    while todo:
        a, b, low, high = todo.pop()
        here = sorted_rank[start[a] : start[b]]
        low, high = np.clip((here.min(), here.max()), low, high)
        if low == high:
            fit[a:b] = values[low]
            continue
        middle = (low + high) // 2
        cost = np.append(0, np.cumsum(tau - (here <= middle)))[start[a : b + 1] - start[a]]
        cut = a + int(np.argmin(cost))
        todo += [(a, cut, low, middle)] * (cut > a) + [(cut, b, middle + 1, high)] * (cut < b)
    return fit[group]


def corp_crps(q: Floats, y: Floats, tau: Floats) -> Corp:
    """The parts of `crps_from_quantiles`: each level beside its isotonic recalibration and the quantile of y.

    Quantile-score form of the isotonic decomposition (Gneiting, Resin 2023; Arnold et al. 2024), twice the
    mean over the levels.
    """
    given = 2 * pinball(q, y, tau).mean()
    fits = np.stack([isotonic_quantile(q[:, j], y, t) for j, t in enumerate(tau.tolist())], axis=1)
    best = 2 * pinball(fits, y, tau).mean()
    flat = 2 * pinball(np.quantile(y, tau, method="inverted_cdf")[None], y, tau).mean()
    return Corp(float(given - best), float(flat - best), float(flat))


def _midrank(p: Floats) -> Floats:
    _, group, n = np.unique(p, return_inverse=True, return_counts=True)
    last = np.cumsum(n)
    return np.asarray((last - (n - 1) / 2)[group], dtype=np.float64)
