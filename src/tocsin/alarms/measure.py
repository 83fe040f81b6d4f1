"""What the rules compare: every measured field of one place in one turn, and nothing unmeasured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tocsin.alarms.alarm import Level
from tocsin.alarms.around import ALONE, Around
from tocsin.alarms.policy import SLOT, Group, Policy
from tocsin.assessment.belief import Assessment, Seen
from tocsin.assessment.figures import columns, figure_of
from tocsin.assessment.words import present, strength
from tocsin.forecasting.forecast import Forecast
from tocsin.signals.signal import Signal
from tocsin.signals.stories import independent_origins


def measure(
    assessment: Assessment,
    forecasts: Sequence[Forecast],
    signals: Sequence[Signal],
    policy: Policy,
    around: Around = ALONE,
) -> dict[str, float]:
    """Field name to number (see policy.yml). A field without a measurement is absent, never zero.

    The fields of words are absent when no document about the place was read.
    """
    found: dict[str, float] = {}
    for forecast in forecasts:
        stem = f"forecast.{forecast.outcome}.{forecast.horizon_months}"
        found[f"{stem}.probability"] = forecast.probability
        found[f"{stem}.rank"] = forecast.rank
        before = around.before.get(f"{forecast.outcome}.{forecast.horizon_months}")
        if before is not None and before > 0:
            found[f"{stem}.change"] = forecast.probability / before
        if forecast.base_rate > 0:
            found[f"{stem}.ratio"] = forecast.probability / forecast.base_rate
    for column in columns():
        figure = figure_of(assessment, column)
        if figure is not None:
            found[f"figure.{column}.value"] = figure[0]
            found[f"figure.{column}.year"] = figure[1]
            found[f"figure.{column}.age"] = assessment.as_of.year - figure[1]
    for reading in assessment.readings:
        if reading.seen is not Seen.NO_READING:
            found[f"factor.{reading.factor}.strength"] = reading.strength
    if not assessment.no_data:
        found["assessment.factors_present"] = sum(r.seen is Seen.PRESENT for r in assessment.readings)
    for level in (Level.ALARM, Level.ONGOING):
        if around.neighbours:
            there = sum(one.step >= level.step for one in around.neighbours.values())
            found[f"neighbours.{level.value}"] = there
    for name, group in policy.groups.items():
        members = in_group(group, signals, assessment)
        if members or assessment.coverage.records:
            found[f"words.{name}.origins"] = independent_origins(members)
            found[f"words.{name}.strength"] = strength(members)
    return found


def in_group(group: Group, signals: Sequence[Signal], assessment: Assessment) -> tuple[Signal, ...]:
    """The place's present-time signals that belong to a group of the policy."""
    return tuple(
        s
        for s in present(signals, assessment.as_of)
        if s.iso3 == assessment.iso3
        and (s.factor in group.or_factors or (s.factor in group.factors and s.relevance in group.relevance))
    )


def fill(sentence: str, measured: Mapping[str, float]) -> str:
    """A rule's sentence with its numbers: probabilities in percent, ratios with one decimal, counts whole."""
    return SLOT.sub(lambda slot: _shown(slot[1], measured.get(slot[1])), sentence)


def _shown(field: str, value: float | None) -> str:
    if value is None:
        return "(not measured)"
    if field.endswith(".probability"):
        return f"{100 * value:.1f} %"
    if field.endswith(".year"):
        return f"{value:.0f}"
    return f"{value:,.1f}" if field.endswith((".ratio", ".strength")) else f"{value:,.0f}"
