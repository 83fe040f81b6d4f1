"""Alarms of every rule with measured fields, and their dossiers, for the tests of words."""

from dataclasses import replace
from datetime import date
from typing import Any

from tests.alarms.made import a_proposal, later
from tests.assessment.made import AS_OF
from tocsin.alarms.alarm import Alarm, AlarmState
from tocsin.alarms.bulletin import Dossier, Quoted
from tocsin.alarms.policy import SLOT, Rule, policy
from tocsin.clock import Period, Precision
from tocsin.forecasting.forecast import Forecast

NAMES = {"en": "Ruritania", "fr": "Ruritanie", "es": "Ruritania", "ar": "روريتانيا"}
WORDS = "They have come to the village, and they have burnt it."


def told_of(rule: Rule) -> tuple[str, ...]:
    """The fields that an alarm of the rule holds: those it compares and those its sentence tells of."""
    return tuple(dict.fromkeys((*rule.fields, *SLOT.findall(rule.sentence))))


def an_alarm(rule: Rule | None = None, state: AlarmState = AlarmState.ISSUED, **changes: Any) -> Alarm:
    rule = rule or next(r for r in policy().rules if r.id == "warning-onset")
    thresholds = {c.field: c.threshold for c in rule.all}
    given: dict[str, Any] = {
        "level": rule.level,
        "rule": rule.id,
        "state": state,
        "revision": 2,
        "recorded": later(a_proposal(), 2),
        "sentences": ("An English sentence of the rule.",),
        "reasons": ("fct-1", "sig-1", "sig-2"),
        "measured": {field: thresholds.get(field, 0.25) for field in told_of(rule)},
        "in_force": 2,
        "in_force_until": a_proposal().expires,
    }
    return replace(a_proposal(), **{**given, **changes})


def a_quote(n: int = 1, **changes: Any) -> Quoted:
    given: dict[str, Any] = {
        "signal": f"sig-{n}",
        "words": WORDS,
        "language": "en",
        "source": "A wire",
        "title": "Fire in the hills",
        "url": f"https://wire.example/{n}",
        "published": date(2026, 11, n),
        "factor": "RF8",
        "origin": f"origin-{n}",
    }
    return Quoted(**{**given, **changes})


def a_forecast(probability: float = 0.062, **changes: Any) -> Forecast:
    given: dict[str, Any] = {
        "id": "fct-1",
        "run": "run",
        "outcome": "new_mass_killing",
        "iso3": "QQA",
        "as_of": AS_OF,
        "horizon_months": 24,
        "window": Period(date(2026, 11, 20), date(2028, 11, 19), Precision.DAY),
        "probability": probability,
        "low": 0.021,
        "high": 0.131,
        "base_rate": 0.015,
        "rank": 4,
        "of": 168,
        "baselines": {},
        "reasons": (),
        "features_known": {},
        "missing": {},
        "vintage": "as known",
        "manifest": "m",
        "recorded": AS_OF,
    }
    return Forecast(**{**given, **changes})


def a_dossier(alarm: Alarm | None = None, **changes: Any) -> Dossier:
    given: dict[str, Any] = {
        "names": NAMES,
        "quotes": (a_quote(1), a_quote(2)),
        "forecasts": (a_forecast(),),
        "signers": ("Adaeze Uniquename", "Bento Uniquename"),
        "dissents": ("the figures are old",),
        "self_url": "https://tocsin.example/alarm/x",
        "record_url": "https://tocsin.example/track-record",
    }
    return Dossier(**{"alarm": alarm or an_alarm(), **given, **changes})
