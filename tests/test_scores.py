"""The formulas against scikit-learn and against numbers worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from tocsin import scores

HALF = np.array([0.5, 0.5, 0.5, 0.5])


@st.composite
def forecasts(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Coarse probabilities, so that ties are common, and outcomes with both classes."""
    n = draw(st.integers(2, 40))
    p = draw(st.lists(st.integers(1, 9), min_size=n, max_size=n))
    y = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n).filter(lambda v: 0 < sum(v) < len(v)))
    return np.array(p) / 10, np.array(y, dtype=float)


@given(forecasts())
def test_agrees_with_scikit_learn_on_the_same_rows(rows):
    p, y = rows
    assert scores.brier(p, y) == pytest.approx(metrics.brier_score_loss(y, p))
    assert scores.log_score(p, y) == pytest.approx(metrics.log_loss(y, p))
    assert scores.auc(p, y) == pytest.approx(metrics.roc_auc_score(y, p))
    assert scores.average_precision(p, y) == pytest.approx(metrics.average_precision_score(y, p))


@given(forecasts())
def test_the_three_parts_of_murphy_add_up_to_the_brier_score(rows):
    p, y = rows
    parts = scores.murphy(p, y)
    assert parts.reliability - parts.resolution + parts.uncertainty == pytest.approx(scores.brier(p, y))


@given(forecasts(), st.randoms())
def test_the_order_of_the_rows_changes_no_score(rows, random):
    p, y = rows
    order = list(range(len(p)))
    random.shuffle(order)
    for measure in (scores.auc, scores.average_precision, scores.brier):
        assert measure(p, y) == pytest.approx(measure(p[order], y[order]))
    assert scores.recall_at_k(p, y, 3) == pytest.approx(scores.recall_at_k(p[order], y[order], 3))


def test_brier_by_hand():
    assert scores.brier(np.array([0.9, 0.2]), np.array([1.0, 0.0])) == pytest.approx((0.01 + 0.04) / 2)


def test_a_coin_has_no_skill_and_no_discrimination():
    y = np.array([1.0, 0.0, 1.0, 0.0])
    assert scores.brier_skill(HALF, y, HALF) == 0
    assert scores.auc(HALF, y) == 0.5
    assert scores.log_score(HALF, y) == pytest.approx(math.log(2))


def test_the_impossible_that_happened_costs_everything():
    assert scores.log_score(np.array([0.0]), np.array([1.0])) == math.inf


def test_measures_without_a_positive_are_nan_not_a_number_made_up():
    y = np.zeros(4)
    assert math.isnan(scores.auc(HALF, y))
    assert math.isnan(scores.average_precision(HALF, y))
    assert math.isnan(scores.recall_at_k(HALF, y, 2))


def test_recall_at_k_by_hand_shares_the_places_among_ties():
    p, y = np.array([0.9, 0.5, 0.5, 0.1]), np.array([1.0, 1.0, 0.0, 1.0])
    assert scores.recall_at_k(p, y, 1) == pytest.approx(1 / 3)
    assert scores.recall_at_k(p, y, 2) == pytest.approx((1 + 0.5) / 3)
    assert scores.recall_at_k(p, y, 99) == 1


def test_wilson_gives_the_textbook_interval():
    low, high = scores.wilson(1, 10)
    assert (round(low, 4), round(high, 4)) == (0.0179, 0.4042)
    assert scores.wilson(0, 0) == (0.0, 1.0)


def test_reliability_puts_each_row_in_one_bin_and_counts_by_hand():
    p, y = np.array([0.0, 0.05, 0.1, 0.95, 1.0]), np.array([0.0, 1.0, 0.0, 1.0, 1.0])
    table = scores.reliability(p, y, np.linspace(0, 1, 11))
    assert [(b.low, b.n, b.observed) for b in table] == [(0.0, 2, 0.5), (0.1, 1, 0.0), (0.9, 2, 1.0)]
    assert sum(b.n for b in table) == len(p)
    assert all(b.observed_low <= b.observed <= b.observed_high for b in table)


def test_calibration_in_the_large_is_observed_over_expected():
    assert scores.calibration_in_the_large(HALF, np.array([1.0, 1.0, 1.0, 0.0])) == 1.5


def test_crps_of_one_member_is_the_absolute_error_and_two_members_by_hand():
    assert scores.crps(np.array([[3.0]]), np.array([5.0])) == 2
    # E|X-y| = (1+1)/2 = 1; E|X-X'| = 2 * 2/4 = 1; 1 - 1/2
    assert scores.crps(np.array([[0.0, 2.0]]), np.array([1.0])) == pytest.approx(0.5)
