"""Hand-picked signs as signals, by rules written down before anything was measured.

* A sign becomes one signal for each of its indicators; its factor is that of the indicator.
* Relevance: an indicator of risk factor 11, 13 or 14 (an attack on civilians, threats to those protected)
  makes it `atrocity`, every other one `signal`.
* Confidence: high 0.9, medium 0.6, low 0.3.
* Every sign is an origin of its own, unless its text names the same source as another one (`said_by`).

A desk would not have had them like this: people who knew the end chose them. What is made from them is an
illustration of the rules and no measure of skill.
"""

from __future__ import annotations

from tocsin.clock import Period
from tocsin.evaluation.replay_cases import Sign
from tocsin.evidence import content_id
from tocsin.framework.load import indicator
from tocsin.signals.signal import Relevance, Signal, TimeStatus

ATROCITY = frozenset({"RF11", "RF13", "RF14"})
SURE = {"high": 0.9, "medium": 0.6, "low": 0.3}


def signals_of(sign: Sign, case: str, iso3: str) -> tuple[Signal, ...]:
    """The signals of one sign of a case, present on the day it is known."""
    record = content_id("sign", case, str(sign.dated), sign.fact)
    return tuple(_signal(sign, record, iso3, id) for id in sign.indicators)


def _signal(sign: Sign, record: str, iso3: str, id: str) -> Signal:
    factor = indicator(id).factor
    return Signal(
        id=content_id("sig", record, id),
        record=record,
        story=record,
        origin=sign.said_by or record,
        indicator=id,
        factor=factor,
        iso3=iso3,
        place="",
        happened=Period.of(sign.dated),
        time=TimeStatus.PRESENT,
        relevance=Relevance.ATROCITY if factor in ATROCITY else Relevance.SIGNAL,
        actors=(),
        perpetrator="unclear",
        target="",
        protective=False,
        confidence=SURE[sign.confidence],
        quote=sign.fact,
        start=0,
        end=len(sign.fact),
        coder="chosen by hand",
        coder_version="1",
        review="machine",
        published=sign.dated,
        known=sign.dated,
        recorded=sign.dated.end,
        run="",
        copy=record,
    )
