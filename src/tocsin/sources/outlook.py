"""The Outlook: somebody else's forecast, kept beside ours and never mixed into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tocsin.clock import Moment, Period


class Measure(StrEnum):
    """What kind of number a forecast gives."""

    PROBABILITY = "probability"
    EXPECTED = "expected"
    RANK = "rank"


@dataclass(frozen=True, slots=True)
class Outlook:
    """One number of one publisher's forecast for a place and a window.

    `outcome` says in the publisher's own terms what is forecast; `run` is the publisher's run or release;
    `window` the days the forecast is about; `made` when the publisher made it, `known` when a reader outside
    could have it. `external_id` names run, outcome, measure, place and window.
    Raises ValueError for a probability outside 0 to 1 and for a rank or expectation below zero.
    """

    id: str
    source: str
    external_id: str
    run: str
    iso3: str
    country: str
    area: str
    outcome: str
    measure: Measure
    value: float
    window: Period
    made: Moment | None
    known: Moment
    recorded: datetime
    columns: Mapping[str, Any] = field(default_factory=dict)
    replaces: str = ""

    def __post_init__(self) -> None:
        most = 1.0 if self.measure is Measure.PROBABILITY else float("inf")
        if not 0.0 <= self.value <= most:
            raise ValueError(f"{self.external_id}: {self.measure.value} {self.value} is out of range")
