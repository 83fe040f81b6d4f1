"""An expert's judgement on a home: its evidence looked up, and the proposal written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocsin.alarms import watch
from tocsin.alarms.alarm import Alarm, Decision, Level
from tocsin.alarms.expert import Judgement
from tocsin.alarms.lint import lint_reason
from tocsin.alarms.measure import in_group
from tocsin.alarms.policy import policy
from tocsin.assessment.words import standing
from tocsin.clock import as_of_end, now, today
from tocsin.errors import NotAllowed, UnknownId
from tocsin.geography import country
from tocsin.signals.signal import Signal
from tocsin.signals.stories import independent_origins
from tocsin.store.desk import Desk
from tocsin.store.home import Home
from tocsin.store.lock import writing

TABLES = {"rec-": "records", "sig-": "signals", "forecast-": "forecasts", "dec-": "decisions"}
"""What may be named as evidence: how its ids begin, and where it lies."""


class Raising:
    """The act by which a named person puts a place of a live home before people where no rule fires."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def propose(self, iso3: str, level: str, expert: str, reason: str, evidence: Sequence[str]) -> str:
        """Open or raise the alarm of a place as a proposal. Says what came of it.

        `evidence` are ids of this home about the place. Raises UnknownId for a place, level, user or evidence
        that is not there, NotAllowed for what was taken back, is of another place or may not be raised.
        """
        place, reason = country(iso3).iso3, " ".join(reason.split())
        if level not in {at.value for at in policy().expert.expires_days}:
            raise UnknownId("level for experts", level, [at.value for at in policy().expert.expires_days])
        known = [name for name, _ in self._home.ledger.users()]
        if expert not in known:
            raise UnknownId("user (tocsin users add NAME)", expert, known)
        lint_reason(reason)
        ids = tuple(dict.fromkeys(id.strip() for id in evidence if id.strip()))
        with writing(self._home.lock, f"an act of {expert}"):
            judged = _Evidence(self._home, place, ids).judged(Level(level), expert, reason)
            made = watch.by_expert(judged, self._history(place), policy(), now())
            self._home.ledger.add(made)
        missing = watch.lacks(made)
        rest = f"; two signers do not issue it: {missing}" if missing else ""
        return f"{made.id} is proposed at {made.level.value}, until {made.expires}; it waits for people{rest}"

    def _history(self, place: str) -> list[Alarm]:
        stands = watch.standing_alarm([a for a in self._home.ledger.alarms() if a.iso3 == place])
        return self._home.ledger.alarms(stands.id) if stands else []


class _Evidence:
    """What was named as evidence about a place, and what it supports in the newest turn."""

    def __init__(self, home: Home, place: str, ids: tuple[str, ...]) -> None:
        self._home, self._desk, self._place, self._ids = home, Desk(home), place, ids
        self._claims = {s.id: s for s in self._desk.signals(place)}

    def judged(self, level: Level, expert: str, reason: str) -> Judgement:
        """The judgement on this evidence; a record stands for its claims about the place too."""
        named = [id for given in self._ids for id in self._found(given)]
        decision = next((d for d in self._desk.decisions() if d.iso3 == self._place), None)
        return Judgement(
            iso3=self._place,
            level=level,
            expert=expert,
            reason=reason,
            evidence=tuple(dict.fromkeys(named)),
            origins=self._origins(named, decision),
            forecast_rule=bool(decision and decision.forecast_rule),
            unknowns=decision.unknowns if decision else (),
            run=decision.run if decision else "live",
        )

    def _origins(self, named: Sequence[str], decision: Decision | None) -> int:
        """Independent origins of present grave words, or those of the newest decision where it is named."""
        counted = decision.origins if decision and decision.id in named else 0
        claims = [self._claims[id] for id in named if id in self._claims]
        grave = policy().groups["grave"]
        for assessment in self._desk.assessments(self._place):
            counted = max(counted, independent_origins(in_group(grave, claims, assessment)))
        return counted

    def _found(self, id: str) -> list[str]:
        """One id, checked: of a corrected claim that of its correction, of a record its claims as well."""
        row = self._row(id)
        record = id if id.startswith("rec-") else getattr(row, "record", "")
        if back := self._desk.withdrawing.taken.get(record):
            raise NotAllowed(f"{id} cannot be evidence: {back}")
        if getattr(row, "iso3", self._place) != self._place:
            raise NotAllowed(f"{id} cannot be evidence: it is about {row.iso3}, not {self._place}")
        if isinstance(row, Signal) and not standing([row]):
            raise NotAllowed(f"{id} cannot be evidence: a reviewer took it back")
        if id != record:
            return [str(row.id)]
        return [id, *(s.id for s in standing(list(self._claims.values())) if s.record == id)]

    def _row(self, id: str) -> Any:
        if id in self._claims:
            return self._claims[id]
        table = next((name for start, name in TABLES.items() if id.startswith(start)), "")
        upto = as_of_end(today())
        rows = self._home.lake.read(table, upto, undated=True, where={"id": id}) if table else []
        if not rows:
            raise UnknownId("evidence (a record, claim, forecast or decision of this home)", id, ())
        read = self._desk.signals(record=rows[0].record) if table == "signals" else []
        return next((s for s in read if id in (s.id, s.replaces)), rows[0])
