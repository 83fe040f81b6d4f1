"""A panel file as a cube: every cell is a number, unknown, or an error that names its row and column."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path

import numpy as np

from tocsin.errors import InputError
from tocsin.forecasting.axis import Axis, Period, axis_of
from tocsin.forecasting.cube import Cube, Flags, Floats, Ints
from tocsin.forecasting.spec import Spec
from tocsin.sources.readers.columnar import columnar
from tocsin.sources.readers.delimited import delimited
from tocsin.sources.readers.table import Row, Table

BLANK = frozenset({"", "na", "nan", "null", "none"})
"""Cells that say that a figure is unknown, in any case."""

NAMELESS = BLANK - {"na"}
"""Entities that are none. NA is one: the code of Namibia."""

BATCH = 10_000
MOST_COUNT, MOST = 1e15, 1e30
"""The largest count (beyond it not every whole number can be told apart) and the largest other figure."""

SPARSE_PERIODS, SPARSE_CELLS, FEW_CELLS = 50, 100, 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class PanelFile:
    """A cube and how its periods are written."""

    cube: Cube
    axis: Axis


@dataclass(slots=True, eq=False)
class _Columns:
    """The rows as they come: their numbers in the file, and the columns that the spec names."""

    row: list[int] = field(default_factory=list)
    entity: list[str] = field(default_factory=list)
    period: list[Period] = field(default_factory=list)
    figures: list[Floats] = field(default_factory=list)


def read_panel(path: Path, spec: Spec) -> PanelFile:
    """Read the columns that the spec names from CSV or Parquet; no other column is looked at.

    Blank cells (also NA, NaN, null, none) are unknown. An entity's missing periods are unknown, not zero.
    Raises InputError with row and column for a missing column, a key that is blank or stands twice, a cell
    that is no number, a negative count or a binary label other than 0 and 1.
    """
    name, found = str(path), _Columns()
    with _open(path, (spec.entity, spec.period, *spec.columns)) as table:
        for column in (spec.entity, spec.period, *spec.columns):
            if column not in table.columns:
                known = ", ".join(table.columns)
                raise InputError(f"has no column {column!r}", name, f"its columns are {known}")
        periods: dict[str, Period] = {}
        while batch := list(islice(table.rows, BATCH)):
            _add(found, batch, spec, periods, name)
    if not found.row:
        raise InputError("has no rows", name)
    axis = axis_of(set(found.period), name)
    return PanelFile(_cube(found, spec, axis, name), axis)


@contextmanager
def _open(path: Path, wanted: Sequence[str]) -> Iterator[Table]:
    if not path.is_file():
        raise InputError("there is no such file", str(path), "name a CSV or Parquet file")
    if path.suffix.lower() in {".parquet", ".pq"}:
        yield columnar(path, wanted)
        return
    with path.open("rb") as stream:
        yield delimited(stream, str(path), wanted)


def _add(found: _Columns, batch: list[Row], spec: Spec, periods: dict[str, Period], name: str) -> None:
    for row in batch:
        if row.fault:
            raise InputError(row.fault, f"{name}: row {row.number}")

    def place(column: str) -> Callable[[int], str]:
        return lambda i: f"{name}: row {batch[i].number}, column {column}"

    found.row += [row.number for row in batch]
    found.entity += _entities([row.values[spec.entity].strip() for row in batch], place(spec.entity))
    for i, row in enumerate(batch):
        text = row.values[spec.period]
        if text not in periods:
            periods[text] = _period(text.strip(), place(spec.period)(i))
        found.period.append(periods[text])
    block = np.empty((len(batch), len(spec.columns)))
    for k, column in enumerate(spec.columns):
        block[:, k] = _numbers([row.values[column] for row in batch], place(column))
        _checked(block[:, k], column, spec, place(column))
    found.figures.append(block)


def _entities(names: list[str], place: Callable[[int], str]) -> list[str]:
    for i, name in enumerate(names):
        if name.lower() in NAMELESS:
            raise InputError("the entity is blank", place(i), "fill it or leave the row out")
    return names


def _numbers(texts: list[str], place: Callable[[int], str]) -> Floats:
    # cell by cell only where the quick way cannot say what a cell is
    together = "".join(texts)
    if together.isascii() and "_" not in together:
        try:
            found = np.array([float(text or "nan") for text in texts])
        except ValueError:
            pass
        else:
            if not np.isinf(found).any():
                return found
    return np.array([_number(text.strip(), place, i) for i, text in enumerate(texts)])


def _number(text: str, place: Callable[[int], str], i: int) -> float:
    if text.lower() in BLANK:
        return math.nan
    said = {"true": "1", "false": "0"}.get(text.lower(), text)
    try:
        value = float(said) if said.isascii() and "_" not in said else math.nan
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise InputError(
            f"{text[:40]!r} is not a number", place(i), "leave a cell empty when it is unknown"
        ) from None
    if math.isinf(value):
        raise InputError(f"{text[:40]!r} is not a finite number", place(i))
    return value


def _checked(x: Floats, column: str, spec: Spec, place: Callable[[int], str]) -> None:
    """Raises InputError at the first cell that its column cannot hold."""

    def refuse(bad: Flags, what: str, remedy: str = "") -> None:
        if bad.any():
            i = int(np.argmax(bad))
            raise InputError(what.format(f"{x[i]:g}"), place(i), remedy)

    counts = column in spec.history or (column == spec.label and spec.kind == "count")
    refuse(np.abs(x) > (MOST_COUNT if counts else MOST), "{} is too large", "correct it or leave it empty")
    if column == spec.label and spec.kind == "binary":
        refuse(~np.isnan(x) & (x != 0) & (x != 1), "{} is not 0 or 1", "the label of kind binary")
    if column == spec.label and spec.kind == "count":
        refuse(x < 0, "the count {} is negative", "correct it or leave it empty")
        refuse(~np.isnan(x) & (x != np.floor(x)), "the count {} is no whole number", "counts are whole")
    if column in spec.history:
        refuse(x < 0, "{} is negative", "history columns are counts; name others under known")


def _period(text: str, where: str) -> Period:
    if text.lower() in BLANK:
        raise InputError("the period is blank", where, "fill it or leave the row out")
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) <= 15:
        return int(text)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"{text[:40]!r} is no whole number and no date", where, "write 444 or 2016-12-01"
        ) from None


def _cube(found: _Columns, spec: Spec, axis: Axis, name: str) -> Cube:
    place = {p: axis.index(p, name) for p in set(found.period)}
    names = {entity: i for i, entity in enumerate(sorted(set(found.entity)))}
    first, last = min(place.values()), max(place.values())
    shape = (len(names), last - first + 1)
    _dense(shape, len(place), len(found.row), f"{axis.written(first)} to {axis.written(last)}", name)
    who = np.array([names[entity] for entity in found.entity])
    when = np.array([place[p] for p in found.period]) - first
    _no_twins(who * shape[1] + when, found, name)
    exists = np.zeros(shape, dtype=np.bool_)
    exists[who, when] = True
    columns, figures = {}, np.concatenate(found.figures)
    for k, column in enumerate(spec.columns):
        columns[column] = np.full(shape, np.nan)
        columns[column][who, when] = figures[:, k]
    return Cube(tuple(names), np.arange(first, last + 1), columns, exists)


def _dense(shape: tuple[int, int], periods: int, rows: int, span: str, name: str) -> None:
    cells = shape[0] * shape[1]
    if shape[1] > SPARSE_PERIODS * periods or cells > max(FEW_CELLS, SPARSE_CELLS * rows):
        raise InputError(
            f"the periods run from {span}, {shape[1]} of them, and {rows} rows leave nearly all empty",
            name,
            "periods are consecutive: is one mistyped?",
        )


def _no_twins(keys: Ints, found: _Columns, name: str) -> None:
    order = np.argsort(keys, kind="stable")
    twice = np.flatnonzero(np.diff(keys[order]) == 0)
    if len(twice):
        i, j = min((int(order[k]), int(order[k + 1])) for k in twice)
        raise InputError(
            f"{found.entity[i]} has two rows for {found.period[i]}, rows {found.row[i]} and {found.row[j]}",
            name,
            "keep one of them",
        )
