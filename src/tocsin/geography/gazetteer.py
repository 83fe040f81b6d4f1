"""The names that are looked for in text, in one automaton: countries and demonyms, divisions, regions, towns.

Towns and divisions are GeoNames' (CC BY 4.0), selected by scripts/build_places.py and joined with reviewed
ones.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Any

from tocsin.geography.countries import Country, countries, read_table
from tocsin.geography.folding import fold
from tocsin.geography.inflection import (
    arabic_adjectives,
    arabic_relatives,
    forms,
    french_adjectives,
    portuguese_adjectives,
    russian_adjectives,
    russian_people,
    russian_town_adjectives,
    spanish_adjectives,
    swahili_people,
)

OLDEST_NAMED = 1970
"""States that ended before this year are read as the regions they are today (Tibet, Zanzibar)."""


@dataclass(frozen=True, slots=True)
class Sense:
    """One thing a name may mean. `weight` is people, or what a region is worth beside a town of that many.

    `exact` is the one spelling that counts, for names written in capitals ("US"); empty for others. `small`
    says that the word may begin with a small letter. `notable` places are believed without support from the
    text, `minor` ones (districts and villages) only where something else names their country. A `stem`
    (written with * in the tables) takes any ending.
    """

    iso3: str
    kind: str
    name: str
    lat: float | None = None
    lon: float | None = None
    weight: int = 0
    geonames: int | None = None
    exact: str = ""
    small: bool = False
    notable: bool = False
    minor: bool = False
    stem: bool = False


SKIP = Sense("", "skip", "")
NOTABLE = 500_000
"""A division of so many people is meant though nothing else in the text points to its country."""
_REGION, _SITE = 1_000_000, 5_000
_KNOWN = frozenset({"capital", "region", "site"})
_MINOR = frozenset({"district", "village"})


@cache
def automaton() -> Any:
    """The Aho-Corasick automaton over all folded names; each value is the folded name itself."""
    import ahocorasick

    machine = ahocorasick.Automaton()
    for name in senses():
        machine.add_word(name, name)
    machine.make_automaton()
    return machine


class Names(Mapping[str, tuple[Sense, ...]]):
    """What each folded name may mean. A phrase of not_places.tsv marked skip means nothing.

    A meaning is made out when it is first asked for: of 170,000 names hardly any is met.
    """

    def __init__(self) -> None:
        self._lines, self._places = _places()
        self._first = _by_name(chain(_country_senses(), _other_names(), _adjective_senses()))
        self._last = _by_name(chain(_body_senses(), _leader_senses()))
        self._only = {fold(row["name"]): row["iso3"].split() for row in _rows_of_ambiguous("only")}
        skipped = (row["phrase"] for row in read_table("not_places.tsv") if row["kind"] == "skip")
        self._met = {name: tuple(found) for name, found in _by_name(_ambiguous()).items()}
        self._met |= {fold(phrase): (SKIP,) for phrase in skipped}
        self._names = self._met.keys() | self._first.keys() | self._places.keys() | self._last.keys()

    def __getitem__(self, name: str) -> tuple[Sense, ...]:
        found = self._met.get(name)
        if found is None:
            if name not in self._names:
                raise KeyError(name)
            found = self._met[name] = self._meant(name)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def _meant(self, name: str) -> tuple[Sense, ...]:
        """One sense for a country and spelling, reviewed ones first, and minor ones only among themselves."""
        places = (_place_sense(self._lines[abs(n)], n < 0) for n in self._places.get(name, ()))
        out: dict[tuple[str, str], Sense] = {}
        for sense in chain(self._first.get(name, ()), places, self._last.get(name, ())):
            out.setdefault((sense.iso3, sense.exact), sense)
        found = [s for s in out.values() if s.iso3 in self._only.get(name, ())] or list(out.values())
        return tuple(s for s in found if not s.minor) or tuple(found)


@cache
def senses() -> Names:
    """What each folded name may mean."""
    return Names()


def _by_name(spelled: Iterable[tuple[str, Sense]]) -> dict[str, list[Sense]]:
    out: dict[str, list[Sense]] = {}
    for spelling, sense in spelled:
        out.setdefault(fold(spelling), []).append(sense)
    return out


@cache
def phrases(kind: str) -> frozenset[str]:
    """The folded phrases of not_places.tsv of one kind."""
    return frozenset(fold(r["phrase"]) for r in read_table("not_places.tsv") if r["kind"] == kind)


def _country_senses() -> Iterator[tuple[str, Sense]]:
    for one in countries():
        if one.valid_to and one.valid_to.year < OLDEST_NAMED:
            continue
        for name in {n for _, n in one.names} | set(one.aliases):
            for form in forms(name):
                yield form, _sense(one, "country", form)
        for name in one.demonyms:
            yield name, _sense(one, "demonym", name)


def _other_names() -> Iterator[tuple[str, Sense]]:
    """Names in Swahili and Portuguese, and the Swahili words for the people."""
    named = {c.iso3: c for c in countries()}
    for row in read_table("names.tsv"):
        one = named[row["iso3"]]
        for name in (*(row["sw"] or "").split("|"), *(row["pt"] or "").split("|")):
            if name:
                yield name, _sense(one, "country", name)
        for name in (row["sw"] or "").split("|"):
            yield from ((w, _sense(one, "demonym", w)) for w in swahili_people(name))


def _sense(one: Country, kind: str, form: str) -> Sense:
    letters = re.sub(r"[\W_]", "", form)
    exact = form if 1 < sum(c.isupper() for c in letters) >= len(letters) - 1 and len(letters) <= 5 else ""
    return Sense(one.iso3, kind, one.name, geonames=one.geonames, exact=exact)


def _ambiguous() -> Iterator[tuple[str, Sense]]:
    named = {c.iso3: c for c in countries()}
    for row in (*_rows_of_ambiguous("country"), *_rows_of_ambiguous("demonym")):
        for iso3 in row["iso3"].split():
            for form in forms(row["name"]):
                yield form, Sense(iso3, row["kind"], named[iso3].name)


def _rows_of_ambiguous(kind: str) -> list[dict[str, str]]:
    return [r for r in read_table("ambiguous.tsv") if r["kind"] == kind]


def _adjective_senses() -> Iterator[tuple[str, Sense]]:
    named = {c.iso3: c for c in countries()}
    for row in read_table("adjectives.tsv"):
        sense = Sense(row["iso3"], "demonym", named[row["iso3"]].name, small=True)
        words = french_adjectives(row["fr"]) if row["fr"] else set()
        words |= spanish_adjectives(row["es"]) if row["es"] else set()
        words |= russian_adjectives(row["ru"]) if row["ru"] else set()
        words |= portuguese_adjectives(row["pt"]) if row["pt"] else set()
        words |= russian_people(row["ru noun"]) if row["ru noun"] else set()
        words |= arabic_relatives(row["ar"]) if row["ar"] else set()
        yield from ((word, sense) for word in words)
    for one in named.values():
        if one.on(date.max):
            sense = Sense(one.iso3, "demonym", one.name)
            yield from ((word, sense) for word in arabic_adjectives(one.name_in("ar")))


def _body_senses() -> Iterator[tuple[str, Sense]]:
    for row in read_table("bodies.tsv"):
        for name in (row["name"], *(row["other names"] or "").split("|")):
            if name:
                exact = name if name.isupper() and " " not in name else ""
                small = name[0].islower() or name[0] > "\u0370"
                stem = name.endswith("*")
                sense = Sense(row["iso3"], "body", row["name"], exact=exact, small=small, stem=stem)
                yield name.removesuffix("*"), sense


def _leader_senses() -> Iterator[tuple[str, Sense]]:
    for row in read_table("leaders.tsv"):
        for name in row["names"].split("|"):
            sense = Sense(row["iso3"], "body", name, small=name[0].islower())
            yield from ((form, sense) for form in forms(name))


def _places() -> tuple[list[str], dict[str, tuple[int, ...]]]:
    """The lines of the table of places, and the numbers of the lines that each folded name stands in.

    The number is negative where the name is that of the people of a town.
    """
    raw = files("tocsin.geography").joinpath("data", "places.tsv.gz").read_bytes()
    lines, words = gzip.decompress(raw).decode().splitlines(), phrases("word")
    out: dict[str, tuple[int, ...]] = {}
    for n, line in enumerate(lines[1:], 1):
        name, _, kind, _, _, population, _, aliases = line.split("\t")
        spellings = f"{name}|{aliases}"
        known = kind in _KNOWN or (kind not in _MINOR and int(population) >= NOTABLE)
        if known or kind == "city":
            for key in map(fold, _town_adjectives(spellings)):
                out[key] = (*out.get(key, ()), -n)
        keys = [key for key in fold(spellings).split("|") if len(key) > 2 and key not in words]
        if known:
            keys = [fold(form) for one in spellings.split("|") if fold(one) in keys for form in forms(one)]
        for key in keys:
            out[key] = (*out.get(key, ()), n)
    return lines, out


def _place_sense(line: str, people: bool) -> Sense:
    """The sense of a line of the table, or of the people of that town, who stand for its country."""
    name, iso3, kind, lat, lon, population, geonames, _ = line.split("\t")
    weight = _REGION if kind == "region" else int(population) or _SITE
    notable = kind in _KNOWN | {"city"} or int(population) >= NOTABLE
    if people:
        return Sense(iso3, "demonym", name, weight=weight, small=True, notable=notable)
    return Sense(
        iso3,
        "place",
        name,
        lat=float(lat) if lat else None,
        lon=float(lon) if lon else None,
        weight=weight,
        geonames=int(geonames) if geonames else None,
        notable=notable,
        minor=kind in _MINOR,
    )


def _town_adjectives(spellings: str) -> Iterator[str]:
    """Russian adjectives of a large town, which stand for its country as a nationality does."""
    for name in re.findall(r"(?<![^|])[А-ЯЁ][а-яё]+(?![^|])", spellings):
        yield from russian_town_adjectives(name)
