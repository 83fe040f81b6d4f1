"""Ridge logistic regression at a few levels: the quick one, and the one to explain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.forecasting import model
from tocsin.forecasting.forecaster import Floats, Rows, Seen
from tocsin.forecasting.forecasters.anchored import Anchored, anchor
from tocsin.forecasting.forecasters.filling import Filling

ANCHORS = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 200.0, 400.0, 1000.0, 3000.0)


@dataclass(frozen=True, slots=True)
class Ridge:
    """`penalty` on standardised coefficients (`model.fit`). `bounded` keeps the signs that the rows state.

    `flags` says of each predictor where it was blank.
    """

    penalty: float = 100.0
    bounded: bool = False
    flags: bool = True
    anchors: tuple[float, ...] = ANCHORS
    name: str = "ridge"

    def fit(self, seen: Seen) -> RidgeFit:
        """Raises InputError when too few rows had the outcome, or too many."""
        filling = Filling.of(seen.rows.x, self.flags)
        flip = np.append(np.where(seen.rows.signs < 0, -1.0, 1.0), np.ones(len(filling.flagged)))
        signed = np.append(seen.rows.signs != 0, np.zeros(len(filling.flagged), dtype=np.bool_))

        def one(x: Floats, y: Floats) -> _Chance:
            return _Chance(model.fit(x, y, self.penalty, signed if self.bounded else None))

        x = filling(seen.rows.x) * flip
        return RidgeFit(seen, filling, flip, self.penalty, anchor(seen, x, self.anchors, one))


@dataclass(frozen=True, slots=True, eq=False)
class _Chance:
    ridge: model.Ridge

    def __call__(self, x: Floats) -> Floats:
        return model.sigmoid(self.ridge.logit(x))

    def push(self, x: Floats) -> Floats:
        return np.asarray(self.ridge.coef * self.ridge.z(x))


@dataclass(frozen=True, slots=True, eq=False)
class RidgeFit:
    """A fitted ridge; it can say why (`push`) and how sure it is (`error`)."""

    seen: Seen
    filling: Filling
    flip: Floats
    penalty: float
    anchored: Anchored

    def predict(self, rows: Rows) -> Floats:
        """Exceedances (n, g)."""
        return self.anchored(self._entering(rows))

    def nearest(self, level: float) -> float:
        """The fitted anchor nearest to a level by ratio."""
        at = self.anchored.at
        return float(at[np.argmin(np.abs(np.log(at / level)))])

    def push(self, rows: Rows, level: float) -> Floats:
        """What each predictor adds to the log-odds of reaching an anchor (n, p), but for a constant."""
        return self.filling.gather(self.anchored.at_level(level).push(self._entering(rows)))

    def error(self, rows: Rows, level: float) -> Floats:
        """Standard error (n,) of the log-odds of reaching an anchor (`model.spread`)."""
        fitted = self.anchored.at_level(level)
        if not isinstance(fitted, _Chance):
            raise TypeError("a ridge holds ridges")
        y = np.asarray(self.seen.y >= level, dtype=np.float64)
        learned = model.Sample(self._entering(self.seen.rows), y, self.seen.rows.entity)
        covariance = model.spread(fitted.ridge, learned, self.penalty)
        return model.error(fitted.ridge, covariance, self._entering(rows))

    def _entering(self, rows: Rows) -> Floats:
        return self.filling(rows.x) * self.flip
