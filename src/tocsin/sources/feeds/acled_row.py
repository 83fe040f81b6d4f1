"""One row of ACLED to one Incident, or the reason why not. Columns as in the ACLED codebook."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache

from tocsin.clock import Moment, Period, Precision
from tocsin.evidence import content_id
from tocsin.geography import Country, by_name, countries
from tocsin.sources.contract import Request
from tocsin.sources.factsheet import FactSheet
from tocsin.sources.incident import Incident
from tocsin.sources.readers.cells import (
    RowRefused,
    count_or_none,
    day,
    past,
    point,
    same_state,
    sought,
    text,
    whole,
)
from tocsin.sources.readers.incidents import Layout, incident_id, not_after, rest
from tocsin.sources.withdrawal import Withdrawal

SOURCE = "acled"
COLUMNS = (
    *("event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type"),
    *("sub_event_type", "actor1", "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2"),
    *("interaction", "civilian_targeting", "iso", "region", "country", "admin1", "admin2", "admin3"),
    *("location", "latitude", "longitude", "geo_precision", "source", "source_scale", "notes"),
    *("fatalities", "tags", "timestamp"),
)
POPULATION = ("population_1km", "population_2km", "population_5km", "population_best")
NEEDED = ("event_id_cnty", "event_date", "event_type", "country", "fatalities")
LAYOUT = Layout("a table of ACLED events", COLUMNS, NEEDED, POPULATION)
TAKEN = frozenset(("event_id_cnty", "event_date", "event_type", "actor1", "actor2", "civilian_targeting")) | (
    frozenset(
        ("country", "admin1", "location", "latitude", "longitude", "geo_precision", "source", "fatalities")
    )
)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()
"""What a time stamp in seconds can mean; thousandths of seconds lie far beyond."""


def incident(row: Mapping[str, str], request: Request, sheet: FactSheet) -> Incident:
    """The incident of a row. Raises RowRefused with the reason."""
    external, root = text(row, "event_id_cnty"), text(row, "event_type")
    happened = _happened(row, request)
    latitude, longitude = point(row, "latitude", "longitude")
    known = stamp(row, "timestamp") if row.get("timestamp", "").strip() else None
    read = request.published or Moment(request.recorded, Precision.INSTANT)
    kind = row.get("sub_event_type", "").strip()
    targeting = row.get("civilian_targeting")
    return Incident(
        id=incident_id(SOURCE, external, row),
        source=SOURCE,
        external_id=external,
        release="",
        iso3=_iso3(text(row, "country"), row.get("iso", "").strip(), happened.start),
        country=row["country"],
        place=row.get("location", ""),
        admin1=row.get("admin1", ""),
        latitude=latitude,
        longitude=longitude,
        where_precision=row.get("geo_precision", ""),
        happened=happened,
        kind=f"{root}/{kind}" if kind else root,
        root=root,
        actor=row.get("actor1", ""),
        target=row.get("actor2", ""),
        against_civilians=None if targeting is None else bool(targeting.strip()),
        deaths=count_or_none(row, "fatalities"),
        count=1,
        reported_by=row.get("source", ""),
        address="",
        sensitivity=sheet.sensitivity,
        published=known,
        known=not_after(known or read, request.recorded),
        recorded=request.recorded,
        columns=rest(row, TAKEN),
    )


def withdrawal(row: Mapping[str, str], request: Request) -> Withdrawal:
    """What a row of deleted events takes back. Raises RowRefused."""
    external, deleted = text(row, "event_id_cnty"), stamp(row, "deleted_timestamp")
    return Withdrawal(
        id=content_id("wdr", SOURCE, external, str(deleted)),
        source=SOURCE,
        external_id=external,
        record="",
        by=SOURCE,
        why=f"deleted by the publisher on {deleted.at.date()}",
        known=not_after(deleted, request.recorded),
        recorded=request.recorded,
    )


def stamp(row: Mapping[str, str], name: str) -> Moment:
    """A time in seconds since 1970. Raises RowRefused."""
    seconds = whole(row, name)
    if not EARLIEST <= seconds <= LATEST:
        raise RowRefused(f"{name} {seconds} is no time in seconds since 1970")
    return Moment(datetime.fromtimestamp(seconds, UTC), Precision.INSTANT)


def _happened(row: Mapping[str, str], request: Request) -> Period:
    """The day; the whole month where the publisher knows no more (`time_precision` 3).

    A week (2) stays the day that stands for it: the codebook does not say how the week lies about it.
    """
    on = past(day(text(row, "event_date"), "event_date"), "event_date", request.recorded.date())
    year = row.get("year", "").strip()
    if year and year != str(on.year):
        raise RowRefused(f"year {year[:40]} but event_date {on}: are the columns shifted?")
    precision = row.get("time_precision", "").strip()
    if precision not in ("", "1", "2", "3"):
        raise RowRefused(f"time_precision {precision[:40]!r} is none of 1, 2, 3")
    if precision == "3":
        return Period.of(Moment(datetime(on.year, on.month, 1, tzinfo=UTC), Precision.MONTH))
    return Period(on, on)


@lru_cache(maxsize=50_000)
def _iso3(name: str, number: str, on: date) -> str:
    """The country of a name and an ISO 3166 number (M49). Raises RowRefused where they disagree."""
    if number and not (number.isascii() and number.isdigit() and len(number) < 5):
        raise RowRefused(f"iso {number[:40]!r} is not a number: ACLED gives numbers of ISO 3166, not letters")
    by_its_name = sought(by_name, name, on)
    by_number = _numbered(int(number), on) if number else None
    found = by_its_name or by_number
    if found is None:
        raise RowRefused(f"country {name[:60]!r} (iso {number or 'empty'}) is not in the country table")
    if by_number is not None and not same_state(by_number, found):
        raise RowRefused(f"country {name!r} is {found.iso3} but iso {number} is {by_number.iso3}")
    return found.iso3


def _numbered(number: int, on: date) -> Country | None:
    return next((c for c in countries(on) if c.m49 and int(c.m49) == number), None)
