"""What an assessment is made from; nothing else reaches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tocsin.assessment.figures import FigureReader
from tocsin.forecasting.forecast import Forecast
from tocsin.signals.signal import Signal


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that one place's assessment is made from.

    `signals` and `forecasts` are the place's own. `records_read` and `origins_read` count the documents about
    the place in the window of words (90 days); `newest_record` is the ISO date of the newest, or empty.
    `source_health` maps a source id to the reason it is down, or to "". `name` is only for sentences.
    """

    as_of: datetime
    run: str
    recorded: datetime
    signals: Sequence[Signal]
    forecasts: Sequence[Forecast]
    figures: FigureReader
    records_read: int = 0
    origins_read: int = 0
    newest_record: str = ""
    source_health: Mapping[str, str] = field(default_factory=dict)
    name: str = "this place"
