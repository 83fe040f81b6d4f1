"""The names that are looked for in text, in one automaton: countries and demonyms, divisions, regions, towns.

Towns and divisions are GeoNames' (CC BY 4.0), selected by scripts/build_places.py and joined with reviewed
ones.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
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


@cache
def senses() -> dict[str, tuple[Sense, ...]]:
    """What each folded name may mean. A phrase of not_places.tsv marked skip means nothing."""
    out: dict[str, list[Sense]] = {}
    given: dict[str, list[Sense]] = {}
    for spelling, sense in _ambiguous():
        given.setdefault(fold(spelling), []).append(sense)
    for spelling, sense in (
        *_country_senses(),
        *_other_names(),
        *_adjective_senses(),
        *_place_senses(),
        *_body_senses(),
        *_leader_senses(),
    ):
        key = fold(spelling)
        if key not in given and not any(
            s.iso3 == sense.iso3 and s.exact == sense.exact for s in out.get(key, [])
        ):
            out.setdefault(key, []).append(sense)
    for row in _rows_of_ambiguous("only"):
        key, meant = fold(row["name"]), row["iso3"].split()
        out[key] = [s for s in out.get(key, []) if s.iso3 in meant] or out.get(key, [])
    for key, found in out.items():
        if any(not s.minor for s in found):
            out[key] = [s for s in found if not s.minor]
    skipped = {fold(r["phrase"]): (SKIP,) for r in read_table("not_places.tsv") if r["kind"] == "skip"}
    return {k: tuple(v) for k, v in (out | given).items() if v} | skipped


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


def _place_senses() -> Iterator[tuple[str, Sense]]:
    words = phrases("word")
    for row in _places():
        spellings = [row["name"], *row["aliases"].split("|")]
        sense = Sense(
            iso3=row["iso3"],
            kind="place",
            name=row["name"],
            lat=float(row["latitude"]) if row["latitude"] else None,
            lon=float(row["longitude"]) if row["longitude"] else None,
            weight=_REGION if row["kind"] == "region" else int(row["population"]) or _SITE,
            geonames=int(row["geonames"]) if row["geonames"] else None,
            notable=row["kind"] in _KNOWN | {"city"} or int(row["population"]) >= NOTABLE,
            minor=row["kind"] in _MINOR,
        )
        known = not sense.minor and (row["kind"] in _KNOWN or sense.weight >= NOTABLE)
        if known or row["kind"] == "city":
            yield from _town_adjectives(spellings, sense)
        for spelling in spellings:
            if len(spelling) > 2 and fold(spelling) not in words:
                yield from ((form, sense) for form in (forms(spelling) if known else (spelling,)))


def _town_adjectives(spellings: list[str], sense: Sense) -> Iterator[tuple[str, Sense]]:
    """Russian adjectives of a large town stand for its country as a nationality does."""
    meant = replace(sense, kind="demonym", small=True, lat=None, lon=None, geonames=None)
    for name in (n for n in spellings if re.fullmatch(r"[А-ЯЁ][а-яё]+", n)):
        yield from ((word, meant) for word in russian_town_adjectives(name))


def _places() -> Iterator[dict[str, str]]:
    raw = files("tocsin.geography").joinpath("data", "places.tsv.gz").read_bytes()
    return csv.DictReader(gzip.decompress(raw).decode().splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
