"""The forms in which an edition is listed: what makes each, and its media type."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tocsin.alarms.edition import Edition
from tocsin.alarms.exports import as_csv, as_geojson, as_json
from tocsin.alarms.feed import atom, rss

FORMS: Mapping[str, tuple[Callable[[Edition], bytes], str]] = {
    "atom": (atom, "application/atom+xml"),
    "rss": (rss, "application/rss+xml"),
    "json": (as_json, "application/json"),
    "geojson": (as_geojson, "application/geo+json"),
    "csv": (as_csv, "text/csv; charset=utf-8; header=present"),
}
"""By the ending of the name, `alarms.FORM`."""
