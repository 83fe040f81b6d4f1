"""The Incident: one row of an event data set other than UCDP GED, as its publisher codes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tocsin.clock import Moment, Period


@dataclass(frozen=True, slots=True)
class Incident:
    """Who did what to whom, where and when, in the publisher's own codes.

    `kind` is the publisher's code (CAMEO `190`, PLOVER `ASSAULT/aerial`, ACLED `Battles/Armed clash`), `root`
    its broadest class. `against_civilians` and `deaths` are None where the publisher does not say: unknown is
    not zero. `count` is the number of happenings that the row stands for (1, but for summed tables).
    `reported_by` names the reporters as the publisher states them. `external_id` is the publisher's id, the
    same in every release: a later row that bears it corrects the earlier one. `columns` keeps every other
    column by name.
    """

    id: str
    source: str
    external_id: str
    release: str
    iso3: str
    country: str
    place: str
    admin1: str
    latitude: float | None
    longitude: float | None
    where_precision: str
    happened: Period
    kind: str
    root: str
    actor: str
    target: str
    against_civilians: bool | None
    deaths: int | None
    count: int
    reported_by: str
    address: str
    sensitivity: str
    published: Moment | None
    known: Moment
    recorded: datetime
    columns: Mapping[str, Any] = field(default_factory=dict)
    replaces: str = ""
