"""Time: a date less exact than the day is known at its end, and none is guessed."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.clock import Horizon, Moment, Period, Precision, add_months, as_of_end, parse_moment


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2014", date(2014, 12, 31)),
        ("2014-04", date(2014, 4, 30)),
        ("2016-02", date(2016, 2, 29)),
        ("2014-04-02", date(2014, 4, 2)),
    ],
)
def test_a_date_is_known_at_the_end_of_what_it_names(text: str, end: date) -> None:
    assert parse_moment(text).end == as_of_end(end)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.sampled_from(["day", "month", "year"]))
def test_a_moment_reads_back_as_it_is_written(day: date, precision: str) -> None:
    start = {"day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1)}[precision]
    moment = Moment(datetime(start.year, start.month, start.day, tzinfo=UTC), Precision(precision))
    assert parse_moment(str(moment)) == moment
    assert Period.of(moment).start == start and moment.at <= moment.end


@pytest.mark.parametrize("text", ["2 April", "April 2014", "04/02/2014", "2014-4-2", "", "yesterday"])
def test_what_is_not_a_full_iso_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a date"):
        parse_moment(text)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Moment(datetime(2014, 4, 2))


def test_a_window_begins_on_the_next_day_and_lasts_whole_months() -> None:
    assert Horizon(12).window(as_of_end(date(2014, 4, 3))) == Period(date(2014, 4, 4), date(2015, 4, 3))
    assert add_months(date(2023, 12, 31), 2) == date(2024, 2, 29)


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        Period(date(2014, 4, 3), date(2014, 4, 2))
