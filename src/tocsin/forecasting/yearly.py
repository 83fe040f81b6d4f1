"""The forecast of one calendar year: fit, calibrate, bound, explain, and the simple rivals beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tocsin.errors import InputError
from tocsin.forecasting import model
from tocsin.forecasting.engine import Bench, Vantage, check_lead, enough
from tocsin.forecasting.grid import Floats
from tocsin.forecasting.model import Sample
from tocsin.forecasting.outcomes import Outcome

RIVALS = ("climatology", "own_history", "simple_logit")
RIVAL_PENALTY = 1.0
OWN_HALF_LIFE = 5.0


@dataclass(frozen=True, slots=True)
class Yearly:
    """Probabilities (n,) of one outcome in one calendar year; nan for states that do not exist or that nobody
    counts violence in.

    `push` (n, p) is each predictor's calibrated log-odds against the mean state of that origin; over the
    predictors it adds up to the log-odds less their mean over the states (before `capped`). `settings`
    says what it was learned from.
    """

    p: Floats
    low: Floats
    high: Floats
    base_rate: float
    baselines: Mapping[str, Floats]
    push: Floats
    settings: Mapping[str, Any]


def yearly(bench: Bench, outcome: Outcome, target: int, vantage: Vantage) -> Yearly:
    """The forecast for a calendar year from this vantage; low and high bound 90 %.

    Raises InputError when the year is out of reach or too few events were known to learn from.
    """
    lead = target - vantage.base
    check_lead(lead, vantage.base, target)
    seen = bench.sample(outcome, lead, vantage, vantage.base)
    if not enough(seen.y):
        raise InputError(
            f"{int(seen.y.sum())} events among {len(seen.y)} known rows are too few to learn from",
            f"outcome {outcome.key}, figures up to {vantage.base}",
            "choose a later date",
        )
    rows, t = bench.rows(vantage), bench.grid.at(vantage.base)
    here = rows.live[:, t] & ~bench.uncounted(vantage)
    x = rows.x[:, t]
    fitted = model.fit(seen.x, seen.y, outcome.penalty, bench.signed(outcome))
    covariance = model.spread(fitted, seen, outcome.penalty)
    calibrated = bench.calibration(outcome, lead, vantage)
    logit = np.where(here, fitted.logit(x), np.nan)
    half = model.Z_90 * model.error(fitted, covariance, x)
    z = fitted.z(x)
    return Yearly(
        model.sigmoid(calibrated(logit)),
        model.sigmoid(calibrated(logit - half)),
        model.sigmoid(calibrated(logit + half)),
        float(seen.y.mean()),
        _rivals(bench, outcome, vantage, seen),
        calibrated.slope * fitted.coef * (z - z[here].mean(axis=0)),
        _settings(lead, seen, calibrated),
    )


def capped(part: Yearly, by: Yearly) -> Yearly:
    """The same forecast, nowhere above another: what exceeds 100 also exceeds 25."""
    return replace(
        part,
        p=np.minimum(part.p, by.p),
        low=np.minimum(part.low, by.low),
        high=np.minimum(part.high, by.high),
    )


def own_history(bench: Bench, outcome: Outcome, vantage: Vantage, base_rate: float) -> Floats:
    """Share of a state's own known years with the outcome, recent years weighing more (half-life 5 years).

    The base rate counts as `prior_years` years more, so that a state without a history gets the base rate.
    """
    newest = vantage.base - vantage.lag([outcome.column])
    label = bench.label(outcome)[:, : bench.grid.at(newest) + 1]
    age = np.arange(label.shape[1])[::-1]
    weight = np.where(np.isnan(label), 0, 0.5 ** (age / OWN_HALF_LIFE))
    hits = (weight * np.nan_to_num(label)).sum(axis=1) + outcome.prior_years * base_rate
    return np.asarray(hits / (weight.sum(axis=1) + outcome.prior_years))


def _rivals(bench: Bench, outcome: Outcome, vantage: Vantage, seen: Sample) -> dict[str, Floats]:
    rows = bench.rows(vantage)
    pick = [rows.names.index(key) for key in outcome.rival]
    simple = model.fit(seen.x[:, pick], seen.y, RIVAL_PENALTY)
    rate = float(seen.y.mean())
    return {
        "climatology": np.full(len(bench.grid.iso3), rate),
        "own_history": own_history(bench, outcome, vantage, rate),
        "simple_logit": model.sigmoid(simple.logit(rows.x[:, bench.grid.at(vantage.base)][:, pick])),
    }


def _settings(lead: int, seen: Sample, calibrated: model.Calibration) -> dict[str, Any]:
    return {
        "lead": lead,
        "rows": len(seen.y),
        "positives": int(seen.y.sum()),
        "first_base": int(seen.base.min()),
        "last_base": int(seen.base.max()),
        "calibration": {
            "intercept": round(calibrated.intercept, 6),
            "slope": round(calibrated.slope, 6),
            "rows": calibrated.n,
            "positives": calibrated.positives,
        },
    }
