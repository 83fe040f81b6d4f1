"""Every score of one or two forecast files on the same rows, with intervals by resampling entities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tocsin import scores
from tocsin.evaluation.bootstrap import Draws, interval, ranked
from tocsin.evaluation.columns import Floats
from tocsin.evaluation.compared import Compared, Slice, slices
from tocsin.evaluation.forecast_file import LEVELS
from tocsin.evaluation.grouping import Group, groups, top_share

TOPS = (10, 20, 30)
BINS = 10
DIFFERENCE = "difference"
RELATIVE = frozenset({"brier", "log_score", "crps", "interval_score_50", "interval_score_90"})
"""Scores of which 0 is perfect, so that the one over the other says how much is left."""
WHOLE = 0.0
"""Stands for the threshold of a score of the whole distribution."""
CENTRAL = ((50, 24, 74), (90, 4, 94))
"""Central intervals in percent, and the places of their ends among q01..q99."""
Measured = dict[str, Floats]
"""Values of a measure: the estimate, then the resamples; the estimate alone where none are made."""


@dataclass(frozen=True, slots=True)
class Score:
    """One figure. `forecasts` is the label of a file, or `difference` (the first less the second).

    `threshold` is 0 for scores of the whole distribution; `group` is of kind all, decade or region. `low` and
    `high` are nan where no interval is made. `ratio` is the first file's score over the second's.
    """

    forecasts: str
    horizon: str
    threshold: float
    kind: str
    group: str
    measure: str
    value: float
    low: float
    high: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """A bin of about a tenth of the rows: mean forecast, observed share and its 95 % interval (Wilson)."""

    forecasts: str
    horizon: str
    threshold: float
    low: float
    high: float
    n: int
    forecast: float
    observed: float
    observed_low: float
    observed_high: float


def score(rows: Compared, share: float, draws: Draws | None = None) -> Iterator[Score]:
    """All scores, in order of horizon and threshold; intervals hold `share` of the resamples."""
    draws = draws or Draws.of(len(rows.names))
    grouped = groups(rows)
    for one in slices(rows):
        made = [probability_measures(one, j, draws) for j in range(len(rows.forecasts))]
        yield from _scores(rows, (one.horizon, one.threshold, "all", ""), made, share)
        for group in grouped[one.horizon]:
            made = [group_measures(one, j, group) for j in range(len(rows.forecasts))]
            yield from _scores(rows, (one.horizon, one.threshold, group.kind, group.name), made, share)
    for horizon in rows.horizons if rows.quantiles else ():
        made = [distribution_measures(rows, horizon, j, draws) for j in range(len(rows.forecasts))]
        yield from _scores(rows, (horizon, WHOLE, "all", ""), made, share)


def calibrations(rows: Compared) -> Iterator[Calibration]:
    """The calibration table of every file, horizon and threshold."""
    for one in slices(rows):
        for label, p in zip(rows.labels, one.p, strict=True):
            for b in scores.reliability(p, one.y, scores.equal_edges(p, BINS)):
                yield Calibration(label, one.horizon, one.threshold, *b)


def probability_measures(one: Slice, j: int, draws: Draws) -> Measured:
    """Scores of the probabilities of file `j`, resampled; the decompositions once."""
    p, y = one.p[j], one.y
    return {**_sums(one, j, draws), **_ranking(one, j, draws), **_parts(p, y)}


def group_measures(one: Slice, j: int, group: Group) -> Measured:
    """Scores of a decade or region, without resampling; the top of an origin is that of all its rows."""
    here = group.rows
    p, y = one.p[j][here], one.y[here]
    events = float(y.sum())
    found = {
        "n": len(y),
        "events": events,
        "brier": scores.brier(p, y),
        "log_score": scores.log_score(p, y),
        "auc": scores.auc(p, y),
        "average_precision": scores.average_precision(p, y),
        "forecast_over_observed": float(p.sum()) / events if events else np.nan,
    }
    for k in TOPS:
        top = top_share(one.p[j], one.origin, k)[here]
        hits = float((top * y).sum())
        found[f"recall_{k}"] = hits / events if events else np.nan
        found[f"false_per_true_{k}"] = (float(top.sum()) - hits) / hits if hits else np.nan
    return {name: np.array([value]) for name, value in found.items()}


def distribution_measures(rows: Compared, horizon: str, j: int, draws: Draws) -> Measured:
    """Scores of the quantiles of file `j` at one horizon, resampled; the decomposition once."""
    here = rows.horizon == horizon
    given = rows.forecasts[j].quantiles
    assert given is not None
    q, y, entity = given[here], rows.y[here], rows.entity[here]
    n = draws.total(np.ones(len(y)), entity)

    def mean(values: Floats) -> Floats:
        return draws.total(values, entity) / n

    found = {"n": n, "mean_observed": mean(y), "crps": mean(scores.crps_from_quantiles(q, y, LEVELS))}
    for percent, a, b in CENTRAL:
        low, high = q[:, a], q[:, b]
        found[f"coverage_{percent}"] = mean(np.asarray((low <= y) & (y <= high), dtype=np.float64))
        found[f"width_{percent}"] = mean(high - low)
        found[f"interval_score_{percent}"] = mean(scores.interval_score(low, high, y, 1 - percent / 100))
    parts = scores.corp_crps(q, y, LEVELS)
    return found | {f"crps_{name}": np.array([v]) for name, v in parts._asdict().items()}


def _sums(one: Slice, j: int, draws: Draws) -> Measured:
    """Measures that are ratios of sums over rows."""
    p, y = one.p[j], one.y
    n = draws.total(np.ones(len(y)), one.entity)
    events = draws.total(y, one.entity)
    expected = draws.total(p, one.entity)
    brier = draws.total((p - y) ** 2, one.entity) / n
    likelihood = np.where(y == 1, p, 1 - p)
    impossible = draws.total(np.asarray(likelihood == 0, dtype=np.float64), one.entity)
    nats = draws.total(-np.log(np.where(likelihood > 0, likelihood, 1)), one.entity) / n
    base = events / n
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "n": n,
            "events": events,
            "base_rate": base,
            "mean_forecast": expected / n,
            "forecast_over_observed": np.where(events > 0, expected / events, np.nan),
            "brier": brier,
            "brier_skill": np.where((base > 0) & (base < 1), 1 - brier / (base * (1 - base)), np.nan),
            "log_score": np.where(impossible > 0, np.inf, nats),
            "impossible": impossible,
        }


def _ranking(one: Slice, j: int, draws: Draws) -> Measured:
    """Measures of the order of the rows: over all rows, and in the top of each origin."""
    p, y = one.p[j], one.y
    whole = ranked(p, y, one.entity, np.zeros(len(y), dtype=np.int64), draws)
    found = {"auc": whole.auc(), "average_precision": whole.average_precision()}
    each = ranked(p, y, one.entity, np.unique(one.origin, return_inverse=True)[1], draws)
    with np.errstate(divide="ignore", invalid="ignore"):
        for k in TOPS:
            hits = each.hits(k)
            found[f"recall_{k}"] = np.where(each.all_events > 0, hits / each.all_events, np.nan)
            found[f"false_per_true_{k}"] = np.where(hits > 0, (each.called(k) - hits) / hits, np.nan)
    return found


def _parts(p: Floats, y: Floats) -> Measured:
    """Decompositions: Murphy in bins of equal numbers, and isotonic ones of the Brier and the log score."""
    murphy = scores.murphy(p, y, scores.in_bins(p, scores.equal_edges(p, BINS)))
    brier, log = scores.corp(p, y, scores.brier), scores.corp(p, y, scores.log_score)
    parts: Mapping[str, Mapping[str, float]] = {
        "brier": murphy._asdict() | brier._asdict(),
        "log": log._asdict(),
    }
    return {f"{of}_{name}": np.array([v]) for of, part in parts.items() for name, v in part.items()}


def _scores(
    rows: Compared, where: tuple[str, float, str, str], made: list[Measured], share: float
) -> Iterator[Score]:
    for label, found in zip(rows.labels, made, strict=True):
        for name, values in found.items():
            yield Score(label, *where, name, float(values[0]), *interval(values, share), np.nan)
    for name, first in made[0].items() if len(made) == 2 else ():
        second = made[1][name]
        with np.errstate(divide="ignore", invalid="ignore"):
            gap = first - second
            ratio = float(first[0] / second[0]) if name in RELATIVE else np.nan
        if name not in ("n", "events", "base_rate", "mean_observed"):
            yield Score(DIFFERENCE, *where, name, float(gap[0]), *interval(gap, share), ratio)
