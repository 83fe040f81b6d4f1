"""The Forecast: a probability for one outcome, place and horizon, with its run; never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tocsin.clock import Period


@dataclass(frozen=True, slots=True)
class Forecast:
    """One probability, sealed with the manifest of the run that made it.

    `outcome` is a key of `forecasting/outcomes.yml`. `probability` is calibrated; `low` and `high` bound it
    (90 %: the error of the ridge member and the distance of the members; of the fit, not of the world: what
    no table holds is not in it). `base_rate` is the share over the training rows;
    `baselines` holds the probabilities of the simple rivals on the same rows. `reasons` are (label of a
    theme, text of its most telling values, push in log-odds), strongest first; over a window of one calendar
    year the pushes add up to the log-odds less their mean over the states, unless a lower threshold caps the
    probability. `features_known` names the newest year with a figure in each family of features; a family of
    which nothing was known yet is left out. `rank` is 1 for the highest probability of this outcome and
    horizon in this run, among the places that were forecast (`of`).
    """

    id: str
    run: str
    outcome: str
    iso3: str
    as_of: datetime
    horizon_months: int
    window: Period
    probability: float
    low: float
    high: float
    base_rate: float
    rank: int
    of: int
    baselines: dict[str, float]
    reasons: tuple[tuple[str, str, float], ...]
    features_known: dict[str, int]
    missing: dict[str, str]
    vintage: str
    manifest: str
    recorded: datetime
