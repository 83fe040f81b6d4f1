"""Parquet files, in batches."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.errors import InputError
from tocsin.sources.readers import table

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

BATCH = 20_000


def columnar(path: Path, wanted: Sequence[str] = ()) -> table.Table:
    """The table of a Parquet file; rows hold the columns `wanted` alone where the file has them all.

    Raises InputError for a broken file.
    """
    import duckdb

    name = str(path)
    try:
        relation = duckdb.connect().read_parquet(glob.escape(name))
        columns = table.header(name, relation.columns)
        if wanted and set(wanted) <= set(relation.columns):
            relation = relation.select(*map(duckdb.ColumnExpression, wanted))
        return table.Table(name, columns, _rows(relation, name))
    except duckdb.Error as error:
        raise InputError(f"is not Parquet that can be read ({_first_line(error)})", name) from error


def _rows(relation: DuckDBPyRelation, name: str) -> Iterator[table.Row]:
    import duckdb

    columns, number = tuple(relation.columns), 0
    try:
        while batch := relation.limit(BATCH, number).fetchall():
            for cells in batch:
                number += 1
                yield table.row(columns, number, cells)
    except duckdb.Error as error:
        raise InputError(f"breaks off after row {number} ({_first_line(error)})", name) from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
