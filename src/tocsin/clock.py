"""Time, told once: moments with a precision, periods, horizons, and the only reading of the clock.

Four times travel with every fact: `happened` (the period described), `published`, `known` (when a reader
outside could first have it) and `recorded` (when it was written here; never shown to a model).
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from time import monotonic


class Precision(StrEnum):
    """How exactly a date is known. `instant` is a time of day; the others are whole units."""

    INSTANT = "instant"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A point in UTC known to a precision: `at` is the first instant of the unit it names.

    Raises ValueError when `at` carries no time zone, because an unzoned time cannot be ordered.
    """

    at: datetime
    precision: Precision = Precision.DAY

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError(f"moment {self.at.isoformat()} has no time zone; give it in UTC")

    @property
    def end(self) -> datetime:
        """The last instant of the unit: what is less exact than the day is known at its end."""
        if self.precision is Precision.INSTANT:
            return self.at
        if self.precision is Precision.DAY:
            return _end_of(self.at.date())
        if self.precision is Precision.MONTH:
            return _end_of(self.at.date().replace(day=_last_day(self.at.year, self.at.month)))
        return _end_of(date(self.at.year, 12, 31))

    def __str__(self) -> str:
        width = {Precision.YEAR: 4, Precision.MONTH: 7, Precision.DAY: 10}.get(self.precision)
        return self.at.isoformat()[:width] if width else self.at.isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Period:
    """The days something covers, both ends included. Raises ValueError when it ends before it starts."""

    start: date
    end: date
    precision: Precision = Precision.DAY

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"period ends ({self.end}) before it starts ({self.start})")

    @classmethod
    def of(cls, moment: Moment) -> Period:
        """The whole unit that a moment names."""
        return cls(moment.at.date(), moment.end.date(), moment.precision)


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far a forecast looks: `months` full months that begin on the day after it was made."""

    months: int

    def __post_init__(self) -> None:
        if self.months < 1:
            raise ValueError(f"a horizon of {self.months} months looks at nothing; give 1 or more")

    def window(self, as_of: datetime) -> Period:
        """The days the forecast is about, for a forecast made at `as_of`."""
        start = as_of.date() + timedelta(days=1)
        return Period(start, add_months(start, self.months) - timedelta(days=1))


def now() -> datetime:
    """The present instant, UTC."""
    return datetime.now(UTC)


def ticks() -> float:
    """Seconds of a clock that never goes back; only the difference of two readings means anything."""
    return monotonic()


def today() -> date:
    """The present day, UTC."""
    return now().date()


def as_of_end(day: date) -> datetime:
    """The instant that `--as-of DAY` means: the end of that day, UTC."""
    return _end_of(day)


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or the last day of that month when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, _last_day(year, month + 1)))


_ISO = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](.+))?)?)?$")


def parse_moment(text: str) -> Moment:
    """A moment from ISO 8601 text: a year, a month, a day or an instant (no zone is read as UTC).

    Raises ValueError for anything else: a date is stated or it is not; none is guessed.
    """
    found = _ISO.match(text.strip())
    if not found:
        raise ValueError(f"{text!r} is not a date (use YYYY, YYYY-MM, YYYY-MM-DD or an ISO 8601 instant)")
    year, month, day, clock = found.groups()
    if clock:
        at = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
        return Moment(at if at.tzinfo else at.replace(tzinfo=UTC), Precision.INSTANT)
    precision = Precision.DAY if day else Precision.MONTH if month else Precision.YEAR
    return Moment(datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC), precision)


def day_moment(day: date) -> Moment:
    """A moment known to the day."""
    return Moment(datetime.combine(day, time.min, UTC), Precision.DAY)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, UTC)


def _last_day(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]
