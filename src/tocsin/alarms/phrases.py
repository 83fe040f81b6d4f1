"""One language's templates (tellings/LANGUAGE.yml), filled with numbers, dates and names in its own way."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from tocsin.alarms.bulletin import LANGUAGES
from tocsin.alarms.message import filled
from tocsin.errors import InputError, UnknownId

ISOLATE, POP = "\u2068", "\u2069"
"""First strong isolate and its end (Unicode bidirectional algorithm): it turns nothing outside."""
APART = re.compile(f"{ISOLATE}[^{POP}]*{POP}")
LEAST, MOST = 0.0005, 0.995
"""Probabilities below and above which no finer number is given than 0.1 and 99 %."""
LOCALES = {"en": "en_GB", "fr": "fr", "es": "es", "ar": "ar"}
"""The CLDR locale of each language: days before months in English, as the United Nations write them."""
FINE = re.compile(r"\.(ratio|strength|change|growth|trend)$")


@dataclass(frozen=True, slots=True)
class Phrases:
    """The templates of one language by dotted key, and how its numbers and dates are written."""

    language: str
    table: Mapping[str, str]
    locale: Locale

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return self.table["direction"]

    def has(self, key: str) -> bool:
        """Whether there is a template of that key."""
        return key in self.table

    def say(self, key: str, **values: object) -> str:
        """A template filled. Raises InputError for a key or a slot that has nothing."""
        return self.fill(key, values)

    def fill(self, key: str, values: Mapping[str, object]) -> str:
        """As `say`, with slots whose names hold dots."""
        if key not in self.table:
            raise InputError(
                f"no text {key!r}", f"tellings/{self.language}.yml", "write it in every language"
            )
        return filled(self.table[key], values, self._show, self._category)

    def number(self, value: float, digits: int = 0) -> str:
        """A number with its separators and at most `digits` decimals."""
        pattern = "#,##0" + ("." + "#" * digits if digits else "")
        return str(format_decimal(value, format=pattern, locale=self.locale))

    def percent(self, p: float) -> str:
        """A probability in per cent, no finer than it can be known."""
        if p < LEAST:
            return self.say("how_sure.under", p=self._percent(0.001))
        return self.say("how_sure.over", p=self._percent(0.99)) if p > MOST else self._percent(p)

    def day(self, day: date | datetime) -> str:
        """A day in words."""
        told = str(format_date(day, "long", locale=self.locale))
        return told.replace("1 ", "1er ", 1) if self.language == "fr" and day.day == 1 else told

    def joined(self, items: Iterable[str]) -> str:
        """Items as a list of the language, with its "and"."""
        return str(format_list(list(items), locale=self.locale))

    def tongue(self, code: str) -> str:
        """The name of a language by its ISO 639 code, or that it is not known."""
        named = self.locale.languages.get(code.replace("-", "_")) or self.locale.languages.get(code[:2])
        return str(named) if named else self.say("how_known.no_tongue")

    def _percent(self, p: float) -> str:
        pattern = self.locale.percent_formats[None].pattern
        fine = pattern.replace("#,##0", "#,##0.0") if p < 0.1 else pattern
        return str(format_percent(p, format=fine, locale=self.locale))

    def _category(self, count: float) -> str:
        return str(self.locale.plural_form(count))

    def _show(self, name: str, value: object) -> str:
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, int | float):
            return self._number_of(name, value)
        return isolated(str(value), self.direction)

    def _number_of(self, name: str, value: float) -> str:
        if name.endswith(".probability"):
            return self.percent(value)
        if name.endswith(".year"):
            return str(round(value))
        return self.number(value, 1 if FINE.search(name) else 0)


@cache
def phrases(language: str) -> Phrases:
    """The templates of a language. Raises UnknownId for one that no alarm is told in."""
    if language not in LANGUAGES:
        raise UnknownId("language of alarms", language, LANGUAGES)
    text = files(__package__).joinpath("tellings", f"{language}.yml").read_text("utf-8")
    return Phrases(language, dict(_flat(yaml.load(text, yaml.CSafeLoader))), Locale.parse(LOCALES[language]))


def isolated(text: str, direction: str) -> str:
    """The text, marked off when it begins against the direction around it."""
    own = APART.sub("", text)
    first = next((d for d in map(unicodedata.bidirectional, own) if d in ("L", "R", "AL")), "")
    against = first == "L" if direction == "rtl" else first in ("R", "AL")
    return f"{ISOLATE}{text}{POP}" if against else text


def capital(text: str) -> str:
    """The text with its first letter as at the start of a sentence."""
    return text[:1].upper() + text[1:]


def _flat(table: Mapping[str, Any], stem: str = "") -> Iterable[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{stem}{key}.")
        else:
            yield f"{stem}{key}", str(value)
