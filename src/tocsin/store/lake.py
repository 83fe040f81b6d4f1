"""The lake: what was observed, as immutable Parquet parts under one manifest.

A reader takes one manifest (a generation) and never waits; a writer adds parts and commits them all at once,
or none. Most tables hold nouns, row by row; those of slices hold whole files of a publisher and are never
read into nouns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import narwhals as nw

from tocsin.errors import HomeBusy, HomeDamaged, HomeError
from tocsin.sources.slices import Delivered, Slice, SliceAccount
from tocsin.store import merging, parts
from tocsin.store.bulk import Step, read_slices
from tocsin.store.engine import first_line, kept
from tocsin.store.lock import writing
from tocsin.store.parts import Generation, Part
from tocsin.store.rows import columns, from_row
from tocsin.store.slicelog import TABLE, Judging
from tocsin.store.staging import spooled, staged
from tocsin.store.tables import TABLES, Table

Take = Callable[[SliceAccount], None]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest version of a row: its id, the row it replaces, and the end of its `known`."""

    id: str
    replaces: str
    known: datetime | None


class Lake:
    """The lake under `folder`; `lock` is the writer's lock of the home it belongs to."""

    def __init__(self, folder: Path, lock: Path) -> None:
        self.folder, self._lock = folder, lock

    def generation(self) -> Generation:
        """The newest committed state. Raises NewerHome or HomeDamaged."""
        return parts.newest(self.folder)

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

        found = _unreplaced([from_row(spec.noun, row) for row in self.ask(table, wanted)])
        return _newest_known(found) if spec.corrected else found

    def project(self, table: str, as_of: datetime, columns: Mapping[str, str]) -> list[dict[str, Any]]:
        """Some columns (name to SQL expression over the row) of the rows known at `as_of`, in reading order.

        For tables too large to be read as nouns; rows that were replaced are still there.
        """
        spec = TABLES[table]

        def wanted(frame: Any) -> Any:
            seen = nw.to_native(frame.filter(_visible(spec, as_of, False)).sort(*spec.order))
            return nw.from_native(seen.project(", ".join(f'{told} AS "{n}"' for n, told in columns.items())))

        return self.ask(table, wanted)

    def ask(self, table: str, question: Callable[[Any], Any], bare: bool = False) -> list[dict[str, Any]]:
        """What a question to the whole table gives: from a frame of all that lies there to a frame.

        For the store alone: nothing is filtered by `known`. `bare` tables have no noun.
        """

        def answer(state: Generation) -> list[dict[str, Any]]:
            files = [str(self.folder / p.file) for p in state.of(table)]
            if not files:
                return []
            with kept() as con:
                there = con.read_parquet(files, union_by_name=True)
                return _fetch(question(nw.from_native(there if bare else _whole(there, TABLES[table]))))

        return self._steady(table, answer)

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

        given, total = 0, sum(p.rows for p in self.generation().of(table))
        while given < total:
            rows, looked = self._steady(
                table, partial(_from_row, self.folder, table, range(given, total), wanted)
            )
            yield from rows
            given += looked

    def ids(self, table: str) -> set[str]:
        """The ids of every row of a table, whenever known: for writers, never for a model."""
        return {row["id"] for row in self.ask(table, lambda frame: frame.select("id"))}

    def undated(self, table: str) -> set[str]:
        """The ids of the rows that have no `known`."""
        rows = self.ask(table, lambda frame: frame.filter(nw.col("known").is_null()).select("id"))
        return {row["id"] for row in rows}

    def standing(self, table: str, source: str) -> dict[str, Standing]:
        """The newest version of each row of a source by the source's own id: for writers alone."""
        wanted = ("external_id", "id", "replaces", "known_end", "recorded")

        def theirs(frame: Any) -> Any:
            return frame.filter(nw.col("source") == source).select(*wanted).sort("recorded")

        found: dict[str, Standing] = {}
        for row in self.ask(table, theirs):
            end = row["known_end"].replace(tzinfo=UTC) if row["known_end"] else None
            there = found.get(row["external_id"] or "")
            if there is None or there.known is None or end is None or end >= there.known:
                found[row["external_id"] or ""] = Standing(row["id"], row["replaces"] or "", end)
        return {key: stands for key, stands in found.items() if key}

    def workshop(self) -> AbstractContextManager[Path]:
        """A folder for files that are read and thrown away."""
        return parts.workshop(self.folder)

    def write(
        self,
        rows: Mapping[str, Iterable[Any]],
        who: str,
        slices: Iterable[Delivered] = (),
        took: Take = lambda _: None,
    ) -> dict[str, int]:
        """Add nouns and whole slices to tables in one commit and return how many rows were new in each.

        A row whose id is there already is left out: writing twice changes nothing. `took` is told what became
        of each slice once all is written. Raises HomeBusy when another writer does not finish in time or has
        written the same slices; OSError (disk full, read-only) leaves the old state whole.
        """
        spools: dict[str, Path] = {}
        step = Step()
        try:
            for table, nouns in rows.items():
                spools[table] = spooled(self.folder, TABLES[table], nouns)
            judged = self.generation()
            step = read_slices(self.folder, slices, Judging(self.ask))
            if step.slices:
                spools[TABLE] = spooled(self.folder, TABLES[TABLE], step.slices)
            with writing(self._lock, who):
                new = self._commit(spools, step, judged)
        except (duckdb.Error, OSError) as e:
            raise HomeError(f"{self.folder}: nothing was written: {first_line(e)}") from e
        finally:
            step.drop()
            for spool in spools.values():
                spool.unlink(missing_ok=True)
        for account in step.accounts:
            took(account)
        tables = dict.fromkeys([*spools, *(p.table for p in step.pieces)])
        return {table: sum(p.rows for p in new if p.table == table) for table in tables}

    def check(self) -> list[str]:
        """Every part that is missing or does not match its hash, in words; empty when all is well."""
        return parts.faults(self.folder, self.generation())

    def _steady(self, table: str, attempt: Callable[[Generation], Answer]) -> Answer:
        """What an attempt at the newest state gives; anew where that state was swept away meanwhile."""
        while True:
            state = self.generation()
            try:
                return attempt(state)
            except duckdb.Error as e:
                if self.generation().number == state.number:
                    remedy = "see tocsin check home, and restore it from a backup"
                    said = f"{self.folder}: {table} cannot be read: {first_line(e)}; {remedy}"
                    raise HomeDamaged(said) from e

    def _commit(self, spools: Mapping[str, Path], step: Step, judged: Generation) -> list[Part]:
        """Under the lock: what is new as parts of a new state, which is one with fewer parts if need be."""
        before = self.generation()
        parts.sweep(self.folder, before)
        if step.slices and before.number != judged.number:
            _unmet(step.slices, partial(self.ask, TABLE))
        new = [parts.settled(self.folder, p.table, p.path, p.rows) for p in step.pieces if p.rows]
        if full := {table: lines for table, lines in spools.items() if lines.stat().st_size}:
            with kept() as con:
                for table, lines in full.items():
                    part = staged(con, self.folder, TABLES[table], lines, before.of(table))
                    new += [part] if part else []
        if new:
            made = merging.merged(self.folder, (*before.parts, *new))
            parts.commit(self.folder, Generation(before.number + 1, made))
        return new


def _from_row(
    folder: Path, table: str, wanted: range, question: Callable[[Any], Any], state: Generation
) -> tuple[list[dict[str, Any]], int]:
    """What the part with the first wanted row of a table answers for the wanted ones, and how many it has."""
    first, last = wanted.start, wanted.stop
    for part in state.of(table):
        if first < part.rows:
            with kept() as con:
                there = con.read_parquet(str(folder / part.file), file_row_number=True)
                own = there.filter(f"file_row_number >= {first} AND file_row_number < {last}")
                frame = nw.from_native(own.project("* EXCLUDE (file_row_number)"))
                return _fetch(question(frame)), min(last, part.rows) - first
        first, last = first - part.rows, last - part.rows
    raise HomeDamaged(f"{folder}: {table} has lost rows; restore it from a backup")


def _unmet(slices: Sequence[Slice], ask: Callable[[Callable[[Any], Any]], list[dict[str, Any]]]) -> None:
    """Raises HomeBusy when another process has written one of these slices since they were judged."""
    names, own = [s.name for s in slices], {s.id for s in slices}

    def there(frame: Any) -> Any:
        return frame.filter(nw.col("name").is_in(names)).select("id", "source", "name", "replaces")

    found = ask(there)
    gone = {row["replaces"] for row in found}
    stands = {(row["source"], row["name"]): row["id"] for row in found if row["id"] not in gone}
    for one in slices:
        if one.replaces not in own and stands.get((one.source, one.name), "") != one.replaces:
            raise HomeBusy(f"another process has written {one.name} meanwhile; run it again")


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
