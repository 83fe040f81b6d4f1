"""Distributions held as exceedances: quantiles, scores, and what lies between levels."""

import numpy as np
import pytest
import scoringrules
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tocsin.forecasting import levels

SHARES = st.floats(0, 1, allow_nan=False)
GRID = levels.grid(300, (1, 25, 100))
FALLING = arrays(np.float64, (4, len(GRID)), elements=SHARES).map(lambda p: -np.sort(-p, axis=1))
EVERY = np.arange(1.0, 41.0)
SMALL = arrays(np.float64, (3, len(EVERY)), elements=SHARES).map(lambda p: -np.sort(-p, axis=1))


@pytest.mark.parametrize("largest", [0, 1, 9, 10, 508_000, 1e15])
def test_a_grid_rises_in_whole_levels_and_holds_what_was_asked(largest: float) -> None:
    at = levels.grid(largest, (1, 7, 25, 100_000))
    assert (np.diff(at) > 0).all() and (at == np.round(at)).all() and at[0] == 1
    assert at[-1] >= 10 * largest and {7.0, 25.0, 100_000.0} <= set(at)


@given(arrays(np.float64, (3, 9), elements=st.floats(-0.5, 1.5)))
def test_falling_falls_and_leaves_alone_what_already_does(p: np.ndarray) -> None:
    out = levels.falling(p)
    assert (np.diff(out, axis=1) <= 0).all() and out.min() >= 0 and out.max() <= 1
    np.testing.assert_array_equal(levels.falling(out), out)


@given(SMALL, st.floats(0.5, 3))
def test_spread_keeps_its_anchors_and_falls_between_and_beyond(p: np.ndarray, tail: float) -> None:
    anchors = np.array([1.0, 5.0, 40.0])
    at = p[:, [0, 4, 39]]
    out = levels.spread(at, anchors, GRID, tail)
    assert (np.diff(out, axis=1) <= 1e-12).all() and out.max() <= 1 + 1e-12
    for k, level in enumerate(anchors):
        np.testing.assert_allclose(out[:, level == GRID][:, 0], np.maximum(at[:, k], 1e-12), rtol=1e-9)
    beyond = GRID > 40
    want = np.maximum(at[:, 2:], 1e-12) * (GRID[beyond] / 40) ** -tail
    np.testing.assert_allclose(out[:, beyond], want, rtol=1e-9)


def test_the_tail_of_a_power_law_is_found() -> None:
    rng = np.random.default_rng(2)
    assert levels.tail_exponent(np.floor(100 * rng.pareto(1.5, 20_000) + 100), 100) == pytest.approx(
        1.5, rel=0.05
    )
    assert levels.tail_exponent(np.array([0.0, 1.0, 900.0]), 100) == 1.0


@given(FALLING)
def test_quantiles_rise_and_invert_the_exceedances(p: np.ndarray) -> None:
    q = levels.quantiles(p, GRID)
    assert (np.diff(q, axis=1) >= -1e-9 * np.maximum(q[:, 1:], 1)).all() and q.min() >= 0
    for row, found in zip(p, q, strict=True):
        for tau, value in zip(levels.QUANTILES, found, strict=True):
            whole = np.round(value, 6)
            # P(Y >= level) of the first level over the quantile is at most 1 - tau; at it or below, at least
            above, below = row[np.ceil(whole) < GRID], row[np.floor(whole) >= GRID]
            assert not len(above) or above[0] <= 1 - tau + 1e-9
            assert not len(below) or below[-1] >= 1 - tau - 1e-9


@given(SMALL)
def test_on_every_whole_level_quantiles_are_those_of_the_distribution(p: np.ndarray) -> None:
    below = 1 - p
    for row, found in zip(below, levels.quantiles(p, EVERY), strict=True):
        want = [int((row < tau).sum()) for tau in levels.QUANTILES]
        np.testing.assert_allclose(found, want, atol=1e-9)


@given(SMALL, st.integers(0, 60))
def test_crps_is_the_sum_over_all_counts(p: np.ndarray, y: int) -> None:
    brute = [sum((q - (y >= k)) ** 2 for q, k in zip(row, EVERY, strict=True)) for row in p]
    found = levels.crps(p, EVERY, np.full(len(p), float(y)))
    np.testing.assert_allclose(found, brute, rtol=1e-9, atol=1e-12)


@given(arrays(np.int64, 25, elements=st.integers(0, 40)), st.integers(0, 40))
def test_crps_of_an_ensemble_is_that_of_scoringrules(sample: np.ndarray, y: int) -> None:
    p = (sample[None, :, None] >= EVERY).mean(axis=1)
    want = scoringrules.crps_ensemble(float(y), sample.astype(float), estimator="nrg")
    assert levels.crps(p, EVERY, np.array([float(y)]))[0] == pytest.approx(float(want), abs=1e-9)
