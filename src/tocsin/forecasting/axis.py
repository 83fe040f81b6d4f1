"""How a panel writes its periods: whole numbers, or dates a fixed number of days or months apart."""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce

from tocsin.errors import InputError

Period = int | date

LAST = 31
"""The day of the month that stands for its last one."""

STAMPS = ((100, "2016-01-01"), (10_000, "2016-01-31"))
"""Calendar months (201601) and days (20160131) run together: what cuts off the year, and what to write."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Whole numbers as they are, or days `months` or `days` apart counted from `start`.

    Months go by their day number `day`, or by their last day where they are shorter.
    """

    start: date | None = None
    months: int = 0
    days: int = 0
    day: int = 0

    def index(self, value: Period, where: str) -> int:
        """The number of a period. Raises InputError for one that is not on the axis."""
        if self.start is None:
            if not isinstance(value, int):
                raise InputError(f"{value} is a date, the periods are whole numbers", where)
            return value
        if not isinstance(value, date):
            raise InputError(f"{value} is a number, the periods are dates", where)
        steps, left = divmod(_distance(self.start, value, self.months), self.months or self.days)
        if left or (self.months and value.day != _in_month(value.year, value.month, self.day)):
            remedy = f"they go by {self.words} from {self.start}"
            raise InputError(f"{value} is not one of the panel's periods", where, remedy)
        return steps

    def written(self, index: int) -> str:
        """A period as the panel writes it."""
        if self.start is None:
            return str(index)
        if self.months:
            year, month = divmod(self.start.year * 12 + self.start.month - 1 + index * self.months, 12)
            return date(year, month + 1, _in_month(year, month + 1, self.day)).isoformat()
        return (self.start + timedelta(days=index * self.days)).isoformat()

    @property
    def words(self) -> str:
        """The step in words."""
        if self.start is None:
            return "whole numbers"
        n, unit = (self.months, "month") if self.months else (self.days, "day")
        return f"{n} {unit}" + "s" * (n != 1)


def axis_of(periods: Collection[Period], name: str) -> Axis:
    """The axis with the longest step that holds all the different periods of a panel.

    Dates on one day of the month (or on the last where a month is shorter) go by months, others by days.
    Raises InputError for dates among numbers, and for numbers that are dates run together (201601, 20160131).
    """
    days = sorted(p for p in periods if isinstance(p, date))
    if not days:
        _not_stamps([p for p in periods if isinstance(p, int)], name)
        return Axis()
    if len(days) < len(periods):
        raise InputError("some periods are dates and some are numbers", name, "use one of the two")
    day = _day_of_month(days)
    if day:
        months = reduce(math.gcd, (_distance(days[0], d, 1) for d in days)) or 1
        return Axis(days[0], months=months, day=day)
    return Axis(days[0], days=reduce(math.gcd, ((d - days[0]).days for d in days)) or 1)


def _day_of_month(days: list[date]) -> int:
    """The day of the month on which all the dates lie; 0 when they lie on no such day."""
    if len({d.day for d in days}) == 1 and days[0].day <= 28:
        return days[0].day
    for day in (LAST, max(d.day for d in days)):
        if all(d.day == _in_month(d.year, d.month, day) for d in days):
            return day
    return 0


def _in_month(year: int, month: int, day: int) -> int:
    return min(day, monthrange(year, month)[1])


def _distance(start: date, day: date, months: int) -> int:
    return (day.year - start.year) * 12 + day.month - start.month if months else (day - start).days


def _not_stamps(numbers: list[int], name: str) -> None:
    for cut, instead in STAMPS:
        years = {n // cut for n in numbers}
        if len(years) > 1 and all(1800 <= y <= 2200 for y in years) and all(_stamp(n, cut) for n in numbers):
            raise InputError(
                f"periods such as {min(numbers)} are dates run together, not consecutive numbers",
                name,
                f"write them as dates, such as {instead}",
            )


def _stamp(number: int, cut: int) -> bool:
    year, rest = divmod(number, cut)
    month, day = (rest, 1) if cut == 100 else divmod(rest, 100)
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]
