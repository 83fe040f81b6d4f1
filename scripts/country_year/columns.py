"""What every column is, where it comes from, which years it covers and why a cell may be empty."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

import yaml

from country_year.figures import Table
from country_year.states import HERE, Cell


@dataclass(frozen=True, slots=True)
class Column:
    """One column, read from columns.yml: family settings, then the column's own."""

    name: str
    family: str
    label: str
    unit: str
    definition: str
    input: str
    file: str
    first_year: int
    last_year: int
    lag_months: int
    before: str
    after: str
    absent: dict[str, str] = field(default_factory=dict)
    unlisted: str = ""
    otherwise: str = ""
    source_name: str = ""

    def reason(self, cell: Cell, listed: bool) -> str:
        """Why a cell is empty; `listed` says whether the column holds any value for the state."""
        iso3, year = cell
        if year < self.first_year:
            return self.before
        if year > self.last_year:
            return self.after
        if not listed and (iso3 in self.absent or self.unlisted):
            return self.absent.get(iso3, self.unlisted)
        return self.otherwise or self.absent.get(iso3, "")


def load_columns() -> tuple[Column, ...]:
    """All columns in the order of columns.yml."""
    found = yaml.safe_load((HERE / "columns.yml").read_text(encoding="utf-8"))
    return tuple(
        Column(name=name, **{**found["families"][own["family"]], **own})
        for name, own in found["columns"].items()
    )


Missing = tuple[str, str, int, int, str]


def missing_rows(columns: Iterable[Column], table: Table, cells: Iterable[Cell]) -> list[Missing]:
    """(column, iso3 or *, first year, last year, reason) for every empty cell, in runs of years."""
    ordered = sorted(cells)
    rows: list[Missing] = []
    for column in columns:
        values = table[column.name]
        listed = {iso3 for iso3, _ in values}
        first, last = min(y for _, y in ordered), max(y for _, y in ordered)
        if first < column.first_year:
            rows.append((column.name, "*", first, column.first_year - 1, column.before))
        if last > column.last_year:
            rows.append((column.name, "*", column.last_year + 1, last, column.after))
        inside = [c for c in ordered if column.first_year <= c[1] <= column.last_year and c not in values]
        rows.extend(_runs(column, inside, listed))
    return rows


def _runs(column: Column, cells: list[Cell], listed: set[str]) -> Iterable[Missing]:
    def run(at: tuple[int, Cell]) -> tuple[str, int, str]:
        index, (iso3, year) = at
        return iso3, year - index, column.reason((iso3, year), iso3 in listed)

    for (iso3, _, reason), group in groupby(enumerate(cells), key=run):
        years = [year for _, (_, year) in group]
        yield column.name, iso3, years[0], years[-1], reason
