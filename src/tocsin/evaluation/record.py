"""The public record of sealed forecasts: misses first, then hits, then false alarms, and the scores of all.

What these words mean stands in `evaluation.verdict`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from tocsin import scores
from tocsin.evaluation.monthly_record import MonthRecord
from tocsin.evaluation.outcome import Outcome, Sealed, Table, could_have_seen, known_from
from tocsin.evaluation.verdict import BASE, FIRST, MODEL, Verdict, points, scored
from tocsin.evidence.sealing import Seal
from tocsin.forecasting import outcomes


@dataclass(frozen=True, slots=True)
class Judged:
    """One sealed forecast with its verdict, and its outcome where it has one."""

    forecast: Sealed
    verdict: Verdict
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Finding:
    """Forecasts of one outcome, horizon, place and judged years that share a verdict, as one line.

    Pairs are lowest and highest: days of issue, ranks, probabilities, base rates. `figures` are those of the
    judged years; `inside` is the smallest part of a judged year that lies in a window.
    """

    outcome: str
    months: int
    iso3: str
    years: tuple[int, ...]
    forecasts: int
    issued: tuple[date, date]
    rank: tuple[int, int]
    probability: tuple[float, float]
    base_rate: tuple[float, float]
    inside: float
    figures: dict[str, float]
    dataset: str


@dataclass(frozen=True, slots=True)
class Scores:
    """Proper scores of one forecaster over `n` forecasts; `skill` is 1 - Brier / Brier of the base rate."""

    n: int
    brier: float
    log_score: float
    skill: float


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of scored forecasts by verdict; `events` are distinct places and years in which it happened.

    `begun` are the hits in a year that had begun when the forecast was issued: a yearly table cannot say
    whether the event came before it or after.
    """

    scored: int
    events: int
    misses: int
    hits: int
    begun: int
    false_alarms: int
    quiet: int
    scores: dict[str, Scores]


@dataclass(frozen=True, slots=True)
class Card:
    """One outcome and horizon: what was sealed, what is scored, open or late, all and by year of issue.

    `late` forecasts were sealed after their window began and are never compared. `next_known` is the day on
    which the figures for the open window that ends first can be had, None when nothing is open.
    """

    outcome: str
    months: int
    sealed: int
    open: int
    late: int
    next_known: date | None
    all: Tally
    years: dict[int, Tally]


@dataclass(frozen=True, slots=True)
class Record:
    """The record: misses first. `head` is the newest link of the chain of seals, to compare with later.

    `months` is the record of the monthly forecasts.
    """

    misses: tuple[Finding, ...]
    hits: tuple[Finding, ...]
    false_alarms: tuple[Finding, ...]
    cards: tuple[Card, ...]
    corrections: int
    seals: int
    head: str
    first_sealed: str
    last_sealed: str
    first: int = FIRST
    months: MonthRecord | None = None


def pointed(one: Sealed) -> bool:
    """Whether the forecast told a reader to look here: among the first, and not below the base rate."""
    return points(one.rank, one.probability, one.base_rate)


def verdict(one: Sealed, outcome: Outcome | None, sealed: datetime) -> Verdict:
    """How the forecast stands to what then happened."""
    if could_have_seen(one.window, sealed):
        return Verdict.LATE
    if outcome is None:
        return Verdict.OPEN
    return scored(outcome.occurred, pointed(one))


def judged(
    asked: Iterable[Sealed], sealed: Mapping[str, datetime], standing: Mapping[str, Outcome]
) -> list[Judged]:
    """Every sealed forecast with its verdict, in an order that the inputs alone decide."""
    told = [one for one in asked if one.run in sealed]
    told.sort(key=lambda f: (f.as_of, f.outcome, f.horizon_months, f.rank, f.iso3, f.id))
    return [Judged(f, verdict(f, standing.get(f.id), sealed[f.run]), standing.get(f.id)) for f in told]


def public_record(rows: Sequence[Judged], seals: Sequence[Seal], corrections: int, table: Table) -> Record:
    """The record of all sealed forecasts. The same inputs give the same record."""
    times = [one.recorded for one in seals]
    return Record(
        findings(rows, Verdict.MISS),
        findings(rows, Verdict.HIT),
        findings(rows, Verdict.FALSE_ALARM),
        tuple(_card(key, found, table) for key, found in sorted(_by_question(rows).items())),
        corrections,
        len(seals),
        seals[-1].chain if seals else "",
        times[0] if times else "",
        times[-1] if times else "",
    )


def findings(rows: Iterable[Judged], wanted: Verdict) -> tuple[Finding, ...]:
    """The forecasts with one verdict, newest years first; then misses by rank, others by probability."""
    groups: dict[tuple[str, int, str, tuple[int, ...]], list[Judged]] = defaultdict(list)
    for row in rows:
        if row.verdict is wanted and row.outcome:
            f = row.forecast
            groups[f.outcome, f.horizon_months, f.iso3, row.outcome.years].append(row)
    found = [_finding(group) for group in groups.values()]

    def order(f: Finding) -> tuple[object, ...]:
        worst = -f.rank[1] if wanted is Verdict.MISS else -f.probability[1]
        return -max(f.years), f.outcome, f.months, worst, f.iso3, f.years

    return tuple(sorted(found, key=order))


def _finding(group: Sequence[Judged]) -> Finding:
    forecasts, newest = [row.forecast for row in group], group[-1].outcome
    assert newest is not None
    first, ranks = [f.as_of.date() for f in forecasts], [f.rank for f in forecasts]
    chances, rates = [f.probability for f in forecasts], [f.base_rate for f in forecasts]
    return Finding(
        newest.outcome,
        forecasts[0].horizon_months,
        newest.iso3,
        newest.years,
        len(group),
        (min(first), max(first)),
        (min(ranks), max(ranks)),
        (min(chances), max(chances)),
        (min(rates), max(rates)),
        min(row.outcome.inside for row in group if row.outcome),
        {str(year): newest.figures[str(year)] for year in newest.years},
        newest.dataset,
    )


def _by_question(rows: Iterable[Judged]) -> dict[tuple[str, int], list[Judged]]:
    found: dict[tuple[str, int], list[Judged]] = defaultdict(list)
    for row in rows:
        found[row.forecast.outcome, row.forecast.horizon_months].append(row)
    return found


def _card(key: tuple[str, int], rows: Sequence[Judged], table: Table) -> Card:
    waiting = [row.forecast.window for row in rows if row.verdict is Verdict.OPEN]
    spec = {spec.key: spec for spec in outcomes.load_outcomes()}.get(key[0])
    soonest = min(waiting, key=lambda window: window.end, default=None)
    years: dict[int, list[Judged]] = defaultdict(list)
    for row in rows:
        if row.outcome and row.verdict is not Verdict.LATE:
            years[row.forecast.as_of.year].append(row)
    return Card(
        *key,
        sealed=len(rows),
        open=len(waiting),
        late=sum(row.verdict is Verdict.LATE for row in rows),
        next_known=known_from(spec, soonest, table) if soonest and spec else None,
        all=_tally([row for year in sorted(years) for row in years[year]]),
        years={year: _tally(years[year]) for year in sorted(years)},
    )


def _tally(rows: Sequence[Judged]) -> Tally:
    counted = {wanted: sum(row.verdict is wanted for row in rows) for wanted in Verdict}
    events = {(row.forecast.iso3, year) for row in rows if row.outcome for year in row.outcome.met}
    return Tally(
        len(rows),
        len(events),
        counted[Verdict.MISS],
        counted[Verdict.HIT],
        sum(_begun(row) for row in rows),
        counted[Verdict.FALSE_ALARM],
        counted[Verdict.QUIET],
        _scores(rows),
    )


def _begun(row: Judged) -> bool:
    met = row.outcome.met if row.outcome and row.verdict is Verdict.HIT else ()
    return bool(met) and min(met) <= row.forecast.as_of.year


def _scores(rows: Sequence[Judged]) -> dict[str, Scores]:
    """The model, the base rate, and every rival on the forecasts it was issued beside."""
    if not rows:
        return {}
    y = np.array([float(row.outcome is not None and row.outcome.occurred) for row in rows])
    base = np.array([row.forecast.base_rate for row in rows])
    out = {
        MODEL: _score(np.array([row.forecast.probability for row in rows]), y, base),
        BASE: _score(base, y, base),
    }
    for rival in sorted({name for row in rows for name in row.forecast.baselines}):
        p = np.array([row.forecast.baselines.get(rival, np.nan) for row in rows])
        use = ~np.isnan(p)
        out[rival] = _score(p[use], y[use], base[use])
    return out


def _score(p: NDArray[np.float64], y: NDArray[np.float64], base: NDArray[np.float64]) -> Scores:
    return Scores(len(y), scores.brier(p, y), scores.log_score(p, y), scores.brier_skill(p, y, base))
