"""The ridge fit, its interval and its calibration."""

import subprocess
import sys

import numpy as np
import pytest

from tocsin.forecasting import model

RNG = np.random.default_rng(3)
X = RNG.normal(size=(600, 4)) * [1, 5, 0.1, 1] + [0, 3, 0, 0]
Y = (RNG.random(600) < model.sigmoid(X[:, 0] - 2)).astype(float)
SEEN = model.Sample(X, Y, np.arange(600) % 60)


def test_the_fit_stands_where_the_penalised_likelihood_is_flat():
    fitted = model.fit(X, Y, 10)
    gradient = fitted.z(X).T @ (model.sigmoid(fitted.logit(X)) - Y) + 10 * fitted.coef
    assert np.abs(gradient).max() < 1e-2


def test_the_expected_number_of_events_in_training_is_the_observed_one():
    assert model.sigmoid(model.fit(X, Y, 10).logit(X)).sum() == pytest.approx(Y.sum(), rel=1e-4)


def test_units_of_a_predictor_do_not_matter():
    one, other = model.fit(X, Y, 10), model.fit(X * [1, 1000, 1, 1], Y, 10)
    assert one.logit(X) == pytest.approx(other.logit(X * [1, 1000, 1, 1]), abs=1e-6)


def test_a_constant_predictor_moves_nothing():
    x = np.column_stack([X, np.full(600, 7.0)])
    assert model.fit(x, Y, 10).coef[-1] == pytest.approx(0)


def test_a_heavier_penalty_says_less():
    sizes = [np.abs(model.fit(X, Y, penalty).coef).sum() for penalty in (1, 100, 10000)]
    assert sizes[0] > sizes[1] > sizes[2]


def test_rows_that_err_together_widen_the_interval():
    fitted = model.fit(X, Y, 10)
    alone = model.error(fitted, model.spread(fitted, SEEN, 10), X)
    ten = model.Sample(np.tile(X, (10, 1)), np.tile(Y, 10), np.tile(np.arange(600), 10))
    copies = model.fit(ten.x, ten.y, 100)
    assert (model.error(copies, model.spread(copies, ten, 100), X) > 0.8 * alone).mean() > 0.9


def test_a_shift_makes_expected_equal_observed_and_keeps_the_order():
    logit = np.log(0.5) + RNG.normal(size=500)
    y = (RNG.random(500) < 0.05).astype(float)
    found = model.shift(logit, y)
    assert model.sigmoid(found(logit)).sum() == pytest.approx(y.sum())


def test_a_level_makes_the_chances_add_up_to_what_was_asked():
    logit = RNG.normal(size=300)
    assert model.sigmoid(logit + model.level(logit, 12.5)).sum() == pytest.approx(12.5)


def test_a_bounded_fit_whose_bounds_do_not_bind_is_the_free_fit():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(600, 3))
    y = (rng.random(600) < model.sigmoid(x @ [0.8, 0.5, -0.6] - 1)).astype(float)
    free = model.fit(x, y, 5)
    kept = model.fit(x, y, 5, np.array([True, True, False]))
    assert kept.coef == pytest.approx(free.coef, abs=1e-5)
    assert kept.intercept == pytest.approx(free.intercept, abs=1e-5)


def test_a_bound_that_binds_leaves_the_best_fit_without_that_predictor():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(600, 2))
    y = (rng.random(600) < model.sigmoid(x @ [0.8, -0.7] - 1)).astype(float)
    kept = model.fit(x, y, 5, np.array([True, True]))
    assert kept.coef[1] == 0
    assert kept.coef[0] == pytest.approx(model.fit(x[:, :1], y, 5).coef[0], abs=1e-5)


def test_the_one_thread_holds_for_libraries_that_nobody_had_loaded_before():
    code = (
        "from threadpoolctl import threadpool_info\n"
        "from tocsin.forecasting.model import fit, one_thread\n"
        "import numpy as np\n"
        "with one_thread():\n"
        "    fit(np.eye(20), np.arange(20) % 2.0, 1, np.ones(20, bool))\n"
        "    print(*{pool['num_threads'] for pool in threadpool_info()})\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["1"]
