"""A later version of a row corrects the earlier one; an older release that is read late does not."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.made import record
from tocsin.clock import Moment, Period, Precision, as_of_end, day_moment, now
from tocsin.evidence import content_id
from tocsin.sources.condition import Condition
from tocsin.sources.contract import Gathered, Tally
from tocsin.store.corrections import tables
from tocsin.store.lake import Lake

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake", tmp_path / "writer.lock")


def condition(value: float, known: date, year: int = 2020, recorded: datetime = LONG_AGO) -> Condition:
    key = f"series|NAM|{year}"
    return Condition(
        id=content_id("cnd", "made", key, value, known.isoformat()),
        source="made",
        external_id=key,
        series="series",
        release=known.isoformat(),
        iso3="NAM",
        country="Namibia",
        area="",
        about="",
        value=value,
        text="",
        unit="share",
        missing="",
        happened=Period(date(year, 1, 1), date(year, 12, 31), Precision.YEAR),
        vintage="later revision",
        published=None,
        known=day_moment(known),
        recorded=recorded,
    )


def gathered(lake: Lake, *rows: Condition) -> int:
    step = Gathered("made", Tally("made"), conditions=rows)
    return lake.write(tables(lake, step), "test")["conditions"]


def seen(lake: Lake, on: date) -> list[float | None]:
    return [c.value for c in lake.read("conditions", as_of_end(on))]


def test_a_correction_is_a_new_row_that_names_the_old_one_and_the_past_sees_the_old(lake: Lake) -> None:
    gathered(lake, condition(0.1, date(2021, 3, 1)))
    assert gathered(lake, condition(0.2, date(2022, 3, 1))) == 1
    assert seen(lake, date(2021, 6, 1)) == [0.1] and seen(lake, date(2022, 6, 1)) == [0.2]
    (row,) = lake.read("conditions", now())
    assert row.replaces == condition(0.1, date(2021, 3, 1)).id


def test_what_says_the_same_again_changes_nothing(lake: Lake) -> None:
    rows = condition(0.1, date(2021, 3, 1)), condition(0.2, date(2022, 3, 1))
    gathered(lake, *rows)
    before = lake.generation()
    assert gathered(lake, *rows) == 0 and gathered(lake, rows[1]) == 0 and lake.generation() == before


def test_a_value_that_goes_back_to_what_it_was_is_seen_again(lake: Lake) -> None:
    day = date(2021, 3, 1)
    for value, new in ((0.1, 1), (0.2, 1), (0.1, 1), (0.1, 0), (0.2, 1)):
        later = replace(
            condition(value, day), recorded=LONG_AGO + timedelta(days=len(lake.ids("conditions")))
        )
        assert gathered(lake, later) == new
        assert seen(lake, day) == [value]


def test_an_older_release_that_is_read_late_is_kept_and_replaces_nothing(lake: Lake) -> None:
    gathered(lake, condition(0.2, date(2022, 3, 1)))
    assert gathered(lake, condition(0.1, date(2021, 3, 1), recorded=now())) == 1
    assert seen(lake, date(2022, 6, 1)) == [0.2] and seen(lake, date(2021, 6, 1)) == [0.1]
    assert gathered(lake, condition(0.1, date(2021, 3, 1), recorded=now())) == 0


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 400)), min_size=1, max_size=8),
    year=st.integers(1900, 2019),
)
def test_a_reader_sees_the_version_that_was_known_last_whatever_the_order(
    lake: Lake, told: list[tuple[int, int]], year: int
) -> None:
    first, lake = date(2021, 1, 1), Lake(lake.folder / str(now().timestamp()), lake.folder / "lock")
    dates = {days: value / 10 for value, days in told}
    for n, (days, value) in enumerate(dates.items()):
        known = first + timedelta(days=days)
        gathered(lake, condition(value, known, year, LONG_AGO + timedelta(days=n)))
    for days in range(0, 410, 50):
        out = [value for known, value in sorted(dates.items()) if known <= days]
        assert seen(lake, first + timedelta(days=days)) == out[-1:]


def test_an_edited_entry_of_a_feed_replaces_its_first_words(lake: Lake) -> None:
    def entry(n: int, published: str) -> Iterable[object]:
        return [replace(record(n, published), source="made", external_id="guid-1")]

    for n, published in ((1, "2021-03-01"), (2, "2021-03-04")):
        step = Gathered("made", Tally("made"), records=entry(n, published))  # type: ignore[arg-type]
        lake.write(tables(lake, step), "test")
    (stands,) = lake.read("records", now())
    assert stands.text == record(2).text and stands.replaces == record(1).id
    (then,) = lake.read("records", as_of_end(date(2021, 3, 2)))
    assert then.text == record(1).text


def test_rows_without_an_id_of_their_source_are_left_alone(lake: Lake) -> None:
    step = Gathered("made", Tally("made"), records=[record(1), record(2)])
    assert lake.write(tables(lake, step), "test")["records"] == 2


def test_a_moment_known_to_the_month_is_known_at_its_end(lake: Lake) -> None:
    month = Moment(datetime(2021, 3, 1, tzinfo=UTC), Precision.MONTH)
    gathered(lake, replace(condition(0.1, date(2021, 3, 1)), known=month))
    assert seen(lake, date(2021, 3, 30)) == [] and seen(lake, date(2021, 3, 31)) == [0.1]
