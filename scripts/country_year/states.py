"""Which states had a row in which year, and which row a source's country code or name means."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tocsin.errors import InputError
from tocsin.geography.countries import by_name, countries

FIRST, LAST = 1960, 2024
Cell = tuple[str, int]
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class States:
    """The rows of the table: Gleditsch-Ward number (0 where the list has none) by (iso3, year)."""

    gw: dict[Cell, int]
    continued: tuple[tuple[str, int, int, str], ...]

    def row(self, iso3: str, year: int) -> Cell | None:
        """The row that a source's present-day code means in a year; None when no state had it then."""
        for code, first, last, former in self.continued:
            if code == iso3 and first <= year <= last:
                return (former, year) if (former, year) in self.gw else None
        return (iso3, year) if (iso3, year) in self.gw else None

    def row_of_gw(self, gw: int, year: int) -> Cell | None:
        """The row of a Gleditsch-Ward number in a year."""
        return next((cell for cell in self._by_gw().get(gw, ()) if cell[1] == year), None)

    def row_of_name(self, name: str, year: int) -> Cell:
        """The row that UCDP's country name means. Raises UnknownId for a name, InputError for a year."""
        iso3 = by_name(name, on=date(year, 12, 31)).iso3
        cell = self.row(iso3, year)
        if cell is None:
            raise InputError(f"{name} ({iso3}) has no row in {year}", "UCDP")
        return cell

    def _by_gw(self) -> dict[int, list[Cell]]:
        found: dict[int, list[Cell]] = {}
        for cell, gw in self.gw.items():
            found.setdefault(gw, []).append(cell)
        return found


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a UTF-8 CSV file with a header; a byte-order mark is dropped."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def load_states() -> States:
    """Every state of the Gleditsch-Ward list, 1960 to 2024, one row a number and year.

    A number that changed its state within a year takes the later one. A place that only the data name comes
    from extra_states.csv.
    """
    last_day: dict[tuple[int, int], tuple[date, str]] = {}
    for country in countries():
        for number in country.gw:
            start, end = number.start or date.min, number.end or date.max
            for year in range(max(FIRST, start.year), min(LAST, end.year) + 1):
                until = min(end, date(year, 12, 31))
                if until > last_day.get((number.code, year), (date.min, ""))[0]:
                    last_day[number.code, year] = (until, country.iso3)
    rows = {(iso3, year): gw for (gw, year), (_, iso3) in last_day.items()}
    rows |= dict(_extra(rows))
    continued = tuple(
        (r["code"], int(r["first_year"]), int(r["last_year"]), r["iso3"])
        for r in read_csv(HERE / "continued.csv")
    )
    return States(rows, continued)


def _extra(rows: dict[Cell, int]) -> Iterable[tuple[Cell, int]]:
    for extra in read_csv(HERE / "extra_states.csv"):
        for year in range(max(FIRST, int(extra["first_year"])), LAST + 1):
            if (extra["iso3"], year) not in rows:
                yield (extra["iso3"], year), int(extra["gw"])
