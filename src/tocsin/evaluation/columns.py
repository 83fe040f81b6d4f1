"""Some columns of a CSV or Parquet file, texts as texts and numbers as numbers, each fault with its place."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import InputError
from tocsin.sources.readers.columnar import columnar
from tocsin.sources.readers.delimited import delimited
from tocsin.sources.readers.table import Row, Table

Floats = NDArray[np.float64]
BATCH = 2_000
"""Rows held as text at a time."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The columns to read. An empty cell of `gaps` is nan; elsewhere it is a fault."""

    texts: tuple[str, ...]
    numbers: tuple[str, ...]
    gaps: Collection[str] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What was read: `row` numbers each row as the file does; `numbers` (n, k) has the columns `names`."""

    name: str
    row: tuple[int, ...]
    texts: dict[str, list[str]]
    names: tuple[str, ...]
    numbers: Floats
    unread: tuple[str, ...]

    def place(self, i: int, column: str) -> str:
        """File, row and column of a cell, for an error."""
        return place(self.name, self.row[i], column)


def place(name: str, row: int, column: str) -> str:
    """File, row and column in one line."""
    return f"{name}, row {row}, column {column}"


def read_columns(path: Path, choose: Callable[[str, tuple[str, ...]], Wanted]) -> Columns:
    """Read what `choose(file, columns)` wants. Raises InputError for a cell that is missing or no number."""
    with _opened(path) as table:
        wanted = choose(table.name, table.columns)
        row: list[int] = []
        texts: dict[str, list[str]] = {c: [] for c in wanted.texts}
        blocks: list[Floats] = []
        while batch := list(islice(table.rows, BATCH)):
            _aligned(table.name, batch)
            row += [r.number for r in batch]
            for c in wanted.texts:
                texts[c] += _texts(table.name, c, batch)
            blocks.append(_numbers(table.name, batch, wanted))
    if not row:
        raise InputError("holds no rows", table.name, "give a file with at least one row")
    known = {*wanted.texts, *wanted.numbers}
    unread = tuple(c for c in table.columns if c not in known)
    return Columns(table.name, tuple(row), texts, wanted.numbers, np.concatenate(blocks), unread)


@contextmanager
def _opened(path: Path) -> Iterator[Table]:
    if path.suffix.casefold() == ".parquet":
        with path.open("rb"):
            yield columnar(path)
        return
    with path.open("rb") as stream:
        yield delimited(stream, str(path))


def _aligned(name: str, batch: list[Row]) -> None:
    for r in batch:
        if r.fault:
            raise InputError(r.fault, f"{name}, row {r.number}", "give every row one field for each column")


def _texts(name: str, column: str, batch: list[Row]) -> list[str]:
    found = [sys.intern(r.values[column].strip()) for r in batch]
    if "" in found:
        at = place(name, batch[found.index("")].number, column)
        raise InputError("is empty", at, "fill it or leave the row out")
    return found


def _numbers(name: str, batch: list[Row], wanted: Wanted) -> Floats:
    cells = [[r.values[c] for c in wanted.numbers] for r in batch]
    try:
        found = np.array(cells, dtype=np.str_).astype(np.float64) if not wanted.gaps else None
    except ValueError:
        found = None
    if found is None or not np.isfinite(found).all():
        found = np.array([[_number(name, r, c, wanted) for c in wanted.numbers] for r in batch])
    return found.reshape(len(batch), len(wanted.numbers))


def _number(name: str, row: Row, column: str, wanted: Wanted) -> float:
    text = row.values[column].strip()
    if not text and column in wanted.gaps:
        return math.nan
    try:
        number = float(text) if "_" not in text else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        said = f"{text!r} is not a number" if text else "is empty"
        raise InputError(said, place(name, row.number, column), "give a finite number or leave the row out")
    return number
