"""The scores in plain sentences, for somebody who will read five of them and decide."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tocsin.evaluation.lead_time import Onset
from tocsin.evaluation.scored import Scored
from tocsin.evaluation.scoring import DIFFERENCE, Score

Found = dict[str, dict[str, Score]]
TOLD = 5
"""Misses that are named."""
COMPARED = (("brier", "Brier score", -1), ("log_score", "log score", -1), ("average_precision", "ranking", 1))


def asked(found: Scored) -> str:
    """What was forecast, in one sentence."""
    rows = found.rows
    if rows.own and rows.binary:
        return "For each state and year: does a new mass killing begin in the two calendar years that follow?"
    if rows.own:
        year = rows.forecasts[0].shown(int(rows.period[0]))
        return f"For each state: how many civilians are killed in one-sided violence in {year}?"
    what = "does the event happen" if rows.binary else "how high is the count"
    return f"For each entity and origin: {what}, so many periods ahead?"


def title(found: Scored, horizon: str, threshold: float) -> str:
    """A slice in a few words; threshold 0 is the whole distribution."""
    rows = found.rows
    if rows.own and rows.binary:
        return "a new mass killing within two years"
    what = (
        "the event" if rows.binary else f"at least {threshold:g}" if threshold else "the whole distribution"
    )
    if rows.own or horizon == "0":
        return what
    return f"{what}, {'total of ' + horizon[3:] if horizon.startswith('sum') else horizon + ' ahead'}"


def sentences(found: Scored) -> Iterator[str]:
    """The slice that is told first, for the first file and then against the other."""
    names = found.named(*found.first)
    label = found.rows.labels[0]
    events, n = int(names["events"][label].value), int(names["n"][label].value)
    yield f"{events:,} events in {n:,} forecasts of {len(found.rows.names):,} entities."
    if not events:
        yield "Nothing happened, so that no ranking can be judged."
        return
    yield _recall(names, label, events)
    yield _calibrated(names, label)
    yield _skill(names, label, found.share)
    if impossible := int(names["impossible"][label].value):
        yield f"Called impossible, and happened: {impossible}."
    for measure, word, sign in COMPARED if len(found.rows.labels) > 1 else ():
        yield _against(names[measure], found, word, sign)


def misses(found: Scored) -> tuple[Onset, ...]:
    """The worst misses of the first file: ranks below 30 at the last origin."""
    return tuple(o for o in first_onsets(found) if o.rank > 30)[:TOLD]


def first_onsets(found: Scored) -> list[Onset]:
    """The onsets of the slice that is told first, as the first file saw them, the worst ranks first."""
    told = (found.rows.labels[0], *found.first)
    return [o for o in found.onsets if (o.forecasts, o.horizon, o.threshold) == told]


def _recall(names: Found, label: str, events: int) -> str:
    seen = {k: names[f"recall_{k}"][label].value for k in (10, 30)}
    false = names["false_per_true_10"][label].value
    cost = f"; each true alarm there cost {false:.1f} false ones" if math.isfinite(false) else ""
    return (
        f"{seen[10]:.0%} of the events were among the 10 highest places of their time{cost}. "
        f"{seen[30]:.0%} were among the 30 highest."
    )


def _calibrated(names: Found, label: str) -> str:
    over = names["forecast_over_observed"][label]
    if over.low <= 1 <= over.high:
        verdict = "no clear error in the level"
    else:
        verdict = "too high" if over.value > 1 else "too low"
    return f"For every event that happened the forecasts had expected {over.value:.2f}: {verdict}."


def _skill(names: Found, label: str, share: float) -> str:
    skill = names["brier_skill"][label]
    sure = "that is clear" if skill.low > 0 or skill.high < 0 else "too close to tell from none"
    word = "better" if skill.value >= 0 else "worse"
    span = f"{skill.low:.1%} to {skill.high:.1%}".replace("-", "−")
    return (
        f"Against always saying the average, the probabilities are {abs(skill.value):.1%} {word} "
        f"({share:.0%} interval {span}): {sure}."
    )


def _against(scores: dict[str, Score], found: Scored, word: str, sign: int) -> str:
    gap = scores[DIFFERENCE]
    first, second = found.rows.labels
    if not (gap.low > 0 or gap.high < 0):
        return f"By the {word}, {first} and {second} cannot be told apart."
    better, worse = (first, second) if gap.value * sign > 0 else (second, first)
    return f"By the {word}, {better} is better than {worse}, beyond chance at {found.share:.0%}."
