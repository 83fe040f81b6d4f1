"""Predictors from the grid: each looks back only, so that its value for a year can never see a later one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import InputError
from tocsin.forecasting.grid import Floats, Grid
from tocsin.forecasting.outcomes import Feature


def compute(feature: Feature, grid: Grid, regions: Sequence[str]) -> Floats:
    """The feature for every state and year (n, t) in its own unit, before the logarithm; nan where unknown.

    `regions` names the region of each state of the grid. A regional feature is the mean over the other states
    of the region of what would enter the model. Raises InputError when the table lacks a column.
    """
    x = _source(feature, grid)
    if feature.log_first:
        x = np.log1p(x)
    value = _transform(feature, x)
    if not feature.region:
        return value
    return _others(np.log1p(value) if feature.log else value, np.asarray(regions))


def entering(feature: Feature, value: Floats) -> Floats:
    """The value as it enters the model: logged where the table says so (regional means already are)."""
    return np.log1p(value) if feature.log and not feature.region else value


def decay(x: Floats, half_life: float) -> Floats:
    """Mean of the known years so far, each weighted 2^-(age / half_life); nan where this year is unknown."""
    keep = 0.5 ** (1 / half_life)
    total, weight = np.zeros(len(x)), np.zeros(len(x))
    out = np.full_like(x, np.nan)
    for t in range(x.shape[1]):
        seen = ~np.isnan(x[:, t])
        total = total * keep + np.where(seen, x[:, t], 0)
        weight = weight * keep + seen
        out[seen, t] = total[seen] / weight[seen]
    return out


def recency(x: Floats, at_least: float, half_life: float) -> Floats:
    """2^-(years since x was at or over `at_least` / half_life); 0 when never so far, nan where unknown."""
    keep = 0.5 ** (1 / half_life)
    now = np.zeros(len(x))
    out = np.full_like(x, np.nan)
    for t in range(x.shape[1]):
        now = np.where(x[:, t] >= at_least, 1.0, now * keep)
        out[:, t] = np.where(np.isnan(x[:, t]), np.nan, now)
    return out


def share(x: Floats, at_least: float, years: int) -> Floats:
    """Share of the known years of the last `years` with x at or over `at_least`; nan where unknown."""
    seen = ~np.isnan(x)
    hits = _moving_sum(np.where(seen & (x >= at_least), 1.0, 0.0), years)
    known = _moving_sum(seen.astype(np.float64), years)
    return np.where(seen, hits / np.maximum(known, 1), np.nan)


def moving_max(x: Floats, years: int) -> Floats:
    """Largest known value of the last `years`; nan where this year is unknown."""
    filled = np.where(np.isnan(x), -np.inf, x)
    padded = np.pad(filled, ((0, 0), (years - 1, 0)), constant_values=-np.inf)
    top = np.lib.stride_tricks.sliding_window_view(padded, years, axis=1).max(axis=2)
    return np.where(np.isnan(x), np.nan, top)


def before(x: Floats, years: int) -> Floats:
    """The value of `years` before; nan where it is unknown."""
    out = np.full_like(x, np.nan)
    out[:, years:] = x[:, :-years]
    return out


def change(x: Floats, years: int) -> Floats:
    """x minus its value `years` before; nan where either is unknown."""
    return x - before(x, years)


def _transform(feature: Feature, x: Floats) -> Floats:
    ways: dict[str, Callable[[], Floats]] = {
        "level": lambda: x,
        "decay": lambda: decay(x, feature.half_life),
        "recency": lambda: recency(x, feature.at_least, feature.half_life),
        "share": lambda: share(x, feature.at_least, feature.years),
        "max": lambda: moving_max(x, feature.years),
        "change": lambda: change(x, feature.years),
        "middle": lambda: x * (1 - x),
        "before": lambda: before(x, feature.years),
        "surge": lambda: x - decay(x, feature.half_life),
        "fall": lambda: moving_max(x, feature.years) - x,
        "rise": lambda: x + moving_max(-x, feature.years),
    }
    return ways[feature.transform]()


def _source(feature: Feature, grid: Grid) -> Floats:
    for name in feature.columns:
        if name not in grid.values:
            raise InputError(f"the table has no column {name!r}", f"features.yml: {feature.key}")
    x = grid.values[feature.column]
    if not feature.per:
        return x
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = feature.scale * x / grid.values[feature.per]
    return np.where(np.isfinite(rate), rate, np.nan)


def _others(x: Floats, regions: NDArray[np.str_]) -> Floats:
    out = np.full_like(x, np.nan)
    seen, filled = ~np.isnan(x), np.nan_to_num(x)
    for region in np.unique(regions):
        here = regions == region
        total, n = filled[here].sum(axis=0), seen[here].sum(axis=0)
        others = n - seen[here]
        out[here] = np.where(others > 0, (total - filled[here]) / np.maximum(others, 1), np.nan)
    return out


def _moving_sum(x: Floats, years: int) -> Floats:
    total = np.cumsum(np.pad(x, ((0, 0), (years, 0))), axis=1)
    return np.asarray(total[:, years:] - total[:, :-years])
