"""The Framework's nouns: 14 risk factors and their indicators, as reviewed data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tocsin.errors import InputError, UnknownId

SCOPES = ("common", "genocide", "crimes_against_humanity", "war_crimes")
CONFIDENCES = ("high", "medium", "low")
TEMPORALITIES = ("structural", "dynamic", "trigger")


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator, such as "7.14". `confidence` says how surely it agrees with the UN document.

    `scope` and `temporality` are those of its risk factor: the crime it speaks to, and whether it changes
    over years (structural), months (dynamic) or at once (trigger).
    """

    id: str
    factor: str
    label: str
    confidence: str
    scope: str
    temporality: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RiskFactor:
    """One risk factor, RF1 to RF14. `count_confidence` says how sure the number of its indicators is."""

    code: str
    title: str
    scope: str
    gist: str
    temporality: tuple[str, ...]
    count_confidence: str
    proxies: tuple[str, ...]
    indicators: tuple[Indicator, ...]

    @property
    def number(self) -> int:
        """The number in the UN document, 1 to 14."""
        return int(self.code.removeprefix("RF"))


@dataclass(frozen=True, slots=True)
class Framework:
    """All risk factors in order, where they are from, and how to use them.

    Raises InputError at construction when codes are not RF1 to RF14 in order or an id occurs twice.
    """

    source: Mapping[str, str]
    notes: tuple[str, ...]
    factors: tuple[RiskFactor, ...]
    by_code: Mapping[str, RiskFactor] = field(init=False, repr=False)
    by_id: Mapping[str, Indicator] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        codes = [factor.code for factor in self.factors]
        wanted = [f"RF{number}" for number in range(1, 15)]
        if codes != wanted:
            raise InputError(f"factors are {codes}", "framework", f"they must be {wanted}")
        ids = [indicator.id for indicator in self.indicators]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise InputError(
                f"indicator ids occur twice: {', '.join(twice)}", "framework", "keep one of each"
            )
        object.__setattr__(self, "by_code", {factor.code: factor for factor in self.factors})
        object.__setattr__(self, "by_id", {indicator.id: indicator for indicator in self.indicators})

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """Every indicator in the order of the document."""
        return tuple(indicator for factor in self.factors for indicator in factor.indicators)

    def factor(self, code: str) -> RiskFactor:
        """The risk factor of a code such as "RF7". Raises UnknownId."""
        if code not in self.by_code:
            raise UnknownId("risk factor", code, self.by_code)
        return self.by_code[code]

    def indicator(self, id: str) -> Indicator:
        """The indicator of an id such as "7.14". Raises UnknownId."""
        if id not in self.by_id:
            raise UnknownId("indicator", id, self.by_id)
        return self.by_id[id]
