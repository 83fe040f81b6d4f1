"""A blend: the mean of its members' log-odds, so that what moved the members adds up to what moved it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tocsin.forecasting.forecaster import Fitted, Floats, Forecaster, Rows, Seen
from tocsin.forecasting.model import log_odds, sigmoid


class Telling(Fitted, Protocol):
    """A fit that can say why."""

    def push(self, rows: Rows, level: float) -> Floats:
        """What each predictor adds to the log-odds of reaching an anchor (n, p), but for a constant."""
        ...


class Teller(Forecaster, Protocol):
    """A forecaster whose fits can say why."""

    def fit(self, seen: Seen) -> Telling: ...


@dataclass(frozen=True, slots=True)
class Blend:
    """A logarithmic pool with equal weights (Genest and Zidek 1986) of `members`."""

    members: tuple[Teller, ...]
    name: str = "blend"

    def fit(self, seen: Seen) -> Blended:
        """Raises InputError when a member cannot learn from the rows."""
        return Blended(tuple(member.fit(seen) for member in self.members))


@dataclass(frozen=True, slots=True, eq=False)
class Blended:
    """A fitted blend."""

    members: Sequence[Telling]

    def parts(self, rows: Rows) -> Floats:
        """Log-odds of each member (members, n, g)."""
        return np.stack([log_odds(member.predict(rows)) for member in self.members])

    def predict(self, rows: Rows) -> Floats:
        """Exceedances (n, g)."""
        return sigmoid(self.parts(rows).mean(axis=0))

    def push(self, rows: Rows, level: float) -> Floats:
        """The mean of what each predictor adds in the members (n, p), but for a constant."""
        return np.asarray(np.mean([member.push(rows, level) for member in self.members], axis=0))
