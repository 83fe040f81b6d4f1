"""A table as read, whatever its form: column names, then rows of text by column name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from tocsin.errors import InputError

MIDNIGHT = (" 00:00:00", " 00:00:00.000")
"""How forms that know only instants write a day."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `overflow` holds the fields beyond the header; `fault` says why the row cannot be aligned."""

    number: int
    values: dict[str, str]
    overflow: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of one file (`name` says which), its columns in order, its rows lazily."""

    name: str
    columns: tuple[str, ...]
    rows: Iterator[Row]


def header(name: str, cells: Iterable[Any]) -> tuple[str, ...]:
    """The column names. Raises InputError for an empty header or a name that stands twice."""
    columns = tuple(plain(cell).strip() for cell in cells)
    if not any(columns):
        raise InputError("has no header row", name, "the first row must name the columns")
    twice = [column for column, times in Counter(columns).items() if times > 1]
    if twice:
        raise InputError(f"names the column {twice[0]!r} twice", name, "keep one of them")
    return columns


def row(columns: Sequence[str], number: int, cells: Sequence[Any]) -> Row:
    """A row under its header; with fewer or more fields it carries the fault."""
    values = dict(zip(columns, map(plain, cells), strict=False))
    if len(cells) == len(columns):
        return Row(number, values)
    fault = f"{len(cells)} fields under a header of {len(columns)}"
    return Row(number, values, tuple(map(plain, cells[len(columns) :])), fault)


def plain(value: Any) -> str:
    """One text for one value in every form: no trailing `.0`, a day without its midnight, absent as empty."""
    if isinstance(value, str):
        return value[:10] if len(value) > 18 and value[10:] in MIDNIGHT else value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)
