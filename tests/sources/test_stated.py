"""What publishers say of a place in short: newest values, worst areas, forecasts that are still open."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tests.sources.given import RECORDED
from tocsin.clock import Moment, Period, Precision, day_moment
from tocsin.sources.condition import Condition
from tocsin.sources.feeds.conditions.given import month_period, year_period
from tocsin.sources.outlook import Measure, Outlook
from tocsin.sources.stated import handed_on, newest, still_open

ON = date(2026, 11, 20)


def condition(
    series: str = "v2x_libdem", year: int = 2024, source: str = "vdem", **changes: Any
) -> Condition:
    told: dict[str, Any] = {
        "value": 0.5,
        "text": "",
        "unit": "0 to 1",
        "missing": "",
        "area": "",
        "about": "",
    }
    told |= changes
    return Condition(
        id=f"cnd-{series}-{year}-{told['area']}",
        source=source,
        external_id=f"{series}|{year}|{told['area']}",
        series=series,
        release="v15",
        iso3="SSD",
        country="South Sudan",
        happened=year_period(year),
        vintage="later revision",
        published=None,
        known=day_moment(date(2025, 3, 13)),
        recorded=RECORDED,
        **told,
    )


def outlook(value: float = 0.5, source: str = "views", **changes: Any) -> Outlook:
    told: dict[str, Any] = {
        "run": "r2",
        "area": "",
        "outcome": "an outcome",
        "measure": Measure.PROBABILITY,
        "window": month_period(2026, 12),
        "made": Moment(datetime(2026, 10, 1, tzinfo=UTC), Precision.MONTH),
    }
    told |= changes
    return Outlook(
        id=f"out-{value}-{told['run']}-{told['area']}-{told['window']}",
        source=source,
        external_id=f"{told['run']}|{told['area']}|{told['window']}",
        iso3="SSD",
        country="South Sudan",
        value=value,
        known=day_moment(date(2026, 11, 1)),
        recorded=RECORDED,
        **told,
    )


def test_the_newest_value_of_each_series_stands_and_headlines_come_first() -> None:
    rows = [condition(year=2023, value=0.4), condition(), condition("v2x_polyarchy", value=0.2)]
    said = newest([*rows, condition("v2x_polyarchy", 2025, value=None, missing="no value given")])
    assert [(s.of.series, s.value, s.of.happened.start.year, s.headline) for s in said] == [
        ("v2x_polyarchy", "0.2 (0 to 1)", 2024, True),
        ("v2x_libdem", "0.5 (0 to 1)", 2024, False),
    ]
    assert said[1].label == "Liberal democracy" and said[1].publisher.startswith("V-Dem Institute")


def test_areas_are_not_told_one_by_one_but_the_worst_phase_is() -> None:
    phase = {"source": "fewsnet", "unit": "phase 1 to 5"}
    rows = [condition("current_phase", 2026, area=f"SS{n}", value=float(n), **phase) for n in (3, 5, 2)]
    rows += [condition("current_phase", 2020, area="SS9", value=1.0, **phase)]
    rows += [condition(year=2026, area="Part", value=0.9)]
    (one,) = newest(rows)
    assert (one.label, one.value, one.of.area) == (
        "Food insecurity now (worst of 3 areas)",
        "5 (phase 1 to 5)",
        "",
    )


def test_of_the_newest_run_the_nearest_open_window_stands() -> None:
    later, ended = month_period(2027, 1), month_period(2026, 10)
    old = outlook(0.9, run="r1", made=Moment(datetime(2026, 1, 1, tzinfo=UTC), Precision.MONTH))
    (one,) = still_open([outlook(0.1, window=later), old, outlook(0.2), outlook(0.7, window=ended)], ON)
    assert (one.value, one.run) == (0.2, "r2")
    assert still_open([outlook(window=ended)], ON) == []


def test_expected_numbers_of_areas_add_up_and_chances_of_areas_do_not() -> None:
    expected = {"measure": Measure.EXPECTED, "source": "acled_cast"}
    rows = [outlook(value, area=area, **expected) for value, area in ((20.0, "North"), (22.5, "South"))]
    (one,) = still_open([*rows, outlook(0.3, area="North")], ON)
    assert (one.value, one.area, one.columns) == (42.5, "", {"summed_from": 2})


def test_rows_that_may_not_leave_the_home_are_known_by_their_sheet() -> None:
    assert handed_on("views") and handed_on("vdem")
    assert not handed_on("acled_cast") and not handed_on("earlywarningproject")


def test_a_window_of_years_is_open_to_its_last_day() -> None:
    years = Period(date(2025, 1, 1), date(2026, 12, 31), Precision.YEAR)
    assert still_open([outlook(window=years)], date(2026, 12, 31))
    assert not still_open([outlook(window=years)], date(2027, 1, 1))
