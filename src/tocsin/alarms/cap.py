"""Alarms in the Common Alerting Protocol 1.2 (OASIS, 2010), by the profile in cap.yml.

A document is one message on one revision for one scope, in one or more languages. It lays bulletins out and
says nothing that they do not say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from lxml import etree

from tocsin.alarms.alarm import Alarm, AlarmState, Level
from tocsin.alarms.areas import Area, Ring, area
from tocsin.alarms.bulletin import Bulletin, Part, Scope
from tocsin.alarms.issued import ENDS, Reference, cap_time, checked_sender, identifier
from tocsin.alarms.markup import add, document
from tocsin.alarms.phrases import phrases
from tocsin.alarms.words import probability_word, wording
from tocsin.errors import InputError, NotAllowed

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
CONTENT_TYPE = "application/cap+xml"
STATUSES = ("Actual", "Exercise", "Test")
NUMBERS = ("probability", "low", "high", "base_rate", "ratio", "change", "rank", "of")
"""What is told of a forecast: its chance and 90 % range, the average place, the ratios to it and to a year
before, and its rank among how many."""
MESSAGES = {AlarmState.ISSUED: "Alert", AlarmState.UPDATED: "Update", **dict.fromkeys(ENDS, "Cancel")}


@cache
def profile() -> Mapping[str, Any]:
    """The shipped profile. Raises InputError when it leaves out a level, a scope or a probability word."""
    data: dict[str, Any] = yaml.load(
        files(__package__).joinpath("cap.yml").read_text("utf-8"), yaml.CSafeLoader
    )
    certainty, levels = data["certainty"], {level.value for level in Level}
    tables = (
        ("severity", data["severity"], levels),
        ("urgency", data["urgency"], levels),
        ("certainty.words", certainty["words"], {row["word"] for row in wording()["probability"]}),
        ("certainty", {**certainty["levels"], **certainty["without"]}, levels),
        ("response", data["response"], {scope.value for scope in Scope}),
    )
    for name, table, wanted in tables:
        if set(table) != wanted:
            raise InputError(f"{name} must map {', '.join(sorted(wanted))}, each once", "cap.yml")
    return data


def cap(
    bulletins: Sequence[Bulletin],
    sent: datetime,
    sender: str,
    earlier: Sequence[Reference] = (),
    *,
    addresses: Sequence[str] = (),
    status: str = "Actual",
) -> bytes:
    """A CAP 1.2 document, unsigned: one `info` for each bulletin, all of one revision and scope.

    `sender` names the originator in the form of a domain or mail address; `earlier` are the messages that
    this one updates or cancels; `addresses` are the bodies that a private one is for. Raises NotAllowed for a
    revision that was not issued, an update or end that follows nothing, or a private one for nobody;
    InputError for bulletins that do not belong together, a sender, an address or a status that CAP cannot
    write.
    """
    first = _together(bulletins)
    alarm, scope = first.alarm, first.scope
    message = MESSAGES.get(alarm.state)
    if message is None:
        raise NotAllowed(f"{alarm.row} is {alarm.state}: only what was issued is laid out as a message")
    if (message != "Alert") != bool(earlier):
        raise NotAllowed(
            f"{alarm.row} is {alarm.state}: {'name' if not earlier else 'it has no'} earlier messages"
        )
    if status not in STATUSES:
        raise InputError(f"{status!r} is no status of a message", remedy=f"use {', '.join(STATUSES)}")
    root = etree.Element(f"{{{CAP}}}alert", nsmap={None: CAP})
    add(root, "identifier", identifier(alarm.row, scope, addresses))
    add(root, "sender", checked_sender(sender))
    add(root, "sent", cap_time(sent))
    add(root, "status", status)
    add(root, "msgType", message)
    _scope(root, scope, addresses)
    add(root, "code", profile()["profile"])
    add(root, "note", first.note)
    if earlier:
        add(root, "references", " ".join(str(reference) for reference in earlier))
    add(root, "incidents", alarm.id)
    for bulletin in bulletins:
        _info(root, bulletin, sent)
    return document(root)


def _together(bulletins: Sequence[Bulletin]) -> Bulletin:
    if not bulletins:
        raise InputError("a message without a bulletin says nothing")
    first = bulletins[0]
    tongues = {b.language for b in bulletins}
    if len(tongues) < len(bulletins) or any(
        (b.alarm, b.scope) != (first.alarm, first.scope) for b in bulletins
    ):
        raise InputError(f"bulletins of {first.alarm.row}: give one revision and scope, each language once")
    return first


def _scope(root: Any, scope: Scope, addresses: Sequence[str]) -> None:
    add(root, "scope", scope.value)
    if scope is Scope.RESTRICTED:
        add(root, "restriction", profile()["restriction"])
    if scope is not Scope.PRIVATE:
        return
    if not addresses:
        raise NotAllowed("a private message needs the bodies that it is for")
    for address in addresses:
        if '"' in address or not address.strip():
            raise InputError(
                f"{address!r} cannot be written as an address of CAP", remedy="name it without quotes"
            )
    add(root, "addresses", " ".join(f'"{a}"' if " " in a else a for a in addresses))


def _info(root: Any, bulletin: Bulletin, sent: datetime) -> None:
    alarm, by = bulletin.alarm, profile()
    info = add(root, "info")
    add(info, "language", bulletin.language)
    for category in by["categories"]:
        add(info, "category", category)
    add(info, "event", event(alarm, bulletin.language))
    for response in by["response"][bulletin.scope.value]:
        add(info, "responseType", response)
    add(info, "urgency", by["urgency_of_an_end"] if alarm.state in ENDS else by["urgency"][alarm.level.value])
    add(info, "severity", by["severity"][alarm.level.value])
    add(info, "certainty", certainty(bulletin))
    _pair(info, "eventCode", "tocsin:crime-family", alarm.crime_family)
    _pair(info, "eventCode", "tocsin:level", alarm.level.value)
    add(info, "effective", cap_time(sent))
    add(info, "expires", cap_time(expires(alarm)))
    add(info, "senderName", "Tocsin")
    add(info, "headline", bulletin.headline)
    add(info, "description", description(bulletin))
    if web := next((s.url for s in bulletin.part(Part.STANDING) if s.url), ""):
        add(info, "web", web)
    for name, value in parameters(bulletin):
        _pair(info, "parameter", f"tocsin:{name}", value)
    _area(info, bulletin.place, area(alarm.iso3, alarm.as_of.date()))


def event(alarm: Alarm, language: str) -> str:
    """The type of event in a language, with the word of its level."""
    voice = phrases(language)
    return f"{voice.say(f'families.{alarm.crime_family}')}: {voice.say(f'levels.{alarm.level.value}')}"


def certainty(bulletin: Bulletin) -> str:
    """The certainty of CAP: by level, else by the highest probability that the alarm rests on."""
    by, level = profile()["certainty"], bulletin.alarm.level.value
    if level in by["levels"]:
        return str(by["levels"][level])
    chances = [f["probability"] for f in forecasts(bulletin) if "probability" in f]
    return str(by["words"][probability_word(max(chances))] if chances else by["without"][level])


def expires(alarm: Alarm) -> datetime:
    """The end of the last day of an alarm, UTC; of what was issued, the last day that it was issued for."""
    last = min(alarm.expires, alarm.in_force_until or alarm.expires)
    return datetime.combine(last, time(23, 59, 59), UTC)


def description(bulletin: Bulletin) -> str:
    """The statements under their headings, in order, and the note at the end."""
    lines: list[str] = []
    for part in Part:
        told = bulletin.part(part)
        if told and (title := bulletin.titles.get(part)):
            lines.append(title)
        lines += [s.text if s.url in s.text else f"{s.text} {s.url}" for s in told]
    return "\n".join([*lines, bulletin.note])


def parameters(bulletin: Bulletin) -> list[tuple[str, str]]:
    """What programs read of an alarm: state, rule, dates, origins, risk factors, forecasts, evidence."""
    alarm = bulletin.alarm
    fixed = [
        ("level", alarm.level.value),
        ("state", alarm.state.value),
        ("rule", alarm.rule),
        ("first-crossing", alarm.first_crossing.isoformat()),
        ("origins", str(alarm.origins)),
    ]
    numbers = [
        (f"forecast.{f['outcome']}.{f['months']}.{name}", f"{f[name]:.6g}")
        for f in forecasts(bulletin)
        for name in NUMBERS
        if name in f
    ]
    named = [("risk-factor", factor) for factor in factors(alarm)]
    return [*fixed, *named, *numbers, *(("evidence", id) for id in bulletin.evidence)]


def factors(alarm: Alarm) -> tuple[str, ...]:
    """The risk factors of the Framework that the rule compared, each once."""
    told = (field.split(".")[1] for field in sorted(alarm.measured) if field.startswith("factor."))
    return tuple(dict.fromkeys(told))


def forecasts(bulletin: Bulletin) -> list[dict[str, Any]]:
    """The forecasts that an alarm rests on: `outcome`, `months`, and of NUMBERS those that are known."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for f in bulletin.forecasts:
        known = {name: getattr(f, name) for name in ("probability", "low", "high", "base_rate", "rank", "of")}
        key = (f.outcome, f.horizon_months)
        found[key] = {"outcome": f.outcome, "months": f.horizon_months, **known}
    for field, value in sorted(bulletin.alarm.measured.items()):
        kind, *rest = field.split(".")
        if kind == "forecast" and len(rest) == 3 and rest[2] in NUMBERS:
            outcome, months = rest[0], int(rest[1])
            one = found.setdefault((outcome, months), {"outcome": outcome, "months": months})
            one.setdefault(rest[2], value)
    return [found[key] for key in sorted(found)]


def _area(info: Any, place: str, of: Area) -> None:
    element = add(info, "area")
    add(element, "areaDesc", place)
    for ring in of.rings:
        add(element, "polygon", _polygon(ring))
    if of.circle:
        add(element, "circle", f"{of.circle.lat:g},{of.circle.lon:g} {of.circle.radius:g}")
    for name, value in of.codes:
        _pair(element, "geocode", name, value)


def _polygon(ring: Ring) -> str:
    """Latitude first, the other way round from GeoJSON."""
    return " ".join(f"{lat:g},{lon:g}" for lon, lat in ring)


def _pair(parent: Any, tag: str, name: str, value: str) -> None:
    element = add(parent, tag)
    add(element, "valueName", name)
    add(element, "value", value)
