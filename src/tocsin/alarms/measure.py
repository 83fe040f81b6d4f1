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

    The fields of words are absent when no document about the place was read; those of what stood before
    (`standing`) are `judge`'s.
    """
    return {
        **of_forecasts(forecasts, around),
        **_of_figures(assessment),
        **_of_factors(assessment),
        **_of_trend(assessment),
        **of_neighbours(around),
        **_of_words(assessment, signals, policy),
    }


def of_forecasts(forecasts: Sequence[Forecast], around: Around = ALONE) -> dict[str, float]:
    """The fields of the forecasts of one place: chance, rank, and ratios to the average and to a year ago."""
    found: dict[str, float] = {}
    for forecast in forecasts:
        stem = f"forecast.{forecast.outcome}.{forecast.horizon_months}"
        before = around.before.get(f"{forecast.outcome}.{forecast.horizon_months}", 0.0)
        found[f"{stem}.probability"] = forecast.probability
        found[f"{stem}.rank"] = forecast.rank
        if before > 0:
            found[f"{stem}.change"] = forecast.probability / before
        if forecast.base_rate > 0:
            found[f"{stem}.ratio"] = forecast.probability / forecast.base_rate
    return found


def of_neighbours(around: Around) -> dict[str, float]:
    """How many places across the border stood at a level or above in the turn before; absent when unknown."""
    there = [level.step for level in around.neighbours.values()]
    if not there:
        return {}
    return {f"neighbours.{at.value}": sum(s >= at.step for s in there) for at in (Level.ALARM, Level.ONGOING)}


def of_figure(column: str, value: float, year: int, on: int) -> dict[str, float]:
    """The fields of one figure as of a day in the year `on`."""
    stem = f"figure.{column}"
    return {f"{stem}.value": value, f"{stem}.year": year, f"{stem}.age": on - year}


def _of_figures(assessment: Assessment) -> dict[str, float]:
    found: dict[str, float] = {}
    for column in columns():
        figure = figure_of(assessment, column)
        if figure is not None:
            found |= of_figure(column, *figure, assessment.as_of.year)
    return found


def _of_factors(assessment: Assessment) -> dict[str, float]:
    found: dict[str, float] = {}
    for reading in assessment.readings:
        if reading.seen is not Seen.NO_READING:
            found[f"factor.{reading.factor}.strength"] = reading.strength
        if reading.trend is not None:
            found[f"factor.{reading.factor}.trend"] = reading.trend
    if not assessment.no_data:
        found["assessment.factors_present"] = sum(r.seen is Seen.PRESENT for r in assessment.readings)
    return found


def _of_trend(assessment: Assessment) -> dict[str, float]:
    trend = assessment.trend
    if trend is None:
        return {}
    return {"trend.rights.alert": float(trend.alert), "trend.rights.ratio": trend.ratio}


def _of_words(assessment: Assessment, signals: Sequence[Signal], policy: Policy) -> dict[str, float]:
    found: dict[str, float] = {}
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
    tenths = (".ratio", ".change", ".strength", ".trend")
    return f"{value:,.1f}" if field.endswith(tenths) else f"{value:,.0f}"
