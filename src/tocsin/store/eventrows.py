"""Gathered events as the monthly panels read them: a few columns of the lake, not whole nouns."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from tocsin.clock import Moment, Precision
from tocsin.forecasting.events import EventRow
from tocsin.store.lake import Lake

PLAIN = ("id", "external_id", "release", "layer", "known", "violence", "iso3", "latitude", "longitude")
COLUMNS = {
    **{name: name for name in (*PLAIN, "where_precision", "side_a", "side_b", "best", "replaces")},
    **{name: f"json_extract_string(happened, '$.{name}')" for name in ("start", "end", "precision")},
    "adm_1": "coalesce(json_extract_string(columns, '$.adm_1'), '')",
}


class LakeEvents:
    """The reader of events that the panels ask for, over a lake."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def event_rows(self, as_of: datetime, /) -> list[EventRow]:
        """Every row known at `as_of`, of every release. Raises HomeDamaged."""
        return [_row(values) for values in self._lake.project("events", as_of, COLUMNS)]


def _row(values: dict[str, Any]) -> EventRow:
    return EventRow(
        id=values["id"],
        external_id=values["external_id"],
        release=values["release"],
        layer=values["layer"],
        known=_moment(values["known"]),
        violence=values["violence"],
        iso3=values["iso3"],
        start=_day(values["start"]),
        end=_day(values["end"]),
        date_precision=Precision(values["precision"]),
        latitude=values["latitude"],
        longitude=values["longitude"],
        where_precision=values["where_precision"],
        adm_1=values["adm_1"],
        side_a=values["side_a"],
        side_b=values["side_b"],
        best=values["best"],
        replaces=values["replaces"] or "",
    )


@lru_cache(maxsize=1024)
def _moment(text: str) -> Moment:
    told = json.loads(text)
    at = datetime.fromisoformat(told["at"])
    return Moment(at if at.tzinfo else at.replace(tzinfo=UTC), Precision(told["precision"]))


@lru_cache(maxsize=20_000)
def _day(text: str) -> date:
    return date.fromisoformat(text)
