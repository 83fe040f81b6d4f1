"""Weeks of reported events by country, from the gathered events of GDELT as known at an instant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import narwhals as nw

from tocsin.sources.weeks import country_weeks
from tocsin.store.lake import Lake
from tocsin.store.sliced import on_spark, sliced

TABLE = "gdelt_events"


def weeks(
    lake: Lake, as_of: datetime, since: date | None = None, iso3: str = "", spark: Any = None
) -> list[dict[str, Any]]:
    """One row a country and week (the columns of `sources.weeks`), sorted; of one country with `iso3`.

    `since` leaves out the weeks before the one of that day; a week that is not over counts what is known.
    With `spark`, a session of Spark Connect that sees the files of the lake, Spark does the work instead of
    DuckDB; the rows are equal. Raises HomeDamaged.
    """
    first = since - timedelta(days=since.weekday()) if since else None

    def wanted(frame: Any) -> Any:
        if first:
            frame = frame.filter(nw.col("happened") >= nw.lit(first))
        return country_weeks(frame.filter(nw.col("iso3") == iso3) if iso3 else frame)

    ask: Callable[..., list[dict[str, Any]]] = partial(on_spark, spark) if spark else sliced
    return ask(lake, TABLE, as_of, wanted)


def unplaced(lake: Lake, as_of: datetime) -> tuple[int, int]:
    """How many events are known, and how many of them bear no country that the list knows."""
    counts = [nw.len().alias("all"), nw.col("iso3").is_null().cast(nw.Int64).sum().alias("lost")]
    rows = sliced(lake, TABLE, as_of, lambda frame: frame.select(*counts))
    return (rows[0]["all"], rows[0]["lost"] or 0) if rows else (0, 0)
