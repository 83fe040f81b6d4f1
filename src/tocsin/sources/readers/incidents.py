"""Rows of event data sets as incidents: every row used, ignored or refused, files one step each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO

from tocsin.clock import Moment, Precision
from tocsin.errors import InputError
from tocsin.evidence import content_id
from tocsin.sources.contract import NOTHING, Gathered, Request, Tally
from tocsin.sources.expectations import Expectations
from tocsin.sources.factsheet import FactSheet
from tocsin.sources.incident import Incident
from tocsin.sources.readers import archive
from tocsin.sources.readers.cells import RowRefused
from tocsin.sources.readers.lines import unwritable
from tocsin.sources.readers.table import Row, Table
from tocsin.sources.readers.tables import files

TWICE = "said twice in the same reading"
AGAIN = "rows bear the id of an earlier row of the same reading and say something else; the later one stands"
Make = Callable[[Mapping[str, str]], Incident]
"""The incident of a row by column name. It raises RowRefused."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a table: all that are known, those without which a row says nothing, and additions."""

    what: str
    known: Sequence[str]
    needed: Sequence[str]
    extra: Sequence[str] = ()

    def check(self, table: Table, tally: Tally) -> None:
        """Tells what differs. Raises InputError that names the needed columns a table lacks."""
        lacking = [name for name in self.needed if name not in table.columns]
        if lacking:
            raise InputError(f"lacks the columns {', '.join(lacking)}", table.name, f"is this {self.what}?")
        tally.columns(
            [name for name in table.columns if name not in (*self.known, *self.extra)],
            [name for name in self.known if name not in table.columns],
        )


@dataclass(slots=True)
class Judge:
    """Judges the rows of one reading; how full its columns are is measured against the fact sheet."""

    tally: Tally
    since: date | None
    make: Make
    expected: Expectations
    _said: dict[str, str] = field(default_factory=dict)

    def rows(self, table: Table) -> Iterator[Incident]:
        """The incidents of a table's rows, lazily."""
        short = Path(table.name).name or table.name
        for row in table.rows:
            self.tally.read()
            self.expected.measure(row.values.get)
            try:
                made = self._made(row)
            except RowRefused as refusal:
                self.tally.refuse(f"{short}, row {row.number}", str(refusal))
                continue
            if self._wanted(made):
                self.tally.use()
                yield made

    def _made(self, row: Row) -> Incident:
        fault = row.fault or unwritable(*row.values.values())
        if fault:
            raise RowRefused(fault)
        return self.make(row.values)

    def _wanted(self, made: Incident) -> bool:
        if self.since and made.happened.end < self.since:
            self.tally.ignore(f"ended before {self.since}")
            return False
        before = self._said.get(made.external_id)
        if before == made.id:
            self.tally.ignore(TWICE)
            return False
        if before:
            self.tally.note(AGAIN)
        self._said[made.external_id] = made.id
        return True


def no_parts(request: Request, tally: Tally) -> None:
    """Raises SourceStopped for a request that names parts, for a source that has none."""
    if request.only:
        parts = ", ".join(f"{tally.source}/{part}" for part in request.only)
        raise tally.stop(f"has no parts, so {parts} cannot be read; name it alone")


def incident_id(source: str, external_id: str, row: Mapping[str, str]) -> str:
    """The id of an incident: the hash of source, the source's own id, and all that the row states."""
    return content_id("inc", source, external_id, {name: value for name, value in row.items() if value})


def rest(row: Mapping[str, str], taken: frozenset[str]) -> dict[str, str]:
    """The columns that have no field of their own."""
    return {name: value for name, value in row.items() if name not in taken and value}


def not_after(known: Moment, recorded: datetime) -> Moment:
    """When a reader could have it: never after we read it ourselves."""
    return known if known.end <= recorded else Moment(recorded, Precision.INSTANT)


Read = Callable[[IO[bytes], str, Tally], Iterator[Incident]]
"""The incidents of one open file; the second is its name."""


def file_steps(
    sheet: FactSheet, request: Request, endings: tuple[str, ...], read: Read
) -> Iterator[Gathered]:
    """One step for each file of the request; without any, a step that stops."""
    source, found = sheet.id, list(files(request.paths, (*endings, ".zip")))
    if not found:
        tally = Tally(source)
        yield Gathered(source, tally, incidents=tally.guarded(_nothing(sheet, request, endings, tally)))
    for number, path in enumerate(found, 1):
        tally = Tally(source)
        after = len(found) - number
        yield Gathered(
            source,
            tally,
            incidents=tally.guarded(_read(path, _Reading(request, endings, read), tally, after)),
        )
        request.progress(f"{source}: files", number, len(found))


def _nothing(
    sheet: FactSheet, request: Request, endings: tuple[str, ...], tally: Tally
) -> Iterator[Incident]:
    """No incident. Raises SourceStopped where no path was given at all."""
    if not request.paths:
        raise tally.stop(
            f"is read from files only: download them at {sheet.homepage}, bring them with --from"
        )
    tally.note(f"no {', '.join(endings)} or .zip there; {NOTHING}")
    yield from ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the files of a request are read."""

    request: Request
    endings: tuple[str, ...]
    read: Read


def _read(path: Path, reading: _Reading, tally: Tally, after: int) -> Iterator[Incident]:
    tally.open()
    no_parts(reading.request, tally)
    try:
        yield from _opened(path, reading, tally)
    except InputError:
        if after:
            tally.note(f"{after} files after {path.name} were not read")
        raise
    if not tally.rows_read:
        tally.note(f"{path.name} holds no row; {NOTHING}")


def _opened(path: Path, reading: _Reading, tally: Tally) -> Iterator[Incident]:
    endings, read = reading.endings, reading.read
    if path.suffix.lower() == ".zip":
        with archive.opened(path, str(path)) as opened:
            inside = archive.members(opened, endings)
            if not inside:
                raise InputError(f"holds no {', '.join(endings)}", str(path), "is this the right archive?")
            for name in inside:
                with archive.member(opened, name, f"{path}!{name}") as stream:
                    yield from read(stream, f"{path}!{name}", tally)
        return
    if path.suffix.lower() not in endings:
        raise InputError("is not a form this source reads", str(path), f"bring {', '.join(endings)} or .zip")
    try:
        stream = path.open("rb")
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", str(path)) from error
    with stream:
        yield from read(stream, str(path), tally)
