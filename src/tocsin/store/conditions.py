"""Conditions of a place and other people's forecasts of it, out of the lake, as known at an instant.

Nothing here enters a forecast or an assessment: they are shown beside them.
"""

from __future__ import annotations

from datetime import datetime

from tocsin.sources.condition import Condition
from tocsin.sources.outlook import Outlook
from tocsin.store.home import Home


def conditions_of(home: Home, iso3: str, as_of: datetime) -> list[Condition]:
    """The values of every series of a place that were known, each in the version that was known last."""
    return home.lake.read("conditions", as_of, where={"iso3": iso3})


def outlooks_of(home: Home, iso3: str, as_of: datetime) -> list[Outlook]:
    """Every publisher's forecasts of a place that were known, in the version that was known last."""
    return home.lake.read("outlooks", as_of, where={"iso3": iso3})


class Elsewhere:
    """What others say of a place, as a desk could know it at an instant."""

    def __init__(self, home: Home, until: datetime) -> None:
        self._home, self._until = home, until

    def conditions(self, iso3: str, /) -> list[Condition]:
        """Values of slow series of one place."""
        return conditions_of(self._home, iso3, self._until)

    def outlooks(self, iso3: str, /) -> list[Outlook]:
        """Other publishers' forecasts of one place."""
        return outlooks_of(self._home, iso3, self._until)
