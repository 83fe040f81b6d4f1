"""Who shares a land border with whom on a day.

Borders are kept between units of land (see `borders`) in data/neighbours.csv, built from the shipped shapes
by scripts/build_neighbours.py; whose they were on a day follows from who held the units. An overseas part
counts: France borders Brazil. Water is no border, and an island state has no neighbour.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cache, lru_cache

from tocsin.geography.borders import holder
from tocsin.geography.countries import country, read_table


def neighbours(iso3: str, on: date) -> tuple[str, ...]:
    """The ISO3 codes of the states and territories that bordered one on a day, sorted.

    Empty for an island, and for a state that was not there on that day; land that no state of the table held
    then (colonies) borders nobody. Raises UnknownId.
    """
    country(iso3)
    return _of_day(on).get(iso3, ())


@lru_cache(maxsize=64)
def _of_day(on: date) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = defaultdict(set)
    for unit, other in _borders():
        here, there = holder(unit, on), holder(other, on)
        if here != there and country(here).on(on) and country(there).on(on):
            found[here].add(there)
            found[there].add(here)
    return {iso3: tuple(sorted(around)) for iso3, around in found.items()}


@cache
def _borders() -> tuple[tuple[str, str], ...]:
    return tuple((row["unit"], row["neighbour"]) for row in read_table("neighbours.csv"))
