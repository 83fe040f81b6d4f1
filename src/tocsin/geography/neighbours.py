"""Which states border on which, by the shapes that ship (Natural Earth, 1:50m)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import TocsinError
from tocsin.geography.borders import solid
from tocsin.geography.countries import country

NEAR = 0.25
"""Lines drawn within this many degrees count as one border (28 km of latitude): straits and coarse lines."""


@cache
def borders(names: tuple[str, ...]) -> NDArray[np.bool_]:
    """Whether two states border on each other (n, n), by today's territory; never with themselves.

    `names` are ISO3 codes. A former state takes the land of those that followed it. A code without land in
    the shapes, and one that is no state, has no neighbours.
    """
    import shapely

    shapes = [_land(name) for name in names]
    drawn = [i for i, shape in enumerate(shapes) if shape is not None]
    out = np.zeros((len(names), len(names)), dtype=np.bool_)
    tree = shapely.STRtree([shapes[i] for i in drawn])
    left, right = tree.query([shapes[i] for i in drawn], predicate="dwithin", distance=NEAR)
    at = np.asarray(drawn, dtype=np.int64)
    out[at[left], at[right]] = True
    np.fill_diagonal(out, False)
    return out


def are_states(names: Sequence[str]) -> bool:
    """Whether every name is an ISO3 code of a present or former state."""
    try:
        return all(bool(country(name)) for name in names)
    except TocsinError:
        return False


@cache
def _land(name: str) -> Any:
    try:
        return solid(name)
    except TocsinError:
        return None
