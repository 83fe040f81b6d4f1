"""Forecasts that the product would have made on the first day of every past quarter, as a shipped table.

Made by scripts/build_hindcasts.py with `issue`, from the shipped table as known on that day: figures are of
later revision, and every source is out as late as it was. Figures of new years arrive on the first days of
quarters (release lags are whole quarters), so between two rows nothing new would have been known. The table
holds no reasons and no gaps. It is for looking back: a turn compares its forecasts with those of a year
before, and takes them from here where the home has none of its own from then (store/surroundings.py).
"""

from __future__ import annotations

import csv
import gzip
import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cache, lru_cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from tocsin.clock import Horizon
from tocsin.errors import InputError
from tocsin.evidence.ids import content_id
from tocsin.forecasting.forecast import Forecast

RUN = "hindcast"
COLUMNS = ("day", "outcome", "months", "iso3", "probability", "low", "high", "base_rate", "rank", "of")


@dataclass(frozen=True, slots=True, eq=False)
class Hindcasts:
    """All past forecasts. `days` are the days of issue, oldest first; `manifest` says from what they are.

    `lines` are the rows of a day as text: a day is read when somebody asks for it.
    """

    days: tuple[date, ...]
    lines: Mapping[date, Sequence[str]] = field(repr=False)
    manifest: Mapping[str, Any]

    def on(self, day: date) -> tuple[Forecast, ...]:
        """The forecasts of one day of issue. Raises KeyError for another day."""
        return _read(self, day)

    def at(self, as_of: datetime) -> tuple[Forecast, ...]:
        """The newest forecasts that were out at an instant. Raises InputError before the first day."""
        found = bisect_right(self.days, as_of.date())
        if not found:
            raise InputError(
                f"no past forecast is out at {as_of.date()}",
                "hindcasts.csv.gz",
                f"the first is {self.days[0]}",
            )
        return self.on(self.days[found - 1])

    def of(self, iso3: str, as_of: datetime) -> tuple[Forecast, ...]:
        """Those of one place; empty when it had none."""
        return tuple(f for f in self.at(as_of) if f.iso3 == iso3)


@cache
def hindcasts() -> Hindcasts:
    """The shipped table."""
    folder = files("tocsin.forecasting").joinpath("data")
    head, *rows = gzip.decompress(folder.joinpath("hindcasts.csv.gz").read_bytes()).decode().splitlines()
    if tuple(head.split(",")) != COLUMNS:
        raise InputError(f"the columns are {head}", "hindcasts.csv.gz", "run scripts/build_hindcasts.py")
    manifest = json.loads(folder.joinpath("hindcasts.manifest.json").read_text("utf-8"))
    days = {date.fromisoformat(day): list(found) for day, found in groupby(rows, lambda row: row[:10])}
    return Hindcasts(tuple(sorted(days)), days, manifest)


@lru_cache(maxsize=4096)
def _read(of: Hindcasts, day: date, iso3: str = "") -> tuple[Forecast, ...]:
    """The forecasts of a day, of one place or of all."""
    rows = csv.DictReader([line for line in of.lines[day] if not iso3 or f",{iso3}," in line], COLUMNS)
    return tuple(_forecast(row, of.manifest) for row in rows)


def opening(day: date) -> datetime:
    """The instant from which a forecast of that day is out: its first."""
    return datetime.combine(day, time.min, UTC)


def _forecast(row: dict[str, str], manifest: Mapping[str, Any]) -> Forecast:
    day, months = date.fromisoformat(row["day"]), int(row["months"])
    at = opening(day)
    return Forecast(
        id=content_id("forecast", RUN, row["outcome"], row["iso3"], row["day"], months),
        run=RUN,
        outcome=row["outcome"],
        iso3=row["iso3"],
        as_of=at,
        horizon_months=months,
        window=Horizon(months).window(at),
        probability=float(row["probability"]),
        low=float(row["low"]),
        high=float(row["high"]),
        base_rate=float(row["base_rate"]),
        rank=int(row["rank"]),
        of=int(row["of"]),
        baselines={},
        reasons=(),
        features_known={},
        missing={},
        vintage=str(manifest["vintage"]),
        manifest=str(manifest["id"]),
        recorded=at,
    )
