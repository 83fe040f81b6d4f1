"""The source `presence`: who came to see, who left, and who was made to leave, as the desk notes it.

Delimited text or JSON lines with columns by name: country (ISO3 or name), body, witness, change, since and
address; where known also area, by, published and id. Of bodies and networks, never of persons.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, TypeVar

from tocsin.clock import Moment, Period, Precision, parse_moment
from tocsin.errors import InputError, UnknownId
from tocsin.evidence import content_id
from tocsin.geography import by_name, country
from tocsin.sources.contract import NOTHING, Gathered, Request, Tally
from tocsin.sources.presence import Change, Presence, Witness
from tocsin.sources.readers.cells import RowRefused
from tocsin.sources.readers.delimited import delimited
from tocsin.sources.readers.lines import text_lines, unwritable
from tocsin.sources.readers.table import Row, plain

SOURCE = "presence"
NEEDED = ("country", "body", "witness", "change", "since", "address")
OPTIONAL = ("area", "by", "published", "id")
DONE_BY = ("state", "nonstate", "itself", "unclear")
LINES = (".jsonl", ".ndjson", ".json")
ENDINGS = (".csv", ".tsv", ".txt", *LINES)
LONGEST = 200
"""Characters of a body's or area's name; what is longer is a story, not a name."""

Kind = TypeVar("Kind", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Noted:
    """The source `presence`."""

    name: str = SOURCE

    def read(self, request: Request) -> Iterator[Gathered]:
        """Changes of presence, lazily, one file after the other, in one step."""
        tally = Tally(SOURCE)
        yield Gathered(SOURCE, tally, presence=tally.guarded(_changes(request, tally)))


def _changes(request: Request, tally: Tally) -> Iterator[Presence]:
    if not request.paths:
        raise tally.stop("is what the desk notes itself; bring the file with --from")
    for path in _files(request.paths):
        tally.open()
        for row in _rows(path, tally):
            tally.read()
            try:
                if row.fault:
                    raise RowRefused(row.fault)
                found = _change(row.values, request)
            except RowRefused as refusal:
                tally.refuse(f"{path.name}, row {row.number}", str(refusal))
                continue
            if request.since and found.happened.end < request.since:
                tally.ignore(f"happened before {request.since}")
                continue
            tally.use()
            yield found
    if not tally.rows_read:
        tally.note(NOTHING)


def _files(paths: tuple[Path, ...]) -> Iterator[Path]:
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (p for p in inside if p == path or (p.is_file() and p.suffix.lower() in ENDINGS))


def _rows(path: Path, tally: Tally) -> Iterator[Row]:
    try:
        stream = path.open("rb")
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", str(path)) from error
    with stream:
        if path.suffix.lower() in LINES:
            yield from _json_rows(stream, path.name, tally)
            return
        table = delimited(stream, str(path))
        lacking = [name for name in NEEDED if name not in table.columns]
        if lacking:
            raise InputError(
                f"lacks {', '.join(lacking)}", str(path), f"name the columns {', '.join(NEEDED)}"
            )
        tally.columns([c for c in table.columns if c not in (*NEEDED, *OPTIONAL)], ())
        yield from table.rows


def _json_rows(stream: IO[bytes], name: str, tally: Tally) -> Iterator[Row]:
    """One object a line; a line that is none carries the fault."""
    for number, line in enumerate(text_lines(stream, name), 1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Row(number, {}, fault=f"is not JSON ({str(error)[:80]})")
            continue
        if not isinstance(given, dict):
            yield Row(number, {}, fault="is not a JSON object")
            continue
        tally.columns([c for c in given if c not in (*NEEDED, *OPTIONAL)], ())
        lacking = [column for column in NEEDED if column not in given]
        nested = [c for c in (*NEEDED, *OPTIONAL) if isinstance(given.get(c), dict | list)]
        fault = f"lacks {', '.join(lacking)}" if lacking else f"{nested[0]} is no text" if nested else ""
        yield Row(number, {} if nested else {c: plain(v) for c, v in given.items()}, fault=fault)


def _change(row: Mapping[str, str], request: Request) -> Presence:
    said = {name: " ".join((row.get(name) or "").split()) for name in (*NEEDED, *OPTIONAL)}
    if half := unwritable(*said.values()):
        raise RowRefused(half)
    for name in ("body", "address"):
        if not said[name]:
            raise RowRefused(f"{name} is empty")
    for name in ("body", "area"):
        if len(said[name]) > LONGEST:
            raise RowRefused(f"{name} is longer than {LONGEST} characters")
    by = said["by"].casefold() or "unclear"
    if by not in DONE_BY:
        raise RowRefused(f"by {said['by'][:40]!r} is none of {', '.join(DONE_BY)}")
    iso3, change = _iso3(said["country"]), _one_of(Change, "change", said["change"])
    happened = Period.of(_moment("since", said["since"], request.recorded))
    named = (iso3, said["area"], said["body"].casefold(), change.value, happened.start.isoformat())
    external_id = said["id"] or ":".join(named)
    known = _known(said["published"], request)
    stated = (*named, said["witness"].casefold(), by, said["address"], str(known))
    return Presence(
        id=content_id("prs", SOURCE, external_id, *stated),
        source=SOURCE,
        external_id=external_id,
        iso3=iso3,
        area=said["area"],
        body=said["body"],
        witness=_one_of(Witness, "witness", said["witness"]),
        change=change,
        by=by,
        happened=happened,
        address=said["address"],
        known=known,
        recorded=request.recorded,
    )


def _iso3(text: str) -> str:
    try:
        return country(text.upper()).iso3
    except UnknownId:
        try:
            return by_name(text).iso3
        except UnknownId as error:
            raise RowRefused(str(error)) from None


def _one_of(kind: type[Kind], name: str, text: str) -> Kind:
    found = next((one for one in kind if one.value.casefold() == text.casefold().replace("_", " ")), None)
    if found is None:
        raise RowRefused(f"{name} {text[:40]!r} is none of {', '.join(kind)}")
    return found


def _moment(name: str, text: str, recorded: datetime) -> Moment:
    try:
        moment = parse_moment(text)
    except ValueError as error:
        raise RowRefused(f"{name}: {error}"[:200]) from None
    if moment.at > recorded:
        raise RowRefused(f"{name} {text} lies in the future")
    return moment


def _known(published: str, request: Request) -> Moment:
    """When a reader outside could know it: when the address was published, else from today."""
    if published:
        return _moment("published", published, request.recorded)
    return request.published or Moment(request.recorded, Precision.INSTANT)
