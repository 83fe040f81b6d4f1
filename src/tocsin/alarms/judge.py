"""The core of a decision, as a pure rule: measured fields and what stood before give a level and a rule.

It knows no place, no signal and no clock, so that the same fields give any state the same level, and so that
past months can be decided again by the ten thousand. `decide` wraps it for a turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from tocsin.alarms.alarm import Level
from tocsin.alarms.policy import Policy, Rule

SILENCE = "silence does not lower a level"
_LADDER = tuple(Level)
_WORDS = {"words", "factor", "assessment", "trend"}
_FIGURES = {"forecast", "factor", "assessment"}


@dataclass(frozen=True, slots=True)
class Reading:
    """How much was read of a place: documents, origins, figures, the newest document's day (ISO text or "").

    `down` names the factors whose source is down; `silent` says that neither words nor figures were read.
    """

    records: int = 0
    origins: int = 0
    figures: int = 0
    newest: str = ""
    down: tuple[str, ...] = ()
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """The level of a place on a day, the rule that carries it, and what a later fall is judged by.

    `stood` gives, for this level and those below it, the first day of the unbroken row of turns at that level
    or above. `read` is the reading that set the level. `held` says in words why a level was kept although its
    rule does not fire; `unmeasured` is the first day of the row of turns that could not measure it.
    """

    day: date
    level: Level
    rule: str
    stood: Mapping[Level, date] = field(default_factory=dict)
    expires: date | None = None
    read: Reading = field(default_factory=Reading)
    held: str = ""
    unmeasured: date | None = None

    @property
    def since(self) -> date | None:
        """The first day of the unbroken row of turns at this level or above; None when none stands."""
        return self.stood.get(self.level)


def judge(
    measured: Mapping[str, float],
    previous: Standing | None,
    policy: Policy,
    day: date,
    reading: Reading | None = None,
) -> Standing:
    """The standing of a place on `day`, from fields as named in policy.yml (those not measured are absent).

    A rise is immediate. A fall needs that what the earlier rule compared is measured again, at least as well
    as then, and is clearly below (hysteresis). The last day of a level lowers nothing.
    """
    read = reading or Reading()
    now = _Now(policy, day, {**measured, **stood_for(previous, day)}, read)
    fired = policy.fires(now.fields)
    held, unmeasured = _why_held(fired, now, previous)
    if held and previous is not None:
        return replace(
            previous,
            day=day,
            stood=_stood(previous.level, previous, day),
            held=held,
            unmeasured=unmeasured,
        )
    level = fired.level if fired else Level.NONE
    return Standing(
        day=day,
        level=level,
        rule=fired.id if fired else "",
        stood=_stood(level, previous, day),
        expires=day + timedelta(days=fired.expires_days) if fired else None,
        read=_yardstick(level, previous, read),
    )


def stood_for(previous: Standing | None, day: date) -> dict[str, float]:
    """The fields `standing.LEVEL.days`: for how many days a level or a higher one has stood, up to `day`.

    Absent for a level that did not stand in the turn before.
    """
    if previous is None:
        return {}
    return {f"standing.{at.value}.days": max(0, (day - first).days) for at, first in previous.stood.items()}


def _stood(level: Level, previous: Standing | None, day: date) -> dict[Level, date]:
    before = previous.stood if previous else {}
    return {at: before.get(at, day) for at in _LADDER[1 : level.step + 1]}


@dataclass(frozen=True, slots=True)
class _Now:
    policy: Policy
    day: date
    fields: Mapping[str, float]
    read: Reading


def _why_held(fired: Rule | None, now: _Now, previous: Standing | None) -> tuple[str, date | None]:
    """Why the previous level stays although its rule does not fire now, and since when it is not measured.

    Empty when it does not stay. From its last day on a level is said to be not measured any more.
    """
    if previous is None or (fired.level.step if fired else 0) >= previous.level.step:
        return "", None
    over = previous.expires is not None and now.day > previous.expires
    rule = now.policy.rule(previous.rule)
    if rule is None and not over:
        return f"its rule {previous.rule} is no longer in the policy; it stays until it expires", None
    unread = _unread(rule, now.fields, now.read)
    if not unread and rule is not None and rule.holds(now.fields, rule.exit_ratio):
        return f"the measures of {rule.id} are still above {rule.exit_ratio:g} of their thresholds", None
    thinner = "" if unread else _thinner(rule, now.read, previous.read)
    if not unread and not thinner:
        return "", None
    when = ("any more" if over else "this time") + (" as well as then" if thinner else "")
    since = previous.unmeasured or now.day
    return f"not measured {when}: {unread or thinner}, since {since}; {SILENCE}", since


def _unread(rule: Rule | None, fields: Mapping[str, float], read: Reading) -> str:
    """What the rule compared and is not measured now, in words. A figure too old for it is not measured."""
    if rule is None:
        return "any word or figure on violence" if read.silent else ""
    gone = [
        c.field
        for c in rule.all
        if c.field not in fields or (c.field.endswith(".age") and not c.holds(fields[c.field]))
    ]
    return "; ".join(dict.fromkeys(_plain(field) for field in gone))


def _plain(field: str) -> str:
    kind, name, *_ = field.split(".")
    told = {
        "words": "the words (no document about the place was read)",
        "figure": f"the figure {name} (missing or too old)",
        "forecast": f"the forecast of {name}",
        "factor": f"the risk factor {name}",
        "trend": "the trend of reported violations",
        "neighbours": "the levels of the neighbours",
        "standing": f"how long {name} has stood",
    }
    return told.get(kind, "the number of risk factors")


def _thinner(rule: Rule | None, read: Reading, then: Reading) -> str:
    """In what way less was read than when the level was reached; empty when at least as much was.

    Only what the rule rests on counts; a rule that left the policy may have rested on anything.
    """
    kinds = {f.split(".")[0] for f in rule.fields} if rule else {"forecast", "words"}
    if read.down:
        return f"a source is down ({', '.join(read.down)} cannot be read)"
    if kinds & _FIGURES and read.figures < then.figures:
        return f"only {read.figures} figures were read, {then.figures} before"
    if kinds & _WORDS:
        if read.records < then.records:
            return f"only {read.records} documents were read, {then.records} before"
        if read.origins < then.origins:
            return f"only {read.origins} origins were read, {then.origins} before"
    return ""


def _yardstick(level: Level, previous: Standing | None, read: Reading) -> Reading:
    """What a later fall is judged by: the reading of the turn that set the level.

    While one level stands, what merely leaves the window or grows old does not wear it down; documents newer
    than the turn before set the level anew.
    """
    if previous is None or level is Level.NONE or level is not previous.level:
        return read
    then = previous.read
    figures = max(read.figures, then.figures)
    if read.newest > previous.day.isoformat():
        return replace(read, figures=figures)
    most = max(read.records, then.records), max(read.origins, then.origins)
    return replace(read, records=most[0], origins=most[1], figures=figures)
