"""The public record of months as lines for people and as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tocsin.evaluation.lines import HEADS, columns, number, place_name, span
from tocsin.evaluation.monthly_record import (
    JudgedMonth,
    MonthCard,
    MonthFinding,
    MonthRecord,
    MonthScores,
    MonthTally,
)
from tocsin.forecasting.monthly import NAMED

COUNTS = ("scored", "events", "misses", "hits", "false alarms", "quiet")
SHOWN = ("1", "3", "6", "12", "24", "36", "sum3", "sum6", "sum12")
"""Horizons that are printed; every one is in the JSON."""

SCORES = ("n", "CRPS", "CRPS of 4", *(f"Brier {n}" for n in NAMED), *(f"log {n}" for n in NAMED))


def month_lines(record: MonthRecord) -> Iterator[str]:
    """The record of months for a reader: what was sealed, misses, hits, false alarms, scores."""
    yield "Sealed months, and what then happened: civilians killed in one-sided violence"
    yield from _head(record)
    for name, head in HEADS.items():
        found: Sequence[MonthFinding] = getattr(record, name)
        yield from ("", f"{head} ({len(found)})")
        yield from [_line(one) for one in found] or ["none among the scored forecasts"]
    shown = shown_cards(record)
    if shown:
        yield from ("", *_counts(shown), "", *_scores(shown))
        yield "CRPS in deaths, from all issued levels; CRPS of 4 from 1, 25, 100, 1,000, all that rivals have"
    yield from ("", "One event is forecast many times; forecasts are counted each, events once.")


def month_rows(rows: Iterable[JudgedMonth]) -> Iterator[dict[str, Any]]:
    """One flat row for every sealed monthly forecast, its verdict and its outcome."""
    for row in rows:
        f, out = row.forecast, row.outcome
        yield {
            "forecast": f.id,
            "run": f.run,
            "iso3": f.iso3,
            "horizon": f.horizon,
            "issued": f.as_of.date().isoformat(),
            "window_start": f.window.start.isoformat(),
            "window_end": f.window.end.isoformat(),
            "p_ge_25": f.chance,
            "mean_of_countries": row.mean,
            "rank": row.rank,
            "of": row.of,
            "verdict": row.verdict.value,
            "deaths": "" if out is None else out.deaths,
            "dataset": out.dataset if out else "",
            "outcome_row": out.id if out else "",
            "replaces": out.replaces if out else "",
        }


def shown_cards(record: MonthRecord) -> list[MonthCard]:
    """The cards of the horizons that are printed, of which something was scored."""
    return [card for card in record.cards if card.horizon in SHOWN and card.all.scored]


def horizon_name(horizon: str) -> str:
    """A horizon in words: the month so many ahead, or the total of several."""
    return f"next {horizon[3:]} months" if horizon.startswith("sum") else f"month {horizon}"


def parts_of(card: MonthCard) -> list[tuple[str, MonthTally]]:
    """All, then each year of issue."""
    return [("all", card.all), *((str(year), tally) for year, tally in card.years.items())]


def counts(t: MonthTally) -> tuple[int, ...]:
    """The counts of a tally, in the order of `COUNTS`."""
    return t.scored, t.events, t.misses, t.hits, t.false_alarms, t.quiet


def cells(s: MonthScores) -> tuple[str, ...]:
    """The scores of one forecaster, in the order of `SCORES`."""
    by_level = [number(of[str(n)]) for of in (s.brier, s.log_loss) for n in NAMED]
    return str(s.n), number(s.crps), number(s.crps_named), *by_level


def _head(record: MonthRecord) -> Iterator[str]:
    sealed, waiting = sum(c.sealed for c in record.cards), sum(c.open for c in record.cards)
    late, done = sum(c.late for c in record.cards), sum(c.all.scored for c in record.cards)
    if not sealed:
        yield "no monthly forecast was sealed yet; months need event data: tocsin gather ucdp"
        return
    yield f"sealed    {sealed} forecasts: {done} scored, {waiting} open, {late} sealed too late to compare"
    yield f"corrected {record.corrections} outcomes, after a later release"
    yield (
        f"pointed   the chance of {record.level} or more is among the first {record.first} countries of its "
        "run and horizon and not below their mean (base rate)"
    )


def _line(one: MonthFinding) -> str:
    window = f"{one.window.start:%Y-%m}" + (f" to {one.window.end:%Y-%m}" if one.total else "")
    count = f"{one.forecasts} forecast{'s' * (one.forecasts != 1)} issued {span(one.issued)}"
    ahead = "" if one.total else f", {span(one.ahead)} months ahead"
    return (
        f"{window}  {one.iso3} {place_name(one.iso3)}: {one.deaths:,} killed; chance of 25 or more "
        f"{span(one.probability, ' %')}, rank {span(one.rank)}, base rate {span(one.base_rate, ' %')}; "
        f"{count}{ahead}; {one.dataset}"
    )


def _counts(shown: Sequence[MonthCard]) -> Iterator[str]:
    yield columns("issued", "", COUNTS)
    for card in shown:
        for name, tally in parts_of(card):
            yield columns(name, horizon_name(card.horizon), map(str, counts(tally)))


def _scores(shown: Sequence[MonthCard]) -> Iterator[str]:
    for card in shown:
        yield horizon_name(card.horizon)
        yield columns("issued", f"{'forecaster':19}", SCORES, 11)
        for name, tally in parts_of(card):
            for who, s in tally.scores.items():
                yield columns(name, f"{who:19}", cells(s), 11)
