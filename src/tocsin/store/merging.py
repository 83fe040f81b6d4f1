"""Many small parts made one, so that a table of ten years opens as quickly as one of a day.

Only parts that follow one another are merged, in their order: the rows of a table stand after it as before.
The writer that finds too many merges them within its own commit; readers of the state before it read on until
the next writer sweeps, and then take the newest state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tocsin.errors import HomeDamaged
from tocsin.store.engine import memory
from tocsin.store.parts import STAGING, Part, settled, spool

ROW_GROUP = 122_880
_GROUP_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Size:
    """Parts below both bounds may stand `most` in a row; then the oldest are merged.

    Up to `together` of them, and up to four times `bytes`: what comes out of it is above the bounds sooner or
    later, and is left alone.
    """

    rows: int
    bytes: int
    most: int
    together: int


SMALL = Size(rows=1 << 15, bytes=8 << 20, most=64, together=1 << 16)
MIDDLE = Size(rows=1 << 22, bytes=64 << 20, most=512, together=64)
"""A quarter of an hour of a publisher is a small part, a day of a long backfill a middle one."""


def merged(folder: Path, parts: Sequence[Part]) -> tuple[Part, ...]:
    """The same rows in the same order, in fewer parts where a table has too many. Raises duckdb.Error."""
    out: list[Part] = []
    for table in dict.fromkeys(p.table for p in parts):
        own = [p for p in parts if p.table == table]
        for size in (SMALL, MIDDLE):
            own = _of_size(folder, own, size)
        out += own
    return tuple(out)


def _of_size(folder: Path, parts: list[Part], size: Size) -> list[Part]:
    if len(parts) <= size.most:
        return parts
    out: list[Part] = []
    for below, run in groupby(parts, lambda p: p.rows < size.rows and _bytes(folder, p) < size.bytes):
        found = list(run)
        many = below and len(found) > size.most
        first = _fitting(folder, found, size) if many else 0
        out += [_one(folder, found[:first]), *found[first:]] if first > 1 else found
    return out


def _fitting(folder: Path, run: Sequence[Part], size: Size) -> int:
    """How many of the oldest go together."""
    total = 0
    for n, part in enumerate(run[: size.together]):
        total += _bytes(folder, part)
        if total > 4 * size.bytes:
            return max(n, 2)
    return min(len(run), size.together)


def _one(folder: Path, parts: Sequence[Part]) -> Part:
    rows, size = sum(p.rows for p in parts), sum(_bytes(folder, p) for p in parts)
    group = max(2048, min(ROW_GROUP, _GROUP_BYTES * rows // max(1, size)))
    written = spool(folder, f"{parts[0].table}.parquet")
    try:
        with memory("600MB", folder / STAGING) as con:
            there = con.read_parquet([str(folder / p.file) for p in parts], union_by_name=True)
            there.write_parquet(str(written), compression="zstd", row_group_size=group)
            found = int(con.read_parquet(str(written)).shape[0])
        if found != rows:
            raise HomeDamaged(f"{folder}: {parts[0].table} has {found} rows where the manifest says {rows}")
        return settled(folder, parts[0].table, written, rows)
    finally:
        written.unlink(missing_ok=True)


def _bytes(folder: Path, part: Part) -> int:
    try:
        return (folder / part.file).stat().st_size
    except FileNotFoundError as e:
        raise HomeDamaged(f"{folder / part.file}: missing; restore it from a backup") from e
