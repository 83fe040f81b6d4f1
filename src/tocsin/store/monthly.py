"""The months of a home: events out of its lake, and the monthly forecasts that stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tocsin.forecasting.events import KnownEvents, known_events
from tocsin.forecasting.forecaster import Forecaster
from tocsin.forecasting.monthly import yearly_deaths
from tocsin.forecasting.panel import Panel
from tocsin.forecasting.parts import MonthsMade, make_months
from tocsin.forecasting.standard import monthly
from tocsin.store.eventrows import LakeEvents
from tocsin.store.home import Home
from tocsin.store.turns import Stamp


def events_of(home: Home, stamp: Stamp, panel: Panel) -> KnownEvents:
    """The events in the home as known at the date of a turn."""
    rows = LakeEvents(home.lake).event_rows(stamp.as_of)
    return known_events(rows, stamp.as_of, yearly_deaths(panel, stamp.as_of) if rows else None)


def months_of(
    home: Home, stamp: Stamp, known: KnownEvents, forecaster: Forecaster | None = None
) -> MonthsMade:
    """The monthly forecasts of a turn.

    Those that an earlier live turn of the same month made from the same events stand; a replay makes its own.
    """
    issued = [] if stamp.replay else _issued(home)
    standing = {settings["id"]: run for settings, run in reversed(issued)}
    made = make_months(known, forecaster or monthly(), stamp.run, stamp.recorded, standing)
    return replace(made, account={**made.account, "before": _before(made.account, issued)})


def _issued(home: Home) -> list[tuple[Mapping[str, Any], str]]:
    """Manifest and run of the monthly forecasts that stood in finished live turns, newest first."""
    told = (turn.body.get("months", {}) for turn in home.ledger.turns(limit=100))
    return [(months["settings"], months["run"]) for months in told if months.get("run")]


def _before(account: Mapping[str, Any], issued: Sequence[tuple[Mapping[str, Any], str]]) -> str:
    """The newest run whose forecasts were made in an earlier month than those that stand now, or ""."""
    month = account.get("settings", {}).get("month", "")
    return next((run for settings, run in issued if settings["month"] < month), "")
