"""The reviewed lists of series (data/conditions_*.yml): which are read, in which unit, within which
bounds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tocsin.sources.factsheet import built
from tocsin.sources.feeds.conditions.given import NOT_GIVEN, Fault, Given, absent, number
from tocsin.sources.readers.cells import RowRefused

DATA = Path(__file__).parents[2] / "data"


@dataclass(frozen=True, slots=True)
class Series:
    """One series: the publisher's own name of it, what it says, its unit and the bounds of its values.

    `column` is what a table calls it where that differs. A `headline` is shown first.
    """

    id: str
    label: str
    unit: str
    low: float = -math.inf
    high: float = math.inf
    column: str = ""
    headline: bool = False


@cache
def reviewed(source: str) -> Mapping[str, Series]:
    """The reviewed series of a source, by id. Raises InputError for an entry that is wrong."""
    entries = _file(source)["series"]
    found = [
        built(Series, entry, f"conditions_{source}.yml: series {n}") for n, entry in enumerate(entries, 1)
    ]
    return {series.id: series for series in found}


@cache
def releases(source: str) -> Mapping[str, Any]:
    """The dates of releases that the reviewed list states, by label."""
    return {str(label): day for label, day in (_file(source).get("releases") or {}).items()}


def known(source: str, what: str) -> list[str]:
    """Another list of a source's reviewed file, such as its codes of aggregates."""
    return [str(one) for one in _file(source).get(what) or ()]


@cache
def labels() -> Mapping[str, str]:
    """What every reviewed series says, by `source` and id as `source/id`."""
    sources = [path.stem.removeprefix("conditions_") for path in sorted(DATA.glob("conditions_*.yml"))]
    return {f"{source}/{s.id}": s.label for source in sources for s in reviewed(source).values()}


def measured(one: Series, cell: Any, place: Given) -> Given | Fault:
    """The value of a cell at a place and time: a number, missing, or a fault of this cell alone."""
    if absent(cell):
        return replace(place, series=one.id, unit=one.unit, missing=NOT_GIVEN)
    column = one.column or one.id
    try:
        return replace(place, series=one.id, unit=one.unit, value=number(cell, column, one.low, one.high))
    except RowRefused as why:
        return Fault(column, str(why))


def or_refused(found: Given | Fault) -> Given:
    """The value of a row that has no other. Raises RowRefused."""
    if isinstance(found, Fault):
        raise RowRefused(found.why)
    return found


def _file(source: str) -> Any:
    return yaml.load((DATA / f"conditions_{source}.yml").read_text("utf-8"), yaml.CSafeLoader)
