"""From one row of a publisher to conditions: values, what is missing and why, releases, and when known."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from tocsin.clock import Moment, Period, Precision, add_months, parse_moment
from tocsin.errors import InputError, UnknownId
from tocsin.evidence import content_id
from tocsin.geography import Country, by_cow, by_gw, by_iso2
from tocsin.sources.condition import Condition
from tocsin.sources.contract import Request, Tally
from tocsin.sources.factsheet import FactSheet
from tocsin.sources.readers.cells import RowRefused, by_iso3, day

AS_KNOWN, LATER = "as known", "later revision"
NOT_GIVEN = "no value given"
ABSENT = frozenset({"", "na", "n/a", "nan", "null", "none", "..", ".", "-"})
"""How publishers write that there is no value; in a column of ISO2, `NA` is Namibia."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_YEAR = re.compile(r"(1[789]|20|21)\d{2}")


class RowIgnored(ValueError):
    """Why a row is left out on purpose."""


@dataclass(frozen=True, slots=True)
class Given:
    """One value as a row gives it. `key` tells apart what has the same series, place and period."""

    series: str
    iso3: str
    country: str
    happened: Period
    value: float | None = None
    text: str = ""
    missing: str = ""
    unit: str = ""
    area: str = ""
    about: str = ""
    key: str = ""
    columns: Mapping[str, Any] = field(default_factory=dict)
    known: Moment | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell of a row that cannot be taken, while the others can."""

    column: str
    why: str


@dataclass(frozen=True, slots=True)
class Release:
    """A release: its label, when it was published, and when a reader could have it.

    `known` None means that nobody says so: then each value counts as known some months after its own period,
    as the fact sheet tells. `vintage` is that of its values.
    """

    label: str = ""
    published: Moment | None = None
    known: Moment | None = None
    vintage: str = LATER


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes conditions of one source and one release."""

    sheet: FactSheet
    release: Release
    recorded: datetime

    def condition(self, given: Given) -> Condition:
        """The condition of a value. Its id is that of all it states, not of when it was read."""
        source, release = self.sheet.id, self.release
        span = f"{given.happened.start}/{given.happened.end}"
        names = (given.series, given.iso3, given.area, given.about, given.key, span)
        external = "|".join(name for name in names if name)
        said = (given.value, given.text, given.missing, given.unit, dict(given.columns))
        dated = str(release.published or ""), str(given.known or "")
        return Condition(
            id=content_id("cnd", source, external, release.label, *dated, *said),
            source=source,
            external_id=external,
            series=given.series,
            release=release.label,
            iso3=given.iso3,
            country=given.country,
            area=given.area,
            about=given.about,
            value=given.value,
            text=given.text,
            unit=given.unit,
            missing=given.missing,
            happened=given.happened,
            vintage=release.vintage,
            published=release.published,
            known=self._known(given),
            recorded=self.recorded,
            columns=given.columns,
        )

    def _known(self, given: Given) -> Moment:
        """When a reader could have it: never after we read it ourselves."""
        months = self.sheet.release_lag_months
        stated = given.known or self.release.known or lagged(given.happened.end, months)
        return stated if stated.end <= self.recorded else Moment(self.recorded, Precision.INSTANT)


def lagged(day: date, months: int) -> Moment:
    """The month that many months after the month of a day."""
    first = add_months(day.replace(day=1), months)
    return Moment(datetime(first.year, first.month, 1, tzinfo=UTC), Precision.MONTH)


def release_stated(request: Request, tally: Tally) -> Release:
    """The release that the options state: `--published`, or a `--release` that is a date."""
    published = request.published
    if published is None and request.release:
        try:
            published = parse_moment(request.release)
        except ValueError:
            raise InputError(
                f"{request.release!r} is no release of {tally.source}",
                "--release",
                "give its date, YYYY-MM-DD",
            ) from None
    if published is None:
        tally.note("no release date is stated; each value counts as known some months after its own period")
    return Release(request.release or str(published or ""), published, published)


def whole_year(text: str, name: str = "year") -> Period:
    """The year that a cell names. Raises RowRefused."""
    if not _YEAR.fullmatch(text.strip()):
        raise RowRefused(f"{name} {text[:40]!r} is not a year")
    return year_period(int(text))


def year_period(year: int) -> Period:
    """All days of a year."""
    return Period(date(year, 1, 1), date(year, 12, 31), Precision.YEAR)


def month_period(year: int, month: int) -> Period:
    """All days of a month."""
    return Period.of(Moment(datetime(year, month, 1, tzinfo=UTC), Precision.MONTH))


def text(row: Mapping[str, Any], name: str) -> str:
    """A cell as text without spaces around it; empty where it is not there."""
    value = row.get(name)
    return "" if value is None else str(value).strip()


def absent(value: Any) -> bool:
    """Whether a cell says that there is no value."""
    return value is None or (isinstance(value, str) and value.strip().lower() in ABSENT)


def number(value: Any, name: str, low: float = -math.inf, high: float = math.inf) -> float:
    """A finite number within bounds. Raises RowRefused."""
    text = str(value).strip()
    if isinstance(value, bool) or not _NUMBER.fullmatch(text):
        raise RowRefused(f"{name} {text[:40]!r} is not a number")
    found = float(text)
    if not math.isfinite(found):
        raise RowRefused(f"{name} {text[:40]!r} is not a number")
    if not low <= found <= high:
        raise RowRefused(f"{name} {text[:40]} is outside {low:g} to {high:g}")
    return found


def iso3(code: str, on: date) -> Country:
    """The country of an ISO 3166 alpha-3 code. Raises RowRefused, also where it had ended by then."""
    return by_iso3(code.strip(), on)


def iso2(code: str) -> Country:
    """The country of an ISO 3166 alpha-2 code, `NA` being Namibia. Raises RowRefused."""
    try:
        return by_iso2(code.strip())
    except UnknownId as error:
        raise RowRefused(str(error)) from None


def numbered(text: str, system: str, start: date, end: date) -> Country:
    """The state that bore a number of a list (`cow`, `gw`) between two days, the later one first.

    Raises RowRefused.
    """
    if not re.fullmatch(r"\d{1,4}", text.strip()):
        raise RowRefused(f"state number {text[:40]!r} is not a whole number")
    find, days = by_cow if system == "cow" else by_gw, (end, start)
    for on in days:
        try:
            return find(int(text), on)
        except UnknownId as error:
            why = str(error)
    raise RowRefused(why)


def span(row: Mapping[str, Any], first: str, last: str) -> Period:
    """The days between two cells, both included; times of day are left out. Raises RowRefused."""
    start, end = (day(text(row, name)[:10], name) for name in (first, last))
    if end < start:
        raise RowRefused(f"{last} {end} is before {first} {start}")
    return Period(start, end)
