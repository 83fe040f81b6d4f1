"""A layout as SQL: what each column's text must be, and the value it then has.

Every column is read as text and cast under watch; nothing is sniffed, nothing is rounded. A whole number
must read back as it was written; a date has all its digits; a coordinate lies on the globe.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from tocsin.errors import InputError
from tocsin.geography.countries import countries
from tocsin.sources.slices import Column, Layout
from tocsin.store.engine import named, quoted
from tocsin.store.lines import LONGEST

ADDED = ("iso3", "happened", "known", "slice")
"""The columns that the store adds to those of the publisher."""

OWN = ("file", "file_index", "code")
"""Columns on the way that no layout may have."""

_CAST = {
    "whole": "TRY_CAST({t} AS BIGINT)",
    "number": "TRY_CAST({t} AS DOUBLE)",
    "flag": "CASE {t} WHEN '1' THEN true WHEN '0' THEN false END",
    "day": "TRY_STRPTIME({t}, '%Y%m%d')::DATE",
    "instant": "TRY_STRPTIME({t}, '%Y%m%d%H%M%S')",
    "latitude": "TRY_CAST({t} AS DOUBLE)",
    "longitude": "TRY_CAST({t} AS DOUBLE)",
}
_SOUND = {
    "whole": "{v}::VARCHAR = {t}",
    "number": "isfinite({v})",
    "flag": "{v} IS NOT NULL",
    "day": "{v} IS NOT NULL AND strlen({t}) = 8 AND {t} < ':' AND NOT contains({t}, ' ')",
    "instant": "{v} IS NOT NULL AND strlen({t}) = 14 AND {t} < ':' AND NOT contains({t}, ' ')",
    "latitude": "{v} BETWEEN -90 AND 90",
    "longitude": "{v} BETWEEN -180 AND 180",
}
"""What must hold of text t and value v; a letter sorts after ":", and DuckDB reads `infinity` as a date."""
WRONG = {
    "text": "is empty",
    "whole": "is no whole number",
    "number": "is no number",
    "flag": "is neither 0 nor 1",
    "day": "is no date (YYYYMMDD)",
    "instant": "is no instant (YYYYMMDDHHMMSS)",
    "latitude": "is no latitude on the globe",
    "longitude": "is no longitude on the globe",
}


def text_of(layout: Layout, files: list[str]) -> str:
    """The rows of unpacked files as text, without the lines that have not all columns."""
    columns = ", ".join(f"{quoted(c.name)}: 'VARCHAR'" for c in layout.columns)
    return (
        f"read_csv([{', '.join(map(quoted, files))}], columns={{{columns}}}, header=false,"
        f" delim={quoted(layout.separator)}, quote='', escape='', auto_detect=false,"
        f" ignore_errors=true, max_line_size={LONGEST})"
    )


def values(layout: Layout) -> str:
    """The values beside the text: one column v0, v1, ... for every one that is not text."""
    cast = ((n, c) for n, c in enumerate(layout.columns) if c.kind != "text")
    return ", ".join(f"{_CAST[c.kind].format(t=named(c.name))} AS v{n}" for n, c in cast)


def written(layout: Layout) -> str:
    """The columns as they are stored; those that name persons are not."""
    kept = ((n, c) for n, c in _numbered(layout) if c.kept)
    shown = (named(c.name) if c.kind == "text" else f"v{n} AS {named(c.name)}" for n, c in kept)
    return ", ".join(shown)


def happened(layout: Layout) -> str:
    """The day that a row is about."""
    return next(f"v{n}::DATE" for n, c in _numbered(layout) if c.name == layout.day)


def sound(layout: Layout) -> str:
    """Whether a row can be taken."""
    return " AND ".join(told for n, c in _numbered(layout) if (told := _sound(n, c))) or "true"


def first_wrong(layout: Layout) -> str:
    """The number of the first column that a row is refused for; NULL for a sound row."""
    cases = (f"WHEN NOT {told} THEN {n}" for n, c in _numbered(layout) if (told := _sound(n, c)))
    return f"CASE {' '.join(cases) or 'WHEN false THEN 0'} END"


def texts(layout: Layout) -> str:
    """The texts of a row as one list, to show the one that is wrong."""
    return f"[{', '.join(named(c.name) for c in layout.columns)}]"


def check_names(layout: Layout) -> None:
    """Raises InputError for a layout that has a column of the store's own."""
    own = {c.name.casefold() for c in layout.columns} & {*ADDED, *OWN}
    if own:
        raise InputError(f"a column may not be called {', '.join(sorted(own))}", f"layout {layout.table}")


def code_rows(codes: str) -> list[tuple[str, str, date, date]]:
    """A code list as rows: code, ISO3, first and last day on which the code means that country.

    A code of a state that is gone ends with the state; the others have no end. `codes` is fips, iso3 or iso2.
    Raises InputError for another list.
    """
    if codes not in ("fips", "iso3", "iso2"):
        raise InputError(f"there is no code list {codes!r}", "layout", "use fips, iso3 or iso2")
    found: dict[str, tuple[str, str, date, date]] = {}
    for one in sorted(countries(), key=lambda c: c.valid_to or date.max):
        gone = one.status in ("former", "continued")
        since, until = (one.valid_from, one.valid_to) if gone else (None, None)
        for code in one.fips if codes == "fips" else (getattr(one, codes),):
            found[code] = code, one.iso3, since or date.min, until or date.max
    return [row for code, row in found.items() if code]


def codes_type(codes: str) -> str:
    """A type of SQL that holds the codes of a list and gives each a number."""
    listed = ", ".join(quoted(row[0]) for row in code_rows(codes))
    return f"CREATE OR REPLACE TYPE country_code AS ENUM ({listed})"


def code_number(layout: Layout) -> str:
    """The place of a row's country in the code list; NULL for one that is not there."""
    return f"enum_code(TRY_CAST({named(layout.country)} AS country_code))::BIGINT + 1"


def country(layout: Layout) -> str:
    """The ISO3 of a row's country on its day, from `code_number` as `code`."""
    _, iso3, since, until = zip(*code_rows(layout.codes), strict=True)
    day, names = happened(layout), [*map(quoted, iso3)]
    first, last = dated(since, "DATE"), dated(until, "DATE")
    return f"CASE WHEN {day} BETWEEN {first}[code] AND {last}[code] THEN ([{', '.join(names)}])[code] END"


def dated(times: Iterable[date], kind: str) -> str:
    """A list of dates or instants in SQL."""
    return f"([{', '.join(quoted(str(at)) for at in times)}]::{kind}[])"


def _numbered(layout: Layout) -> list[tuple[int, Column]]:
    return list(enumerate(layout.columns))


def _sound(number: int, column: Column) -> str:
    """When a column can be taken; empty where it always can."""
    text = named(column.name)
    if column.kind == "text":
        return f"({text} IS NOT NULL)" if column.needed else ""
    told = f"coalesce({_SOUND[column.kind].format(t=text, v=f'v{number}')}, false)"
    return told if column.needed else f"({text} IS NULL OR {told})"
