"""The Condition: one value of a slow series about a place, with what it is about and when it was known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tocsin.clock import Moment, Period


@dataclass(frozen=True, slots=True)
class Condition:
    """One value of one series (`v2x_libdem`, `SP.POP.TOTL`, `ipc_phase`) for a place and a period.

    `happened` is what the value is about, `known` when a reader outside could have it: of two releases, a
    past assessment sees the one that was out. `value` is None where the publisher gives none, and then
    `missing` says why; `text` holds what is no number (a leader's way into office). `area` is a part of the
    country, `about` the group the value is of (people who fled from there), both empty for the whole.
    `external_id` names series, place, area, group and period: a later row that bears it corrects the earlier
    one. `vintage` is `as known` or `later revision`.
    """

    id: str
    source: str
    external_id: str
    series: str
    release: str
    iso3: str
    country: str
    area: str
    about: str
    value: float | None
    text: str
    unit: str
    missing: str
    happened: Period
    vintage: str
    published: Moment | None
    known: Moment
    recorded: datetime
    columns: Mapping[str, Any] = field(default_factory=dict)
    replaces: str = ""

    def __post_init__(self) -> None:
        if self.value is None and not self.text and not self.missing:
            raise ValueError(f"{self.external_id}: neither value nor text, and no reason why")
