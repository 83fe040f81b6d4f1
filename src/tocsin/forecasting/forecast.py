"""The Forecast: a probability for one outcome, place and horizon, with its run; never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tocsin.clock import Period


@dataclass(frozen=True, slots=True)
class Forecast:
    """One probability, sealed with the manifest of the run that made it.

    `outcome` is a key of `forecasting/outcomes.yml`. `probability` is calibrated; `low` and `high` bound it
    (90 %: Laplace approximation or sandwich clustered by country, whichever is wider; of the fit, not of
    the world: what no table holds is not in it). `base_rate` is the share over the training rows;
    `baselines` holds the probabilities of the simple rivals on the same rows. `reasons` are (feature
    label, value text, push in log-odds), strongest first. `features_known` names the newest year each
    family of features was taken from. `rank` is 1 for the highest probability of this outcome and horizon
    in this run.
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
