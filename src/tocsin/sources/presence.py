"""Presence: who is there to see, and what became of them. Of bodies and channels only; never of persons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tocsin.clock import Moment, Period


class Witness(StrEnum):
    """What kind of eyes and ears."""

    MISSION = "mission"
    OBSERVERS = "observers"
    MEDIA = "media"
    NGO = "NGO"
    DIPLOMATS = "diplomats"
    INTERNET = "internet"
    COURT = "court"


class Change(StrEnum):
    """What became of them. The last two end what the others began."""

    REDUCED = "reduced"
    WITHDRAWN = "withdrawn"
    EXPELLED = "expelled"
    REFUSED = "refused"
    SHUT_DOWN = "shut down"
    ARRIVED = "arrived"
    RESTORED = "restored"

    @property
    def darkens(self) -> bool:
        """Whether fewer can see after it."""
        return self not in (Change.ARRIVED, Change.RESTORED)


@dataclass(frozen=True, slots=True)
class Presence:
    """One change: `body` (a mission, an outlet, a network; never a person) in a place, from when, by whom.

    `area` is a part of the country, empty for all of it. `by` is `state`, `nonstate`, `itself` or `unclear`.
    `address` says where it can be read. `external_id` names place, body, change and day.
    """

    id: str
    source: str
    external_id: str
    iso3: str
    area: str
    body: str
    witness: Witness
    change: Change
    by: str
    happened: Period
    address: str
    known: Moment
    recorded: datetime
    replaces: str = ""
