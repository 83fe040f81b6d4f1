"""Gradient-boosted trees that keep the signs they are told (LightGBM; Ke et al. 2017), at a few levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tocsin.forecasting.forecaster import Floats, Rows, Seen
from tocsin.forecasting.forecasters.anchored import Anchored, anchor
from tocsin.forecasting.model import sigmoid

ANCHORS = (1.0, 5.0, 25.0, 100.0, 400.0)
SEED = 1


@dataclass(frozen=True, slots=True)
class Boosted:
    """Shallow trees with row and column sampling; `signs` of the rows bind every split.

    `trees` of `leaves` leaves learn at `rate`, each from a share of the `columns`, cut into `bins`; a leaf
    holds `least` rows or more. `seeds` fits with other draws are averaged in log-odds. One thread and fixed
    seeds: the same rows give the same bytes.
    """

    trees: int = 80
    leaves: int = 8
    rate: float = 0.05
    least: int = 50
    columns: float = 0.5
    seeds: int = 1
    bins: int = 255
    anchors: tuple[float, ...] = ANCHORS
    name: str = "boosted"

    def fit(self, seen: Seen) -> BoostedFit:
        """Raises InputError when too few rows had the outcome, or too many."""

        def one(x: Floats, y: Floats) -> _Chance:
            settings = [self._settings(seen.rows, SEED + k) for k in range(self.seeds)]
            return _Chance(tuple(_grow(x, y, each, self.trees) for each in settings))

        return BoostedFit(anchor(seen, seen.rows.x, self.anchors, one))

    def _settings(self, rows: Rows, seed: int) -> dict[str, Any]:
        return {
            "objective": "binary",
            "learning_rate": self.rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": self.least,
            "bagging_fraction": 0.7,
            "bagging_freq": 1,
            "feature_fraction": self.columns,
            "lambda_l2": 5.0,
            "max_bin": self.bins,
            "monotone_constraints": rows.signs.tolist(),
            "seed": seed,
            "num_threads": 1,
            "deterministic": True,
            "force_col_wise": True,
            "verbosity": -1,
        }


@dataclass(frozen=True, slots=True, eq=False)
class _Chance:
    grown: tuple[Any, ...]

    def __call__(self, x: Floats) -> Floats:
        raw = [one.predict(x, num_threads=1, raw_score=True) for one in self.grown]
        return sigmoid(np.mean(raw, axis=0))

    def push(self, x: Floats) -> Floats:
        """What each predictor adds to the log-odds (n, p): Shapley values over the trees (Lundberg 2020)."""
        parts = [one.predict(x, num_threads=1, pred_contrib=True) for one in self.grown]
        return np.asarray(np.mean(parts, axis=0)[:, :-1])


@dataclass(frozen=True, slots=True, eq=False)
class BoostedFit:
    """Fitted trees; they can say why (`push`)."""

    anchored: Anchored

    def predict(self, rows: Rows) -> Floats:
        """Exceedances (n, g)."""
        return self.anchored(rows.x)

    def push(self, rows: Rows, level: float) -> Floats:
        """What each predictor adds to the log-odds of reaching an anchor (n, p), but for a constant."""
        return self.anchored.at_level(level).push(rows.x)


def _grow(x: Floats, y: Floats, settings: dict[str, Any], trees: int) -> Any:
    import lightgbm

    return lightgbm.train(settings, lightgbm.Dataset(x, y, free_raw_data=True), num_boost_round=trees)
