"""conflictforecast.org: chances of armed conflict by country, from its list of newest files, or files.

Layout as third parties describe it: the list answers [{name, publicUrl, created}]; a file is CSV with the
country under isocode (or iso3, iso, iso_code, isoab), `period` (YYYYMM) and value columns such as
`ons_armedconf_03_all`. Of the variants `_all` is read before `_text` and `_hist`; `_naive` is a baseline
and `_target` what happened. A file holds every month anew, estimated again: its last month alone is a
forecast.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

from tocsin.clock import Moment, Period, Precision, add_months
from tocsin.errors import FetchFailed, InputError
from tocsin.net import Ask
from tocsin.sources.contract import NOTHING, Gathered, Request, Tally
from tocsin.sources.factsheet import fact_sheet
from tocsin.sources.feeds.conditions.given import Fault, RowIgnored, absent, iso3, number, text
from tocsin.sources.feeds.conditions.run import Run
from tocsin.sources.feeds.outlooks.given import Issue, Judge, Said
from tocsin.sources.outlook import Measure, Outlook
from tocsin.sources.readers.answers import listed
from tocsin.sources.readers.cells import RowRefused
from tocsin.sources.readers.table import Table
from tocsin.sources.readers.tables import table_of

SOURCE = "conflictforecast"
COUNTRY = ("isocode", "iso3", "iso", "iso_code", "isoab")
VARIANTS = ("_all", "_text", "_hist", "")
OUTCOMES = {
    "ons_armedconf": "an armed conflict begins",
    "ons_anyviolence": "violence begins in a place that had none",
    "armedconf": "armed conflict",
    "anyviolence": "any violence",
}
_SERIES = re.compile(r"(?P<outcome>[a-z]+(?:_[a-z]+)*?)_(?P<months>0?[1-9]|1[0-2])(?P<variant>_[a-z]+)?")


@dataclass(frozen=True, slots=True)
class ConflictForecast:
    """The source `conflictforecast`. `base` (scheme, host and port) stands in for that of its list."""

    name: str = SOURCE
    base: str = ""

    def read(self, request: Request) -> Iterator[Gathered]:
        """Outlooks, in one step."""
        run = Run(request, fact_sheet(SOURCE), Tally(SOURCE), self.base)
        found = _from_files(run) if request.paths else _fetched(run)
        yield Gathered(SOURCE, run.tally, outlooks=run.tally.guarded(found))


def _fetched(run: Run) -> Iterator[Outlook]:
    url = run.address("listing")
    found = 0
    for entry in listed(run.answer(url, {}), url):
        named = entry if isinstance(entry, dict) else {}
        name, at = str(named.get("name") or ""), str(named.get("publicUrl") or "")
        if not name.lower().endswith(".csv") or not _SERIES.search(name.lower()):
            run.tally.note(
                f"left out {name[:80] or 'an entry without a name'}: no file of forecasts by country"
            )
            continue
        found += 1
        yield from _file(run, name, at, _created(named.get("created")))
    if not found:
        raise InputError("lists no file that this source knows", url)
    run.close()


def _file(run: Run, name: str, at: str, created: Moment | None) -> Iterator[Outlook]:
    """The forecasts of one listed file, whole or not at all; the others go on."""
    run.tally.open()
    try:
        body = run.fetched(at, Ask(robots=run.sheet.robots))
        if body is not None:
            yield from _table(run, table_of(BytesIO(body), name), created)
    except (FetchFailed, InputError) as error:
        run.tally.validators.pop(at, None)
        run.tally.unreadable(name, str(error))


def _from_files(run: Run) -> Iterator[Outlook]:
    for table in run.tables():
        yield from _table(run, table, None)
    if not run.tally.rows_read:
        run.tally.note(NOTHING)


def _table(run: Run, table: Table, created: Moment | None) -> Iterator[Outlook]:
    code = next((c for c in table.columns if c.lower() in COUNTRY), "")
    series = chosen(table.columns)
    if not code or not series or "period" not in table.columns:
        what = (
            "the country" if not code else "the period" if series else "a value such as ons_armedconf_03_all"
        )
        raise InputError(f"has no column of {what}", table.name, "is this a file of conflictforecast.org?")
    rows = list(table.rows)
    newest = max((p for p in (_period(row.values.get("period", "")) for row in rows) if p), default=None)
    if newest is None:
        raise InputError("names no month in its column period", table.name)
    issue = Issue(f"{newest:%Y-%m}", _month(newest), run.request.published or created)
    if issue.known is None:
        run.tally.note("the file does not say when it was made; known from the day it was read")
    reader = _Reader(code, series, newest)
    judge = Judge(run.tally, run.request)
    yield from judge.rows(table.name, rows, reader.said, issue)


def chosen(columns: Sequence[str]) -> dict[str, tuple[str, int]]:
    """The columns to read, each with what it forecasts and over how many months; one variant of each."""
    found: dict[tuple[str, int], tuple[int, str]] = {}
    for column in columns:
        match = _SERIES.fullmatch(column.lower())
        if match is None or (match["variant"] or "") not in VARIANTS or match["outcome"] not in OUTCOMES:
            continue
        key, rank = (match["outcome"], int(match["months"])), VARIANTS.index(match["variant"] or "")
        found[key] = min(found.get(key, (9, "")), (rank, column))
    return {column: (OUTCOMES[outcome], months) for (outcome, months), (_, column) in found.items()}


@dataclass(frozen=True, slots=True)
class _Reader:
    code: str
    series: Mapping[str, tuple[str, int]]
    newest: date

    def said(self, row: Mapping[str, str]) -> Iterator[Said | Fault]:
        """The chances of one country from its last month on."""
        period = _period(row["period"])
        if period is None:
            raise RowRefused(f"period {row['period'][:40]!r} is not a month (YYYYMM)")
        if period != self.newest:
            raise RowIgnored("an earlier month, estimated again in this file")
        start = add_months(period, 1)
        state = iso3(row[self.code], start)
        for column, (outcome, months) in self.series.items():
            if absent(row[column]):
                continue
            window = Period(start, add_months(start, months) - timedelta(days=1), Precision.MONTH)
            told = f"{outcome} within {months} months"
            try:
                value = number(row[column], column, 0, 1)
            except RowRefused as why:
                yield Fault(column, str(why))
                continue
            name = text(row, "country") or state.name
            yield Said(state.iso3, name, told, Measure.PROBABILITY, value, window, columns={"column": column})


def _period(told: str) -> date | None:
    found = re.fullmatch(r"((?:19|20)\d{2})-?(0[1-9]|1[0-2])(?:-\d{2})?", told.strip())
    return date(int(found[1]), int(found[2]), 1) if found else None


def _month(on: date) -> Moment:
    return Moment(datetime(on.year, on.month, 1, tzinfo=UTC), Precision.MONTH)


def _created(told: Any) -> Moment | None:
    """When an entry of the list was made (milliseconds since 1970); None where it does not say."""
    if not isinstance(told, int) or isinstance(told, bool) or not 10**12 <= told <= 10**13:
        return None
    return Moment(datetime.fromtimestamp(told / 1000, UTC), Precision.INSTANT)
