"""VIEWS: deaths in state-based conflict, forecast by country and month, from its interface or files.

Layout as in the interface's own specification and in answers quoted by third parties: the base answers
{"runs": [...]}, a run's `cm/sb` answers {next_page, prev_page, page_count, page_cur, row_count, start_date,
end_date, data: [{country_id, month_id, name, isoab, year, month, main_mean, main_mean_ln, main_dich}]}. A
run is named after the last month of data in it; the interface does not say when it came out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tocsin.clock import Moment, Precision
from tocsin.errors import FetchFailed, InputError, UnknownId
from tocsin.sources.contract import NOTHING, UNCHANGED, Gathered, Request, Tally
from tocsin.sources.factsheet import fact_sheet
from tocsin.sources.feeds.conditions.given import Fault, iso3, month_period, number, text
from tocsin.sources.feeds.outlooks.given import Issue, Judge, Said
from tocsin.sources.outlook import Measure, Outlook
from tocsin.sources.readers.answers import Page, count, listed, mapping, paged, parsed
from tocsin.sources.readers.cells import RowRefused
from tocsin.sources.readers.interface import Interface
from tocsin.sources.readers.lines import whole
from tocsin.sources.readers.objects import objects
from tocsin.sources.readers.tables import DELIMITED, files, tables

SOURCE = "views"
PAGE_SIZE = 1_000
FILES = (*DELIMITED, ".json", ".parquet", ".xlsx", ".zip")
NEEDED = ("isoab", "year", "month")
KNOWN = (*NEEDED, "country_id", "month_id", "name", "gwcode", "main_mean", "main_mean_ln", "main_dich")
REMEDY = "the interface asks for no key; look at its address in the fact sheet"
MEASURES = (
    ("main_mean", "deaths in state-based conflict in the month", Measure.EXPECTED),
    ("main_dich", "25 or more deaths in state-based conflict in the month", Measure.PROBABILITY),
)
_RUN = re.compile(
    r"(?:^|.*[^a-z0-9])?(fatalities\d{3}_((?:19|20)\d{2})_(0[1-9]|1[0-2])_t\d{2})", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Views:
    """The source `views`. `base` (scheme, host and port) stands in for that of its addresses."""

    name: str = SOURCE
    base: str = ""

    def read(self, request: Request) -> Iterator[Gathered]:
        """Outlooks, in one step: files, else the newest run, or those named with `only`."""
        tally = Tally(SOURCE)
        interface = Interface(fact_sheet(SOURCE), request, tally, REMEDY, self.base)
        found = _from_files(interface) if request.paths else _fetched(interface)
        yield Gathered(SOURCE, tally, outlooks=tally.guarded(found))


def issue_of(run: str, request: Request) -> Issue:
    """The issue of a run. Raises InputError for a name that is no run of country and month forecasts."""
    found = _RUN.search(run)
    if found is None:
        raise InputError(f"{run[:80]!r} names no run", SOURCE, "such as fatalities003_2025_12_t01")
    made = Moment(datetime(int(found[2]), int(found[3]), 1, tzinfo=UTC), Precision.MONTH)
    return Issue(found[1].lower(), made, request.published)


def _fetched(asking: Interface) -> Iterator[Outlook]:
    request, tally = asking.request, asking.tally
    runs = [run for run in listed(asking.ask(asking.address("runs"), {}).get("runs"), SOURCE) if _dated(run)]
    if not runs:
        raise InputError("lists no run that this source knows", asking.address("runs"))
    for name in request.only:
        if name not in runs:
            raise UnknownId("run of VIEWS", name, runs)
    wanted = request.only or (max(runs, key=_dated),)
    if not request.only and request.cursor.get("run") == wanted[0]:
        tally.cursor["run"] = wanted[0]
        tally.note(UNCHANGED)
        return
    for run in wanted:
        issue = issue_of(run, request)
        if issue.known is None:
            tally.note("the interface does not say when a run came out; known from the day it was read")
        yield from _run(asking, run, issue)


def _run(asking: Interface, run: str, issue: Issue) -> Iterator[Outlook]:
    """The forecasts of one run, all its pages or none."""
    asking.tally.open()
    url = asking.address("run").format(run=run)
    try:
        rows = list(paged(lambda page: _page(asking, url, page), url))
    except (FetchFailed, InputError) as error:
        asking.tally.unreadable(run, str(error))
        return
    yield from _rows(asking, rows, run, issue)
    asking.tally.cursor["run"] = run


def _page(asking: Interface, url: str, page: int) -> Page:
    answer = asking.ask(url, {"page": str(page), "pagesize": str(PAGE_SIZE)})
    asking.request.progress("VIEWS, pages", page, count(answer.get("page_count")))
    return Page(
        listed(answer.get("data"), url), count(answer.get("page_count")), count(answer.get("row_count"))
    )


def _rows(asking: Interface, rows: list[Any], where: str, issue: Issue) -> Iterator[Outlook]:
    table = objects(rows, where)
    _check(table.columns, where, asking.tally)
    yield from Judge(asking.tally, asking.request).rows(where, table.rows, outlooks, issue)
    if not asking.tally.rows_read:
        asking.tally.note(NOTHING)


def _from_files(asking: Interface) -> Iterator[Outlook]:
    request, tally = asking.request, asking.tally
    for path in files(request.paths, FILES):
        tally.open()
        issue = issue_of(request.release or path.name, request)
        if path.suffix.lower() == ".json":
            where = str(path)
            answer = mapping(parsed(whole(path), where), where)
            yield from _rows(asking, listed(answer.get("data"), where), where, issue)
            continue
        for table in tables(path):
            _check(table.columns, table.name, tally)
            yield from Judge(tally, request).rows(table.name, table.rows, outlooks, issue)


def _check(columns: tuple[str, ...], where: str, tally: Tally) -> None:
    lacking = [name for name in NEEDED if name not in columns]
    if lacking or not {name for name, *_ in MEASURES} & set(columns):
        lacking = lacking or [name for name, *_ in MEASURES]
        raise InputError(
            f"lacks {', '.join(lacking)}", where, "are these country and month forecasts of VIEWS?"
        )
    tally.columns(
        [c for c in columns if c not in KNOWN], [c for c in ("main_mean", "main_dich") if c not in columns]
    )


def outlooks(row: Mapping[str, str]) -> Iterator[Said | Fault]:
    """The expected deaths and the chance of 25 or more, of one country and month."""
    year, month = text(row, "year"), text(row, "month")
    if not (re.fullmatch(r"(19|20)\d{2}", year) and re.fullmatch(r"0?[1-9]|1[0-2]", month)):
        raise RowRefused(f"{year[:20]!r}, {month[:20]!r} is not a year and a month")
    window = month_period(int(year), int(month))
    state = iso3(text(row, "isoab"), window.start)
    for column, outcome, measure in MEASURES:
        if not text(row, column):
            continue
        try:
            most = 1.0 if measure is Measure.PROBABILITY else float("inf")
            value = number(row[column], column, 0, most)
        except RowRefused as why:
            yield Fault(column, str(why))
            continue
        yield Said(state.iso3, text(row, "name") or state.name, outcome, measure, value, window)


def _dated(run: Any) -> tuple[str, str, str]:
    """By what runs are ordered: last month of data, then model; empty for what is no such run."""
    found = re.fullmatch(r"(fatalities\d{3})_(\d{4}_\d{2})_(t\d{2})", run) if isinstance(run, str) else None
    return (found[2], found[1], found[3]) if found else ()  # type: ignore[return-value]
