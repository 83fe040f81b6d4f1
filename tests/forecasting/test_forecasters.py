"""Every forecaster keeps the protocol, and the ones that should be good are."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tocsin.errors import InputError
from tocsin.forecasting import conformance
from tocsin.forecasting.forecaster import Rows, Seen
from tocsin.forecasting.forecasters.baselines import Climatology, Decayed, Own, Persistence
from tocsin.forecasting.forecasters.boosted import Boosted
from tocsin.forecasting.forecasters.elastic import ElasticNet
from tocsin.forecasting.forecasters.forest import Forest
from tocsin.forecasting.forecasters.pool import Pool, Pooled, mixture
from tocsin.forecasting.forecasters.ridge import Ridge

LEARNED = (Ridge(), Ridge(bounded=True), ElasticNet(folds=3), Boosted(trees=30), Forest(trees=20))
ALL = (
    Climatology(),
    Persistence(),
    Own(12),
    Decayed(6),
    *LEARNED,
    Pool((Ridge(), Decayed(6)), blocks=2),
)


@pytest.mark.parametrize("forecaster", ALL, ids=lambda f: f.name)
def test_it_keeps_the_protocol(forecaster):
    conformance.check(forecaster)


class _Stub:
    """A forecaster that breaks one promise."""

    name = "broken"

    def __init__(self, answer):
        self.answer = answer

    def fit(self, seen):
        self.n = len(seen.levels)
        return self

    def predict(self, rows):
        return self.answer(len(rows), self.n)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda n, g: np.full((n, g + 1), 0.1), "shape"),
        (lambda n, g: np.full((n, g), np.nan), "not a number"),
        (lambda n, g: np.full((n, g), 1.5), "outside of 0 to 1"),
        (lambda n, g: np.tile(np.linspace(0.1, 0.9, g), (n, 1)), "rises with the level"),
        (lambda n, g: np.random.default_rng().random((n, 1)) * np.ones((1, g)), "differ"),
        (lambda n, g: np.full((n, g), 1 / n), "rows beside it"),
    ],
)
def test_the_suite_finds_who_breaks_it(answer, said):
    with pytest.raises(InputError, match=said):
        conformance.check(_Stub(answer))


@pytest.mark.parametrize("forecaster", LEARNED, ids=lambda f: f.name)
def test_what_is_learned_ranks_rows_it_never_saw(forecaster):
    seen = conformance._made(np.array([1.0]))
    late = seen.rows.base >= 30
    p = forecaster.fit(seen.take(~late)).predict(seen.take(late).rows)[:, 0]
    assert roc_auc_score(seen.y[late] >= 1, p) > 0.8


@pytest.mark.parametrize("forecaster", [*LEARNED, Climatology()], ids=lambda f: f.name)
def test_too_few_events_are_refused_or_told_as_they_are(forecaster):
    seen = conformance._made(np.array([1.0]))
    none = Seen(seen.rows, np.zeros(len(seen)), seen.levels, 1)
    if isinstance(forecaster, Forest | Climatology):
        assert 0 <= forecaster.fit(none).predict(none.rows).max() < 1e-3
    else:
        with pytest.raises(InputError, match="too few"):
            forecaster.fit(none)


def test_trees_keep_the_sign_they_are_told():
    seen = conformance._made(np.array([1.0]))
    told = Seen(
        Rows(
            seen.rows.names,
            np.array([-1, 0, 0, 0]),
            seen.rows.x,
            seen.rows.past,
            seen.rows.entity,
            seen.rows.base,
        ),
        seen.y,
        seen.levels,
        1,
    )
    fitted, rows = Boosted(trees=30).fit(told), told.rows.take(np.arange(50))
    higher = Rows(
        rows.names, rows.signs, rows.x + np.array([1.0, 0, 0, 0]), rows.past, rows.entity, rows.base
    )
    assert (fitted.predict(higher) <= fitted.predict(rows) + 1e-12).all()


def test_own_history_is_the_share_of_the_last_periods():
    seen = conformance._made(np.array([1.0]))
    rows = seen.rows.take(np.arange(5))
    climate = float((seen.y >= 1).mean())
    for row, p in zip(rows.past, Own(4).fit(seen).predict(rows)[:, 0], strict=True):
        known = row[:4][~np.isnan(row[:4])]
        assert p == pytest.approx(((known >= 1).sum() + climate) / (len(known) + 1))


def test_a_young_past_weighs_twice_as_much_as_one_a_half_life_older():
    seen = conformance._made(np.array([1.0]))
    past = np.array([[1.0, 0.0], [0.0, 1.0]])
    rows = Rows((), np.zeros(0, int), np.zeros((2, 0)), past, np.zeros(2, int), np.zeros(2, int))
    climate = float((seen.y >= 1).mean())
    p = Decayed(1).fit(seen).predict(rows)[:, 0]
    assert p == pytest.approx([(1 + climate) / 2.5, (0.5 + climate) / 2.5])


def test_a_pool_gives_weight_to_the_member_that_was_right():
    seen = conformance._made(np.array([1.0]))
    fitted = Pool((Ridge(), Climatology()), prior=1).fit(seen)
    assert isinstance(fitted, Pooled)
    assert fitted.weights[0] > 0.9
    assert fitted.weights.sum() == pytest.approx(1)


def test_a_member_that_cannot_learn_stands_aside_and_is_not_named():
    seen = conformance._made(np.array([1.0]))
    few = Seen(seen.rows, np.where(np.arange(len(seen)) < 4, 1.0, 0.0), seen.levels, 1)
    assert Pool((Ridge(), Decayed(6))).fit(few).names == ("decayed6",)
    alone = Pool((Ridge(), Boosted())).fit(few)
    assert alone.names == ("climatology",)
    assert alone.predict(few.rows)[0, 0] == pytest.approx(4 / len(few))


def test_mixture_weights_are_those_of_the_most_likely_mixture():
    rng = np.random.default_rng(3)
    y = rng.random(20000) < np.where(np.arange(20000) % 2, 0.3, 0.3)
    a, b = np.where(y, 0.1, 0.9), np.where(y, 0.5, 0.5)
    # the mean 0.1 w + 0.5 (1 - w) that fits a share of 0.3 has w = 0.5
    assert mixture(np.column_stack([a, b]), 0.0)[0] == pytest.approx(0.5, abs=0.03)
    assert mixture(np.column_stack([a, b]), 1e9)[0] == pytest.approx(0.5)
