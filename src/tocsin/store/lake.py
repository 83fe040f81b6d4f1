"""The lake: what was observed, as immutable Parquet parts under one manifest.

A commit writes its parts under new names, syncs them, and then replaces `manifest.json` by an atomic rename:
the rows are there exactly when the manifest names them. A reader takes one manifest (a generation) and never
waits. A part that no manifest names is the debris of a killed run; it is swept by the next writer.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import narwhals as nw

from tocsin.errors import HomeDamaged, HomeError, NewerHome
from tocsin.evidence import sha256
from tocsin.store.lock import writing
from tocsin.store.rows import columns, from_row, to_row
from tocsin.store.tables import TABLES, Table

SCHEMA = 1
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "threads": "2",
    "memory_limit": "2GB",
    "preserve_insertion_order": "true",
}
Noun = TypeVar("Noun")


@dataclass(frozen=True, slots=True)
class Part:
    """One immutable Parquet file: table, file name, SHA-256, number of rows."""

    table: str
    file: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest version of a row: its id, the row it replaces, and the end of its `known`."""

    id: str
    replaces: str
    known: datetime | None


@dataclass(frozen=True, slots=True)
class Generation:
    """One state of the lake: its number and the parts it is made of."""

    number: int
    parts: tuple[Part, ...]

    def of(self, table: str) -> list[Part]:
        """The parts of one table, oldest first."""
        return [p for p in self.parts if p.table == table]


class Lake:
    """The lake under `folder`; `lock` is the writer's lock of the home it belongs to."""

    def __init__(self, folder: Path, lock: Path) -> None:
        self.folder, self._lock = folder, lock

    def generation(self) -> Generation:
        """The newest committed state. Raises NewerHome or HomeDamaged."""
        path = self.folder / "manifest.json"
        try:
            stored = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            return Generation(0, ())
        except ValueError as e:
            raise HomeDamaged(f"{path}: the manifest is not JSON ({e}); restore it from a backup") from e
        try:
            if stored["schema"] > SCHEMA:
                raise NewerHome(f"{path}: schema {stored['schema']} is newer than {SCHEMA}; update tocsin")
            return Generation(stored["generation"], tuple(Part(**p) for p in stored["parts"]))
        except (KeyError, TypeError) as e:
            raise HomeDamaged(f"{path}: the manifest lacks {e}; restore it from a backup") from e

    def read(
        self, table: str, as_of: datetime, *, undated: bool = False, where: Mapping[str, str] | None = None
    ) -> list[Any]:
        """Rows of a table as nouns: known at `as_of`, replaced rows left out, columns equal to `where`.

        For facts `as_of` filters on `known`; a row without `known` is seen only with `undated`, which no
        replay sets. For what a turn made it filters on the turn's own `as_of`.
        """
        spec = TABLES[table]

        def wanted(frame: Any) -> Any:
            frame = frame.filter(_visible(spec, as_of, undated))
            for column, value in (where or {}).items():
                frame = frame.filter(nw.col(column) == value)
            return frame.sort(*spec.order)

        found = _unreplaced([from_row(spec.noun, row) for row in self._ask(table, wanted)])
        return _newest_known(found) if spec.corrected else found

    def project(self, table: str, as_of: datetime, columns: Mapping[str, str]) -> list[dict[str, Any]]:
        """Some columns (name to SQL expression over the row) of the rows known at `as_of`, in reading order.

        For tables too large to be read as nouns; rows that were replaced are still there.
        """
        spec = TABLES[table]

        def wanted(frame: Any) -> Any:
            seen = nw.to_native(frame.filter(_visible(spec, as_of, False)).sort(*spec.order))
            return nw.from_native(seen.project(", ".join(f'{told} AS "{n}"' for n, told in columns.items())))

        return self._ask(table, wanted)

    def stored(
        self, table: str, where: Mapping[str, str] | None = None, columns: Sequence[str] = ()
    ) -> Iterator[dict[str, Any]]:
        """The rows as they lie there, part by part, replaced ones too: for audits, never for a model.

        With `columns` only those, as far as a part has them.
        """

        def wanted(frame: Any) -> Any:
            for column, value in (where or {}).items():
                frame = frame.filter(nw.col(column) == value)
            there = frame.collect_schema().names()
            return frame.select(*(name for name in columns if name in there)) if columns else frame

        for part in self.generation().of(table):
            yield from self._ask(table, wanted, [part])

    def ids(self, table: str) -> set[str]:
        """The ids of every row of a table, whenever known: for writers, never for a model."""
        return {row["id"] for row in self._ask(table, lambda frame: frame.select("id"))}

    def undated(self, table: str) -> set[str]:
        """The ids of the rows that have no `known`."""
        rows = self._ask(table, lambda frame: frame.filter(nw.col("known").is_null()).select("id"))
        return {row["id"] for row in rows}

    def standing(self, table: str, source: str) -> dict[str, Standing]:
        """The newest version of each row of a source by the source's own id: for writers alone."""
        wanted = ("external_id", "id", "replaces", "known_end", "recorded")

        def theirs(frame: Any) -> Any:
            return frame.filter(nw.col("source") == source).select(*wanted).sort("recorded")

        found: dict[str, Standing] = {}
        for row in self._ask(table, theirs):
            end = row["known_end"].replace(tzinfo=UTC) if row["known_end"] else None
            there = found.get(row["external_id"] or "")
            if there is None or there.known is None or end is None or end >= there.known:
                found[row["external_id"] or ""] = Standing(row["id"], row["replaces"] or "", end)
        return {key: stands for key, stands in found.items() if key}

    def write(self, rows: Mapping[str, Iterable[Any]], who: str) -> dict[str, int]:
        """Add nouns to tables in one commit and return how many were new in each.

        A row whose id is there already is left out: writing twice changes nothing. Raises HomeBusy when
        another writer does not finish in time; OSError (disk full, read-only) leaves the old state whole.
        """
        spools: dict[str, Path] = {}
        new: list[Part] = []
        try:
            for table, nouns in rows.items():
                spools[table] = self._spool(TABLES[table], nouns)
            with writing(self._lock, who):
                before = self.generation()
                _sweep(self.folder, before)
                for table, spool in spools.items():
                    part = self._stage(TABLES[table], spool, before.of(table))
                    new += [part] if part else []
                if new:
                    self._commit(Generation(before.number + 1, (*before.parts, *new)))
        except (duckdb.Error, OSError) as e:
            raise HomeError(f"{self.folder}: nothing was written: {_first_line(e)}") from e
        finally:
            for spool in spools.values():
                spool.unlink(missing_ok=True)
        return {table: sum(p.rows for p in new if p.table == table) for table in rows}

    def _ask(
        self, table: str, question: Callable[[Any], Any], some: Sequence[Part] | None = None
    ) -> list[dict[str, Any]]:
        parts = self.generation().of(table) if some is None else some
        if not parts:
            return []
        try:
            with _memory() as con:
                there = con.read_parquet([str(self.folder / p.file) for p in parts], union_by_name=True)
                return _fetch(
                    question(nw.from_native(_whole(there, TABLES[table]) if some is None else there))
                )
        except duckdb.Error as e:
            remedy = "see tocsin check home, and restore it from a backup"
            raise HomeDamaged(f"{self.folder}: {table} cannot be read: {_first_line(e)}; {remedy}") from e

    def check(self) -> list[str]:
        """Every part that is missing or does not match its hash, in words; empty when all is well."""
        faults = []
        for part in self.generation().parts:
            path = self.folder / part.file
            if not path.exists():
                faults.append(f"{path}: missing ({part.rows} rows of {part.table})")
            elif sha256(path.read_bytes()) != part.sha256:
                faults.append(f"{path}: changed since it was written ({part.rows} rows of {part.table})")
        return faults

    def _spool(self, spec: Table, nouns: Iterable[Any]) -> Path:
        """Lines on disk, written before the lock is taken: a slow source makes nobody wait."""
        folder = self.folder / "staging"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{os.getpid()}-{uuid.uuid4().hex}-{spec.name}.jsonl"
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

    def _stage(self, spec: Table, spool: Path, old: list[Part]) -> Part | None:
        if spool.stat().st_size == 0:
            return None
        folder = self.folder / spec.name
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{uuid.uuid4().hex}.parquet"
        try:
            rows = self._to_parquet(spec, spool, part, old)
            if rows == 0:
                part.unlink()
                return None
            _sync(part)
            return Part(spec.name, f"{spec.name}/{part.name}", sha256(part.read_bytes()), rows)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def _to_parquet(self, spec: Table, lines: Path, part: Path, old: list[Part]) -> int:
        with _memory() as con:
            stage = con.read_json(
                str(lines),
                format="newline_delimited",
                columns=columns(spec.noun),
                maximum_object_size=1 << 28,
            )
            frame = nw.from_native(stage)
            if old:
                there = con.read_parquet([str(self.folder / p.file) for p in old], union_by_name=True)
                frame = frame.join(nw.from_native(there).select("id"), on="id", how="anti")
            relation: duckdb.DuckDBPyRelation = nw.to_native(frame)
            relation.write_parquet(str(part), compression="zstd")
            return int(con.read_parquet(str(part)).shape[0])

    def _commit(self, generation: Generation) -> None:
        body = {
            "schema": SCHEMA,
            "generation": generation.number,
            "parts": [
                {"table": p.table, "file": p.file, "sha256": p.sha256, "rows": p.rows}
                for p in generation.parts
            ],
        }
        temporary = self.folder / f"manifest.{uuid.uuid4().hex}.tmp"
        try:
            temporary.write_text(json.dumps(body, indent=1) + "\n", "utf-8")
            _sync(temporary)
            for folder in {self.folder / p.table for p in generation.parts}:
                _sync(folder)
            temporary.replace(self.folder / "manifest.json")
        finally:
            temporary.unlink(missing_ok=True)
        _sync(self.folder)


def _sweep(folder: Path, generation: Generation) -> None:
    """Remove what killed writers left; only the holder of the lock writes outside `staging`."""
    named = {p.file for p in generation.parts} | {"manifest.json"}
    for path in [*folder.glob("*/*"), *folder.glob("manifest.*")]:
        name = path.relative_to(folder).as_posix()
        if name in named or (path.parent.name == "staging" and _alive(path.name)):
            continue
        path.unlink(missing_ok=True)


@contextmanager
def _memory() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect(":memory:", config=_CONFIG)
    try:
        yield con
    finally:
        con.close()


def _visible(spec: Table, as_of: datetime, undated: bool) -> nw.Expr:
    at = as_of.astimezone(UTC).replace(tzinfo=None)
    if spec.made_by_turn:
        return nw.col("as_of") <= at
    known = nw.col("known_end") <= at
    return known | nw.col("known").is_null() if undated else known


def _fetch(frame: Any) -> list[dict[str, Any]]:
    relation: duckdb.DuckDBPyRelation = nw.to_native(frame)
    names = relation.columns
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]


def _whole(there: duckdb.DuckDBPyRelation, spec: Table) -> duckdb.DuckDBPyRelation:
    """The same rows with every column of the noun; those that all parts are older than are empty."""
    lacking = [
        f'NULL::{kind} AS "{name}"' for name, kind in columns(spec.noun).items() if name not in there.columns
    ]
    return there.project(", ".join(["*", *lacking])) if lacking else there


def _unreplaced(nouns: list[Any]) -> list[Any]:
    gone = {n.replaces for n in nouns if getattr(n, "replaces", "")}
    return [n for n in nouns if n.id not in gone] if gone else nouns


def _newest_known(nouns: list[Any]) -> list[Any]:
    """Of the versions of a row the one known last: an older release that was read later replaces nothing."""
    best: dict[tuple[str, str], Any] = {}
    for noun in nouns:
        key = (noun.source, noun.external_id or noun.id)
        if key not in best or _age(noun) > _age(best[key]):
            best[key] = noun
    return list(best.values()) if len(best) < len(nouns) else nouns


def _age(noun: Any) -> tuple[datetime, datetime]:
    return (noun.known.end if noun.known else noun.recorded), noun.recorded


def _alive(spool: str) -> bool:
    try:
        os.kill(int(spool.split("-", maxsplit=1)[0]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
