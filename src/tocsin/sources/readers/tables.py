"""Tables in whatever form a file has: delimited text, Parquet, workbooks, archives of delimited text."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from tocsin.errors import InputError
from tocsin.sources.readers import archive
from tocsin.sources.readers.columnar import columnar
from tocsin.sources.readers.delimited import delimited
from tocsin.sources.readers.table import Table
from tocsin.sources.readers.workbook import workbook

DELIMITED = (".csv", ".tsv", ".tab", ".txt")
ENDINGS = (*DELIMITED, ".zip", ".xlsx", ".parquet")
_PAGES = ("<", "{", "[")
"""What the first column of a file begins with that is a web page or JSON under the name of a table."""


def tables(path: Path) -> Iterator[Table]:
    """The tables of one file, named by the file (and the member, in an archive); use one before the next.

    Raises InputError for a file that cannot be read or is no table, TooLarge for one over the caps.
    """
    ending = path.suffix.lower()
    if not path.exists():
        raise InputError("there is no such file", str(path))
    if ending == ".parquet":
        yield columnar(path)
    elif ending == ".xlsx":
        yield workbook(path)
    elif ending == ".zip":
        with archive.opened(path, str(path)) as opened:
            yield from _members(opened, path)
    elif ending in DELIMITED:
        with _stream(path) as stream:
            yield table_of(stream, str(path))
    else:
        raise InputError("is not a form this source reads", str(path), f"bring {', '.join(ENDINGS)}")


def table_of(stream: IO[bytes], name: str) -> Table:
    """The table of delimited text. Raises InputError, also for a web page or JSON in its place."""
    table = delimited(stream, name)
    if table.columns[0].startswith(_PAGES):
        raise InputError("is a web page or JSON, not a table", name, "fetch the file itself again")
    return table


def files(paths: Iterable[Path], endings: tuple[str, ...] = ENDINGS) -> Iterator[Path]:
    """The files of the paths; folders are looked through for the endings."""
    for path in paths:
        inside = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        yield from (p for p in inside if p == path or p.suffix.lower() in endings)


def _members(opened: zipfile.ZipFile, path: Path) -> Iterator[Table]:
    names = archive.members(opened, DELIMITED)
    if not names:
        raise InputError("holds no table", str(path), f"an archive holds {', '.join(DELIMITED)}")
    for inside in names:
        where = f"{path}!{inside}"
        with archive.member(opened, inside, where) as stream:
            yield table_of(stream, where)


def _stream(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", str(path)) from error
