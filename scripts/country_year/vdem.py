"""V-Dem columns, rounded to three decimals, for the rows of the table; each from one named release."""

from __future__ import annotations

from pathlib import Path

from country_year.columns import Column
from country_year.figures import Table, query
from country_year.states import States


def vdem(shared: Path, states: States, columns: list[Column]) -> Table:
    """V-Dem point estimates by state and year, within the years each column covers."""
    table: Table = {c.name: {} for c in columns}
    for path in sorted({c.input for c in columns}):
        wanted = [c for c in columns if c.input == path]
        names = ", ".join(c.source_name or c.name for c in wanted)
        rows = query(shared, path, f"SELECT country_text_id, year::INT, {names} FROM {{t}}")
        for code, year, *values in rows:
            cell = states.row(code, year)
            if cell is None:
                continue
            for column, value in zip(wanted, values, strict=True):
                if value is not None and column.first_year <= year <= column.last_year:
                    table[column.name][cell] = round(value, 3)
    return table
