"""Requests and invented UCDP rows for the tests of this room."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

from tocsin.clock import parse_moment
from tocsin.net import Fetcher
from tocsin.sources import Event, Gathered, Record, Request, source
from tocsin.sources.feeds.ucdp_layout import layouts

RECORDED = datetime(2026, 11, 20, 12, tzinfo=UTC)
COLUMNS = tuple(layouts().known)


def request(
    *paths: Path,
    published: str = "",
    since: date | None = None,
    release: str = "",
    fetch: Fetcher | None = None,
    offline: bool = False,
) -> Request:
    moment = parse_moment(published) if published else None
    return Request(paths, since, moment, RECORDED, offline, fetch, release)


def events(*paths: Path, **options: str) -> tuple[list[Event], Gathered]:
    gathered = next(source("ucdp").read(request(*paths, **options)))  # type: ignore[arg-type]
    return list(gathered.events), gathered


def records(*paths: Path, name: str = "folder", **options: str) -> tuple[list[Record], Gathered]:
    gathered = next(source(name).read(request(*paths, **options)))  # type: ignore[arg-type]
    return list(gathered.records), gathered


def ged_row(**values: object) -> dict[str, str]:
    """An invented row in the codebook's columns."""
    row = dict.fromkeys(COLUMNS, "")
    row |= {"id": "1", "relid": "XXX-2020-3-1-1", "year": "2020", "active_year": "1", "code_status": "Clear"}
    row |= {"type_of_violence": "3", "side_a": "An armed group", "side_b": "Civilians", "where_prec": "1"}
    row |= {"where_coordinates": "A town", "latitude": "-22.5", "longitude": "17.1", "country": "Namibia"}
    row |= {
        "country_id": "565",
        "region": "Africa",
        "date_prec": "1",
        "date_start": "2020-05-06 00:00:00.000",
    }
    row |= {"date_end": "2020-05-06 00:00:00.000", "deaths_a": "0", "deaths_b": "0", "deaths_civilians": "3"}
    row |= {"deaths_unknown": "0", "best": "3", "high": "4", "low": "2"}
    return row | {name: str(value) for name, value in values.items()}


def write(path: Path, *rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path
