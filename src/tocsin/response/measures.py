"""What could be done: options for a level and its risk factors, least coercive first, side effects beside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from tocsin.alarms.alarm import Level
from tocsin.assessment.figures import FACTORS
from tocsin.errors import InputError, UnknownId

HORIZONS = ("immediate", "short", "medium", "long")
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure; fields are explained at the top of measures.yml. Raises InputError on wrong entries."""

    id: str
    name: str
    gist: str
    category: str
    actors: tuple[str, ...]
    pillars: tuple[int, ...]
    horizon: str
    coercion: int
    consent: bool
    authority: bool
    factors: tuple[str, ...]
    side_effect: str
    evidence: str

    def __post_init__(self) -> None:
        where = f"measures.yml, {self.id}"
        if self.horizon not in HORIZONS or self.coercion not in range(4) or not self.side_effect:
            raise InputError("horizon, coercion or side effect is wrong or missing", where)
        for factor in self.factors:
            if factor not in FACTORS:
                raise UnknownId(f"risk factor in {where}", factor, FACTORS)


@cache
def measures() -> tuple[Measure, ...]:
    """Every measure, in the order of the file."""
    return tuple(_measure(row) for row in _table()["measures"])


def measure(measure_id: str) -> Measure:
    """The measure of that id. Raises UnknownId."""
    for found in measures():
        if found.id == measure_id:
            return found
    raise UnknownId("measure", measure_id, [m.id for m in measures()])


def suggest(level: Level, factors: Iterable[str], pillar: int | None = None) -> tuple[Measure, ...]:
    """Options for a level and the factors seen, the least coercive first, then those that meet most factors.

    Kept within the coercion and the horizons of the level, and to one pillar of the responsibility to protect
    (1 to 3) when given. Where fewer than three address the factors, the least coercive others of the level
    are added, so that nobody is left with one way out. Empty for the level `none`.
    """
    if level is Level.NONE:
        return ()
    seen, reach = set(factors), _table()["reach"][level.value]
    allowed = [
        m
        for m in measures()
        if m.coercion <= reach["coercion"]
        and m.horizon in reach["horizons"]
        and (pillar is None or pillar in m.pillars)
    ]
    meeting = [m for m in allowed if seen & set(m.factors)]
    others = sorted((m for m in allowed if m not in meeting), key=_gentle)
    chosen = meeting + others[: max(0, FEWEST - len(meeting))]
    return tuple(sorted(chosen, key=lambda m: (m.coercion, -len(seen & set(m.factors)), *_gentle(m)[1:])))


def _gentle(measure: Measure) -> tuple[int, int, str]:
    return (measure.coercion, HORIZONS.index(measure.horizon), measure.id)


def _measure(row: Mapping[str, Any]) -> Measure:
    lists = {key: tuple(row[key]) for key in ("actors", "pillars", "factors")}
    return Measure(**{**row, **lists})


@cache
def _table() -> Mapping[str, Any]:
    data: dict[str, Any] = yaml.load(
        files(__package__).joinpath("measures.yml").read_text("utf-8"), yaml.CSafeLoader
    )
    return data
