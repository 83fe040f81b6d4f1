"""Conflict events of HDX HAPI: sums by month and area that OCHA makes available, from ACLED's rows.

`GET coordination-context/conflict-events?app_identifier=&limit=&offset=` answers `{"data": [...]}` (HDX HAPI,
version 2); the columns are those of its schema. The three event types overlap: events that target civilians
are political violence too. Neither types nor levels of area may be added up.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial

from tocsin.clock import Moment, Period, Precision
from tocsin.errors import InputError
from tocsin.geography import by_name, country
from tocsin.settings import Secret
from tocsin.sources.contract import NOTHING, Gathered, Request, Tally
from tocsin.sources.expectations import Expectations
from tocsin.sources.factsheet import fact_sheet
from tocsin.sources.incident import Incident
from tocsin.sources.keys import key
from tocsin.sources.readers.answers import listed
from tocsin.sources.readers.cells import (
    RowRefused,
    by_iso3,
    count,
    count_or_none,
    day,
    past,
    same_state,
    sought,
    text,
)
from tocsin.sources.readers.incidents import Judge, Layout, incident_id, rest
from tocsin.sources.readers.interface import Interface
from tocsin.sources.readers.objects import objects
from tocsin.sources.readers.table import Table

SOURCE = "hapi"
PAGE_SIZE = 10_000
MOST_PAGES = 1_000
COLUMNS = (
    *("resource_hdx_id", "location_ref", "location_code", "location_name", "has_hrp", "in_gho"),
    *("admin1_ref", "admin1_code", "admin1_name", "provider_admin1_name"),
    *("admin2_ref", "admin2_code", "admin2_name", "provider_admin2_name", "admin_level"),
    *("event_type", "events", "fatalities", "reference_period_start", "reference_period_end"),
)
NEEDED = ("location_code", "event_type", "events", "reference_period_start", "reference_period_end")
LAYOUT = Layout("the answer of conflict-events", COLUMNS, NEEDED, ("dataset_hdx_id", "warning", "error"))
TYPES = {"civilian_targeting": True, "demonstration": False, "political_violence": None}
"""The event types, and whether all, none or nobody knows how many of the events target civilians."""

TAKEN = frozenset(("location_code", "location_name", "admin1_name", "event_type", "events", "fatalities")) | (
    frozenset(("reference_period_start", "reference_period_end"))
)
OWN_KEYS = ("location_ref", "admin1_ref", "admin2_ref")
"""Row numbers of the publisher's data base: they say nothing of the world."""

REMEDY = "check TOCSIN_HAPI_APP (application and mail address, as app:email)"
AGAIN = "nothing of it is taken; try again later"


@dataclass(frozen=True, slots=True)
class Hapi:
    """The source `hapi`. `base` (scheme, host and port) stands in for that of its address."""

    name: str = SOURCE
    base: str = ""

    def read(self, request: Request) -> Iterator[Gathered]:
        """Incidents, lazily: one step, or one for each country (ISO3) of `request.only`."""
        for place in request.only or ("",):
            tally = Tally(SOURCE)
            interface = Interface(fact_sheet(SOURCE), request, tally, REMEDY, self.base)
            yield Gathered(SOURCE, tally, incidents=tally.guarded(_incidents(interface, place)))


def _incidents(interface: Interface, place: str) -> Iterator[Incident]:
    tally, request = interface.tally, interface.request
    expected = Expectations(interface.sheet.expected, tally)
    judge = Judge(tally, request.since, partial(incident, request=request), expected)
    for table in _pages(interface, place):
        LAYOUT.check(table, tally)
        yield from judge.rows(table)
    expected.check_fill()
    if not tally.rows_read:
        tally.note(NOTHING)


def _pages(interface: Interface, place: str) -> Iterator[Table]:
    """The pages until an empty one: a server may give less than is asked for.

    Raises InputError for a page that repeats the one before.
    """
    url, app = interface.address("api"), identifier(key("HAPI_APP", interface.tally), interface.tally)
    query: dict[str, str | Secret] = {"app_identifier": app, "output_format": "json", "limit": str(PAGE_SIZE)}
    if place:
        query["location_code"] = country(place).iso3
    before: list[object] = []
    read = 0
    for page in range(1, MOST_PAGES + 1):
        where = f"{url}, page {page}"
        rows = listed(interface.ask(url, {**query, "offset": str(read)}).get("data"), where)
        if not rows:
            return
        if rows == before:
            raise InputError("repeats the page before it", where, AGAIN)
        interface.request.progress(f"hapi {place}".strip() + ": pages", page, None)
        yield objects(rows, f"conflict-events {place}".strip(), read, sparse=True)
        read, before = read + len(rows), rows
    raise InputError(f"never ends: more than {MOST_PAGES} pages", url, AGAIN)


def identifier(app: Secret, tally: Tally) -> Secret:
    """The `app_identifier` of an application: base64 of `app:email`. Raises SourceStopped."""
    if not re.fullmatch(r"[^:\s][^:]*:[^:@\s]+@[^:@\s]+", app.value):
        raise tally.stop("TOCSIN_HAPI_APP is not an application and a mail address, written as app:email")
    return Secret(base64.b64encode(app.value.encode()).decode())


def incident(row: Mapping[str, str], request: Request) -> Incident:
    """The sum of a row. Raises RowRefused with the reason.

    Rows bear no id: country, area, type and first day tell them apart. They do not say when they were
    made, and change later, so each is known from the moment it was read.
    """
    row = {name: value for name, value in row.items() if name not in OWN_KEYS}
    if error := row.get("error", "").strip():
        raise RowRefused(f"is marked as an error by HDX: {error[:100]}")
    happened, kind = _happened(row, request.recorded.date()), text(row, "event_type")
    if kind not in TYPES:
        raise RowRefused(f"event_type {kind[:40]!r} is none of {', '.join(TYPES)}")
    iso3, events = _iso3(row, happened.start), count(row, "events")
    areas = ("admin1_code", "admin2_code", "provider_admin1_name", "provider_admin2_name")
    external = "|".join((iso3, *(row.get(name, "") for name in areas), kind, str(happened.start)))
    return Incident(
        id=incident_id(SOURCE, external, row),
        source=SOURCE,
        external_id=external,
        release="",
        iso3=iso3,
        country=row.get("location_name", ""),
        place=row.get("admin2_name", "") or row.get("provider_admin2_name", ""),
        admin1=row.get("admin1_name", "") or row.get("provider_admin1_name", ""),
        latitude=None,
        longitude=None,
        where_precision=_level(row),
        happened=happened,
        kind=kind,
        root=kind,
        actor="",
        target="",
        against_civilians=TYPES[kind],
        deaths=count_or_none(row, "fatalities"),
        count=events,
        reported_by="ACLED",
        address="",
        sensitivity=fact_sheet(SOURCE).sensitivity,
        published=None,
        known=Moment(request.recorded, Precision.INSTANT),
        recorded=request.recorded,
        columns=rest(row, TAKEN),
    )


def _happened(row: Mapping[str, str], today: date) -> Period:
    first, last = (
        day(text(row, name)[:10], name) for name in ("reference_period_start", "reference_period_end")
    )
    past(first, "reference_period_start", today)
    if last < first:
        raise RowRefused(f"reference_period_end {last} is before reference_period_start {first}")
    return Period(first, last, Precision.MONTH if (first, last) == _month(first) else Precision.DAY)


def _month(on: date) -> tuple[date, date]:
    """The first and last day of the month of a day."""
    unit = Moment(datetime(on.year, on.month, 1, tzinfo=UTC), Precision.MONTH)
    return unit.at.date(), unit.end.date()


def _iso3(row: Mapping[str, str], on: date) -> str:
    """The country's code. Raises RowRefused where the name beside it is that of another state."""
    found = by_iso3(text(row, "location_code"), on)
    named = sought(by_name, row.get("location_name", ""), on)
    if named is not None and not same_state(named, found):
        raise RowRefused(f"location_code {found.iso3} but location_name {row['location_name'][:60]!r}")
    return found.iso3


def _level(row: Mapping[str, str]) -> str:
    """The level of area: `admin0` is a whole country."""
    given = row.get("admin_level", "").strip()
    if given in ("0", "1", "2"):
        return f"admin{given}"
    return "admin2" if row.get("admin2_code") else "admin1" if row.get("admin1_code") else "admin0"
