"""Casualty figures of one country as data for its page: beside each other, never summed, never averaged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from tocsin.clock import Period
from tocsin.signals.figures import Figure
from tocsin.signals.held import Standing, State
from tocsin.signals.signal import Relevance

SPEAKERS = {"unknown": "nobody named", "state": "a state body", "witness": "witnesses", "ngo": "an NGO"}


@dataclass(frozen=True, slots=True)
class Said:
    """One figure as the page shows it; of a held one neither number nor words.

    `at` is the day, month or year when it happened, or "" when the words do not say.
    """

    id: str
    record: str
    state: str
    kind: str
    number: str
    whom: str
    claimant: str
    claimant_kind: str
    denied: bool
    part: bool
    place: str
    at: str
    quote: str
    source: str
    published: str
    held_by: str = ""
    held_since: str = ""
    reason: str = ""
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    """The figures of what happened in one month, or, where the words name no date, were published in it."""

    name: str
    figures: tuple[Said, ...]


def months(standings: Iterable[Standing], on: date) -> tuple[Month, ...]:
    """Figures by the month they are about, newest first; those of one event stand together.

    A figure whose own words name no day goes with the others of its story, when these name one month.
    Figures of records that tell of no risk at all are left out (an epidemic, an accident).
    """
    kept = [s for s in standings if s.figure.relevance is not Relevance.NONE]
    named: dict[str, set[str]] = {}
    for stand in kept:
        if stand.figure.happened:
            named.setdefault(stand.figure.story, set()).add(_when(stand.figure.happened)[:7])
    by_month: dict[str, list[Standing]] = {}
    for stand in kept:
        by_month.setdefault(_month(stand.figure, named), []).append(stand)
    return tuple(
        Month(_spelled(month), tuple(_said(s, on) for s in sorted(by_month[month], key=_together)))
        for month in sorted(by_month, reverse=True)
    )


def number(figure: Figure) -> str:
    """The figure in words: "at least 30", "20 to 30", "up to 50", "about 300"."""
    low, best, high = figure.low, figure.best, figure.high
    if high is None:
        return f"at least {low:,}"
    if low == high:
        return f"{best:,}" if best else "none"
    if low == 0:
        return f"up to {high:,}"
    about = (best * 9 // 10, -(-best * 11 // 10))
    return f"about {best:,}" if (low, high) == about else f"{low:,} to {high:,}"


def _said(stand: Standing, on: date) -> Said:
    f, held = stand.figure, stand.state is State.HELD
    what = f.victims or ("" if f.unit == "people" else f.unit)
    return Said(
        id=f.id,
        record=f.record,
        state=str(stand.state),
        kind=f.kind,
        number="" if held else number(f),
        whom=what,
        claimant="" if held else f.claimant,
        claimant_kind=SPEAKERS.get(f.claimant_kind, f.claimant_kind),
        denied=f.denied,
        part=f.part,
        place=f.place,
        at=_when(f.happened),
        quote="" if held else f.quote,
        source=f.origin,
        published=str(f.published or ""),
        held_by=stand.by,
        held_since=stand.since.date().isoformat() if stand.since else "",
        reason=stand.reason,
        overdue=stand.overdue(on),
    )


def _month(figure: Figure, named: Mapping[str, Collection[str]]) -> str:
    if figure.happened:
        return _when(figure.happened)[:7]
    told = named.get(figure.story, ())
    return next(iter(told)) if len(told) == 1 else str(figure.published or "")[:7]


def _spelled(month: str) -> str:
    if not month:
        return "without a date"
    return f"{date.fromisoformat(f'{month}-01'):%B %Y}" if len(month) == 7 else month


def _when(period: Period | None) -> str:
    if period is None:
        return ""
    width = {"year": 4, "month": 7}.get(str(period.precision), 10)
    return period.start.isoformat()[:width]


def _together(stand: Standing) -> tuple[str, str, str, int]:
    return (stand.figure.story, stand.figure.kind, stand.figure.record, stand.figure.start)
