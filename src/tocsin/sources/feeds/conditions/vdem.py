"""V-Dem country-years, from the copy that the user has (CSV, Parquet or the zip of the download).

Columns as in the V-Dem codebook (Coppedge et al., V-Dem Country-Year Dataset): country_text_id, COWcode,
year, then thousands of series, of which those of the reviewed list are read. Nothing is fetched: the
download is behind a form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain, islice
from pathlib import Path

from tocsin.clock import Moment, Precision, day_moment
from tocsin.errors import InputError
from tocsin.geography import Country, country
from tocsin.sources.condition import Condition
from tocsin.sources.contract import Gathered, Request, Tally
from tocsin.sources.factsheet import fact_sheet
from tocsin.sources.feeds.conditions.given import (
    Fault,
    Given,
    Release,
    RowIgnored,
    absent,
    iso3,
    numbered,
    whole_year,
)
from tocsin.sources.feeds.conditions.run import Layout, Run
from tocsin.sources.feeds.conditions.series import Series, measured, releases, reviewed
from tocsin.sources.readers.cells import RowRefused
from tocsin.sources.readers.table import Table

SOURCE = "vdem"
FIRST_YEAR = 1946
ROWS_A_STEP = 5_000
LAYOUT = Layout(("country_text_id", "year"), what="the V-Dem country-year table")
NAMES = ("country_name", "vdem_country_name")
COW = ("COWcode", "vdem_cowcode", "cown")
PARTS = {
    "PSG": ("PSE", "Gaza"),
    "PSE": ("PSE", "West Bank"),
    "SML": ("SOM", "Somaliland"),
    "ZZB": ("TZA", "Zanzibar"),
}
"""Codes of V-Dem for parts of a state, by ISO 3166 code and the part's name."""

ENDED = frozenset(
    [
        "BDN",
        "BRW",
        "BVR",
        "DDR",
        "HDM",
        "HKS",
        "HRG",
        "HVR",
        "MCL",
        "MDN",
        "NSS",
        "OLD",
        "PPS",
        "PRM",
        "PSB",
        "SAX",
        "SPD",
        "SXN",
        "TSC",
        "TWS",
        "VDR",
        "WRG",
        "YMD",
    ]
)
"""Codes of V-Dem for states that ended."""

FORMER = {"SRB": ("YUG", "SCG"), "CZE": ("CSK",)}
"""States that V-Dem writes under the code of one that follows them, for tables without the COW number."""

_RELEASE = re.compile(r"(?:^|[^a-z0-9])v-?(\d{1,2})(?:[._](\d))?(?![0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Vdem:
    """The source `vdem`."""

    name: str = SOURCE

    def read(self, request: Request) -> Iterator[Gathered]:
        """Conditions, lazily, one file after the other, in steps of so many rows."""
        run = Run(request, fact_sheet(SOURCE), Tally(SOURCE))
        if not request.paths:
            raise run.tally.stop("is read from your own copy only; bring the file with --from")
        for table in run.tables():
            reader = _reader(table, run.tally)
            of = release(Path(table.name).name, request, run.tally)
            for part in _parts(table):
                found = _conditions(run, part, reader, of)
                yield Gathered(SOURCE, run.tally, conditions=run.tally.guarded(found))
                run.tally = Tally(SOURCE)


def _parts(table: Table) -> Iterator[Table]:
    """The table in pieces of so many rows, at least one: a full release makes most of a million values."""
    rows, first = iter(table.rows), list(islice(table.rows, 1))
    yield Table(table.name, table.columns, chain(first, islice(rows, ROWS_A_STEP - 1)))
    while first := list(islice(rows, 1)):
        yield Table(table.name, table.columns, chain(first, islice(rows, ROWS_A_STEP - 1)))


def _conditions(run: Run, part: Table, reader: _Reader, of: Release) -> Iterator[Condition]:
    yield from run.rows(part, reader.given, of)
    run.close()


def release(name: str, request: Request, tally: Tally) -> Release:
    """The release a file's name or `--release` states: version N covers the years up to 2009 + N.

    Raises InputError for a `--release` that is no version.
    """
    found = _RELEASE.search(f" v{request.release.lower().lstrip('v')}" if request.release else name)
    if found is None and request.release:
        raise InputError(f"{request.release!r} is no V-Dem version", "--release", "such as 15 or v15")
    if found is None:
        if request.published is None:
            tally.note(f"{name} names no version; values count as known after their own year (--release 15)")
        return Release("", request.published, request.published)
    label = found[1] + (f".{found[2]}" if found[2] and found[2] != "0" else "")
    day = releases(SOURCE).get(label)
    published = request.published or (day_moment(day) if isinstance(day, date) else None)
    lag = fact_sheet(SOURCE).release_lag_months
    return Release(f"v{label}", published, published or _month(2009 + int(found[1]), lag))


def _month(covers: int, lag: int) -> Moment:
    return Moment(datetime(covers + 1, lag, 1, tzinfo=UTC), Precision.MONTH)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads rows of one table: where the name and the number stand, and which series are there."""

    name: str
    cow: str
    series: tuple[Series, ...]

    def given(self, row: Mapping[str, str]) -> Iterator[Given | Fault]:
        """The values of one country and year; a cell that cannot be taken is a fault of its own."""
        happened = whole_year(row["year"])
        if happened.start.year < FIRST_YEAR:
            raise RowIgnored(f"before {FIRST_YEAR}")
        state, area = _place(row["country_text_id"].strip(), row.get(self.cow, ""), happened.end)
        place = Given("", state.iso3, row.get(self.name) or state.name, happened, area=area)
        for one in self.series:
            yield measured(one, row[one.id], place)


def _reader(table: Table, tally: Tally) -> _Reader:
    LAYOUT.check(Table(table.name, tuple(c for c in table.columns if c in LAYOUT.needed), iter(())), tally)
    wanted, short = reviewed(SOURCE), Path(table.name).name
    there = tuple(s for s in wanted.values() if s.id in table.columns)
    if not there:
        raise InputError("holds none of the series that are read", table.name, f"is this {LAYOUT.what}?")
    lacking = [name for name in wanted if name not in table.columns]
    if lacking:
        tally.note(f"{short} lacks {len(lacking)} of {len(wanted)} reviewed series: {', '.join(lacking)}")
    other = len(table.columns) - len(there)
    tally.note(f"{short}: {other} other columns are not in the reviewed list of series")
    first = {
        kind: next((c for c in names if c in table.columns), "") for kind, names in (("n", NAMES), ("c", COW))
    }
    return _Reader(first["n"], first["c"], there)


def _place(code: str, cow: str, on: date) -> tuple[Country, str]:
    """The state and its part. V-Dem writes former states under the code of one that follows them (Serbia for
    Yugoslavia); the COW number then tells the state of that year."""
    if code in PARTS:
        return country(PARTS[code][0]), PARTS[code][1]
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise RowRefused(f"country_text_id {code[:40]!r} is not a code of three letters")
    if code in ENDED and code not in ("DDR", "VDR", "YMD"):
        raise RowIgnored("a state that ended before 1946 or was no state since")
    found = iso3(code, on)
    if found.valid_from is None or found.valid_from <= on:
        return found, ""
    if not absent(cow):
        try:
            return numbered(cow, "cow", on, on), ""
        except RowRefused:
            return found, ""
    former = (country(one) for one in FORMER.get(code, ()))
    return next((state for state in former if state.on(on)), found), ""
