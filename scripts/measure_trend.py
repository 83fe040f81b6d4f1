"""Measures the trend detector on simulated weekly counts whose mean and spread it has to estimate.

Usage: python scripts/measure_trend.py [--series 1000]

Counts are independent draws of a negative binomial law (Poisson where variance equals mean). The same seed
gives the same figures. Quiet series are looked at over 100 weeks in a row, each time with what lies before;
a quiet week in alert counts as false, the second week of one alert too. In series with a step the mean is
multiplied from one week on; "within 2" is the share of series in which either of the first two weeks alerts.

Beside the detector stand a cumulated sum of log-likelihood ratios for a step to three times the mean (limited
to eight weeks, with the same estimates, its limit set on quiet series to one week in 100), and the most that
limits on the last week and the last two together can reach when mean and spread are known.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tocsin.assessment.past import law
from tocsin.assessment.trend import look, spread_of

PASTS, MEANS, SPREADS, STEPS, WITHIN = (
    (26, 52, 104),
    (0.5, 1, 4, 10),
    (1.0, 1.5, 2.5, 4.0),
    (1.5, 2, 3),
    (1, 2, 3, 4, 8),
)
QUIET = 100
Counts = np.ndarray[Any, np.dtype[np.float64]]
Alerts = np.ndarray[Any, np.dtype[np.bool_]]


def drawn(chance: np.random.Generator, mean: float, spread: float, size: tuple[int, int]) -> Counts:
    """Counts with that mean, and a variance of `spread` times it."""
    if spread <= 1:
        return chance.poisson(mean, size).astype(float)
    return chance.negative_binomial(mean / (spread - 1), 1 / spread, size).astype(float)


def alerts(told: Counts, past: int, grown: float = 1.0) -> Alerts:
    """Whether each week alerts, from the first that has `past` weeks and the newest eight behind it."""
    views = (sliding_window_view(part, past + law().recent, axis=1) for part in np.array_split(told, 10))
    return np.concatenate([look(view, grown).rises.any(axis=-1) for view in views])


def false(mean: float, spread: float, past: int, series: int) -> tuple[float, float]:
    """Shares of quiet weeks in which an alert stands, and in which one begins."""
    chance = np.random.default_rng([1, int(mean * 10), int(spread * 10), past])
    told = drawn(chance, mean, spread, (series, past + law().recent + QUIET - 1))
    stands = alerts(told, past)
    return float(stands.mean()), float((stands[:, 1:] & ~stands[:, :-1]).mean())


def found(mean: float, step: float, past: int, series: int, grown: float = 1.0) -> list[float]:
    """Shares of series with a step that alert within so many weeks of it (WITHIN); variance 1.5 x mean.

    `grown` is how many times more stories that do not bear on violence are read after the step.
    """
    spread = 1.5
    chance = np.random.default_rng([2, int(mean * 10), int(step * 10), past])
    before = drawn(chance, mean, spread, (series, past + law().recent - 1))
    after = drawn(chance, mean * step, spread, (series, max(WITHIN)))
    stands = alerts(np.concatenate([before, after], axis=1), past, grown)
    return [float(stands[:, :weeks].any(axis=1).mean()) for weeks in WITHIN]


def cumulated(told: Counts, past: int, step: float = 3) -> Counts:
    """The largest log-likelihood ratio of a step over the last one to eight weeks, for each week."""
    views = sliding_window_view(told, past + law().recent, axis=1)
    before, new = views[..., :past], views[..., past:]
    mean = (before.sum(axis=-1) + law().start) / past
    size = mean / (spread_of(before, law()) - 1)
    weeks = np.arange(1, law().recent + 1)
    sums = np.cumsum(new[..., ::-1], axis=-1)
    fall = np.log((size + step * mean) / (size + mean))[..., None]
    ratios = sums * np.log(step) - (sums + weeks * size[..., None]) * fall
    return np.asarray(ratios.max(axis=-1))


def found_by_sum(mean: float, step: float, past: int, series: int, spread: float = 1.5) -> list[float]:
    """As `found`, by the cumulated sum."""
    chance = np.random.default_rng([3, int(mean * 10), int(step * 10), past])
    quiet = drawn(chance, mean, spread, (series, past + law().recent + QUIET - 1))
    limit = np.quantile(cumulated(quiet, past), 0.99)
    before = drawn(chance, mean, spread, (series, past + law().recent - 1))
    after = drawn(chance, mean * step, spread, (series, max(WITHIN)))
    stands = cumulated(np.concatenate([before, after], axis=1), past) > limit
    return [float(stands[:, :weeks].any(axis=1).mean()) for weeks in WITHIN]


def bound(mean: float, step: float, spread: float = 1.5) -> tuple[float, int, int]:
    """The largest share within two weeks with false alerts of at most 1 in 100, and its two limits."""
    chance = np.random.default_rng(4)
    quiet = drawn(chance, mean, spread, (200_000, 2))
    first = drawn(chance, mean, spread, (200_000, 1))
    after = drawn(chance, mean * step, spread, (200_000, 2))
    best = (0.0, 0, 0)
    for one in range(int(mean), int(6 * mean) + 8):
        for two in range(int(2 * mean), int(9 * mean) + 8):
            if ((quiet[:, 1] >= one) | (quiet.sum(axis=1) >= two)).mean() > 0.01:
                continue
            early = (after[:, 0] >= one) | (first[:, 0] + after[:, 0] >= two)
            late = (after[:, 1] >= one) | (after.sum(axis=1) >= two)
            best = max(best, (float((early | late).mean()), one, two))
    return best


def beside(series: int) -> Iterator[str]:
    """What the detector is compared with, for a mean of 4 and a past of 52 weeks."""
    for step in STEPS:
        cells = "  ".join(f"{share:.3f}" for share in found_by_sum(4, step, 52, series))
        yield f"cumulated sum  past  52  mean    4  step {step:3}: {cells}"
    share, one, two = bound(4, 3)
    yield f"known mean and spread, step 3: at most {share:.3f} within 2 ({one} in a week or {two} in two)"
    for grown in (1.5, 2.0):
        cells = "  ".join(f"{share:.3f}" for share in found(4, 3, 52, series, grown=grown))
        yield f"plain stories x {grown} too  past  52  mean    4  step   3: {cells}"


def lines(series: int) -> Iterator[str]:
    """The tables."""
    yield f"False alerts in 100 quiet weeks, {series} series of {QUIET} weeks: standing (beginning)"
    for past in PASTS:
        for spread in SPREADS:
            told = [false(mean, spread, past, series) for mean in MEANS]
            cells = "  ".join(f"{100 * a:5.2f} ({100 * b:.2f})" for a, b in told)
            yield f"past {past:3}  variance {spread:3} x mean  means {MEANS}: {cells}"
    yield f"Share alerted within {WITHIN} weeks of a step, variance 1.5 x mean"
    for past in PASTS:
        for mean in MEANS:
            for step in STEPS:
                cells = "  ".join(f"{share:.3f}" for share in found(mean, step, past, series))
                yield f"past {past:3}  mean {mean:4}  step {step:3}: {cells}"
    yield from beside(series)


if __name__ == "__main__":
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--series", type=int, default=1000)
    for line in lines(read.parse_args().series):
        print(line)
