"""A small yearly table, and sealed forecasts to judge by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray

from tocsin.clock import Horizon, add_months, as_of_end
from tocsin.evaluation.outcome import Arrival, Outcome, Sealed, arrived, standing_of
from tocsin.evaluation.record import Record, judged, public_record
from tocsin.evidence.sealing import seal
from tocsin.forecasting.panel import ColumnInfo

LAGS = {"os_deaths": 6, "mk_onset": 12}
PLACES = ("FRA", "SDN", "SSD")


@dataclass(frozen=True, eq=False)
class SmallTable:
    """Figures of three places; `last` is the newest year of the release."""

    rows: Mapping[tuple[str, int], int]
    columns: Mapping[str, NDArray[np.float64]]
    last: int
    release: str

    def column_info(self, name: str) -> ColumnInfo:
        told = (name, name, "", "", f"A source: {name} {self.release}", "", LAGS[name])
        return ColumnInfo(*told, first_year=2000, last_year=self.last, vintage="later revision")

    def known_year(self, column: str, as_of: datetime) -> int:
        year = min(self.last, as_of.year)
        while as_of_end(add_months(date(year, 12, 31), LAGS[column])) > as_of:
            year -= 1
        return year


def table(figures: Mapping[tuple[str, int], float], last: int = 2024, release: str = "24.1") -> SmallTable:
    """A table with these figures (place, year) in both columns, zero elsewhere up to `last`."""
    keys = [(iso3, year) for iso3 in PLACES for year in range(2000, last + 1)]
    values = np.array([figures.get(key, 0.0) for key in keys], dtype=np.float64)
    rows = {key: n for n, key in enumerate(keys)}
    return SmallTable(
        rows, {"os_deaths": values, "mk_onset": np.asarray(values >= 1000, dtype=np.float64)}, last, release
    )


def sealed(iso3: str, issued: date, p: float, rank: int, outcome: str = "one_sided_100") -> Sealed:
    """A forecast issued at the end of a day, for 12 months."""
    at = as_of_end(issued)
    return Sealed(
        id=f"{outcome}-{iso3}-{issued}",
        run=f"live-{issued}",
        outcome=outcome,
        iso3=iso3,
        as_of=at,
        horizon_months=12,
        window=Horizon(12).window(at),
        probability=p,
        base_rate=0.05,
        rank=rank,
        of=195,
        baselines={"climatology": 0.05, "own_history": p / 2},
        recorded=datetime(issued.year, issued.month, issued.day, 9, tzinfo=UTC),
    )


def two_years(one: Sealed) -> Sealed:
    """The same forecast for 24 months."""
    return replace(one, id=f"{one.id}-24", horizon_months=24, window=Horizon(24).window(one.as_of))


def at(day: date) -> Arrival:
    """A turn on that day."""
    return Arrival(f"live-{day}", as_of_end(day), datetime(day.year, day.month, day.day, 9, tzinfo=UTC))


def when(*forecasts: Sealed) -> dict[str, datetime]:
    """Each run sealed on the day it was issued."""
    return {one.run: one.recorded for one in forecasts}


NEW_YEAR = date(2020, 12, 31)
LONG_AFTER = at(date(2025, 12, 31))


def judge(
    *asked: Sealed,
    by: SmallTable | None = None,
    on: Arrival = LONG_AFTER,
    standing: Mapping[str, Outcome] | None = None,
) -> list[Outcome]:
    """What arrives for these forecasts, each sealed on its day, by a table (all zero) in a turn."""
    return list(arrived(asked, when(*asked), standing or {}, by or table({}), on))


def a_record(*asked: Sealed, corrections: int = 0) -> Record:
    """The record of these forecasts: in 2021 it happened in SDN and SSD."""
    by = table({("SDN", 2021): 140.0, ("SSD", 2021): 4000.0})
    rows = judged(asked, when(*asked), standing_of(judge(*asked, by=by)))
    one = seal(None, "live-1", "forecasts", [{"id": f.id} for f in asked], "2020-12-31T09:00:00")
    return public_record(rows, [one], corrections, by)


def a_world(issued: date = NEW_YEAR) -> list[Sealed]:
    """One forecast for each place, of which SDN's and FRA's point."""
    chances = zip(PLACES, (0.3, 0.4, 0.01), (2, 1, 90), strict=True)
    return [sealed(iso3, issued, p, rank) for iso3, p, rank in chances]
