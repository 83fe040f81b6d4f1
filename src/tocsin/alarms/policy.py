"""The alarm policy: reviewed rules, read strictly. No threshold has a default; unknown names are refused.

Where a rule compares a forecast, its threshold can be computed from stated costs. If a miss costs as much as
`miss` false alarms, warning pays once the chance of the event reaches 1 / (1 + miss): below it the false
alarms cost more than the misses they save. That holds for calibrated probabilities (Murphy 1977, "The value
of climatological, categorical and probabilistic forecasts in the cost-loss ratio situation", Monthly Weather
Review 105, 803-816; Elkan 2001, "The foundations of cost-sensitive learning", IJCAI, 973-978).
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from tocsin.alarms.alarm import Level
from tocsin.alarms.expert import EXPERT
from tocsin.alarms.lessons import lessons
from tocsin.assessment.figures import FACTORS, columns
from tocsin.errors import InputError, NotAllowed, UnknownId
from tocsin.forecasting.outcomes import load_outcomes
from tocsin.signals.signal import Relevance

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {">=": operator.ge, "<=": operator.le}
SLOT = re.compile(r"\{([a-z_A-Z0-9.]+)\}")
FILE = "policy.yml"
_TOP = {"crime_family", "near", "costs", "gravity", "unanswered_days", "groups", "expert", "rules"}
_RULE = {"id", "level", "proposes", "all", "expires_days", "exit_ratio", "sentence", "basis", "rests_on"}
_EXPERT = {"expires_days", "sentence", "basis", "rests_on"}
_LEVELS = [level for level in Level if level.step]


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a measured field with a threshold.

    `cost` is the level whose stated cost gave the threshold, None for a number written by hand.
    """

    field: str
    op: str
    threshold: float
    cost: Level | None = None

    def holds(self, measured: float, ratio: float = 1.0) -> bool:
        """Whether it holds, with the threshold eased by `ratio` (1 not at all). Ages are never eased."""
        if ratio == 1.0 or self.field.endswith(".age"):
            return OPERATORS[self.op](measured, self.threshold)
        eased = self.threshold * ratio if self.op == ">=" else self.threshold / ratio
        return OPERATORS[self.op](measured, eased)


@dataclass(frozen=True, slots=True)
class Rule:
    """All of its conditions together carry a level. See the comments in policy.yml.

    `rests_on` are ids of lessons.yml.
    """

    id: str
    level: Level
    proposes: bool
    all: tuple[Condition, ...]
    expires_days: int
    exit_ratio: float
    sentence: str
    basis: str
    rests_on: tuple[str, ...]

    def holds(self, measured: Mapping[str, float], ratio: float = 1.0) -> bool:
        """Whether every condition is measured and holds."""
        return all(c.field in measured and c.holds(measured[c.field], ratio) for c in self.all)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that it reads."""
        return tuple(c.field for c in self.all)

    @property
    def told(self) -> tuple[str, ...]:
        """The fields that it reads or that its sentence names, each once."""
        return tuple(dict.fromkeys((*self.fields, *SLOT.findall(self.sentence))))

    @property
    def of_forecasts(self) -> bool:
        """Whether it compares nothing but forecasts."""
        return all(f.startswith("forecast.") for f in self.fields)


@dataclass(frozen=True, slots=True)
class Expert:
    """What the policy leaves to a named expert: the levels, with the days for which each stands, and why."""

    expires_days: Mapping[Level, int]
    sentence: str
    basis: str
    rests_on: tuple[str, ...]

    def rule(self, level: Level) -> Rule:
        """A judgement as a rule without conditions. Raises NotAllowed for a level that is not left to it."""
        if level not in self.expires_days:
            levels = ", ".join(at.value for at in self.expires_days)
            raise NotAllowed(
                f"an expert cannot raise a place to the level {level.value}; levels are {levels}"
            )
        days = self.expires_days[level]
        return Rule(EXPERT, level, True, (), days, 1.0, self.sentence, self.basis, self.rests_on)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of present-time signals: of these factors and relevances, or of `or_factors` whatever these."""

    factors: tuple[str, ...]
    relevance: tuple[str, ...]
    or_factors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """What a miss of 1,000 killed or more costs at a level, counted in false alarms, and why.

    Raises InputError for a cost that is not above 0 or a missing reason.
    """

    miss: float
    why: str

    def __post_init__(self) -> None:
        if not 0 < self.miss < math.inf:
            raise InputError(f"a miss cannot cost {self.miss:g} false alarms", remedy="give a number above 0")
        if not self.why.strip():
            raise InputError("a cost has no reason", "policy.yml, costs", "say why in one line")

    def threshold(self, gravity: float = 1.0) -> float:
        """The chance at which warning pays, for an outcome of that gravity (1 for 1,000 killed or more)."""
        return 1 / (1 + self.miss * gravity)


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole policy: rules from the highest level down.

    `costs` are by level, `gravity` by outcome; `unanswered` gives, by level, the days after which an alarm
    that nobody answered is put before people again.
    """

    crime_family: str
    near: float
    groups: Mapping[str, Group]
    rules: tuple[Rule, ...]
    costs: Mapping[Level, Cost]
    gravity: Mapping[str, float]
    unanswered: Mapping[Level, int]
    expert: Expert

    def rule(self, rule_id: str) -> Rule | None:
        """The rule of that id, or None when the policy no longer has it."""
        return next((r for r in self.rules if r.id == rule_id), None)

    def fires(self, measured: Mapping[str, float]) -> Rule | None:
        """The highest rule that holds."""
        return next((rule for rule in self.rules if rule.holds(measured)), None)

    def priced(self, level: Level, miss: float) -> Policy:
        """The policy as it would be if a miss cost `miss` false alarms at a level, with all that follows.

        Raises UnknownId for a level without a stated cost, InputError for a cost that is not above 0.
        """
        if level not in self.costs:
            raise UnknownId("level with a stated cost", level.value, [at.value for at in self.costs])
        cost = replace(self.costs[level], miss=miss)
        rules = tuple(
            replace(r, all=tuple(_priced(c, level, cost, self.gravity) for c in r.all)) for r in self.rules
        )
        return replace(self, rules=rules, costs={**self.costs, level: cost})


def _priced(condition: Condition, level: Level, cost: Cost, gravity: Mapping[str, float]) -> Condition:
    if condition.cost is not level:
        return condition
    return replace(condition, threshold=cost.threshold(gravity[condition.field.split(".")[1]]))


@cache
def policy() -> Policy:
    """The shipped policy."""
    return parse_policy(yaml.load(files(__package__).joinpath(FILE).read_text("utf-8"), yaml.CSafeLoader))


def parse_policy(data: Mapping[str, Any]) -> Policy:
    """A policy from the YAML's own shape. Raises InputError or UnknownId for what is missing or unknown."""
    _only(data, _TOP, FILE)
    groups = {name: _group(name, row) for name, row in data["groups"].items()}
    costs = {_level(name, "costs"): _cost(row, name) for name, row in data["costs"].items()}
    gravity = {name: _above_zero(n, f"{FILE}, gravity of {name}") for name, n in data["gravity"].items()}
    _same_names(gravity, [o.key for o in load_outcomes()], "gravity")
    reader = _Reader(known_fields(groups), costs, gravity)
    rules = [reader.rule(row) for row in data["rules"]]
    ids = [r.id for r in rules]
    if len({EXPERT, *ids}) != len(ids) + 1:
        raise InputError(f"two rules share an id, or one is {EXPERT!r}", FILE, "give each rule its own id")
    if not 0 < _number(data["near"], FILE) < 1:
        raise InputError("near must lie between 0 and 1", FILE)
    days = _days(data["unanswered_days"], "unanswered_days")
    _same_names(days, {r.level for r in rules if r.proposes}, "unanswered_days")
    rules.sort(key=lambda r: -r.level.step)
    family, near, expert = data["crime_family"], float(data["near"]), _expert(data["expert"])
    return Policy(family, near, groups, tuple(rules), costs, gravity, days, expert)


def known_fields(groups: Mapping[str, Group]) -> frozenset[str]:
    """The names of all fields that a rule may compare (see the head of policy.yml)."""
    forecasts = [f"forecast.{o.key}.{months}" for o in load_outcomes() for months in o.horizons]
    return frozenset(
        [f"{f}.{part}" for f in forecasts for part in ("probability", "ratio", "rank", "change")]
        + [f"factor.{f}.{part}" for f in FACTORS for part in ("strength", "trend")]
        + [f"words.{g}.{part}" for g in groups for part in ("strength", "origins")]
        + [f"figure.{c}.{part}" for c in columns() for part in ("value", "age", "year")]
        + [f"standing.{level.value}.days" for level in _LEVELS]
        + ["assessment.factors_present", "neighbours.alarm", "neighbours.ongoing"]
        + ["trend.rights.alert", "trend.rights.ratio"]
    )


class _Reader:
    """Reads rules, given the known fields and the costs that thresholds can be computed from."""

    def __init__(
        self, known: frozenset[str], costs: Mapping[Level, Cost], gravity: Mapping[str, float]
    ) -> None:
        self._known, self._costs, self._gravity = known, costs, gravity

    def rule(self, row: Mapping[str, Any]) -> Rule:
        """One rule, whole and allowed."""
        where = f"{FILE}, rule {row.get('id', '?')}"
        _only(row, _RULE, where)
        level = _level(row["level"], where)
        if not isinstance(row["proposes"], bool):
            raise InputError("proposes must be true or false", where)
        if not 0 < _number(row["exit_ratio"], where) <= 1 or _number(row["expires_days"], where) < 1:
            raise InputError("exit_ratio lies in (0, 1] and expires_days is 1 or more", where)
        for key in ("sentence", "basis"):
            if not str(row[key]).strip():
                raise InputError(f"{key} is empty", where, "say it in one line")
        for slot in SLOT.findall(row["sentence"]):
            if slot not in self._known:
                raise UnknownId(f"field in the sentence of {where}", slot, self._known)
        made = Rule(
            id=row["id"],
            level=level,
            proposes=row["proposes"],
            all=tuple(self._condition(c, level, where) for c in row["all"]),
            expires_days=int(row["expires_days"]),
            exit_ratio=float(row["exit_ratio"]),
            sentence=row["sentence"],
            basis=row["basis"],
            rests_on=_rests_on(row["rests_on"], where),
        )
        _allowed(made, where)
        return made

    def _condition(self, row: Mapping[str, Any], level: Level, where: str) -> Condition:
        _only(row, {"field", "op", "threshold"}, where)
        field, op, given = row["field"], row["op"], row["threshold"]
        if field not in self._known:
            raise UnknownId(f"field in {where}", str(field), self._known)
        if op not in OPERATORS:
            raise UnknownId(f"operator in {where}", str(op), OPERATORS)
        if given == "cost":
            return self._by_cost(field, op, level, where)
        if isinstance(given, Mapping):
            _only(given, {"cost"}, where)
            return self._by_cost(field, op, _level(given["cost"], where), where)
        return Condition(field, op, _number(given, where))

    def _by_cost(self, field: str, op: str, level: Level, where: str) -> Condition:
        kind, name, *_, part = field.split(".")
        if kind != "forecast" or part != "probability" or op != ">=":
            raise InputError(
                f"costs give no threshold for {field} {op}", where, "a forecast's probability >="
            )
        if level not in self._costs:
            raise UnknownId(f"cost in {where}", level.value, [at.value for at in self._costs])
        return Condition(field, op, self._costs[level].threshold(self._gravity[name]), level)


def _allowed(rule: Rule, where: str) -> None:
    """Raises InputError for a rule that would always fire, hold itself up, or alarm on one voice."""
    if not rule.all:
        raise InputError("a rule without conditions would always fire", where)
    kinds = {f.split(".")[0] for f in rule.fields}
    if kinds <= {"standing", "neighbours"}:
        raise InputError("what stood before may not hold itself up", where, "compare something measured too")
    for field in rule.fields:
        if field.startswith("neighbours.") and Level(field.split(".")[1]).step <= rule.level.step:
            raise InputError(
                f"{field} may not carry the level {rule.level.value}: neighbours would hold each other up",
                where,
                "only a higher level of neighbours counts",
            )
    if rule.level is Level.ALARM and rule.proposes:
        voices = [c.threshold for c in rule.all if c.field.endswith(".origins") and c.op == ">="]
        if max(voices, default=0) < (1 if "forecast" in kinds else 2):
            raise InputError(
                "an alarm needs words of two independent origins, or a forecast and one origin",
                where,
                "add a condition on words.GROUP.origins",
            )


def _rests_on(given: Any, where: str) -> tuple[str, ...]:
    if not isinstance(given, list) or not given:
        raise InputError("it rests on no lesson and no law", where, "name ids of lessons.yml")
    for one in given:
        if one not in lessons():
            raise UnknownId(f"lesson or law in {where}", str(one), lessons())
    return tuple(given)


def _group(name: str, row: Mapping[str, Any]) -> Group:
    where = f"{FILE}, group {name}"
    optional = {"or_factors"} & set(row)
    _only(row, {"factors", "relevance"} | optional, where)
    for factor in (*row["factors"], *row.get("or_factors", ())):
        if factor not in FACTORS:
            raise UnknownId("risk factor", factor, FACTORS)
    for relevance in row["relevance"]:
        if relevance not in set(Relevance):
            raise UnknownId("relevance", relevance, list(Relevance))
    return Group(tuple(row["factors"]), tuple(row["relevance"]), tuple(row.get("or_factors", ())))


def _expert(row: Mapping[str, Any]) -> Expert:
    where = f"{FILE}, {EXPERT}"
    _only(row, _EXPERT, where)
    days = _days(row["expires_days"], where)
    if not days or any(level.step < Level.WARNING.step for level in days):
        raise InputError("an expert puts a warning or more before people", where, "name its levels and days")
    for key in ("sentence", "basis"):
        if not str(row[key]).strip() or SLOT.search(str(row[key])):
            raise InputError(f"{key} is empty or names a field", where, "say it in one line")
    return Expert(days, row["sentence"], row["basis"], _rests_on(row["rests_on"], where))


def _days(row: Mapping[str, Any], where: str) -> dict[Level, int]:
    found = {_level(name, where): n for name, n in row.items()}
    if not all(type(n) is int and n >= 1 for n in found.values()):
        raise InputError("days by level are whole days, 1 or more", where)
    return found


def _cost(row: Mapping[str, Any], name: str) -> Cost:
    where = f"{FILE}, costs of {name}"
    _only(row, {"miss", "why"}, where)
    return Cost(_number(row["miss"], where), str(row["why"]))


def _level(given: Any, where: str) -> Level:
    if given not in set(Level) or given == Level.NONE:
        raise UnknownId(f"level in {where}", str(given), _LEVELS)
    return Level(given)


def _same_names(given: Mapping[Any, Any], wanted: Sequence[Any] | set[Any], what: str) -> None:
    for name in sorted(set(given) ^ set(wanted)):
        how = "is missing" if name in wanted else "is not known"
        raise InputError(f"{name} {how}", f"{FILE}, {what}")


def _above_zero(value: Any, where: str) -> float:
    if _number(value, where) <= 0:
        raise InputError(f"{value!r} is not above 0", where)
    return float(value)


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{value!r} is not a number", where)
    return float(value)


def _only(row: Mapping[str, Any], wanted: set[str], where: str) -> None:
    for name in sorted(set(row) ^ wanted):
        what = "is missing" if name in wanted else "is not known"
        raise InputError(f"{name} {what}", where, f"entries are {', '.join(sorted(wanted))}")
