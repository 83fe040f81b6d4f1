"""World Development Indicators: the World Bank's interface, version 2, or files of its country-year
layouts.

An answer is a pair: what is claimed of pages, and the rows {indicator, country {id, value},
countryiso3code, date, value, unit, obs_status, decimal}. Layout as in the World Bank's help pages
(Indicators API, new features of version 2) and as third parties describe answers of 2026: aggregates bear
codes of their own, and nothing in an answer tells them from states; they are known by not being in the
country table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from tocsin.clock import Moment, parse_moment
from tocsin.errors import InputError, UnknownId
from tocsin.sources.condition import Condition
from tocsin.sources.contract import Gathered, Request, Tally
from tocsin.sources.factsheet import fact_sheet
from tocsin.sources.feeds.conditions.given import (
    Fault,
    Given,
    Release,
    RowIgnored,
    iso3,
    release_stated,
    whole_year,
)
from tocsin.sources.feeds.conditions.run import Layout, Run
from tocsin.sources.feeds.conditions.series import Series, known, measured, or_refused, reviewed
from tocsin.sources.readers.answers import Page, count, listed, mapping, paged, parsed
from tocsin.sources.readers.cells import RowRefused
from tocsin.sources.readers.lines import whole
from tocsin.sources.readers.table import Table
from tocsin.sources.readers.tables import DELIMITED, tables

SOURCE = "worldbank"
PER_PAGE = 20_000
WIDE = Layout(("Country Name", "Country Code", "Indicator Code"), ("Indicator Name",), "the bulk table")
LONG = Layout(("Country Name", "Country Code", "Year", "Value"), (), "a table of one series")
AGGREGATE = "an aggregate of states"


@cache
def aggregates() -> frozenset[str]:
    """Codes that the World Bank gives to regions and groups of income or lending (its list of economies)."""
    return frozenset(known("worldbank", "aggregates"))


CHANNEL = {"CHI": "JEY and GGY"}
"""A code for two territories at once."""


@dataclass(frozen=True, slots=True)
class WorldBank:
    """The source `worldbank`. `base` (scheme, host and port) stands in for that of its address."""

    name: str = SOURCE
    base: str = ""

    def read(self, request: Request) -> Iterator[Gathered]:
        """Conditions: files in one step, from the network one step a series."""
        if request.paths:
            tally = Tally(SOURCE)
            run = Run(request, fact_sheet(SOURCE), tally, self.base)
            yield Gathered(SOURCE, tally, conditions=tally.guarded(_from_files(run)))
            return
        wanted = _wanted(request)
        for done, series in enumerate(wanted):
            request.progress("World Bank series", done, len(wanted))
            tally = Tally(SOURCE)
            run = Run(request, fact_sheet(SOURCE), tally, self.base)
            yield Gathered(SOURCE, tally, conditions=tally.guarded(_fetched(run, series)))


def _wanted(request: Request) -> list[Series]:
    """The series asked for. Raises UnknownId for one that is not in the reviewed list."""
    every = reviewed(SOURCE)
    for name in request.only:
        if name not in every:
            raise UnknownId("series", name, every)
    return [s for s in every.values() if not request.only or s.id in request.only]


def _fetched(run: Run, series: Series) -> Iterator[Condition]:
    url = run.address("series").format(series=series.id)
    updated: list[str] = []

    def page(number: int) -> Page:
        query = {"format": "json", "per_page": str(PER_PAGE), "page": str(number)}
        return _page(run.answer(url, query), url, updated)

    rows = run.part(series.id, lambda: paged(page, url))
    if len(set(updated)) > 1:
        run.tally.unreadable(series.id, "was updated while it was read; gather it again")
        return
    release = _release(updated[0] if updated else "", run)
    yield from run.objects(rows, series.id, lambda row: _row(row, series), release)
    run.close()


def _page(answer: Any, where: str, updated: list[str]) -> Page:
    """One page of an answer. Raises InputError for the message of an error and for another layout."""
    pair = listed(answer, where)
    head = mapping(pair[0] if pair else None, where)
    if "message" in head:
        told = [str(m.get("value", m)) for m in head["message"] if isinstance(m, dict)]
        raise InputError(f"the World Bank says: {'; '.join(told)[:200]}", where)
    if len(pair) < 2:
        raise InputError("is JSON in another layout than this source knows", where)
    updated.append(str(head.get("lastupdated") or ""))
    return Page(listed(pair[1] or [], where), count(head.get("pages")), count(head.get("total")))


def _release(updated: str, run: Run) -> Release:
    if run.request.published or run.request.release:
        return release_stated(run.request, run.tally)
    known = _moment(updated)
    if known is None:
        run.tally.note("the answer says no day of update; values count as known after their own year")
    return Release(updated if known else "", known, known)


def _moment(text: str) -> Moment | None:
    try:
        return parse_moment(text)
    except ValueError:
        return None


def _row(row: Mapping[str, Any], series: Series) -> Iterator[Given | Fault]:
    named = row.get("country") if isinstance(row.get("country"), dict) else {}
    of = row.get("indicator") if isinstance(row.get("indicator"), dict) else {}
    if of and str(of.get("id", series.id)) != series.id:
        raise RowRefused(f"is of the series {str(of.get('id'))[:40]!r}, and {series.id} was asked for")
    code = str(row.get("countryiso3code") or "").strip()
    name = str((named or {}).get("value") or "")
    kept = {k: row[k] for k in ("unit", "obs_status") if row.get(k)}
    place = _place(code, name, str(row.get("date") or ""))
    yield or_refused(measured(series, row.get("value"), replace(place, columns=kept)))


def _place(code: str, name: str, year: str) -> Given:
    if code in aggregates():
        raise RowIgnored(AGGREGATE)
    if code in CHANNEL:
        raise RowIgnored(f"{code} is {CHANNEL[code]} together")
    if not code and name:
        raise RowIgnored(f"{AGGREGATE} without a code")
    happened = whole_year(year)
    if not re.fullmatch("[A-Z]{3}", code):
        raise RowRefused(f"country code {code[:40]!r} is not ISO 3166 alpha-3")
    state = iso3(code, happened.end)
    return Given("", state.iso3, name or state.name, happened)


def _from_files(run: Run) -> Iterator[Condition]:
    for path in run.files((*DELIMITED, ".zip", ".xlsx", ".parquet", ".json")):
        if path.suffix.lower() == ".json":
            yield from _saved(run, whole(path), str(path))
            continue
        for table in tables(path):
            yield from _table(run, table)
    run.close()


def _saved(run: Run, body: bytes, where: str) -> Iterator[Condition]:
    """A saved answer of the interface. Raises InputError for another layout."""
    updated: list[str] = []
    rows = _page(parsed(body, where), where, updated).rows
    every = reviewed(SOURCE)

    def read(row: Mapping[str, Any]) -> Iterator[Given | Fault]:
        of = row.get("indicator")
        series = every.get(str(of.get("id"))) if isinstance(of, dict) else None
        if series is None:
            raise RowIgnored("a series that is not in the reviewed list")
        yield from _row(row, series)

    yield from run.objects(rows, where, read, _release(updated[0], run))


def _table(run: Run, table: Table) -> Iterator[Condition]:
    """The bulk layout (a column a year), or the long one of one series (named with `only`)."""
    if "Indicator Code" in table.columns:
        years = [c for c in table.columns if re.fullmatch(r"(19|20)\d{2}", c)]
        Layout(WIDE.needed, (*WIDE.known, *years, ""), WIDE.what).check(table, run.tally)
        yield from run.rows(table, lambda row: _wide(row, years), release_stated(run.request, run.tally))
        return
    if len(run.request.only) != 1:
        raise InputError(
            "does not say which series it holds", table.name, "name it: tocsin gather worldbank/SP.POP.TOTL"
        )
    series = _wanted(run.request)[0]
    LONG.check(table, run.tally)

    def read(row: Mapping[str, str]) -> Iterator[Given | Fault]:
        place = _place(row["Country Code"].strip(), row["Country Name"], row["Year"])
        yield or_refused(measured(series, row["Value"], place))

    yield from run.rows(table, read, release_stated(run.request, run.tally))


def _wide(row: Mapping[str, str], years: list[str]) -> Iterator[Given | Fault]:
    series = reviewed(SOURCE).get(row["Indicator Code"].strip())
    if series is None:
        raise RowIgnored("a series that is not in the reviewed list")
    for year in years:
        place = _place(row["Country Code"].strip(), row["Country Name"], year)
        yield measured(series, row[year], place)
