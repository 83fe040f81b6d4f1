"""Counts through yes-or-no models: one model at each of a few levels, and a rule for all levels between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tocsin.errors import InputError
from tocsin.forecasting import levels as grid
from tocsin.forecasting.forecaster import Floats, Seen

LEAST = 10
"""Events, and rows without one, that a level needs to be learned from."""


class Chance(Protocol):
    """A fitted yes-or-no model."""

    def __call__(self, x: Floats) -> Floats:
        """Probabilities (n,) of rows x (n, p)."""
        ...

    def push(self, x: Floats) -> Floats:
        """What each predictor adds to the log-odds (n, p), but for a constant."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Anchored:
    """Chances at levels `at` (m,), carried to all `levels` (g,); then a power law with exponent `tail`."""

    levels: Floats
    at: Floats
    chances: tuple[Chance, ...]
    tail: float

    def at_level(self, level: float) -> Chance:
        """The model of one anchor. Raises InputError when none was fitted there."""
        if level not in self.at:
            raise InputError(f"no model was fitted at level {level:g}", "forecast", f"anchors: {self.at}")
        return self.chances[int(np.flatnonzero(self.at == level)[0])]

    def __call__(self, x: Floats) -> Floats:
        """Exceedances (n, g)."""
        p = grid.falling(np.stack([chance(x) for chance in self.chances], axis=1))
        return p if len(self.levels) == 1 else grid.spread(p, self.at, self.levels, self.tail)


def anchor(
    seen: Seen, x: Floats, anchors: Sequence[float], fit: Callable[[Floats, Floats], Chance]
) -> Anchored:
    """Fit `fit(x, y)` at every anchor that enough rows reached; of a binary outcome, at its one level.

    Raises InputError without predictors, and when the lowest level was reached by too few rows, or too many.
    """
    some_predictors(x)
    wanted = seen.levels if len(seen.levels) == 1 else np.asarray(anchors, dtype=np.float64)
    counts = [int((seen.y >= level).sum()) for level in wanted]
    if not counts or not LEAST <= counts[0] <= len(seen) - LEAST:
        raise InputError(
            f"{counts[0] if counts else 0} events among {len(seen)} known rows are too few to learn from",
            "forecast",
            f"{LEAST} with and {LEAST} without are needed; start at a later origin",
        )
    at = np.array([level for level, n in zip(wanted, counts, strict=True) if n >= LEAST])
    fits = tuple(fit(x, (seen.y >= level).astype(np.float64)) for level in at)
    return Anchored(seen.levels, at, fits, grid.tail_exponent(seen.y, float(at[-1])))


def some_predictors(x: Floats) -> None:
    """Raises InputError when rows x (n, p) have no predictors."""
    if not x.shape[1]:
        raise InputError("no predictors to learn from", "forecast", "name columns under history or known")
