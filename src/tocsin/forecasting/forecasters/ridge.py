"""Ridge logistic regression at a few levels: the quick one, and the one to explain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.forecasting import model
from tocsin.forecasting.forecaster import Fitted, Floats, Rows, Seen
from tocsin.forecasting.forecasters.anchored import Anchored, anchor
from tocsin.forecasting.forecasters.filling import Filling

ANCHORS = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 200.0, 400.0, 1000.0, 3000.0)


@dataclass(frozen=True, slots=True)
class Ridge:
    """`penalty` on standardised coefficients (`model.fit`). `bounded` keeps the signs that the rows state."""

    penalty: float = 100.0
    bounded: bool = False
    name: str = "ridge"

    def fit(self, seen: Seen) -> Fitted:
        """Raises InputError when too few rows had the outcome, or too many."""
        filling = Filling.of(seen.rows.x)
        flip = np.append(np.where(seen.rows.signs < 0, -1.0, 1.0), np.ones(len(filling.flagged)))
        signed = np.append(seen.rows.signs != 0, np.zeros(len(filling.flagged), dtype=np.bool_))

        def one(x: Floats, y: Floats) -> _Chance:
            return _Chance(model.fit(x, y, self.penalty, signed if self.bounded else None))

        return _Fitted(filling, flip, anchor(seen, filling(seen.rows.x) * flip, ANCHORS, one))


@dataclass(frozen=True, slots=True, eq=False)
class _Chance:
    ridge: model.Ridge

    def __call__(self, x: Floats) -> Floats:
        return model.sigmoid(self.ridge.logit(x))


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    filling: Filling
    flip: Floats
    anchored: Anchored

    def predict(self, rows: Rows) -> Floats:
        return self.anchored(self.filling(rows.x) * self.flip)
