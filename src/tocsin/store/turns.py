"""A turn in the home: how it begins, what it made, its report, and how it is written whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tocsin.alarms.alarm import Alarm, AlarmState, Decision, Level, NearMiss
from tocsin.assessment.belief import Assessment, Uncertainty
from tocsin.clock import now
from tocsin.evaluation.monthly_outcome import MonthlyOutcome
from tocsin.evaluation.outcome import Outcome
from tocsin.forecasting.forecast import Forecast
from tocsin.forecasting.parts import MonthsMade
from tocsin.response.engagement import Engagement
from tocsin.signals.coded import CodedRecord, unread
from tocsin.signals.endpoint.beside import Beside
from tocsin.signals.figures import Figure
from tocsin.signals.held import Standing
from tocsin.signals.rules.lexicon import languages
from tocsin.signals.signal import Relevance, Signal, TimeStatus
from tocsin.sources.record import Record
from tocsin.store.home import Home, open_home
from tocsin.store.lock import writing
from tocsin.store.models import TurnRow
from tocsin.store.sealing import kinds_of
from tocsin.store.withdrawing import Withdrawing


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every row of a turn bears: the run's id, the instant it looks from, when it was made."""

    run: str
    as_of: datetime
    recorded: datetime
    replay: bool


@dataclass(frozen=True, slots=True)
class MonthsScored:
    """Outcomes of monthly forecasts that a turn met, and the state of the events by which it looked."""

    state: str = ""
    outcomes: tuple[MonthlyOutcome, ...] = ()

    @property
    def account(self) -> dict[str, Any]:
        """What the report says of it."""
        corrected = sum(bool(one.replaces) for one in self.outcomes)
        return {"state": self.state, "new": len(self.outcomes), "corrected": corrected}


@dataclass(frozen=True, slots=True)
class Turn:
    """All that one turn made."""

    stamp: Stamp
    coded: Sequence[CodedRecord]
    signals: Sequence[Signal]
    forecasts: Sequence[Forecast]
    manifest: Mapping[str, Any]
    assessments: Sequence[Assessment]
    decisions: Sequence[Decision]
    near: Sequence[NearMiss]
    beside: Beside = field(default_factory=Beside)
    figures: Sequence[Figure] = ()
    late: Sequence[Standing] = ()
    outcomes: Sequence[Outcome] = ()
    months: MonthsMade = field(default_factory=MonthsMade)
    months_scored: MonthsScored = field(default_factory=MonthsScored)


def begin(home: Home, as_of: datetime, replay: bool, recorded: datetime) -> tuple[Stamp, Home]:
    """The stamp of a new turn and where it writes: the home itself, or a replay's own folder inside it."""
    at = recorded.strftime("%Y%m%dT%H%M%S%f")
    if not replay:
        return Stamp(f"live-{at}", as_of, recorded, replay), home
    run = f"replay-{as_of:%Y%m%d}-{at}"
    return Stamp(run, as_of, recorded, replay), open_home(home.folder / "replays" / run, run)


def kept(
    view: Home, stamp: Stamp, version: str, records: Iterable[Record]
) -> tuple[list[CodedRecord], list[Signal], list[Figure]]:
    """What that version of the coder has read in these records until now."""
    standing = {record.id for record in records}
    tables = (
        view.lake.read(table, stamp.as_of, undated=not stamp.replay, where={"coder_version": version})
        for table in ("coded", "signals", "figures")
    )
    coded, signals, figures = ([row for row in rows if row.record in standing] for rows in tables)
    return coded, signals, figures


def finish(
    view: Home,
    turn: Turn,
    propose: Callable[[], Sequence[Alarm]],
    back: Withdrawing,
    followed: tuple[Sequence[Engagement], Mapping[str, str]],
) -> dict[str, Any]:
    """Write a turn: what it made into the lake, then its report, alarms and seal in one ledger transaction.

    `propose` is asked under the writer's lock, so that no act and no other turn comes between what stands and
    what is proposed. What rests on records taken back says so (`back`).

    `followed` is what is due, and the health of the sources. A turn killed between the two
    stores has no row in the ledger and is seen by nobody.
    """
    made: dict[str, Sequence[Any]] = {
        "coded": [*(c for c in turn.coded if c.run == turn.stamp.run), *turn.beside.coded],
        "signals": [*(s for s in turn.signals if s.run == turn.stamp.run), *turn.beside.signals],
        "figures": [f for f in turn.figures if f.run == turn.stamp.run],
        "forecasts": turn.forecasts,
        "outcomes": turn.outcomes,
        "monthly": turn.months.forecasts,
        "parts": turn.months.parts,
        "monthly_outcomes": turn.months_scored.outcomes,
        "assessments": turn.assessments,
        "decisions": turn.decisions,
    }
    written = view.lake.write(made, f"turn {turn.stamp.run}")
    with writing(view.lock, f"turn {turn.stamp.run}"):
        alarms = back.said(propose())
        newest = {a.id: a for a in [*view.ledger.alarms(), *alarms]}.values()
        waiting = sum(a.state is AlarmState.PROPOSED for a in newest)
        body = report(turn, followed, alarms) | {"written": dict(written), "waiting": waiting}
        body |= {"withdrawn": back.account(newest)}
        row = TurnRow(
            run=turn.stamp.run,
            replay=turn.stamp.replay,
            as_of=turn.stamp.as_of.astimezone(UTC).replace(tzinfo=None),
            ended=now().replace(tzinfo=None),
            generation=view.lake.generation().number,
            body=body,
        )
        seals = {kind: made[kind] for kind in kinds_of(body)}
        view.ledger.add_turn(row, [*alarms, *turn.near], seals, turn.stamp.recorded)
    return body


def previous_decisions(view: Home, as_of: datetime) -> dict[str, Decision]:
    """The decisions of the newest finished turn that did not look from later than `as_of`, by place."""
    for turn in view.ledger.turns(limit=50):
        if turn.as_of.replace(tzinfo=UTC) <= as_of:
            found = view.lake.read("decisions", as_of, where={"run": turn.run})
            return {d.iso3: d for d in found}
    return {}


def report(
    turn: Turn, followed: tuple[Sequence[Engagement], Mapping[str, str]], alarms: Sequence[Alarm]
) -> dict[str, Any]:
    """The report of a turn, JSON-able: what was read, levels, proposals, and what is not seen."""
    due, health = followed
    stamp = turn.stamp
    present = [s for s in turn.signals if s.time is TimeStatus.PRESENT and s.indicator]
    return {
        "run": stamp.run,
        "replay": stamp.replay,
        "as_of": stamp.as_of.isoformat(),
        "started": stamp.recorded.isoformat(),
        "ended": now().isoformat(),
        "coder_version": turn.coded[0].coder_version if turn.coded else "",
        "records": len(turn.coded),
        "stories": len({c.story for c in turn.coded}),
        "unread_languages": unread(turn.coded, languages()),
        "relevant_records": sum(c.relevance is not Relevance.NONE for c in turn.coded),
        "signals": len(turn.signals),
        "present_signals": len(present),
        "places_with_present_signals": sorted({s.iso3 for s in present if s.iso3}),
        "casualty_figures": len(turn.figures),
        "casualty_figures_late": [_late(stand) for stand in turn.late],
        "forecasts": len(turn.forecasts),
        "outcomes": len(turn.outcomes),
        "outcomes_corrected": sum(bool(o.replaces) for o in turn.outcomes),
        "figures_known": dict(turn.forecasts[0].features_known) if turn.forecasts else {},
        "manifest": turn.forecasts[0].manifest if turn.forecasts else "",
        "forecast_settings": dict(turn.manifest),
        "months": dict(turn.months.account),
        "month_outcomes": turn.months_scored.account,
        "places": len(turn.assessments),
        "no_data": [a.iso3 for a in turn.assessments if a.no_data],
        "without_words": sum(a.coverage.records == 0 for a in turn.assessments),
        "levels": _levels(turn.decisions),
        "uncertain": _uncertain(turn.assessments),
        "set_aside": {a.iso3: told for a in turn.assessments if (told := _flood(a))},
        "held": [d.iso3 for d in turn.decisions if d.held],
        "alarms": [_line(a) for a in alarms],
        "near_misses": len(turn.near),
        "due": [{"id": e.id, "iso3": e.iso3, "body": e.body, "role": e.role} for e in due],
        "beside": turn.beside.account,
        "sources_down": {source: why for source, why in health.items() if why},
    }


def _uncertain(beliefs: Sequence[Assessment]) -> dict[str, list[str]]:
    """The places of each uncertainty above the usual."""
    return {
        u.value: [a.iso3 for a in beliefs if a.uncertainty is u]
        for u in (Uncertainty.HIGH, Uncertainty.RAISED)
        if any(a.uncertainty is u for a in beliefs)
    }


def _flood(belief: Assessment) -> str:
    """What of a flood was set aside in any reading of a place; empty when nothing was."""
    return next((r.set_aside for r in belief.readings if r.set_aside), "")


def _levels(decisions: Sequence[Decision]) -> dict[str, list[str]]:
    counted = Counter(d.level for d in decisions)
    return {level.value: [d.iso3 for d in decisions if d.level is level] for level in Level if counted[level]}


def _late(stand: Standing) -> dict[str, Any]:
    """A figure held too long without a reason: where, of what kind, by whom; not the number."""
    figure = stand.figure
    since = stand.since.date().isoformat() if stand.since else ""
    return {"id": figure.id, "iso3": figure.iso3, "kind": figure.kind, "by": stand.by, "since": since}


def _line(alarm: Alarm) -> dict[str, Any]:
    return {
        "id": alarm.id,
        "iso3": alarm.iso3,
        "level": alarm.level.value,
        "state": alarm.state.value,
        "rule": alarm.rule,
        "first_crossing": alarm.first_crossing.isoformat(),
        "sentences": list(alarm.sentences),
    }
