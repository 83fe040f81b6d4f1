"""The country-year table as it was known at a moment: a grid of states and years, with later cells blank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import InputError
from tocsin.evidence.ids import sha256

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Table(Protocol):
    """What the engine needs of a country-year table; `forecasting.panel.Panel` is one."""

    @property
    def iso3(self) -> Sequence[str]: ...
    @property
    def year(self) -> NDArray[np.int64]: ...
    @property
    def columns(self) -> Mapping[str, Floats]: ...
    def known_year(self, column: str, as_of: datetime) -> int:
        """The newest year of the column that an outsider could have had at `as_of`."""
        ...

    def reason(self, column: str, iso3: str, year: int) -> str:
        """Why the cell is empty."""
        ...


@dataclass(frozen=True, slots=True)
class Grid:
    """States (n) by years (t). `values[column]` is (n, t), nan where unknown; `exists`: there is a row.

    `known` is the newest year of each column whose figures could be out at `as_of`; every later cell is nan.
    """

    as_of: datetime
    iso3: tuple[str, ...]
    years: NDArray[np.int64]
    values: Mapping[str, Floats]
    exists: Flags
    known: Mapping[str, int]

    def at(self, year: int) -> int:
        """The index of a year; outside of 0..t-1 when the grid does not hold it."""
        return year - int(self.years[0])

    def newest(self, column: str) -> int | None:
        """The newest year of which any state has a value; None when nothing of the column is known."""
        seen = np.flatnonzero(~np.isnan(self.values[column]).all(axis=0))
        return int(self.years[seen[-1]]) if len(seen) else None

    def digest(self, column: str) -> str:
        """SHA-256 of what the grid holds of a column, labels of states left out."""
        return sha256(np.ascontiguousarray(self.values[column]).tobytes())


def as_known(table: Table, as_of: datetime) -> Grid:
    """The table as an outsider could have had it at `as_of`; rows of years after that of `as_of` are dropped.

    States keep the order of the table, so that a change of names moves no number. Raises InputError when the
    table begins later.
    """
    year = np.asarray(table.year, dtype=np.int64)
    here = year <= as_of.year
    if not here.any():
        raise InputError(
            f"the table begins in {int(year.min())}", "country-year table", "choose a later date"
        )
    first, last = int(year[here].min()), int(year[here].max())
    names = {name: i for i, name in enumerate(dict.fromkeys(np.asarray(table.iso3)[here].tolist()))}
    rows = np.array([names[name] for name in np.asarray(table.iso3)[here].tolist()])
    at = (rows, year[here] - first)
    shape = (len(names), last - first + 1)
    exists = np.zeros(shape, dtype=np.bool_)
    exists[at] = True
    known = {name: table.known_year(name, as_of) for name in table.columns}
    values = {}
    for name, column in table.columns.items():
        cells = np.full(shape, np.nan)
        cells[at] = column[here]
        cells[:, max(0, known[name] - first + 1) :] = np.nan
        values[name] = cells
    return Grid(as_of, tuple(names), np.arange(first, last + 1), values, exists, known)
