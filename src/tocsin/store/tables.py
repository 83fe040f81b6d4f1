"""The tables of the lake: which noun each holds, and in which order it is read."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.alarms.alarm import Decision
from tocsin.assessment.belief import Assessment
from tocsin.evaluation.monthly_outcome import MonthlyOutcome
from tocsin.evaluation.outcome import Outcome
from tocsin.forecasting.forecast import Forecast
from tocsin.forecasting.monthly import MonthlyForecast
from tocsin.forecasting.parts import PartsForecast
from tocsin.signals.coded import CodedRecord
from tocsin.signals.figures import Figure
from tocsin.signals.signal import Signal
from tocsin.sources.groups import GroupStatus
from tocsin.sources.record import Event, Record


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name, noun, reading order, and whether a turn made it (else it is a gathered fact)."""

    name: str
    noun: type
    order: tuple[str, ...]
    made_by_turn: bool = False


TABLES = {
    t.name: t
    for t in (
        Table("records", Record, ("recorded", "id")),
        Table("events", Event, ("external_id", "id")),
        Table("groups", GroupStatus, ("iso3", "id")),
        Table("coded", CodedRecord, ("record", "id")),
        Table("signals", Signal, ("record", "start", "id")),
        Table("figures", Figure, ("record", "start", "id")),
        Table("forecasts", Forecast, ("outcome", "horizon_months", "rank", "iso3"), made_by_turn=True),
        Table("outcomes", Outcome, ("outcome", "iso3", "forecast", "recorded", "id"), made_by_turn=True),
        Table("monthly", MonthlyForecast, ("iso3", "horizon"), made_by_turn=True),
        Table("monthly_outcomes", MonthlyOutcome, ("iso3", "horizon", "forecast", "id"), made_by_turn=True),
        Table("parts", PartsForecast, ("iso3", "kind", "horizon"), made_by_turn=True),
        Table("assessments", Assessment, ("iso3",), made_by_turn=True),
        Table("decisions", Decision, ("iso3",), made_by_turn=True),
    )
}
