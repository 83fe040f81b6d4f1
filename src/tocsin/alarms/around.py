"""What a decision looks at beside the place itself: its neighbours, and what was forecast a year before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tocsin.alarms.alarm import Level
from tocsin.forecasting.forecast import Forecast


@dataclass(frozen=True, slots=True)
class Around:
    """`neighbours` are the levels of the places that share a border, in the turn before (none when unknown).

    `before` holds the probabilities of the same outcomes one year before, by `OUTCOME.MONTHS`; one that is
    absent was not forecast then.
    """

    neighbours: Mapping[str, Level] = field(default_factory=dict)
    before: Mapping[str, float] = field(default_factory=dict)


def chances(forecasts: Iterable[Forecast]) -> dict[str, dict[str, float]]:
    """By place, the probabilities of forecasts by `OUTCOME.MONTHS`, as `Around.before` holds them."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for f in forecasts:
        found[f.iso3][f"{f.outcome}.{f.horizon_months}"] = f.probability
    return dict(found)


ALONE = Around()
"""Nothing is known of the neighbours, nor of what was forecast before."""
