"""Two simple policies to beat: the first places of the forecast, and the places with last year's killings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from tocsin.evaluation.beginnings import Bools, Ints
from tocsin.evaluation.columns import Floats
from tocsin.forecasting.hindcast import Hindcasts, opening
from tocsin.forecasting.panel import Panel

FORECAST = ("new_mass_killing", 24)
FIRST = 30
LEAST = (1, 25, 100, 1000)
"""Among these the rival of last year's killings chooses its own number, on what was known up to 2005."""


def chances(past: Hindcasts, places: Sequence[str], days: Sequence[date]) -> Floats:
    """The chance of a new mass killing within 24 months, as out on each day (places, days); nan for none."""
    row = {iso3: n for n, iso3 in enumerate(places)}
    out = np.full((len(places), len(days)), np.nan)
    made: dict[date, Floats] = {}
    for t, day in enumerate(days):
        told = past.at(opening(day))
        issued = told[0].as_of.date()
        if issued not in made:
            made[issued] = np.full(len(places), np.nan)
            for f in told:
                if (f.outcome, f.horizon_months) == FORECAST and f.iso3 in row:
                    made[issued][row[f.iso3]] = f.probability
        out[:, t] = made[issued]
    return out


def killings(panel: Panel, places: Sequence[str], days: Sequence[date]) -> Floats:
    """Civilians killed in the newest year that was out on each day (places, days); nan where not counted."""
    out = np.full((len(places), len(days)), np.nan)
    values, by_year = panel.columns["os_deaths"], dict[int, Floats]()
    for t, day in enumerate(days):
        year = panel.known_year("os_deaths", opening(day))
        if year not in by_year:
            rows = np.array([panel.rows.get((iso3, year), -1) for iso3 in places])
            by_year[year] = np.where(rows >= 0, values[rows], np.nan)
        out[:, t] = by_year[year]
    return out


def at_least(values: Floats, least: float) -> Bools:
    """Where a count is known and reaches a number."""
    with np.errstate(invalid="ignore"):
        return np.asarray(values >= least)


def highest(values: Floats, k: Ints) -> Bools:
    """The k highest of each day; what is not known or 0 is never among them, ties go by place."""
    filled = np.where(np.isnan(values) | (values <= 0), -np.inf, values)
    order = np.argsort(-filled, axis=0, kind="stable")
    rank = np.argsort(order, axis=0, kind="stable")
    return (rank < k) & np.isfinite(filled)
