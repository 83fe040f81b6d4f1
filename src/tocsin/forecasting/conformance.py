"""Does a forecaster keep to the protocol? For those who bring their own, and for ours."""

from __future__ import annotations

import numpy as np

from tocsin.errors import InputError
from tocsin.forecasting.forecaster import Floats, Forecaster, Rows, Seen
from tocsin.forecasting.levels import grid

N, PERIODS, SEED = 30, 40, 7


def check(forecaster: Forecaster) -> None:
    """Raises InputError that names the first promise which is broken, on made-up rows, binary and counts."""
    for seen in (_made(np.array([1.0])), _made(grid(500, (1, 25, 100)))):
        before = (seen.rows.x.copy(), seen.y.copy())
        fitted = forecaster.fit(seen)
        asked = seen.rows.take(np.arange(0, len(seen), 3))
        p = fitted.predict(asked)
        _same(before, (seen.rows.x, seen.y), forecaster.name, "fitting changed the rows it was given")
        _shape(p, len(asked), len(seen.levels), forecaster.name)
        _same((p,), (fitted.predict(asked),), forecaster.name, "two answers for the same rows differ")
        _same(
            (p,), (forecaster.fit(seen).predict(asked),), forecaster.name, "two fits on the same rows differ"
        )
        one = fitted.predict(asked.take(np.array([4])))
        if not np.allclose(one, p[4:5], rtol=1e-9, atol=1e-12):
            raise _broken(forecaster.name, "the answer for a row depends on the rows beside it")


def _shape(p: Floats, n: int, g: int, name: str) -> None:
    if p.shape != (n, g):
        raise _broken(name, f"answers have shape {p.shape}, not {(n, g)}")
    if np.isnan(p).any():
        raise _broken(name, "an answer is not a number")
    if p.min() < 0 or p.max() > 1:
        raise _broken(name, "an answer lies outside of 0 to 1")
    if (np.diff(p, axis=1) > 1e-12).any():
        raise _broken(name, "an exceedance rises with the level")


def _same(a: tuple[Floats, ...], b: tuple[Floats, ...], name: str, text: str) -> None:
    if not all(np.array_equal(x, y, equal_nan=True) for x, y in zip(a, b, strict=True)):
        raise _broken(name, text)


def _broken(name: str, text: str) -> InputError:
    return InputError(text, f"forecaster {name}", "see forecasting.forecaster.Forecaster")


def _made(levels: Floats) -> Seen:
    """Counts with memory: some entities violent for long, most never; some cells blank."""
    rng = np.random.default_rng(SEED)
    calm = rng.normal(size=N)
    x = rng.normal(size=(N * PERIODS, 4)) + np.repeat(calm, PERIODS)[:, None]
    y = np.floor(np.exp(1.5 * x[:, 0] + rng.normal(size=len(x)) - 1.5))
    x[rng.random(len(x)) < 0.1, 2] = np.nan
    past = np.floor(np.exp(1.5 * np.repeat(calm, PERIODS)[:, None] + rng.normal(size=(len(x), 12)) - 1.5))
    past[rng.random(len(x)) < 0.2, 6:] = np.nan
    entity, base = np.repeat(np.arange(N), PERIODS), np.tile(np.arange(PERIODS), N)
    rows = Rows(("a", "b", "c", "d"), np.array([1, 0, 0, 0]), x, past, entity, base)
    return Seen(rows, y, levels, 1)
