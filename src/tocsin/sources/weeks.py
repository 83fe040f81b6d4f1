"""GDELT events summed to country and week, in expressions that any engine of Narwhals runs alike.

Sums are of whole numbers, so that the order in which an engine adds them changes nothing; the tone of a row
is taken to a millionth first. What GDELT counts is reports of events, not events.
"""

from __future__ import annotations

from typing import Any

import narwhals as nw

COLUMNS = (
    "iso3",
    "week",
    "events",
    "mentions",
    "articles",
    "conflict",
    "assault",
    "fight",
    "mass_violence",
    "tone",
)
MATERIAL_CONFLICT = 4
"""QuadClass of CAMEO."""
ROOTS = {"assault": "18", "fight": "19", "mass_violence": "20"}
"""Root codes of CAMEO: assault, fight, engage in unconventional mass violence."""
_SUMS = ("events", "mentions", "articles", "conflict", *ROOTS, "toned", "tone")
_FINE, _SHOWN = 1e6, 1e4
_NUDGE = 1e-9
"""What lies this close below a half is a half: engines differ in the last bit."""


def country_weeks(events: Any) -> Any:
    """A frame of gdelt_events to one row a country and week, sorted; events without a country are left out.

    `week` is the Monday that begins it (DATE). `events`, `mentions`, `articles` are sums; `conflict` counts
    events of QuadClass 4, `assault`, `fight`, `mass_violence` those of root 18, 19, 20. `tone` is the mean of
    AvgTone (-100 to 100) weighted by articles, to four places; NULL where no article has one.
    """
    articles = nw.col("NumArticles")
    rows = events.filter(~nw.col("iso3").is_null()).select(
        "iso3",
        "happened",
        nw.lit(1).alias("events"),
        nw.col("NumMentions").alias("mentions"),
        articles.alias("articles"),
        _one(nw.col("QuadClass") == MATERIAL_CONFLICT).alias("conflict"),
        *(_one(nw.col("EventRootCode") == code).alias(name) for name, code in ROOTS.items()),
        nw.when(~nw.col("AvgTone").is_null()).then(articles).alias("toned"),
        ((nw.col("AvgTone") * _FINE + 0.5).floor().cast(nw.Int64) * articles).alias("tone"),
    )
    # By day first: the week is then worked out for few rows.
    days = _summed(rows, "iso3", "happened").with_columns(week=_monday(nw.col("happened")))
    weeks = _summed(days, "iso3", "week")
    # No division: Narwhals makes of it a function that not every Spark server has for these types.
    mean = nw.col("tone").cast(nw.Float64) * nw.col("toned").cast(nw.Float64) ** -1.0 * (_SHOWN / _FINE)
    told = nw.when(nw.col("toned") > 0).then(((mean + 0.5 + _NUDGE).floor() * (1 / _SHOWN)).round(4))
    return weeks.with_columns(tone=told).select(*COLUMNS).sort("iso3", "week")


def _summed(rows: Any, *by: str) -> Any:
    return rows.group_by(*by).agg(*(nw.col(name).sum().cast(nw.Int64) for name in _SUMS))


def _one(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0))


def _monday(day: nw.Expr) -> nw.Expr:
    """The first day of the week of a day (ISO 8601). Narwhals truncates to no week, and Sunday is 7 or 0."""
    number = day.dt.weekday() % 7
    back = (nw.when(number == n % 7).then(day.dt.offset_by(f"-{n - 1}d").cast(nw.Date)) for n in range(1, 8))
    return nw.coalesce(*back)
