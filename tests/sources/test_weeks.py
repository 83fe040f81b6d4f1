"""Weeks of reported events: sums that any engine gives alike."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from math import floor
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.shared_data import shared
from tests.store.given_slices import delivered, file, line, taken
from tocsin.clock import now
from tocsin.sources.weeks import COLUMNS, country_weeks
from tocsin.store.lake import Lake
from tocsin.store.weeks import unplaced, weeks

MONDAY, SUNDAY = "20250106", "20250112"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake", tmp_path / "writer.lock")


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A session of Spark Connect with pysail behind it; without the extra the test that asks for it skips."""
    lacking = [name for name in ("pysail", "pyspark", "pyarrow") if not importlib.util.find_spec(name)]
    if lacking:
        pytest.skip(f"{len(lacking)} packages of the extra `spark` are not installed: {', '.join(lacking)}")
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    session = SparkSession.builder.remote(f"sc://127.0.0.1:{server.listening_address[1]}").getOrCreate()
    yield session
    session.stop()
    server.stop()


def test_a_week_begins_on_monday_and_holds_seven_days(lake: Lake, tmp_path: Path) -> None:
    days = ["20250105", MONDAY, "20250108", SUNDAY, "20250113"]
    taken(lake, delivered(tmp_path, file(*(line(n, SQLDATE=day) for n, day in enumerate(days)))))
    found = [(row["week"], row["events"]) for row in weeks(lake, now())]
    assert found == [(date(2024, 12, 30), 1), (date(2025, 1, 6), 3), (date(2025, 1, 13), 1)]


def test_what_is_summed(lake: Lake, tmp_path: Path) -> None:
    body = file(
        line(1, QuadClass="4", EventRootCode="18", NumMentions="5", NumArticles="1", AvgTone="-10"),
        line(2, QuadClass="4", EventRootCode="19", NumMentions="1", NumArticles="3", AvgTone="2"),
        line(3, QuadClass="4", EventRootCode="20", NumMentions="", NumArticles="2", AvgTone=""),
        line(4, QuadClass="3", EventRootCode="14", NumMentions="1", NumArticles="", AvgTone="9"),
        line(5, ActionGeo_CountryCode="IZ", NumArticles="0", AvgTone="1"),
        line(6, ActionGeo_CountryCode="", NumArticles="7"),
    )
    taken(lake, delivered(tmp_path, body))
    iraq, sudan = weeks(lake, now())
    monday = date(2025, 1, 6)
    assert tuple(sudan) == COLUMNS
    assert tuple(sudan.values()) == ("SDN", monday, 4, 7, 6, 3, 1, 1, 1, -1.0), "tone: (-10 + 3 * 2) / 4"
    assert tuple(iraq.values()) == ("IRQ", monday, 1, 4, 0, 0, 0, 0, 0, None), "no article, no tone"
    assert unplaced(lake, now()) == (6, 1)


def test_weeks_are_those_known_on_a_day_of_a_place_and_since_the_week_of_a_day(
    lake: Lake, tmp_path: Path
) -> None:
    taken(
        lake,
        delivered(tmp_path, file(line(1, SQLDATE="20250101"), line(2)), "20250107000000"),
        delivered(tmp_path, file(line(3), line(4, ActionGeo_CountryCode="OD")), "20250109000000"),
    )
    told = [(r["iso3"], r["week"], r["events"]) for r in weeks(lake, datetime(2025, 1, 8, tzinfo=UTC))]
    assert told == [("SDN", date(2024, 12, 30), 1), ("SDN", date(2025, 1, 6), 1)]
    assert [r["events"] for r in weeks(lake, now(), date(2025, 1, 8), "SDN")] == [2]
    assert [r["iso3"] for r in weeks(lake, now(), date(2025, 1, 8))] == ["SDN", "SSD"]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def test_a_lake_without_events_has_no_weeks(lake: Lake) -> None:
    assert weeks(lake, now()) == [] and unplaced(lake, now()) == (0, 0)


Row = tuple[str | None, date, int | None, int | None, float | None]
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["SDN", "IRQ", None]),
        st.dates(date(2024, 12, 1), date(2025, 2, 1)),
        st.none() | st.integers(0, 10_000),
        st.none() | st.integers(0, 10_000),
        st.none() | st.floats(-100, 100, allow_nan=False),
    ),
    max_size=30,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, order=st.randoms())
def test_sums_are_those_done_by_hand_whatever_the_order(
    con: duckdb.DuckDBPyConnection, rows: list[Row], order: Any
) -> None:
    def summed(given: list[Row]) -> list[tuple[Any, ...]]:
        con.execute(
            "CREATE OR REPLACE TABLE t (iso3 VARCHAR, happened DATE, NumMentions BIGINT, NumArticles BIGINT, "
            "AvgTone DOUBLE, QuadClass BIGINT, EventRootCode VARCHAR)"
        )
        if given:
            con.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, 4, '18')", given)
        return list(nw.to_native(country_weeks(nw.from_native(con.table("t")))).fetchall())

    found = summed(rows)
    again = list(rows)
    order.shuffle(again)
    assert summed(again) == found
    by_hand: dict[tuple[str, date], list[Row]] = {}
    for row in rows:
        if row[0]:
            by_hand.setdefault((row[0], date.fromordinal(row[1].toordinal() - row[1].weekday())), []).append(
                row
            )
    assert [(r[0], r[1]) for r in found] == sorted(by_hand)
    for iso3, week, events, mentions, articles, conflict, assault, *_, tone in found:
        own = by_hand[iso3, week]
        assert events == conflict == assault == len(own)
        assert (mentions or 0) == sum(r[2] or 0 for r in own) and (articles or 0) == sum(
            r[3] or 0 for r in own
        )
        toned = [(r[4], r[3]) for r in own if r[4] is not None and r[3]]
        if not toned:
            assert tone is None
        else:
            mean = sum(t * n for t, n in toned) / sum(n for _, n in toned)
            assert abs(tone - floor(mean * 1e4 + 0.5) / 1e4) < 1.01e-4


def test_spark_gives_the_rows_that_duckdb_gives(lake: Lake, tmp_path: Path, spark: Any) -> None:
    for name, stamp in (
        ("20191024143000.export.CSV", "20191024143000"),
        ("translingual.export.CSV", "20191024144500"),
    ):
        taken(lake, delivered(tmp_path, shared(f"data/gdelt_raw_samples/{name}").read_bytes(), stamp))
    corrected = file(line(1, SQLDATE="20191024"))
    taken(lake, delivered(tmp_path, corrected, "20191024144500"))
    asked: list[Callable[..., Any]] = [
        lambda **engine: weeks(lake, now(), **engine),
        lambda **engine: weeks(lake, now(), date(2019, 10, 1), "SYR", **engine),
        lambda **engine: weeks(lake, datetime(2020, 1, 1, tzinfo=UTC), **engine),
    ]
    for ask in asked:
        rows = ask()
        assert rows and ask(spark=spark) == rows


def test_spark_sees_the_week_of_every_day(lake: Lake, tmp_path: Path, spark: Any) -> None:
    body = file(*(line(n, SQLDATE=f"202501{n:02d}", AvgTone=f"{n / 7:.6f}") for n in range(1, 29)))
    taken(lake, delivered(tmp_path, body))
    rows = weeks(lake, now())
    assert [r["events"] for r in rows] == [5, 7, 7, 7, 2] and weeks(lake, now(), spark=spark) == rows
