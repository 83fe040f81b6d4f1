"""A panel file as a cube: every cell is a number, unknown, or an error that names its row and column."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from pathlib import Path

import numpy as np

from tocsin.errors import InputError
from tocsin.forecasting.cube import Cube
from tocsin.forecasting.spec import Period, Spec
from tocsin.sources.readers.columnar import columnar
from tocsin.sources.readers.delimited import delimited
from tocsin.sources.readers.table import Row, Table

BLANK = frozenset({"", "NA", "NaN", "nan", "null", "None"})


@dataclass(frozen=True, slots=True)
class Axis:
    """How periods are written: whole numbers, or days `step` months or days apart counted from `start`."""

    start: date | None = None
    months: int = 0
    days: int = 0

    def index(self, value: Period, where: str) -> int:
        """The number of a period. Raises InputError for one that is not on the axis."""
        if self.start is None:
            if not isinstance(value, int):
                raise InputError(f"{value} is a date, the periods are whole numbers", where)
            return value
        if not isinstance(value, date):
            raise InputError(f"{value} is a number, the periods are dates", where)
        steps, left = divmod(_distance(self.start, value, self.months), self.months or self.days)
        if left or (self.months and value.day != self.start.day):
            raise InputError(f"{value} is not one of the panel's periods", where, f"they go by {self.words}")
        return steps

    def written(self, index: int) -> str:
        """A period as the panel writes it."""
        if self.start is None:
            return str(index)
        if self.months:
            month = self.start.year * 12 + self.start.month - 1 + index * self.months
            return date(month // 12, month % 12 + 1, self.start.day).isoformat()
        return (self.start + timedelta(days=index * self.days)).isoformat()

    @property
    def words(self) -> str:
        """The step in words."""
        return (
            f"{self.months} months" if self.months else f"{self.days} days" if self.days else "whole numbers"
        )


@dataclass(frozen=True, slots=True, eq=False)
class PanelFile:
    """A cube and how its periods are written."""

    cube: Cube
    axis: Axis


def read_panel(path: Path, spec: Spec) -> PanelFile:
    """Read the columns that the spec names from CSV or Parquet; no other column is looked at.

    Blank cells (also NA, NaN, null) are unknown. An entity's missing periods are unknown, not zero. Raises
    InputError with row and column for a missing column, a key that is blank or stands twice, a cell that is
    no number, a negative count or a binary label other than 0 and 1.
    """
    with _open(path) as table:
        for name in (spec.entity, spec.period, *spec.columns):
            if name not in table.columns:
                known = ", ".join(table.columns)
                raise InputError(f"has no column {name!r}", str(path), f"its columns are {known}")
        rows = [_read(row, spec, str(path)) for row in table.rows]
    if not rows:
        raise InputError("has no rows", str(path))
    axis = _axis([period for _, _, period, _ in rows], str(path))
    return PanelFile(_cube(rows, spec, axis, str(path)), axis)


Line = tuple[int, str, Period, list[float]]


@contextmanager
def _open(path: Path) -> Iterator[Table]:
    if not path.is_file():
        raise InputError("there is no such file", str(path), "name a CSV or Parquet file")
    if path.suffix.lower() in {".parquet", ".pq"}:
        yield columnar(path)
        return
    with path.open("rb") as stream:
        yield delimited(stream, str(path))


def _read(row: Row, spec: Spec, name: str) -> Line:
    where = f"{name}: row {row.number}"
    if row.fault:
        raise InputError(row.fault, where)
    entity = row.values[spec.entity].strip()
    if not entity or (entity in BLANK and entity != "NA"):
        raise InputError("the entity is blank", f"{where}, column {spec.entity}")
    period = _period(row.values[spec.period].strip(), f"{where}, column {spec.period}")
    cells = [_number(row.values[c].strip(), f"{where}, column {c}") for c in spec.columns]
    _checked(cells, spec, where)
    return row.number, entity, period, cells


def _checked(cells: list[float], spec: Spec, where: str) -> None:
    label = cells[0]
    if spec.kind == "binary" and label not in {0.0, 1.0} and not math.isnan(label):
        raise InputError(f"{label:g} is not 0 or 1", f"{where}, column {spec.label}")
    if spec.kind == "count" and not math.isnan(label) and (label < 0 or label != math.floor(label)):
        what = "negative" if label < 0 else "no whole number"
        raise InputError(f"the count {label:g} is {what}", f"{where}, column {spec.label}")
    for column, value in zip(spec.columns, cells, strict=True):
        if column in spec.history and value < 0:
            raise InputError(
                f"{value:g} is negative", f"{where}, column {column}", "history columns are counts"
            )


def _number(text: str, where: str) -> float:
    if text in BLANK:
        return math.nan
    try:
        value = float({"true": "1", "false": "0"}.get(text.lower(), text))
    except ValueError:
        raise InputError(
            f"{text[:40]!r} is not a number", where, "leave a cell empty when it is unknown"
        ) from None
    if math.isinf(value):
        raise InputError(f"{text[:40]!r} is not a finite number", where)
    return value


def _period(text: str, where: str) -> Period:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"{text[:40]!r} is no whole number and no date", where, "write 444 or 2016-12-01"
        ) from None


def _axis(periods: Iterable[Period], name: str) -> Axis:
    unique = set(periods)
    days = sorted(p for p in unique if isinstance(p, date))
    if not days:
        return Axis()
    if len(days) < len(unique):
        raise InputError("some periods are dates and some are numbers", name)
    if len({d.day for d in days}) == 1 and days[0].day <= 28:
        months = reduce(math.gcd, (_distance(days[0], d, 1) for d in days)) or 1
        return Axis(days[0], months=months)
    return Axis(days[0], days=reduce(math.gcd, ((d - days[0]).days for d in days)) or 1)


def _distance(start: date, day: date, months: int) -> int:
    return (day.year - start.year) * 12 + day.month - start.month if months else (day - start).days


def _cube(rows: list[Line], spec: Spec, axis: Axis, name: str) -> Cube:
    at = [(entity, axis.index(period, f"{name}: row {number}")) for number, entity, period, _ in rows]
    _no_twins(zip(at, (row[0] for row in rows), strict=True), name)
    first, last = min(t for _, t in at), max(t for _, t in at)
    names = {entity: i for i, entity in enumerate(sorted({entity for entity, _ in at}))}
    where = np.array([names[entity] for entity, _ in at]), np.array([t - first for _, t in at])
    shape = (len(names), last - first + 1)
    if shape[1] > 50 * len(rows):
        raise InputError(f"periods run from {first} to {last}, far apart", name, "periods are consecutive")
    exists = np.zeros(shape, dtype=np.bool_)
    exists[where] = True
    columns = {}
    for k, column in enumerate(spec.columns):
        columns[column] = np.full(shape, np.nan)
        columns[column][where] = [cells[k] for *_, cells in rows]
    return Cube(tuple(names), np.arange(first, last + 1), columns, exists)


def _no_twins(keys: Iterator[tuple[tuple[str, int], int]], name: str) -> None:
    seen: dict[tuple[str, int], int] = {}
    for key, number in keys:
        if key in seen:
            raise InputError(
                f"{key[0]} has two rows for one period, rows {seen[key]} and {number}",
                name,
                "keep one of them",
            )
        seen[key] = number
