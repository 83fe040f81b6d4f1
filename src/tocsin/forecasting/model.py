"""Ridge logistic regression on standardised predictors, its uncertainty in closed form, its calibration."""

from __future__ import annotations

import warnings
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.grid import Flags, Floats

Z_90 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class Sample:
    """What a ridge was learned from: predictors (n, p), labels, and the number of the state of each row."""

    x: Floats
    y: Floats
    state: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ridge:
    """log-odds = intercept + coef . (x - mean) / scale."""

    mean: Floats
    scale: Floats
    coef: Floats
    intercept: float

    def z(self, x: Floats) -> Floats:
        """The predictors (n, p), standardised as they were in training."""
        return (x - self.mean) / self.scale

    def logit(self, x: Floats) -> Floats:
        """Log-odds (n,) of rows x (n, p)."""
        return np.asarray(self.z(x) @ self.coef + self.intercept)


@dataclass(frozen=True, slots=True)
class Calibration:
    """log-odds -> intercept + log-odds; `n` rows and `positives` it was learned from."""

    intercept: float = 0.0
    n: int = 0
    positives: int = 0

    def __call__(self, logit: Floats) -> Floats:
        return self.intercept + logit


def sigmoid(logit: Floats) -> Floats:
    """Log-odds to probability."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -500, 500))))


def log_odds(p: Floats) -> Floats:
    """Probability to log-odds, none beyond one in a billion."""
    inside = np.clip(p, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(inside / (1 - inside)))


def one_thread() -> AbstractContextManager[Any]:
    """Linear algebra on one thread: the matrices are small, and sums then always run in the same order."""
    # loaded first: a limit does not reach a library that is loaded after it
    import scipy.optimize  # noqa: F401
    import sklearn.linear_model  # noqa: F401
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    return cast(AbstractContextManager[Any], threadpool_limits(limits=1))


def fit(x: Floats, y: Floats, penalty: float, signed: Flags | None = None) -> Ridge:
    """Minimise log loss + penalty / 2 * |coef|^2 over rows x (n, p), y (n,); the intercept is free.

    No class weights: rare outcomes keep their rarity. Coefficients flagged in `signed` (p,) are kept at or
    above zero. Raises sklearn's ConvergenceWarning as an error.
    """
    mean, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale > 1e-9, scale, 1.0)
    solve = _free if signed is None or not signed.any() else partial(_bounded, signed=signed)
    return Ridge(mean, scale, *solve((x - mean) / scale, y, penalty))


def _free(z: Floats, y: Floats, penalty: float) -> tuple[Floats, float]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        solver = LogisticRegression(C=1 / penalty, solver="newton-cholesky", tol=1e-6, max_iter=200)
        solver.fit(z, y)
    return np.asarray(solver.coef_[0]), float(solver.intercept_[0])


def _bounded(z: Floats, y: Floats, penalty: float, signed: Flags) -> tuple[Floats, float]:
    from scipy.optimize import minimize
    from sklearn.exceptions import ConvergenceWarning

    def loss(w: Floats) -> tuple[float, Floats]:
        logit = z @ w[:-1] + w[-1]
        off = sigmoid(logit) - y
        value = np.logaddexp(0, logit).sum() - y @ logit + penalty / 2 * (w[:-1] @ w[:-1])
        return float(value), np.append(z.T @ off + penalty * w[:-1], off.sum())

    start = np.zeros(z.shape[1] + 1)
    start[-1] = np.log(y.mean() / (1 - y.mean()))
    bounds = [(0.0 if flag else None, None) for flag in signed] + [(None, None)]
    options = {"maxiter": 1000, "ftol": 1e-13, "gtol": 1e-6}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    if found.nit >= options["maxiter"]:
        raise ConvergenceWarning(f"the bounded fit did not settle: {found.message}")
    return np.asarray(found.x[:-1]), float(found.x[-1])


def spread(model: Ridge, seen: Sample, penalty: float) -> Floats:
    """Covariance (p + 1, p + 1) of (intercept, coef): the larger of two closed forms.

    Laplace's approximation of the ridge posterior treats rows as independent; the sandwich clustered by
    country lets the years of a country err together but forgets the prior. The one with the
    larger trace is returned, so that neither blindness makes the interval narrow.
    """
    z = np.column_stack([np.ones(len(seen.x)), model.z(seen.x)])
    p = sigmoid(model.logit(seen.x))
    prior = np.full(z.shape[1], penalty)
    prior[0] = 0
    posterior = np.linalg.inv((z * (p * (1 - p))[:, None]).T @ z + np.diag(prior))
    score = np.zeros((int(seen.state.max()) + 1, z.shape[1]))
    np.add.at(score, seen.state, z * (seen.y - p)[:, None])
    sandwich = posterior @ (score.T @ score) @ posterior
    return np.asarray(max(posterior, sandwich, key=np.trace))


def error(model: Ridge, covariance: Floats, x: Floats) -> Floats:
    """Standard error (n,) of the log-odds of rows x."""
    z = np.column_stack([np.ones(len(x)), model.z(x)])
    return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", z, covariance, z)))


def shift(logit: Floats, y: Floats) -> Calibration:
    """The intercept that makes the expected number of events equal the observed one."""
    return Calibration(level(logit, float(y.sum())), len(y), int(y.sum()))


def level(logit: Floats, total: float) -> float:
    """What to add to log-odds (n,) so that the probabilities add up to `total`."""
    delta = 0.0
    for _ in range(50):
        p = sigmoid(logit + delta)
        step = float((total - p.sum()) / max(float((p * (1 - p)).sum()), 1e-9))
        delta += float(np.clip(step, -2, 2))
        if abs(step) < 1e-10:
            break
    return delta
