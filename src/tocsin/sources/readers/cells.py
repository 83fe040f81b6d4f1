"""Cells of one row of an event table: numbers, counts, degrees, days and states, or the reason why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import TypeVar

from tocsin.errors import UnknownId
from tocsin.geography import Country, by_name, country

T = TypeVar("T")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T]00:00(?::00(?:\.0+)?)?)?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?")


class RowRefused(ValueError):
    """The reason why a row cannot be taken."""


def text(row: Mapping[str, str], name: str) -> str:
    """A cell without the space around it. Raises RowRefused when it is empty or not there."""
    found = row.get(name, "").strip()
    if not found:
        raise RowRefused(f"{name} is empty")
    return found


def whole(row: Mapping[str, str], name: str) -> int:
    """A whole number. Raises RowRefused."""
    found = text(row, name)
    if not _WHOLE.fullmatch(found):
        raise RowRefused(f"{name} {found[:40]!r} is not a whole number")
    return int(found)


def count(row: Mapping[str, str], name: str) -> int:
    """A whole number of at least 0. Raises RowRefused."""
    number = whole(row, name)
    if number < 0:
        raise RowRefused(f"{name} {number} is below zero")
    return number


def count_or_none(row: Mapping[str, str], name: str) -> int | None:
    """The same; None where the cell is empty, which is not zero."""
    return count(row, name) if row.get(name, "").strip() else None


def degrees(row: Mapping[str, str], name: str, limit: int) -> float | None:
    """A coordinate within `limit` degrees of 0, None where the cell is empty. Raises RowRefused."""
    found = row.get(name, "").strip()
    if not found:
        return None
    if not _DEGREES.fullmatch(found) or abs(float(found)) > limit:
        raise RowRefused(f"{name} {found[:40]!r} is not a number of degrees up to {limit}")
    return float(found)


def point(row: Mapping[str, str], latitude: str, longitude: str) -> tuple[float | None, float | None]:
    """Both coordinates, or neither. Raises RowRefused where one of them is missing or off the globe."""
    found = degrees(row, latitude, 90), degrees(row, longitude, 180)
    if (found[0] is None) != (found[1] is None):
        raise RowRefused(f"{latitude} and {longitude}: one of them is empty")
    return found


def day(found: str, name: str) -> date:
    """A day, ISO 8601, with or without a midnight. Raises RowRefused."""
    match = _DAY.fullmatch(found.strip())
    try:
        if match:
            return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        pass
    raise RowRefused(f"{name} {found[:40]!r} is not a date of the form YYYY-MM-DD")


def past(on: date, name: str, today: date) -> date:
    """The day, which may not lie after `today`. Raises RowRefused."""
    if on > today:
        raise RowRefused(f"{name} {on} lies in the future (today is {today})")
    return on


def sought(ask: Callable[[T, date], Country], key: T, on: date) -> Country | None:
    """The country that a table of countries gives for a key on a day; None where it has none."""
    try:
        return ask(key, on)
    except UnknownId:
        return None


def m49(code: str) -> int:
    """The number of an ISO 3166 alpha-3 code (UN M49). Raises UnknownId, also for one without a number."""
    found = country(code)
    if not found.m49:
        raise UnknownId("country with a number", code, ())
    return int(found.m49)


@lru_cache(maxsize=50_000)
def by_iso3(code: str, on: date) -> Country:
    """The country of an ISO 3166 alpha-3 code that existed on a day. Raises RowRefused.

    A code of two letters is refused, because ISO 3166 and FIPS 10-4 give the same ones to different states.
    """
    if re.fullmatch(r"[A-Za-z]{2}", code):
        raise RowRefused(
            f"country {code!r} has two letters: FIPS 10-4 or ISO, nobody can tell; ISO3 is needed"
        )
    try:
        found = country(code)
    except UnknownId:
        raise RowRefused(f"country {code[:60]!r} is not in the country table") from None
    if found.valid_to is not None and on.year > found.valid_to.year:
        raise RowRefused(f"country {code} ended on {found.valid_to}, before {on}")
    return found


@lru_cache(maxsize=50_000)
def by_country_name(name: str, on: date) -> Country:
    """The country of a name on a day. Raises RowRefused."""
    found = sought(by_name, name, on)
    if found is None:
        raise RowRefused(f"country {name[:60]!r} is not in the country table")
    return found


def same_state(one: Country, other: Country) -> bool:
    """Whether two are one state, or one is what the other became."""
    return one == other or one.iso3 in (*other.predecessors, *other.successors)
