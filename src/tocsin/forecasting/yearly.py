"""The forecast of one span of calendar years: fit, calibrate, bound, explain; the simple rivals beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tocsin.errors import InputError
from tocsin.forecasting import model
from tocsin.forecasting.engine import Bench, Vantage, check_lead, chosen, enough, own_history, thresholds
from tocsin.forecasting.forecaster import Rows, Seen
from tocsin.forecasting.forecasters.blend import Blended
from tocsin.forecasting.forecasters.ridge import Ridge, RidgeFit
from tocsin.forecasting.grid import Floats
from tocsin.forecasting.outcomes import Outcome

RIVALS = ("climatology", "own_history", "simple_logit")
SIMPLE = Ridge(1.0, flags=False)


@dataclass(frozen=True, slots=True)
class Fit:
    """The chosen model at one lead, and what it was learned from: it answers for all outcomes of a column."""

    lead: int
    seen: Seen
    rows: Rows
    blended: Blended


@dataclass(frozen=True, slots=True)
class Yearly:
    """Probabilities (n,) of one outcome in one span of years; nan for states that do not exist or that nobody
    counts violence in.

    `push` (n, p) is each predictor's log-odds against the mean state of that origin: the mean of what it adds
    in the members. Over the predictors it adds up to the log-odds less their mean over the states, but for
    what keeps a rarer level no likelier. `settings` says what it was learned from.
    """

    p: Floats
    low: Floats
    high: Floats
    base_rate: float
    baselines: Mapping[str, Floats]
    push: Floats
    settings: Mapping[str, Any]


def learn(bench: Bench, outcome: Outcome, target: int, vantage: Vantage) -> Fit:
    """Fit the chosen model to look at the span that begins with a year.

    Raises InputError when the year is out of reach or too few events were known to learn from.
    """
    lead = target - vantage.base
    check_lead(lead, vantage.base, target)
    seen = bench.seen(outcome, lead, vantage, vantage.base, thresholds(outcome))
    _check_events(seen, outcome, vantage.base)
    return Fit(lead, seen, bench.rows(outcome, vantage, vantage.base), chosen(outcome).fit(seen))


def yearly(bench: Bench, outcome: Outcome, vantage: Vantage, fit: Fit) -> Yearly:
    """The forecast of an outcome that the fit answers for; low and high bound 90 %.

    Raises InputError when too few events were known to learn from.
    """
    level, seen = outcome.at_least, fit.seen
    _check_events(seen, outcome, vantage.base)
    here = bench.block(vantage).live[:, bench.grid.at(vantage.base)] & ~bench.uncounted(vantage)
    parts = fit.blended.parts(fit.rows)[:, :, int(np.flatnonzero(seen.levels == level)[0])]
    calibrated = bench.calibration(outcome, fit.lead, vantage)
    logit = np.where(here, parts.mean(axis=0), np.nan)
    if outcome.calibrate == "shift":
        logit += model.level(logit[here], float(model.sigmoid(calibrated(parts[0, here])).sum()))
    half = model.Z_90 * np.hypot(_ridge_error(fit, level), parts.std(axis=0))
    push = fit.blended.push(fit.rows, level)
    return Yearly(
        model.sigmoid(logit),
        model.sigmoid(logit - half),
        model.sigmoid(logit + half),
        float(np.mean(seen.y >= level)),
        _rivals(outcome, fit),
        push - push[here].mean(axis=0),
        _settings(fit, outcome, calibrated),
    )


def capped(part: Yearly, by: Yearly) -> Yearly:
    """The same forecast, nowhere above another: what exceeds 100 also exceeds 25."""
    return replace(
        part,
        p=np.minimum(part.p, by.p),
        low=np.minimum(part.low, by.low),
        high=np.minimum(part.high, by.high),
    )


def of_rows(rows: Rows, keys: tuple[str, ...]) -> Rows:
    """The same rows with some of the predictors."""
    pick = [rows.names.index(key) for key in keys]
    return replace(rows, names=keys, signs=rows.signs[pick], x=rows.x[:, pick])


def _check_events(seen: Seen, outcome: Outcome, base: int) -> None:
    events = seen.y >= outcome.at_least
    if not enough(events):
        raise InputError(
            f"{int(events.sum())} events among {len(seen)} known rows are too few to learn from",
            f"outcome {outcome.key}, figures up to {base}",
            "choose a later date",
        )


def _ridge_error(fit: Fit, level: float) -> Floats:
    ridges = [member for member in fit.blended.members if isinstance(member, RidgeFit)]
    return ridges[0].error(fit.rows, level)


def _rivals(outcome: Outcome, fit: Fit) -> dict[str, Floats]:
    seen = fit.seen
    rate = float(np.mean(seen.y >= outcome.at_least))
    one = Seen(seen.rows, seen.y, np.array([outcome.at_least]), seen.gap)
    few = replace(one, rows=of_rows(seen.rows, outcome.rival))
    return {
        "climatology": np.full(len(fit.rows), rate),
        "own_history": own_history(outcome).fit(one).predict(fit.rows)[:, 0],
        "simple_logit": SIMPLE.fit(few).predict(of_rows(fit.rows, outcome.rival))[:, 0],
    }


def _settings(fit: Fit, outcome: Outcome, calibrated: model.Calibration) -> dict[str, Any]:
    base = fit.seen.rows.base
    return {
        "lead": fit.lead,
        "rows": len(fit.seen),
        "positives": int((fit.seen.y >= outcome.at_least).sum()),
        "first_base": int(base.min()),
        "last_base": int(base.max()),
        "calibration": {
            "intercept": round(calibrated.intercept, 6),
            "rows": calibrated.n,
            "positives": calibrated.positives,
        },
    }
