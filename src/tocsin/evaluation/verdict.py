"""How a sealed forecast stands to what then happened.

A forecast *pointed* at a place when it stood among the first `FIRST` of its run and not below the base rate.
A *miss*: it happened and the forecast did not point. A *hit*: it happened where the forecast pointed.
A *false alarm*: the forecast pointed and it did not happen. *Quiet* is the rest.
"""

from __future__ import annotations

from enum import StrEnum

FIRST = 30
MODEL, BASE = "model", "base rate"


class Verdict(StrEnum):
    """How a sealed forecast stands to what then happened; the first four are scored."""

    MISS = "miss"
    HIT = "hit"
    FALSE_ALARM = "false alarm"
    QUIET = "quiet"
    OPEN = "open"
    LATE = "late"


def points(rank: int, probability: float, base_rate: float) -> bool:
    """Whether a forecast tells a reader to look here: among the first, and not below the base rate."""
    return rank <= FIRST and probability >= base_rate


def scored(occurred: bool, pointed: bool) -> Verdict:
    """The verdict on a forecast whose outcome is known."""
    if occurred:
        return Verdict.HIT if pointed else Verdict.MISS
    return Verdict.FALSE_ALARM if pointed else Verdict.QUIET
