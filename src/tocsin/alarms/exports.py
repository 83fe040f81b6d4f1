"""An edition as data: JSON (alarms.schema.json), GeoJSON (RFC 7946) and CSV with HXL hashtags (HXL 1.1).

The same facts in three forms, for everyone: no quoted words, no signer, no place finer than the country.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from tocsin.alarms.areas import Area, area
from tocsin.alarms.bulletin import Bulletin, Part
from tocsin.alarms.cap import certainty, expires, factors, forecasts, profile
from tocsin.alarms.edition import Edition
from tocsin.alarms.issued import Issue, stands
from tocsin.alarms.phrases import phrases
from tocsin.geography import country

SCHEMA = 1
"""Counts up when a field changes its meaning or goes; new fields leave it."""
COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("Alarm", "#event+id", "id"),
    ("Revision", "#meta+revision+num", "revision"),
    ("State", "#status+alarm", "state"),
    ("In force", "#status+inforce", "in_force"),
    ("Country", "#country+name+i_en", "name"),
    ("ISO 3166-1 alpha-3", "#country+code+v_iso3", "iso3"),
    ("ISO 3166-1 alpha-2", "#country+code+v_iso2", "iso2"),
    ("UN M49", "#country+code+v_m49", "m49"),
    ("Event", "#event+type", "crime_family"),
    ("Level", "#severity+level", "level"),
    ("Severity (CAP)", "#severity+v_cap", "severity"),
    ("Certainty (CAP)", "#indicator+certainty+v_cap", "certainty"),
    ("Rule", "#cause+rule", "rule"),
    ("Independent origins", "#meta+origins+num", "origins"),
    ("First crossed", "#date+start", "first_crossing"),
    ("Issued", "#date+reported", "issued"),
    ("Last day", "#date+end", "expires"),
    ("Headline", "#description+headline+i_en", "headline"),
    ("CAP document", "#meta+url+cap", "cap"),
)
"""Heading, hashtag and key of each column."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a cell begins that a spreadsheet may run (OWASP, CSV injection), full-width forms included."""


def as_json(edition: Edition) -> bytes:
    """Every issue with its texts in each language."""
    body = {
        "schema": SCHEMA,
        "updated": edition.updated.isoformat(timespec="seconds"),
        "note": phrases("en").say("note"),
        "alarms": [
            {**facts(edition, i), "texts": {b.language: text_of(b) for b in i.bulletins}}
            for i in edition.issues
        ],
        "untold": [alarm for alarm, _ in edition.untold],
    }
    return _dumped(body)


def as_geojson(edition: Edition) -> bytes:
    """A FeatureCollection: the whole country, or null where no outline of it is shipped."""
    features = [_feature(edition, issue) for issue in edition.issues]
    return _dumped({"type": "FeatureCollection", "features": features})


def as_csv(edition: Edition) -> bytes:
    """A row for each issue, under headings and hashtags."""
    made = io.StringIO()
    rows = csv.writer(made, lineterminator="\r\n")
    rows.writerow(heading for heading, _, _ in COLUMNS)
    rows.writerow(tag for _, tag, _ in COLUMNS)
    for issue in edition.issues:
        told = facts(edition, issue)
        values = {**told, **told["place"], "headline": issue.bulletin.headline}
        rows.writerow(_cell(values[key]) for _, _, key in COLUMNS)
    return made.getvalue().encode()


def facts(edition: Edition, issue: Issue) -> dict[str, Any]:
    """What programs read of one issue."""
    alarm, one = issue.alarm, country(issue.alarm.iso3)
    first = (*issue.earlier, alarm)[0]
    return {
        "id": alarm.id,
        "revision": alarm.revision,
        "state": alarm.state.value,
        "in_force": stands(alarm, edition.on),
        "place": {"iso3": one.iso3, "iso2": one.iso2, "m49": one.m49, "name": one.name},
        "crime_family": alarm.crime_family,
        "level": alarm.level.value,
        "severity": profile()["severity"][alarm.level.value],
        "certainty": certainty(issue.bulletin),
        "rule": alarm.rule,
        "origins": alarm.origins,
        "factors": list(factors(alarm)),
        "forecasts": forecasts(issue.bulletin),
        "first_crossing": alarm.first_crossing.isoformat(),
        "issued": first.recorded.isoformat(timespec="seconds"),
        "updated": alarm.recorded.isoformat(timespec="seconds"),
        "expires": expires(alarm).date().isoformat(),
        "cap": edition.address(issue),
    }


def text_of(bulletin: Bulletin) -> dict[str, Any]:
    """One bulletin: its parts in order, with the evidence of every statement."""
    return {
        "direction": bulletin.direction,
        "headline": bulletin.headline,
        "note": bulletin.note,
        "parts": [
            {
                "part": part.value,
                "title": bulletin.titles.get(part.value, ""),
                "statements": [
                    {"text": s.text, "evidence": list(s.evidence), "url": s.url} for s in bulletin.part(part)
                ],
            }
            for part in Part
            if bulletin.part(part)
        ],
    }


def _feature(edition: Edition, issue: Issue) -> dict[str, Any]:
    of = area(issue.alarm.iso3, issue.alarm.as_of.date())
    told = facts(edition, issue)
    properties = {**{k: v for k, v in told.items() if k != "place"}, **told["place"]}
    headlines = {b.language: b.headline for b in issue.bulletins}
    return {
        "type": "Feature",
        "id": issue.alarm.id,
        "geometry": _geometry(of),
        "properties": {**properties, "headlines": headlines},
    }


def _geometry(of: Area) -> Mapping[str, Any] | None:
    """Longitude first; outer rings counterclockwise (RFC 7946, section 3.1.6)."""
    if not of.drawn:
        return None
    return {"type": "MultiPolygon", "coordinates": [[[list(at) for at in ring]] for ring in of.drawn]}


def _cell(value: object) -> str:
    """A cell that no spreadsheet runs: what begins like a formula is put behind an apostrophe."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "".join(c for c in str(value) if c.isprintable() or c == " ")
    return f"'{text}" if text.lstrip().startswith(FORMULA) or str(value).startswith(FORMULA) else text


def _dumped(body: Mapping[str, Any]) -> bytes:
    return (json.dumps(body, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode("utf-8", "replace")
