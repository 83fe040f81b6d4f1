"""DuckDB as the lake uses it: in memory, closed, with no door to the network and a bound to its memory."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "threads": "2",
    "preserve_insertion_order": "true",
    "enable_external_file_cache": "false",
}
_kept = threading.local()
_parents: list[duckdb.DuckDBPyConnection] = []


@contextmanager
def memory(limit: str = "2GB", spill: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of its own, gone at the end; what does not fit into `limit` goes to files under `spill`."""
    held = {"temp_directory": str(spill)} if spill else {}
    con = duckdb.connect(":memory:", config={**_CONFIG, "memory_limit": limit, **held})
    try:
        yield con
    finally:
        con.close()


@contextmanager
def kept() -> Iterator[duckdb.DuckDBPyConnection]:
    """The same database for every short question of a thread: to open one takes longer than most questions.

    Nothing may be made or set in it. After an error, and in a forked process, the next one is new.
    """
    process, con = getattr(_kept, "held", (0, None))
    if con is not None and process != os.getpid():
        # To close it here would wait for threads that only the parent has.
        _parents.append(con)
        con = None
    if con is None:
        con = duckdb.connect(":memory:", config={**_CONFIG, "memory_limit": "2GB"})
    _kept.held = (0, None)
    try:
        yield con
    except BaseException:
        con.close()
        raise
    _kept.held = (os.getpid(), con)


def quoted(text: str) -> str:
    """Text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def named(column: str) -> str:
    """A column's name in SQL."""
    return '"' + column.replace('"', '""') + '"'


def first_line(error: BaseException) -> str:
    """What an error says, in one line."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__
