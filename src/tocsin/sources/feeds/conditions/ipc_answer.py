"""Saved answers of IPC's own interface (`population`): analyses with groups and areas, as values.

Layout as in the answers that OCHA's scraper of IPC tests with: a list of analyses {country (ISO2),
condition (A is acute), analysis_date, period, current_period_dates, projected_period_dates,
second_projected_period_dates, phaseN_percentage, phaseN_population ..., groups, areas}, areas with the same
fields and overall_phase.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tocsin.clock import Moment, Period, Precision
from tocsin.sources.feeds.conditions.given import Fault, Given, RowIgnored, absent, iso2, number, text
from tocsin.sources.readers.answers import listed, parsed
from tocsin.sources.readers.cells import RowRefused

KINDS = {"": ("current", "current"), "_projected": ("projected", "projected")}
KINDS["_second_projected"] = ("projected_2", "second_projected")
PHASES = ("1", "2", "3", "4", "5")
_MONTHS = {
    m: n
    for n, m in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}


@dataclass(frozen=True, slots=True)
class Analysis:
    """What all areas of one analysis share."""

    iso3: str
    country: str
    known: Moment
    periods: Mapping[str, Period]


def saved(body: bytes, where: str) -> list[Any]:
    """The analyses and areas of a saved answer, each `{"analysis": ..., "area": ...}`. Raises InputError."""
    found: list[Any] = []
    for analysis in listed(parsed(body, where), where):
        found.append({"analysis": analysis, "area": analysis, "path": ()})
        if isinstance(analysis, dict):
            found += _parts(analysis, analysis, ())
    return found


def _parts(analysis: Any, within: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Any]:
    for kind in ("groups", "areas"):
        inside = within.get(kind)
        for part in inside if isinstance(inside, list) else ():
            name = (*path, text(part, "name")) if isinstance(part, dict) else path
            yield {"analysis": analysis, "area": part, "path": name}
            if isinstance(part, dict) and len(path) < 3:
                yield from _parts(analysis, part, name)


def saved_row(row: Mapping[str, Any]) -> Iterator[Given | Fault]:
    """The shares, numbers and phases of one analysis or area."""
    area, analysis = row["area"], row["analysis"]
    if not isinstance(area, dict) or not isinstance(analysis, dict):
        raise RowRefused("is not a JSON object")
    if row["path"] and not row["path"][-1]:
        raise RowRefused("is of a part of the country and names none")
    of = _analysis(analysis)
    for suffix, (kind, _) in KINDS.items():
        if kind in of.periods:
            yield from _scenario(area, suffix, kind, of, "/".join(row["path"]))


def _scenario(
    area: Mapping[str, Any], suffix: str, kind: str, of: Analysis, place: str
) -> Iterator[Given | Fault]:
    cells = [(f"phase_{p}_share", f"phase{p}_percentage{suffix}", "share of people", 1.0) for p in PHASES]
    cells += [(f"phase_{p}_people", f"phase{p}_population{suffix}", "people", float("inf")) for p in PHASES]
    cells += [("phase_3+_share", f"p3plus_percentage{suffix}", "share of people", 1.0)]
    cells += [("phase_3+_people", f"p3plus{suffix}", "people", float("inf"))]
    cells += [("phase", f"overall_phase{suffix}", "phase 1 to 5", 5.0)]
    for series, column, unit, most in cells:
        cell = area.get(column)
        if absent(cell):
            continue
        try:
            value = number(cell, column, 1 if series == "phase" else 0, most)
        except RowRefused as why:
            yield Fault(column, str(why))
            continue
        name = f"{kind}_{series}"
        yield Given(name, of.iso3, of.country, of.periods[kind], value, unit=unit, area=place, known=of.known)


def _analysis(analysis: Mapping[str, Any]) -> Analysis:
    if text(analysis, "condition") not in ("", "A"):
        raise RowIgnored("not of acute food insecurity")
    state = iso2(text(analysis, "country"))
    told = {kind: text(analysis, f"{name}_period_dates") for kind, name in KINDS.values()}
    periods = {kind: _dates(dates) for kind, dates in told.items() if dates}
    if not periods:
        raise RowRefused("names no period")
    return Analysis(state.iso3, state.name, analysed(text(analysis, "analysis_date")), periods)


def _dates(told: str) -> Period:
    """The months `Apr 2023 - Aug 2023`. Raises RowRefused."""
    first, dash, last = told.partition(" - ")
    start, end = analysed(first), analysed(last if dash else first)
    if end.end < start.end:
        raise RowRefused(f"period {told[:40]!r} ends before it starts")
    return Period(start.at.date(), end.end.date(), Precision.MONTH)


def analysed(told: str) -> Moment:
    """The month `Mar 2022`. Raises RowRefused."""
    found = re.fullmatch(r"([A-Za-z]{3})[a-z]* ((?:19|20)\d{2})", told.strip())
    month = _MONTHS.get(found[1].lower()) if found else None
    if found is None or month is None:
        raise RowRefused(f"{told[:40]!r} is not a month and a year")
    return Moment(datetime(int(found[2]), month, 1, tzinfo=UTC), Precision.MONTH)
