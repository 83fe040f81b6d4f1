"""Totals of a country and year out of UNHCR's pairs (people from one country in another), or as UNHCR sums
them.

A total is whole or it is not given: a row of its year that was refused makes it missing, and says so.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tocsin.sources.condition import Condition
from tocsin.sources.contract import Tally
from tocsin.sources.feeds.conditions.given import (
    Given,
    Maker,
    absent,
    iso3,
    number,
    text,
    whole_year,
    year_period,
)
from tocsin.sources.feeds.conditions.run import TWICE
from tocsin.sources.feeds.conditions.series import Series
from tocsin.sources.readers.cells import RowRefused

ALL = "-"
"""How an answer writes the side over which it was summed."""

NO_STATE = {
    "UNK": "unknown",
    "XXA": "stateless",
    "XXX": "unknown",
    "TIB": "Tibetan",
    "AB9": "Abyei",
    "": "not given",
}
"""Codes of UNHCR for people whose country is none of the table; they count in the total of the other side."""

REFUSED = "a row of that year was refused, so that the total is not known"
EVERY_YEAR = -1


@dataclass(slots=True)
class Totals:
    """Adds rows up by series, country and year. `columns` are (column, series) that the table has."""

    series: Sequence[Series]
    tally: Tally
    names: dict[str, str] = field(default_factory=dict)
    _sums: dict[tuple[str, str, int], list[float]] = field(default_factory=lambda: defaultdict(list))
    _given: dict[tuple[str, str, int], float] = field(default_factory=dict)
    _broken: set[int] = field(default_factory=set)
    _seen: dict[tuple[str, ...], tuple[Any, ...]] = field(default_factory=dict)

    def add(self, where: str, row: Mapping[str, Any], fault: str = "") -> None:
        """One more row, used, ignored or refused."""
        self.tally.read()
        try:
            if fault:
                raise RowRefused(fault)
            self._add(row)
        except RowRefused as why:
            year = text(row, "year")
            self._broken.add(int(year) if year.isascii() and year.isdigit() else EVERY_YEAR)
            self.tally.refuse(where, str(why))

    def conditions(self, maker: Maker) -> Iterator[Condition]:
        """The totals, and those that are missing because a row of their year was refused."""
        units = {s.id: s.unit for s in self.series}
        for key in sorted({*self._sums, *self._given}):
            series, code, year = key
            whole = not self._broken & {year, EVERY_YEAR}
            value = self._given.get(key, math.fsum(self._sums.get(key, ())))
            how = {} if key in self._given else {"summed_from": len(self._sums[key])}
            yield maker.condition(
                Given(
                    series,
                    code,
                    self.names[code],
                    year_period(year),
                    value if whole else None,
                    missing="" if whole else REFUSED,
                    unit=units[series],
                    columns=how if whole else {},
                )
            )

    def _add(self, row: Mapping[str, Any]) -> None:
        year = whole_year(text(row, "year")).start.year
        sides = {side: text(row, f"{code}_iso") for side, code in (("from", "coo"), ("hosted", "coa"))}
        cells = {s.column: row.get(s.column) for s in self.series}
        key = (str(year), *sides.values(), text(row, "coo_name"), text(row, "coa_name"))
        if key in self._seen:
            if self._seen[key] != tuple(map(str, cells.values())):
                raise RowRefused("says otherwise than an earlier row about the same people")
            self.tally.ignore(TWICE)
            return
        states = {side: self._state(code, text(row, f"{c}_name"), year) for side, (code, c) in _sides(sides)}
        if not any(states.values()):
            self.tally.ignore("of people whose country is none of the table on either side")
            return
        added = {
            (s.id, state, year): number(cells[s.column], s.column, s.low, s.high)
            for s in self.series
            if (state := states[_side(s.id)]) and not absent(cells[s.column])
        }
        self._seen[key] = tuple(map(str, cells.values()))
        summed = ALL in sides.values()
        for total, value in added.items():
            if summed:
                self._given[total] = value
            else:
                self._sums[total].append(value)
        self.tally.use()

    def _state(self, code: str, name: str, year: int) -> str:
        if code == ALL or code in NO_STATE:
            return ""
        found = iso3(code, year_period(year).end).iso3
        self.names.setdefault(found, name or found)
        return found


def _sides(sides: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    for side, code in sides.items():
        yield side, (code, "coo" if side == "from" else "coa")


def _side(series: str) -> str:
    return "from" if series.endswith("_from") else "hosted"
