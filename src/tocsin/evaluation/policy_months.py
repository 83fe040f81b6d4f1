"""Civilians killed in one-sided violence by state and month, from a file that the user gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from tocsin.clock import add_months
from tocsin.errors import InputError
from tocsin.evaluation.columns import Floats, Wanted, read_columns

PLACE, YEAR, MONTH, DEATHS = "iso3", "year", "month", "ged_best_os"
YEAR_OF_MONTHS = 12
YEARS = (1900, 2100)
YEARLY_LAG, MONTHLY_LAG = 6, 1
"""Months after the end of a year (UCDP's annual release) or of a month (as its candidate releases) until the
deaths are known."""


@dataclass(frozen=True, slots=True, eq=False)
class Months:
    """`deaths` (places, months), nan where the file has no row; `starts` are the first days of the months."""

    places: tuple[str, ...]
    starts: tuple[date, ...]
    deaths: Floats

    def trailing(self, day: date) -> tuple[Floats, int]:
        """Deaths of the newest 12 months known on a day a month after each, and the year of the newest.

        nan for a place of which none of them is in the file, and everywhere past its end.
        """
        return self._summed(self._index(add_months(day, -MONTHLY_LAG)))

    def calendar(self, day: date) -> Floats:
        """Deaths of the newest calendar year known on a day six months after it."""
        then = add_months(day, -YEARLY_LAG)
        return self._summed(self._index(date(then.year, 1, 1)))[0]

    def _index(self, end: date) -> int:
        """How many months lie before a first day."""
        first = self.starts[0]
        return (end.year - first.year) * 12 + end.month - first.month

    def _summed(self, end: int) -> tuple[Floats, int]:
        nothing = np.full(len(self.places), np.nan)
        if not YEAR_OF_MONTHS <= end <= len(self.starts):
            return nothing, 0
        part = self.deaths[:, end - YEAR_OF_MONTHS : end]
        some = ~np.isnan(part).all(axis=1)
        return np.where(some, np.nansum(part, axis=1), np.nan), self.starts[end - 1].year


def read_months(path: Path) -> Months:
    """The months of a CSV or Parquet file with iso3, year, month and ged_best_os. Raises InputError."""
    table = read_columns(path, _choose)
    year, month, deaths = table.numbers.T
    whole = (year == year.round()) & (month == month.round())
    fine = whole & (year >= YEARS[0]) & (year <= YEARS[1]) & (month >= 1) & (month <= 12) & (deaths >= 0)
    for i in np.flatnonzero(~fine).tolist():
        raise InputError(
            "is no month with a count",
            table.place(i, MONTH),
            f"years are {YEARS[0]} to {YEARS[1]}, counts 0 or more",
        )
    places = tuple(sorted(set(table.texts[PLACE])))
    number = (year * 12 + month - 1).astype(np.int64)
    first, last = int(number.min()), int(number.max())
    out = np.full((len(places), last - first + 1), np.nan)
    row = np.searchsorted(places, table.texts[PLACE])
    at, twice = np.unique(np.stack([row, number]), axis=1, return_index=True)
    if at.shape[1] < len(row):
        i = min(set(range(len(row))) - set(twice.tolist()))
        raise InputError("a state and month stand twice", table.place(i, MONTH), "leave one of the rows out")
    out[row, number - first] = deaths
    starts = tuple(date(n // 12, n % 12 + 1, 1) for n in range(first, last + 1))
    return Months(places, starts, out)


def _choose(name: str, columns: tuple[str, ...]) -> Wanted:
    for column in (PLACE, YEAR, MONTH, DEATHS):
        if column not in columns:
            raise InputError(
                f"column {column} is missing", name, f"it needs {PLACE}, {YEAR}, {MONTH}, {DEATHS}"
            )
    return Wanted((PLACE,), (YEAR, MONTH, DEATHS))
