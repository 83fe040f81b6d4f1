"""Calendar years to windows of months."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.clock import Horizon, Period, as_of_end
from tocsin.forecasting.window import compose, year_shares


def test_a_window_that_begins_with_the_year_is_that_year():
    assert year_shares(Horizon(12).window(as_of_end(date(2010, 12, 31)))) == {2011: 1.0}


def test_a_window_from_july_is_half_of_either_year():
    shares = year_shares(Period(date(2023, 7, 2), date(2024, 7, 1)))
    assert shares == {2023: pytest.approx(183 / 365), 2024: pytest.approx(183 / 366)}


@given(st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.sampled_from([12, 24]))
def test_the_shares_of_a_window_add_up_to_its_years(day, months):
    shares = year_shares(Horizon(months).window(as_of_end(day)))
    assert sum(shares.values()) == pytest.approx(months / 12, abs=0.004)
    assert all(0 < share <= 1 for share in shares.values())


def test_two_halves_of_hazard_survive_as_one():
    years = {2011: np.array([0.1]), 2012: np.array([0.2])}
    assert compose("hazard", years, {2011: 0.5, 2012: 0.5})[0] == pytest.approx(1 - np.sqrt(0.9 * 0.8))


def test_half_a_span_of_hazard_survives_twice_to_the_whole():
    half = compose("hazard", {2011: np.array([0.19])}, {2011: 1.0}, 0.5)[0]
    assert half == pytest.approx(0.1)


def test_the_mean_weighs_years_by_their_share():
    years = {2011: np.array([0.0]), 2012: np.array([1.0])}
    assert compose("mean", years, {2011: 0.25, 2012: 0.75})[0] == pytest.approx(0.75)
