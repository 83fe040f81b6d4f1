"""Measures the trend detector on simulated weekly counts whose mean and spread it has to estimate.

Usage: python scripts/measure_trend.py [--series 1000]

Counts are independent draws of a negative binomial law (Poisson where variance equals mean). The same seed
gives the same figures. Quiet series are looked at over 100 weeks in a row, each time with what lies before;
a quiet week in alert counts as false, the second week of one alert too. In series with a step the mean is
multiplied from one week on; "within 2" is the share of series in which either of the first two weeks alerts.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tocsin.assessment.past import law
from tocsin.assessment.trend import look

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


def found(mean: float, step: float, past: int, series: int, spread: float = 1.5) -> list[float]:
    """Shares of series with a step that alert within so many weeks of it (WITHIN)."""
    chance = np.random.default_rng([2, int(mean * 10), int(step * 10), past])
    before = drawn(chance, mean, spread, (series, past + law().recent - 1))
    after = drawn(chance, mean * step, spread, (series, max(WITHIN)))
    stands = alerts(np.concatenate([before, after], axis=1), past)
    return [float(stands[:, :weeks].any(axis=1).mean()) for weeks in WITHIN]


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


if __name__ == "__main__":
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--series", type=int, default=1000)
    for line in lines(read.parse_args().series):
        print(line)
