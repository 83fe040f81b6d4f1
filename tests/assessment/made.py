"""Made-up signals, forecasts and figures for tests; places are codes that no state has."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tocsin.assessment.figures import Figure, FigureReader
from tocsin.assessment.inputs import Inputs
from tocsin.clock import Period, day_moment
from tocsin.forecasting.forecast import Forecast
from tocsin.signals.signal import Relevance, Signal, TimeStatus

DAY = date(2026, 11, 20)
AS_OF = datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)


def a_signal(n: int = 1, **changes: Any) -> Signal:
    given: dict[str, Any] = {
        "id": f"sig-{n}",
        "record": f"rec-{n}",
        "story": f"story-{n}",
        "origin": f"origin-{n}",
        "indicator": "11.1",
        "factor": "RF11",
        "iso3": "QQA",
        "place": "",
        "happened": None,
        "time": TimeStatus.PRESENT,
        "relevance": Relevance.ATROCITY,
        "actors": (),
        "perpetrator": "unclear",
        "target": "civilians",
        "protective": False,
        "confidence": 0.9,
        "quote": "words",
        "start": 0,
        "end": 5,
        "coder": "test",
        "coder_version": "1",
        "review": "machine",
        "published": day_moment(DAY - timedelta(days=2)),
        "known": day_moment(DAY - timedelta(days=2)),
        "recorded": AS_OF,
        "run": "run",
    }
    return Signal(**{**given, **changes})


def a_forecast(outcome: str, months: int, probability: float, base_rate: float, **changes: Any) -> Forecast:
    given: dict[str, Any] = {
        "id": f"fct-{outcome}-{months}",
        "run": "run",
        "outcome": outcome,
        "iso3": "QQA",
        "as_of": AS_OF,
        "horizon_months": months,
        "window": Period(date(2026, 11, 21), date(2028, 11, 20)),
        "probability": probability,
        "low": probability / 2,
        "high": min(1.0, probability * 1.5),
        "base_rate": base_rate,
        "rank": 5,
        "of": 195,
        "baselines": {},
        "reasons": (),
        "features_known": {},
        "missing": {},
        "vintage": "later revision",
        "manifest": "m",
        "recorded": AS_OF,
    }
    return Forecast(**{**given, **changes})


def onset(ratio: float) -> Forecast:
    return a_forecast("new_mass_killing", 24, 0.013 * ratio, 0.013)


def figures(
    values: Mapping[str, tuple[float, int]], missing: str = "not covered: not listed"
) -> FigureReader:
    def read(column: str) -> Figure:
        value, year = values.get(column, (None, None))
        return Figure(column, value, year, "" if year else missing)

    return read


PEACE = {"acd_intensity": (0.0, 2025), "sb_deaths": (0.0, 2025), "os_deaths": (0.0, 2025)}


def inputs(**changes: Any) -> Inputs:
    given: dict[str, Any] = {
        "as_of": AS_OF,
        "run": "run",
        "recorded": AS_OF,
        "signals": (),
        "forecasts": (),
        "figures": figures({}),
    }
    return Inputs(**{**given, **changes})
