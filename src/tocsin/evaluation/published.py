"""The public record as lines for people, as JSON and as rows: the same record gives the same bytes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from tocsin.errors import UnknownId
from tocsin.evaluation.lines import HEADS, columns, number, place_name, span
from tocsin.evaluation.monthly_published import month_lines
from tocsin.evaluation.outcome import judged_by
from tocsin.evaluation.record import Card, Finding, Judged, Record, Tally
from tocsin.evidence import canonical
from tocsin.forecasting.outcomes import outcome

COUNTS = ("scored", "events", "misses", "hits", "year begun", "false alarms", "quiet")


def as_json(record: Record) -> dict[str, Any]:
    """The record as plain values, misses first. What has no meaning is null, an infinite score "infinite"."""
    told: dict[str, Any] = _plain(asdict(record))
    return told


def as_lines(record: Record) -> Iterator[str]:
    """The record for a reader: what was sealed, misses, hits, false alarms, scores."""
    yield "Sealed forecasts, and what then happened"
    yield from _head(record)
    for name, head in HEADS.items():
        found: Sequence[Finding] = getattr(record, name)
        yield from ("", f"{head} ({len(found)})")
        yield from [_line(one) for one in found] or ["none among the scored forecasts"]
    for card in record.cards:
        yield from ("", *_card(card))
    yield from ("", "Forecasts of one event, day after day, are counted each; events are counted once.")
    if record.months:
        yield from ("", *month_lines(record.months))


def as_rows(rows: Iterable[Judged]) -> Iterator[dict[str, Any]]:
    """One flat row for every sealed forecast, its verdict and its outcome; rivals and figures are JSON."""
    for row in rows:
        f, out = row.forecast, row.outcome
        yield {
            "forecast": f.id,
            "run": f.run,
            "outcome": f.outcome,
            "months": f.horizon_months,
            "iso3": f.iso3,
            "issued": f.as_of.date().isoformat(),
            "window_start": f.window.start.isoformat(),
            "window_end": f.window.end.isoformat(),
            "judged_by": " ".join(map(str, judged_by(f.window))),
            "probability": f.probability,
            "base_rate": f.base_rate,
            "rank": f.rank,
            "of": f.of,
            "rivals": canonical(f.baselines),
            "verdict": row.verdict.value,
            "occurred": "" if out is None else int(out.occurred),
            "figures": canonical(out.figures) if out else "",
            "dataset": out.dataset if out else "",
            "known": str(out.known) if out else "",
            "outcome_row": out.id if out else "",
            "replaces": out.replaces if out else "",
        }


def label(key: str) -> str:
    """What an outcome is, in words; the key itself when the table does not hold it any more."""
    try:
        return outcome(key).label
    except UnknownId:
        return key


def counts(t: Tally) -> tuple[int, ...]:
    """The counts of a tally, in the order of `COUNTS`."""
    return t.scored, t.events, t.misses, t.hits, t.begun, t.false_alarms, t.quiet


def _head(record: Record) -> Iterator[str]:
    sealed, waiting = sum(c.sealed for c in record.cards), sum(c.open for c in record.cards)
    late, scored = sum(c.late for c in record.cards), sum(c.all.scored for c in record.cards)
    if not record.seals:
        yield "nothing was sealed yet; run: tocsin run"
        return
    yield (
        f"seals     {record.seals}, from {record.first_sealed[:10]} to {record.last_sealed[:10]}; "
        f"newest link {record.head}"
    )
    yield f"sealed    {sealed} forecasts: {scored} scored, {waiting} open, {late} sealed too late to compare"
    yield f"corrected {record.corrections} outcomes, after a later revision of their table"
    yield (
        f"pointed   a forecast points at a place that is among the first {record.first} of its run and not "
        "below the base rate"
    )


def _line(one: Finding) -> str:
    count = f"{one.forecasts} forecast{'s' * (one.forecasts != 1)} issued {span(one.issued)}"
    figures = ", ".join(f"{year}: {value:g}" for year, value in one.figures.items())
    return (
        f"{span((one.years[0], one.years[-1]))}  {one.iso3} {place_name(one.iso3)}: {label(one.outcome)}, "
        f"{one.months} months: rank {span(one.rank)}, probability {span(one.probability, ' %')}, base rate "
        f"{span(one.base_rate, ' %')}; {count}; figures {figures}"
    )


def _card(card: Card) -> Iterator[str]:
    yield f"{label(card.outcome)}, {card.months} months: {card.sealed} sealed, {card.open} open"
    if card.next_known:
        yield f"the next figures can be had from {card.next_known} on"
    if not card.all.scored:
        return
    parts = [("all", card.all), *((str(year), tally) for year, tally in card.years.items())]
    yield columns("issued", "", COUNTS)
    for name, tally in parts:
        yield columns(name, "", map(str, counts(tally)))
    yield columns("issued", "forecaster", ("n", "Brier", "log score", "skill"))
    for name, tally in parts:
        for who, s in tally.scores.items():
            yield columns(name, who, (str(s.n), number(s.brier), number(s.log_score), number(s.skill)))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "infinite"
    return value
