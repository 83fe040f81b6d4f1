"""What HDX HAPI gives of conditions: INFORM risk, rounds of displaced people (IOM DTM), food security
(IPC).

Endpoints and fields as in the HAPI schema and its published description (version 2): an answer is {"data":
[...]}, paged by `limit` and `offset` until an empty page. Each request bears the `app_identifier`. The CSV
files of HDX have the same columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.settings import Secret
from tocsin.sources.condition import Condition
from tocsin.sources.contract import Gathered, Request, Tally
from tocsin.sources.factsheet import fact_sheet
from tocsin.sources.feeds.conditions.given import (
    AS_KNOWN,
    Fault,
    Given,
    Release,
    RowIgnored,
    absent,
    iso3,
    number,
    span,
    text,
)
from tocsin.sources.feeds.conditions.run import Layout, Reading, Run
from tocsin.sources.feeds.conditions.series import reviewed
from tocsin.sources.feeds.hapi import REMEDY, identifier
from tocsin.sources.keys import key
from tocsin.sources.readers.answers import Page, listed, paged
from tocsin.sources.readers.cells import RowRefused
from tocsin.sources.readers.interface import Interface

LIMIT = 1_000
PLACE = ("location_code", "reference_period_start", "reference_period_end")
IDPS = Layout(
    (*PLACE, "population", "operation", "assessment_type", "reporting_round", "admin_level"),
    [
        "has_hrp",
        "in_gho",
        "provider_admin1_name",
        "provider_admin2_name",
        "admin1_code",
        "admin1_name",
        "admin2_code",
        "admin2_name",
        "dataset_hdx_id",
        "resource_hdx_id",
        "warning",
        "error",
        "location_name",
    ],
    "the table of displaced people of HDX HAPI",
)


@dataclass(frozen=True, slots=True)
class Idps:
    """The source `idps`: rounds of IOM's Displacement Tracking Matrix, by country and area."""

    name: str = "idps"
    base: str = ""

    def read(self, request: Request) -> Iterator[Gathered]:
        """Conditions, in one step."""
        run = Run(request, fact_sheet(self.name), Tally(self.name), self.base)
        yield Gathered(self.name, run.tally, conditions=run.tally.guarded(_idps(run)))


def _idps(run: Run) -> Iterator[Condition]:
    release = Release("", run.request.published, run.request.published, AS_KNOWN)
    if not run.request.paths:
        yield from from_hapi(run, "idps", idps_row, release)
        return
    for table in run.tables():
        IDPS.check(table, run.tally)
        yield from run.rows(table, idps_row, release)
    run.close()


def from_hapi(run: Run, endpoint: str, read: Reading, release: Release) -> Iterator[Condition]:
    """The conditions of all rows of one endpoint of the fact sheet, all pages or none."""
    rows = run.part(endpoint, lambda: _all(run, endpoint))
    yield from run.objects(rows, endpoint, read, release)
    run.close()


def _all(run: Run, endpoint: str) -> Iterator[Any]:
    asking = Interface(run.sheet, run.request, run.tally, REMEDY, run.base)
    url, read = asking.address(endpoint), 0
    app = identifier(key("HAPI_APP", run.tally), run.tally)

    def page(_: int) -> Page:
        nonlocal read
        query: dict[str, str | Secret] = {"app_identifier": app, "output_format": "json"}
        query |= {"limit": str(LIMIT), "offset": str(read)}
        rows = listed(asking.ask(url, query).get("data"), url)
        read += len(rows)
        run.request.progress(f"{run.sheet.id}: rows", read, None)
        return Page(rows)

    yield from paged(page, url)


def idps_row(row: Mapping[str, Any]) -> Iterator[Given | Fault]:
    """Displaced people in one area at one round of one operation."""
    if text(row, "error"):
        raise RowIgnored("marked by HDX as an error")
    happened = span(row, *PLACE[1:])
    state = iso3(text(row, "location_code"), happened.start)
    area = text(row, "admin2_code") or text(row, "admin1_code")
    area = area or text(row, "provider_admin2_name") or text(row, "provider_admin1_name")
    if text(row, "admin_level") != "0" and not area:
        raise RowRefused("is of a part of the country and names none")
    series = reviewed("idps")["idps"]
    if absent(row.get("population")):
        raise RowRefused("population is empty")
    kept = {k: text(row, k) for k in ("admin1_name", "admin2_name", "warning") if text(row, k)}
    names = (
        "operation",
        "assessment_type",
        "reporting_round",
        "provider_admin1_name",
        "provider_admin2_name",
    )
    yield Given(
        series.id,
        state.iso3,
        text(row, "location_name") or state.name,
        happened,
        number(row.get("population"), "population", 0),
        unit=series.unit,
        area=area,
        about=text(row, "operation"),
        key="/".join(text(row, name) for name in names[1:]),
        columns=kept,
    )
