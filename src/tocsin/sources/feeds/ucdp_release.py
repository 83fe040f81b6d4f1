"""Releases of UCDP GED: which one a file is, which years it covers, and when a reader could have it.

Annual releases `YY.1` cover 1989 to the year before (GED codebook, section 1); candidate releases `YY.0.M`
one month, and `YY.MM-MM` the months of a year (Hegre et al. 2020, candidate codebook). The lags stand in the
fact sheet `ucdp`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from tocsin.clock import Moment, Precision, add_months, day_moment
from tocsin.sources.factsheet import FactSheet

ANNUAL, CANDIDATE = "annual", "candidate"
VINTAGE = {ANNUAL: "later revision", CANDIDATE: "as known"}
CLEAR = ("", "Clear")

_CANDIDATE = re.compile(r"(?<!\d)v?(\d{2})[._]0[._](\d{1,2})(?!\d)")
_MONTHS = re.compile(r"(?<!\d)v?(\d{2})_(\d{2})_(\d{2})_(\d{2})(?!\d)|(?<!\d)(\d{2})\.(\d{2})-(\d{2})(?!\d)")
_ANNUAL = re.compile(r"(?<!\d)v?(\d{2})[._]1(?!\d)|ged(\d{2})1(?!\d)")
_EXPORT = re.compile(r"^gedevents-(\d{4})-(\d{2})-(\d{2})")
_UCDP = re.compile(r"ged|ucdp|candidate", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
FIRST_ANNUAL = 16
"""Two-digit year of the first release with this numbering (before: 1.0 to 5.0)."""


@dataclass(frozen=True, slots=True)
class Release:
    """One release. `covers` is its last day of events; `note` says what it was told from, if indirect."""

    label: str
    layer: str
    covers: date
    known: Moment
    note: str = ""


def stated(label: str, sheet: FactSheet) -> Release | None:
    """The release that a label, an option or a column states: `25.1`, `26.0.2`, `24.1?`, `special 2016-2019`.

    A special release is dated by the last year it names. None when the label says nothing.
    """
    text = label.strip()
    release = _numbered(text, sheet)
    if release is None and (years := _YEAR.findall(text)):
        note = f"release {text!r} has no number: dated by the last year it names"
        release = _annual(text, int(max(years)) - 1999, sheet, note)
    if release and text.endswith("?"):
        note = f"release {text!r} is stated with doubt, and taken as {release.label}"
        return Release(text, release.layer, release.covers, release.known, note)
    return release


def named(file_name: str, sheet: FactSheet) -> Release | None:
    """The release that a file name states. None when it states none.

    The web tool names its exports by day only; the annual release of that day is taken, except in May to
    July, when the new one may or may not have been out.
    """
    found = _EXPORT.match(file_name)
    if not found:
        return _numbered(file_name, sheet) if _UCDP.search(file_name) else None
    if found[2] in ("05", "06", "07"):
        return None
    release = annual_on(date(int(found[1]), int(found[2]), 1), sheet)
    note = f"taken as release {release.label}, the annual one on the day of the export in its name"
    return replace(release, note=note)


def annual_on(day: date, sheet: FactSheet) -> Release:
    """The newest annual release that was out on a day."""
    number = day.year % 100
    release = _annual(f"{number}.1", number, sheet)
    return release if release.known.end.date() <= day else _annual(f"{number - 1}.1", number - 1, sheet)


def candidates_after(annual: Release, recorded: datetime, sheet: FactSheet) -> Iterator[Release]:
    """The monthly candidate releases that lie on top of an annual one and were out at `recorded`."""
    year, month = annual.covers.year + 1 - 2000, 1
    while (release := _candidate(f"{year}.0.{month}", year, month, sheet)).known.end <= recorded:
        yield release
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def order(label: str) -> tuple[int, int]:
    """Sort key of release labels, oldest first; a label without a number comes before all."""
    if (month := _CANDIDATE.search(label)) or (month := _MONTHS.search(label)):
        groups = [group for group in month.groups() if group]
        return int(groups[0]), int(groups[-1])
    year = _ANNUAL.search(label)
    return (int(next(filter(None, year.groups()))), 0) if year else (0, 0)


def unstated(status: str, published: Moment | None, recorded: datetime) -> Release:
    """A release for rows whose file names none: known when published, or else only from when we had it."""
    layer = ANNUAL if status in CLEAR else CANDIDATE
    known = published or Moment(recorded, Precision.INSTANT)
    return Release("", layer, known.end.date(), known)


def _numbered(text: str, sheet: FactSheet) -> Release | None:
    if found := _MONTHS.search(text):
        year, first, *_, last = (int(group) for group in found.groups() if group)
        if 1 <= first <= last <= 12:
            return _candidate(f"{year}.{first:02}-{last:02}", year, last, sheet)
    if found := _CANDIDATE.search(text):
        year, month = int(found[1]), int(found[2])
        return _candidate(f"{year}.0.{month}", year, month, sheet) if 1 <= month <= 12 else None
    if found := _ANNUAL.search(text):
        number = int(found[1] or found[2])
        return _annual(f"{number}.1", number, sheet) if number >= FIRST_ANNUAL else None
    return None


def _annual(label: str, number: int, sheet: FactSheet, note: str = "") -> Release:
    covers = date(2000 + number - 1, 12, 31)
    return Release(label, ANNUAL, covers, _month_after(covers, sheet.release_lag_months), note)


def _candidate(label: str, year: int, month: int, sheet: FactSheet) -> Release:
    known = _month_after(date(2000 + year, month, 1), sheet.provisional_lag_months)
    return Release(label, CANDIDATE, known.end.date(), known)


def _month_after(day: date, months: int) -> Moment:
    start = day_moment(add_months(day.replace(day=1), months)).at.astimezone(UTC)
    return Moment(start, Precision.MONTH)
