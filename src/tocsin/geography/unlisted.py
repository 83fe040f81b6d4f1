"""Places outside the gazetteer: parts of the world, and names that the words around them say are a place's.

No coordinates are claimed for them. And the words behind a place's name that belong to it ("district").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from tocsin.geography.countries import read_table
from tocsin.geography.folding import fold
from tocsin.geography.gazetteer import phrases, senses


class Area(NamedTuple):
    """text[start:end] names a place without a country: a part of the world, or one that no table holds."""

    start: int
    end: int
    name: str
    geonames: int | None
    known: bool


_ARTICLE = (
    r"(?:(?:A[lnrstdz]|El|La|Le|Las|Los|San|Santa|Abu|Umm|Bab|Wadi|Ain|Tal|Deir|Beit|Khan|Qasr|Jebel)[ -])?"
)
_NAME = "(?P<name>" + _ARTICLE + r"[A-ZÀ-Þ][\w'’-]{2,}(?: [A-ZÀ-Þ][\w'’-]{2,})?)"


@cache
def _words(use: str) -> str:
    return (
        "(?:" + "|".join(row["words"] for row in read_table("kinds_of_place.tsv") if row["use"] == use) + ")"
    )


@cache
def _behind() -> re.Pattern[str]:
    return re.compile(" " + _words("behind") + r"\b", re.IGNORECASE)


@cache
def _never() -> re.Pattern[str]:
    return re.compile(_words("never") + r"\b")


@cache
def _naming() -> tuple[re.Pattern[str], ...]:
    return (
        re.compile(r"\b" + _words("before") + " " + _NAME),
        re.compile(_NAME + " " + _words("naming") + r"\b"),
        re.compile(r"(?<!\w)" + _words("russian") + r" (?P<name>[А-ЯЁ][а-яё]{3,}(?:-[А-ЯЁ][а-яё]+)?)"),
        re.compile(r"(?<!\w)" + _words("arabic") + r" (?P<name>ال\w{3,}|\w{4,})"),
    )


def beyond(text: str, end: int) -> int:
    """Where a place's name ends when the word for what it is ("district", "LGA") is taken with it."""
    found = _behind().match(text, end)
    return found.end() if found else end


def areas(text: str) -> Iterator[Area]:
    """Parts of the world and unlisted places of a text, in no order; they may overlap mentions."""
    folded = fold(text)
    for last, (name, geonames) in _machine().iter(folded):
        start = last + 1 - len(name)
        if _apart(text, start, last + 1) and not text[start].islower():
            yield Area(start, last + 1, name, geonames, True)
    for pattern in _naming():
        for found in pattern.finditer(text):
            name = found["name"]
            start = found.start("name")
            head, _, rest = name.partition(" ")
            if fold(head) in phrases("leading") or _never().match(head):
                start, name = start + len(head) + 1, rest
            if len(name) > 3 and not _never().match(name) and fold(name) not in senses():
                yield Area(start, start + len(name), name, None, False)


def _apart(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() or after.isalnum())


@cache
def _machine() -> Any:
    import ahocorasick

    machine = ahocorasick.Automaton()
    for row in read_table("macroregions.tsv"):
        for name in (row["name"], *(row["other names"] or "").split("|")):
            geonames = int(row["geonames"]) if row["geonames"] else None
            machine.add_word(fold(name), (fold(name), geonames))
    machine.make_automaton()
    return machine
