"""Blanks for models that cannot read them: the middle of the rows learned from stands in, a flag says so."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from tocsin.forecasting.forecaster import Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Filling:
    """`middle` (p,) of the rows learned from; `flagged` are predictors with blanks and values there."""

    middle: Floats
    flagged: Ints

    @classmethod
    def of(cls, x: Floats, flags: bool = True) -> Filling:
        """What rows x (n, p) teach; a predictor that is blank throughout gets 0 and no flag."""
        blank = np.isnan(x)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            middle = np.nan_to_num(np.nanmedian(x, axis=0))
        return cls(middle, np.flatnonzero(blank.any(axis=0) & ~blank.all(axis=0) & flags))

    def __call__(self, x: Floats) -> Floats:
        """x (n, p) without blanks, then one column of 0 and 1 for each flagged predictor."""
        blank = np.isnan(x)
        flags = blank[:, self.flagged].astype(np.float64)
        return np.concatenate([np.where(blank, self.middle[None], x), flags], axis=1)

    def gather(self, push: Floats) -> Floats:
        """What predictors and their flags add (n, p + flags), by predictor (n, p)."""
        out = push[:, : len(self.middle)].copy()
        out[:, self.flagged] += push[:, len(self.middle) :]
        return out
