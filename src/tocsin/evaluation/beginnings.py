"""What began where, and what the alarm of a past day is worth: true, false, going on, or open.

A beginning is told to a year or to a month and counts from its first day. An alarm of a day looks at the
beginnings that count from that day on, for as many months as it says. It is *true* when one comes, *open*
while one of the periods is not known, *going on* when violence of that kind was under way already (nothing
could begin), and *false* otherwise. Unknown is never none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tocsin.clock import add_months
from tocsin.evaluation.columns import Floats

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
YEARS_MONTHS, MONTHS_MONTHS = 24, 12
"""How far an alarm looks: the longer of the policy's two horizons for years, the shorter for months."""
QUIET_MONTHS, QUIET_BELOW = 12, 25
YEARLY = ("os_deaths", "mk_onset", "mk_ongoing")
FIRST_YEAR = 1989
"""The first year in which civilians killed in one-sided violence are counted."""


class Cells(Protocol):
    """A country-year table; `forecasting.panel.Panel` is one."""

    @property
    def rows(self) -> Mapping[tuple[str, int], int]: ...
    @property
    def columns(self) -> Mapping[str, Floats]: ...


class Fate(IntEnum):
    """What became of the place in the months that an alarm looks at."""

    OPEN = 0
    FALSE = 1
    GOING_ON = 2
    TRUE = 3


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Beginnings by one definition: arrays (places, periods); `starts` are the first days of the periods.

    `begins` where one came, `known` where that is known, `under_way` where the period before it (or the
    months before it) had violence of that kind. `months` is how far an alarm looks.
    """

    key: str
    said: str
    places: tuple[str, ...]
    starts: tuple[date, ...]
    begins: Bools
    known: Bools
    under_way: Bools
    months: int

    def fates(self, days: Sequence[date]) -> Ints:
        """The fate (places, days) of an alarm of each day."""
        out = np.zeros((len(self.places), len(days)), dtype=np.int64)
        starts = np.array(self.starts, dtype="datetime64[D]")
        for t, day in enumerate(days):
            until = add_months(day, self.months)
            first, last = np.searchsorted(starts, np.array([day, until], dtype="datetime64[D]")).tolist()
            if first == last:
                continue
            told = self.known[:, first:last].all(axis=1) & (add_months(self.starts[-1], self._step) >= until)
            calm = np.where(self.under_way[:, first], Fate.GOING_ON, Fate.FALSE)
            out[:, t] = np.where(told, calm, Fate.OPEN)
            out[self.begins[:, first:last].any(axis=1), t] = Fate.TRUE
        return out

    @property
    def _step(self) -> int:
        """Months of a period."""
        a, b = self.starts[-2:]
        return (b.year - a.year) * 12 + b.month - a.month


def yearly(table: Cells, places: Sequence[str], least: float, until: Mapping[str, int]) -> Ground:
    """A new mass killing, or the first year of a spell with `least` civilians killed.

    `until` is the newest year to use of each of YEARLY. A state in its first year has nothing before it; a
    figure that is missing leaves its year unknown.
    """
    years = np.arange(FIRST_YEAR - 1, max(until.values()) + 1)
    deaths, new, listed = (_cells(table, c, places, years[years <= until[c]], len(years)) for c in YEARLY)
    there = np.array([[(iso3, int(y)) in table.rows for y in years] for iso3 in places], dtype=np.bool_)
    before = np.where(there[:, :-1], deaths[:, :-1], 0.0)
    now, new = deaths[:, 1:], new[:, 1:]
    with np.errstate(invalid="ignore"):
        first = (now >= least) & (before < least)
        known = ~np.isnan(new) & ~np.isnan(now) & ((now < least) | ~np.isnan(before))
        on = (before >= least) | (np.where(there[:, :-1], listed[:, :-1], 0.0) >= 1)
    return Ground(
        f"beginning_{least:g}",
        f"a new mass killing, or the first year with {least:,.0f} or more civilians killed",
        tuple(places),
        tuple(date(int(y), 1, 1) for y in years[1:]),
        (new == 1) | first,
        known,
        on,
        YEARS_MONTHS,
    )


def monthly(deaths: Floats, places: Sequence[str], starts: Sequence[date], least: int, span: int) -> Ground:
    """`least` or more civilians killed within `span` months of which the first has some, after a quiet year.

    `deaths` (places, months) is nan where the state is not in the file. Quiet is fewer than 25 killed in the
    12 months before, together.
    """
    n = deaths.shape[1]
    ahead = np.stack([_shifted(deaths, k) for k in range(span)]).sum(axis=0)
    past = np.stack([_shifted(deaths, -k) for k in range(1, QUIET_MONTHS + 1)])
    some = ~np.isnan(past).all(axis=0)
    past = np.nansum(past, axis=0)
    past[:, :QUIET_MONTHS] = np.nan
    with np.errstate(invalid="ignore"):
        begins = _apart((ahead >= least) & (deaths >= 1) & (past < QUIET_BELOW))
        known = ~np.isnan(ahead) & ~np.isnan(past) & some
    within = f"within {span} months" if span > 1 else "in a month"
    return Ground(
        f"beginning_{least}_in_{span}",
        f"{least} or more civilians killed {within}, after 12 months with fewer than {QUIET_BELOW}",
        tuple(places),
        tuple(starts[:n]),
        begins,
        known,
        past >= QUIET_BELOW,
        MONTHS_MONTHS,
    )


def _apart(begins: Bools) -> Bools:
    """The same without those that come within a quiet year of the one before: one outbreak begins once."""
    out = np.zeros_like(begins)
    for row, column in np.argwhere(begins).tolist():
        if not out[row, max(0, column - QUIET_MONTHS) : column].any():
            out[row, column] = True
    return out


def _shifted(values: Floats, by: int) -> Floats:
    """The values `by` periods later in time, at each period; nan beyond the edges."""
    out = np.full_like(values, np.nan)
    n = values.shape[1]
    if by >= 0:
        out[:, : n - by] = values[:, by:]
    else:
        out[:, -by:] = values[:, : n + by]
    return out


def _cells(table: Cells, column: str, places: Sequence[str], years: Ints, width: int) -> Floats:
    """A column as (places, width), nan where there is no row or no figure, and beyond the years."""
    out = np.full((len(places), width), np.nan)
    rows = [[table.rows.get((iso3, int(y)), -1) for y in years] for iso3 in places]
    at = np.array(rows, dtype=np.int64).reshape(len(places), len(years))
    out[:, : len(years)] = np.where(at >= 0, table.columns[column][at], np.nan)
    return out
