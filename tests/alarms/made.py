"""Decisions and alarms for tests."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.assessment.made import AS_OF, figures, inputs
from tocsin.alarms.alarm import Alarm, Decision, Level, NearMiss, Signature
from tocsin.alarms.decide import decide
from tocsin.alarms.policy import policy
from tocsin.alarms.watch import propose
from tocsin.assessment.weigh import assess
from tocsin.forecasting.forecast import Forecast
from tocsin.signals.signal import Signal


def turn(
    signals: Sequence[Signal] = (),
    forecasts: Sequence[Forecast] = (),
    previous: Decision | None = None,
    day: int = 0,
    iso3: str = "QQA",
    **changes: Any,
) -> tuple[Decision, tuple[NearMiss, ...]]:
    as_of = AS_OF + timedelta(days=day)
    given = {"as_of": as_of, "recorded": as_of, "signals": signals, "forecasts": forecasts}
    origins = len({s.origin for s in signals})
    read = {"records_read": len(signals), "origins_read": origins, "figures": figures({})}
    made = assess(iso3, inputs(**{**given, **read, **changes}))
    return decide(made, forecasts, signals, previous, policy())


def a_decision(level: Level = Level.WARNING, day: int = 0, **changes: Any) -> Decision:
    rules = {
        Level.NONE: "",
        Level.RISK: "risk-onset",
        Level.WARNING: "warning-onset",
        Level.ALARM: "alarm-two-origins",
        Level.ONGOING: "ongoing-deaths",
    }
    as_of = AS_OF + timedelta(days=day)
    given: dict[str, Any] = {
        "id": f"dec-{day}",
        "run": "run",
        "iso3": "QQA",
        "as_of": as_of,
        "level": level,
        "rule": rules[level],
        "reasons": ("fct-1",),
        "sentences": ("The chance is put at 6 %.",),
        "origins": 2,
        "held": "",
        "recorded": as_of,
        "unknowns": ("No document about this place was read.",),
    }
    return Decision(**{**given, **changes})


def a_proposal(level: Level = Level.WARNING) -> Alarm:
    made = propose(a_decision(level), None, policy())
    assert made is not None
    return made


def a_signature(signer: str, alarm: Alarm, consents: bool = True, reason: str = "I agree") -> Signature:
    return Signature(alarm.id, signer, consents, reason, later(alarm, 1), alarm.revision)


def later(alarm: Alarm, hours: int) -> datetime:
    return alarm.recorded + timedelta(hours=hours)
