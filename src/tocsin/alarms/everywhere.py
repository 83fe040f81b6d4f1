"""Every place at once: the level of each by the policy, and the rules that nearly fired."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tocsin.alarms.alarm import Decision, NearMiss
from tocsin.alarms.around import Around
from tocsin.alarms.decide import decide
from tocsin.alarms.policy import policy
from tocsin.assessment.everywhere import Belief


def decide_everywhere(
    beliefs: Sequence[Belief], before: Mapping[str, Decision], around: Callable[[str], Around]
) -> tuple[list[Decision], list[NearMiss]]:
    """One decision a belief, after that of the turn before (by place), in what surrounds the place."""
    decisions: list[Decision] = []
    near: list[NearMiss] = []
    for belief in beliefs:
        iso3 = belief.assessment.iso3
        given = (belief.assessment, belief.forecasts, belief.signals, before.get(iso3), policy())
        decision, missed = decide(*given, around=around(iso3))
        decisions.append(decision)
        near += missed
    return decisions, near
