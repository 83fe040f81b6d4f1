"""Rows by decade and by region of the world, and who stood in the top of an origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import UnknownId
from tocsin.evaluation.columns import Floats
from tocsin.evaluation.compared import Compared, Ints
from tocsin.geography.countries import country

UNKNOWN = "unknown"
YEARS = range(1500, 2500)
"""Whole numbers that are taken for calendar years; others number periods, and nobody said when those are."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Rows of a slice that belong together: `kind` is decade or region."""

    kind: str
    name: str
    rows: NDArray[np.bool_]


def groups(rows: Compared) -> Mapping[str, tuple[Group, ...]]:
    """The decades of the periods and the UN sub-regions of the entities that have rows, by horizon.

    A kind of which nothing is known has no groups.
    """
    decade = np.array([_decade(int(p), rows.forecasts[0].dated) for p in rows.period])
    of_entity = np.array([_region(name) for name in rows.names])
    found = {}
    for horizon in rows.horizons:
        here = rows.horizon == horizon
        split = (("decade", decade[here]), ("region", of_entity[rows.entity[here]]))
        found[horizon] = tuple(
            Group(kind, str(name), labels == name)
            for kind, labels in split
            if (labels != UNKNOWN).any()
            for name in np.unique(labels)
        )
    return found


def standing(p: Floats, origin: Ints) -> tuple[Ints, Ints]:
    """How many rows of its origin stand above each row, and how many are level with it, itself included."""
    order = np.lexsort((-p, origin))
    turns = np.append(True, np.diff(origin[order]) != 0)
    start = np.flatnonzero(turns | np.append(True, np.diff(p[order]) != 0))
    first = np.flatnonzero(turns)
    level = np.diff(np.append(start, len(p)))
    above, tied = np.empty(len(p), dtype=np.int64), np.empty(len(p), dtype=np.int64)
    above[order] = np.repeat(start - first[np.searchsorted(first, start, side="right") - 1], level)
    tied[order] = np.repeat(level, level)
    return above, tied


def top_share(p: Floats, origin: Ints, k: int) -> Floats:
    """How much of each row is among the k highest of its origin: 1, 0, or where tied the share that fits."""
    above, tied = standing(p, origin)
    return np.asarray(np.clip((k - above) / tied, 0, 1))


def _decade(period: int, dated: bool) -> str:
    year = date.fromordinal(period).year if dated else period
    return f"{year // 10 * 10}s" if year in YEARS else UNKNOWN


def _region(entity: str) -> str:
    try:
        return country(entity).sub_region or UNKNOWN
    except UnknownId:
        return UNKNOWN
