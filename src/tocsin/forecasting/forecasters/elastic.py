"""The published form: an elastic-net logistic regression, its penalty chosen by cross-validation.

Friedman, Hastie and Tibshirani (2010): mean log loss + penalty * ((1 - mix) / 2 |w|^2 + mix |w|_1) over
standardised predictors, solved by reweighted least squares along a falling path of penalties.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from tocsin.forecasting.forecaster import Fitted, Floats, Rows, Seen
from tocsin.forecasting.forecasters.anchored import Anchored, anchor
from tocsin.forecasting.forecasters.filling import Filling
from tocsin.forecasting.model import sigmoid

ANCHORS = (1.0, 5.0, 25.0, 100.0, 400.0)
SEED = 1
STEPS = 20
SMALLEST = 0.003
REWEIGHTS = 4


@dataclass(frozen=True, slots=True)
class ElasticNet:
    """`mix` is the share of the absolute penalty (alpha in glmnet); `folds` of rows choose one of `steps`,
    each solved by `reweights` rounds of weighted least squares from the one before.

    `flags` says of each predictor where it was blank.
    """

    mix: float = 0.5
    folds: int = 10
    steps: int = STEPS
    reweights: int = REWEIGHTS
    flags: bool = True
    name: str = "elastic_net"

    def fit(self, seen: Seen) -> Fitted:
        """Raises InputError when too few rows had the outcome, or too many."""
        filling = Filling.of(seen.rows.x, self.flags)
        return _Fitted(filling, anchor(seen, filling(seen.rows.x), ANCHORS, self._one))

    def _one(self, x: Floats, y: Floats) -> _Chance:
        mean, scale = x.mean(axis=0), x.std(axis=0)
        z = (x - mean) / np.where(scale > 1e-9, scale, 1.0)
        top = float(np.abs(z.T @ (y - y.mean())).max() / len(y) / self.mix)
        penalties = top * np.geomspace(1, SMALLEST, self.steps)
        fold = np.random.default_rng(SEED).permutation(len(y)) % self.folds
        loss = np.zeros(self.steps)
        for k in range(self.folds):
            held = fold == k
            if y[~held].any():
                p = sigmoid(_with_one(z[held]) @ self._path(z[~held], y[~held], penalties).T)
                p = np.clip(p, 1e-9, 1 - 1e-9)
                loss -= (y[held, None] * np.log(p) + (1 - y[held, None]) * np.log(1 - p)).sum(axis=0)
        best = int(np.argmin(loss))
        return _Chance(mean, np.where(scale > 1e-9, scale, 1.0), self._path(z, y, penalties[: best + 1])[-1])

    def _path(self, z: Floats, y: Floats, penalties: Floats) -> Floats:
        """Coefficients (steps, p + 1), the intercept last, each warm from the one before."""
        w, out = np.append(np.zeros(z.shape[1]), np.log(y.mean() / (1 - y.mean()))), []
        for penalty in penalties:
            for _ in range(self.reweights):
                w = self._least_squares(z, y, w, penalty)
            out.append(w)
        return np.stack(out)

    def _least_squares(self, z: Floats, y: Floats, w: Floats, penalty: float) -> Floats:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import enet_path

        logit = _with_one(z) @ w
        p = sigmoid(logit)
        weight = np.maximum(p * (1 - p), 1e-5)
        aim = logit + (y - p) / weight
        centre, offset = (weight @ z) / weight.sum(), float(weight @ aim / weight.sum())
        root = np.sqrt(weight)[:, None]
        a, b = (z - centre) * root, (aim - offset) * root[:, 0]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            _, coef, _ = enet_path(
                a,
                b,
                l1_ratio=self.mix,
                alphas=[penalty],
                precompute=a.T @ a,
                Xy=a.T @ b,
                coef_init=w[:-1],
                tol=1e-3,
                max_iter=200,
            )
        return np.append(coef[:, 0], offset - centre @ coef[:, 0])


@dataclass(frozen=True, slots=True, eq=False)
class _Chance:
    mean: Floats
    scale: Floats
    w: Floats

    def __call__(self, x: Floats) -> Floats:
        return sigmoid(_with_one((x - self.mean) / self.scale) @ self.w)

    def push(self, x: Floats) -> Floats:
        return np.asarray((x - self.mean) / self.scale * self.w[:-1])


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    filling: Filling
    anchored: Anchored

    def predict(self, rows: Rows) -> Floats:
        return self.anchored(self.filling(rows.x))


def _with_one(z: Floats) -> Floats:
    return np.column_stack([z, np.ones(len(z))])
