"""The shipped country-year panel: figures, labels and regime indices, with a reason for every gap.

Files in `data/`: `country_year.csv` and `vdem.csv` (share-alike, kept apart), `missing.csv` (why cells are
empty) and `manifest.json` (sources, licences, release lags, hashes). All figures are of later revision, not
as first published.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from itertools import islice
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.clock import add_months, as_of_end
from tocsin.errors import InputError, UnknownId

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EVERYWHERE = "*"
COPIED = (
    "name",
    "label",
    "unit",
    "definition",
    "licence",
    "lag_months",
    "first_year",
    "last_year",
    "vintage",
)


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """What a column is. `lag_months` runs from the end of a year to the release of its figures."""

    name: str
    label: str
    unit: str
    definition: str
    source: str
    licence: str
    lag_months: int
    first_year: int
    last_year: int
    vintage: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Empty cells of one column from `first` to `last` year, and why; `iso3` is `*` for all states."""

    first: int
    last: int
    reason: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Panel:
    """State-years sorted by state, then year. `gw` is the Gleditsch-Ward number, 0 where the list has none.

    `columns` holds one float array a column, as long as `year`, with NaN where the source has no figure.
    """

    iso3: tuple[str, ...]
    gw: Ints
    year: Ints
    columns: MappingProxyType[str, Floats]
    info: MappingProxyType[str, ColumnInfo]
    gaps: MappingProxyType[tuple[str, str], tuple[Gap, ...]]
    rows: MappingProxyType[tuple[str, int], int]

    def __len__(self) -> int:
        return len(self.iso3)

    def column_info(self, name: str) -> ColumnInfo:
        """The description of a column. Raises UnknownId."""
        if name not in self.info:
            raise UnknownId("column", name, self.info)
        return self.info[name]

    def known_year(self, column: str, as_of: datetime) -> int:
        """The newest year whose figures were out at `as_of`, at most the column's last year.

        A year before the column's first says that nothing of it was out. Raises UnknownId.
        """
        info = self.column_info(column)
        year = min(info.last_year, as_of.year)
        while as_of_end(add_months(date(year, 12, 31), info.lag_months)) > as_of:
            year -= 1
        return year

    def value(self, column: str, iso3: str, year: int) -> float:
        """One cell; NaN when it is empty. Raises UnknownId for a column or a row that is not there."""
        self.column_info(column)
        return float(self.columns[column][self._row(iso3, year)])

    def reason(self, column: str, iso3: str, year: int) -> str:
        """Why a cell is empty; the empty string when it is not. Raises UnknownId as `value` does."""
        if not np.isnan(self.value(column, iso3, year)):
            return ""
        for place in (iso3, EVERYWHERE):
            for gap in self.gaps.get((column, place), ()):
                if gap.first <= year <= gap.last:
                    return gap.reason
        raise InputError(
            f"no reason for the empty cell {column}, {iso3}, {year}", "missing.csv", "rebuild the table"
        )

    def states(self, year: int) -> tuple[str, ...]:
        """The states that have a row in a year, sorted."""
        return tuple(iso3 for iso3, of in zip(self.iso3, self.year, strict=True) if of == year)

    def _row(self, iso3: str, year: int) -> int:
        if (iso3, year) not in self.rows:
            years = range(int(self.year.min()), int(self.year.max()) + 1)
            there = (f"{iso3} {y}" for y in years if (iso3, y) in self.rows)
            raise UnknownId("state and year", f"{iso3} {year}", there)
        return self.rows[iso3, year]


@cache
def load_panel() -> Panel:
    """The panel that ships with the package, read once. Raises InputError when a file is damaged."""
    head, own = _read("country_year.csv")
    iso3 = tuple(r[0] for r in own)
    year = np.array([int(r[2]) for r in own], dtype=np.int64)
    rows = {(i, int(y)): n for n, (i, y) in enumerate(zip(iso3, year, strict=True))}
    columns = _numbers(head[3:], [r[3:] for r in own])
    their_head, theirs = _read("vdem.csv")
    at = np.array([rows[r[0], int(r[1])] for r in theirs])
    for name, values in _numbers(their_head[2:], [r[2:] for r in theirs]).items():
        column = np.full_like(columns["population"], np.nan)
        column[at] = values
        columns[name] = column
    for array in (year, *columns.values()):
        array.flags.writeable = False
    return Panel(
        iso3=iso3,
        gw=np.array([int(r[1] or 0) for r in own], dtype=np.int64),
        year=year,
        columns=MappingProxyType(columns),
        info=MappingProxyType(_infos(columns)),
        gaps=MappingProxyType(_gaps()),
        rows=MappingProxyType(rows),
    )


@cache
def manifest() -> dict[str, Any]:
    """The manifest of the shipped data: inputs with licence and hash, outputs, columns."""
    return dict(json.loads(_text("manifest.json")))


def _text(name: str) -> str:
    return files("tocsin.forecasting").joinpath("data", name).read_text(encoding="utf-8")


def _read(name: str) -> tuple[list[str], list[list[str]]]:
    lines = csv.reader(_text(name).splitlines())
    head = next(lines)
    body = list(lines)
    short = next((n for n, r in enumerate(body, 2) if len(r) != len(head)), None)
    if short is not None:
        raise InputError(f"row {short} does not have {len(head)} cells", name, "reinstall the package")
    return head, body


def _numbers(names: Sequence[str], body: list[list[str]]) -> dict[str, Floats]:
    cells = np.array([[float(c) if c else np.nan for c in row] for row in body], dtype=np.float64)
    return {name: cells[:, n].copy() for n, name in enumerate(names)}


def _infos(columns: dict[str, Floats]) -> dict[str, ColumnInfo]:
    inputs = {i["name"]: i for i in manifest()["inputs"]}
    found = {}
    for c in manifest()["columns"]:
        origin = [inputs[i] for i in c["inputs"]]
        source = "; ".join(f"{i['publisher']}: {i['dataset']} {i['version']}" for i in origin)
        found[c["name"]] = ColumnInfo(source=source, **{k: c[k] for k in COPIED})
    if found.keys() != columns.keys():
        odd = sorted(found.keys() ^ columns.keys())
        raise InputError(f"columns {odd} are in the tables or the manifest, not in both", "manifest.json")
    return found


def _gaps() -> dict[tuple[str, str], tuple[Gap, ...]]:
    found: dict[tuple[str, str], list[Gap]] = {}
    for column, iso3, first, last, reason in islice(csv.reader(_text("missing.csv").splitlines()), 1, None):
        found.setdefault((column, iso3), []).append(Gap(int(first), int(last), reason))
    return {key: tuple(gaps) for key, gaps in found.items()}
