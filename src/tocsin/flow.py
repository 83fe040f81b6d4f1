"""One turn of the watch: gather, code, assess, warn, follow. The page to read first.

gather   sources  -> records and events    (with an account of every row)
code     records  -> signals               (each with its quoted words)
assess   figures, signals, forecasts -> a belief about every place, with what is not seen
warn     beliefs  -> levels and proposals  (people issue, a turn only proposes)
follow   issued alarms -> what is due, of whom; sealed forecasts -> what then happened
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tocsin.alarms import watch
from tocsin.alarms.alarm import Alarm, Decision
from tocsin.alarms.everywhere import decide_everywhere
from tocsin.alarms.policy import policy
from tocsin.assessment.everywhere import Material, assess_everywhere
from tocsin.clock import now
from tocsin.errors import FetchFailed, HomeError, SourceStopped, UserError
from tocsin.net import GuardedFetcher
from tocsin.response.follow import due, last_answer
from tocsin.settings import settings
from tocsin.signals.coded import CodedRecord, coded
from tocsin.signals.figures import Figure
from tocsin.signals.held import overdue
from tocsin.signals.signal import Coder, Signal
from tocsin.sources.contract import Gathered, Request, SourceReport, Tally, merged
from tocsin.sources.feeds import source as source_named
from tocsin.sources.record import Record
from tocsin.store.beside import read_beside
from tocsin.store.corrections import tables
from tocsin.store.flows import watched
from tocsin.store.forecast_record import ForecastRecord
from tocsin.store.home import Home
from tocsin.store.monthly import events_of, months_of
from tocsin.store.monthly_record import MonthlyRecord
from tocsin.store.pages import ready
from tocsin.store.surroundings import surroundings
from tocsin.store.turns import MonthsScored, Stamp, Turn, begin, finish, kept, previous_decisions
from tocsin.store.withdrawing import Withdrawing

Say = Callable[[str], None]
NETWORK = ("ucdp", "feeds", "gdelt")


@dataclass(frozen=True, slots=True)
class Gathering:
    """One run of one source: its account, and how many rows were new in each table."""

    report: SourceReport
    written: Mapping[str, int]


def gather(home: Home, name: str, request: Request) -> Gathering:
    """Read one source into the lake, step by step; each step is written whole or not at all.

    What fails stops this source alone, is written down, and is returned; the steps before it stand.
    """
    done, new = list[SourceReport](), Counter[str]()
    with home.lake.workshop() as folder:
        steps = source_named(name).read(ready(home, name, request, folder))
        while (step := _next(name, steps)) is not None:
            written = _write(home, name, step)
            home.sources.add(request.recorded, step.report, written, step.validators, step.cursor)
            new.update(written)
            done.append(step.report)
            if step.report.stopped:
                break
    return Gathering(merged(name, done), dict(new))


def gather_subscribed(home: Home, say: Say) -> None:
    """Read the sources that the settings name for every turn; none by default."""
    chosen = settings()
    for name in chosen.sources:
        fetch = GuardedFetcher.from_environment(chosen.offline)
        request = Request((), None, None, now(), chosen.offline, fetch)
        report = gather(home, name, request).report
        say(f"gather {name}: {report.used} used" + (f", stopped: {report.stopped}" if report.stopped else ""))


def turn(
    home: Home, as_of: datetime, replay: bool, say: Say, offline: bool = False, *, at: datetime | None = None
) -> dict[str, Any]:
    """One turn as of an instant; a replay is kept apart. Returns the report, written with all it rests on.

    `at` is when the turn is made: now, unless a rehearsal gives it.
    """
    from tocsin.forecasting.issue import issue
    from tocsin.forecasting.panel import load_panel

    stamp, view = begin(home, as_of, replay, at or now())
    say("code: what the records claim")
    seen, signals, figures = code(home, view, stamp)
    second = read_beside(home, view, stamp, seen, offline)
    back = Withdrawing(home, view, min(stamp.as_of, stamp.recorded))
    late = [] if replay else overdue(figures, home.figure_acts.known(stamp.recorded), as_of.date())
    say("assess: forecasts and the factors of every place")
    panel, eyes = load_panel(), watched(home, view, stamp, seen)
    issued = issue(panel, as_of, stamp.run, stamp.recorded)
    material = Material(panel, issued.forecasts, *back.words(seen, signals), eyes.health, eyes)
    before = previous_decisions(view, as_of)
    followed = {*before, *(a.iso3 for a in view.ledger.alarms() if a.state.open or a.in_force)}
    beliefs = assess_everywhere(material, as_of, stamp.run, stamp.recorded, followed)
    say("warn: levels and proposals")
    decisions, near = decide_everywhere(beliefs, before, surroundings(view, as_of, before))
    say("follow: what is due")
    waiting = due(view.ledger.engagements(), as_of.date())
    known = [] if replay else ForecastRecord(home).arrived(stamp, panel)
    events = events_of(home, stamp, panel)
    then = MonthsScored() if replay else MonthlyRecord(home).arrived(stamp, events)
    assessed = [b.assessment for b in beliefs]
    rows = (seen, signals, issued.forecasts, issued.manifest, assessed, decisions, near, second)
    made = Turn(stamp, *rows, figures, late, known, months_of(home, stamp, events), then)
    return finish(view, made, lambda: propose(view, stamp, decisions), back, (waiting, eyes.health))


def code(home: Home, view: Home, stamp: Stamp) -> tuple[list[CodedRecord], list[Signal], list[Figure]]:
    """Code the records this coder has not read yet; what was read from a replaced record no longer counts."""
    from tocsin.signals.coder import HybridCoder
    from tocsin.signals.make import figures_of, signals_of
    from tocsin.signals.stories import Told, tell

    coder: Coder = HybridCoder()
    records: list[Record] = home.lake.read("records", stamp.as_of, undated=not stamp.replay)
    seen, signals, figures = kept(view, stamp, coder.version, records)
    told = {c.record: Told(c.copy or c.story, c.story) for c in seen}
    placed = tell(records, [(r, told[r.id]) for r in records if r.id in told])
    for record in (r for r in records if r.id not in told):
        reading, at = coder.code(record), (placed[record.id], stamp.run, stamp.recorded)
        seen.append(coded(record, reading, placed[record.id], (coder.name, coder.version), stamp.run))
        signals += signals_of(record, reading, *at, coder=coder)
        figures += figures_of(record, reading, *at, coder=coder)
    return seen, signals, figures


def propose(view: Home, stamp: Stamp, decisions: Sequence[Decision]) -> list[Alarm]:
    """The revisions of this turn: levels that cross or last are put before people; what is over expires."""
    told = {d.iso3: d for d in decisions}
    by_place: dict[str, list[Alarm]] = defaultdict(list)
    for alarm in view.ledger.alarms():
        by_place[alarm.iso3].append(alarm)
    moved: list[Alarm] = []
    for iso3 in sorted({*told, *by_place}):
        standing = watch.standing_alarm(by_place[iso3])
        put = _put(view, told[iso3], standing) if iso3 in told else None
        rest = [a for a in by_place[iso3] if put is None or a.id != put.id]
        moved += [over for a in rest if (over := watch.expire(a, stamp.as_of, stamp.recorded))]
        moved += [put] if put else []
    return moved


def _put(view: Home, decision: Decision, standing: Alarm | None) -> Alarm | None:
    """What a decision puts before people, knowing when somebody last answered the alarm that stands."""
    answered = None
    if standing is not None:
        asked = view.ledger.engagements(alarm=standing.id)
        answered = last_answer(view.ledger.signatures(standing.id), asked)
    return watch.propose(decision, standing, policy(), answered=answered)


def _next(name: str, steps: Iterator[Gathered]) -> Gathered | None:
    """The next step; one that could not even begin is a step that stopped."""
    tally = Tally(name)
    with _bounded(name, tally):
        return next(steps, None)
    return Gathered(name, tally)


def _write(home: Home, name: str, step: Gathered) -> Mapping[str, int]:
    """Write what a step yields: how many rows were new in each table; nothing when it stopped."""
    with _bounded(name, step.tally):
        return home.lake.write(tables(home.lake, step), f"gather {name}", step.slices, step.tally.take)
    return {}


@contextmanager
def _bounded(name: str, tally: Tally) -> Iterator[None]:
    """One of the two boundaries: a fault of one source is written into its account and stops no other."""
    try:
        yield
    except HomeError:
        raise
    except (SourceStopped, FetchFailed, UserError) as e:
        tally.stop(str(e))
    except Exception as e:
        logging.getLogger("tocsin").exception("the source %s has a fault of its own", name)
        tally.stop(f"a fault of the source's own: {type(e).__name__}: {e}")
