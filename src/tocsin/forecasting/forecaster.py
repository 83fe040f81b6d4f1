"""What every forecaster is: it fits on rows whose outcome was known, and answers for rows whose is not.

A predictive distribution is held as *exceedances*: P(Y >= level) at rising levels. A yes-or-no outcome is
the case of one level, 1. So one shape serves probabilities and counts, and pools are plain means.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What is in hand at the origin of each of n rows.

    `x` (n, p) holds the predictors `names` (p,), nan where unknown. `signs` (p,) is 1 where a higher value
    may not lower the outcome, -1 where it may not raise it, 0 where nothing is said. `past` (n, k) is the
    entity's own outcome over the last k periods as known at the origin, newest first, nan where unknown.
    `entity` (n,) and `base` (n,) number the entity and the period the row stands at.
    """

    names: tuple[str, ...]
    signs: Ints
    x: Floats
    past: Floats
    entity: Ints
    base: Ints

    def __len__(self) -> int:
        return len(self.x)

    def take(self, which: NDArray[np.bool_] | Ints) -> Rows:
        """Some of the rows: a mask (n,) or positions."""
        return Rows(
            self.names, self.signs, self.x[which], self.past[which], self.entity[which], self.base[which]
        )


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Rows with their outcome `y` (n,), and the `levels` (g,), rising, at which exceedances are wanted.

    `gap` is the number of periods from a row's base until its outcome is known: who stood at base b could
    learn from rows up to b - gap.
    """

    rows: Rows
    y: Floats
    levels: Floats
    gap: int

    def __len__(self) -> int:
        return len(self.y)

    def take(self, which: NDArray[np.bool_] | Ints) -> Seen:
        """Some of the rows."""
        return Seen(self.rows.take(which), self.y[which], self.levels, self.gap)

    @property
    def hits(self) -> Floats:
        """1 where the outcome reached the level, else 0 (n, g)."""
        return np.asarray(self.y[:, None] >= self.levels[None], dtype=np.float64)


class Fitted(Protocol):
    """What a fit leaves behind."""

    def predict(self, rows: Rows) -> Floats:
        """Exceedances (n, g): P(Y >= level), in [0, 1], never rising with the level, never nan."""
        ...


class Forecaster(Protocol):
    """A way to forecast. The same rows give the same bytes; a fit changes nothing but what it returns.

    `forecasting.conformance.check` says whether a class keeps to this.
    """

    @property
    def name(self) -> str:
        """One word, as it stands in manifests and tables."""
        ...

    def fit(self, seen: Seen) -> Fitted:
        """Learn from rows whose outcome was known at the origin. Raises InputError when they are too few."""
        ...
