"""The public record of sealed monthly forecasts: misses first, and the scores by horizon and year of issue.

The event is `LEVEL` or more killed in the window. The rank is that of its chance among the countries of the
run and horizon, the base rate their mean chance; the verdicts are those of the yearly record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from tocsin import scores
from tocsin.clock import Period
from tocsin.evaluation.monthly_outcome import SealedMonth, Stands
from tocsin.evaluation.outcome import could_have_seen
from tocsin.evaluation.verdict import FIRST, MODEL, Verdict, points
from tocsin.evaluation.verdict import scored as verdict_of
from tocsin.forecasting import levels
from tocsin.forecasting.monthly import DIGITS, LEVELS, NAMED

Floats = NDArray[np.float64]

LEVEL = 25
TAIL = 1.0
"""Beyond the highest issued level chances are taken to fall as 1 / level."""

STEP = 1.05
"""The ratio of the levels over which the CRPS is summed; its error is under a twentieth."""

LEAST = 0.5 * 10.0**-DIGITS
"""Chances are issued to six places: 0 is read as half of the last place, so that a log loss is finite."""


@dataclass(frozen=True, slots=True)
class Issued:
    """The issued distribution of one forecast: P(deaths >= level) by level, and the rivals' for NAMED."""

    p_ge: Mapping[str, float]
    baselines: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class JudgedMonth:
    """One sealed monthly forecast with its verdict; `rank` of `of` countries, whose mean chance is `mean`."""

    forecast: SealedMonth
    verdict: Verdict
    outcome: Stands | None
    rank: int
    of: int
    mean: float


@dataclass(frozen=True, slots=True)
class MonthFinding:
    """Forecasts of one country and window that share a verdict, as one line.

    `total` says whether the window is one of several months. Pairs are lowest and highest: months ahead, days
    of issue, ranks, chances and mean chances of LEVEL or more.
    """

    iso3: str
    window: Period
    total: bool
    forecasts: int
    ahead: tuple[int, int]
    issued: tuple[date, date]
    rank: tuple[int, int]
    probability: tuple[float, float]
    base_rate: tuple[float, float]
    deaths: int
    dataset: str


@dataclass(frozen=True, slots=True)
class MonthScores:
    """Mean scores of one forecaster over `n` forecasts.

    `crps` is in deaths, from the exceedances at all issued levels (of rivals only `crps_named` exists: from
    the four levels of NAMED). `brier` and `log_loss` are by level.
    """

    n: int
    crps: float
    crps_named: float
    brier: dict[str, float]
    log_loss: dict[str, float]


@dataclass(frozen=True, slots=True)
class MonthTally:
    """Counts of scored forecasts by verdict; `events` are distinct countries and windows of LEVEL or more."""

    scored: int
    events: int
    misses: int
    hits: int
    false_alarms: int
    quiet: int
    scores: dict[str, MonthScores]


@dataclass(frozen=True, slots=True)
class MonthCard:
    """One horizon: what was sealed, what is scored, open or late, all and by year of issue."""

    horizon: str
    sealed: int
    open: int
    late: int
    all: MonthTally
    years: dict[int, MonthTally]


@dataclass(frozen=True, slots=True)
class MonthRecord:
    """The record of months: misses first."""

    misses: tuple[MonthFinding, ...]
    hits: tuple[MonthFinding, ...]
    false_alarms: tuple[MonthFinding, ...]
    cards: tuple[MonthCard, ...]
    corrections: int
    first: int = FIRST
    level: int = LEVEL


def months_judged(
    asked: Iterable[SealedMonth], sealed: Mapping[str, datetime], standing: Mapping[str, Stands]
) -> list[JudgedMonth]:
    """Every sealed monthly forecast with its verdict, in an order that the inputs alone decide."""
    runs: dict[tuple[str, str], list[SealedMonth]] = defaultdict(list)
    for one in asked:
        if one.run in sealed:
            runs[one.run, one.horizon].append(one)
    found = []
    for (run, _), own in runs.items():
        chance = np.array([one.chance for one in own])
        mean = round(float(chance.mean()), DIGITS)
        ranks = 1 + np.searchsorted(np.sort(-chance), -chance, side="left")
        for one, rank in zip(own, ranks.tolist(), strict=True):
            stands = standing.get(one.id)
            said = _verdict(one, stands, sealed[run], points(rank, one.chance, mean))
            found.append(JudgedMonth(one, said, stands, rank, len(own), mean))
    return sorted(
        found, key=lambda r: (r.forecast.as_of, *order(r.forecast.horizon), r.rank, r.forecast.iso3)
    )


def order(horizon: str) -> tuple[bool, int]:
    """Single months first, then totals, the nearest first."""
    return horizon.startswith("sum"), int(horizon.removeprefix("sum"))


def month_record(rows: Sequence[JudgedMonth], issued: Mapping[str, Issued], corrections: int) -> MonthRecord:
    """The record of all sealed monthly forecasts; `issued` holds the distributions of the scored ones."""
    cards: dict[str, list[JudgedMonth]] = defaultdict(list)
    for row in rows:
        cards[row.forecast.horizon].append(row)
    return MonthRecord(
        month_findings(rows, Verdict.MISS),
        month_findings(rows, Verdict.HIT),
        month_findings(rows, Verdict.FALSE_ALARM),
        tuple(_card(horizon, cards[horizon], issued) for horizon in sorted(cards, key=order)),
        corrections,
    )


def month_findings(rows: Iterable[JudgedMonth], wanted: Verdict) -> tuple[MonthFinding, ...]:
    """The forecasts with one verdict, newest windows first; then misses by rank, others by chance."""
    groups: dict[tuple[str, Period, bool], list[JudgedMonth]] = defaultdict(list)
    for row in rows:
        if row.verdict is wanted:
            f = row.forecast
            groups[f.iso3, f.window, order(f.horizon)[0]].append(row)
    found = [_finding(*key, group) for key, group in groups.items()]

    def place(f: MonthFinding) -> tuple[object, ...]:
        worst = -f.rank[1] if wanted is Verdict.MISS else -f.probability[1]
        return -f.window.end.toordinal(), f.window.start, f.total, worst, f.iso3

    return tuple(sorted(found, key=place))


def scored(row: JudgedMonth) -> bool:
    """Whether it has an outcome that it is compared with."""
    return row.outcome is not None and row.verdict is not Verdict.LATE


def _verdict(one: SealedMonth, stands: Stands | None, sealed: datetime, pointed: bool) -> Verdict:
    if could_have_seen(one.window, sealed):
        return Verdict.LATE
    if stands is None:
        return Verdict.OPEN
    return verdict_of(stands.deaths >= LEVEL, pointed)


def _finding(iso3: str, window: Period, total: bool, group: Sequence[JudgedMonth]) -> MonthFinding:
    newest = group[-1].outcome
    assert newest is not None
    forecasts = [row.forecast for row in group]
    ahead, first = [order(f.horizon)[1] for f in forecasts], [f.as_of.date() for f in forecasts]
    ranks, chances, means = (
        [r.rank for r in group], [f.chance for f in forecasts], [r.mean for r in group]
    )  # fmt: skip
    return MonthFinding(
        iso3,
        window,
        total,
        len(group),
        (min(ahead), max(ahead)),
        (min(first), max(first)),
        (min(ranks), max(ranks)),
        (min(chances), max(chances)),
        (min(means), max(means)),
        newest.deaths,
        newest.dataset,
    )


def _card(horizon: str, rows: Sequence[JudgedMonth], issued: Mapping[str, Issued]) -> MonthCard:
    years: dict[int, list[JudgedMonth]] = defaultdict(list)
    for row in filter(scored, rows):
        years[row.forecast.as_of.year].append(row)
    tallies = {year: _tally(years[year], _scores(years[year], issued)) for year in sorted(years)}
    whole = _together([tally.scores for tally in tallies.values()])
    return MonthCard(
        horizon,
        sealed=len(rows),
        open=sum(row.verdict is Verdict.OPEN for row in rows),
        late=sum(row.verdict is Verdict.LATE for row in rows),
        all=_tally([row for year in sorted(years) for row in years[year]], whole),
        years=tallies,
    )


def _tally(rows: Sequence[JudgedMonth], found: dict[str, MonthScores]) -> MonthTally:
    counted = {wanted: sum(row.verdict is wanted for row in rows) for wanted in Verdict}
    events = {(r.forecast.iso3, r.forecast.window) for r in rows if r.outcome and r.outcome.deaths >= LEVEL}
    return MonthTally(
        len(rows),
        len(events),
        counted[Verdict.MISS],
        counted[Verdict.HIT],
        counted[Verdict.FALSE_ALARM],
        counted[Verdict.QUIET],
        found,
    )


def _together(parts: Sequence[Mapping[str, MonthScores]]) -> dict[str, MonthScores]:
    """The scores over all parts: every score is a mean over forecasts."""
    out = {}
    for who in dict.fromkeys(name for part in parts for name in part):
        own = [part[who] for part in parts if who in part]
        n = [one.n for one in own]
        out[who] = MonthScores(
            sum(n),
            float(np.average([one.crps for one in own], weights=n)),
            float(np.average([one.crps_named for one in own], weights=n)),
            {str(k): float(np.average([one.brier[str(k)] for one in own], weights=n)) for k in NAMED},
            {str(k): float(np.average([one.log_loss[str(k)] for one in own], weights=n)) for k in NAMED},
        )
    return out


def _scores(rows: Sequence[JudgedMonth], issued: Mapping[str, Issued]) -> dict[str, MonthScores]:
    """The model, and every rival on the forecasts it was issued beside."""
    told = [issued[row.forecast.id] for row in rows]
    y = np.array([float(row.outcome.deaths) for row in rows if row.outcome])
    p = np.array([[one.p_ge[str(n)] for n in LEVELS] for one in told])
    named = [LEVELS.index(n) for n in NAMED]
    out = {MODEL: _score(p[:, named], y, carried_crps(p, LEVELS, y))}
    for rival in sorted({name for one in told for name in one.baselines}):
        use = [i for i, one in enumerate(told) if rival in one.baselines]
        q = np.array([[told[i].baselines[rival][str(n)] for n in NAMED] for i in use])
        out[rival] = _score(q, y[use], None)
    return out


def _score(p: Floats, y: Floats, crps: Floats | None) -> MonthScores:
    hits, safe = y[:, None] >= np.array(NAMED), np.clip(p, LEAST, 1 - LEAST)
    pairs = [(str(n), p[:, k], safe[:, k], hits[:, k].astype(np.float64)) for k, n in enumerate(NAMED)]
    return MonthScores(
        len(y),
        float("nan") if crps is None else float(crps.mean()),
        float(carried_crps(p, NAMED, y).mean()),
        {n: scores.brier(chance, hit) for n, chance, _, hit in pairs},
        {n: scores.log_score(chance, hit) for n, _, chance, hit in pairs},
    )


def carried_crps(p: Floats, at: Sequence[int], y: Floats) -> Floats:
    """CRPS (n,) in deaths of exceedances p (n, m) issued at some levels, against deaths y (n,).

    Between two levels the log of the exceedance is taken as linear in that of the level (`levels.spread`).
    """
    issued = np.asarray(at, dtype=np.float64)
    top = 10 * max(float(y.max(initial=0.0)), float(LEVELS[-1]))
    fine = np.unique(np.round(STEP ** np.arange(np.log(top) / np.log(STEP) + 1)))
    fine = np.union1d(fine, issued)
    return levels.crps(levels.spread(p, issued, fine, TAIL), fine, y)
