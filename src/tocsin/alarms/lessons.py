"""Lessons and laws that the rules of the policy rest on: the reviewed register lessons.yml, read strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from tocsin.errors import InputError, UnknownId

_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Kind(StrEnum):
    """What an entry is: a finding of an inquiry on what went wrong, or a duty or standard that binds."""

    LESSON = "lesson"
    LAW = "law"


class Confidence(StrEnum):
    """How sure the date, the symbol and the gist of an entry are."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Lesson:
    """One entry of the register. `date` is ISO text to the year, month or day; `document` its symbol.

    `teaches` is our own reading. Raises InputError for an empty entry or a wrong date, id or address.
    """

    id: str
    kind: Kind
    title: str
    date: str
    document: str
    teaches: str
    confidence: Confidence
    source: str

    def __post_init__(self) -> None:
        where = f"lessons.yml, {self.id or '?'}"
        for name in (f.name for f in fields(self)):
            if not str(getattr(self, name)).strip():
                raise InputError(f"{name} is empty", where, "say it in one line")
        if not _ID.fullmatch(self.id):
            raise InputError("an id is small letters, digits and single hyphens", where)
        if not _DATE.fullmatch(self.date):
            raise InputError(f"{self.date!r} is not a date", where, "write YYYY, YYYY-MM or YYYY-MM-DD")
        if not self.source.startswith("https://"):
            raise InputError(f"{self.source!r} is not an address", where, "it begins with https://")


@cache
def lessons() -> Mapping[str, Lesson]:
    """The shipped register by id."""
    text = files(__package__).joinpath("lessons.yml").read_text("utf-8")
    return parse_lessons(yaml.load(text, yaml.CSafeLoader))


def parse_lessons(data: Mapping[str, Any]) -> Mapping[str, Lesson]:
    """A register from the YAML's own shape. Raises InputError or UnknownId for what is missing or unknown."""
    if set(data) != {"lessons"}:
        raise InputError("the file holds the list `lessons` and nothing else", "lessons.yml")
    found = {lesson.id: lesson for lesson in (_lesson(row) for row in data["lessons"])}
    if len(found) < len(data["lessons"]):
        raise InputError("two entries share an id", "lessons.yml", "an id is never reused")
    return MappingProxyType(found)


def _lesson(row: Mapping[str, Any]) -> Lesson:
    where, wanted = f"lessons.yml, {row.get('id', '?')}", [f.name for f in fields(Lesson)]
    for name in sorted(set(row) ^ set(wanted)):
        what = "is missing" if name in wanted else "is not known"
        raise InputError(f"{name} {what}", where, f"entries are {', '.join(wanted)}")
    given = {name: " ".join(str(row[name]).split()) for name in wanted}
    _in(given["kind"], list(Kind), f"kind in {where}")
    _in(given["confidence"], list(Confidence), f"confidence in {where}")
    kind, confidence = Kind(given.pop("kind")), Confidence(given.pop("confidence"))
    return Lesson(**given, kind=kind, confidence=confidence)


def _in(word: str, known: Sequence[str], what: str) -> None:
    if word not in known:
        raise UnknownId(what, word, known)
