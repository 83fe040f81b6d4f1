"""Tables of slices as they were known at an instant: frames, never nouns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import narwhals as nw

from tocsin.store.lake import Lake
from tocsin.store.slicelog import TABLE


def sliced(lake: Lake, table: str, as_of: datetime, question: Callable[[Any], Any]) -> list[dict[str, Any]]:
    """The answer to a question to a table of slices: from a frame of what was known at `as_of` to a frame.

    Of a slice that was corrected by then only the correction is seen. Raises HomeDamaged.
    """
    known = seen(lake, as_of)
    return lake.ask(table, lambda frame: question(frame.filter(known)), bare=True)


def seen(lake: Lake, as_of: datetime) -> nw.Expr:
    """Which rows of a table of slices were known at an instant, for a frame of any engine."""
    at = as_of.astimezone(UTC).replace(tzinfo=None)

    def replaced(frame: Any) -> Any:
        return frame.filter((nw.col("known_end") <= at) & (nw.col("replaces") != "")).select("replaces")

    gone = [row["replaces"] for row in lake.ask(TABLE, replaced)]
    known = nw.col("known") <= nw.lit(at)
    return known & ~nw.col("slice").is_in(gone) if gone else known


def on_spark(
    spark: Any, lake: Lake, table: str, as_of: datetime, question: Callable[[Any], Any]
) -> list[dict[str, Any]]:
    """The same answer by a session of Spark Connect, which reads the same parts.

    A part that is merged away meanwhile fails the question; ask it again.
    """
    parts = [str(lake.folder / p.file) for p in lake.generation().of(table)]
    if not parts:
        return []
    frame = nw.from_native(spark.read.parquet(*parts)).filter(seen(lake, as_of))
    return [row.asDict() for row in nw.to_native(question(frame)).collect()]
