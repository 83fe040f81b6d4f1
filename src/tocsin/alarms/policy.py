"""The alarm policy: reviewed rules, read strictly. No threshold has a default; unknown names are refused."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from tocsin.alarms.alarm import Level
from tocsin.assessment.figures import FACTORS, columns
from tocsin.errors import InputError, UnknownId
from tocsin.forecasting.outcomes import load_outcomes
from tocsin.signals.signal import Relevance

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {">=": operator.ge, "<=": operator.le}
SLOT = re.compile(r"\{([a-z_A-Z0-9.]+)\}")


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a measured field with a threshold."""

    field: str
    op: str
    threshold: float

    def holds(self, measured: float, ratio: float = 1.0) -> bool:
        """Whether it holds, with the threshold eased by `ratio` (1 not at all). Ages are never eased."""
        if self.field.endswith(".age"):
            ratio = 1.0
        eased = self.threshold * ratio if self.op == ">=" else self.threshold / ratio
        return OPERATORS[self.op](measured, eased)


@dataclass(frozen=True, slots=True)
class Rule:
    """All of its conditions together carry a level. See the comments in policy.yml."""

    id: str
    level: Level
    proposes: bool
    all: tuple[Condition, ...]
    expires_days: int
    exit_ratio: float
    sentence: str
    basis: str

    def holds(self, measured: Mapping[str, float], ratio: float = 1.0) -> bool:
        """Whether every condition is measured and holds."""
        return all(c.field in measured and c.holds(measured[c.field], ratio) for c in self.all)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that it reads."""
        return tuple(c.field for c in self.all)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of present-time signals: of these factors and relevances, or of `or_factors` whatever these."""

    factors: tuple[str, ...]
    relevance: tuple[str, ...]
    or_factors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole policy: rules from the highest level down."""

    crime_family: str
    near: float
    groups: Mapping[str, Group]
    rules: tuple[Rule, ...]

    def rule(self, rule_id: str) -> Rule | None:
        """The rule of that id, or None when the policy no longer has it."""
        return next((r for r in self.rules if r.id == rule_id), None)


@cache
def policy() -> Policy:
    """The shipped policy."""
    return parse_policy(yaml.safe_load(files(__package__).joinpath("policy.yml").read_text("utf-8")))


def parse_policy(data: Mapping[str, Any]) -> Policy:
    """A policy from the YAML's own shape. Raises InputError or UnknownId for what is missing or unknown."""
    _only(data, {"crime_family", "near", "groups", "rules"}, "policy.yml")
    groups = {name: _group(name, row) for name, row in data["groups"].items()}
    known = _fields(groups)
    rules = [_rule(row, known) for row in data["rules"]]
    ids = [r.id for r in rules]
    if len(set(ids)) != len(ids):
        raise InputError("two rules share an id", "policy.yml", "give each rule its own id")
    if not 0 < float(data["near"]) < 1:
        raise InputError("near must lie between 0 and 1", "policy.yml")
    rules.sort(key=lambda r: -r.level.step)
    return Policy(data["crime_family"], float(data["near"]), groups, tuple(rules))


def _group(name: str, row: Mapping[str, Any]) -> Group:
    where = f"policy.yml, group {name}"
    optional = {"or_factors"} & set(row)
    _only(row, {"factors", "relevance"} | optional, where)
    for factor in (*row["factors"], *row.get("or_factors", ())):
        if factor not in FACTORS:
            raise UnknownId("risk factor", factor, FACTORS)
    for relevance in row["relevance"]:
        if relevance not in set(Relevance):
            raise UnknownId("relevance", relevance, list(Relevance))
    return Group(tuple(row["factors"]), tuple(row["relevance"]), tuple(row.get("or_factors", ())))


def _rule(row: Mapping[str, Any], known: frozenset[str]) -> Rule:
    where = f"policy.yml, rule {row.get('id', '?')}"
    _only(row, {"id", "level", "proposes", "all", "expires_days", "exit_ratio", "sentence", "basis"}, where)
    if row["level"] not in set(Level) or row["level"] == Level.NONE:
        raise UnknownId("level", str(row["level"]), [level for level in Level if level.step])
    if not isinstance(row["proposes"], bool):
        raise InputError("proposes must be true or false", where)
    if not 0 < _number(row["exit_ratio"], where) <= 1 or _number(row["expires_days"], where) < 1:
        raise InputError("exit_ratio lies in (0, 1] and expires_days is 1 or more", where)
    for key in ("sentence", "basis"):
        if not str(row[key]).strip():
            raise InputError(f"{key} is empty", where, "say it in one line")
    conditions = tuple(_condition(c, known, where) for c in row["all"])
    if not conditions:
        raise InputError("a rule without conditions would always fire", where)
    for slot in SLOT.findall(row["sentence"]):
        if slot not in known:
            raise UnknownId(f"field in the sentence of {where}", slot, known)
    return Rule(
        id=row["id"],
        level=Level(row["level"]),
        proposes=row["proposes"],
        all=conditions,
        expires_days=int(row["expires_days"]),
        exit_ratio=float(row["exit_ratio"]),
        sentence=row["sentence"],
        basis=row["basis"],
    )


def _condition(row: Mapping[str, Any], known: frozenset[str], where: str) -> Condition:
    _only(row, {"field", "op", "threshold"}, where)
    if row["field"] not in known:
        raise UnknownId(f"field in {where}", str(row["field"]), known)
    if row["op"] not in OPERATORS:
        raise UnknownId(f"operator in {where}", str(row["op"]), OPERATORS)
    return Condition(row["field"], row["op"], _number(row["threshold"], where))


def _fields(groups: Mapping[str, Group]) -> frozenset[str]:
    forecasts = [f"forecast.{o.key}.{months}" for o in load_outcomes() for months in o.horizons]
    return frozenset(
        [f"{f}.{part}" for f in forecasts for part in ("probability", "ratio", "rank", "change")]
        + [f"factor.{f}.strength" for f in FACTORS]
        + [f"words.{g}.{part}" for g in groups for part in ("strength", "origins")]
        + [f"figure.{c}.{part}" for c in columns() for part in ("value", "age", "year")]
        + ["assessment.factors_present", "neighbours.alarm", "neighbours.ongoing"]
    )


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{value!r} is not a number", where)
    return float(value)


def _only(row: Mapping[str, Any], wanted: set[str], where: str) -> None:
    for name in sorted(set(row) ^ wanted):
        what = "is missing" if name in wanted else "is not known"
        raise InputError(f"{name} {what}", where, f"entries are {', '.join(sorted(wanted))}")
