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
from tocsin.sources.condition import Condition
from tocsin.sources.groups import GroupStatus
from tocsin.sources.incident import Incident
from tocsin.sources.outlook import Outlook
from tocsin.sources.presence import Presence
from tocsin.sources.record import Event, Record
from tocsin.sources.slices import Slice
from tocsin.sources.withdrawal import Withdrawal


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name, noun, reading order, and whether a turn made it (else it is a gathered fact).

    `corrected` says that its rows bear the source's own id, so that a later version corrects an earlier one.
    Releases of UCDP GED and EPR bear ids too; their readers layer them instead.
    """

    name: str
    noun: type
    order: tuple[str, ...]
    made_by_turn: bool = False
    corrected: bool = False


TABLES = {
    t.name: t
    for t in (
        Table("records", Record, ("recorded", "id"), corrected=True),
        Table("events", Event, ("external_id", "id")),
        Table("groups", GroupStatus, ("iso3", "id")),
        Table("incidents", Incident, ("source", "external_id", "id"), corrected=True),
        Table("conditions", Condition, ("source", "external_id", "id"), corrected=True),
        Table("outlooks", Outlook, ("source", "external_id", "id"), corrected=True),
        Table("presence", Presence, ("iso3", "external_id", "id"), corrected=True),
        Table("withdrawals", Withdrawal, ("recorded", "id")),
        Table("slices", Slice, ("known_end", "name", "id")),
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
