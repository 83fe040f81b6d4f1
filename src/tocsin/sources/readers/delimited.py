"""Delimited text (RFC 4180): comma, semicolon or tab, with a header row."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import IO, TYPE_CHECKING

from tocsin.errors import InputError
from tocsin.sources.readers import table
from tocsin.sources.readers.lines import text_lines

if TYPE_CHECKING:
    from _csv import Reader as CsvReader


def delimited(stream: IO[bytes], name: str, wanted: Sequence[str] = ()) -> table.Table:
    """The table of a delimited file; a row is numbered by the line it ends on.

    Rows hold the columns `wanted` alone where the file has them all.

    A row whose number of fields differs from the header's carries the fault. Every value is text: nothing is
    read as missing because of how it is spelt (`NA` stays `NA`).
    Raises InputError for no header, a column named twice, bytes that are not UTF-8, a field that never ends.
    """
    lines = text_lines(stream, name)
    first = next(lines, "")
    reader = csv.reader(chain([first], lines), delimiter=max(",;\t", key=first.count))
    columns = table.header(name, next(_cells(reader, name), []))
    return table.Table(name, columns, _rows(reader, name, columns, wanted))


def _rows(
    reader: CsvReader, name: str, columns: tuple[str, ...], wanted: Sequence[str]
) -> Iterator[table.Row]:
    at = [columns.index(c) for c in wanted] if set(wanted) <= set(columns) else []
    for cells in _cells(reader, name):
        if at and len(cells) == len(columns):
            yield table.row(wanted, reader.line_num, [cells[i] for i in at])
        elif cells:
            yield table.row(columns, reader.line_num, cells)


def _cells(reader: CsvReader, name: str) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise InputError(
            f"line {reader.line_num}: {error}", name, "check the quotation marks before this line"
        ) from error
