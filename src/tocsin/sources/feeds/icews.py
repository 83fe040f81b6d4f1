"""ICEWS: events coded by machine from news, 1995 to 2023, from your own copy.

Columns as in the event files of the Dataverse deposit (Boschee et al. 2015, ICEWS Coded Event Data,
doi:10.7910/DVN/28075); codes as in CAMEO (Gerner et al. 2002). An Event ID is unique with its date only
(Beger, R package icews).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import IO

from tocsin.clock import Moment, Period, Precision, day_moment
from tocsin.sources.contract import Gathered, Request, Tally
from tocsin.sources.expectations import Expectations
from tocsin.sources.factsheet import FactSheet, fact_sheet
from tocsin.sources.incident import Incident
from tocsin.sources.readers.cells import RowRefused, by_country_name, day, past, point, text, whole
from tocsin.sources.readers.incidents import Judge, Layout, file_steps, incident_id, not_after, rest
from tocsin.sources.readers.tabbed import tabbed

SOURCE = "icews"
ENDINGS = (".tab", ".tsv", ".txt", ".csv")
COLUMNS = (
    *(
        "Event ID",
        "Event Date",
        "Source Name",
        "Source Sectors",
        "Source Country",
        "Event Text",
        "CAMEO Code",
    ),
    *("Intensity", "Target Name", "Target Sectors", "Target Country", "Story ID", "Sentence Number"),
    *("Publisher", "City", "District", "Province", "Country", "Latitude", "Longitude"),
)
NEEDED = ("Event ID", "Event Date", "Source Name", "CAMEO Code", "Target Name", "Country")
LAYOUT = Layout("an ICEWS event file", COLUMNS, NEEDED)
TAKEN = frozenset(("Event ID", "Event Date", "Source Name", "Target Name", "CAMEO Code", "Publisher")) | (
    frozenset(("City", "Province", "Country", "Latitude", "Longitude"))
)
VIOLENT = ("18", "19", "20")
"""CAMEO roots: assault, fight, unconventional mass violence."""

SHORT = "CAMEO codes lack their first zero; it is put back"
_CAMEO = re.compile(r"([0-9]{2,4})([a-z]?)")
_CIVILIAN = re.compile(r"\bcivilians?\b", re.IGNORECASE)
_STAMP = re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?:\d{6})?(?!\d)")


@dataclass(frozen=True, slots=True)
class Release:
    """A file: the label that its name states, and when a reader could have it (None: nobody says)."""

    label: str
    known: Moment | None


@dataclass(frozen=True, slots=True)
class Icews:
    """The source `icews`."""

    name: str = SOURCE

    def read(self, request: Request) -> Iterator[Gathered]:
        """Incidents, lazily, one step a file."""
        sheet = fact_sheet(SOURCE)
        yield from file_steps(sheet, request, ENDINGS, partial(_file, request, sheet))


def _file(
    request: Request, sheet: FactSheet, stream: IO[bytes], name: str, tally: Tally
) -> Iterator[Incident]:
    table = tabbed(stream, name, tally.note)
    LAYOUT.check(table, tally)
    release = _release(Path(name).name, request, tally)
    make = partial(incident, release=release, request=request, sheet=sheet, tally=tally)
    expected = Expectations(sheet.expected, tally)
    yield from Judge(tally, request.since, make, expected).rows(table)
    expected.check_fill()


def _release(name: str, request: Request, tally: Tally) -> Release:
    """The day that a file's name is stamped with, or the option states."""
    for year, month, stamped in _STAMP.findall(name):
        try:
            on = date(int(year), int(month), int(stamped))
        except ValueError:
            continue
        return Release(request.release or on.isoformat(), request.published or day_moment(on))
    if request.published is None:
        tally.note(f"{name} states no day; known only from the day it was read (--published to date it)")
    return Release(request.release, request.published)


def incident(
    row: Mapping[str, str], release: Release, request: Request, sheet: FactSheet, tally: Tally
) -> Incident:
    """The incident of a row. Raises RowRefused with the reason."""
    on = past(day(text(row, "Event Date"), "Event Date"), "Event Date", request.recorded.date())
    external = f"{whole(row, 'Event ID')}/{on}"
    kind, root = _kind(row, tally)
    latitude, longitude = point(row, "Latitude", "Longitude")
    country = row.get("Country", "").strip()
    return Incident(
        id=incident_id(SOURCE, external, row),
        source=SOURCE,
        external_id=external,
        release=release.label,
        iso3=by_country_name(country, on).iso3 if country else "",
        country=country,
        place=row.get("City", ""),
        admin1=row.get("Province", ""),
        latitude=latitude,
        longitude=longitude,
        where_precision=_precision(row),
        happened=Period(on, on),
        kind=kind,
        root=root,
        actor=row.get("Source Name", ""),
        target=row.get("Target Name", ""),
        against_civilians=_against_civilians(row, root),
        deaths=None,
        count=1,
        reported_by=row.get("Publisher", ""),
        address="",
        sensitivity=sheet.sensitivity,
        published=None,
        known=_known(release, on, request),
        recorded=request.recorded,
        columns=rest(row, TAKEN),
    )


def _kind(row: Mapping[str, str], tally: Tally) -> tuple[str, str]:
    """The CAMEO code as text, and its root (two digits).

    Codes have three or four digits. Spreadsheets take the first zero away; what is left cannot be another
    code, because roots end at 20 and those from 02 to 08 alone have codes of four digits.
    """
    given = text(row, "CAMEO Code")
    match = _CAMEO.fullmatch(given)
    if match is None:
        raise RowRefused(f"CAMEO Code {given[:40]!r} is no CAMEO code")
    digits, letter = match.groups()
    if (len(digits) == 2 and not letter) or (len(digits) == 3 and int(digits[:2]) > 20):
        tally.note(SHORT)
        digits = f"0{digits}"
    if not 1 <= int(digits[:2]) <= 20:
        raise RowRefused(f"CAMEO Code {given!r} has the root {digits[:2]}, which is none of 01 to 20")
    return digits + letter, digits[:2]


def _precision(row: Mapping[str, str]) -> str:
    """The finest unit that the row names."""
    return next((name.lower() for name in ("City", "District", "Province", "Country") if row.get(name)), "")


def _against_civilians(row: Mapping[str, str], root: str) -> bool | None:
    """True where violence has civilians among the sectors of its target; otherwise nobody says."""
    return True if root in VIOLENT and _CIVILIAN.search(row.get("Target Sectors", "")) else None


def _known(release: Release, on: date, request: Request) -> Moment:
    """The day of the file, and never before the event."""
    if release.known is None:
        return Moment(request.recorded, Precision.INSTANT)
    return not_after(max(release.known, day_moment(on), key=lambda moment: moment.end), request.recorded)
