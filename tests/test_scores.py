"""The formulas against scikit-learn, scoringrules, a linear programme and numbers worked out by hand."""

import math

import numpy as np
import pytest
import scoringrules as sr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from sklearn import metrics
from sklearn.isotonic import IsotonicRegression

from tocsin import scores

TAU = np.arange(1, 100) / 100
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


@st.composite
def quantiled(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles (n, 99) that rise, with many ties, and counts with many zeros."""
    seed, n = draw(st.integers(0, 2**32 - 1)), draw(st.integers(1, 25))
    made = np.random.default_rng(seed)
    q = np.sort(np.round(made.gamma(0.4, 20, (n, 99)) * made.integers(0, 3, (n, 1))), axis=1)
    return q, made.integers(0, 2, n) * np.floor(made.gamma(0.5, 30, n))


@given(quantiled())
@settings(deadline=None)
def test_quantile_interval_and_crps_agree_with_scoringrules(rows):
    q, y = rows
    for j in (0, 24, 49, 98):
        assert scores.pinball(q, y, TAU)[:, j] == pytest.approx(sr.quantile_score(y, q[:, j], TAU[j]))
    assert scores.crps_from_quantiles(q, y, TAU) == pytest.approx(sr.crps_quantile(y, q, TAU))
    ours = scores.interval_score(q[:, 4], q[:, 94], y, 0.1)
    assert ours == pytest.approx(np.atleast_1d(sr.interval_score(y, q[:, 4], q[:, 94], 0.1)))


@given(forecasts())
def test_brier_and_log_agree_with_scoringrules(rows):
    p, y = rows
    assert scores.brier(p, y) == pytest.approx(float(np.mean(sr.brier_score(y, p))))
    assert scores.log_score(p, y) == pytest.approx(float(np.mean(sr.log_score(y, p))))


@given(forecasts())
def test_the_isotonic_fit_agrees_with_scikit_learn(rows):
    p, y = rows
    assert scores.isotonic(p, y) == pytest.approx(IsotonicRegression().fit(p, y).predict(p))


@given(forecasts())
def test_corp_adds_up_and_its_parts_are_never_below_zero(rows):
    p, y = rows
    for score in (scores.brier, scores.log_score):
        parts = scores.corp(p, y, score)
        total = parts.miscalibration - parts.discrimination + parts.uncertainty
        assert total == pytest.approx(score(p, y))
        assert min(parts) >= -1e-12


def test_corp_of_the_recalibrated_forecast_has_no_miscalibration():
    p, y = np.array([0.1, 0.2, 0.2, 0.9]), np.array([0.0, 0.0, 1.0, 1.0])
    best = scores.isotonic(p, y)
    assert scores.corp(best, y, scores.brier).miscalibration == pytest.approx(0)
    assert scores.corp(p, y, scores.brier).miscalibration > 0


@given(quantiled())
@settings(max_examples=30, deadline=None)
def test_the_parts_of_the_crps_add_up_and_are_never_below_zero(rows):
    q, y = rows
    parts = scores.corp_crps(q, y, TAU)
    total = parts.miscalibration - parts.discrimination + parts.uncertainty
    assert total == pytest.approx(float(scores.crps_from_quantiles(q, y, TAU).mean()))
    assert min(parts) >= -1e-9


def least_quantile_loss(f: np.ndarray, y: np.ndarray, tau: float) -> float:
    """The least mean quantile loss of any rising function of f, as a linear programme."""
    values, group = np.unique(f, return_inverse=True)
    m, n = len(values), len(y)
    equal = np.zeros((n, m + 2 * n))
    equal[np.arange(n), group] = equal[np.arange(n), m + np.arange(n)] = 1
    equal[np.arange(n), m + n + np.arange(n)] = -1
    rising = np.eye(m, m + 2 * n)[:-1] - np.eye(m, m + 2 * n, 1)[:-1]
    cost = np.concatenate([np.zeros(m), np.full(n, tau), np.full(n, 1 - tau)])
    bounds = [(None, None)] * m + [(0, None)] * (2 * n)
    return linprog(cost, rising, np.zeros(m - 1), equal, y, bounds).fun / n


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.01, 0.25, 0.5, 0.77, 0.99]))
@settings(deadline=None)
def test_the_isotonic_quantile_is_the_best_rising_function_there_is(seed, tau):
    made = np.random.default_rng(seed)
    n = int(made.integers(1, 20))
    f, y = made.integers(0, 6, n).astype(float), made.integers(0, 9, n).astype(float)
    fit = scores.isotonic_quantile(f, y, tau)
    order = np.argsort(f, kind="stable")
    assert (np.diff(fit[order]) >= 0).all()
    assert len({(a, b) for a, b in zip(f, fit, strict=True)}) == len(set(f.tolist()))
    loss = scores.pinball(fit[:, None], y, np.array([tau])).mean()
    assert loss == pytest.approx(least_quantile_loss(f, y, tau), abs=1e-12)


@given(forecasts())
def test_murphy_adds_up_in_bins_too(rows):
    p, y = rows
    edges = scores.equal_edges(p, 3)
    parts = scores.murphy(p, y, scores.in_bins(p, edges))
    assert parts.reliability - parts.resolution + parts.uncertainty == pytest.approx(scores.brier(p, y))


@given(forecasts())
def test_equal_bins_hold_every_row_once_and_never_part_equal_forecasts(rows):
    p, _ = rows
    index = scores.in_bins(p, scores.equal_edges(p, 4))
    assert len({(a, b) for a, b in zip(p, index, strict=True)}) == len(set(p.tolist()))
    table = scores.reliability(p, np.zeros(len(p)), scores.equal_edges(p, 4))
    assert sum(b.n for b in table) == len(p) and len(table) <= 4


def test_a_forecast_that_most_rows_share_has_a_bin_of_its_own():
    p = np.array([0.0] * 95 + [0.1, 0.2, 0.3, 0.8, 0.9])
    table = scores.reliability(p, np.round(p), scores.equal_edges(p, 10))
    assert [(b.n, b.low, b.high) for b in table] == [(95, 0.0, 0.1), (5, 0.1, 0.9)]
    assert scores.equal_edges(np.full(4, 0.5), 10).tolist() == [0.5, 0.5]
    assert [b.n for b in scores.reliability(HALF, HALF, scores.equal_edges(HALF, 10))] == [4]


def test_wilson_touches_the_ends_exactly():
    assert scores.wilson(0, 563)[0] == 0 and scores.wilson(563, 563)[1] == 1
