"""Slices: whole delivered files of a publisher that are too many rows to be read one by one.

A source says which file, of which layout, and when it was known; the store reads the file into its table and
gives an account of every row. A layout (data/layouts/*.yml) is reviewed data: every column by name, what it
holds, and what makes a row unreadable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

import yaml

from tocsin.clock import Moment
from tocsin.errors import InputError, UnknownId
from tocsin.sources.factsheet import built

LAYOUTS = Path(__file__).parent / "data" / "layouts"
KINDS = ("text", "whole", "number", "flag", "day", "instant", "latitude", "longitude")


@dataclass(frozen=True, slots=True)
class Slice:
    """One delivered file. `path` is where it lies unpacked while it is read; it is not kept.

    `id` is the hash of source, name and content; `name` the publisher's file name, without its folder; `rows`
    is 0 until the store has read it. `known` is when it was out; `replaces` names the slice of the same name
    that it corrects.
    """

    id: str
    source: str
    table: str
    name: str
    address: str
    md5: str
    sha256: str
    known: Moment
    recorded: datetime
    rows: int = 0
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A slice and the unpacked file it is read from, which lies there until the step has been written.

    The store decides whether the slice is new, held, a copy or a correction; `replaces` is set by it.
    """

    slice: Slice
    path: Path


@dataclass(frozen=True, slots=True)
class SliceAccount:
    """What the store did with one slice: rows read = used + ignored + refused."""

    slice: str
    rows_read: int
    used: int
    ignored: Mapping[str, int] = field(default_factory=dict)
    refused: tuple[tuple[str, str], ...] = ()
    refused_rows: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its publisher's name, what it holds, and whether a row without it is refused.

    One that is not `kept` names persons: it is read past and never stored.
    """

    name: str
    kind: str = "text"
    needed: bool = False
    kept: bool = True

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind {self.kind!r} is none of {', '.join(KINDS)}")


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a delivered file without a header, in order, and what its rows are known by.

    `key` is the column (or columns) that names a row; `country` the column with the country code and `codes`
    its code list (`fips`, `iso3`, `iso2`); `day` the column of the day it is about.
    """

    table: str
    separator: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    day: str
    country: str = ""
    codes: str = ""


@cache
def layout(table: str) -> Layout:
    """The layout of a table. Raises UnknownId, and InputError for a layout that cannot be read."""
    path = LAYOUTS / f"{table}.yml"
    if not path.exists():
        raise UnknownId("layout", table, sorted(p.stem for p in LAYOUTS.glob("*.yml")))
    given = dict(yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader))
    columns = given.pop("columns", [])
    read = tuple(built(Column, entry, f"{path.name}: column {n}") for n, entry in enumerate(columns, 1))
    made = built(Layout, {**given, "key": tuple(given.get("key", ())), "columns": read}, path.name)
    named = {column.name for column in read}
    lacking = [n for n in (*made.key, made.day, *([made.country] if made.country else [])) if n not in named]
    if lacking or len(named) != len(read):
        raise InputError(f"columns do not fit: {', '.join(lacking) or 'a name stands twice'}", path.name)
    return made
