"""A forest whose leaves hold whole distributions: the count model that asks for no shape.

The trees split on the sum over levels of the squared error of the exceedances, which on a grid of levels is
the CRPS of the logarithm (Gneiting and Raftery 2007; forests for distributions: Meinshausen 2006).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tocsin.errors import InputError
from tocsin.forecasting import levels as grid
from tocsin.forecasting.forecaster import Fitted, Floats, Rows, Seen
from tocsin.forecasting.forecasters.anchored import some_predictors
from tocsin.forecasting.forecasters.filling import Filling

ANCHORS = (1, 2, 3, 5, 8, 12, 18, 25, 35, 50, 70, 100, 140, 200, 300, 500, 1000, 3000)
SEED = 1
LEAST = 20


@dataclass(frozen=True, slots=True)
class Forest:
    """`trees` on halves of the rows; a leaf holds `least` rows or more and looks at a share of `columns`."""

    trees: int = 100
    least: int = 20
    columns: float = 0.33
    name: str = "forest"

    def fit(self, seen: Seen) -> Fitted:
        """Raises InputError without predictors, or with fewer rows than twice `least`."""
        from sklearn.ensemble import RandomForestRegressor

        some_predictors(seen.rows.x)
        if len(seen) < 2 * self.least:
            raise InputError(f"{len(seen)} known rows are too few to learn from", "forecast")
        at = np.array([a for a in ANCHORS if a == 1 or (seen.y >= a).sum() >= LEAST], dtype=np.float64)
        at = seen.levels if len(seen.levels) == 1 else at
        filling = Filling.of(seen.rows.x)
        trees = RandomForestRegressor(
            self.trees,
            min_samples_leaf=self.least,
            max_features=self.columns,
            max_samples=0.5,
            random_state=SEED,
            n_jobs=1,
        )
        trees.fit(filling(seen.rows.x), np.squeeze(seen.y[:, None] >= at[None]).astype(np.float64))
        return _Fitted(filling, trees, at, seen.levels, grid.tail_exponent(seen.y, float(at[-1])))


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    filling: Filling
    trees: Any
    at: Floats
    levels: Floats
    tail: float

    def predict(self, rows: Rows) -> Floats:
        p = grid.falling(np.reshape(self.trees.predict(self.filling(rows.x)), (len(rows), len(self.at))))
        return p if len(self.levels) == 1 else grid.spread(p, self.at, self.levels, self.tail)
