"""One report of ReliefWeb as a record.

Used: id, title, body or body-html, the three dates, the first source, one language, url_alias or url. Ignored
by name: countries, formats, themes and disasters, which editors of ReliefWeb assigned; the coder reads words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tocsin.clock import Moment, Precision
from tocsin.errors import InputError
from tocsin.evidence import canonical, sha256
from tocsin.sources.factsheet import FactSheet
from tocsin.sources.origins import host_of, is_web, origin_of, unstated
from tocsin.sources.readers.answers import mapping
from tocsin.sources.readers.datelines import written_date
from tocsin.sources.readers.lines import unwritable
from tocsin.sources.record import Record, record_id

USED = ("title", "body", "body-html", "date", "source", "language", "url", "url_alias")
IGNORED = ("country", "primary_country", "format", "theme", "disaster", "id", "status")
FIELDS = (
    *("title", "body", "body-html", "date.created", "date.original", "date.changed"),
    *("source.name", "source.shortname", "source.type", "source.homepage", "language.code"),
    *("country.iso3", "primary_country.iso3", "url", "url_alias", "format.name", "theme.name"),
    "disaster.name",
)


@dataclass(frozen=True, slots=True)
class Report:
    """One report as given. `created` is when ReliefWeb had it, `published` when its publisher dates it."""

    id: str
    title: str
    text: str
    language: str
    address: str
    origin: str
    created: Moment
    changed: Moment | None
    published: Moment | None
    unknown: tuple[str, ...]


def report(row: Any, where: str) -> Report:
    """The report of one row. Raises InputError that says what is wrong with it."""
    whole = mapping(row, where)
    id = str(whole.get("id", ""))
    if not (id.isascii() and id.isdigit()):
        raise InputError(f"has the id {id[:40]!r}, which is no number", where)
    where = f"report {id}"
    given = mapping(whole.get("fields"), where)
    dates = mapping(given.get("date", {}), where)
    created = _date(dates, "created", where)
    title, text = _text(given, "title", where), _body(given, where)
    address = next((a for n in ("url_alias", "url") if _address(a := _text(given, n, where))), "")
    if created is None or not (title or text):
        raise InputError(
            "has no date of its creation" if created is None else "has no title and no text", where
        )
    if not address:
        raise InputError("has no address", where)
    languages = _listed(given, "language", "code", where)
    found = Report(
        id=id,
        title=title,
        text=text,
        language=languages[0].lower() if len(languages) == 1 else "",
        address=address,
        origin=_origin(given, where),
        created=created,
        changed=_date(dates, "changed", where),
        published=_date(dates, "original", where),
        unknown=tuple(str(name) for name in given if name not in USED + IGNORED),
    )
    if half := unwritable(title, text, address, found.language, found.origin, *found.unknown):
        raise InputError(half, where)
    return found


def record(found: Report, sheet: FactSheet, recorded: datetime) -> Record:
    """Its record. It is known when created or, where that is later, changed: its words may be other ones."""
    published = found.published if found.published and found.published.at <= recorded else None
    known = max((m for m in (found.created, found.changed) if m), key=lambda m: m.end)
    said = canonical((found.title, found.text, str(published or ""), found.origin, found.language)).encode()
    return Record(
        id=record_id(sheet.id, found.id, said),
        source=sheet.id,
        address=found.address,
        title=found.title,
        text=found.text,
        language=found.language,
        raw_sha256=sha256(said),
        licence=sheet.licence,
        sensitivity=sheet.sensitivity,
        origin=found.origin,
        published=published,
        known=known if known.end <= recorded else Moment(recorded, Precision.INSTANT),
        recorded=recorded,
        external_id=found.id,
    )


def _body(given: Mapping[str, Any], where: str) -> str:
    """The text; out of the markup when there is no plain one."""
    from tocsin.sources.readers.page import page

    text, markup = _text(given, "body", where), _text(given, "body-html", where)
    if text or not markup:
        return text
    try:
        return page(f"<html><body>{markup}</body></html>", where).text
    except InputError:
        return ""


def _origin(given: Mapping[str, Any], where: str) -> str:
    """The first publisher: by its homepage as feeds of the same body, else by its name."""
    homes = _listed(given, "source", "homepage", where, all_of=False)
    names = _listed(given, "source", "shortname", where, all_of=False)
    names += _listed(given, "source", "name", where, all_of=False)
    by_home = origin_of(homes[0]) if homes and _address(homes[0]) else ""
    return by_home or (names[0].casefold() if names else unstated("reliefweb"))


def _listed(given: Mapping[str, Any], name: str, part: str, where: str, *, all_of: bool = True) -> list[str]:
    """One part of every entry of a list, or of the first alone; entries without it are left out."""
    entries = given.get(name) or []
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        raise InputError(f"{name} is no list", where)
    parts = [_text(mapping(e, where), part, where) for e in (entries if all_of else entries[:1])]
    return [text for text in parts if text]


def _text(given: Mapping[str, Any], name: str, where: str) -> str:
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{name} is no text", where)
    return (value or "").strip()


def _date(dates: Mapping[str, Any], name: str, where: str) -> Moment | None:
    """A date as given, to the second; midnight is a day. Raises InputError for what is no date."""
    stated = _text(dates, name, where)
    moment = written_date(stated) if stated else None
    if stated and moment is None:
        raise InputError(f"date.{name} {stated[:40]!r} is no date", where)
    if moment and name == "original" and moment.at.time().isoformat() == "00:00:00":
        return Moment(moment.at, Precision.DAY)
    return moment


def _address(url: str) -> bool:
    return is_web(url) and bool(host_of(url))
