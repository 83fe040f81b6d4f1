"""Replays told: rows for machines and tables for people, of three results that are never merged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from tocsin.alarms.alarm import Level
from tocsin.evaluation.replay import Stretch, Walk, material, walk
from tocsin.evaluation.replay_cases import ENOUGH_SIGNS, Case, cases
from tocsin.evaluation.replay_drawn import drawn

HEADS = {
    "forecast": "(a) FORECAST AND DATA RULES ALONE",
    "signs": "(b) WITH HAND-PICKED SIGNS: an illustration. People who knew the end chose the signs.",
    "drawn": "(c) FORECAST AND DATA RULES ALONE, on 20 country-periods without an onset, drawn at random",
}
LIMITS = (
    "A level counts from the day a rule would have proposed it; nobody signed then.",
    "Levels of neighbours and trends of reports are not given to a replay; rules that need them cannot fire.",
    "Figures are of later revision: what was published first may have been lower, and the levels with it.",
    "Onset: an onset known to the month is taken at its first day.",
    "Lead: days from the first warning or alarm to the onset. 0 is the day itself, too late to act on.",
    "* it stood there already when the walk began, two years before: at least that long.",
    "~ no longer than the onset may be wrong (14 days, 60 where it is less sure): it may have come too late.",
    "Ongoing stands above alarm: the figures held mass killing there already, or one that had not ended.",
    "The three tables answer different questions and have no total.",
)
_WORDS = f"{'first risk':12} {'warning':12} {'alarm':12}"


@dataclass(frozen=True, slots=True)
class Replayed:
    """One case and one walk of it."""

    case: Case
    walk: Walk

    @property
    def lead(self) -> int | None:
        """Days from the first warning or alarm to the onset; None for controls and when none came by then."""
        warned = self.walk.first(Level.WARNING)
        return (self.case.last - warned).days if warned and not self.case.control else None

    @property
    def doubtful(self) -> bool:
        """Whether the lead is no longer than the onset may be wrong."""
        return self.lead is not None and self.lead <= self.case.tolerance

    @property
    def whole(self) -> bool:
        """Whether a warning or alarm stood already when the walk began."""
        return self.walk.first(Level.WARNING) == self.walk.stretch.first

    @property
    def within(self) -> Level:
        """The highest level that stood in the window of a control; at the onset of a case."""
        window = self.case.window
        return self.walk.highest(window.start if window else self.case.last, self.case.last)

    @property
    def false_alarm(self) -> bool:
        """Whether a warning or alarm stood in the window of a control."""
        return self.case.control and self.within.step >= Level.WARNING.step

    @property
    def tested(self) -> bool:
        """Whether it tests anything: words of a control with too few signs do not."""
        return self.walk.given == "forecast" or self.case.testable


@dataclass(frozen=True, slots=True)
class Replays:
    """The three results."""

    forecast: tuple[Replayed, ...]
    signs: tuple[Replayed, ...]
    drawn: tuple[Walk, ...]


def replayed(case: Case) -> tuple[Replayed, Replayed]:
    """One case without and with its signs."""
    alone = walk(Stretch.of(case), None, material())
    return Replayed(case, alone), Replayed(case, walk(Stretch.of(case), case.signs, material()))


def walks_of_drawn() -> tuple[Walk, ...]:
    """The walks of the periods drawn."""
    return tuple(walk(stretch, None, material()) for stretch in drawn(material()))


@cache
def replays() -> Replays:
    """All three; the shipped table, past forecasts, policy and cases do not change while a process runs."""
    pairs = [replayed(case) for case in cases()]
    return Replays(tuple(a for a, _ in pairs), tuple(b for _, b in pairs), walks_of_drawn())


def row(found: Replayed) -> dict[str, Any]:
    """A line for machines."""
    onset = None if found.case.control else found.case.last.isoformat()
    return {
        "case": found.case.id,
        "inputs": found.walk.given.value,
        "control": found.case.control,
        "onset": onset,
        **_firsts(found.walk),
        "lead_days": found.lead,
        "used": found.walk.used,
        "withheld": found.walk.withheld,
    }


def drawn_row(found: Walk) -> dict[str, Any]:
    """A line for machines of a period drawn, with its days."""
    return {
        "case": found.stretch.id,
        "inputs": found.given.value,
        "control": True,
        "onset": None,
        **_firsts(found),
        "lead_days": None,
        "used": found.used,
        "withheld": found.withheld,
        "iso3": found.stretch.iso3,
        "from": found.stretch.first.isoformat(),
        "to": found.stretch.last.isoformat(),
    }


def lines_of_all(found: Replays) -> Iterator[str]:
    """The three tables, each under its heading."""
    yield from lines_of(HEADS["forecast"], found.forecast)
    yield from ("", *lines_of(HEADS["signs"], found.signs), "")
    yield from lines_of_drawn(found.drawn)
    yield from ("", *LIMITS)


def lines_of(head: str, found: Sequence[Replayed]) -> Iterator[str]:
    """One table of cases, then of controls."""
    yield from (head, "")
    yield f"{'case':9} {'onset':11} {_WORDS} {'lead, days':>10}  at the onset"
    for each in (r for r in found if not r.case.control):
        lead = "none" if each.lead is None else f"{each.lead}{'~' if each.doubtful else ''}"
        yield f"{each.case.id:9} {each.case.last!s:11} {_dates(each.walk)} {lead:>10}  {each.within}"
    yield from (
        "",
        f"{'control':9} {'window to':11} {_WORDS} in the window",
    )
    for each in (r for r in found if r.case.control):
        yield f"{each.case.id:9} {each.case.last!s:11} {_dates(each.walk)} {judged(each)}"
    yield from ("", summary(found))


def lines_of_drawn(found: Sequence[Walk]) -> Iterator[str]:
    """The table of the periods drawn."""
    yield from (HEADS["drawn"], "")
    yield f"{'period':9} {'to':11} {_WORDS} place and years"
    for each in found:
        yield f"{each.stretch.id:9} {each.stretch.last!s:11} {_dates(each)} {each.stretch.name}"
    yield from ("", drawn_summary(found))


def judged(found: Replayed) -> str:
    """A control in words."""
    if not found.tested:
        return f"not testable: {found.walk.used} signs, {ENOUGH_SIGNS} are needed"
    return f"{'FALSE ALARM, ' if found.false_alarm else ''}{found.within}"


def summary(found: Sequence[Replayed]) -> str:
    """What one table says, counted."""
    positive = [r for r in found if not r.case.control]
    warned = [r for r in positive if r.lead]
    tested = [r for r in found if r.case.control and r.tested]
    false = sum(r.false_alarm for r in tested)
    still = sum(r.within.step >= Level.WARNING.step for r in warned)
    return (
        f"{len(warned)} of {len(positive)} cases reached warning or above before the onset: "
        f"{sum(r.whole for r in warned)} stood there when the walk began, {still} at the onset. "
        f"{false} of {len(tested)} controls stood there in their window."
    )


def drawn_summary(found: Sequence[Walk]) -> str:
    """What the draw says, counted."""
    false = sum(w.first(Level.WARNING) is not None for w in found)
    return f"{false} of {len(found)} periods without an onset stood at warning or above on any day."


def shown(walked: Walk, level: Level) -> str:
    """The first day at a level or above, marked when it is the first of the walk; "-" for none."""
    day = walked.first(level)
    return "-" if day is None else f"{day}{'*' if day == walked.stretch.first else ''}"


def _dates(walked: Walk) -> str:
    return " ".join(f"{shown(walked, level):12}" for level in (Level.RISK, Level.WARNING, Level.ALARM))


def _firsts(walked: Walk) -> dict[str, str | None]:
    days = {level: walked.first(level) for level in (Level.RISK, Level.WARNING, Level.ALARM)}
    return {f"first_{level}": _iso(day) for level, day in days.items()}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
