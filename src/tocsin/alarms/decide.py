"""From an assessment to a level: rules fire at once, levels fall slowly, and silence never lowers one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tocsin.alarms.alarm import Decision, Level, NearMiss
from tocsin.alarms.around import ALONE, Around
from tocsin.alarms.judge import SILENCE, Reading, Standing, judge, stood_for
from tocsin.alarms.lint import checked
from tocsin.alarms.measure import fill, in_group, measure
from tocsin.alarms.policy import Policy, Rule
from tocsin.alarms.words import how_sure
from tocsin.assessment.belief import Assessment, Missing
from tocsin.assessment.figures import weights
from tocsin.evidence import content_id
from tocsin.forecasting.forecast import Forecast
from tocsin.signals.signal import Signal

SINCE = re.compile(r"not measured .*, since (\d{4}-\d\d-\d\d); " + SILENCE)
UNKNOWN = "Neither words nor figures on violence were read: the risk is unknown, which is not low."


def decide(
    assessment: Assessment,
    forecasts: Sequence[Forecast],
    signals: Sequence[Signal],
    previous: Decision | None,
    policy: Policy,
    *,
    around: Around = ALONE,
) -> tuple[Decision, tuple[NearMiss, ...]]:
    """The level of a place this turn, and the rules that came near and did not fire.

    What moves a level is told at `judge`, which gives it. Raises NotAllowed when a sentence states a crime as
    a fact.
    """
    before, day = standing_of(previous), assessment.as_of.date()
    measured = measure(assessment, forecasts, signals, policy, around)
    standing = judge(measured, before, policy, day, reading_of(assessment))
    turn = Turn(assessment, forecasts, signals, policy, {**measured, **stood_for(before, day)})
    made = _keep(previous, turn, standing) if standing.held and previous else _fresh(turn, standing)
    return made, _near(made, turn)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one decision looks at: a place's assessment, forecasts and signals, and what they measure."""

    assessment: Assessment
    forecasts: Sequence[Forecast]
    signals: Sequence[Signal]
    policy: Policy
    measured: Mapping[str, float]

    @property
    def fired(self) -> Rule | None:
        """The highest rule that holds now."""
        return self.policy.fires(self.measured)

    @property
    def forecast_rule(self) -> bool:
        """Whether any rule that compares nothing but forecasts holds now."""
        return any(rule.of_forecasts and rule.holds(self.measured) for rule in self.policy.rules)


def reading_of(assessment: Assessment) -> Reading:
    """How much was read for an assessment."""
    coverage = assessment.coverage
    return Reading(
        records=coverage.records,
        origins=coverage.origins,
        figures=coverage.figures_read,
        newest=coverage.newest_record,
        down=tuple(r.factor for r in assessment.readings if r.missing is Missing.SOURCE_DOWN),
        silent=assessment.no_data,
    )


def standing_of(decision: Decision | None) -> Standing | None:
    """What a decision left standing. A row older than `stood` stands since its own day."""
    if decision is None:
        return None
    day, before = decision.as_of.date(), SINCE.match(decision.held)
    first = decision.since or day
    stood = {at: decision.stood.get(at.value, first) for at in Level if 0 < at.step <= decision.level.step}
    return Standing(
        day=day,
        level=decision.level,
        rule=decision.rule,
        stood=stood,
        expires=decision.expires,
        read=Reading(decision.records_read, decision.origins_read, decision.figures_read),
        held=decision.held,
        unmeasured=date.fromisoformat(before[1]) if before else None,
    )


def _keep(previous: Decision, turn: Turn, standing: Standing) -> Decision:
    """The previous level once more. What was read then stays the yardstick, and its expiry is not renewed."""
    assessment = turn.assessment
    kept = f"The level {previous.level} of {previous.as_of.date()} or before is kept: {standing.held}."
    first = tuple(s for s in previous.sentences if not s.startswith("The level ") and s != UNKNOWN)
    unknown = (UNKNOWN,) if assessment.no_data else ()
    return replace(
        previous,
        **_stamp(assessment),
        sentences=(*first, kept, *unknown),
        held=standing.held,
        since=standing.since,
        stood={at.value: day for at, day in standing.stood.items()},
        forecast_rule=previous.forecast_rule or turn.forecast_rule,
    )


def _fresh(turn: Turn, standing: Standing) -> Decision:
    fired, read = turn.fired, standing.read
    return Decision(
        **_stamp(turn.assessment),
        level=standing.level,
        rule=standing.rule,
        reasons=_reasons(turn),
        sentences=_sentences(turn),
        origins=_origins(turn),
        held="",
        expires=standing.expires,
        records_read=read.records,
        origins_read=read.origins,
        figures_read=read.figures,
        measured={f: turn.measured[f] for f in fired.told if f in turn.measured} if fired else {},
        forecast_rule=turn.forecast_rule,
        since=standing.since,
        stood={at.value: day for at, day in standing.stood.items()},
    )


def _stamp(assessment: Assessment) -> dict[str, Any]:
    return {
        "id": content_id("dec", assessment.run, assessment.iso3, assessment.as_of.isoformat()),
        "run": assessment.run,
        "iso3": assessment.iso3,
        "as_of": assessment.as_of,
        "recorded": assessment.recorded,
        "unknowns": assessment.coverage.blind,
    }


def _origins(turn: Turn) -> int:
    """Independent origins of grave words, and the publishers of the figures that the rule compares.

    A forecast is learned from the same publishers' figures and is no origin; it is told apart.
    """
    compared = [f.split(".")[1] for f in turn.fired.fields if f.startswith("figure.")] if turn.fired else []
    publishers = {weights().rule(column).feed for column in compared}
    return int(turn.measured.get("words.grave.origins", 0)) + len(publishers)


def _reasons(turn: Turn) -> tuple[str, ...]:
    """The ids of the signals and forecasts that the rule compared, and of the assessment for its figures."""
    found: list[str] = []
    assessment = turn.assessment
    for field in turn.fired.fields if turn.fired else ():
        kind, name, *rest = field.split(".")
        if kind == "words":
            found += [s.id for s in in_group(turn.policy.groups[name], turn.signals, assessment)]
        elif kind == "forecast":
            found += [f.id for f in turn.forecasts if f.outcome == name and str(f.horizon_months) == rest[0]]
        elif kind == "factor":
            found += [i for r in assessment.readings if r.factor == name for i in r.signals]
        elif kind == "trend" and assessment.trend:
            found += assessment.trend.signals
        else:
            found.append(assessment.id)
    return tuple(dict.fromkeys(found))


def _sentences(turn: Turn) -> tuple[str, ...]:
    """The finding first, then how sure."""
    fired, measured = turn.fired, turn.measured
    found = checked((fill(fired.sentence, measured), *how_sure(fired, turn.forecasts)) if fired else ())
    if turn.assessment.no_data:
        return (*found, UNKNOWN)
    return found or ("No rule fires on what was read; what was not read is listed beside.",)


def _near(decision: Decision, turn: Turn) -> tuple[NearMiss, ...]:
    """Rules above the decided level that fire with every threshold eased by the policy's `near` share."""
    found, measured, assessment = [], turn.measured, turn.assessment
    for rule in turn.policy.rules:
        if rule.level.step <= decision.level.step or rule.holds(measured):
            continue
        if rule.holds(measured, 1 - turn.policy.near):
            short = next(c for c in rule.all if not c.holds(measured[c.field]))
            found.append(
                NearMiss(
                    run=assessment.run,
                    iso3=assessment.iso3,
                    level=rule.level,
                    rule=rule.id,
                    measured=measured[short.field],
                    threshold=short.threshold,
                    recorded=assessment.recorded,
                )
            )
    return tuple(found)
