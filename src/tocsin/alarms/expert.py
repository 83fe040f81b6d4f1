"""An expert's judgement: how a named person puts a place before people where no rule of the policy fires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.alarms.alarm import Alarm, AlarmState, Level
from tocsin.errors import NotAllowed

EXPERT = "expert"
"""What stands as the rule of an alarm that an expert raised; no rule of the policy has this id."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """At which level a named person holds a place to be, why, and on what evidence.

    `evidence` are ids of records, claims, forecasts and decisions; `origins`, `forecast_rule` and `unknowns`
    are as in `Alarm`; `run` is the turn that the person looked at. Raises NotAllowed without a person, a
    reason or evidence.
    """

    iso3: str
    level: Level
    expert: str
    reason: str
    evidence: tuple[str, ...]
    origins: int
    forecast_rule: bool
    unknowns: tuple[str, ...]
    run: str

    def __post_init__(self) -> None:
        needed = {"a name": self.expert, "a reason": self.reason, "evidence": "".join(self.evidence)}
        for what, given in needed.items():
            if not given.strip():
                raise NotAllowed(f"an expert's judgement needs {what}; nothing was proposed")


def raised_in(history: Sequence[Alarm], alarm: Alarm) -> Alarm | None:
    """The revision by which an expert raised what another revision says; None for what a rule carried.

    Its `moved_by` is the expert and its `why` the reason.
    """
    if alarm.rule != EXPERT:
        return None
    return next((a for a in reversed(history) if by_hand(a) and _same(a, alarm)), None)


def by_hand(alarm: Alarm) -> bool:
    """Whether a revision is the proposal of an expert."""
    return alarm.rule == EXPERT and alarm.state is AlarmState.PROPOSED


def _same(one: Alarm, other: Alarm) -> bool:
    said = (one.level, one.reasons, one.sentences[:1])
    return one.revision <= other.revision and said == (other.level, other.reasons, other.sentences[:1])
