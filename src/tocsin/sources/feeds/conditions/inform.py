"""INFORM risk: the scores by country of HDX HAPI, or indicators of INFORM's export.

Export columns as in the copy that OCHA's scraper of INFORM tests with: CountryName, Iso3, ValidityYear,
IndicatorName, IndicatorScore, Unit. One name may stand for a raw figure and for its score: name and unit
choose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.sources.condition import Condition
from tocsin.sources.contract import Gathered, Request, Tally
from tocsin.sources.factsheet import fact_sheet
from tocsin.sources.feeds.conditions.given import (
    Fault,
    Given,
    RowIgnored,
    iso3,
    release_stated,
    span,
    text,
    whole_year,
)
from tocsin.sources.feeds.conditions.hapi import PLACE, from_hapi
from tocsin.sources.feeds.conditions.run import Layout, Run
from tocsin.sources.feeds.conditions.series import measured, or_refused, reviewed

SOURCE = "inform"
EXPORT = Layout(
    ("CountryName", "Iso3", "ValidityYear", "IndicatorName", "IndicatorScore", "Unit"), (), "INFORM's export"
)
RISK = Layout(
    (*PLACE, "overall_risk"),
    [
        "risk_class",
        "global_rank",
        "hazard_exposure_risk",
        "vulnerability_risk",
        "coping_capacity_risk",
        "location_name",
        "has_hrp",
        "in_gho",
        "meta_missing_indicators_pct",
        "meta_avg_recentness_years",
        "dataset_hdx_id",
        "resource_hdx_id",
        "warning",
        "error",
    ],
    "the table of national risk of HDX HAPI",
)
SCORES = ("overall_risk", "hazard_exposure_risk", "vulnerability_risk", "coping_capacity_risk")


@dataclass(frozen=True, slots=True)
class Inform:
    """The source `inform`. `base` (scheme, host and port) stands in for that of its address."""

    name: str = SOURCE
    base: str = ""

    def read(self, request: Request) -> Iterator[Gathered]:
        """Conditions, in one step."""
        run = Run(request, fact_sheet(SOURCE), Tally(SOURCE), self.base)
        yield Gathered(SOURCE, run.tally, conditions=run.tally.guarded(_conditions(run)))


def _conditions(run: Run) -> Iterator[Condition]:
    release = release_stated(run.request, run.tally)
    if not run.request.paths:
        yield from from_hapi(run, "national_risk", risk_row, release)
        return
    for table in run.tables():
        layout, read = (EXPORT, export_row) if "IndicatorName" in table.columns else (RISK, risk_row)
        layout.check(table, run.tally)
        yield from run.rows(table, read, release)
    run.close()


def risk_row(row: Mapping[str, Any]) -> Iterator[Given | Fault]:
    """The scores of one country."""
    if text(row, "error"):
        raise RowIgnored("marked by HDX as an error")
    happened = span(row, *PLACE[1:])
    state = iso3(text(row, "location_code"), happened.end)
    name, kept = text(row, "location_name") or state.name, {}
    for mark in ("risk_class", "global_rank"):
        if text(row, mark):
            kept[mark] = text(row, mark)
    place = Given("", state.iso3, name, happened, columns=kept)
    for series in (reviewed(SOURCE)[score] for score in SCORES):
        yield measured(series, row.get(series.column), place)


def export_row(row: Mapping[str, str]) -> Iterator[Given | Fault]:
    """One indicator of one country."""
    name, unit = row["IndicatorName"].strip(), row["Unit"].strip()
    if not name:
        raise RowIgnored("names no indicator")
    series = next((s for s in reviewed(SOURCE).values() if (s.column, s.unit) == (name, unit)), None)
    if series is None:
        raise RowIgnored("an indicator that is not in the reviewed list")
    happened = whole_year(row["ValidityYear"], "ValidityYear")
    state = iso3(row["Iso3"], happened.end)
    yield or_refused(
        measured(series, row["IndicatorScore"], Given("", state.iso3, row["CountryName"], happened))
    )
