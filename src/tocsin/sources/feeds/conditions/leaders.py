"""Leaders' ways into and out of office (Archigos), and attempts at a coup (Powell and Thyne, Cline
Center).

Archigos columns as in its 4.1 release and in the copy that the R package peacesciencer holds: obsid, gwcode
(or ccode), startdate, enddate, entry, exit, exitcode. Powell and Thyne: country, ccode, year, month, day,
coup (1 failed, 2 successful), version. Cline Center: coup_id, cowcode, country, year, month, day,
event_type. No name of a person is kept: only days, and the way of entry and exit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from tocsin.clock import Period
from tocsin.sources.condition import Condition
from tocsin.sources.contract import Gathered, Request, Tally
from tocsin.sources.factsheet import fact_sheet
from tocsin.sources.feeds.conditions.given import (
    Fault,
    Given,
    RowIgnored,
    absent,
    month_period,
    numbered,
    release_stated,
    text,
    whole_year,
    year_period,
)
from tocsin.sources.feeds.conditions.run import Layout, Run
from tocsin.sources.readers.cells import RowRefused, day

UNNAMED = ("leader", "leadid", "yrborn", "gender", "")
"""Columns that say who it was, left out by name."""

ARCHIGOS = Layout(
    ("obsid", "startdate", "enddate", "entry", "exit"), ("gwcode", "ccode", "exitcode", *UNNAMED)
)
POWELL_THYNE = Layout(
    ("ccode", "year", "month", "day", "coup"), ("country", "version", "ccode_gw", "ccode_polity")
)
CLINE = Layout(
    ("coup_id", "cowcode", "year", "month", "day", "event_type"), ("country",), "the Cline Center's list"
)
HOW_IT_ENDED = {"1": "failed", "2": "successful"}
ENTRIES = ("Regular", "Irregular", "Foreign Imposition")
IN_OFFICE = "Still in Office"
MOST_COLUMNS = 60
"""The Cline Center's list has further columns of yes and no, which are left out."""


@dataclass(frozen=True, slots=True)
class Leaders:
    """The source `leaders`."""

    name: str = "leaders"

    def read(self, request: Request) -> Iterator[Gathered]:
        """Conditions, in one step."""
        run = Run(request, fact_sheet(self.name), Tally(self.name))
        yield Gathered(self.name, run.tally, conditions=run.tally.guarded(_leaders(run)))


@dataclass(frozen=True, slots=True)
class Coups:
    """The source `coups`."""

    name: str = "coups"

    def read(self, request: Request) -> Iterator[Gathered]:
        """Conditions, in one step."""
        run = Run(request, fact_sheet(self.name), Tally(self.name))
        yield Gathered(self.name, run.tally, conditions=run.tally.guarded(_coups(run)))


def _leaders(run: Run) -> Iterator[Condition]:
    _must_have_files(run)
    release = release_stated(run.request, run.tally)
    for table in run.tables():
        Layout(ARCHIGOS.needed, ARCHIGOS.known, "the list of leaders Archigos").check(table, run.tally)
        yield from run.rows(table, spell, release)
    run.close()


def _coups(run: Run) -> Iterator[Condition]:
    _must_have_files(run)
    release = release_stated(run.request, run.tally)
    for table in run.tables():
        if "coup_id" in table.columns:
            Layout(CLINE.needed, table.columns[:MOST_COLUMNS], CLINE.what).check(table, run.tally)
            yield from run.rows(table, listed_coup, release)
            continue
        Layout(POWELL_THYNE.needed, POWELL_THYNE.known, "Powell and Thyne's list of coups").check(
            table, run.tally
        )
        yield from run.rows(table, coup, release)
    run.close()


def _must_have_files(run: Run) -> None:
    if not run.request.paths:
        raise run.tally.stop("is read from your own copy only; bring the file with --from")


def spell(row: Mapping[str, str]) -> Iterator[Given | Fault]:
    """How one leader came and went: one value for the day of entry, one for that of exit."""
    start, end = day(row["startdate"], "startdate"), day(row["enddate"], "enddate")
    if end < start:
        raise RowRefused(f"enddate {end} is before startdate {start}")
    if end.year < 1946:
        raise RowIgnored("before 1946")
    system, code = ("gw", row["gwcode"]) if text(row, "gwcode") else ("cow", text(row, "ccode"))
    state = numbered(code, system, start, end)
    entry, left = row["entry"].strip(), row["exit"].strip()
    if entry not in ENTRIES:
        raise RowRefused(f"entry {entry[:40]!r} is none of {', '.join(ENTRIES)}")
    if absent(left):
        raise RowRefused("exit is empty")
    key = row["obsid"].strip()
    yield Given("leader_entry", state.iso3, state.name, Period(start, start), text=entry, key=key)
    if left != IN_OFFICE:
        how = {} if absent(row.get("exitcode")) else {"exitcode": row["exitcode"]}
        yield Given("leader_exit", state.iso3, state.name, Period(end, end), text=left, key=key, columns=how)


def coup(row: Mapping[str, str]) -> Iterator[Given | Fault]:
    """One attempt of Powell and Thyne's list."""
    how = HOW_IT_ENDED.get(row["coup"].strip())
    if how is None:
        raise RowRefused(f"coup {row['coup'][:40]!r} is neither 1 (failed) nor 2 (successful)")
    yield _attempt(row, row["ccode"], how, "")


def listed_coup(row: Mapping[str, str]) -> Iterator[Given | Fault]:
    """One event of the Cline Center's list: a coup, an attempt or a conspiracy."""
    if absent(row["event_type"]):
        raise RowRefused("event_type is empty")
    yield _attempt(row, row["cowcode"], row["event_type"].strip().lower(), row["coup_id"].strip())


def _attempt(row: Mapping[str, str], code: str, how: str, key: str) -> Given:
    when = _when(row)
    state = numbered(code, "cow", when.start, when.end)
    return Given("coup_attempt", state.iso3, text(row, "country") or state.name, when, text=how, key=key)


def _when(row: Mapping[str, str]) -> Period:
    """The day, or the month or year where the list knows no more (0, -9, -99 or empty)."""
    year = whole_year(row["year"]).start.year
    month, on = _part(row["month"], "month", 12), _part(row["day"], "day", 31)
    if month is None:
        return year_period(year)
    if on is None:
        return month_period(year, month)
    try:
        return Period(date(year, month, on), date(year, month, on))
    except ValueError:
        raise RowRefused(f"{year}-{month}-{on} is not a day") from None


def _part(cell: str, name: str, most: int) -> int | None:
    if absent(cell) or cell.strip() in ("0", "-9", "-99", "-999"):
        return None
    if not (cell.strip().isascii() and cell.strip().isdigit()) or not 1 <= int(cell[:4]) <= most:
        raise RowRefused(f"{name} {cell[:40]!r} is not between 1 and {most}")
    return int(cell)
