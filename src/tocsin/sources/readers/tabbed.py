"""Tab-separated text as coders of events write it: UTF-8 or ISO-8859-1, stray quotes, tabs at the end.

A line is a row, whatever quotation marks stand in it: a mark that is never closed swallows no other row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO

from tocsin.errors import InputError
from tocsin.sources.readers import table
from tocsin.sources.readers.lines import decoded, text_lines

LATIN = "lines are not UTF-8; read as ISO-8859-1"
_PAGES = ("<", "{", "[")


def tabbed(stream: IO[bytes], name: str, told: Callable[[str], None]) -> table.Table:
    """The table of a tab-separated file with a header row; rows are numbered by their line.

    Each line is read as UTF-8 or, where it is not, as ISO-8859-1, of which `told` hears. Empty cells beyond
    the header are dropped; a row with another number of fields carries the fault. Raises InputError for a web
    page, JSON or UTF-16 in place of the table, and for no header.
    """

    def either(line: bytes, where: str, offset: int) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError:
            if not offset and line.startswith((b"\xff\xfe", b"\xfe\xff")):
                return decoded(line, where, offset)
            told(LATIN)
            return line.decode("iso-8859-1")

    lines = text_lines(stream, name, decode=either)
    first = next(lines, "")
    if first.lstrip().startswith(_PAGES):
        raise InputError("is a web page or JSON, not tab-separated text", name, "fetch the file itself again")
    columns = table.header(name, _without_end(_cells(first), 0))
    return table.Table(name, columns, _rows(lines, columns))


def _rows(lines: Iterator[str], columns: tuple[str, ...]) -> Iterator[table.Row]:
    for number, line in enumerate(lines, 2):
        if line.strip():
            yield table.row(columns, number, _without_end(_cells(line), len(columns)))


def _cells(line: str) -> list[str]:
    return [_bare(cell) for cell in line.rstrip("\r\n").split("\t")]


def _without_end(cells: list[str], least: int) -> list[str]:
    """The cells without empty ones beyond `least`."""
    while len(cells) > least and not cells[-1].strip():
        cells.pop()
    return cells


def _bare(cell: str) -> str:
    """The cell without the quotation marks around it, if they are such (RFC 4180)."""
    inner = cell[1:-1]
    if len(cell) < 2 or cell[0] != '"' or cell[-1] != '"' or '"' in inner.replace('""', ""):
        return cell
    return inner.replace('""', '"')
