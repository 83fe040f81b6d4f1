"""What any model has to beat: the climate, what is now, and the entity's own past."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.errors import InputError
from tocsin.forecasting.forecaster import Fitted, Floats, Rows, Seen

PRIOR = 1.0


@dataclass(frozen=True, slots=True)
class Climatology:
    """The same for all: how often the outcome reached each level in the rows learned from."""

    name: str = "climatology"

    def fit(self, seen: Seen) -> Fitted:
        """Raises InputError without rows."""
        return _Same(_climate(seen))


@dataclass(frozen=True, slots=True)
class Persistence:
    """What is now stays: the share of rows that reached a level among those whose newest value did, or not.

    That value is over the same span as the outcome (a month, or the last three).
    """

    name: str = "persistence"

    def fit(self, seen: Seen) -> Fitted:
        """Raises InputError without rows."""
        climate = _climate(seen)
        now, hits = seen.rows.past[:, :1] >= seen.levels[None], seen.hits
        n1, n0 = now.sum(axis=0), (~now).sum(axis=0)
        above = ((hits * now).sum(axis=0) + PRIOR * climate) / (n1 + PRIOR)
        below = ((hits * ~now).sum(axis=0) + PRIOR * climate) / (n0 + PRIOR)
        return _Persistent(seen.levels, np.maximum.accumulate(above[::-1])[::-1], below)


@dataclass(frozen=True, slots=True)
class Own:
    """The entity's own last `window` periods as an empirical distribution.

    The climate counts as one period more, so that nothing is impossible because it did not happen yet.
    """

    window: int

    @property
    def name(self) -> str:
        return f"own{self.window}"

    def fit(self, seen: Seen) -> Fitted:
        """Raises InputError without rows."""
        return _Weighted(seen.levels, _climate(seen), np.ones(self.window))


@dataclass(frozen=True, slots=True)
class Decayed:
    """The entity's own past, a period weighing half as much for every `half_life` periods of age.

    The climate counts as one period of today, as in `Own`.
    """

    half_life: float

    @property
    def name(self) -> str:
        return f"decayed{self.half_life:g}"

    def fit(self, seen: Seen) -> Fitted:
        """Raises InputError without rows."""
        age = np.arange(seen.rows.past.shape[1])
        return _Weighted(seen.levels, _climate(seen), 0.5 ** (age / self.half_life))


@dataclass(frozen=True, slots=True, eq=False)
class _Same:
    climate: Floats

    def predict(self, rows: Rows) -> Floats:
        return np.tile(self.climate, (len(rows), 1))


@dataclass(frozen=True, slots=True, eq=False)
class _Persistent:
    levels: Floats
    above: Floats
    below: Floats

    def predict(self, rows: Rows) -> Floats:
        now = rows.past[:, :1] >= self.levels[None]
        return np.minimum.accumulate(np.where(now, self.above, self.below), axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class _Weighted:
    levels: Floats
    climate: Floats
    weight: Floats

    def predict(self, rows: Rows) -> Floats:
        past = rows.past[:, : len(self.weight)]
        weight = np.where(np.isnan(past), 0.0, self.weight[None, : past.shape[1]])
        out = np.tile(PRIOR * self.climate, (len(rows), 1))
        for k in range(past.shape[1]):
            reached = np.nan_to_num(past[:, k], nan=-np.inf)[:, None] >= self.levels[None]
            out += weight[:, k : k + 1] * reached
        return np.asarray(out / (weight.sum(axis=1, keepdims=True) + PRIOR))


def _climate(seen: Seen) -> Floats:
    """Shares of the rows, and half a row for what never happened (Jeffreys), with a power law beyond."""
    if not len(seen):
        raise InputError("no row whose outcome was known", "forecast", "start at a later origin")
    never = 0.5 / (len(seen) + 1) * np.minimum(1.0, max(float(seen.y.max()), 1.0) / seen.levels)
    return np.asarray(np.maximum(seen.hits.mean(axis=0), never))
