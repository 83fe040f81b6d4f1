"""Resampling by entity: the shortcuts give what copying the rows would give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from tocsin import scores
from tocsin.evaluation.bootstrap import Draws, interval, ranked

Rows = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@st.composite
def panels(draw: st.DrawFn) -> Rows:
    """p with many ties, y with both classes, entity and origin (one row each) of a few rows."""
    made = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    entities, origins = int(made.integers(2, 7)), int(made.integers(1, 6))
    entity, origin = (a.ravel() for a in np.meshgrid(np.arange(entities), np.arange(origins)))
    p, y = made.integers(1, 6, len(entity)) / 10, made.integers(0, 2, len(entity)).astype(float)
    y[:2] = 0, 1
    return p, y, entity, origin


def copied(rows: Rows, times: np.ndarray) -> Rows:
    """Every row as often as its entity was drawn."""
    p, y, entity, origin = rows
    at = np.repeat(np.arange(len(p)), times[entity].astype(int))
    return p[at], y[at], entity[at], origin[at]


def by_origin(p: np.ndarray, y: np.ndarray, origin: np.ndarray, k: int) -> float:
    """Events among the k highest of each origin, by the bare formula."""
    hits = 0.0
    for o in np.unique(origin):
        here = origin == o
        if y[here].any():
            hits += scores.recall_at_k(p[here], y[here], k) * float(y[here].sum())
    return hits


@given(panels())
@settings(deadline=None)
def test_rankings_of_a_draw_are_those_of_the_copied_rows(rows: Rows) -> None:
    p, y, entity, origin = rows
    draws = Draws.of(int(entity.max()) + 1, 8, 1)
    whole = ranked(p, y, entity, np.zeros(len(p), dtype=int), draws)
    each = ranked(p, y, entity, origin, draws)
    auc, average, hits, called = whole.auc(), whole.average_precision(), each.hits(3), each.called(3)
    for r, times in enumerate(draws.times.T):
        cp, cy, _, co = copied(rows, times)
        if 0 < cy.sum() < len(cy):
            assert auc[r] == pytest.approx(metrics.roc_auc_score(cy, cp))
            assert average[r] == pytest.approx(metrics.average_precision_score(cy, cp))
        else:
            assert np.isnan(auc[r])
        assert hits[r] == pytest.approx(by_origin(cp, cy, co, 3))
        assert called[r] == sum(min(3, int(np.sum(co == o))) for o in np.unique(co))
        assert draws.total((p - y) ** 2, entity)[r] == pytest.approx(np.sum((cp - cy) ** 2))


def test_the_first_column_is_the_estimate_and_draws_are_the_same_for_the_same_seed() -> None:
    one, two, other = Draws.of(5), Draws.of(5), Draws.of(5, seed=3)
    assert (one.times[:, 0] == 1).all() and one.times.shape == (5, 1001)
    assert (one.times.sum(axis=0) == 5).all()
    assert (one.times == two.times).all() and (one.times != other.times).any()


def test_an_interval_needs_resamples_that_have_a_value() -> None:
    values = np.concatenate([[0.5], np.arange(1000) / 1000])
    assert interval(values, 0.9) == pytest.approx((0.04995, 0.94905))
    values[1:200] = np.nan
    assert np.isnan(interval(values, 0.9)).all()
    assert np.isnan(interval(values[:1], 0.9)).all()


def test_the_interval_of_a_mean_has_the_width_that_theory_gives() -> None:
    made = np.random.default_rng(0)
    per_entity = made.normal(0, 1, 100)
    entity = np.repeat(np.arange(100), 5)
    draws = Draws.of(100)
    mean = draws.total(per_entity[entity], entity) / draws.total(np.ones(500), entity)
    low, high = interval(mean, 0.95)
    assert high - low == pytest.approx(2 * 1.96 * per_entity.std() / 10, rel=0.1)
