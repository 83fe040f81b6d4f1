"""Promises of borders as of a day, the map and the grid."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import InputError
from tocsin.geography import countries, locate_point, map_shapes, priogrid

NOW = date(2025, 1, 1)


@pytest.mark.parametrize(
    ("lat", "lon", "on", "iso3"),
    [
        (9.53, 31.66, date(2005, 1, 1), "SDN"),
        (9.53, 31.66, date(2011, 7, 8), "SDN"),
        (9.53, 31.66, date(2011, 7, 9), "SSD"),
        (42.66, 21.16, date(1999, 1, 1), "YUG"),
        (42.66, 21.16, date(2005, 1, 1), "SCG"),
        (42.66, 21.16, date(2007, 1, 1), "SRB"),
        (42.66, 21.16, NOW, "XKX"),
        (43.85, 18.40, date(1991, 1, 1), "YUG"),
        (44.11, 19.30, date(1995, 7, 11), "BIH"),
        (42.44, 19.26, date(2006, 1, 1), "SCG"),
        (42.44, 19.26, NOW, "MNE"),
        (50.08, 14.43, date(1992, 12, 31), "CSK"),
        (50.08, 14.43, date(1993, 1, 1), "CZE"),
        (48.15, 17.10, date(1993, 1, 1), "SVK"),
        (50.45, 30.50, date(1990, 1, 1), "RUS"),
        (50.45, 30.50, date(1992, 1, 1), "UKR"),
        (15.33, 38.93, date(1992, 1, 1), "ETH"),
        (15.33, 38.93, date(1994, 1, 1), "ERI"),
        (-22.57, 17.08, date(1989, 1, 1), "ZAF"),
        (-22.57, 17.08, date(1991, 1, 1), "NAM"),
        (-8.55, 125.57, date(1999, 9, 1), "IDN"),
        (-8.55, 125.57, date(2003, 1, 1), "TLS"),
        (7.34, 134.48, date(1990, 1, 1), "PCI"),
        (7.34, 134.48, date(1995, 1, 1), "PLW"),
        (7.10, 171.38, date(1990, 1, 1), "MHL"),
        (6.92, 158.16, date(1990, 1, 1), "FSM"),
    ],
)
def test_a_point_lies_in_the_state_of_its_day(lat: float, lon: float, on: date, iso3: str) -> None:
    assert locate_point(lat, lon, on) == iso3


EAST = {
    "Leipzig": (51.34, 12.37),
    "Erfurt": (50.98, 11.03),
    "Rostock": (54.09, 12.10),
    "Suhl": (50.61, 10.69),
}
WEST = {
    "Hamburg": (53.55, 10.00),
    "Hof": (50.32, 11.92),
    "Coburg": (50.26, 10.97),
    "West Berlin": (52.50, 13.30),
}


def test_the_inner_german_line_parts_the_towns_on_either_side() -> None:
    for sides, iso3 in ((EAST, "DDR"), (WEST, "DEU")):
        for name, (lat, lon) in sides.items():
            assert locate_point(lat, lon, date(1989, 6, 1)) == iso3, name
            assert locate_point(lat, lon, NOW) == "DEU"


def test_the_inner_yemeni_line_parts_north_and_south() -> None:
    south = {
        "Aden": (12.79, 45.03),
        "Beihan": (14.80, 45.72),
        "Socotra": (12.50, 54.00),
        "Mukalla": (14.54, 49.13),
    }
    north = {"Sanaa": (15.35, 44.20), "Marib": (15.46, 45.33), "Taiz": (13.58, 44.02)}
    for sides, iso3 in ((south, "YMD"), (north, "YEM")):
        for name, (lat, lon) in sides.items():
            assert locate_point(lat, lon, date(1989, 6, 1)) == iso3, name
            assert locate_point(lat, lon, NOW) == "YEM"


@pytest.mark.parametrize(
    ("lat", "lon", "iso3"),
    [
        (9.56, 44.06, "SOM"),
        (35.34, 33.32, "CYP"),
        (27.15, -13.20, "ESH"),
        (44.95, 34.10, "UKR"),
        (31.50, 34.46, "PSE"),
        (31.90, 35.20, "PSE"),
        (22.30, 114.17, "HKG"),
        (-8.52, 179.20, "TUV"),
        (-29.30, 27.50, "LSO"),
    ],
)
def test_disputed_and_small_places_are_given_as_the_data_name_them(lat: float, lon: float, iso3: str) -> None:
    assert locate_point(lat, lon, NOW) == iso3


def test_a_point_off_the_coast_is_given_its_shore_and_one_at_sea_is_refused() -> None:
    assert locate_point(35.90, 14.62, NOW) == "MLT"
    assert locate_point(0.0, 0.0, NOW) is None
    assert locate_point(34.5, 18.0, NOW) is None


def test_a_point_off_the_globe_is_an_error_not_an_ocean() -> None:
    for lat, lon in ((91.0, 0.0), (0.0, 181.0), (float("nan"), 0.0)):
        with pytest.raises(InputError, match="not on the globe"):
            locate_point(lat, lon, NOW)


@pytest.mark.parametrize("on", [date(1989, 1, 1), date(2000, 1, 1), NOW])
def test_the_map_shows_every_country_of_the_day_once_and_no_other(on: date) -> None:
    shown = [f["properties"]["iso3"] for f in map_shapes(on)["features"]]
    assert len(shown) == len(set(shown))
    assert set(shown) == {c.iso3 for c in countries(on)}


def test_the_map_is_small_and_speaks_of_the_soviet_union_in_its_time() -> None:
    assert len(json.dumps(map_shapes(NOW), separators=(",", ":"))) < 400_000
    names = {
        f["properties"]["iso3"]: f["properties"]["name"] for f in map_shapes(date(1989, 1, 1))["features"]
    }
    assert names["RUS"] == "Soviet Union"
    dots = {f["properties"]["iso3"] for f in map_shapes(NOW)["features"] if f["properties"]["dot"]}
    assert {"MDV", "TUV", "STP", "COM"} <= dots and not dots & {"RWA", "XKX", "FRA"}


@pytest.mark.parametrize("on", [date(1989, 1, 1), NOW])
def test_outer_rings_run_clockwise_so_that_a_globe_draws_the_country_and_not_the_rest(on: date) -> None:
    for feature in map_shapes(on)["features"]:
        geometry = feature["geometry"]
        for polygon in geometry["coordinates"] if geometry["type"] == "MultiPolygon" else []:
            ring = polygon[0]
            turned = sum((b[0] - a[0]) * (b[1] + a[1]) for a, b in pairwise(ring))
            assert turned > 0, feature["properties"]


@given(st.integers(-9_000_000, 9_000_000), st.integers(-18_000_000, 18_000_000))
def test_a_point_lies_in_the_cell_the_grid_gives_it(north: int, east: int) -> None:
    lat, lon = north / 100_000, east / 100_000
    row, column = divmod(priogrid(lat, lon) - 1, 720)
    assert row / 2 - 90 <= lat <= row / 2 - 89.5
    assert column / 2 - 180 <= lon <= column / 2 - 179.5


def test_the_grid_runs_from_the_south_west_corner_to_the_north_east() -> None:
    assert (priogrid(-90, -180), priogrid(-90, 179.9), priogrid(90, 180)) == (1, 720, 259_200)
    assert priogrid(4.85, 31.60) == 136_504


@pytest.mark.parametrize(
    ("latitude", "longitude", "iso3"),
    [
        (68, 20, "SWE"),
        (65, -18, "ISL"),
        (67, 100, "RUS"),
        (66, -172, "RUS"),
        (-17.8, 178, "FJI"),
        (72, -40, "GRL"),
    ],
)
def test_a_shape_across_the_180th_meridian_swallows_no_other(
    latitude: float, longitude: float, iso3: str
) -> None:
    assert locate_point(latitude, longitude, date(2024, 1, 1)) == iso3
