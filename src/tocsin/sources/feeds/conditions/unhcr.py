"""UNHCR's population statistics and IDMC's figures: totals of a country and year.

Interface as third parties describe it (answers {page, maxPages, items}, rows year, coo_name, coo, coo_iso,
coa_name, coa, coa_iso and counts; `-` for the side that was summed over). Files in the same columns, and
IDMC's own export (ISO3, Name, Year, Conflict Stock Displacement (Raw), Conflict Internal Displacements
(Raw)).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tocsin.errors import InputError
from tocsin.sources.condition import Condition
from tocsin.sources.contract import Gathered, Request, Tally
from tocsin.sources.factsheet import fact_sheet
from tocsin.sources.feeds.conditions.given import (
    Fault,
    Given,
    Maker,
    iso3,
    release_stated,
    whole_year,
)
from tocsin.sources.feeds.conditions.run import TAGS, Layout, Run
from tocsin.sources.feeds.conditions.series import Series, measured, reviewed
from tocsin.sources.feeds.conditions.totals import Totals
from tocsin.sources.readers.answers import Page, count, listed, mapping, paged
from tocsin.sources.readers.table import Table

PER_PAGE = 1_000
YEARS_BACK = 10
KEYS = ("year", "coo_iso", "coa_iso")
BESIDE = ("coo_name", "coa_name", "coo", "coa", "coo_id", "coa_id", "hst", "")
"""Known columns that are not totalled: other codes, and host communities."""

EXPORT = ("ISO3", "Name", "Year")
ROUNDED = ("Conflict Stock Displacement", "Conflict Internal Displacements")


@dataclass(frozen=True, slots=True)
class Unhcr:
    """The source `unhcr`. `base` (scheme, host and port) stands in for that of its address."""

    name: str = "unhcr"
    base: str = ""

    def read(self, request: Request) -> Iterator[Gathered]:
        """Totals: files in one step, from the network one step a year, the newest first."""
        yield from _steps(self.name, request, self.base)


@dataclass(frozen=True, slots=True)
class Idmc:
    """The source `idmc`. `base` (scheme, host and port) stands in for that of its address."""

    name: str = "idmc"
    base: str = ""

    def read(self, request: Request) -> Iterator[Gathered]:
        """Figures: files in one step, from the network one step a year, the newest first."""
        yield from _steps(self.name, request, self.base)


def _steps(name: str, request: Request, base: str) -> Iterator[Gathered]:
    if request.paths:
        run = Run(request, fact_sheet(name), Tally(name), base)
        yield Gathered(name, run.tally, conditions=run.tally.guarded(_from_files(run)))
        return
    newest = request.recorded.year
    first = min(newest, request.since.year) if request.since else newest - YEARS_BACK
    for done, year in enumerate(range(newest, first - 1, -1)):
        request.progress(f"{name}, years", done, newest - first + 1)
        run = Run(request, fact_sheet(name), Tally(name), base)
        yield Gathered(name, run.tally, conditions=run.tally.guarded(_year(run, year)))


def _year(run: Run, year: int) -> Iterator[Condition]:
    """The totals of one year, by host and by origin, each with all its pages or not at all."""
    for side in ("coa_all", "coo_all"):
        where = f"{year}, {side}"
        url = run.address("population")

        def page(number: int, side: str = side, url: str = url) -> Page:
            query = {"year": str(year), "limit": str(PER_PAGE), "page": str(number), side: "true"}
            answer = mapping(run.answer(url, query), url)
            return Page(listed(answer.get("items"), url), count(answer.get("maxPages")))

        totals = Totals(tuple(reviewed(run.sheet.id).values()), run.tally)
        for n, row in enumerate(run.part(where, lambda page=page, url=url: paged(page, url)), 1):  # type: ignore[misc]
            if isinstance(row, dict):
                totals.add(f"{where}, row {n}", row)
            else:
                totals.add(f"{where}, row {n}", {}, "is not a JSON object")
        yield from totals.conditions(
            Maker(run.sheet, release_stated(run.request, run.tally), run.request.recorded)
        )
    run.close()


def _from_files(run: Run) -> Iterator[Condition]:
    release = release_stated(run.request, run.tally)
    every = reviewed(run.sheet.id).values()
    for table in run.tables():
        there = tuple(s for s in every if s.column in table.columns)
        if not there:
            raise InputError(
                f"holds no column of {run.sheet.id}", table.name, "such as " + next(iter(every)).column
            )
        columns = tuple(s.column for s in every)
        if "ISO3" in table.columns:
            Layout(EXPORT, (*columns, *ROUNDED), "IDMC's export").check(table, run.tally)
            yield from run.rows(table, lambda row, there=there: _exported(row, there), release)  # type: ignore[misc]
            continue
        Layout(KEYS, (*BESIDE, *columns), "UNHCR's table of pairs").check(table, run.tally)
        yield from _totals(run, table, there, Maker(run.sheet, release, run.request.recorded))
    run.close()


def _totals(run: Run, table: Table, there: tuple[Series, ...], maker: Maker) -> Iterator[Condition]:
    totals, since = Totals(there, run.tally), run.request.since
    for row in table.rows:
        if row.values.get("year", "").startswith("#"):
            run.tally.read()
            run.tally.ignore(TAGS)
        elif since and row.values.get("year", "").isdigit() and int(row.values["year"]) < since.year:
            run.tally.read()
            run.tally.ignore(f"ended before {since}")
        else:
            totals.add(f"{table.name.rpartition('/')[2]}, row {row.number}", row.values, row.fault)
    yield from totals.conditions(maker)


def _exported(row: Mapping[str, str], there: tuple[Series, ...]) -> Iterator[Given | Fault]:
    happened = whole_year(row["Year"], "Year")
    state = iso3(row["ISO3"].strip(), happened.end)
    place = Given("", state.iso3, row["Name"], happened)
    for one in there:
        yield measured(one, row[one.column], place)
