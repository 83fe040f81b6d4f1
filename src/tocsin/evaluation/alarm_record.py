"""The public record of alarms: what began without one first, then every issued alarm with its outcome.

A *beginning* is a new mass killing or the first year with 1,000 or more civilians killed (by the yearly
table, to the year), or 100 or more killed within three months after a quiet year (by gathered events, to the
month). It was *met* when an alarm of warning or above was in force there on its first day. One known to a
year in which such an alarm was first issued is of the *same year*: nobody can say which came first. All
others are *misses*.

An alarm is judged by the 24 months after it was first issued; of years, by those of which at least half lies
in them and by that of the issue, in which nobody can say what came first. What is not known yet is open and
never counted as nothing. A cancelled alarm stays in the record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

import numpy as np

from tocsin.alarms.alarm import Alarm, AlarmState, Level, Signature
from tocsin.alarms.expert import by_hand
from tocsin.clock import Period, add_months
from tocsin.evaluation.beginnings import YEARS_MONTHS, Ground
from tocsin.evaluation.outcome import HALF, judged_by
from tocsin.forecasting.window import year_shares

DAY = timedelta(days=1)
K = TypeVar("K", int, str)


class Ending(StrEnum):
    """What became of an issued alarm."""

    BORNE_OUT = "borne out"
    SAME_YEAR = "same year"
    WENT_ON = "went on"
    FALSE = "false alarm"
    OPEN = "open"


class Met(StrEnum):
    """How a beginning stood to the alarms."""

    MISSED = "missed"
    SAME_YEAR = "same year"
    MET = "met"


@dataclass(frozen=True, slots=True)
class Beginning:
    """One beginning, told by the year or month; `lead` is in days, from when an alarm stood unbroken."""

    iso3: str
    began: date
    told: str
    met: Met
    lead: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One revision as it may be public: no name and no person's words. `by` says who could make it."""

    on: date
    state: str
    level: str
    by: str


@dataclass(frozen=True, slots=True)
class Told:
    """An issued alarm, from its first issue to what became of it. `lead` is in days, if borne out.

    `state` is that of its newest revision, "lapsed" for one that no turn has expired yet.
    """

    id: str
    iso3: str
    rule: str
    level: str
    highest: str
    issued: date
    until: date
    state: str
    steps: tuple[Step, ...]
    ending: Ending
    began: date | None
    lead: int | None
    signers: int
    dissents: int
    override: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of alarms by outcome. `lead` is the median of those borne out, in days."""

    issued: int
    borne_out: int
    same_year: int
    went_on: int
    false: int
    open: int
    lead: float | None

    @property
    def per_true(self) -> float | None:
        """False alarms per one borne out; None without one."""
        return self.false / self.borne_out if self.borne_out else None


@dataclass(frozen=True, slots=True)
class AlarmRecord:
    """The record, misses first. `first` is the day of the first turn, `as_of` the newest; None before one.

    `beginnings` counts them by the year they began in. `proposals` are the alarms that were proposed,
    `refused` and `unsigned` those that people refused and those that lapsed without being issued,
    `near_misses` the rules that nearly fired.
    """

    misses: tuple[Beginning, ...]
    same_year: tuple[Beginning, ...]
    met: tuple[Beginning, ...]
    alarms: tuple[Told, ...]
    all: Tally
    years: Mapping[int, Tally]
    rules: Mapping[str, Tally]
    beginnings: Mapping[int, Mapping[str, int]]
    proposals: int
    refused: int
    unsigned: int
    near_misses: int
    overrides: int
    dissents: int
    first: date | None
    as_of: date | None
    datasets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What the ledger holds of live turns: every revision by alarm (oldest first) and its signatures."""

    histories: Sequence[Sequence[Alarm]]
    signatures: Mapping[str, Sequence[Signature]]
    near_misses: int
    first: date | None
    as_of: date | None


@dataclass(frozen=True, slots=True)
class Happened:
    """What then happened: by the year and, where events were gathered, by the month."""

    years: Ground | None = None
    months: Ground | None = None
    datasets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Force:
    """Days on which an alarm of warning or above was in force in one place, both ends included."""

    start: date
    end: date


def alarm_record(kept: Kept, happened: Happened) -> AlarmRecord:
    """The record of one home. The same inputs give the same record."""
    issued = [h for h in kept.histories if any(a.state.public for a in h)]
    alarms = sorted((_told(h, kept, happened) for h in issued), key=lambda t: (t.issued, t.iso3, t.id))
    found = sorted(_beginnings(kept, happened), key=lambda b: (b.began, b.told, b.iso3), reverse=True)
    states = Counter(_how_it_ended(h) for h in kept.histories)
    return AlarmRecord(
        tuple(b for b in found if b.met is Met.MISSED),
        tuple(b for b in found if b.met is Met.SAME_YEAR),
        tuple(b for b in found if b.met is Met.MET),
        tuple(reversed(alarms)),
        _tally(alarms),
        _by(alarms, lambda t: t.issued.year),
        _by(alarms, lambda t: t.rule),
        {y: _counts(b for b in found if b.began.year == y) for y in sorted({b.began.year for b in found})},
        len(kept.histories),
        states["refused"],
        states["unsigned"],
        kept.near_misses,
        sum(t.override for t in alarms),
        sum(t.dissents for t in alarms),
        kept.first,
        kept.as_of,
        happened.datasets,
    )


def in_force(histories: Iterable[Sequence[Alarm]], least: Level = Level.WARNING) -> dict[str, list[Force]]:
    """By place, the days on which an alarm of a level or above was in force; stretches that touch are one."""
    found: dict[str, list[Force]] = {}
    for history in histories:
        for part, level in _parts(history):
            if level.step >= least.step:
                found.setdefault(history[0].iso3, []).append(part)
    return {iso3: _joined(parts) for iso3, parts in found.items()}


def _parts(history: Sequence[Alarm]) -> Iterator[tuple[Force, Level]]:
    """Each issued revision with the days it was in force: to its last day, the next issue or its end."""
    for n, one in enumerate(history):
        if not one.state.public:
            continue
        start, last = one.recorded.date(), one.in_force_until or one.expires
        ended = (a.recorded.date() for a in history[n + 1 :] if a.state.public or not a.in_force)
        yield Force(start, max(start, min(last, next(ended, last)))), one.level


def _joined(parts: Iterable[Force]) -> list[Force]:
    out: list[Force] = []
    for part in sorted(parts, key=lambda p: (p.start, p.end)):
        if out and part.start <= out[-1].end + DAY:
            out[-1] = Force(out[-1].start, max(out[-1].end, part.end))
        else:
            out.append(part)
    return out


def _beginnings(kept: Kept, happened: Happened) -> Iterator[Beginning]:
    """Everything that began while the home kept watch."""
    if kept.first is None:
        return
    force = in_force(kept.histories)
    for iso3, began in _begun(happened.years):
        watched = Period(kept.first, max(kept.first, date(began.year, 12, 31)))
        if year_shares(watched).get(began.year, 0.0) >= HALF:
            yield _beginning(iso3, began, "year", force.get(iso3, []))
    for iso3, began in _begun(happened.months):
        if began >= kept.first:
            yield _beginning(iso3, began, "month", force.get(iso3, []))


def _beginning(iso3: str, began: date, told: str, force: Sequence[Force]) -> Beginning:
    standing = next((f for f in force if f.start <= began <= f.end), None)
    if standing:
        return Beginning(iso3, began, told, Met.MET, (began - standing.start).days)
    same = told == "year" and any(f.start.year == began.year for f in force)
    return Beginning(iso3, began, told, Met.SAME_YEAR if same else Met.MISSED, None)


def _begun(ground: Ground | None) -> Iterator[tuple[str, date]]:
    if ground is None:
        return
    for place, period in np.argwhere(ground.begins).tolist():
        yield ground.places[place], ground.starts[period]


def _told(history: Sequence[Alarm], kept: Kept, happened: Happened) -> Told:
    issues = [a for a in history if a.state.public]
    first, newest = issues[0], history[-1]
    ending, began = _ending(first, happened)
    signed, until = kept.signatures.get(first.id, ()), max(part.end for part, _ in _parts(history))
    lapsed = newest.state.public and kept.as_of is not None and until < kept.as_of
    return Told(
        id=first.id,
        iso3=first.iso3,
        rule=first.rule,
        level=first.level.value,
        highest=max((a.level for a in issues), key=lambda level: level.step).value,
        issued=first.recorded.date(),
        until=until,
        state="lapsed" if lapsed else newest.state.value,
        steps=tuple(Step(a.recorded.date(), a.state.value, a.level.value, _by_whom(a)) for a in history),
        ending=ending,
        began=began,
        lead=(began - first.recorded.date()).days if began and ending is Ending.BORNE_OUT else None,
        signers=len({s.signer for s in signed if s.consents}),
        dissents=sum(not s.consents for s in signed),
        override=any(_overridden(a) for a in issues),
    )


def _by_whom(alarm: Alarm) -> str:
    """Who moved it, by kind and not by name."""
    if alarm.state is AlarmState.PROPOSED:
        return "an expert" if by_hand(alarm) else "a rule"
    if alarm.state is AlarmState.EXPIRED:
        return "its last day"
    if alarm.state.public:
        return "one signer, by override" if _overridden(alarm) else "two signers"
    return "a person"


def _overridden(alarm: Alarm) -> bool:
    return alarm.state.public and alarm.why.startswith("override by ")


def _ending(issued: Alarm, happened: Happened) -> tuple[Ending, date | None]:
    """What became of a place after an alarm was first issued there, and what began."""
    day = issued.recorded.date()
    window = Period(day + DAY, add_months(day + DAY, YEARS_MONTHS) - DAY)
    told = [b for iso3, b in _begun(happened.months) if iso3 == issued.iso3]
    month = next((b for b in told if window.start <= b <= window.end), None)
    years = happened.years
    if years is None or issued.iso3 not in years.places:
        return (Ending.BORNE_OUT, month) if month else (Ending.OPEN, None)
    p, asked = years.places.index(issued.iso3), range(day.year, max(judged_by(window)) + 1)
    at = [n for n, start in enumerate(years.starts) if start.year in asked]
    begun = [years.starts[n] for n in at if years.begins[p, n]]
    later = next((b for b in begun if b.year > day.year), None)
    if month and (later is None or month.year <= later.year):
        return Ending.BORNE_OUT, month
    if begun:
        return (Ending.BORNE_OUT, later) if later else (Ending.SAME_YEAR, begun[0])
    if len(at) < len(asked) or not years.known[p, at].all():
        return Ending.OPEN, None
    return (Ending.WENT_ON if years.under_way[p, at[0]] else Ending.FALSE), None


def _how_it_ended(history: Sequence[Alarm]) -> str:
    """Of an alarm that was never issued: refused, unsigned, or waiting; "issued" otherwise."""
    if any(a.state.public for a in history):
        return "issued"
    if history[-1].state is AlarmState.REFUSED:
        return "refused"
    return "unsigned" if history[-1].state is AlarmState.EXPIRED else "waiting"


def _by(alarms: Sequence[Told], key: Callable[[Told], K]) -> dict[K, Tally]:
    return {of: _tally([t for t in alarms if key(t) == of]) for of in sorted({key(t) for t in alarms})}


def _tally(alarms: Sequence[Told]) -> Tally:
    n = Counter(t.ending for t in alarms)
    leads = [t.lead for t in alarms if t.lead is not None]
    return Tally(
        len(alarms),
        n[Ending.BORNE_OUT],
        n[Ending.SAME_YEAR],
        n[Ending.WENT_ON],
        n[Ending.FALSE],
        n[Ending.OPEN],
        float(np.median(leads)) if leads else None,
    )


def _counts(found: Iterable[Beginning]) -> dict[str, int]:
    n = Counter(b.met for b in found)
    return {how.value: n[how] for how in Met}
