"""What is forecast and what the forecast looks at: the reviewed tables outcomes.yml and features.yml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from tocsin.errors import InputError, UnknownId

COMPOSE = ("hazard", "mean")
CALIBRATE = ("shift", "none")
TRANSFORMS = (
    *("level", "decay", "share", "recency", "max", "change"),
    *("middle", "before", "surge", "fall", "rise"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome; the fields are explained at the top of outcomes.yml. InputError on unknown words."""

    key: str
    label: str
    definition: str
    column: str
    at_least: float
    horizons: tuple[int, ...]
    span: int
    compose: str
    calibrate: str
    first_base: int
    first_check: int
    penalty: float
    seeds: int
    rival: tuple[str, ...]
    prior_years: float
    tells: str

    def __post_init__(self) -> None:
        _check(self.compose, COMPOSE, f"outcomes.yml: {self.key}: compose")
        _check(self.calibrate, CALIBRATE, f"outcomes.yml: {self.key}: calibrate")


@dataclass(frozen=True, slots=True)
class Theme:
    """What features have in common; the fields are explained at the top of themes.yml."""

    key: str
    label: str
    violence: bool = False


@dataclass(frozen=True, slots=True)
class Feature:
    """One predictor; the fields are explained at the top of features.yml. InputError on unknown words."""

    key: str
    label: str
    family: str
    column: str
    transform: str
    text: str
    theme: str = ""
    sign: int = 0
    none: str = ""
    per: str = ""
    scale: float = 1
    region: bool = False
    log: bool = False
    log_first: bool = False
    half_life: float = 0
    years: int = 0
    at_least: float = 0

    def __post_init__(self) -> None:
        _check(self.transform, TRANSFORMS, f"features.yml: {self.key}: transform")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that it reads."""
        return (self.column, self.per) if self.per else (self.column,)


@cache
def load_outcomes() -> tuple[Outcome, ...]:
    """Every outcome, in the order of the file."""
    return tuple(Outcome(**_tuples(row)) for row in _rows("outcomes.yml"))


@cache
def load_features() -> tuple[Feature, ...]:
    """Every feature, in the order of the file."""
    found = tuple(Feature(**row) for row in _rows("features.yml"))
    for spec in found:
        _check(spec.theme, tuple(load_themes()), f"features.yml: {spec.key}: theme")
    return found


@cache
def load_themes() -> Mapping[str, Theme]:
    """Every theme by its key, in the order of the file."""
    return MappingProxyType({row["key"]: Theme(**row) for row in _rows("themes.yml")})


def outcome(key: str) -> Outcome:
    """The outcome with this key. Raises UnknownId with the near ones."""
    table = {o.key: o for o in load_outcomes()}
    if key not in table:
        raise UnknownId("outcome", key, table)
    return table[key]


def kin(found: Outcome) -> tuple[Outcome, ...]:
    """The outcomes on the same column and span, by rising threshold: one fit answers for all of them."""
    same = (o for o in load_outcomes() if (o.column, o.span) == (found.column, found.span))
    return tuple(sorted(same, key=lambda o: o.at_least))


def table_text(name: str) -> bytes:
    """The bytes of a table of this room, for its hash in the manifest."""
    return files("tocsin.forecasting").joinpath(name).read_bytes()


def _rows(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = yaml.load(table_text(name), yaml.CSafeLoader)
    keys = [row["key"] for row in rows]
    if len(set(keys)) < len(keys):
        raise InputError("a key stands twice", name, "every key is used once")
    return rows


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}


def _check(word: str, known: tuple[str, ...], where: str) -> None:
    if word not in known:
        raise InputError(f"unknown word {word!r}", where, "use " + ", ".join(known))
