"""Ethnic power relations: which politically relevant groups a state lets into power, and which it shuts out.

Of groups and their standing only; never of persons. A status says nothing about who is attacked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tocsin.clock import Moment, Period


class Status(StrEnum):
    """Access to executive power at the level of the state (EPR Core codebook; Vogt et al. 2015)."""

    MONOPOLY = "MONOPOLY"
    DOMINANT = "DOMINANT"
    SENIOR_PARTNER = "SENIOR PARTNER"
    JUNIOR_PARTNER = "JUNIOR PARTNER"
    POWERLESS = "POWERLESS"
    DISCRIMINATED = "DISCRIMINATED"
    SELF_EXCLUSION = "SELF-EXCLUSION"
    IRRELEVANT = "IRRELEVANT"
    STATE_COLLAPSE = "STATE COLLAPSE"

    @property
    def shut_out(self) -> bool:
        """Whether the group holds no executive power at the level of the state."""
        return self in SHUT_OUT


SHUT_OUT = (Status.DISCRIMINATED, Status.POWERLESS, Status.SELF_EXCLUSION)


@dataclass(frozen=True, slots=True)
class GroupStatus:
    """The standing of one group in one state over some years, as one release of EPR Core codes it.

    `size` is the share of the population, None where not given; `autonomous` whether it has regional
    autonomy. `columns` keeps every other column by name.
    """

    id: str
    source: str
    external_id: str
    release: str
    iso3: str
    country: str
    group: str
    happened: Period
    size: float | None
    status: Status
    autonomous: bool | None
    known: Moment
    recorded: datetime
    columns: Mapping[str, Any] = field(default_factory=dict)
    replaces: str = ""
