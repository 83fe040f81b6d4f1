"""Rolling origins: nothing after an origin reaches its forecasts, and every hole in a panel has its rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.forecasting.panels import cube, spec
from tocsin.errors import InputError
from tocsin.forecasting.backtest import Answer, Engine, run
from tocsin.forecasting.cube import Cube
from tocsin.forecasting.forecaster import Forecaster
from tocsin.forecasting.forecasters.baselines import Climatology, Decayed
from tocsin.forecasting.forecasters.pool import Pool
from tocsin.forecasting.forecasters.ridge import Ridge
from tocsin.forecasting.model import one_thread
from tocsin.forecasting.spec import Spec
from tocsin.forecasting.standard import forecasters, pool

FIRST, LAST = 30, 33
QUICK = Pool((Decayed(3), Ridge()))


def forecast(
    made: Cube, asked: Spec, who: Forecaster = QUICK, heard: list[str] | None = None
) -> list[Answer]:
    tell = (lambda text: None) if heard is None else heard.append
    with one_thread():
        return list(run(Engine(made, asked, FIRST, who), range(FIRST, LAST + 1), tell))


def shown(answers: list[Answer], made: Cube, upto: int = LAST) -> dict:
    return {
        (a.origin, a.task.key, made.entities[e]): a.p[i].tobytes() + a.levels.tobytes()
        for a in answers if a.origin <= upto for i, e in enumerate(a.entity)
    }  # fmt: skip


def changed(made: Cube, column: str, hole: np.ndarray, value: float) -> Cube:
    return replace(made, columns=made.columns | {column: np.where(hole, value, made.columns[column])})


# ---------------------------------------------------------------- the leak proof


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(["binary", "count"]), lag=st.integers(0, 2), origin=st.integers(FIRST, LAST),
    known=st.sampled_from([["z"], ["z", "y"]]), every=st.integers(1, 2),
    values=st.integers(0, 2**32 - 1), drop=st.booleans(),
)  # fmt: skip
def test_what_comes_after_an_origin_changes_no_forecast_from_it_or_before(
    kind: str, lag: int, origin: int, known: list[str], every: int, values: int, drop: bool
) -> None:
    made = cube(kind)
    asked = spec(kind, label_lag=lag, horizons=[0, 1, 3], known=known, refit_every=every)
    before = shown(forecast(made, asked), made, origin)
    other = later(made, kind, origin, lag, values, drop)
    assert shown(forecast(other, asked), other, origin) == before and before


def later(made: Cube, kind: str, origin: int, lag: int, values: int, drop: bool) -> Cube:
    """The same panel with other values, and rows gone, after an origin; labels from when they were unknown.

    With a lag of 0 the label of the origin itself may be looked at, though not to forecast horizon 0.
    """
    rng = np.random.default_rng(values)
    after = np.broadcast_to(made.periods > origin, made.exists.shape)
    unknown = np.broadcast_to(made.periods > origin - lag, made.exists.shape)
    y = rng.integers(0, 2 if kind == "binary" else 5000, made.exists.shape).astype(float)
    y[rng.random(y.shape) < 0.2] = np.nan
    z = rng.normal(scale=10.0 ** rng.integers(0, 20), size=y.shape)
    columns = {
        "y": np.where(unknown, y, made.columns["y"]), "z": np.where(after, z, made.columns["z"])
    }  # fmt: skip
    gone = after & (rng.random(y.shape) < 0.3) if drop else np.zeros_like(after)
    columns = {name: np.where(gone, np.nan, x) for name, x in columns.items()}
    return replace(made, columns=columns, exists=made.exists & ~gone)


@pytest.mark.parametrize("kind", ["binary", "count"])
def test_the_same_holds_for_the_whole_pool(kind: str) -> None:
    made, asked = cube(kind, entities=20), spec(kind, label_lag=1, horizons=[0, 2], sums=[])
    before = shown(forecast(made, asked, pool(kind)), made, 31)
    other = later(made, kind, 31, 1, 4, True)
    assert shown(forecast(other, asked, pool(kind)), other, 31) == before and before


def owned(lag: int) -> Spec:
    words = {"label_lag": lag, "horizons": [0], "sums": [], "known": ["z", "y"], "refit_every": 1}
    return spec("binary", **words)


@pytest.mark.parametrize("lag", [0, 1, 2])
def test_the_label_of_the_origins_own_row_is_never_seen_by_the_forecast_of_it(lag: int) -> None:
    made, asked = cube("binary"), owned(lag)
    before = shown(forecast(made, asked), made, 31)
    hole = np.broadcast_to(made.periods >= 31, made.exists.shape)
    other = changed(made, "y", hole, np.nan)
    flipped = replace(
        made, columns=made.columns | {"y": np.where(hole, 1 - made.columns["y"], made.columns["y"])}
    )
    upto = {key: p for key, p in before.items() if key[0] <= 31}
    assert shown(forecast(other, asked), other, 31) == upto == shown(forecast(flipped, asked), flipped, 31)


def test_a_change_in_the_past_does_reach_a_forecast() -> None:
    made = cube()
    other = changed(made, "y", np.broadcast_to(made.periods == 29, made.exists.shape), 400.0)
    a, b = (shown(forecast(m, spec()), m) for m in (made, other))
    assert all(a[key] != b[key] for key in a)


def test_rows_learned_from_had_their_outcome_at_the_origin() -> None:
    made, asked = cube(), spec(label_lag=2, horizons=[0, 4], sums=[3])
    engine = Engine(made, asked, FIRST, QUICK)
    for task in asked.tasks:
        seen = engine.seen(task, 32)
        assert seen.rows.base.max() == 32 - seen.gap and seen.gap == task.ahead + 2
        i = int(np.flatnonzero((seen.rows.entity == 3) & (seen.rows.base == 20))[0])
        y = made.columns["y"][3]
        assert seen.y[i] == (y[21:24].sum() if task.total else y[20 + task.ahead])


# ---------------------------------------------------------------- the same again


def test_the_same_bytes_twice_and_whatever_the_names() -> None:
    made = cube(entities=20)
    first = shown(forecast(made, spec(), pool("count")), made)
    assert shown(forecast(made, spec(), pool("count")), made) == first
    named = replace(made, entities=tuple("x" + e for e in made.entities))
    assert {
        (o, h, e[1:]): p for (o, h, e), p in shown(forecast(named, spec(), pool("count")), named).items()
    } == first


def test_another_order_of_entities_only_permutes_what_draws_no_lots() -> None:
    made, turn = cube(), np.random.default_rng(1).permutation(12)
    names, columns = tuple(made.entities[i] for i in turn), {c: x[turn] for c, x in made.columns.items()}
    other = Cube(names, made.periods, columns, made.exists)
    a, b = (
        {
            (o.origin, o.task.key, m.entities[e]): o.p[i]
            for o in forecast(m, spec())
            for i, e in enumerate(o.entity)
        }
        for m in (made, other)
    )
    for key in a:
        np.testing.assert_allclose(a[key], b[key], rtol=1e-6, atol=1e-9)


# ---------------------------------------------------------------- holes in panels


def test_who_has_no_row_at_the_origin_gets_no_forecast_and_is_named() -> None:
    made, heard = cube(), []
    exists = made.exists.copy()
    exists[2, 31:] = exists[5, :33] = False
    made = replace(
        made, exists=exists, columns={c: np.where(exists, x, np.nan) for c, x in made.columns.items()}
    )
    found = shown(forecast(made, spec(), heard=heard), made)
    assert ("E02" in {e for o, _, e in found if o == 30}) and not {e for o, _, e in found if o > 30} & {"E02"}
    assert {o for o, _, e in found if e == "E05"} == {33}, "first seen at the last origin, forecast there"
    assert heard[0] == "origin 30" and "origin 31; no row, so no forecast: 1 (E02)" in heard


def test_a_known_column_that_is_blank_at_the_origin_is_told() -> None:
    made, heard = cube(), []
    made = changed(made, "z", (np.arange(12) < 4)[:, None] & (made.periods == 31)[None], np.nan)
    assert np.isfinite(forecast(made, spec(), heard=heard)[3].p).all()
    assert "origin 31; blank in 12 rows: z 4" in heard


@pytest.mark.parametrize("kind", ["binary", "count"])
def test_where_nothing_ever_happened_the_climate_answers_and_is_told(kind: str) -> None:
    made, heard = cube(kind), []
    made = changed(made, "y", made.exists, 0.0)
    answers = forecast(made, spec(kind), Pool((Ridge(),)), heard)
    assert all(0 < a.p[:, 0].max() < 0.01 and np.ptp(a.p[:, 0]) == 0 for a in answers)
    assert any("too little for ridge to learn from; by climatology" in text for text in heard)


@pytest.mark.parametrize("kind", ["binary", "count"])
@pytest.mark.parametrize("fill", [3.0, np.nan])
def test_columns_that_say_nothing_are_no_harm(kind: str, fill: float) -> None:
    made = cube(kind)
    made = changed(made, "z", made.exists, fill)
    for name, who in forecasters(kind).items():
        answers = forecast(made, spec(kind, history=[], horizons=[1], sums=[]), who)
        assert all(np.isfinite(a.p).all() for a in answers) and len(answers) == 4, name


@pytest.mark.parametrize("kind", ["binary", "count"])
def test_without_any_predictors_the_pool_still_answers(kind: str) -> None:
    heard: list[str] = []
    asked = spec(kind, history=[], known=[], horizons=[1], sums=[])
    answers = forecast(cube(kind), asked, pool(kind), heard)
    assert all(np.isfinite(a.p).all() for a in answers) and any("too little for ridge" in t for t in heard)


def test_sums_of_yes_or_no_ask_whether_there_was_any() -> None:
    made, asked = cube("binary"), spec("binary", horizons=[], sums=[3])
    seen = Engine(made, asked, FIRST, QUICK).seen(asked.tasks[0], 33)
    y, i, b = made.columns["y"], seen.rows.entity, seen.rows.base
    want = [y[e, t + 1 : t + 4].max() for e, t in zip(i, b, strict=True)]
    np.testing.assert_array_equal(seen.hits[:, 0], want)


def test_an_unknown_period_makes_a_total_unknown() -> None:
    made, asked = cube(), spec(horizons=[], sums=[3])
    made = changed(made, "y", np.broadcast_to(made.periods == 20, made.exists.shape), np.nan)
    base = Engine(made, asked, FIRST, QUICK).seen(asked.tasks[0], 33).rows.base
    assert not set(base) & {17, 18, 19} and {16, 20} <= set(base)


def test_one_fit_serves_all_origins_when_the_next_is_far() -> None:
    class Counting:
        name, fits = "counting", 0

        def fit(self, seen):
            self.fits += 1
            return Climatology().fit(seen)

    who = Counting()
    assert len(forecast(cube(), spec(refit_every=100), who)) == 12 and who.fits == 3


@pytest.mark.parametrize(
    ("words", "said"), [({"horizons": [50]}, "horizon 50"), ({"label_lag": 60}, "horizon 1")]
)
def test_outcomes_that_are_never_known_are_refused(words: dict, said: str) -> None:
    with pytest.raises(InputError, match=f"origin 30, {said}: no row has an outcome that was known"):
        forecast(cube(), spec(**words))


@pytest.mark.parametrize("first", [-5, 0, 40])
def test_an_origin_outside_of_the_panel(first: int) -> None:
    with pytest.raises(InputError, match=rf"first origin {first} is not inside .* from 0 to 39"):
        Engine(cube(), spec(), first, QUICK)


def test_who_cannot_learn_says_at_which_origin() -> None:
    with pytest.raises(InputError, match="origin 30, horizon 1: 0 events among"):
        forecast(changed(cube(), "y", cube().exists, 0.0), spec(), Ridge())
