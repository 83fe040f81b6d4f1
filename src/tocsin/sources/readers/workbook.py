"""Excel workbooks (xlsx): the first sheet, with a header row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tocsin.errors import InputError
from tocsin.sources.readers import archive, table

MAX_UNPACKED = 512 * 1024**2
"""A workbook is held in memory as a whole, so its cap is lower than an archive's."""


def workbook(path: Path) -> table.Table:
    """The table of the first sheet. Raises InputError for a broken file, TooLarge over the cap."""
    from python_calamine import CalamineError, CalamineWorkbook

    name = str(path)
    with archive.opened(path, name, MAX_UNPACKED):
        try:
            rows = CalamineWorkbook.from_path(name).get_sheet_by_index(0).iter_rows()
            columns = table.header(name, next(rows, []))
        except (CalamineError, IndexError, ValueError, OSError) as error:
            raise InputError(f"is not a workbook that can be read ({error})", name) from error
    return table.Table(name, columns, _rows(rows, columns))


def _rows(rows: Iterator[list[Any]], columns: tuple[str, ...]) -> Iterator[table.Row]:
    for number, cells in enumerate(rows, 2):
        if any(cell != "" for cell in cells):
            yield table.row(columns, number, cells)
