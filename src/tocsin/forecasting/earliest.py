"""The first day on which anything can be forecast from a table, for those who ask too early."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import numpy as np

from tocsin.clock import Horizon, add_months, as_of_end
from tocsin.errors import InputError
from tocsin.forecasting.engine import ANCHOR, MAX_LEAD, Vantage, enough, training
from tocsin.forecasting.grid import Floats, Grid, Table, as_known
from tocsin.forecasting.outcomes import Outcome, load_outcomes
from tocsin.forecasting.window import year_shares


def too_early(table: Table, as_of: datetime, error: InputError) -> InputError:
    """The same refusal with the first day that works when `as_of` lies before it; otherwise `error`."""
    first = first_day(table)
    if first is None or as_of >= as_of_end(first):
        return error
    return InputError(
        f"nothing can be forecast as of {as_of.date()}: {error.what}",
        error.where,
        f"the first date that works is {first}",
    )


def first_day(table: Table) -> date | None:
    """The first month end at which some outcome has events enough to learn from; None when there is none.

    Figures come out at month ends, so that nothing is learned between them.
    """
    grid = as_known(table, as_of_end(date(int(np.max(table.year)) + MAX_LEAD, 12, 31)))
    for year in grid.years.tolist():
        if _works(table, grid, date(year, 12, 31)):
            ends = (add_months(date(year - 1, 12, 31), months) for months in range(1, 13))
            return next(end for end in ends if _works(table, grid, end))
    return None


def _works(table: Table, grid: Grid, day: date) -> bool:
    as_of, outcomes = as_of_end(day), load_outcomes()
    known = {name: table.known_year(name, as_of) for name in {ANCHOR, *(o.column for o in outcomes)}}
    vantage = Vantage.of(known, as_of)
    return any(_learnable(grid, o, as_of, vantage) for o in outcomes)


def _learnable(grid: Grid, outcome: Outcome, as_of: datetime, vantage: Vantage) -> bool:
    leads = [year - vantage.base for year in year_shares(Horizon(12).window(as_of))]
    return all(1 <= lead <= MAX_LEAD for lead in leads) and all(
        enough(np.concatenate([np.empty(0), *_labels(grid, outcome, lead, vantage)]) >= outcome.at_least)
        for lead in leads
    )


def _labels(grid: Grid, outcome: Outcome, lead: int, vantage: Vantage) -> Iterator[Floats]:
    for _, _, y in training(grid, outcome, lead, vantage, vantage.base):
        yield y
