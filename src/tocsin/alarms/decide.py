"""From an assessment to a level: rules fire at once, levels fall slowly, and silence never lowers one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tocsin.alarms.alarm import Decision, Level, NearMiss
from tocsin.alarms.measure import fill, in_group, measure
from tocsin.alarms.policy import Policy, Rule
from tocsin.alarms.words import how_sure
from tocsin.assessment.belief import Assessment, Missing
from tocsin.evidence import content_id
from tocsin.forecasting.forecast import Forecast
from tocsin.signals.signal import Signal


def decide(
    assessment: Assessment,
    forecasts: Sequence[Forecast],
    signals: Sequence[Signal],
    previous: Decision | None,
    policy: Policy,
) -> tuple[Decision, tuple[NearMiss, ...]]:
    """The level of a place this turn, and the rules that came near and did not fire.

    A rise is immediate. A fall needs that the earlier rule is clearly left (hysteresis) and that its inputs
    were read at least as well as then, or that the earlier decision has expired; otherwise the level is held
    and `held` says why.
    """
    turn = Turn(assessment, forecasts, signals, policy, measure(assessment, forecasts, signals, policy))
    held = _why_held(turn, previous)
    decision = _keep(previous, assessment, held) if held and previous is not None else _fresh(turn)
    return decision, _near(decision, turn)


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
        return next((rule for rule in self.policy.rules if rule.holds(self.measured)), None)


def _why_held(turn: Turn, previous: Decision | None) -> str:
    """Why the previous level stays although its rule does not fire now; empty when it does not stay."""
    assessment, measured, fired = turn.assessment, turn.measured, turn.fired
    now = fired.level if fired else Level.NONE
    if previous is None or now.step >= previous.level.step:
        return ""
    if previous.expires is not None and assessment.as_of.date() > previous.expires:
        return ""
    rule = turn.policy.rule(previous.rule)
    if rule is None:
        return f"its rule {previous.rule} is no longer in the policy; it stays until it expires"
    unread = [f for f in rule.fields if f not in measured]
    if unread:
        return f"not measured this time: {', '.join(unread)}; silence does not lower a level"
    if rule.holds(measured, rule.exit_ratio):
        return f"the measures of {rule.id} are still above {rule.exit_ratio:g} of their thresholds"
    return _thinner(rule, assessment, previous)


def _thinner(rule: Rule, assessment: Assessment, previous: Decision) -> str:
    """In what way less was read than when the level was reached; empty when at least as much was."""
    coverage = assessment.coverage
    down = [r.factor for r in assessment.readings if r.missing is Missing.SOURCE_DOWN]
    if down:
        return f"a source is down ({', '.join(down)} cannot be read)"
    if coverage.figures_read < previous.figures_read:
        return f"only {coverage.figures_read} figures were read, {previous.figures_read} before"
    if any(f.startswith(("words.", "factor.", "assessment.")) for f in rule.fields):
        if coverage.records < previous.records_read:
            return f"only {coverage.records} documents were read, {previous.records_read} before"
        if coverage.origins < previous.origins_read:
            return f"only {coverage.origins} origins were read, {previous.origins_read} before"
    return ""


def _keep(previous: Decision, assessment: Assessment, held: str) -> Decision:
    """The previous level once more. What was read then stays the yardstick, and its expiry is not renewed."""
    kept = f"The level {previous.level} of {previous.as_of.date()} or before is kept: {held}."
    first = tuple(s for s in previous.sentences if not s.startswith("The level "))
    return Decision(
        id=content_id("dec", assessment.run, assessment.iso3, assessment.as_of.isoformat()),
        run=assessment.run,
        iso3=assessment.iso3,
        as_of=assessment.as_of,
        level=previous.level,
        rule=previous.rule,
        reasons=previous.reasons,
        sentences=(*first, kept),
        origins=previous.origins,
        held=held,
        recorded=assessment.recorded,
        unknowns=assessment.coverage.blind,
        expires=previous.expires,
        records_read=previous.records_read,
        origins_read=previous.origins_read,
        figures_read=previous.figures_read,
    )


def _fresh(turn: Turn) -> Decision:
    assessment, fired, coverage = turn.assessment, turn.fired, turn.assessment.coverage
    return Decision(
        id=content_id("dec", assessment.run, assessment.iso3, assessment.as_of.isoformat()),
        run=assessment.run,
        iso3=assessment.iso3,
        as_of=assessment.as_of,
        level=fired.level if fired else Level.NONE,
        rule=fired.id if fired else "",
        reasons=_reasons(turn),
        sentences=_sentences(turn),
        origins=int(turn.measured.get("words.grave.origins", 0)),
        held="",
        recorded=assessment.recorded,
        unknowns=coverage.blind,
        expires=assessment.as_of.date() + timedelta(days=fired.expires_days) if fired else None,
        records_read=coverage.records,
        origins_read=coverage.origins,
        figures_read=coverage.figures_read,
    )


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
        else:
            found.append(assessment.id)
    return tuple(dict.fromkeys(found))


def _sentences(turn: Turn) -> tuple[str, ...]:
    """The finding first, then how sure."""
    fired, measured = turn.fired, turn.measured
    found = (fill(fired.sentence, measured), *how_sure(fired, turn.forecasts)) if fired else ()
    if turn.assessment.no_data:
        gap = "Neither words nor figures on violence were read: the risk is unknown, which is not low."
        return (*found, gap)
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
