"""How the records write numbers, ranges and names on a line."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from tocsin.errors import UnknownId
from tocsin.geography import country

HEADS = {
    "misses": "MISSES: it happened and the forecast did not point",
    "hits": "HITS: it happened where the forecast pointed",
    "false_alarms": "FALSE ALARMS: the forecast pointed and it did not happen",
}


def span(pair: Sequence[Any], unit: str = "") -> str:
    """A lowest and a highest, once when they are the same; probabilities in per cent."""
    low, high = (f"{100 * v:.1f}" if isinstance(v, float) else str(v) for v in pair)
    return f"{low}{unit}" if low == high else f"{low} to {high}{unit}"


def number(value: float) -> str:
    """A score to four places; what has no meaning is said to have none."""
    return "none" if math.isnan(value) else "infinite" if math.isinf(value) else f"{value:.4f}"


def columns(issued: str, who: str, cells: Iterable[str], width: int = 14) -> str:
    """One line of a table: when issued, by whom, and cells of one width."""
    return f"{issued:8}{who:14}" + "".join(f"{cell:>{width}}" for cell in cells)


def place_name(iso3: str) -> str:
    """The name of a country; its code when the table does not hold it any more."""
    try:
        return country(iso3).name
    except UnknownId:
        return iso3
