"""The places that a text names, as `tocsin code --json` gives them."""

from __future__ import annotations

from tocsin.geography import Mention, mentions
from tocsin.geography.unlisted import Area, areas, beyond
from tocsin.signals.rules.passage import Passage

Place = dict[str, object]
_KNOWN, _UNLISTED, _DEMONYM = 0.8, 0.5, 0.5
"""Confidence of a part of the world, of a name that only its neighbours make a place, of a nationality."""


def places(doc: Passage) -> tuple[Place, ...]:
    """Countries, places and parts of the world with their span, in order, none overlapping.

    `text` is doc.text[start:end], with the word behind it for what the place is ("Al Garrahi district").
    `iso3` is empty for parts of the world, for names that no gazetteer holds, and for a refusal, which names
    its `candidates`. `lat` and `lon` (degrees, WGS 84) and `geonames` are null where unknown. A nationality
    ("Malian soldiers") points to a country and is given without coordinates.
    """
    found = [_of_mention(doc.text, m) for m in mentions(doc.text) if m.kind != "body"]
    taken = sorted((int(str(p["start"])), int(str(p["end"]))) for p in found)
    for area in sorted(areas(doc.text), key=lambda a: (a.start, -a.end)):
        if not any(start < area.end and area.start < end for start, end in taken):
            found.append(_of_area(doc.text, area))
            taken.append((area.start, area.end))
    return tuple(sorted(found, key=lambda p: int(str(p["start"]))))


def _of_mention(text: str, one: Mention) -> Place:
    end = beyond(text, one.end) if one.kind == "place" else one.end
    place: Place = {"text": text[one.start : end], "start": one.start, "end": end, "geonames": one.geonames}
    place |= {"lat": one.lat, "lon": one.lon, "iso3": one.iso3}
    place["confidence"] = min(one.confidence, _DEMONYM) if one.kind == "demonym" else one.confidence
    return place | ({"candidates": list(one.candidates)} if one.candidates else {})


def _of_area(text: str, one: Area) -> Place:
    end = beyond(text, one.end)
    place: Place = {"text": text[one.start : end], "start": one.start, "end": end, "geonames": one.geonames}
    return place | {"lat": None, "lon": None, "iso3": "", "confidence": _KNOWN if one.known else _UNLISTED}
