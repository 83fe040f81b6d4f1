"""The entity's own past alone, over several periods to come: what happened there before may happen again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.errors import InputError
from tocsin.forecasting.forecaster import Floats, Rows, Seen
from tocsin.forecasting.model import log_odds


@dataclass(frozen=True, slots=True)
class Recalled:
    """Share of the known past periods that reached a level, half as heavy for every `half_life` of age.

    The rate of all rows counts as `prior` periods more, so that an entity without a past gets it. The outcome
    looks at `span` periods: the chance is that of any of them, taken as independent. `tells` is the predictor
    that stands for the past when reasons are told.
    """

    half_life: float
    prior: float
    span: int = 1
    tells: str = ""
    name: str = "own_history"

    def fit(self, seen: Seen) -> RecalledFit:
        """Raises InputError without rows."""
        if not len(seen):
            raise InputError("no row whose outcome was known", "forecast", "start at a later origin")
        return RecalledFit(self, seen.levels, 1 - (1 - seen.hits.mean(axis=0)) ** (1 / self.span))


@dataclass(frozen=True, slots=True, eq=False)
class RecalledFit:
    """What is kept of the rows: the rate of one period at each level (g,)."""

    how: Recalled
    levels: Floats
    rate: Floats

    def predict(self, rows: Rows) -> Floats:
        """Exceedances (n, g)."""
        weight = 0.5 ** (np.arange(rows.past.shape[1]) / self.how.half_life)
        known = np.where(np.isnan(rows.past), 0.0, weight)
        reached = np.nan_to_num(rows.past, nan=-np.inf)[:, :, None] >= self.levels
        hits = (known[:, :, None] * reached).sum(axis=1) + self.how.prior * self.rate
        one = hits / (known.sum(axis=1)[:, None] + self.how.prior)
        return np.asarray(1 - (1 - one) ** self.how.span)

    def push(self, rows: Rows, level: float) -> Floats:
        """The log-odds, all of it at the predictor that tells (n, p)."""
        out = np.zeros_like(rows.x)
        at = int(np.flatnonzero(self.levels == level)[0])
        out[:, rows.names.index(self.how.tells)] = log_odds(self.predict(rows)[:, at])
        return out
