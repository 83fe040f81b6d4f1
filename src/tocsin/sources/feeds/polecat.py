"""POLECAT: events of who did what to whom, coded by machine from news in seven languages, from your own copy.

Columns as in the files of the Dataverse deposit (Scarborough et al. 2023, POLECAT Weekly Data,
doi:10.7910/DVN/AJGVIT); types and modes as in the PLOVER ontology. A cell without a value says `None`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache, partial
from typing import IO

from tocsin.clock import Moment, Period, Precision, day_moment
from tocsin.geography import Country, by_cow
from tocsin.sources.contract import Gathered, Request, Tally
from tocsin.sources.expectations import Expectations
from tocsin.sources.factsheet import FactSheet, fact_sheet
from tocsin.sources.incident import Incident
from tocsin.sources.readers.cells import (
    RowRefused,
    by_country_name,
    by_iso3,
    day,
    past,
    point,
    same_state,
    sought,
    text,
)
from tocsin.sources.readers.incidents import Judge, Layout, file_steps, incident_id, not_after, rest
from tocsin.sources.readers.tabbed import tabbed
from tocsin.sources.readers.table import Row, Table

SOURCE = "polecat"
ENDINGS = (".txt", ".tsv", ".tab", ".csv")
COLUMNS = (
    *("Event ID", "Event Date", "Event Type", "Event Mode", "Intensity", "Quad Code", "Contexts"),
    *("Actor Name", "Actor Country", "Actor COW", "Primary Actor Sector", "Actor Sectors", "Actor Title"),
    *("Actor Name Raw", "Wikipedia Actor ID", "Recipient Name", "Recipient Country", "Recipient COW"),
    *("Primary Recipient Sector", "Recipient Sectors", "Recipient Title", "Recipient Name Raw"),
    *("Wikipedia Recipient ID", "Placename", "City", "District", "Province", "Country", "Latitude"),
    *("Longitude", "GeoNames ID", "Raw Placename", "Feature Type", "Source", "Publication Date"),
    *("Story People", "Story Organizations", "Story Locations", "Language", "Version"),
)
NEEDED = ("Event ID", "Event Date", "Event Type", "Country", "Source", "Publication Date")
LAYOUT = Layout("a POLECAT file", COLUMNS, NEEDED)
RENAMED = {"Event Intensity": "Intensity"}
"""Names of other releases of the files."""

NOT_KEPT = "Story People"
"""Persons who stand in the story, whatever their part in it."""

TAKEN = frozenset(("Event ID", "Event Date", "Event Type", "Event Mode", "Actor Name", "Recipient Name")) | (
    frozenset(
        ("Placename", "Province", "Country", "Latitude", "Longitude", "Feature Type", "Source", NOT_KEPT)
    )
)
TYPES = frozenset(
    ("AGREE", "CONSULT", "SUPPORT", "CONCEDE", "COOPERATE", "AID", "RETREAT", "REQUEST", "ACCUSE", "REJECT")
) | frozenset(("THREATEN", "PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT"))
CIVILIAN = frozenset(("civilian", "civilians", "cvl"))
"""How the sector of people who are no party is written, in words or as in PLOVER."""

_CODE = re.compile(r"[A-Za-z][A-Za-z_-]{1,30}")


@dataclass(frozen=True, slots=True)
class Polecat:
    """The source `polecat`."""

    name: str = SOURCE

    def read(self, request: Request) -> Iterator[Gathered]:
        """Incidents, lazily, one step a file."""
        sheet = fact_sheet(SOURCE)
        yield from file_steps(sheet, request, ENDINGS, partial(_file, request, sheet))


def _file(
    request: Request, sheet: FactSheet, stream: IO[bytes], name: str, tally: Tally
) -> Iterator[Incident]:
    table = _named(tabbed(stream, name, tally.note))
    LAYOUT.check(table, tally)
    if NOT_KEPT in table.columns:
        tally.note(f"the column {NOT_KEPT} is not kept: it names persons")
    make = partial(incident, request=request, sheet=sheet, tally=tally)
    expected = Expectations(sheet.expected, tally)
    yield from Judge(tally, request.since, make, expected).rows(table)
    expected.check_fill()


def _named(table: Table) -> Table:
    """The table under the present names of its columns, `None` as an empty cell."""
    columns = tuple(RENAMED.get(column, column) for column in table.columns)

    def rows() -> Iterator[Row]:
        for row in table.rows:
            cells = zip(columns, row.values.values(), strict=False)
            values = {name: "" if value.strip() == "None" else value for name, value in cells}
            yield Row(row.number, values, row.overflow, row.fault)

    return Table(table.name, columns, rows())


def incident(row: Mapping[str, str], request: Request, sheet: FactSheet, tally: Tally) -> Incident:
    """The incident of a row. Raises RowRefused with the reason."""
    external, on = text(row, "Event ID"), day(text(row, "Event Date"), "Event Date")
    kind, root = _kind(row, tally)
    latitude, longitude = point(row, "Latitude", "Longitude")
    published = _published(row, request.recorded.date(), tally)
    _compare_actors(row, on, tally)
    return Incident(
        id=incident_id(SOURCE, external, row),
        source=SOURCE,
        external_id=external,
        release="",
        iso3=_iso3(row.get("Country", "").strip(), on),
        country=row.get("Country", "").strip(),
        place=row.get("Placename", "") or row.get("City", ""),
        admin1=row.get("Province", ""),
        latitude=latitude,
        longitude=longitude,
        where_precision=row.get("Feature Type", ""),
        happened=Period(on, on),
        kind=kind,
        root=root,
        actor=row.get("Actor Name", ""),
        target=row.get("Recipient Name", ""),
        against_civilians=_against_civilians(row, root),
        deaths=None,
        count=1,
        reported_by=row.get("Source", ""),
        address="",
        sensitivity=sheet.sensitivity,
        published=published,
        known=_known(published, request, sheet),
        recorded=request.recorded,
        columns=rest(row, TAKEN),
    )


def _kind(row: Mapping[str, str], tally: Tally) -> tuple[str, str]:
    """`ASSAULT/aerial` and `ASSAULT`."""
    root, mode = text(row, "Event Type").upper(), row.get("Event Mode", "").strip()
    if not _CODE.fullmatch(root) or (mode and not _CODE.fullmatch(mode)):
        raise RowRefused(f"Event Type {root[:40]!r} and Event Mode {mode[:40]!r} are no PLOVER codes")
    if root not in TYPES:
        tally.note(f"event type {root} is none of the PLOVER types known here; kept as published")
    return (f"{root}/{mode}" if mode else root), root


def _iso3(given: str, on: date) -> str:
    """The country of the place, empty where the row names none."""
    if not given:
        return ""
    found: Country = by_iso3(given, on) if len(given) <= 3 else by_country_name(given, on)
    return found.iso3


def _against_civilians(row: Mapping[str, str], root: str) -> bool | None:
    """True where an assault names civilians among its recipients; otherwise nobody says."""
    told = ";".join(row.get(name, "") for name in ("Primary Recipient Sector", "Recipient Sectors"))
    civilian = CIVILIAN & {sector.strip().casefold() for sector in re.split(r"[;,|]", told)}
    return True if root == "ASSAULT" and civilian else None


def _published(row: Mapping[str, str], today: date, tally: Tally) -> Moment | None:
    given = row.get("Publication Date", "").strip()
    if not given:
        tally.note("rows without a Publication Date are known only from the day they were read")
        return None
    return day_moment(past(day(given, "Publication Date"), "Publication Date", today))


def _known(published: Moment | None, request: Request, sheet: FactSheet) -> Moment:
    """One cadence after the story: the files come out weekly."""
    stated = published or request.published
    if stated is None:
        return Moment(request.recorded, Precision.INSTANT)
    wait = timedelta(hours=sheet.cadence_hours) if published else timedelta()
    return not_after(Moment(stated.at + wait, stated.precision), request.recorded)


def _compare_actors(row: Mapping[str, str], on: date, tally: Tally) -> None:
    """Notes where the two ways of naming an actor's state differ; neither is used further."""
    for who in ("Actor", "Recipient"):
        code, number = row.get(f"{who} Country", "").strip(), row.get(f"{who} COW", "").strip()
        if code and number and not _agree(code, number, on):
            tally.note(f"{who} Country and {who} COW name different states; kept as published")


@lru_cache(maxsize=50_000)
def _agree(code: str, number: str, on: date) -> bool:
    """Whether an ISO3 code and a Correlates of War number, one of each, are one state on that day."""
    if not (re.fullmatch(r"[A-Z]{3}", code) and re.fullmatch(r"[0-9]{1,3}(\.0)?", number)):
        return True
    by_number = sought(by_cow, int(number.partition(".")[0]), on)
    try:
        return by_number is None or same_state(by_number, by_iso3(code, on))
    except RowRefused:
        return False
