"""The page of named cases: three tables, and a time line for each walk; a higher level is a higher step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tocsin.alarms.alarm import Level
from tocsin.evaluation.replay import Walk
from tocsin.evaluation.replay_told import (
    LIMITS,
    Replayed,
    drawn_summary,
    judged,
    replays,
    shown,
    summary,
)

HEIGHT, STEP = 40, 8
DRAWN = (Level.RISK, Level.WARNING, Level.ALARM)


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of days at one level: from its day on (counted from the first), for so many days."""

    level: str
    x: int
    width: int
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Line:
    """A time line. `mark` is the day of the onset, or the first of the window; `told` says it in words."""

    first: date
    last: date
    days: int
    bars: tuple[Bar, ...]
    mark: int | None
    told: str


@dataclass(frozen=True, slots=True)
class Row:
    """One walk: `days` are the first days at risk, warning and alarm, "-" for none."""

    id: str
    name: str
    iso3: str
    when: str
    days: tuple[str, ...]
    lead: str
    end: str
    line: Line


@dataclass(frozen=True, slots=True)
class Table:
    """Cases and controls with one kind of input, and what they say counted."""

    cases: tuple[Row, ...]
    controls: tuple[Row, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class View:
    """The three results; nothing is said over them."""

    forecast: Table
    signs: Table
    drawn: tuple[Row, ...]
    drawn_summary: str
    limits: tuple[str, ...] = LIMITS


def view() -> View:
    """What the page shows; made once a process, from what is shipped."""
    found = replays()
    drawn = tuple(_row(w, str(w.stretch.last), "", w.steps[-1].level.value, None) for w in found.drawn)
    return View(_table(found.forecast), _table(found.signs), drawn, drawn_summary(found.drawn))


def line(walk: Walk, mark: date | None) -> Line:
    """The time line of a walk. The lowest level has a bar too, so that a day without one would be seen."""
    first, last = walk.stretch.first, walk.stretch.last
    days = (last - first).days + 1
    starts = [step for step, before in walk.moves() if before is None or before.level is not step.level]
    ends = [(step.day - first).days for step in starts[1:]] + [days]
    bars = tuple(_bar(s.level, (s.day - first).days, end) for s, end in zip(starts, ends, strict=True))
    told = ", ".join(f"{step.level} from {step.day}" for step in starts)
    return Line(first, last, days, bars, (mark - first).days if mark else None, told)


def _bar(level: Level, start: int, end: int) -> Bar:
    height = STEP * level.step or 2
    return Bar(level.value, start, end - start, HEIGHT - height, height)


def _table(found: Iterable[Replayed]) -> Table:
    every = tuple(found)
    return Table(
        tuple(_told(r) for r in every if not r.case.control),
        tuple(_told(r) for r in every if r.case.control),
        summary(every),
    )


def _told(found: Replayed) -> Row:
    case = found.case
    if case.window:
        when = f"{case.window.start} to {case.window.end}"
        return _row(found.walk, when, "", judged(found), case.window.start)
    lead = "none came" if found.lead is None else f"{found.lead} days{'~' if found.doubtful else ''}"
    return _row(found.walk, str(case.last), lead, found.within.value, case.last)


def _row(walk: Walk, when: str, lead: str, end: str, mark: date | None) -> Row:
    days = tuple(shown(walk, level) for level in DRAWN)
    name = walk.stretch.name
    return Row(walk.stretch.id, name, walk.stretch.iso3, when, days, lead, end, line(walk, mark))
