"""UCDP GED: annual and candidate releases, from files in every layout we met, or over the network.

Without a token the bulk files are fetched. With one (UCDP_TOKEN) candidate releases come from the interface,
and so does the annual release when only its later part is asked for (`since`).

Fill rates and layout are expected of every run. Count and freshness are expected of a bulk run that read the
annual file only: a country extract that somebody brings, or a candidate release alone, is rightly small.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tocsin.errors import AddressRefused, FetchFailed, InputError
from tocsin.net import Fetcher, Validators
from tocsin.settings import Secret, secret
from tocsin.sources.contract import NOTHING, UNCHANGED, Gathered, Request, Tally
from tocsin.sources.expectations import Expectations
from tocsin.sources.factsheet import FactSheet, fact_sheet
from tocsin.sources.feeds.ucdp_api import REMEDY, pages
from tocsin.sources.feeds.ucdp_layout import Fit, fit
from tocsin.sources.feeds.ucdp_release import (
    ANNUAL,
    Release,
    annual_on,
    candidates_after,
    named,
    stated,
    unstated,
)
from tocsin.sources.feeds.ucdp_row import SOURCE, Setting, event
from tocsin.sources.readers import archive
from tocsin.sources.readers.cells import RowRefused
from tocsin.sources.readers.delimited import delimited
from tocsin.sources.readers.incidents import no_parts
from tocsin.sources.readers.interface import Interface, based
from tocsin.sources.readers.lines import unwritable
from tocsin.sources.readers.table import Row, Table
from tocsin.sources.readers.tables import tables
from tocsin.sources.record import Event

ENDINGS = (".csv", ".zip", ".xlsx", ".parquet")


@dataclass(frozen=True, slots=True)
class Ucdp:
    """The source `ucdp`. `base` (scheme, host and port) stands in for that of its addresses."""

    name: str = SOURCE
    base: str = ""

    def read(self, request: Request) -> Iterator[Gathered]:
        """Events, lazily: files or the bulk download in one step, or one step a release of the interface."""
        online = not request.paths and not request.offline and request.fetch is not None
        token = secret("UCDP_TOKEN") if online else None
        if token is None:
            run = Run(request, Tally(SOURCE), self.base)
            yield run.step(run.events())
            return
        annual = annual_on(request.recorded.date(), fact_sheet(SOURCE))
        for release in (annual, *candidates_after(annual, request.recorded, fact_sheet(SOURCE))):
            run = Run(request, Tally(SOURCE), self.base)
            yield run.step(run.released(release, token))


@dataclass(slots=True)
class Run:
    """One reading of files, of the bulk download or of one release."""

    request: Request
    tally: Tally
    base: str = ""
    annual_read: bool = False
    changed: bool = False
    sheet: FactSheet = field(default_factory=lambda: fact_sheet(SOURCE))
    expected: Expectations = field(init=False)

    def __post_init__(self) -> None:
        self.expected = Expectations(self.sheet.expected, self.tally)

    def step(self, events: Iterator[Event]) -> Gathered:
        """One step of the source."""
        return Gathered(SOURCE, self.tally, events=self.tally.guarded(events))

    def released(self, release: Release, token: Secret) -> Iterator[Event]:
        """The events of one release, from the interface or, for a whole annual release, in bulk."""
        no_parts(self.request, self.tally)
        if release.layer == ANNUAL and self.request.since is None:
            yield from self._annual(release)
            self._close()
            return
        since = self.request.since if release.layer == ANNUAL else None
        interface = Interface(self.sheet, self.request, self.tally, REMEDY, self.base)
        for table in pages(interface, release, token, since):
            yield from self._rows(table, release)
        self.expected.check_fill()
        if not self.tally.rows_read:
            self.tally.note(NOTHING)

    def events(self) -> Iterator[Event]:
        """The events of all inputs; at the end the expectations. Raises InputError and SourceStopped."""
        no_parts(self.request, self.tally)
        if self.request.paths:
            for path in _files(self.request.paths, self.tally):
                yield from self._file(path)
        else:
            yield from self._bulk()
        self._close()

    def _close(self) -> None:
        if self.annual_read:
            self.expected.check_bulk(self.request.recorded)
        else:
            self.expected.check_fill()
        if not self.tally.rows_read:
            self.tally.note(NOTHING if self.request.paths or self.changed else UNCHANGED)

    def _file(self, path: Path) -> Iterator[Event]:
        ending = path.suffix.lower()
        if path.exists() and ending not in ENDINGS:
            raise InputError("is not a form this source reads", str(path), f"bring {', '.join(ENDINGS)}")
        if ending == ".zip" and path.exists():
            yield from self._zip(path, str(path))
            return
        for table in tables(path):
            yield from self._rows(table, self._release((path.name,)))

    def _zip(self, file: Path | IO[bytes], name: str) -> Iterator[Event]:
        with archive.opened(file, name) as opened:
            found = archive.members(opened, (".csv",))
            if not found:
                raise InputError("holds no CSV file", name, "is this the GED download?")
            for inside in found:
                where = f"{name}!{inside}"
                with archive.member(opened, inside, where) as stream:
                    release = self._release((Path(inside).name, Path(name).name))
                    yield from self._rows(delimited(stream, where), release)

    def _bulk(self) -> Iterator[Event]:
        if self.request.offline or self.request.fetch is None:
            raise self.tally.stop("offline, and no files were given (bring some with --from)")
        annual = annual_on(self.request.recorded.date(), self.sheet)
        yield from self._annual(annual)
        for release in candidates_after(annual, self.request.recorded, self.sheet):
            year, _, month = release.label.split(".")
            url = based(self.sheet.address["candidate"], self.base).format(YY=year, M=month)
            try:
                body = self._fetched(self.request.fetch, url)
            except FetchFailed as error:
                if error.status == 404:
                    self.tally.note(f"candidate release {release.label} is not there ({error})")
                else:
                    self.tally.unreadable(url, str(error))
                continue
            if body is not None:
                yield from self._rows(delimited(io.BytesIO(body), url), self._release((Path(url).name,)))

    def _annual(self, release: Release) -> Iterator[Event]:
        if self.request.fetch is None:
            return
        url = based(self.sheet.address["annual"], self.base).format(release=release.label.replace(".", ""))
        if (body := self._fetched(self.request.fetch, url)) is not None:
            self.annual_read = True
            yield from self._zip(io.BytesIO(body), url)

    def _fetched(self, fetch: Fetcher, url: str) -> bytes | None:
        """The file behind an address; None when it has not changed since the last run."""
        try:
            answer = fetch.fetch(url, self.request.validators.get(url, Validators()))
        except AddressRefused as error:
            raise self.tally.stop(str(error)) from error
        self.tally.validators[url] = answer.validators
        if answer.unchanged:
            self.tally.note(f"{url} has not changed since the last run")
            return None
        self.changed = True
        return answer.body

    def _rows(self, table: Table, release: Release | None) -> Iterator[Event]:
        match = fit(table.name, table.columns)
        self.tally.columns(match.unknown, match.missing)
        setting = Setting(match.layout.month_first, self.request.recorded)
        for number, row in enumerate(table.rows):
            self.tally.read()
            if match.layout.tag_row and not number and _tags(row):
                self.tally.ignore("row of HXL tags")
                continue
            found = self._row(table.name, _aligned(row, match), release, setting)
            if found:
                yield found

    def _row(self, name: str, row: Row, release: Release | None, setting: Setting) -> Event | None:
        self.expected.measure(lambda column: row.values.get(column, ""))
        try:
            if fault := row.fault or unwritable(*row.values.values()):
                raise RowRefused(fault)
            found = event(row.values, self._of_row(row, release), setting)
        except RowRefused as refusal:
            self.tally.refuse(f"{name}, row {row.number}", str(refusal))
            return None
        if row.overflow:
            self.tally.note(
                "rows end in a separator that the header lacks; dropped where every value then fits"
            )
        return self._kept(found)

    def _kept(self, found: Event) -> Event | None:
        self.expected.dated(found.happened.end)
        if self.request.since and found.happened.end < self.request.since:
            self.tally.ignore(f"ended before {self.request.since}")
            return None
        if not found.low <= found.best <= found.high:
            self.tally.note("low, best and high are out of order; kept as published")
        self.tally.use()
        return found

    def _release(self, names: tuple[str, ...]) -> Release | None:
        if self.request.release:
            release = stated(self.request.release, self.sheet)
            if release is None:
                raise InputError(
                    f"{self.request.release!r} is no release", "--release", "such as 25.1 or 26.0.2"
                )
            return release
        release = next(filter(None, (named(name, self.sheet) for name in names)), None)
        if release and release.note:
            self.tally.note(f"{names[0]}: {release.note}")
        return release

    def _of_row(self, row: Row, release: Release | None) -> Release:
        label = row.values.get("ged_version", "")
        if label and not self.request.release:
            of_row = stated(label, self.sheet)
            if of_row:
                if of_row.note:
                    self.tally.note(of_row.note)
                return of_row
        if release:
            return release
        date_known = "--published" if self.request.published else "today's date, because no release is stated"
        self.tally.note(f"known from {date_known}; name the release with --release to date it")
        return unstated(row.values.get("code_status", ""), self.request.published, self.request.recorded)


def _aligned(row: Row, match: Fit) -> Row:
    """The row under the codebook's names; an empty field at the end is dropped where the layout says so."""
    values = dict(zip(match.columns, row.values.values(), strict=False))
    trailing = match.layout.trailing_separator and row.overflow == ("",)
    return Row(row.number, values, row.overflow, "" if trailing else row.fault)


def _files(paths: Iterable[Path], tally: Tally) -> Iterator[Path]:
    """The files of the paths; what a folder holds besides is noted."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for inside in sorted(p for p in path.rglob("*") if p.is_file()):
            if inside.suffix.lower() in ENDINGS:
                yield inside
            else:
                tally.note(f"left out {inside.name}: not {', '.join(ENDINGS)}")


def _tags(row: Row) -> bool:
    """Whether the row holds HXL hashtags (hxlstandard.org) instead of values."""
    filled = [value for value in row.values.values() if value]
    return bool(filled) and all(value.startswith("#") for value in filled)
