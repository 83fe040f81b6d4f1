"""Who borders whom: known facts on known days, both ways round, and none across water."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import UnknownId
from tocsin.geography import countries
from tocsin.geography.borders import outlines
from tocsin.geography.countries import read_table
from tocsin.geography.neighbours import neighbours

DAYS = st.dates(date(1950, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("iso3", "on", "around"),
    [
        ("RWA", "1994-04-06", "BDI COD TZA UGA"),
        ("SDN", "2010-12-31", "CAF COD EGY ERI ETH KEN LBY TCD UGA"),
        ("SDN", "2012-01-01", "CAF EGY ERI ETH LBY SSD TCD"),
        ("SSD", "2012-01-01", "CAF COD ETH KEN SDN UGA"),
        ("SSD", "2010-12-31", ""),
        ("YUG", "1990-06-01", "ALB AUT BGR GRC HUN ITA ROU"),
        ("SCG", "2005-06-01", "ALB BGR BIH HRV HUN MKD ROU"),
        ("SRB", "2007-06-01", "ALB BGR BIH HRV HUN MKD MNE ROU"),
        ("SRB", "2010-06-01", "BGR BIH HRV HUN MKD MNE ROU XKX"),
        ("RUS", "1985-06-01", "AFG CHN CSK FIN HUN IRN MNG NOR POL PRK ROU TUR"),
        ("RUS", "2020-06-01", "AZE BLR CHN EST FIN GEO KAZ LTU LVA MNG NOR POL PRK UKR"),
        ("ETH", "1990-06-01", "DJI KEN SDN SOM"),
        ("CSK", "1990-12-01", "AUT DEU HUN POL RUS"),
        ("LKA", "2009-05-18", ""),
        ("BWA", "2020-01-01", "NAM ZAF ZMB ZWE"),
        ("MMR", "2017-08-25", "BGD CHN IND LAO THA"),
        ("LSO", "2020-01-01", "ZAF"),
    ],
)
def test_known_borders_of_known_days(iso3: str, on: str, around: str) -> None:
    assert neighbours(iso3, date.fromisoformat(on)) == tuple(around.split())


@given(DAYS)
def test_borders_are_the_same_from_both_sides_and_between_those_of_the_day(on: date) -> None:
    there = {c.iso3 for c in countries(on)}
    for iso3 in there:
        around = neighbours(iso3, on)
        assert iso3 not in around and set(around) <= there
        assert all(iso3 in neighbours(other, on) for other in around)


def test_an_unknown_code_is_an_error_and_no_island() -> None:
    with pytest.raises(UnknownId):
        neighbours("QQQ", date(2020, 1, 1))


def test_the_table_holds_units_of_the_shapes_or_says_why_it_was_added() -> None:
    rows = list(read_table("neighbours.csv"))
    assert {row["unit"] for row in rows} | {row["neighbour"] for row in rows} <= set(outlines("50m"))
    assert all(row["unit"] < row["neighbour"] for row in rows)
    assert all(row["basis"] == "shapes" or row["basis"].startswith("added: ") for row in rows)
    assert len({(row["unit"], row["neighbour"]) for row in rows}) == len(rows)
