"""Why a forecast stands where it does: each reason in plain words, its value, and its push in log-odds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tocsin.forecasting.engine import Bench, Vantage
from tocsin.forecasting.grid import Floats
from tocsin.forecasting.outcomes import Feature

Reason = tuple[str, str, float]


def say(spec: Feature, value: float, year: int) -> str:
    """The value of a feature in words."""
    if np.isnan(value):
        return "not known; the median state stands in"
    if spec.transform != "recency":
        return spec.text.format(value=value, year=year)
    if value == 0:
        return f"none in the table up to {year}"
    since = round(-spec.half_life * np.log2(value))
    return f"in {year}" if since == 0 else spec.text.format(since=since, value=value, year=year)


@dataclass(slots=True)
class Explainer:
    """Words for one bench and vantage; the words of a state are made once and serve every outcome."""

    bench: Bench
    vantage: Vantage
    _said: dict[tuple[str, int], str] = field(default_factory=dict)

    def reasons(self, state: int, push: Floats) -> tuple[Reason, ...]:
        """(label, value, push) strongest first; `push` (p,) is in the order of the bench's predictors.

        Features of one label are one reason. What stands in for a blank counts under its own name.
        """
        total: dict[str, float] = {}
        first: dict[str, Feature] = {}
        specs = self.bench.specs
        for spec, one in zip(specs, push[: len(specs)], strict=True):
            total[spec.label] = total.get(spec.label, 0.0) + float(one)
            first.setdefault(spec.label, spec)
        out = [(label, self._value(first[label], state), round(one, 4)) for label, one in total.items()]
        out += self._blanks(state, push)
        return tuple(sorted(out, key=lambda reason: (-abs(reason[2]), reason[0])))

    def _value(self, spec: Feature, state: int) -> str:
        key = (spec.key, state)
        if key not in self._said:
            year = self.vantage.base - self.vantage.lag(spec.columns)
            value = self._cell(spec, state, year)
            self._said[key] = say(spec, value, year)
        return self._said[key]

    def _cell(self, spec: Feature, state: int, year: int) -> float:
        t = self.bench.grid.at(year)
        natural = self.bench.natural[spec.key]
        return float(natural[state, t]) if 0 <= t < natural.shape[1] else float("nan")

    def _blanks(self, state: int, push: Floats) -> list[Reason]:
        rows = self.bench.rows(self.vantage)
        flags = rows.x[state, self.bench.grid.at(self.vantage.base), len(self.bench.specs) :]
        names = rows.names[len(self.bench.specs) :]
        return [
            (
                f"{name.removeprefix('blank:')}: gaps in the figures",
                "some figures missing",
                round(float(one), 4),
            )
            for name, flag, one in zip(names, flags, push[len(self.bench.specs) :], strict=True)
            if flag
        ]
