"""What was measured against what, and what would change our mind: read off the rules, in any language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, floor

from tocsin.alarms.alarm import Level
from tocsin.alarms.bulletin import Part, Statement
from tocsin.alarms.policy import Condition, Rule
from tocsin.alarms.tale import Tale

SHOWN = 2
"""Rules of the next level that are told."""


def measured(tale: Tale) -> Iterator[Statement]:
    """Each measure that the rule compares, beside the threshold of the rule."""
    if tale.rule is None:
        return
    for condition in compared(tale.rule):
        value = tale.alarm.measured.get(condition.field)
        if value is not None:
            text = tale.voice.say(
                "known.measured",
                measure=measure(tale, condition.field),
                value=amount(tale, condition.field, value),
                limit=tale.voice.say(
                    f"limits.{_bound(condition)}", limit=amount(tale, condition.field, condition.threshold)
                ),
            )
            yield tale.state(Part.KNOWN, text, tale.grounds)


def change_of_mind(tale: Tale) -> Iterator[Statement]:
    """What would let the level fall, what would raise it, and that silence does neither."""
    voice, resting = tale.voice, (f"rule:{tale.alarm.rule}",)
    if tale.rule is not None:
        ratio, separator = tale.rule.exit_ratio, voice.table["separator"]
        items = separator.join(_past(tale, c, ratio) for c in compared(tale.rule))
        yield tale.state(Part.CHANGE_OF_MIND, voice.say("change.falls", items=items), resting)
        yield tale.state(Part.CHANGE_OF_MIND, voice.say("change.silence"), resting)
    elif tale.by_expert:
        yield tale.state(Part.CHANGE_OF_MIND, voice.say("expert.falls"), resting)
    else:
        told = voice.say("change.ruleless", rule=tale.alarm.rule)
        yield tale.state(Part.CHANGE_OF_MIND, told, resting)
        return
    for rule in higher(tale.policy.rules, tale.alarm.level):
        needed = voice.table["separator"].join(_needed(tale, c) for c in compared(rule))
        told = voice.say("change.rises", level=tale.level_word(rule.level), items=needed)
        yield tale.state(Part.CHANGE_OF_MIND, told, (f"rule:{rule.id}",))


def compared(rule: Rule) -> list[Condition]:
    """The conditions on what happens in the world; how old a figure may be is no news of it."""
    return [c for c in rule.all if not c.field.endswith(".age")]


def higher(rules: Sequence[Rule], level: Level) -> list[Rule]:
    """The first rules of the next level above that has any which put a proposal before people."""
    above = [r for r in rules if r.level.step > level.step and r.proposes]
    nearest = min((r.level.step for r in above), default=0)
    return [r for r in above if r.level.step == nearest][:SHOWN]


def measure(tale: Tale, field: str) -> str:
    """What a field of the policy measures, in words."""
    voice = tale.voice
    kind, name, *rest = field.split(".")
    if voice.has(f"measures.{field}"):
        return voice.say(f"measures.{field}")
    if kind == "forecast":
        outcome = voice.say(f"outcomes.{name}", months=int(rest[0]))
        return voice.say("measures.forecast", outcome=outcome)
    if kind == "factor":
        return voice.say(f"measures.factor.{rest[0]}", factor=voice.say(f"factors.{name}"))
    if kind == "standing":
        return voice.say("measures.standing.days", level=voice.say(f"levels.{name}"))
    return voice.say(f"measures.{field}")


def amount(tale: Tale, field: str, value: float) -> str:
    """A value of a field in words: per cent, times the average, a count."""
    voice, part = tale.voice, field.rpartition(".")[2]
    if part in ("age", "days"):
        return voice.say(f"values.{part}", value=value)
    if field == "trend.rights.ratio":
        part = "rights_ratio"
    shown = voice.percent(value) if part == "probability" else voice.number(value, 0 if value >= 100 else 2)
    return voice.say(f"values.{part}", value=str(round(value)) if part == "year" else shown)


def _past(tale: Tale, condition: Condition, ratio: float) -> str:
    """A measure clearly past its threshold, as hysteresis wants it."""
    falls = condition.op == ">="
    limit = condition.threshold * ratio if falls else condition.threshold / ratio
    if _counted(condition):
        # Of things that are counted, fewer than a half are fewer than one.
        limit = ceil(limit) if falls else floor(limit)
    return tale.voice.say(
        f"change.{'below' if falls else 'above'}",
        measure=measure(tale, condition.field),
        limit=amount(tale, condition.field, limit),
    )


def _counted(condition: Condition) -> bool:
    kind, part = condition.field.split(".")[0], condition.field.rpartition(".")[2]
    whole = float(condition.threshold).is_integer()
    return whole and (kind in ("neighbours", "assessment") or part in ("value", "origins"))


def _needed(tale: Tale, condition: Condition) -> str:
    return tale.voice.say(
        f"change.{_bound(condition)}",
        measure=measure(tale, condition.field),
        limit=amount(tale, condition.field, condition.threshold),
    )


def _bound(condition: Condition) -> str:
    return "at_least" if condition.op == ">=" else "at_most"
