"""One reading of condition rows: every row judged, doubles and contradictions found, files and pages
alike.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tocsin.errors import AddressRefused, FetchFailed, InputError
from tocsin.net import Ask, Validators
from tocsin.sources.condition import Condition
from tocsin.sources.contract import NOTHING, UNCHANGED, Request, Tally
from tocsin.sources.factsheet import FactSheet
from tocsin.sources.feeds.conditions.given import Fault, Given, Maker, Release, RowIgnored
from tocsin.sources.readers.answers import parsed
from tocsin.sources.readers.cells import RowRefused
from tocsin.sources.readers.interface import OFFLINE, based
from tocsin.sources.readers.table import Table
from tocsin.sources.readers.tables import ENDINGS, files, table_of, tables

NONE = Validators()
TAGS = "row of HXL tags"
TWICE = "said twice in the same input"
Reading = Callable[[Mapping[str, Any]], Iterable[Given | Fault]]
"""A function of one row. It raises RowRefused and RowIgnored."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a table: those it must have, those read besides, and those left out by name."""

    needed: Sequence[str]
    known: Sequence[str] = ()
    what: str = ""

    def check(self, table: Table, tally: Tally) -> None:
        """Raises InputError for a table that lacks what is needed; notes columns that nobody knows."""
        lacking = [name for name in self.needed if name not in table.columns]
        if lacking:
            raise InputError(f"lacks {', '.join(lacking)}", table.name, f"is this {self.what}?")
        known = {*self.needed, *self.known}
        tally.columns([c for c in table.columns if c not in known], ())


@dataclass(slots=True)
class Run:
    """One reading of one source. `base` (scheme, host and port) stands in for that of its addresses."""

    request: Request
    sheet: FactSheet
    tally: Tally
    base: str = ""
    unchanged: bool = False
    _said: dict[int, int] = field(default_factory=dict)

    def address(self, name: str) -> str:
        """One of the fact sheet's addresses."""
        return based(self.sheet.address[name], self.base)

    def files(self, endings: tuple[str, ...] = ENDINGS) -> Iterator[Path]:
        """The files to read, each counted; `said twice` is judged within one file."""
        for path in files(self.request.paths, endings):
            self.tally.open()
            self._said = {}
            yield path

    def tables(self) -> Iterator[Table]:
        """The tables of all files. Raises InputError."""
        for path in self.files():
            for table in tables(path):
                self._said = {}
                yield table

    def rows(self, table: Table, read: Reading, release: Release) -> Iterator[Condition]:
        """The conditions of a table's rows."""
        short = Path(table.name).name
        for row in table.rows:
            where = f"{short}, row {row.number}"
            if row.fault:
                self.tally.read()
                self.tally.refuse(where, row.fault)
            elif next(iter(row.values.values()), "").startswith("#"):
                self.tally.read()
                self.tally.ignore(TAGS)
            else:
                yield from self.row(where, row.values, read, release)

    def objects(
        self, items: Iterable[Any], where: str, read: Reading, release: Release
    ) -> Iterator[Condition]:
        """The conditions of rows that are JSON objects."""
        self._said = {}
        for number, item in enumerate(items, 1):
            if isinstance(item, dict):
                yield from self.row(f"{where}, row {number}", item, read, release)
            else:
                self.tally.read()
                self.tally.refuse(f"{where}, row {number}", "is not a JSON object")

    def row(
        self, where: str, values: Mapping[str, Any], read: Reading, release: Release
    ) -> Iterator[Condition]:
        """The conditions of one row, which is used, ignored or refused; faulty cells are refused apart."""
        self.tally.read()
        try:
            found = list(read(values))
        except RowIgnored as why:
            self.tally.ignore(str(why))
            return
        except RowRefused as why:
            self.tally.refuse(where, str(why))
            return
        maker = Maker(self.sheet, release, self.request.recorded)
        wanted = [one for one in found if isinstance(one, Given) and self._asked(one)]
        made = [self._new(maker.condition(one)) for one in wanted]
        for fault in (f for f in [*found, *made] if isinstance(f, Fault)):
            self.tally.read()
            self.tally.refuse(f"{where}, {fault.column}", fault.why)
        new = [c for c in made if isinstance(c, Condition)]
        if new:
            self.tally.use()
        else:
            self.tally.ignore(self._why_none(found, made))
        yield from new

    def fetched(self, url: str, ask: Ask | None = None, validators: Validators | None = None) -> bytes | None:
        """The body behind an address; None when it has not changed. Raises SourceStopped and FetchFailed."""
        if self.request.offline or self.request.fetch is None:
            raise self.tally.stop(OFFLINE)
        try:
            asked = ask or Ask(robots=self.sheet.robots)
            last = self.request.validators.get(url, NONE) if validators is None else validators
            answer = self.request.fetch.fetch(url, last, asked)
        except AddressRefused as error:
            raise self.tally.stop(str(error)) from error
        if validators is None:
            self.tally.validators[url] = answer.validators
        if answer.unchanged:
            self.tally.note(f"{answer.url} has not changed since the last run")
            self.unchanged = True
            return None
        return answer.body

    def answer(self, url: str, query: Mapping[str, str]) -> Any:
        """The JSON that is answered, object or array. Raises FetchFailed, InputError, SourceStopped."""
        body = self.fetched(url, Ask(query=query, accept="application/json", robots=self.sheet.robots), NONE)
        return parsed(body or b"", url)

    def table_at(self, url: str, query: Mapping[str, str]) -> Table:
        """The delimited table behind an address. Raises FetchFailed, InputError, SourceStopped."""
        body = self.fetched(url, Ask(query=query, robots=self.sheet.robots), NONE)
        return table_of(io.BytesIO(body or b""), url)

    def part(self, where: str, part: Callable[[], Iterable[Any]]) -> list[Any]:
        """The rows of one part, all or none: one that cannot be had whole is named, and the others go on."""
        self.tally.open()
        try:
            return list(part())
        except (FetchFailed, InputError) as error:
            self.tally.unreadable(where, str(error))
            return []

    def close(self) -> None:
        """Says when nothing was read, and whether that is well."""
        if not self.tally.rows_read:
            self.tally.note(UNCHANGED if self.unchanged else NOTHING)

    def _asked(self, given: Given) -> bool:
        return self.request.since is None or given.happened.end >= self.request.since

    def _new(self, made: Condition) -> Condition | Fault | None:
        key, says = hash(made.external_id), hash(made.id)
        if key not in self._said:
            self._said[key] = says
            return made
        if self._said[key] == says:
            return None
        return Fault(made.series, f"says {_told(made)}, and an earlier row of the same input says otherwise")

    def _why_none(self, found: Sequence[Any], made: Sequence[Any]) -> str:
        if any(isinstance(one, Fault) for one in [*found, *made]):
            return "no cell of the row could be taken; each is named"
        if made:
            return TWICE
        return f"ended before {self.request.since}" if found else "holds none of the series that are read"


def _told(made: Condition) -> str:
    return made.text or (f"{made.value:g}" if made.value is not None else made.missing)
