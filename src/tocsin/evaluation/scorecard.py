"""How the forecasts would have done: rolling yearly origins, each refitted on what was known, rivals beside.

Figures are of later revision with their release lag, so a score here is that of a forecaster who had today's
figures on yesterday's days. The labels are in the table: this is an open book. Choices were made on
origins up to `DEVELOPMENT`; later origins were measured once (docs/decisions/forecast-yearly.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from tocsin import scores
from tocsin.clock import as_of_end
from tocsin.forecasting.engine import Bench, Vantage
from tocsin.forecasting.grid import Floats, Table, as_known
from tocsin.forecasting.issue import Desk, Window, region_of
from tocsin.forecasting.model import one_thread
from tocsin.forecasting.outcomes import Outcome, load_features, outcome

DEVELOPMENT = 2005
MODEL = "model"
BINS = 10


@dataclass(frozen=True, slots=True)
class Measures:
    """Scores of one forecaster over the rows of a scorecard. Recall is of the top k states of each origin."""

    brier: float
    brier_skill: float
    log_score: float
    auc: float
    average_precision: float
    recall_10: float
    recall_20: float
    recall_30: float
    observed_over_expected: float


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Out-of-sample scores of the model and its rivals on the same rows, over origins `first` to `last`."""

    outcome: str
    months: int
    first: int
    last: int
    n: int
    positives: int
    measures: Mapping[str, Measures]
    reliability: tuple[scores.Bin, ...]


@dataclass(frozen=True, slots=True)
class Hindcast:
    """Rows with a known outcome: origin year (n,), outcome (n,), and probabilities (n,) by forecaster."""

    origin: NDArray[np.int64]
    y: Floats
    p: Mapping[str, Floats]


def scorecard(
    table: Table,
    key: str,
    first: int,
    last: int,
    *,
    months: int = 0,
    regions: Mapping[str, str] | None = None,
) -> Scorecard:
    """Score an outcome at the longest of its horizons (or `months`), origins 31 December `first` to `last`.

    Raises UnknownId for an outcome that is not in the table, InputError when an origin knew too few events.
    """
    found = outcome(key)
    months = months or max(found.horizons)
    cast = hindcast(Past.of(table, regions), found, months, range(first, last + 1))
    return Scorecard(
        key,
        months,
        first,
        last,
        len(cast.y),
        int(cast.y.sum()),
        {name: measure(cast, name) for name in cast.p},
        scores.reliability(cast.p[MODEL], cast.y, np.linspace(0, 1, BINS + 1)),
    )


def measure(cast: Hindcast, name: str) -> Measures:
    """The scores of one forecaster; skill is against the climatology that each origin knew."""
    p, y = cast.p[name], cast.y
    return Measures(
        brier=scores.brier(p, y),
        brier_skill=scores.brier_skill(p, y, cast.p["climatology"]),
        log_score=scores.log_score(p, y),
        auc=scores.auc(p, y),
        average_precision=scores.average_precision(p, y),
        recall_10=recall_by_origin(cast, name, 10),
        recall_20=recall_by_origin(cast, name, 20),
        recall_30=recall_by_origin(cast, name, 30),
        observed_over_expected=scores.calibration_in_the_large(p, y),
    )


def recall_by_origin(cast: Hindcast, name: str, k: int) -> float:
    """Share of all events that stood among the k highest states of their own origin."""
    hits = 0.0
    for year in np.unique(cast.origin):
        here = cast.origin == year
        if cast.y[here].any():
            hits += scores.recall_at_k(cast.p[name][here], cast.y[here], k) * float(cast.y[here].sum())
    return hits / float(cast.y.sum()) if cast.y.any() else float("nan")


@dataclass(frozen=True, slots=True)
class Past:
    """The whole table as one bench. Features look back only and labels are cut by the vantage of each origin,
    so that what an origin sees is what it would have seen alone (a test changes later cells and compares)."""

    table: Table
    bench: Bench

    @classmethod
    def of(cls, table: Table, regions: Mapping[str, str] | None = None) -> Past:
        """Everything in the table, whenever it became known."""
        grid = as_known(table, as_of_end(date(int(np.max(table.year)) + 10, 12, 31)))
        return cls(table, Bench(grid, load_features(), tuple(region_of(grid.iso3, regions))))

    def desk(self, as_of: datetime) -> Desk:
        """The desk of that day."""
        known = {name: self.table.known_year(name, as_of) for name in self.table.columns}
        return Desk(self.bench, Vantage.of(known, as_of), as_of)


def hindcast(past: Past, found: Outcome, months: int, origins: Sequence[int]) -> Hindcast:
    """Forecast from 31 December of every origin and set the outcome beside; rows without one are left out."""
    year, y, p = [], [], []
    with one_thread():
        for origin in origins:
            window = past.desk(as_of_end(date(origin, 12, 31))).window(found, months)
            truth = _truth(past.bench, found, window)
            use = ~np.isnan(truth) & ~np.isnan(window.p)
            year.append(np.full(int(use.sum()), origin))
            y.append(truth[use])
            p.append({MODEL: window.p[use], **{name: b[use] for name, b in window.baselines.items()}})
    return Hindcast(
        np.concatenate(year),
        np.concatenate(y),
        {name: np.concatenate([one[name] for one in p]) for name in p[0]},
    )


def _truth(bench: Bench, found: Outcome, window: Window) -> Floats:
    """What happened in the calendar years of a window: 1 when in any, nan when unknown."""
    label = bench.label(found)
    years = range(window.period.start.year, window.period.end.year + 1)
    inside = [label[:, bench.grid.at(y)] for y in years if bench.grid.at(y) < label.shape[1]]
    if len(inside) < len(years):
        inside.append(np.full(len(label), np.nan))
    cells = np.stack(inside)
    return np.where((cells == 1).any(axis=0), 1.0, np.where(np.isnan(cells).any(axis=0), np.nan, 0.0))
