"""From calendar years to a window of months: the table is yearly, the question is not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np

from tocsin.clock import Period
from tocsin.forecasting.grid import Floats


def year_shares(window: Period) -> dict[int, float]:
    """For each calendar year that the window touches, the share of that year which lies inside."""
    shares = {}
    for year in range(window.start.year, window.end.year + 1):
        start, end = date(year, 1, 1), date(year, 12, 31)
        inside = (min(end, window.end) - max(start, window.start)).days + 1
        shares[year] = inside / ((end - start).days + 1)
    return shares


def compose(how: str, parts: Mapping[int, Floats], shares: Mapping[int, float], length: float = 1) -> Floats:
    """One probability (n,) for a window from those of the spans of years, by the year in which each begins.

    `shares` says where the first twelve months of the window lie; `length` is that of the window in spans.
    `hazard`, for an event that begins: 1 - prod (1 - p)^(share * length), evenly spread over a span.
    `mean`, for a state of affairs counted over twelve months: mean of the years weighted by their share.
    """
    years = sorted(shares)
    p = np.stack([parts[year] for year in years])
    w = np.array([shares[year] for year in years])[:, None]
    if how == "hazard":
        return np.asarray(1 - np.prod((1 - p) ** (w * length / w.sum()), axis=0))
    return np.asarray((w * p).sum(axis=0) / w.sum())
