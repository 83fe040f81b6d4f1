"""Predictors by hand, and the promise that none of them looks ahead."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.forecasting.synthetic import world
from tocsin.clock import parse_moment
from tocsin.errors import InputError
from tocsin.forecasting import features
from tocsin.forecasting.explain import say
from tocsin.forecasting.grid import as_known
from tocsin.forecasting.outcomes import Feature, load_features, load_outcomes, load_themes

NAN = np.nan
WORLD = world(states=8, first=2000, last=2012)
REGIONS = [f"region {i % 6}" for i in range(8)]
END = parse_moment("2014-06-30").end


def test_decay_is_a_mean_in_which_each_year_back_weighs_half():
    assert features.decay(np.array([[4.0, 1.0]]), 1)[0, 1] == pytest.approx((4 / 2 + 1) / 1.5)


def test_decay_leaves_out_unknown_years_and_is_unknown_in_them():
    out = features.decay(np.array([[4.0, NAN, 1.0]]), 1)[0]
    assert np.isnan(out[1])
    assert out[2] == pytest.approx((4 / 4 + 1) / 1.25)


def test_recency_is_one_now_and_one_half_after_a_half_life_and_zero_when_never():
    out = features.recency(np.array([[0.0, 1.0, 0.0, 0.0]]), 1, 2)[0]
    assert out == pytest.approx([0, 1, 0.5**0.5, 0.5])


def test_share_counts_known_years_only():
    assert features.share(np.array([[30.0, NAN, 10.0]]), 25, 3)[0, 2] == 0.5


def test_moving_max_forgets_what_lies_further_back():
    assert features.moving_max(np.array([[9.0, 1.0, 2.0]]), 2)[0].tolist() == [9, 9, 2]


def test_change_is_unknown_until_there_is_a_year_to_compare_with():
    out = features.change(np.array([[1.0, 3.0, 7.0]]), 2)[0]
    assert np.isnan(out[:2]).all()
    assert out[2] == 6


def test_a_region_is_the_mean_of_the_others_in_it():
    grid = as_known(WORLD, END)
    spec = Feature("r", "r", "f", "population", "level", "", region=True)
    out = features.compute(spec, grid, ["a", "a", "a", "b", "b", "c", "c", "c"])
    assert out[0] == pytest.approx(grid.values["population"][1:3].mean(axis=0))


def test_a_state_alone_in_its_region_has_no_regional_value():
    spec = Feature("r", "r", "f", "population", "level", "", region=True)
    out = features.compute(spec, as_known(WORLD, END), list("abcdefgh"))
    assert np.isnan(out).all()


def test_a_column_that_the_table_lacks_is_named():
    with pytest.raises(InputError, match="no_such"):
        features.compute(Feature("r", "r", "f", "no_such", "level", ""), as_known(WORLD, END), REGIONS)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(load_features()), st.integers(0, 7), st.integers(1, 12))
def test_no_feature_of_the_table_sees_a_later_year(spec, state, year):
    grid = as_known(WORLD, END)
    changed = {}
    for name, cells in grid.values.items():
        changed[name] = cells.copy()
        changed[name][state, year:] = cells[state, year:] * 3 + 5
    before = features.compute(spec, grid, REGIONS)
    after = features.compute(spec, replace(grid, values=changed), REGIONS)
    np.testing.assert_array_equal(before[:, :year], after[:, :year])


def test_what_was_not_known_is_blank_in_the_grid():
    grid = as_known(WORLD, parse_moment("2008-03-31").end)
    assert grid.years[-1] == 2008
    assert grid.known["os_deaths"] == 2006
    assert np.isnan(grid.values["os_deaths"][:, grid.at(2007) :]).all()
    assert not np.isnan(grid.values["os_deaths"][:, grid.at(2006)]).any()
    assert grid.known["v2x_polyarchy"] == 2007


def test_every_rival_is_made_of_features_of_the_table():
    keys = {spec.key for spec in load_features()}
    assert all(set(o.rival) <= keys for o in load_outcomes())


def test_every_feature_has_words_for_its_value():
    assert all(spec.text.format(value=1.0, since=1, year=2000) and spec.label for spec in load_features())


def test_an_unknown_transform_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="recency"):
        Feature("r", "r", "f", "population", "guess", "")


def test_recency_is_said_in_years():
    spec = next(s for s in load_features() if s.key == "acd_recency")
    assert say(spec, 1.0, 2020) == "in 2020"
    assert say(spec, 0.5 ** (4 / spec.half_life), 2020) == "4 years before 2020"
    assert say(spec, 0.0, 2020) == "none in the table up to 2020"


def test_yes_and_no_are_said_in_words():
    spec = next(s for s in load_features() if s.key == "mk_now")
    assert say(spec, 1.0, 2020) == "under way in 2020"
    assert say(spec, 0.0, 2020) == "none under way in 2020"


def test_before_is_the_value_of_an_earlier_year():
    assert features.before(np.array([[1.0, 3.0, 7.0]]), 1)[0, 1:].tolist() == [1, 3]


def test_a_fall_is_from_the_most_and_a_rise_from_the_least_of_the_years():
    grid = as_known(WORLD, END)
    x = grid.values["population"]
    fall = features.compute(Feature("f", "f", "f", "population", "fall", "", years=3), grid, REGIONS)
    rise = features.compute(Feature("r", "r", "r", "population", "rise", "", years=3), grid, REGIONS)
    assert fall[:, 5] == pytest.approx(x[:, 3:6].max(axis=1) - x[:, 5])
    assert rise[:, 5] == pytest.approx(x[:, 5] - x[:, 3:6].min(axis=1))


def test_a_surge_is_against_the_decayed_mean():
    grid = as_known(WORLD, END)
    out = features.compute(Feature("s", "s", "f", "os_deaths", "surge", "", half_life=2), grid, REGIONS)
    x = grid.values["os_deaths"]
    np.testing.assert_allclose(out, x - features.decay(x, 2))


def test_every_theme_has_features_and_its_own_label():
    themes = load_themes()
    assert {spec.theme for spec in load_features()} == set(themes) - {"gaps"}
    assert len({theme.label for theme in themes.values()}) == len(themes)
    assert {spec.sign for spec in load_features()} == {-1, 0, 1}
