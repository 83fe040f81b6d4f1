"""Areas and cells add up to the country; what is known only to the country is given to none of them."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.forecasting.happenings import happening
from tests.shared_data import shared
from tocsin.clock import Precision, as_of_end
from tocsin.errors import UnknownId
from tocsin.forecasting import levels, sharing
from tocsin.forecasting.areas import SOMEWHERE, Kind, adjacent, area_cube, area_of
from tocsin.forecasting.cube import Floats
from tocsin.forecasting.events import EventRow, known_events
from tocsin.forecasting.months import monthly_cube
from tocsin.geography.borders import priogrid
from tocsin.sources import Request, source

LATE = as_of_end(date(2026, 1, 1))
GRID = levels.grid(500, (25, 100))
EXTRACT = "data/ucdp_ged_country_extracts/ged_events_combined.parquet"


@pytest.mark.parametrize(
    ("precision", "adm1", "cell"),
    [
        (1, True, True),
        (3, True, True),
        (4, True, False),
        (5, True, False),
        (6, False, False),
        (7, False, False),
    ],
)
def test_a_place_is_never_told_more_exactly_than_it_is_known(precision: int, adm1: bool, cell: bool) -> None:
    event = happening(1, "2023-04-15", where_precision=precision)
    assert (area_of(event, Kind.ADM1) != SOMEWHERE) is adm1
    assert (area_of(event, Kind.CELL) != SOMEWHERE) is cell


def test_an_event_without_a_name_or_a_point_stays_somewhere_in_the_country() -> None:
    event = happening(1, "2023-04-15", adm_1=" ", latitude=None)
    assert area_of(event, Kind.ADM1) == area_of(event, Kind.CELL) == SOMEWHERE


def test_the_cell_is_the_one_that_the_publisher_names() -> None:
    """The PRIO-GRID number of UCDP's own column, for every event of a real extract placed well enough."""
    text = shared("data/ucdp_ged_country_extracts/conflict_data_sdn.csv").read_text("utf-8")
    pairs = [
        (int(row["priogrid_gid"]), priogrid(float(row["latitude"]), float(row["longitude"])))
        for row in csv.DictReader(text.splitlines(keepends=True))
        if row["priogrid_gid"].isdigit()
    ]
    same = sum(told == ours for told, ours in pairs)
    assert len(pairs) == 3822 and same / len(pairs) > 0.99


def test_cells_touch_at_corners_and_across_the_date_line() -> None:
    here = priogrid(10.1, 20.1)
    cells = [SOMEWHERE, *map(str, (here, here + 721, here + 2, 720 * 100 + 1, 720 * 100 + 720))]
    assert [(int(i), int(j)) for i, j in np.argwhere(adjacent(cells)) if i < j] == [(1, 2), (2, 3), (4, 5)]


@st.composite
def placed(draw: st.DrawFn) -> EventRow:
    return happening(
        draw(st.integers(1, 40)),
        date(2022, draw(st.integers(1, 12)), 3).isoformat(),
        best=draw(st.integers(0, 300)),
        id=f"evt-{draw(st.integers(0, 10**9))}",
        violence=draw(st.sampled_from([1, 2, 3])),
        where_precision=draw(st.integers(1, 7)),
        adm_1=draw(st.sampled_from(["", "North", "South"])),
        latitude=draw(st.sampled_from([None, 10.2, 12.9])),
        date_precision=draw(st.sampled_from([Precision.DAY, Precision.YEAR])),
    )


@settings(deadline=None)
@given(st.lists(placed(), min_size=1, max_size=25), st.sampled_from(list(Kind)))
def test_the_parts_add_up_to_the_country_in_every_month(rows: list[EventRow], kind: Kind) -> None:
    known = known_events(rows, LATE)
    country, parts = monthly_cube(known), area_cube(known, "SDN", kind)
    np.testing.assert_array_equal(parts.columns["ged_best_os"].sum(axis=0), country.columns["ged_best_os"][0])
    np.testing.assert_array_equal(parts.columns["ged_events"].sum(axis=0), country.columns["ged_events"][0])


def test_real_areas_and_cells_add_up() -> None:
    request = Request((shared(EXTRACT),), None, None, LATE, False, None)
    rows = [EventRow.of(e) for e in next(source("ucdp").read(request)).events if e.iso3 == "SDN"]
    known = known_events(rows, LATE)
    country = monthly_cube(known).columns["ged_best_os"][0]
    for kind, at_least in ((Kind.ADM1, 20), (Kind.CELL, 200)):
        parts = area_cube(known, "SDN", kind)
        assert len(parts.entities) > at_least
        np.testing.assert_array_equal(parts.columns["ged_best_os"].sum(axis=0), country)


def test_a_country_that_was_not_gathered_has_no_areas() -> None:
    with pytest.raises(UnknownId, match="country with gathered events 'TCD'"):
        area_cube(known_events([happening(1, "2023-04-15")], LATE), "TCD", Kind.ADM1)


shares_of = arrays(np.float64, st.integers(1, 8), elements=st.floats(0.01, 1)).map(lambda w: w / w.sum())
falling = arrays(np.float64, len(GRID), elements=st.floats(0, 1)).map(lambda p: np.sort(p)[::-1])


@settings(deadline=None)
@given(falling, shares_of, st.floats(0.2, 20))
def test_no_part_is_above_the_country_and_expected_values_add_up(
    country: Floats, share: Floats, firm: float
) -> None:
    parts = sharing.part_exceedances(country, GRID, share, firm)
    assert parts.min() >= 0 and (parts <= country).all()
    assert (np.diff(parts, axis=1) <= 0).all()
    expected = sharing.part_means(country, GRID, share)
    assert expected.sum() == pytest.approx(sharing.part_means(country, GRID, np.ones(1))[0])


def test_chances_of_the_parts_are_those_of_drawing_them() -> None:
    """Against 200,000 draws, for a country in which 40 are killed with chance one half."""
    grid = np.array([1.0, 5.0, 25.0, 40.0, 41.0])
    share, firm, draw = np.array([0.7, 0.25, 0.05]), 1.5, np.random.default_rng(3)
    country = np.array([0.5, 0.5, 0.5, 0.5, 0.0])
    drawn = np.stack([draw.multinomial(40, p) for p in draw.dirichlet(firm * share, 200_000)])
    wanted = np.stack([(drawn >= level).mean(axis=0) / 2 for level in grid], axis=1)
    np.testing.assert_allclose(sharing.part_exceedances(country, grid, share, firm), wanted, atol=0.006)
    np.testing.assert_allclose(sharing.part_means(country, grid, share), drawn.mean(axis=0) / 2, atol=0.2)


def test_a_part_weighs_nothing_before_its_first_event_and_less_with_time() -> None:
    how = sharing.Rule(6.0, 1.0, 0.0, 0.0, 0.1, 0.5, {1: 1.0})
    deaths = np.array([[8.0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 4.0, 0, 0, 0]])
    events = np.where(deaths > 0, 1.0, 0.0)
    got = sharing.shares(sharing.weights(how, deaths, deaths * 0), sharing.seen_until(events))
    np.testing.assert_allclose(got.sum(axis=0), 1)
    assert got[1, 2] == 0 and got[1, 3] > 0
    assert got[0, 6] == pytest.approx((4 + 0.1) / (4 + 0.1 + 4 * 0.5**0.5 + 0.1 + 0.5))


def test_later_months_change_no_earlier_share() -> None:
    how, deaths = sharing.rule("cell"), np.random.default_rng(1).poisson(0.3, (6, 40)).astype(float)
    touch = adjacent([str(100_000 + i) for i in range(6)])
    before = sharing.weights(how, deaths, deaths, touch)
    deaths[:, 20:] = 900
    np.testing.assert_array_equal(before[:, :20], sharing.weights(how, deaths, deaths, touch)[:, :20])


def test_the_rules_are_complete() -> None:
    for kind in ("adm1", "cell", "situation"):
        assert {1, 3, 6, 12} <= sharing.rule(kind).concentration.keys()
        assert sharing.rule(kind).firmness(36) == sharing.rule(kind).firmness(12)
    with pytest.raises(UnknownId):
        sharing.rule("adm2")


def test_the_folder_of_rules_is_shipped() -> None:
    assert (Path(sharing.__file__).parent / "sharing.yml").exists()
