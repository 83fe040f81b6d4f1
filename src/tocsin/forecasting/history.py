"""Predictors that the engine makes from an entity's own past: each looks back only.

Every function takes counts x (n, t), nan where unknown, and gives (n, t); the value at a period uses that
period and earlier ones. Unknown periods are skipped, never counted as zero; where the newest period is
unknown, so is the predictor.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.features import decay, moving_max

Floats = NDArray[np.float64]

WINDOWS = (3, 6, 12, 24, 60)
LOG_HALF_LIVES = (3.0, 12.0, 36.0)
SHARE_HALF_LIVES = (6.0, 24.0)
MARKS = (1.0, 25.0)
CAP = 240


def predictors(name: str, x: Floats, longest: int) -> Iterator[tuple[str, Floats]]:
    """(name, values) of every predictor made from one column; windows over `longest` periods are left out.

    All rise with violence: recent counts, means over windows, decayed means of log counts and of the months
    at or over a mark, recency, and worst months.
    """
    logs = np.log1p(x)
    yield f"{name}:now", logs
    for k in (1, 2):
        yield f"{name}:lag{k}", back(logs, k)
    for k in (w for w in WINDOWS if w <= longest):
        yield f"{name}:mean{k}", np.log1p(moving_mean(x, k))
    for h in LOG_HALF_LIVES:
        yield f"{name}:log_decay{h:g}", decay(logs, h)
    for mark in MARKS:
        over = np.where(np.isnan(x), np.nan, x >= mark)
        for h in SHARE_HALF_LIVES:
            yield f"{name}:over{mark:g}_decay{h:g}", decay(over, h)
        yield f"{name}:over{mark:g}_recency", -np.log1p(since(x, mark))
    for k in (w for w in (12, 60) if w <= longest):
        yield f"{name}:max{k}", np.log1p(moving_max(x, k))


def back(x: Floats, k: int) -> Floats:
    """The value k periods before; nan where there is none."""
    out = np.full_like(x, np.nan)
    out[:, k:] = x[:, : max(x.shape[1] - k, 0)]
    return out


def moving_mean(x: Floats, k: int) -> Floats:
    """Mean of the known values of the last k periods; nan where the newest is unknown."""
    seen = ~np.isnan(x)
    total, n = (_moving_sum(part, k) for part in (np.nan_to_num(x), seen.astype(np.float64)))
    return np.where(seen, total / np.maximum(n, 1), np.nan)


def total(x: Floats, k: int) -> Floats:
    """Sum of the last k periods; nan where any of them is unknown."""
    unknown = _moving_sum(np.isnan(x).astype(np.float64), k) > 0
    out = np.where(unknown, np.nan, _moving_sum(np.nan_to_num(x), k))
    out[:, : k - 1] = np.nan
    return out


def since(x: Floats, mark: float) -> Floats:
    """Periods since x was at or over `mark`, at most `CAP`, which is also the value when it never was."""
    now = np.full(len(x), float(CAP))
    out = np.full_like(x, np.nan)
    for t in range(x.shape[1]):
        now = np.where(x[:, t] >= mark, 0.0, np.minimum(now + 1, CAP))
        out[:, t] = np.where(np.isnan(x[:, t]), np.nan, now)
    return out


def past(x: Floats, k: int) -> Floats:
    """The last k values (n, t, k), newest first; nan where unknown."""
    padded = np.pad(x, ((0, 0), (k - 1, 0)), constant_values=np.nan)
    return np.lib.stride_tricks.sliding_window_view(padded, k, axis=1)[:, :, ::-1]


def _moving_sum(x: Floats, k: int) -> Floats:
    summed = np.cumsum(np.pad(x, ((0, 0), (k, 0))), axis=1)
    return np.asarray(summed[:, k:] - summed[:, :-k])
