"""One row of UCDP GED to one Event, or the reason why not.

Columns as in the GED codebook (Högbladh 2025, UCDP GED Codebook version 25.1; Sundberg and Melander 2013).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from tocsin.clock import Period, Precision
from tocsin.geography import Country, by_gw, by_name
from tocsin.sources.feeds.ucdp_release import VINTAGE, Release
from tocsin.sources.readers.cells import RowRefused, count, day, degrees, same_state, sought, whole
from tocsin.sources.record import Event, event_id

SOURCE = "ucdp"
PRECISIONS = dict(enumerate([Precision.DAY] * 3 + [Precision.MONTH, Precision.YEAR], 1))
"""`date_prec`: 1 the day, 2 two to six days, 3 a week, 4 a month, 5 more than a month up to a year."""

TAKEN = frozenset(
    ("id", "type_of_violence", "country", "iso3", "where_coordinates", "latitude", "longitude", "where_prec")
) | frozenset(
    ("date_start", "date_end", "side_a", "side_b", "best", "low", "high", "deaths_civilians", "code_status")
)
"""Columns that have a field of their own in an Event; every other one is kept by name."""

DECIMALS = ("latitude", "longitude", "gwnoa", "gwnob")
"""Columns in which one number is written in several ways (25.77423, 25.774230)."""

_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")
_MONTH_FIRST = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})(?: 0?0:00(?::00)?| 12:00:00 AM)?$")


@dataclass(frozen=True, slots=True)
class Setting:
    """What all rows of a table share."""

    month_first: bool
    recorded: datetime


def event(row: Mapping[str, str], release: Release, setting: Setting) -> Event:
    """The event of a row by the codebook's column names. Raises RowRefused with the reason."""
    row = _spelt(row)
    happened = _happened(row, setting.month_first)
    if happened.start > release.covers:
        raise RowRefused(f"starts on {happened.start}, after release {release.label} ends ({release.covers})")
    violence = whole(row, "type_of_violence")
    if violence not in (1, 2, 3):
        raise RowRefused(f"type_of_violence {violence} is none of 1, 2, 3")
    external = str(whole(row, "id"))
    return Event(
        id=event_id(SOURCE, external, {**row, "release": release.label}),
        source=SOURCE,
        external_id=external,
        release=release.label,
        layer=release.layer,
        vintage=VINTAGE[release.layer],
        status=row.get("code_status", ""),
        violence=violence,
        iso3=_iso3(row, happened.start),
        country=row["country"],
        place=row.get("where_coordinates", ""),
        latitude=degrees(row, "latitude", 90),
        longitude=degrees(row, "longitude", 180),
        where_precision=whole(row, "where_prec"),
        happened=happened,
        side_a=row["side_a"],
        side_b=row["side_b"],
        best=count(row, "best"),
        low=count(row, "low"),
        high=count(row, "high"),
        civilians=count(row, "deaths_civilians"),
        known=release.known,
        recorded=setting.recorded,
        columns={name: value for name, value in row.items() if name not in TAKEN},
    )


def _happened(row: Mapping[str, str], month_first: bool) -> Period:
    start, end = (_day(row[name], name, month_first) for name in ("date_start", "date_end"))
    if start.year != whole(row, "year") and end.year != whole(row, "year"):
        raise RowRefused(f"year {row['year']} but date_start {row['date_start']}: are the columns shifted?")
    precision = PRECISIONS.get(whole(row, "date_prec"))
    if precision is None:
        raise RowRefused(f"date_prec {row['date_prec']} is none of 1 to 5")
    if end < start:
        raise RowRefused(f"date_end {row['date_end']} is before date_start {row['date_start']}")
    return Period(start, end, precision)


def _spelt(row: Mapping[str, str]) -> Mapping[str, str]:
    """The row as every door spells it: files and interface write some of the same values differently."""
    decimal = (name for name in DECIMALS if _DECIMAL.fullmatch(row.get(name, "")))
    spelt = {name: row[name].rstrip("0").rstrip(".") for name in decimal}
    active = row.get("active_year", "").lower()
    if active in ("true", "false"):
        spelt["active_year"] = "1" if active == "true" else "0"
    return {**row, **spelt}


def _day(text: str, name: str, month_first: bool) -> date:
    try:
        if month_first and (found := _MONTH_FIRST.match(text)):
            return date(int(found[3]), int(found[1]), int(found[2]))
    except ValueError:
        raise RowRefused(f"{name} {text[:40]!r} is not a date") from None
    return day(text, name)


def _iso3(row: Mapping[str, str], on: date) -> str:
    """The country's code on that day. Refuses a country nobody knows, and a name and codes that disagree."""
    found = _country(row["country"], whole(row, "country_id"), on)
    given = row.get("iso3", "").strip()
    if given and given not in (found.iso3, *found.predecessors, *found.successors):
        raise RowRefused(f"country {row['country']!r} is {found.iso3} but the iso3 column says {given!r}")
    return found.iso3


@lru_cache(maxsize=50_000)
def _country(name: str, code: int, on: date) -> Country:
    """By Gleditsch-Ward number, as UCDP codes countries; by name where none bore the number that day."""
    by_number, by_its_name = sought(by_gw, code, on), sought(by_name, name, on)
    found = by_number or by_its_name
    if found is None:
        raise RowRefused(f"country {name!r} (country_id {code}) is not in the country table")
    other = by_its_name or found
    if not same_state(found, other):
        raise RowRefused(f"country {name!r} is {other.iso3} but country_id {code} is {found.iso3}")
    return found
