"""Slices into the lake: whole delivered files of a publisher, read by DuckDB into parts, every row judged.

One pass reads, casts, checks and writes a batch of files; sound rows are in the part, and a file of which as
many rows stand there as it has lines is done. Only a file that falls short is looked at line by line, to say
which of its rows were refused and why. What is written stands in `staging` until the lake commits it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC
from itertools import chain
from pathlib import Path

import duckdb

from tocsin.errors import InputError
from tocsin.sources.contract import DETAIL
from tocsin.sources.slices import Delivered, Layout, Slice, SliceAccount, layout
from tocsin.store import casting
from tocsin.store.engine import first_line, memory, named, quoted
from tocsin.store.lines import Lines, cleaned, counted
from tocsin.store.parts import STAGING, spool

LIMIT = "1200MB"
"""What DuckDB may hold; with much less its writer keeps to one core. Of what it may, it holds about half."""
BATCH = 128 << 20
"""Bytes of text that are read into one part; they also bound a row group of wide rows."""
MANY = 512
"""Files that are read together at most, however small they are."""
TWICE = "stands twice in what was delivered together"
UNTOLD = "cannot be read"
_SHOWN = 60

Judge = Callable[[list[Delivered]], tuple[list[Delivered], list[SliceAccount]]]
"""Tells the slices that are new from those that are left out, and gives the account of these."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A written part that no manifest names yet."""

    table: str
    path: Path
    rows: int


@dataclass(slots=True)
class Step:
    """What a step's slices became: pieces of tables, the slices with their rows, the account of each."""

    pieces: list[Piece] = field(default_factory=list)
    slices: list[Slice] = field(default_factory=list)
    accounts: list[SliceAccount] = field(default_factory=list)

    def drop(self) -> None:
        """Throw away what was written and not committed."""
        for piece in self.pieces:
            piece.path.unlink(missing_ok=True)


@dataclass(slots=True)
class _Work:
    """One slice under way."""

    slice: Slice
    path: Path
    lines: Lines
    used: int = 0
    twice: int = 0
    refused: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()


def read_slices(folder: Path, delivered: Iterable[Delivered], judge: Judge) -> Step:
    """The slices of one step, read into `staging` of the lake's folder.

    Raises InputError for a file that cannot be opened, duckdb.Error and OSError when nothing can be written.
    """
    step, done = Step(), dict[str, list[_Work]]()
    batches = _batches(delivered)
    if (first := next(batches, None)) is None:
        return step
    try:
        with memory(LIMIT, folder / STAGING) as con:
            for batch in chain([first], batches):
                new, left = judge(batch)
                step.accounts += left
                if new:
                    done.setdefault(new[0].slice.table, []).extend(_batch(con, folder, new, step))
            for table, works in done.items():
                _once(con, folder, layout(table), works, step)
    except BaseException:
        step.drop()
        raise
    for work in (w for works in done.values() for w in works):
        step.slices.append(replace(work.slice, rows=work.used))
        step.accounts.append(_account(work))
    return step


def _batches(delivered: Iterable[Delivered]) -> Iterator[list[Delivered]]:
    """Files of one table that are read together, up to BATCH bytes."""
    waiting: dict[str, list[Delivered]] = {}
    held: Counter[str] = Counter()
    for one in delivered:
        table = one.slice.table
        size = _size(one)
        if held[table] + size > BATCH or len(waiting.get(table, ())) == MANY:
            if table in waiting:
                yield waiting.pop(table)
            held[table] = 0
        waiting.setdefault(table, []).append(one)
        held[table] += size
    yield from waiting.values()


def _size(one: Delivered) -> int:
    try:
        return one.path.stat().st_size
    except OSError as e:
        raise InputError(f"cannot be opened ({e.strerror or e})", f"{one.slice.name} at {one.path}") from e


def _batch(
    con: duckdb.DuckDBPyConnection, folder: Path, batch: Sequence[Delivered], step: Step
) -> list[_Work]:
    """Read files into one piece; what each gave is counted in the piece itself."""
    plan = layout(batch[0].slice.table)
    copies: list[Path] = []
    try:
        works = [_Work(d.slice, d.path, _counted(d, plan, folder, copies)) for d in batch]
        _prepare(con, plan)
        piece = spool(folder, f"{plan.table}.parquet")
        step.pieces.append(Piece(plan.table, piece, 0))
        try:
            _copy(con, plan, works, piece)
        except duckdb.Error:
            # What DuckDB gives up on is read again from copies with none but whole lines.
            for work in (w for w in works if w.lines.numbers is None):
                work.lines = _clean(work.path, plan, folder, copies)
            _copied(con, plan, works, piece)
        _judged(con, plan, works, piece)
        for work in (w for w in works if w.used < w.lines.count):
            work.refused = _refused(con, plan, work, folder, copies)
        step.pieces[-1] = replace(step.pieces[-1], rows=sum(w.used for w in works))
        return works
    finally:
        for path in copies:
            path.unlink(missing_ok=True)


def _counted(one: Delivered, plan: Layout, folder: Path, copies: list[Path]) -> Lines:
    return counted(one.path) or _clean(one.path, plan, folder, copies)


def _clean(path: Path, plan: Layout, folder: Path, copies: list[Path]) -> Lines:
    copies.append(spool(folder, "lines.txt"))
    return cleaned(path, copies[-1], len(plan.columns), plan.separator)


def _prepare(con: duckdb.DuckDBPyConnection, plan: Layout) -> None:
    casting.check_names(plan)
    # Pushed down, the checks would cast every column a second time.
    con.execute("SET disabled_optimizers = 'filter_pushdown'")
    if plan.country:
        con.execute(casting.codes_type(plan.codes))


def _copy(con: duckdb.DuckDBPyConnection, plan: Layout, works: Sequence[_Work], piece: Path) -> None:
    """Read, cast, check and write. Looked up in lists, not joined: a join loses the order of the rows."""
    at = (w.slice.known.end.astimezone(UTC).replace(tzinfo=None) for w in works)
    slices = ", ".join(quoted(w.slice.id) for w in works)
    code, iso3 = ("NULL", "NULL::VARCHAR")
    if plan.country:
        code, iso3 = casting.code_number(plan), casting.country(plan)
    con.execute(
        f"COPY (SELECT {casting.written(plan)}, {iso3} AS iso3, {casting.happened(plan)} AS happened, "  # noqa: S608
        f"{casting.dated(at, 'TIMESTAMP')}[file] AS known, ([{slices}])[file] AS slice "
        f"FROM (SELECT *, {casting.values(plan)}, file_index::BIGINT + 1 AS file, {code} AS code "
        f"FROM {casting.text_of(plan, [str(w.lines.path) for w in works])}) WHERE {casting.sound(plan)}) "
        f"TO {quoted(str(piece))} (FORMAT parquet, COMPRESSION zstd)"
    )


def _copied(con: duckdb.DuckDBPyConnection, plan: Layout, works: Sequence[_Work], piece: Path) -> None:
    """As `_copy`; what DuckDB cannot make of whole lines is the fault of the files, not of the home."""
    try:
        _copy(con, plan, works, piece)
    except duckdb.IOException:
        raise
    except duckdb.Error as e:
        where = f"{plan.table}: {works[0].slice.name} to {works[-1].slice.name}"
        raise InputError(f"cannot be read ({first_line(e)})", where) from e


def _judged(con: duckdb.DuckDBPyConnection, plan: Layout, works: Sequence[_Work], piece: Path) -> None:
    """How many rows of each file stand in the piece, and which codes of countries are not known."""
    there = con.read_parquet(str(piece))
    used = dict(there.aggregate("slice, count(*)", "slice").fetchall())
    for work in works:
        work.used = used.get(work.slice.id, 0)
    if plan.country:
        code = named(plan.country)
        lost = there.filter(f"iso3 IS NULL AND {code} IS NOT NULL").aggregate(f"{code}, count(*)", code)
        told = ", ".join(f"{c[:_SHOWN]!r} ({n} rows)" for c, n in sorted(lost.fetchall())[:DETAIL])
        if told:
            works[-1].notes = (f"{plan.table}: no country of the list bears {plan.country} {told}",)


def _refused(
    con: duckdb.DuckDBPyConnection, plan: Layout, work: _Work, folder: Path, copies: list[Path]
) -> tuple[tuple[int, str], ...]:
    """The first rows of a file that are not in the piece: line and reason."""
    lines = work.lines if work.lines.numbers is not None else _clean(work.path, plan, folder, copies)
    rows = con.execute(
        f"SELECT n, wrong, told[wrong + 1] FROM (SELECT row_number() OVER () AS n, "  # noqa: S608
        f"{casting.first_wrong(plan)} AS wrong, {casting.texts(plan)} AS told "
        f"FROM (SELECT *, {casting.values(plan)} FROM {casting.text_of(plan, [str(lines.path)])})) "
        f"WHERE wrong IS NOT NULL ORDER BY n LIMIT {DETAIL}"
    ).fetchall()
    numbers = lines.numbers or ()
    found = [*lines.refused, *((numbers[n - 1], _told(plan, wrong, text)) for n, wrong, text in rows)]
    return tuple(sorted(found)[:DETAIL])


def _told(plan: Layout, number: int, text: str | None) -> str:
    column = plan.columns[number]
    if text is None:
        return f"{column.name} is empty"
    return f"{column.name} {text[:_SHOWN]!r} {casting.WRONG[column.kind]}"


def _once(
    con: duckdb.DuckDBPyConnection, folder: Path, plan: Layout, works: Sequence[_Work], step: Step
) -> None:
    """A key that stands twice among the rows of a step: the later row goes."""
    own = [n for n, p in enumerate(step.pieces) if p.table == plan.table and p.rows]
    if not own:
        return
    key = f"hash({', '.join(map(named, plan.key))})"
    there = con.read_parquet([str(step.pieces[n].path) for n in own])
    rows, different = there.aggregate(f"count(*), count(DISTINCT {key})").fetchall()[0]
    if rows == different:
        return
    _mark_later(con, plan, [step.pieces[n].path for n in own])
    gone = dict(con.table("later").aggregate("slice, count(*)", "slice").fetchall())
    for work in works:
        work.twice = gone.get(work.slice.id, 0)
        work.used -= work.twice
    for n in own:
        step.pieces[n] = _without(con, folder, step.pieces[n])


def _mark_later(con: duckdb.DuckDBPyConnection, plan: Layout, paths: Sequence[Path]) -> None:
    """The table `later`: piece, row of the piece and slice of every row whose key stood before."""
    keys = ", ".join(map(named, plan.key))
    con.execute("CREATE OR REPLACE TABLE pieces (path VARCHAR, number INTEGER)")
    con.execute("INSERT INTO pieces SELECT unnest(?), unnest(?)", [[*map(str, paths)], [*range(len(paths))]])
    listed = ", ".join(quoted(str(p)) for p in paths)
    con.execute(
        f"CREATE OR REPLACE TABLE later AS SELECT path, file_row_number AS number, slice "  # noqa: S608
        f"FROM (SELECT p.path, r.file_row_number, r.slice, "
        f"row_number() OVER (PARTITION BY {keys} ORDER BY p.number, "
        f"r.file_row_number) AS time FROM read_parquet([{listed}], filename=true, file_row_number=true) r "
        f"JOIN pieces p ON p.path = r.filename) WHERE time > 1"
    )


def _without(con: duckdb.DuckDBPyConnection, folder: Path, piece: Piece) -> Piece:
    """A piece without its rows in `later`."""
    gone = (
        con.table("later").filter(f"path = {quoted(str(piece.path))}").aggregate("count(*)").fetchall()[0][0]
    )
    if not gone:
        return piece
    made = spool(folder, f"{piece.table}.parquet")
    con.execute(
        f"COPY (SELECT r.* EXCLUDE (file_row_number) FROM "  # noqa: S608
        f"read_parquet({quoted(str(piece.path))}, file_row_number=true) r "
        f"ANTI JOIN (SELECT number FROM later WHERE path = {quoted(str(piece.path))}) l "
        f"ON l.number = r.file_row_number ORDER BY r.file_row_number) "
        f"TO {quoted(str(made))} (FORMAT parquet, COMPRESSION zstd)"
    )
    made.replace(piece.path)
    return replace(piece, rows=piece.rows - gone)


def _account(work: _Work) -> SliceAccount:
    refused = work.lines.count - work.used - work.twice
    told = [(f"{work.slice.name}, line {n}", why) for n, why in work.refused]
    if refused and len(told) < min(refused, DETAIL):
        told.append((work.slice.name, f"{refused - len(told)} rows: {UNTOLD}"))
    return SliceAccount(
        slice=work.slice.id,
        rows_read=work.lines.count,
        used=work.used,
        ignored={TWICE: work.twice} if work.twice else {},
        refused=tuple(told),
        refused_rows=refused,
        notes=work.notes,
    )
