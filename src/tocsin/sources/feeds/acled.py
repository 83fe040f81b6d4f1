"""ACLED: political violence and protest, coded by people, through the user's own account or from own exports.

A first run reads year by year. Later ones read what was changed since (`timestamp`), what the account could
not see before, and what the publisher deleted. The rows stay in the home (terms in the fact sheet).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import IO

from tocsin.sources.contract import NOTHING, Gathered, Request, Tally
from tocsin.sources.expectations import Expectations
from tocsin.sources.factsheet import FactSheet, fact_sheet
from tocsin.sources.feeds.acled_api import DAY, REMEDY, Account, Reading
from tocsin.sources.feeds.acled_row import LAYOUT, SOURCE, incident, withdrawal
from tocsin.sources.incident import Incident
from tocsin.sources.readers.cells import RowRefused, m49
from tocsin.sources.readers.incidents import Judge, file_steps
from tocsin.sources.readers.interface import Interface
from tocsin.sources.readers.lines import unwritable
from tocsin.sources.readers.objects import objects
from tocsin.sources.readers.tables import table_of
from tocsin.sources.withdrawal import Withdrawal

FIRST_YEAR = 1997
ENDINGS = (".csv",)
UNTIL, CHANGED, DELETED = "until", "timestamp", "deleted"
"""Keys of the cursor: the last day the account could see; up to when changes and deletions were read."""


@dataclass(frozen=True, slots=True)
class Acled:
    """The source `acled`. `base` (scheme, host and port) stands in for that of its addresses."""

    name: str = SOURCE
    base: str = ""

    def read(self, request: Request) -> Iterator[Gathered]:
        """Incidents and withdrawals, lazily, in steps; of all countries, or of those named (ISO3)."""
        sheet = fact_sheet(SOURCE)
        if request.paths:
            yield from file_steps(sheet, request, ENDINGS, partial(_file, request, sheet))
            return
        account = Account()
        for part in (part for place in request.only or ("",) for part in parts(request, place)):
            tally = Tally(SOURCE)
            reading = Reading(account, Interface(sheet, request, tally, REMEDY, self.base))
            if part.deleted:
                withdrawn = tally.guarded(_deleted(reading, part))
                yield Gathered(SOURCE, tally, withdrawals=withdrawn)
            else:
                yield Gathered(SOURCE, tally, incidents=tally.guarded(_incidents(reading, part)))


@dataclass(frozen=True, slots=True)
class Part:
    """One step: what is asked, and the key under which the cursor keeps that it was done.

    Under `until` it keeps the last day that the account could see.
    """

    query: dict[str, str]
    key: str = ""
    deleted: bool = False
    until: str = UNTIL


def parts(request: Request, place: str = "") -> Iterator[Part]:
    """The steps of a run, by what earlier runs have done; of one country, or of all.

    The cursor keeps what was done for one country apart from what was done for all. Raises UnknownId.
    """
    of, only = (f"{place} ", {"iso": str(m49(place))}) if place else ("", {})
    done = {key.removeprefix(of): value for key, value in request.cursor.items() if key.startswith(of)}
    for part in _parts(request, done):
        query = part.query if part.deleted else part.query | only
        yield Part(query, of + part.key if part.key else "", part.deleted, f"{of}{UNTIL}")


def _parts(request: Request, cursor: Mapping[str, str]) -> Iterator[Part]:
    recorded = request.recorded
    if until := cursor.get(UNTIL):
        yield Part({"event_date": f"{until}|{recorded.date()}", "event_date_where": "BETWEEN"}, UNTIL)
    first = max(FIRST_YEAR, request.since.year) if request.since else FIRST_YEAR
    years = range(first, recorded.year + 1)
    missing = [year for year in years if f"year {year}" not in cursor]
    for year in missing:
        whole = request.since is None or request.since <= date(year, 1, 1)
        yield Part({"year": str(year)}, f"year {year}" if whole else "")
    read = [cursor[f"year {year}"] for year in years if f"year {year}" in cursor]
    begun = min([*map(int, read), *([_stamp(request)] if missing else [])], default=_stamp(request))
    since = cursor.get(CHANGED, str(begun))
    yield Part({"timestamp": since, "timestamp_where": ">="}, CHANGED)
    gone = {"deleted_timestamp": cursor.get(DELETED, since), "deleted_timestamp_where": ">="}
    yield Part(gone, DELETED, deleted=True)


def _stamp(request: Request) -> int:
    """The time of this run in seconds since 1970, less a day: clocks differ, and changes may be under way."""
    return int(request.recorded.timestamp()) - DAY


def _incidents(reading: Reading, part: Part) -> Iterator[Incident]:
    interface, tally, request = reading.interface, reading.interface.tally, reading.interface.request
    expected = Expectations(interface.sheet.expected, tally)
    make = partial(incident, request=request, sheet=interface.sheet)
    judge = Judge(tally, request.since, make, expected)
    before = 0
    for rows in reading.pages("read", part.query, "event_id_cnty"):
        table = objects(rows, f"acled {' '.join(part.query.values())}", before, sparse=True)
        LAYOUT.check(table, tally)
        yield from judge.rows(table)
        before += len(rows)
    expected.check_fill()
    if not before:
        tally.note(f"{' '.join(part.query.values())}: no row; {NOTHING}")
    if reading.until or part.key == part.until:
        tally.cursor[part.until] = str(reading.until or "")
    if part.key not in ("", part.until):
        tally.cursor[part.key] = str(_stamp(request))


def _deleted(reading: Reading, part: Part) -> Iterator[Withdrawal]:
    tally, request, number = reading.interface.tally, reading.interface.request, 0
    for rows in reading.pages("deleted", part.query, "event_id_cnty"):
        for row in objects(rows, "acled deleted", number).rows:
            tally.read()
            try:
                if fault := row.fault or unwritable(*row.values.values()):
                    raise RowRefused(fault)
                gone = withdrawal(row.values, request)
            except RowRefused as refusal:
                tally.refuse(f"acled deleted, row {row.number}", str(refusal))
                continue
            tally.use()
            yield gone
        number += len(rows)
    if not number:
        tally.note("nothing was deleted since the last run")
    tally.cursor[part.key] = str(_stamp(request))


def _file(
    request: Request, sheet: FactSheet, stream: IO[bytes], name: str, tally: Tally
) -> Iterator[Incident]:
    table = table_of(stream, name)
    LAYOUT.check(table, tally)
    expected = Expectations(sheet.expected, tally)
    make = partial(incident, request=request, sheet=sheet)
    yield from Judge(tally, request.since, make, expected).rows(table)
    expected.check_fill()
