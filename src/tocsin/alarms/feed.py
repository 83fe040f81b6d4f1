"""The public feed of issued alarms (Atom, RFC 4287): no coordinates, quoted words, names or proposals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from lxml import etree

from tocsin.alarms.alarm import Alarm
from tocsin.alarms.words import say

ATOM = "http://www.w3.org/2005/Atom"
_DEGREES = r"[-+]?\d{1,3}\.\d{3,}(?:\s*°)?(?:\s*[NSEW]\b)?"
COORDINATES = re.compile(rf"{_DEGREES}\s*[,;/ ]\s*{_DEGREES}")
QUOTED = re.compile('["\u201c\u00ab\u201e][^"\u201c\u201d\u00ab\u00bb\u201e]*["\u201d\u00bb\u201c]')


def public_text(text: str) -> str:
    """Text as it may leave the house: coordinates and quoted words replaced by a visible mark."""
    return QUOTED.sub("[words withheld]", COORDINATES.sub("[place withheld]", text))


def atom(
    alarms: Sequence[Alarm], self_url: str, updated: datetime, names: Mapping[str, str] | None = None
) -> bytes:
    """An Atom document of the issued and updated alarms, newest first; others are left out.

    `alarms` are newest revisions, `updated` is when the feed was made, `names` maps ISO3 to a country name.
    An entry's id stays through its revisions, so that a reader sees a change and not a second alarm.
    """
    feed = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    _add(feed, "id", self_url)
    _add(feed, "title", "Tocsin: issued alarms")
    _add(feed, "subtitle", "A level is not a legal finding. Places not listed are not therefore safe.")
    _add(feed, "updated", _time(updated))
    _add(feed, "link", rel="self", href=self_url, type="application/atom+xml")
    _add(_add(feed, "author"), "name", "Tocsin")
    public = [alarm for alarm in alarms if alarm.state.public]
    for alarm in sorted(public, key=lambda a: (a.recorded, a.id), reverse=True):
        _entry(feed, alarm, (names or {}).get(alarm.iso3, alarm.iso3), self_url)
    made: bytes = etree.tostring(feed, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return made


def _entry(feed: etree._Element, alarm: Alarm, name: str, self_url: str) -> None:
    entry = _add(feed, "entry")
    _add(entry, "id", f"urn:tocsin:{alarm.id}")
    _add(entry, "title", public_text(f"{alarm.level.capitalize()}: {alarm.crime_family}, {name}"))
    _add(entry, "updated", _time(alarm.recorded))
    _add(entry, "link", rel="alternate", href=f"{self_url}#{alarm.id}")
    for scheme, term in (("level", alarm.level), ("state", alarm.state), ("place", alarm.iso3)):
        _add(entry, "category", term=str(term), scheme=f"urn:tocsin:{scheme}")
    text = "\n".join(say(alarm, name, public=True))
    _add(entry, "content", public_text(text), type="text")


def _add(parent: etree._Element, tag: str, text: str = "", **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, f"{{{ATOM}}}{tag}", **attributes)
    if text:
        # XML 1.0 has no way to write control characters; a reason typed by a person may hold one.
        child.text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)
    return child


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
