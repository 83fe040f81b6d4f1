"""Figures as readings: the reviewed table that says which column speaks to which factor, and how strongly."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

import yaml

from tocsin.assessment.belief import Assessment
from tocsin.errors import InputError, UnknownId

FACTORS = tuple(f"RF{n}" for n in range(1, 15))


@dataclass(frozen=True, slots=True)
class Figure:
    """The newest value of one column for one place, or the reason there is none.

    `value` and `year` are None exactly when `missing` says why ("not covered: ...", "withheld: ...").
    """

    column: str
    value: float | None
    year: int | None
    missing: str = ""


FigureReader = Callable[[str], Figure]


@dataclass(frozen=True, slots=True)
class FigureRule:
    """How one column becomes a reading of one factor: 0 at `none`, 1 at `full`, clipped outside.

    `oldest` is the greatest age in years at which it still counts; `worse` is `higher` or `lower`. `clears`
    says whether a low value can tell that the factor is not there.
    """

    column: str
    factor: str
    label: str
    feed: str
    worse: str
    none: float
    full: float
    scale: str
    oldest: int
    clears: bool

    def __post_init__(self) -> None:
        where = f"figures.yml, {self.column} of {self.factor}"
        if self.factor not in FACTORS:
            raise UnknownId("risk factor", self.factor, FACTORS)
        if self.worse not in ("higher", "lower") or (self.worse == "higher") != (self.full > self.none):
            raise InputError("anchors and direction disagree", where, "`worse` is higher when full > none")
        if self.scale not in ("linear", "log") or (self.scale == "log" and min(self.none, self.full) <= 0):
            raise InputError("scale must be linear, or log with anchors above 0", where)

    def strength(self, value: float) -> float:
        """The reading of a value, 0 to 1."""
        low, high, at = self.none, self.full, value
        if self.scale == "log":
            low, high, at = math.log(low), math.log(high), math.log(max(value, 1e-9))
        return min(1.0, max(0.0, (at - low) / (high - low)))


@dataclass(frozen=True, slots=True)
class Weights:
    """The whole of figures.yml, checked. See the comments in that file for what each number means."""

    present_from: float
    window_days: int
    trust_in_one_origin: float
    enough_records: int
    enough_origins: int
    conflict_column: str
    conflict_factors: tuple[str, ...]
    conflict_at_least: float
    core: tuple[str, ...]
    publishers: dict[str, str]
    figures: tuple[FigureRule, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read, once."""
        return tuple(dict.fromkeys(rule.column for rule in self.figures))

    def of(self, factor: str) -> tuple[FigureRule, ...]:
        """The rules that speak to a factor."""
        return tuple(rule for rule in self.figures if rule.factor == factor)

    def rule(self, column: str) -> FigureRule:
        """The first rule of a column. Raises UnknownId when the table does not read it."""
        for rule in self.figures:
            if rule.column == column:
                return rule
        raise UnknownId("figure", column, self.columns)


@cache
def weights() -> Weights:
    """The shipped table of weights."""
    return parse_weights(
        yaml.load(files(__package__).joinpath("figures.yml").read_text("utf-8"), yaml.CSafeLoader)
    )


def parse_weights(data: dict[str, Any]) -> Weights:
    """Weights from the YAML's own shape. Raises InputError for a missing or unknown entry."""
    try:
        words, conflict = data["words"], data["conflict"]
        rules = tuple(FigureRule(**row) for row in data["figures"])
        made = Weights(
            present_from=data["present_from"],
            window_days=words["window_days"],
            trust_in_one_origin=words["trust_in_one_origin"],
            enough_records=words["enough_records"],
            enough_origins=words["enough_origins"],
            conflict_column=conflict["column"],
            conflict_factors=tuple(conflict["factors"]),
            conflict_at_least=conflict["at_least"],
            core=tuple(data["core"]),
            publishers=dict(data["publishers"]),
            figures=rules,
        )
    except (KeyError, TypeError) as error:
        raise InputError(f"an entry is missing or unknown: {error}", "figures.yml") from error
    for rule in rules:
        if rule.feed not in made.publishers:
            raise UnknownId("publisher", rule.feed, made.publishers)
        if any(r.label == rule.label and r.column != rule.column for r in rules):
            raise InputError("two columns share a label", f"figures.yml, {rule.column}", "name them apart")
    return made


def value_text(value: float) -> str:
    """A figure as it is shown: whole numbers with thousands marks, others with two decimals."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def figure_of(assessment: Assessment, column: str) -> tuple[float, int] | None:
    """The value and year of a column that an assessment was made from, or None when it read none."""
    rule = weights().rule(column)
    for reading in assessment.readings:
        for label, text, _source, year in reading.figures:
            if label == rule.label:
                return float(text.replace(",", "")), int(year)
    return None


class Panel(Protocol):
    """What is needed of the country-year table (`forecasting.panel.Panel` has it)."""

    def known_year(self, column: str, as_of: datetime) -> int:
        """The newest year of a column that was out at `as_of`."""
        ...

    def value(self, column: str, iso3: str, year: int) -> float:
        """The cell, NaN when it is empty. Raises UnknownId for a column or row that is not there."""
        ...

    def reason(self, column: str, iso3: str, year: int) -> str:
        """Why a cell is empty."""
        ...


def figures_from_panel(panel: Panel, iso3: str, as_of: datetime) -> FigureReader:
    """A reader of a place's newest figures; an empty cell is looked for only as far back as it may count."""

    def read(column: str) -> Figure:
        oldest = max((r.oldest for r in weights().figures if r.column == column), default=0)
        try:
            newest = panel.known_year(column, as_of)
            for year in range(newest, as_of.year - oldest - 1, -1):
                value = panel.value(column, iso3, year)
                if not math.isnan(value):
                    return Figure(column, value, year)
            why = panel.reason(column, iso3, newest)
        except UnknownId:
            return Figure(column, None, None, "not covered: the table has no such row or column")
        if not why:
            return Figure(column, panel.value(column, iso3, newest), newest)
        return Figure(column, None, None, f"not covered: {why}")

    return read


def columns() -> Sequence[str]:
    """The columns of the country-year table that assessments read."""
    return weights().columns
