"""What an assessment is made from; nothing else reaches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tocsin.assessment.belief import Assessment
from tocsin.assessment.figures import FigureReader
from tocsin.assessment.past import Past
from tocsin.forecasting.forecast import Forecast
from tocsin.signals.signal import Signal
from tocsin.signals.voices import Heard
from tocsin.sources.presence import Presence
from tocsin.sources.reportflow import Window


@dataclass(frozen=True, slots=True)
class Sight:
    """What is known of the eyes and ears on one place.

    `flow` are the windows of report flow, `presence` the changes of presence known by then. `heard` tells new
    origins and floods apart. `in_home` counts every report of the home; `before` is the belief of the turn
    before. `past` is what was told of the place week by week.
    """

    flow: Sequence[Window] = ()
    presence: Sequence[Presence] = ()
    heard: Heard = field(default_factory=Heard)
    in_home: int = 0
    before: Assessment | None = None
    past: Past = field(default_factory=Past)


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that one place's assessment is made from.

    `signals` (as their voices count) and `forecasts` are the place's own. `records_read` and `origins_read`
    count the documents about the place in the window of words (90 days) that count, and their voices;
    `newest_record` is the ISO date of the newest, or empty.
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
    sight: Sight = field(default_factory=Sight)
