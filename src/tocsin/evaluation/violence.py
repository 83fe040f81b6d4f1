"""One-sided deaths by country in a calendar year: the whole distribution, and how the same did before.

By default an origin has the figures of the years that had ended, in later revision (a desk has the monthly
candidate releases of UCDP for the newest); `lagged` lets every source come out as late as it does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from tocsin import scores
from tocsin.clock import as_of_end
from tocsin.evaluation.scorecard import MODEL, Past
from tocsin.forecasting import levels as steps
from tocsin.forecasting.engine import Vantage, check_lead, chosen
from tocsin.forecasting.forecaster import Forecaster
from tocsin.forecasting.forecasters.baselines import Climatology, Decayed
from tocsin.forecasting.grid import Floats
from tocsin.forecasting.model import one_thread
from tocsin.forecasting.outcomes import outcome

SHOWN = (1, 25, 100, 1000)
DIGITS = 6
FIRST_TARGET = 1996
CHECKS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Year:
    """Distributions of deaths in one year: exceedances (n, g) at `levels` by forecaster, for states (n,).

    `deaths` (n,) is what came of it, nan where not known. `uncounted` are states for which nobody counts
    violence: their figures are blank, and their row is what the model says of a state with blanks.
    """

    target: int
    states: tuple[str, ...]
    uncounted: tuple[str, ...]
    levels: Floats
    p: Mapping[str, Floats]
    deaths: Floats

    def at(self, name: str, level: float) -> Floats:
        """P(deaths >= level) of each state (n,)."""
        return np.asarray(self.p[name][:, int(np.flatnonzero(self.levels == level)[0])])


def violence(past: Past, as_of: datetime, target: int, *, lagged: bool = False) -> Year:
    """Forecast one year, with baselines. Raises InputError out of reach or when too little was known."""
    bench, found = past.bench, outcome("one_sided_25")
    vantage = past.desk(as_of).vantage if lagged else _ended(past, as_of)
    lead = target - vantage.base
    check_lead(lead, vantage.base, target)
    known = bench.grid.values[found.column][:, : bench.grid.at(vantage.base) + 1]
    levels = steps.grid(float(np.nanmax(known)), SHOWN)
    seen = bench.seen(found, lead, vantage, vantage.base, levels)
    rows = bench.rows(found, vantage, vantage.base)
    here = np.flatnonzero(bench.block(vantage).live[:, bench.grid.at(vantage.base)])
    made: dict[str, Forecaster] = {
        MODEL: chosen(found),
        "decayed": Decayed(1.0),
        "climatology": Climatology(),
    }
    with one_thread():
        p = {name: steps.falling(one.fit(seen).predict(rows.take(here))) for name, one in made.items()}
    names, blank = bench.grid.iso3, bench.uncounted(vantage)
    return Year(
        target,
        tuple(names[i] for i in here),
        tuple(names[i] for i in here if blank[i]),
        levels,
        p,
        _deaths(past, target)[here],
    )


def rows(year: Year) -> Iterator[dict[str, str | float]]:
    """One row a state: chances of 1, 25, 100 and 1,000 deaths, and 99 quantiles that agree with them."""
    p = year.p[MODEL]
    quantiles = steps.quantiles(p, year.levels)
    shown = np.stack([year.at(MODEL, level) for level in SHOWN], axis=1)
    for i in sorted(range(len(year.states)), key=lambda i: year.states[i]):
        yield {
            "entity": year.states[i],
            **{f"p_ge_{level}": round(float(v), DIGITS) for level, v in zip(SHOWN, shown[i], strict=True)},
            **{f"q{k:02d}": round(float(v), 3) for k, v in enumerate(quantiles[i], 1)},
        }


def before(past: Past, target: int, *, lagged: bool = False, checks: int = CHECKS) -> list[Year]:
    """The same forecast for the `checks` years before, each made at the end of the year before it."""
    first = max(FIRST_TARGET, target - checks)
    ends = ((year, as_of_end(date(year - 1, 12, 31))) for year in range(first, target))
    return [violence(past, as_of, year, lagged=lagged) for year, as_of in ends]


def summary(years: Sequence[Year]) -> dict[str, dict[str, float]]:
    """Scores by forecaster over the states whose deaths are known; average precision is the mean of years."""
    return {name: _scores(years, name) for name in years[0].p}


def _scores(years: Sequence[Year], name: str) -> dict[str, float]:
    known = [~np.isnan(year.deaths) for year in years]
    y = np.concatenate([year.deaths[use] for year, use in zip(years, known, strict=True)])
    out: dict[str, float] = {"years": len(years), "rows": len(y)}
    for level in SHOWN:
        parts = [year.at(name, level)[use] for year, use in zip(years, known, strict=True)]
        hits = [(year.deaths[use] >= level).astype(float) for year, use in zip(years, known, strict=True)]
        ap = [scores.average_precision(p, hit) for p, hit in zip(parts, hits, strict=True)]
        p, hit = np.concatenate(parts), (y >= level).astype(float)
        out[f"ap_{level}"] = float(np.nanmean(ap)) if hit.any() else float("nan")
        out[f"brier_{level}"] = scores.brier(p, hit)
        out[f"log_{level}"] = scores.log_score(p, hit)
    crps = [
        steps.crps(year.p[name][use], year.levels, year.deaths[use])
        for year, use in zip(years, known, strict=True)
    ]
    return {**out, "crps": float(np.concatenate(crps).mean())}


def _ended(past: Past, as_of: datetime) -> Vantage:
    day = as_of.date()
    ended = day.year if (day.month, day.day) == (12, 31) else day.year - 1
    base = min(ended, int(past.bench.grid.years[-1]))
    return Vantage.revised(past.bench.grid, base, day.year - base)


def _deaths(past: Past, target: int) -> NDArray[np.float64]:
    grid = past.bench.grid
    t = grid.at(target)
    cells = grid.values[outcome("one_sided_25").column]
    return cells[:, t] if 0 <= t < cells.shape[1] else np.full(len(cells), np.nan)
