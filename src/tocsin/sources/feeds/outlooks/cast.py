"""ACLED CAST: events that ACLED expects by first-level area and month, from the user's account or exports.

Columns of `/api/cast/read` and of the export: country, admin1, month, year, total_forecast,
battles_forecast, erv_forecast, vac_forecast, the same with _observed, timestamp. The rows stay in the home
(terms in the sheet).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from tocsin.clock import Moment, Precision
from tocsin.errors import FetchFailed, InputError
from tocsin.sources.contract import NOTHING, Gathered, Request, Tally
from tocsin.sources.factsheet import fact_sheet
from tocsin.sources.feeds.acled_api import PAGE_SIZE, REMEDY, Account
from tocsin.sources.feeds.conditions.given import Fault, absent, month_period, number, text
from tocsin.sources.feeds.outlooks.given import Issue, Judge, Said
from tocsin.sources.outlook import Measure, Outlook
from tocsin.sources.readers.answers import Page, listed, paged
from tocsin.sources.readers.cells import RowRefused, by_country_name
from tocsin.sources.readers.interface import Interface
from tocsin.sources.readers.objects import objects
from tocsin.sources.readers.table import Table
from tocsin.sources.readers.tables import files, tables

SOURCE = "acled_cast"
NEEDED = ("country", "admin1", "month", "year", "total_forecast")
KINDS = {
    "total_forecast": "events of political violence in the month",
    "battles_forecast": "battles in the month",
    "erv_forecast": "explosions and remote violence in the month",
    "vac_forecast": "violence against civilians in the month",
}
KNOWN = (*NEEDED, *KINDS, *(name.replace("forecast", "observed") for name in KINDS), "timestamp")
_NAMED = ["january", "february", "march", "april", "may", "june", "july", "august"]
MONTHS = [*_NAMED, "september", "october", "november", "december"]


@dataclass(frozen=True, slots=True)
class Cast:
    """The source `acled_cast`. `base` (scheme, host and port) stands in for that of its addresses."""

    name: str = SOURCE
    base: str = ""

    def read(self, request: Request) -> Iterator[Gathered]:
        """Outlooks, in one step."""
        tally = Tally(SOURCE)
        interface = Interface(fact_sheet(SOURCE), request, tally, REMEDY, self.base)
        found = _from_files(interface) if request.paths else _fetched(interface)
        yield Gathered(SOURCE, tally, outlooks=tally.guarded(found))


def _fetched(asking: Interface) -> Iterator[Outlook]:
    """The months from last month on: the account's pages, all or none."""
    asking.tally.open()
    account, now = Account(), asking.request.recorded
    rows: list[Any] = []
    for year in (now.year, now.year + 1):
        try:
            rows += paged(partial(_page, asking, account, year), asking.address("read"))
        except (FetchFailed, InputError) as error:
            asking.tally.unreadable(f"{SOURCE}, {year}", str(error))
            return
    if rows:
        yield from _table(asking, objects(rows, SOURCE))
    else:
        asking.tally.note(NOTHING)


def _page(asking: Interface, account: Account, year: int, page: int) -> Page:
    url = asking.address("read")
    query = {"_format": "json", "limit": str(PAGE_SIZE), "page": str(page), "year": str(year)}
    answer = asking.ask(url, query, {"Authorization": account.bearer(asking)})
    if answer.get("success") is False:
        raise InputError("reports a failure", url, REMEDY)
    return Page(listed(answer.get("data"), url))


def _from_files(asking: Interface) -> Iterator[Outlook]:
    for path in files(asking.request.paths):
        asking.tally.open()
        for table in tables(path):
            yield from _table(asking, table)


def _table(asking: Interface, table: Table) -> Iterator[Outlook]:
    tally, request = asking.tally, asking.request
    lacking = [name for name in NEEDED if name not in table.columns]
    if lacking:
        raise InputError(f"lacks {', '.join(lacking)}", table.name, "is this an export of ACLED CAST?")
    tally.columns([c for c in table.columns if c not in KNOWN], [c for c in KINDS if c not in table.columns])
    judge = Judge(tally, request)
    for row in table.rows:
        issue = issued(row.values.get("timestamp", ""), request)
        yield from judge.rows(table.name, (row,), said, issue)


def issued(stamp: str, request: Request) -> Issue:
    """The run that a row is of: the day of its stamp (seconds since 1970), or the release that is stated."""
    if not re.fullmatch(r"\d{9,10}", stamp.strip()):
        return Issue(request.release, None, request.published)
    at = datetime.fromtimestamp(int(stamp), UTC)
    made = Moment(at, Precision.INSTANT)
    return Issue(request.release or f"{at:%Y-%m-%d}", made, request.published or made)


def said(row: Mapping[str, str]) -> Iterator[Said | Fault]:
    """The events expected in one area and month, by kind."""
    year, month = text(row, "year"), text(row, "month").lower()
    number_of = MONTHS.index(month) + 1 if month in MONTHS else int(month) if _MONTH.fullmatch(month) else 0
    if not re.fullmatch(r"(19|20)\d{2}", year) or not number_of:
        raise RowRefused(f"{year[:20]!r}, {month[:20]!r} is not a year and a month")
    window, area = month_period(int(year), number_of), text(row, "admin1")
    if not area:
        raise RowRefused("admin1 is empty: it names no area")
    state = by_country_name(text(row, "country"), window.start)
    for column, outcome in KINDS.items():
        if absent(row.get(column)):
            continue
        try:
            value = number(row[column], column, 0)
        except RowRefused as why:
            yield Fault(column, str(why))
            continue
        yield Said(state.iso3, text(row, "country"), outcome, Measure.EXPECTED, value, window, area)


_MONTH = re.compile(r"0?[1-9]|1[0-2]")
