"""The monthly panel: what is covered, which release counts, and that no past turn sees a later row."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.forecasting.happenings import CANDIDATE, happening, out, world
from tests.shared_data import shared
from tocsin.clock import Precision, as_of_end
from tocsin.forecasting.cube import Cube
from tocsin.forecasting.events import EventRow, first_day, known_events, month_id
from tocsin.forecasting.months import COLUMNS, monthly_cube, undated
from tocsin.geography import countries
from tocsin.sources import Request, source

LATE = as_of_end(date(2026, 1, 1))
MEMBERS = tuple(c.iso3 for c in countries() if c.status == "member")


def at(cube: Cube, iso3: str, day: str, column: str = "ged_best_os") -> float:
    t = cube.at(month_id(date.fromisoformat(day)))
    return float(cube.columns[column][cube.entities.index(iso3), t])


def cube_of(rows: list[EventRow], day: str = "2026-01-01") -> Cube:
    return monthly_cube(known_events(rows, as_of_end(date.fromisoformat(day))))


def test_months_are_numbered_from_january_1980() -> None:
    assert [month_id(date(1980, 1, 31)), month_id(date(2016, 12, 1))] == [1, 444]
    assert first_day(444) == date(2016, 12, 1)


def test_deaths_are_summed_by_month_type_and_kind_of_actor() -> None:
    rows = [
        happening(1, "2023-04-15", best=10),
        happening(2, "2023-04-30", best=4, side_a="RSF"),
        happening(3, "2023-04-01", best=7, violence=1, side_b="RSF"),
        happening(4, "2023-06-01", best=1, violence=2),
    ]
    cube = cube_of(rows)
    april = {name: at(cube, "SDN", "2023-04-01", name) for name in COLUMNS}
    assert april == {
        "ged_best_sb": 7,
        "ged_best_ns": 0,
        "ged_best_os": 14,
        "ged_best_os_state": 10,
        "ged_best_os_groups": 4,
        "ged_events": 3,
        "ged_os_actors": 2,
    }
    assert at(cube, "SDN", "2023-05-01") == 0, "between its first and its last event an extract tells"


def test_a_file_of_one_country_says_nothing_of_another_nor_of_months_before_or_after() -> None:
    cube = cube_of([happening(1, "2023-04-15"), happening(2, "2023-09-01")])
    assert cube.entities == ("SDN",)
    assert [first_day(int(p)).isoformat() for p in cube.periods[[0, -1]]] == ["2023-04-01", "2023-09-01"]
    two = cube_of([happening(1, "2023-04-15"), happening(2, "2020-09-01", "TCD")])
    assert np.isnan(at(two, "TCD", "2023-04-01"))
    assert not two.exists[two.entities.index("TCD"), -1]


def test_a_world_release_makes_the_empty_months_of_every_state_zero() -> None:
    cube = cube_of(world("24.1", 2010, 2012, MEMBERS[:100]))
    assert at(cube, MEMBERS[150], "2010-01-01") == at(cube, MEMBERS[150], "2012-12-01") == 0
    assert at(cube, MEMBERS[3], "2011-06-01") > 300
    assert np.isnan(at(cube, "SSD", "2011-06-01")), "South Sudan did not exist yet"
    assert at(cube, "SSD", "2011-07-01") == 0


def test_a_hundred_thousand_rows_of_few_countries_are_not_the_world() -> None:
    assert cube_of(world("24.1", 2010, 2012, MEMBERS[:59])).entities == tuple(sorted(MEMBERS[:59]))


def test_a_candidate_release_covers_the_months_in_which_it_names_many_countries() -> None:
    rows = [
        happening(n, "2026-02-03", iso3, layer=CANDIDATE, release="26.0.2", known=out("2026-03-31"))
        for n, iso3 in enumerate(MEMBERS[:30])
    ]
    straggler = replace(rows[0], id="evt-s", external_id="s", start=date(2026, 1, 9), end=date(2026, 1, 9))
    cube = cube_of([*rows, straggler], "2026-04-01")
    assert at(cube, MEMBERS[100], "2026-02-01") == 0
    assert np.isnan(at(cube, MEMBERS[100], "2026-01-01"))
    assert at(cube, MEMBERS[0], "2026-01-01") == 5


def test_the_same_event_of_two_releases_counts_once_as_the_newest_known_says() -> None:
    early = happening(1, "2023-04-15", best=10)
    late = replace(early, id="evt-1-25.1", release="25.1", known=out("2025-06-30"), best=40)
    assert at(cube_of([early, late]), "SDN", "2023-04-01") == 40
    assert at(cube_of([early, late], "2025-01-01"), "SDN", "2023-04-01") == 10


def test_an_event_that_a_later_release_withdrew_or_did_not_confirm_is_gone() -> None:
    kept = happening(1, "2023-04-15", best=10)
    withdrawn = happening(2, "2023-05-15", best=99)
    unconfirmed = happening(
        3, "2023-05-20", best=77, layer=CANDIDATE, release="23.0.5", known=out("2023-06-30")
    )
    newer = [
        replace(kept, id="evt-1-25.1", release="25.1", known=out("2025-06-30")),
        happening(4, "2023-07-01", release="25.1", known=out("2025-06-30")),
    ]
    rows = [kept, withdrawn, happening(5, "2023-08-01"), unconfirmed, *newer]
    assert at(cube_of(rows), "SDN", "2023-05-01") == 0
    assert at(cube_of(rows, "2024-12-01"), "SDN", "2023-05-01") == 99
    assert at(cube_of(rows, "2023-12-01"), "SDN", "2023-05-01") == 77


def test_a_row_that_names_the_row_it_replaces_stands_for_it_once_known() -> None:
    wrong = happening(1, "2023-04-15", best=500)
    right = replace(wrong, id="evt-fix", best=50, replaces=wrong.id, known=out("2024-09-01"))
    assert at(cube_of([wrong, right]), "SDN", "2023-04-01") == 50
    assert at(cube_of([wrong, right], "2024-08-01"), "SDN", "2023-04-01") == 500


def test_an_event_known_only_to_the_year_stands_in_no_month() -> None:
    vague = happening(1, "2003-01-01", best=900, end=date(2003, 12, 31), date_precision=Precision.YEAR)
    narrow = happening(2, "2003-02-01", best=3, end=date(2003, 2, 20), date_precision=Precision.YEAR)
    spanning = happening(3, "2003-04-28", best=8, end=date(2003, 5, 4))
    known = known_events([vague, narrow, spanning, happening(4, "2002-12-01")], LATE)
    cube = monthly_cube(known)
    assert at(cube, "SDN", "2003-01-01") == 0
    assert at(cube, "SDN", "2003-02-01") == 3
    assert at(cube, "SDN", "2003-04-01") == 8, "placed by its first day"
    assert undated(known) == {("SDN", 2003): 900}


def test_a_sample_is_not_taken_for_a_country(rows: int = 3) -> None:
    sample = [happening(n, f"{2001 + n}-03-01", "AFG", best=2) for n in range(rows)]
    yearly = {("AFG", 2001): 900.0, ("AFG", 2002): 4.0, ("AFG", 2003): 900.0}
    known = known_events(sample, LATE, yearly)
    told = [first_day(int(p)).year for p in known.coverage.periods[known.coverage.known[0]]]
    assert set(told) == {2002}
    assert [row.start.year for row in known.placed] == [2002]


def test_nothing_gathered_is_an_empty_panel() -> None:
    cube = cube_of([])
    assert cube.entities == () and len(cube.periods) == 0


RELEASES = (
    ("24.1", "annual", "2024-06-30"),
    ("25.1", "annual", "2025-06-30"),
    ("23.0.9", CANDIDATE, "2023-10-31"),
)


@st.composite
def any_row(draw: st.DrawFn) -> EventRow:
    release, layer, known = draw(st.sampled_from(RELEASES))
    number = draw(st.integers(1, 6))
    day = date(draw(st.integers(2019, 2023)), draw(st.integers(1, 12)), 3).isoformat()
    return happening(
        number,
        day,
        draw(st.sampled_from(["SDN", "TCD"])),
        draw(st.integers(0, 90)),
        id=f"evt-{draw(st.integers(0, 10**9))}",
        release=release,
        layer=layer,
        known=out(known),
    )


@settings(deadline=None)
@given(st.lists(any_row(), max_size=12), st.lists(any_row(), max_size=8), st.sampled_from([2023, 2024, 2025]))
def test_rows_known_later_change_nothing_earlier(
    before: list[EventRow], after: list[EventRow], year: int
) -> None:
    origin = as_of_end(date(year, 12, 31))
    unknown = [replace(row, known=out(f"{year + 1}-03-31")) for row in after]
    plain, told = (known_events(rows, origin) for rows in (before, [*unknown, *before]))
    assert plain.placed == told.placed and plain.undated == told.undated
    one, two = monthly_cube(plain), monthly_cube(told)
    assert one.entities == two.entities
    for name in COLUMNS:
        np.testing.assert_array_equal(one.columns[name], two.columns[name])


def test_the_panel_of_a_country_extract_agrees_with_the_published_panel() -> None:
    """Nigeria, release 22.1, against the ViEWS country-month panel (another release): sums within a tenth."""
    import duckdb

    path = shared("data/ucdp_ged_countrymonth_africa_views/ged_country_month_1990_2016.parquet")
    con = duckdb.connect()
    con.execute(f"select month_id, ged_best_os from '{path}' where iso3 = 'NGA' and month_id <= 444")
    published = dict(con.fetchall())
    extract = shared("data/ucdp_ged_country_extracts/ged_events_combined.parquet")
    request = Request((extract,), None, None, LATE, False, None)
    rows = [EventRow.of(e) for e in next(source("ucdp").read(request)).events if e.iso3 == "NGA"]
    cube = monthly_cube(known_events([row for row in rows if row.release == "22.1?"], LATE))
    ours = cube.columns["ged_best_os"][0]
    pairs = np.array([(ours[cube.at(m)], published[m]) for m in range(300, 445)])
    assert pairs[:, 0].sum() == pytest.approx(pairs[:, 1].sum(), rel=0.1)
    assert np.corrcoef(np.log1p(pairs.T))[0, 1] > 0.9
