"""From an assessment to a level: rules fire at once, levels fall slowly, and silence never lowers one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tocsin.alarms.alarm import Decision, Level, NearMiss
from tocsin.alarms.around import ALONE, Around
from tocsin.alarms.measure import fill, in_group, measure
from tocsin.alarms.policy import Policy, Rule
from tocsin.alarms.words import checked, how_sure
from tocsin.assessment.belief import Assessment, Missing
from tocsin.evidence import content_id
from tocsin.forecasting.forecast import Forecast
from tocsin.signals.signal import Signal

SILENCE = "silence does not lower a level"
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

    A rise is immediate. A fall needs that what the earlier rule compared is measured again, at least as well
    as then, and is clearly below (hysteresis); otherwise the level is held and `held` says why, also past the
    decision's last day. Raises NotAllowed when a sentence states a crime as a fact.
    """
    measured = measure(assessment, forecasts, signals, policy, around)
    turn = Turn(assessment, forecasts, signals, policy, measured)
    held = _why_held(turn, previous)
    decision = _keep(previous, assessment, held) if held and previous is not None else _fresh(turn, previous)
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
    """Why the previous level stays although its rule does not fire now; empty when it does not stay.

    The last day of a decision lowers nothing: from then on the level is said to be not measured any more.
    """
    fired, today = turn.fired, turn.assessment.as_of.date()
    now = fired.level if fired else Level.NONE
    if previous is None or now.step >= previous.level.step:
        return ""
    over = previous.expires is not None and today > previous.expires
    rule = turn.policy.rule(previous.rule)
    if rule is None and not over:
        return f"its rule {previous.rule} is no longer in the policy; it stays until it expires"
    unread = _unread(rule, turn)
    if not unread and rule is not None and rule.holds(turn.measured, rule.exit_ratio):
        return f"the measures of {rule.id} are still above {rule.exit_ratio:g} of their thresholds"
    thinner = "" if unread else _thinner(rule, turn.assessment, previous)
    if not unread and not thinner:
        return ""
    when = ("any more" if over else "this time") + (" as well as then" if thinner else "")
    return f"not measured {when}: {unread or thinner}, since {_since(previous, today)}; {SILENCE}"


def _since(previous: Decision, today: date) -> str:
    """The day of the first turn of the unbroken row of turns that could not measure the level."""
    before = SINCE.match(previous.held)
    return before[1] if before else today.isoformat()


def _unread(rule: Rule | None, turn: Turn) -> str:
    """What the rule compared and is not measured now, in words. A figure too old for it is not measured."""
    if rule is None:
        return "any word or figure on violence" if turn.assessment.no_data else ""
    measured = turn.measured
    gone = [
        c.field
        for c in rule.all
        if c.field not in measured or (c.field.endswith(".age") and not c.holds(measured[c.field]))
    ]
    return "; ".join(dict.fromkeys(_plain(field) for field in gone))


def _plain(field: str) -> str:
    kind, name, *_ = field.split(".")
    told = {
        "words": "the words (no document about the place was read)",
        "figure": f"the figure {name} (missing or too old)",
        "forecast": f"the forecast of {name}",
        "factor": f"the risk factor {name}",
    }
    return told.get(kind, "the number of risk factors")


def _thinner(rule: Rule | None, assessment: Assessment, previous: Decision) -> str:
    """In what way less was read than when the level was reached; empty when at least as much was.

    Only what the rule rests on counts; a rule that left the policy may have rested on anything.
    """
    coverage = assessment.coverage
    kinds = {f.split(".")[0] for f in rule.fields} if rule else {"forecast", "words"}
    down = [r.factor for r in assessment.readings if r.missing is Missing.SOURCE_DOWN]
    if down:
        return f"a source is down ({', '.join(down)} cannot be read)"
    if kinds & {"forecast", "factor", "assessment"} and coverage.figures_read < previous.figures_read:
        return f"only {coverage.figures_read} figures were read, {previous.figures_read} before"
    if kinds & {"words", "factor", "assessment"}:
        if coverage.records < previous.records_read:
            return f"only {coverage.records} documents were read, {previous.records_read} before"
        if coverage.origins < previous.origins_read:
            return f"only {coverage.origins} origins were read, {previous.origins_read} before"
    return ""


def _keep(previous: Decision, assessment: Assessment, held: str) -> Decision:
    """The previous level once more. What was read then stays the yardstick, and its expiry is not renewed."""
    kept = f"The level {previous.level} of {previous.as_of.date()} or before is kept: {held}."
    first = tuple(s for s in previous.sentences if not s.startswith("The level ") and s != UNKNOWN)
    unknown = (UNKNOWN,) if assessment.no_data else ()
    return Decision(
        id=content_id("dec", assessment.run, assessment.iso3, assessment.as_of.isoformat()),
        run=assessment.run,
        iso3=assessment.iso3,
        as_of=assessment.as_of,
        level=previous.level,
        rule=previous.rule,
        reasons=previous.reasons,
        sentences=(*first, kept, *unknown),
        origins=previous.origins,
        held=held,
        recorded=assessment.recorded,
        unknowns=assessment.coverage.blind,
        expires=previous.expires,
        records_read=previous.records_read,
        origins_read=previous.origins_read,
        figures_read=previous.figures_read,
    )


def _fresh(turn: Turn, previous: Decision | None) -> Decision:
    assessment, fired, coverage = turn.assessment, turn.fired, turn.assessment.coverage
    records, origins, figures = _yardstick(turn, previous)
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
        records_read=records,
        origins_read=origins,
        figures_read=figures,
    )


def _yardstick(turn: Turn, previous: Decision | None) -> tuple[int, int, int]:
    """Records, origins and figures that a later fall is judged by: those of the turn that set the level.

    While one level stands, what merely leaves the window or grows old does not wear it down; documents newer
    than the turn before set the level anew.
    """
    coverage, fired = turn.assessment.coverage, turn.fired
    records, origins, figures = coverage.records, coverage.origins, coverage.figures_read
    if previous is None or fired is None or fired.level is not previous.level:
        return records, origins, figures
    figures = max(figures, previous.figures_read)
    if coverage.newest_record > previous.as_of.date().isoformat():
        return records, origins, figures
    return max(records, previous.records_read), max(origins, previous.origins_read), figures


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
