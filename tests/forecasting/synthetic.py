"""A small made-up world: states with a lasting risk, killings and mass killings that follow it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np

from tocsin.clock import add_months, as_of_end
from tocsin.forecasting.outcomes import load_features, load_outcomes

LAGS = {"mk": 12, "v2": 3, "po": 9}


@dataclass(frozen=True)
class World:
    """A country-year table. A column's figures come out `LAGS` months after the year (6 by default)."""

    iso3: tuple[str, ...]
    year: np.ndarray
    columns: Mapping[str, np.ndarray]
    regions: Mapping[str, str]

    def lag(self, column: str) -> int:
        return LAGS.get(column[:2], 6)

    def known_year(self, column: str, as_of: datetime) -> int:
        year = as_of.year
        while as_of_end(add_months(date(year, 12, 31), self.lag(column))) > as_of:
            year -= 1
        return min(year, int(self.year.max()))

    def reason(self, column: str, iso3: str, year: int) -> str:
        return f"{column} is not known for {iso3} in {year}"

    def with_column(self, name: str, values: np.ndarray) -> World:
        return replace(self, columns={**self.columns, name: values})

    def renamed(self, names: Mapping[str, str]) -> World:
        return replace(
            self,
            iso3=tuple(names[i] for i in self.iso3),
            regions={names[i]: region for i, region in self.regions.items()},
        )


def world(states: int = 60, first: int = 1989, last: int = 2014, seed: int = 7) -> World:
    """Every column that the features and outcomes name, drawn from one lasting risk a state."""
    rng = np.random.default_rng(seed)
    years = last - first + 1
    risk = rng.normal(size=(states, 1)) + 0.6 * np.cumsum(rng.normal(size=(states, years)), axis=1) / 3
    columns = {c: _column(c, risk, rng).ravel() for s in load_features() for c in s.columns}
    columns |= {o.column: _column(o.column, risk, rng).ravel() for o in load_outcomes()}
    names = [f"{chr(65 + i // 26)}{chr(65 + i % 26)}X" for i in range(states)]
    return World(
        tuple(n for n in names for _ in range(years)),
        np.tile(np.arange(first, last + 1), states),
        columns,
        {name: f"region {i % 6}" for i, name in enumerate(names)},
    )


def _column(name: str, risk: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    noise = rng.normal(size=risk.shape)
    if name.startswith("mk"):
        return (risk + noise > 2.8).astype(float)
    if name.endswith("deaths"):
        return np.floor(np.exp(np.clip(4 * (risk + 0.5 * noise) - 0.5, -3, 10)))
    if name == "population":
        return np.exp(15 + noise[:, :1]) * np.ones_like(risk)
    if name.startswith("v2"):
        return 1 / (1 + np.exp(risk + noise))
    return np.floor(np.exp(np.clip(risk + noise, 0, 6))) - 1
