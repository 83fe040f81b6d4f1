"""Slices in the real layout of GDELT's events, with rows of our own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import narwhals as nw

from tocsin.clock import Moment, Precision
from tocsin.evidence import content_id
from tocsin.sources.slices import Delivered, Slice, SliceAccount, layout
from tocsin.store.lake import Lake

TABLE = "gdelt_events"
NAMES = [c.name for c in layout(TABLE).columns]
RECORDED = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
PLAIN = {
    "SQLDATE": "20250107",
    "MonthYear": "202501",
    "Year": "2025",
    "FractionDate": "2025.0192",
    "IsRootEvent": "1",
    "EventCode": "010",
    "EventBaseCode": "010",
    "EventRootCode": "01",
    "QuadClass": "1",
    "GoldsteinScale": "-0.5",
    "NumMentions": "4",
    "NumSources": "1",
    "NumArticles": "2",
    "AvgTone": "-3.25",
    "ActionGeo_Type": "4",
    "ActionGeo_FullName": 'A "place", somewhere',
    "ActionGeo_CountryCode": "SU",
    "ActionGeo_Lat": "15.5",
    "ActionGeo_Long": "32.5",
    "DATEADDED": "20250107143000",
    "SOURCEURL": "https://example.org/1",
}


def line(number: int | str, **other: str) -> bytes:
    """A row of 61 columns; what is not named is empty."""
    cells = {**PLAIN, "GLOBALEVENTID": str(number), **other}
    return "\t".join(cells.get(name, "") for name in NAMES).encode()


def file(*lines: bytes) -> bytes:
    return b"".join(one + b"\n" for one in lines)


def delivered(folder: Path, body: bytes, stamp: str = "20250107143000", **other: Any) -> Delivered:
    """A file of that content on disk, as the source delivers it."""
    name, sha256 = f"{stamp}.export.CSV", hashlib.sha256(body).hexdigest()
    path = folder / f"{sha256[:12]}-{name}"
    path.write_bytes(body)
    at = Moment(datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC), Precision.INSTANT)
    told = {
        "id": content_id("slc", "gdelt", name, sha256),
        "source": "gdelt",
        "table": TABLE,
        "name": name,
        "address": f"https://example.org/{name}.zip",
        "md5": hashlib.md5(body).hexdigest(),
        "sha256": sha256,
        "known": at,
        "recorded": RECORDED,
    }
    return Delivered(Slice(**{**told, **other}), path)


def taken(lake: Lake, *slices: Delivered) -> list[SliceAccount]:
    """Write them in one step; what became of each."""
    accounts: list[SliceAccount] = []
    lake.write({}, "test", iter(slices), accounts.append)
    return accounts


def rows(lake: Lake, columns: Iterable[str] = ("GLOBALEVENTID",)) -> list[tuple[Any, ...]]:
    """What lies in the table, in its order, replaced slices too."""
    return [tuple(r.values()) for r in lake.ask(TABLE, lambda frame: frame.select(*columns), bare=True)]


def numbers(frame: Any) -> Any:
    """A question: the ids of the events, sorted."""
    return frame.select(nw.col("GLOBALEVENTID")).sort("GLOBALEVENTID")
