"""A panel as a block of numbers: entities by periods, with what is unknown left unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Cube:
    """`columns[name]` is (n, t), nan where unknown; `exists` (n, t): the panel has a row there.

    `periods` (t,) are consecutive whole numbers. A period without a row is not zero: it is unknown.
    """

    entities: tuple[str, ...]
    periods: Ints
    columns: Mapping[str, Floats]
    exists: Flags

    def at(self, period: int) -> int:
        """The index of a period; outside of 0..t-1 when the cube does not hold it."""
        return period - int(self.periods[0])
