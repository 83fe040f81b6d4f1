"""Phases of acute food insecurity (1 minimal, 2 stressed, 3 crisis, 4 emergency, 5 famine): IPC and FEWS
NET.

IPC: HDX HAPI's food security, the long tables that OCHA makes of IPC's answers (analysis_date,
country_iso3, area or level1, population, projection, period_start, period_end, phase, number_affected,
percentage_affected), and saved answers of IPC's own interface (population, with areas and overall_phase).
FEWS NET: the table ipcphase.csv of its data warehouse; its phases are compatible with IPC and not IPC's.
What is assessed and what is projected are series of their own and never meet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tocsin.clock import Moment, Precision
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
    iso2,
    iso3,
    number,
    span,
    text,
)
from tocsin.sources.feeds.conditions.hapi import PLACE, from_hapi
from tocsin.sources.feeds.conditions.ipc_answer import analysed, saved, saved_row
from tocsin.sources.feeds.conditions.run import Layout, Run
from tocsin.sources.feeds.conditions.series import Series, measured
from tocsin.sources.readers.cells import RowRefused, day
from tocsin.sources.readers.lines import whole
from tocsin.sources.readers.table import Table
from tocsin.sources.readers.tables import ENDINGS, tables

LONG = Layout(
    (
        "analysis_date",
        "country_iso3",
        "projection",
        "period_start",
        "period_end",
        "phase",
        "percentage_affected",
    ),
    ("area", "level1", "population", "number_affected"),
    "a long table of IPC",
)
HAPI = Layout(
    (*PLACE, "ipc_phase", "ipc_type", "population_in_phase", "population_fraction_in_phase"),
    [
        "location_name",
        "has_hrp",
        "in_gho",
        "provider_admin1_name",
        "provider_admin2_name",
        "admin1_code",
        "admin1_name",
        "admin2_code",
        "admin2_name",
        "admin_level",
        "dataset_hdx_id",
        "resource_hdx_id",
        "warning",
        "error",
    ],
    "the table of food security of HDX HAPI",
)
FEWS = Layout(
    ("country_code", "fnid", "scenario", "projection_start", "projection_end", "value", "reporting_date"),
    [
        "source_organization",
        "source_document",
        "datasourcedocument",
        "country",
        "geographic_group",
        "fewsnet_region",
        "geographic_unit_name",
        "classification_scale",
        "scenario_name",
        "is_allowing_for_assistance",
        "description",
        "collection_schedule",
        "collection_status",
        "dataseries_name",
        "geographic_unit_full_name",
        "status",
        "id",
        "data_usage_policy",
        "unit_type",
        "admin_0",
        "admin_1",
        "admin_2",
        "admin_3",
        "admin_4",
    ],
    "the table ipcphase of FEWS NET",
)
KINDS = {
    "current": "current",
    "projected": "projected",
    "first projection": "projected",
    "second_projected": "projected_2",
    "second projection": "projected_2",
}
SCENARIOS = {"CS": "current", "ML1": "projected", "ML2": "projected_2"}
UNCLASSED = {"66": "open water", "88": "a park or forest"}
_PHASES = {"all": "all", "3+": "3+", "p3+": "3+", **{str(n): str(n) for n in range(1, 6)}}


@dataclass(frozen=True, slots=True)
class Ipc:
    """The source `ipc`. `base` (scheme, host and port) stands in for that of its address."""

    name: str = "ipc"
    base: str = ""

    def read(self, request: Request) -> Iterator[Gathered]:
        """Conditions, in one step."""
        run = Run(request, fact_sheet(self.name), Tally(self.name), self.base)
        yield Gathered(self.name, run.tally, conditions=run.tally.guarded(_ipc(run)))


@dataclass(frozen=True, slots=True)
class FewsNet:
    """The source `fewsnet`. `base` (scheme, host and port) stands in for that of its address."""

    name: str = "fewsnet"
    base: str = ""

    def read(self, request: Request) -> Iterator[Gathered]:
        """Conditions, in one step."""
        run = Run(request, fact_sheet(self.name), Tally(self.name), self.base)
        yield Gathered(self.name, run.tally, conditions=run.tally.guarded(_fews(run)))


def _ipc(run: Run) -> Iterator[Condition]:
    release = Release("", run.request.published, run.request.published, AS_KNOWN)
    if not run.request.paths:
        yield from from_hapi(run, "food_security", hapi_row, _read_now(run))
        return
    for path in run.files((*ENDINGS, ".json")):
        if path.suffix.lower() == ".json":
            items = saved(whole(path), str(path))
            yield from run.objects(items, path.name, saved_row, release)
            continue
        for table in tables(path):
            layout, read = (LONG, long_row) if "analysis_date" in table.columns else (HAPI, hapi_row)
            layout.check(table, run.tally)
            yield from run.rows(table, read, release if layout is LONG else _read_now(run))
    run.close()


def _read_now(run: Run) -> Release:
    """HDX HAPI does not say when an analysis came out: it is known from the day it was read, unless told."""
    if run.request.published is None:
        run.tally.note(
            "no day of analysis is stated; known from the day it was read (--published to date it)"
        )
    known = run.request.published or Moment(run.request.recorded, Precision.INSTANT)
    return Release("", run.request.published, known, AS_KNOWN)


def _fews(run: Run) -> Iterator[Condition]:
    release = Release("", run.request.published, run.request.published, AS_KNOWN)
    if run.request.paths:
        for table in run.tables():
            yield from _fews_table(run, table, release)
    else:
        since = run.request.since or run.request.recorded.date().replace(year=run.request.recorded.year - 2)
        span = {"start_date": str(since), "end_date": str(run.request.recorded.date())}
        table = run.table_at(run.address("phases"), {**span, "classification_scale": "IPC31"})
        yield from _fews_table(run, table, release)
    run.close()


def _fews_table(run: Run, table: Table, release: Release) -> Iterator[Condition]:
    FEWS.check(table, run.tally)
    yield from run.rows(table, fews_row, release)


def long_row(row: Mapping[str, str]) -> Iterator[Given | Fault]:
    """People of one area in one phase, as a share and as a number."""
    happened = span(row, "period_start", "period_end")
    state = iso3(row["country_iso3"], happened.start)
    area = "/".join(name for name in (text(row, "level1"), text(row, "area")) if name)
    place = Given("", state.iso3, state.name, happened, area=area, known=analysed(row["analysis_date"]))
    cells = row["percentage_affected"], row.get("number_affected")
    yield from shares(place, _kind(row["projection"]), row["phase"], cells)


def hapi_row(row: Mapping[str, Any]) -> Iterator[Given | Fault]:
    """People of one area in one phase, as HDX HAPI gives it."""
    if text(row, "error"):
        raise RowIgnored("marked by HDX as an error")
    happened = span(row, *PLACE[1:])
    state = iso3(text(row, "location_code"), happened.start)
    names = [
        text(row, n) for n in ("admin2_code", "admin1_code", "provider_admin2_name", "provider_admin1_name")
    ]
    area = next((name for name in names if name), "")
    if text(row, "admin_level") not in ("", "0") and not area:
        raise RowRefused("is of a part of the country and names none")
    place = Given("", state.iso3, text(row, "location_name") or state.name, happened, area=area)
    cells = row.get("population_fraction_in_phase"), row.get("population_in_phase")
    yield from shares(place, _kind(text(row, "ipc_type")), text(row, "ipc_phase"), cells)


def shares(place: Given, kind: str, phase: str, cells: tuple[Any, Any]) -> Iterator[Given | Fault]:
    """Share and number of people in a phase; missing where they are not given. Raises RowRefused."""
    told = _PHASES.get(phase.strip().lower())
    if told is None:
        raise RowRefused(f"phase {phase[:40]!r} is none of 1 to 5, 3+ and all")
    share = Series(f"{kind}_phase_{told}_share", "", "share of people", 0, 1)
    yield measured(share, cells[0], place)
    yield measured(Series(f"{kind}_phase_{told}_people", "", "people", 0), cells[1], place)


def fews_row(row: Mapping[str, str]) -> Iterator[Given | Fault]:
    """The phase of one area in one scenario."""
    value, scenario = row["value"].strip(), row["scenario"].strip()
    if value.partition(".")[0] in UNCLASSED:
        raise RowIgnored(f"is {UNCLASSED[value.partition('.')[0]]}, which bears no phase")
    if scenario not in SCENARIOS:
        raise RowRefused(f"scenario {scenario[:40]!r} is none of {', '.join(SCENARIOS)}")
    happened = span(row, "projection_start", "projection_end")
    if not row["fnid"].strip():
        raise RowRefused("fnid is empty: it names no area")
    state, reported = iso2(row["country_code"]), day(row["reporting_date"], "reporting_date")
    known = Moment(datetime(reported.year, reported.month, 1, tzinfo=UTC), Precision.MONTH)
    none = absent(value) or value.partition(".")[0] == "99"
    kept = {
        k: text(row, k) for k in ("geographic_unit_full_name", "is_allowing_for_assistance") if text(row, k)
    }
    scale = text(row, "classification_scale")
    yield Given(
        f"{SCENARIOS[scenario]}_phase",
        state.iso3,
        text(row, "country") or state.name,
        happened,
        None if none else float(_phase(value)),
        missing="no data, as FEWS NET says" if none else "",
        unit="phase 1 to 5",
        area=row["fnid"].strip(),
        about=scale,
        columns=kept,
        known=known,
    )


def _phase(value: str) -> int:
    found = number(value, "value", 1, 5)
    if not found.is_integer():
        raise RowRefused(f"value {value[:40]!r} is not a phase")
    return int(found)


def _kind(told: str) -> str:
    found = KINDS.get(told.strip().lower())
    if found is None:
        raise RowRefused(f"{told[:40]!r} is neither an assessment of now nor a projection")
    return found
