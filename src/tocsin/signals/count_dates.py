"""The date or month that a sentence names nearest to a figure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tocsin.clock import Period, parse_moment
from tocsin.signals.count_words import Token

_UNDATED = 2000
"""A text without any year is taken to be written in this year or later; its days are then not dated."""


def periods(tokens: Sequence[Token], writing_year: int) -> list[tuple[int, Period]]:
    """The days, months and years that a sentence names, each with its token. A day needs its month.

    A month without a year is of the year of writing, when that is known.
    """
    return [(n, made) for n in range(len(tokens)) if (made := _named(tokens, n, writing_year))]


def nearest(named: Sequence[tuple[int, Period]], at: int) -> Period | None:
    """The period named nearest to token `at`; None when none is."""
    return min(named, key=lambda pair: abs(pair[0] - at))[1] if named else None


def _named(tokens: Sequence[Token], n: int, writing_year: int) -> Period | None:
    token = tokens[n]
    if "month" in token:
        return _of_month(tokens, n, token.roles["month"], writing_year)
    year = _year(token)
    led = n and any(role in tokens[n - 1] for role in ("preps", "not_people", "of"))
    return Period.of(parse_moment(str(year))) if year and led else None


def _of_month(tokens: Sequence[Token], n: int, month: int, writing_year: int) -> Period | None:
    around = [k for k in (n - 2, n - 1, n + 1, n + 2) if 0 <= k < len(tokens)]
    year = next((y for k in around if k > n and (y := _year(tokens[k]))), 0)
    year = year or next((y for k in range(n + 1, min(n + 4, len(tokens))) if (y := _year(tokens[k]))), 0)
    days = [k for k in around if tokens[k].digits.isdigit() and 1 <= int(tokens[k].digits) <= 31]
    day = next((int(tokens[k].digits) for k in days if k in (n - 1, n + 1) or "of" in tokens[n - 1]), 0)
    year = year or (writing_year if writing_year > _UNDATED else 0)
    if not year or not (day or year != writing_year or _led(tokens, n)):
        return None
    try:
        start = date(year, month, day or 1)
    except ValueError:
        return None
    text = start.isoformat() if day else f"{year}-{month:02d}"
    return Period.of(parse_moment(text))


def _led(tokens: Sequence[Token], n: int) -> bool:
    return n > 0 and any(role in tokens[n - 1] for role in ("preps", "of"))


def _year(token: Token) -> int:
    digits = token.digits
    return int(digits) if len(digits) == 4 and digits.isdigit() and 1800 <= int(digits) <= 2100 else 0
