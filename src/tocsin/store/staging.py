"""Nouns on their way into a table: lines on disk first, then a part with those that are new."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw

from tocsin.store import parts
from tocsin.store.parts import Part
from tocsin.store.rows import columns, to_row
from tocsin.store.tables import Table


def spooled(folder: Path, spec: Table, nouns: Iterable[Any]) -> Path:
    """Lines on disk, written before the lock is taken: a slow source makes nobody wait."""
    path = parts.spool(folder, f"{spec.name}.jsonl")
    seen: set[str] = set()
    try:
        with path.open("w", encoding="utf-8") as out:
            for noun in nouns:
                if noun.id not in seen:
                    seen.add(noun.id)
                    out.write(json.dumps(to_row(noun), ensure_ascii=False) + "\n")
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def staged(
    con: duckdb.DuckDBPyConnection, folder: Path, spec: Table, lines: Path, old: Sequence[Part]
) -> Part | None:
    """A part with the lines whose id is in none of the old parts; None when there is no such line."""
    part = lines.with_suffix(".parquet")
    try:
        rows = _to_parquet(con, spec, lines, part, [str(folder / p.file) for p in old])
        return parts.settled(folder, spec.name, part, rows) if rows else None
    finally:
        part.unlink(missing_ok=True)


def _to_parquet(con: duckdb.DuckDBPyConnection, spec: Table, lines: Path, part: Path, old: list[str]) -> int:
    stage = con.read_json(
        str(lines), format="newline_delimited", columns=columns(spec.noun), maximum_object_size=1 << 28
    )
    frame = nw.from_native(stage)
    if old:
        there = con.read_parquet(old, union_by_name=True)
        frame = frame.join(nw.from_native(there).select("id"), on="id", how="anti")
    relation: duckdb.DuckDBPyRelation = nw.to_native(frame)
    relation.write_parquet(str(part), compression="zstd")
    return int(con.read_parquet(str(part)).shape[0])
