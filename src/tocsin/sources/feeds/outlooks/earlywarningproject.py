"""The Early Warning Project's list: chance and rank of a new mass killing, from the copy that the user
has.

Two layouts of the project's own files: forecasts (year, ewp_name or country, ccode, risk, riskrank), where
`year` is that of the data and the window is the two years after it; and the table of past forecasts (year,
ccode, mk_onset, risk_prev, rank_prev ...), where the values of a row are those of the year before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from tocsin.clock import Period, Precision
from tocsin.errors import InputError
from tocsin.sources.contract import NOTHING, Gathered, Request, Tally
from tocsin.sources.feeds.conditions.given import (
    Fault,
    RowIgnored,
    absent,
    number,
    numbered,
    text,
    whole_year,
)
from tocsin.sources.feeds.outlooks.given import Issue, Judge, Said
from tocsin.sources.outlook import Measure, Outlook
from tocsin.sources.readers.cells import RowRefused
from tocsin.sources.readers.tables import files, tables

SOURCE = "earlywarningproject"
OUTCOME = "a new mass killing begins in one of two years"
LAYOUTS = {("risk", "riskrank"): 0, ("risk_prev", "rank_prev"): 1}
"""Columns of chance and rank, and how many years the row's `year` is after that of the data."""

NAMES = ("ewp_name", "country", "")
BESIDE = ("mk_onset", "risk_two_years_prior", "rank_two_years_prior", "maxrisk2", "minrank2", "prev_year")


@dataclass(frozen=True, slots=True)
class EarlyWarningProject:
    """The source `earlywarningproject`."""

    name: str = SOURCE

    def read(self, request: Request) -> Iterator[Gathered]:
        """Outlooks, in one step."""
        tally = Tally(SOURCE)
        yield Gathered(SOURCE, tally, outlooks=tally.guarded(_outlooks(request, tally)))


def _outlooks(request: Request, tally: Tally) -> Iterator[Outlook]:
    if not request.paths:
        raise tally.stop("is read from your own copy only; bring the CSV file with --from")
    for path in files(request.paths):
        tally.open()
        for table in tables(path):
            pair = next((p for p in LAYOUTS if set(p) <= set(table.columns)), None)
            if pair is None or not {"year", "ccode"} <= set(table.columns):
                what = "lacks year, ccode, and risk with riskrank or risk_prev with rank_prev"
                raise InputError(what, table.name, "is this a list of the Early Warning Project?")
            known = {"year", "ccode", *pair, *NAMES, *BESIDE, "prev_two_years", "two_years_prior"}
            tally.columns([c for c in table.columns if c not in known], ())
            issue = Issue(request.release or path.stem, request.published, request.published)
            if issue.known is None:
                tally.note(
                    "the list does not say when it came out; known from the day it was read (--published)"
                )
            yield from Judge(tally, request).rows(table.name, table.rows, partial(said, pair=pair), issue)
    if not tally.rows_read:
        tally.note(NOTHING)


def said(row: Mapping[str, str], pair: tuple[str, str]) -> Iterator[Said | Fault]:
    """The chance and the rank of one state."""
    year = whole_year(row["year"]).start.year - LAYOUTS[pair]
    risk, rank = row[pair[0]], row[pair[1]]
    if absent(risk) and absent(rank):
        raise RowIgnored("holds no forecast")
    window = Period(date(year + 1, 1, 1), date(year + 2, 12, 31), Precision.YEAR)
    state = numbered(text(row, "ccode"), "cow", date(year, 1, 1), date(year, 12, 31))
    name = next((text(row, column) for column in NAMES if text(row, column)), state.name)
    for column, cell, measure in ((pair[0], risk, Measure.PROBABILITY), (pair[1], rank, Measure.RANK)):
        if absent(cell):
            continue
        low, high = (0.0, 1.0) if measure is Measure.PROBABILITY else (1.0, 300.0)
        try:
            value = number(cell, column, low, high)
        except RowRefused as why:
            yield Fault(column, str(why))
            continue
        yield Said(state.iso3, name, OUTCOME, measure, value, window)
