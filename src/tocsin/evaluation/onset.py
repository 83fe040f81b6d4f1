"""Rolling forecasts of a new mass killing, made as the published model is, with rivals and scores beside.

The published model is an elastic net (Early Warning Project, 2025 Statistical Risk Assessment). Like it, an
origin has the figures of the years up to its own, in later revision, and labels whose two years had closed by
then. `lagged` lets every source come out as late as it does: what a desk would have had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from tocsin import scores
from tocsin.clock import as_of_end
from tocsin.errors import InputError
from tocsin.evaluation.scorecard import MODEL, Hindcast, Past, recall_by_origin
from tocsin.forecasting.engine import Vantage, reached
from tocsin.forecasting.forecasters.elastic import ElasticNet
from tocsin.forecasting.grid import Floats
from tocsin.forecasting.issue import Desk
from tocsin.forecasting.model import one_thread
from tocsin.forecasting.outcomes import Outcome, outcome
from tocsin.forecasting.panel import Panel

MONTHS = 24
DIGITS = 6
PUBLISHED = "elastic_net"
NET = ElasticNet(folds=5, reweights=1, flags=False)
PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Rolled:
    """Forecasts at many origins: year, state and outcome (n,), nan where not known yet; chances by name."""

    origin: NDArray[np.int64]
    state: NDArray[np.int64]
    y: Floats
    p: Mapping[str, Floats]

    @property
    def known(self) -> Hindcast:
        """The rows whose outcome is known."""
        use = ~np.isnan(self.y)
        return Hindcast(self.origin[use], self.y[use], {name: p[use] for name, p in self.p.items()})


def roll(past: Past, first: int, last: int, *, lagged: bool = False) -> Rolled:
    """The product and its baselines at the end of every year. Raises InputError out of reach of the table."""
    return _joined([_origin(past, origin, lagged) for origin in _years(past, first, last)])


def published(past: Past, first: int, last: int) -> Rolled:
    """An elastic net of the published form on the product's features, at the end of every year."""
    return _joined([_net(past, origin) for origin in _years(past, first, last)])


def evaluated(load: Callable[[], Panel], first: int, last: int) -> tuple[Rolled, Rolled]:
    """The product with all rivals, and the same with release lags (without the net); on two processes.

    `load` gives the table in each process.
    """
    middle = (first + last) // 2
    jobs = [partial(roll), partial(roll, lagged=True), partial(published), partial(published)]
    spans = [(first, last), (first, last), (first, middle), (middle + 1, last)]
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        asked = [
            pool.submit(_of_table, load, job, *span)
            for job, span in zip(jobs, spans, strict=True)
            if span[0] <= span[1]
        ]
        product, late, *net = [one.result() for one in asked]
    nets = _joined(net)
    return Rolled(product.origin, product.state, product.y, {**product.p, **nets.p}), late


def rows(panel: Panel, rolled: Rolled) -> Iterator[dict[str, str | int | float]]:
    """One row a state and feature year; `gwcode` is the Gleditsch-Ward number of that year, or blank."""
    names = tuple(dict.fromkeys(panel.iso3))
    p = np.round(rolled.p[MODEL], DIGITS)
    for i, (state, year) in enumerate(zip(rolled.state.tolist(), rolled.origin.tolist(), strict=True)):
        gw = int(panel.gw[panel.rows[names[state], year]])
        yield {"entity": names[state], "gwcode": gw or "", "period": year, "probability": float(p[i])}


def summary(cast: Hindcast) -> dict[str, dict[str, float]]:
    """Scores by forecaster. Skill is against the rate of these rows; `fore_obs` is the mean forecast
    over the observed rate."""
    rate = np.full(len(cast.y), cast.y.mean() if len(cast.y) else np.nan)
    return {
        name: {
            "auc": scores.auc(p, cast.y),
            "ap": scores.average_precision(p, cast.y),
            **{f"recall_{k}": recall_by_origin(cast, name, k) for k in (10, 20, 30)},
            "brier": scores.brier(p, cast.y),
            "skill": scores.brier_skill(p, cast.y, rate),
            "log": scores.log_score(p, cast.y),
            "fore_obs": float(p.sum() / cast.y.sum()) if cast.y.any() else float("nan"),
        }
        for name, p in cast.p.items()
    }


def _of_table(load: Callable[[], Panel], job: Callable[..., Rolled], first: int, last: int) -> Rolled:
    return job(Past.of(load()), first, last)


def _years(past: Past, first: int, last: int) -> range:
    years = past.bench.grid.years
    if first < int(years[0]) or last > int(years[-1]):
        raise InputError(
            f"no figures for all of {first} to {last}",
            "country-year table",
            f"it holds {int(years[0])} to {int(years[-1])}",
        )
    return range(first, last + 1)


def _origin(past: Past, origin: int, lagged: bool) -> Rolled:
    found, as_of = _found(), as_of_end(date(origin, 12, 31))
    desk = past.desk(as_of) if lagged else Desk(past.bench, Vantage.revised(past.bench.grid, origin), as_of)
    with one_thread():
        window = desk.window(found, MONTHS)
    live = np.flatnonzero(~np.isnan(window.p))
    return _rolled(past, origin, live, {MODEL: window.p, **window.baselines})


def _net(past: Past, origin: int) -> Rolled:
    found, bench = _found(), past.bench
    vantage = Vantage.revised(bench.grid, origin)
    seen = bench.seen(found, 1, vantage, origin, np.array([found.at_least]))
    with one_thread():
        p = NET.fit(seen).predict(bench.rows(found, vantage, origin))[:, 0]
    live = np.flatnonzero(bench.block(vantage).live[:, bench.grid.at(origin)] & ~bench.uncounted(vantage))
    return _rolled(past, origin, live, {PUBLISHED: p})


def _found() -> Outcome:
    return outcome("new_mass_killing")


def _rolled(past: Past, origin: int, live: NDArray[np.int64], p: Mapping[str, Floats]) -> Rolled:
    grid, found = past.bench.grid, _found()
    most = reached(grid, found, grid.at(origin) + 1)
    y = np.where(np.isnan(most), np.nan, (most >= found.at_least).astype(np.float64))
    return Rolled(np.full(len(live), origin), live, y[live], {name: one[live] for name, one in p.items()})


def _joined(parts: list[Rolled]) -> Rolled:
    return Rolled(
        np.concatenate([part.origin for part in parts]),
        np.concatenate([part.state for part in parts]),
        np.concatenate([part.y for part in parts]),
        {name: np.concatenate([part.p[name] for part in parts]) for name in parts[0].p},
    )
