"""Numbers and states in words: never a chance without its word, its band and its base rate."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tocsin.alarms.words import probability_word, wording
from tocsin.forecasting.forecast import Forecast

DATA = Path(__file__).parent / "data" / "words.yml"
YEAR = re.compile(r"\bin ((?:19|20)\d\d)\b")
FLOOR = 0.001  # left end of the logarithmic axis: below one in a thousand the place on it says nothing


@cache
def words() -> dict[str, Any]:
    """The reviewed words of the pages."""
    table: dict[str, Any] = yaml.load(DATA.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return table


@dataclass(frozen=True, slots=True)
class Chance:
    """A forecast in words. `times` compares it with the base rate; `x_*` are places on an axis, 0 to 100."""

    percent: str
    band: str
    base: str
    word: str
    one_in: str
    times: str
    x: float
    x_low: float
    x_high: float
    x_base: float


def chance(forecast: Forecast) -> Chance:
    """The probability with its word, its band, its base rate and how many times the base rate it is."""
    p, base = forecast.probability, forecast.base_rate
    return Chance(
        percent=percent(p),
        band=f"{percent(forecast.low)} to {percent(forecast.high)}",
        base=percent(base),
        word=probability_word(p),
        one_in=f"about 1 in {round(1 / p):,}" if 0 < p <= 0.4 else "",
        times=_times(p, base),
        x=axis(p),
        x_low=axis(forecast.low),
        x_high=axis(forecast.high),
        x_base=axis(base),
    )


def _times(p: float, base: float) -> str:
    if base <= 0:
        return "no base rate"
    ratio = p / base
    if 0.95 <= ratio <= 1.05:
        return "the same as the base rate"
    return f"{ratio:.1f} times the base rate" if ratio < 10 else f"{ratio:.0f} times the base rate"


def percent(p: float) -> str:
    """A probability as per cent, no finer than it can be known; the space before the sign does not break."""
    if p < 0.0005:
        return "under 0.1\u00a0%"
    if p > 0.995:
        return "over 99\u00a0%"
    return f"{100 * p:.1f}\u00a0%" if p < 0.1 else f"{100 * p:.0f}\u00a0%"


def further(outcome: str, level: str) -> str:
    """What to add to the forecast of a beginning at a level where violence is under way; else empty."""
    rule = words()["further"]
    says: str = rule["says"]
    return says if (outcome, level) == (rule["outcome"], rule["level"]) else ""


def meaning(level: str, sentences: Iterable[str] = ()) -> str:
    """What a level means; for an ongoing one with the year that the sentences of its rule name."""
    means: str = words()["levels"][level]["means"]
    named = [year for sentence in sentences for year in YEAR.findall(sentence)]
    return f"{means.removesuffix('.')} in {max(named)}." if named and level == "ongoing" else means


def ladder() -> list[tuple[str, float, float]]:
    """The words for chances with their ranges: from, and up to the next."""
    rows = wording()["probability"]
    ends = [row["from"] for row in rows[1:]] + [1.0]
    return [(row["word"], row["from"], end) for row, end in zip(rows, ends, strict=True)]


def axis(p: float) -> float:
    """Place of a probability on a logarithmic axis from 0.1 % (0) to 100 % (100)."""
    return round(100 * (1 - math.log10(max(p, FLOOR)) / math.log10(FLOOR)), 1)


def day(moment: datetime | date | str | None) -> str:
    """A moment as its day, or as it was given when it is text."""
    if moment is None:
        return ""
    if isinstance(moment, str):
        return moment[:10] if len(moment) > 10 and moment[4:5] == "-" else moment
    return moment.isoformat()[:10]


def age(newest: str, on: date) -> str:
    """How long before `on` an ISO year, month or day lies, in the unit it was given in; empty when unread."""
    if not newest:
        return ""
    if len(newest) == 4 and newest.isdigit():
        years = on.year - int(newest)
        return "this year" if years == 0 else f"{years} year{'s' * (years != 1)} old"
    try:
        days = (on - date.fromisoformat(newest[:10] if len(newest) >= 10 else f"{newest[:7]}-01")).days
    except ValueError:
        return ""
    if days < 1:
        return "same day"
    return f"{days} day{'s' * (days != 1)} old" if days < 90 else f"{days // 30} months old"


def safe_link(address: str) -> str:
    """The address when a browser may open it (http or https only), else an empty text."""
    return address if address.lower().startswith(("http://", "https://")) else ""


@cache
def norm() -> dict[str, Any]:
    """The norm of use, shown at the first visit and on the page about the desk."""
    table: dict[str, Any] = yaml.load(
        (DATA.parent / "norm.yml").read_text(encoding="utf-8"), yaml.CSafeLoader
    )
    return table
