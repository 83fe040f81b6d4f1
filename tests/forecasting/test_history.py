"""Predictors from an entity's own past look back only, and skip what is unknown."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tocsin.forecasting import history

X = np.array([[0.0, 4.0, np.nan, 2.0, 30.0]])
COUNTS = arrays(np.float64, (3, 20), elements=st.sampled_from([0.0, 1.0, 3.0, 40.0, np.nan]))


def test_by_hand() -> None:
    nan = np.nan
    np.testing.assert_array_equal(history.back(X, 2), [[nan, nan, 0, 4, nan]])
    np.testing.assert_array_equal(history.moving_mean(X, 3), [[0, 2, nan, 3, 16]])
    np.testing.assert_array_equal(history.total(X, 2), [[nan, 4, nan, nan, 32]])
    np.testing.assert_array_equal(history.since(X, 4), [[240, 0, nan, 2, 0]])
    np.testing.assert_array_equal(history.past(X, 3)[0, 3], [2, nan, 4])


@pytest.mark.parametrize("k", [5, 6, 50])
def test_looking_further_back_than_the_panel_gives_nothing(k: int) -> None:
    assert np.isnan(history.back(X, k)).all()
    assert np.isnan(history.total(X, k)[:, :4]).all()


@given(COUNTS, st.integers(0, 18), st.sampled_from([0.0, 7.0, 1e6, np.nan]))
def test_no_later_value_reaches_an_earlier_predictor(x: np.ndarray, at: int, value: float) -> None:
    changed = x.copy()
    changed[:, at + 1 :] = value
    for (name, a), (_, b) in zip(
        history.predictors("x", x, 10), history.predictors("x", changed, 10), strict=True
    ):
        assert np.array_equal(a[:, : at + 1], b[:, : at + 1], equal_nan=True), name


@given(COUNTS)
def test_predictors_are_unknown_where_the_newest_is_and_rise_with_it(x: np.ndarray) -> None:
    higher = np.where(x[:, -1:] >= 0, x + (np.arange(20) == 19) * 100, x)
    for (name, a), (_, b) in zip(
        history.predictors("x", x, 20), history.predictors("x", higher, 20), strict=True
    ):
        if "lag" not in name:
            assert np.isnan(a[np.isnan(x)]).all(), name
        known = ~np.isnan(a[:, -1])
        assert (b[known, -1] >= a[known, -1]).all(), name


def test_windows_that_the_past_cannot_fill_are_left_out() -> None:
    names = [name for name, _ in history.predictors("x", np.zeros((1, 30)), 12)]
    assert "x:mean12" in names and "x:max12" in names
    assert not {"x:mean24", "x:mean60", "x:max60"} & set(names)
