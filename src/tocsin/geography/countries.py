"""The country table: who is a state, since when, under which codes and which names.

Codes: ISO 3166-1 and 3166-3, M49, FIPS 10-4 (withdrawn in 2008, alive in GDELT), Gleditsch-Ward and
Correlates of War numbers. The two lists of numbers agree except where states joined or broke up (Germany,
Yemen, Serbia) and for some islands: ask each with its own function and a day. Dates of validity follow
Gleditsch and Ward (1999) where the state is in their list.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from tocsin.errors import UnknownId

LANGUAGES = ("en", "fr", "es", "ar", "ru")


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a list of states, and the first and last day it stands for the state (None: open)."""

    code: int
    start: date | None
    end: date | None

    def on(self, day: date) -> bool:
        """Whether the number stands for the state on that day."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Country:
    """A state or territory, present or past.

    `status` is member or observer (of the United Nations), state, territory, former, or continued (a former
    state carried on under the code of the state that continues it: the Soviet Union under RUS, as under
    number 365). `admitted` is the day of admission to the United Nations. `names` holds one (language, name)
    for each of LANGUAGES. `organisations` are as known in January 2026, suspended members included.
    `geonames` is the GeoNames id, None for states that are gone. `fips` may hold several codes (Palestine GZ,
    WE).
    """

    iso3: str
    iso2: str
    m49: str
    fips: tuple[str, ...]
    gw: tuple[Number, ...]
    cow: tuple[Number, ...]
    status: str
    admitted: date | None
    valid_from: date | None
    valid_to: date | None
    predecessors: tuple[str, ...]
    successors: tuple[str, ...]
    region: str
    sub_region: str
    organisations: tuple[str, ...]
    geonames: int | None
    names: tuple[tuple[str, str], ...]
    aliases: tuple[str, ...]
    demonyms: tuple[str, ...]

    @property
    def name(self) -> str:
        """The English name."""
        return self.name_in("en")

    def name_in(self, language: str) -> str:
        """The name in one of LANGUAGES. Raises UnknownId for another."""
        for code, name in self.names:
            if code == language:
                return name
        raise UnknownId("language of country names", language, LANGUAGES)

    def on(self, day: date) -> bool:
        """Whether the state existed on that day; a territory without dates always does."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


def countries(on: date | None = None) -> tuple[Country, ...]:
    """All countries by ISO3.

    With `on`, those that existed that day, each state once (the Soviet Union as RUS).
    """
    if on is None:
        return tuple(_table().values())
    return tuple(c for c in _table().values() if c.on(on) and c.status != "continued")


def country(iso3: str) -> Country:
    """The country of an ISO 3166 alpha-3 code (Kosovo XKX, former states as in ISO 3166-3).

    Raises UnknownId.
    """
    found = _table().get(iso3)
    if found is None:
        raise UnknownId("country", iso3, _table())
    return found


def by_gw(code: int, on: date) -> Country:
    """The state that bears a Gleditsch-Ward number on a day. Raises UnknownId when none does."""
    return _numbered("Gleditsch-Ward", code, on)


def by_cow(code: int, on: date) -> Country:
    """The state that bears a Correlates of War number on a day. Raises UnknownId when none does.

    Days are those of the Gleditsch-Ward list except where the numbers themselves change (Germany, Yemen).
    """
    return _numbered("Correlates of War", code, on)


def by_fips(code: str) -> Country:
    """The country of a FIPS 10-4 code (not ISO: SU is Sudan, NG is Niger, NI is Nigeria).

    Raises UnknownId.
    """
    found = _coded("fips").get(code.upper())
    if found is None:
        raise UnknownId("FIPS 10-4 code", code, _coded("fips"))
    return found


def by_iso2(code: str) -> Country:
    """The present country of an ISO 3166-1 alpha-2 code ("NA" is Namibia).

    A former one if no other has it.
    """
    found = _coded("iso2").get(code.upper())
    if found is None:
        raise UnknownId("ISO 3166 alpha-2 code", code, _coded("iso2"))
    return found


def by_name(text: str, on: date | None = None) -> Country:
    """The country of an exact name or alias in any of LANGUAGES, whatever its case, accents or article.

    When a name served several states in turn, the one that existed `on` that day; without a day, the present
    one, or the last that bore it. Demonyms are not names. Raises UnknownId.
    """
    found = _named().get(normal_name(text), ())
    if not found:
        raise UnknownId("country name", text, (c.name for c in _table().values()))
    fitting = [c for c in found if on is not None and c.on(on)]
    return (fitting or sorted(found, key=lambda c: c.valid_to or date.max))[-1]


_ARTICLE = re.compile(r"^(?:the|la|le|les|l|el|los|las) (?=\S)|,? the$")


def normal_name(text: str) -> str:
    """A name as it is compared.

    Folded case, no accents, no points or dashes, no leading or trailing article.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    plain = plain.replace("&", " and ").replace("'", "").replace("’", "")
    plain = re.sub(r"[\s.,\-–()/]+", " ", plain).strip()
    return _ARTICLE.sub("", plain)


def _numbered(kind: str, code: int, on: date) -> Country:
    holders = _numbers()[kind].get(code, ())
    for holder, number in holders:
        if number.on(on):
            return holder
    spans = ", ".join(f"{h.iso3} from {n.start} to {n.end or 'now'}" for h, n in holders) or "nobody holds it"
    raise UnknownId(f"{kind} number on {on} ({spans})", str(code), ())


@cache
def _numbers() -> dict[str, dict[int, list[tuple[Country, Number]]]]:
    out: dict[str, dict[int, list[tuple[Country, Number]]]] = {"Gleditsch-Ward": {}, "Correlates of War": {}}
    for one in _table().values():
        for kind, numbers in (("Gleditsch-Ward", one.gw), ("Correlates of War", one.cow)):
            for number in numbers:
                out[kind].setdefault(number.code, []).append((one, number))
    return out


@cache
def _coded(field: str) -> dict[str, Country]:
    out: dict[str, Country] = {}
    for one in sorted(_table().values(), key=lambda c: c.valid_to or date.max):
        codes = one.fips if field == "fips" else (one.iso2,)
        out.update({code: one for code in codes if code})
    return out


@cache
def _named() -> dict[str, tuple[Country, ...]]:
    out: dict[str, tuple[Country, ...]] = {}
    for one in _table().values():
        for name in (n for _, n in one.names), one.aliases:
            for key in {normal_name(n) for n in name}:
                if one not in out.get(key, ()):
                    out[key] = (*out.get(key, ()), one)
    return out


@cache
def _table() -> dict[str, Country]:
    extra = {r["iso3"]: r for r in read_table("aliases.tsv")}
    return {r["iso3"]: _country(r, extra.pop(r["iso3"], {})) for r in read_table("countries.csv")}


def read_table(name: str) -> Iterator[dict[str, str]]:
    """The rows of a reviewed table of this room; lines that begin with # are notes.

    Every cell is text ("NA" too).
    """
    text = files("tocsin.geography").joinpath("data", name).read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return csv.DictReader(lines, delimiter="\t" if name.endswith(".tsv") else ",")


def _country(row: dict[str, str], extra: dict[str, str]) -> Country:
    return Country(
        iso3=row["iso3"],
        iso2=row["iso2"],
        m49=row["m49"],
        fips=tuple(row["fips"].split()),
        gw=_read_numbers(row["gw"]),
        cow=_read_numbers(row["cow"]),
        status=row["status"],
        admitted=_day(row["admitted"]),
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
        predecessors=tuple(row["predecessors"].split()),
        successors=tuple(row["successors"].split()),
        region=row["region"],
        sub_region=row["sub_region"],
        organisations=tuple(row["organisations"].split()),
        geonames=int(row["geonames"]) if row["geonames"] else None,
        names=tuple((language, row[f"name_{language}"]) for language in LANGUAGES),
        aliases=tuple(dict.fromkeys([*_split(extra.get("aliases")), *_split(row["other_names"])])),
        demonyms=_split(extra.get("demonyms")),
    )


def _read_numbers(text: str) -> tuple[Number, ...]:
    spans = (part.split(":") for part in text.split())
    return tuple(Number(int(code), _day(start), _day(end)) for code, start, end in spans)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _split(text: str | None) -> tuple[str, ...]:
    return tuple(n for n in (text or "").split("|") if n)
