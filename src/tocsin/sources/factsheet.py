"""Fact sheets: what is known about each source before a byte of it is read (catalog/*.yml)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import yaml

from tocsin.errors import InputError, UnknownId
from tocsin.geography import countries

CATALOG = Path(__file__).parent / "catalog"
DATA = Path(__file__).parent / "data"
OWNERSHIP = ("state", "public", "private", "NGO", "intergovernmental")
SENSITIVITY = ("public", "internal", "restricted")
GROUPS = ("events", "words", "conditions", "forecasts", "presence")
FEED_KINDS = ("UN", "mission", "court", "regional", "NGO", "press", "fact-checker", "humanitarian")
FEED_LISTS = ("feeds.yml", "feeds_press.yml", "feeds_fact_checkers.yml")
UNCHECKED_FEEDS = "feeds_unchecked.yml"
WORLD = "world"
GRADES = ("A", "B", "C", "D", "E", "F")
"""Reliability of a source, A completely reliable to F cannot be judged (Admiralty system)."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a run must bring.

    Counts and age hold for the bulk run over the network only, because a file somebody brings is rightly
    small and old. `fill` (share of rows with a value, by column) holds for files too.
    """

    min_rows: int = 0
    max_age_days: int | None = None
    fill: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FactSheet:
    """One source. `review` says in one line who could use it to hurt whom.

    `release_lag_months` and `provisional_lag_months` say how long after the end of a release's period (year,
    or month of a provisional release) a reader outside could have it. `retention_days` is None when kept for
    good. `group` says what the source tells of. `robots` is False where the address is an interface made for
    programs, which the rules for web crawlers are not about. `secrets` names what the user must have
    (`TOCSIN_<NAME>`, or a line of the secrets file). `shareable` is False where rows may not leave the home.
    Raises ValueError for a value outside its list.
    """

    id: str
    title: str
    publisher: str
    homepage: str
    licence: str
    attribution: str
    cadence_hours: int
    coverage: str
    languages: tuple[str, ...]
    sensitivity: str
    ownership: str
    independence_group: str
    grade: str
    release_lag_months: int
    retention_days: int | None
    expected: Expected
    form: str
    address: Mapping[str, str]
    review: str
    group: str
    provisional_lag_months: int = 0
    robots: bool = True
    secrets: tuple[str, ...] = ()
    shareable: bool = True

    def __post_init__(self) -> None:
        for name, allowed in (
            ("ownership", OWNERSHIP),
            ("sensitivity", SENSITIVITY),
            ("grade", GRADES),
            ("group", GROUPS),
        ):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} {getattr(self, name)!r} is none of {', '.join(allowed)}")
        if not self.review.strip():
            raise ValueError("review is empty; say who could use this to hurt whom")


@dataclass(frozen=True, slots=True)
class Feed:
    """One syndicated feed of the reviewed lists.

    `country` is the ISO3 of the publisher's seat, empty for a body of states. `covers` holds ISO3 codes, M49
    regions and sub-regions, or `world`. `independence_group` is shared by all that one owner speaks through;
    media of a state have `state_` and its ISO3, so that none counts as independent of it. `grade` is that of
    the source (A to F), also and above all where it speaks of its owner. `cadence_hours` says how often it is
    expected to bring something. `seen` says where its address was seen, `review` who could use it to hurt
    whom. Raises ValueError for an empty field and a value outside its list.
    """

    id: str
    title: str
    publisher: str
    homepage: str
    address: str
    licence: str
    country: str
    covers: tuple[str, ...]
    language: str
    ownership: str
    independence_group: str
    sensitivity: str
    grade: str
    retention_days: int
    cadence_hours: int
    kind: str
    review: str
    seen: str
    checked: str

    def __post_init__(self) -> None:
        _texts(self)
        lists = {"ownership": OWNERSHIP, "sensitivity": SENSITIVITY, "grade": GRADES, "kind": FEED_KINDS}
        for name, allowed in lists.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} {getattr(self, name)!r} is none of {', '.join(allowed)}")
        for name in ("homepage", "address"):
            if not re.fullmatch(r"https?://[\w.-]+(:\d+)?(/\S*)?", getattr(self, name)):
                raise ValueError(f"{name} {getattr(self, name)!r} is no web address")
        for name in ("retention_days", "cadence_hours"):
            if type(getattr(self, name)) is not int or getattr(self, name) < 1:
                raise ValueError(f"{name} {getattr(self, name)!r} is not a number from 1")
        _places(self)
        _voice(self)


def _texts(feed: Feed) -> None:
    for name in (f.name for f in fields(Feed) if f.type == "str" and f.name != "country"):
        if not isinstance(getattr(feed, name), str) or not getattr(feed, name).strip():
            raise ValueError(f"{name} is empty or no text")
    for name, form in (("id", r"[a-z0-9_]+"), ("language", r"[a-z]{2,3}")):
        if not re.fullmatch(form, getattr(feed, name)):
            raise ValueError(f"{name} {getattr(feed, name)!r} is not of the form {form}")


def _places(feed: Feed) -> None:
    states, places = _known_places()
    if not isinstance(feed.country, str) or not isinstance(feed.covers, tuple):
        raise ValueError("country is no text, or covers no list")
    if feed.country not in states and (feed.country or feed.ownership != "intergovernmental"):
        raise ValueError(str(UnknownId("country", str(feed.country), states)))
    if not feed.covers:
        raise ValueError(f"covers is empty; give ISO3 codes, regions of M49 or {WORLD}")
    for place in feed.covers:
        if place not in places:
            raise ValueError(str(UnknownId("place", str(place), places)))


@cache
def _known_places() -> tuple[frozenset[str], frozenset[str]]:
    """The present states and territories, and all that a feed may cover."""
    states = frozenset(c.iso3 for c in countries() if c.status not in ("former", "continued"))
    regions = {name for c in countries() for name in (c.region, c.sub_region)}
    return states, states | regions | {WORLD}


def _voice(feed: Feed) -> None:
    if feed.ownership == "state" and feed.independence_group != f"state_{feed.country.lower()}":
        raise ValueError(f"media of a state share the group state_{feed.country.lower()}")
    if feed.ownership != "state" and feed.independence_group.startswith("state_"):
        raise ValueError(
            f"group {feed.independence_group!r} is for media of a state; ownership says otherwise"
        )


def catalog() -> Mapping[str, FactSheet]:
    """Every fact sheet by id. Raises InputError for a sheet with an unknown, missing or wrong key."""
    return _catalog(CATALOG)


def fact_sheet(source: str) -> FactSheet:
    """The fact sheet of one source. Raises UnknownId."""
    sheets = catalog()
    if source not in sheets:
        raise UnknownId("source", source, sheets)
    return sheets[source]


@cache
def feed_list() -> tuple[Feed, ...]:
    """The feeds that the source `feeds` reads, in the order of the reviewed lists.

    Raises InputError that names the entry with a wrong, missing or unknown key.
    """
    return _feeds(*FEED_LISTS)


@cache
def unchecked_feeds() -> tuple[Feed, ...]:
    """The feeds whose address nobody has seen. They are read only by those who name them."""
    return _feeds(UNCHECKED_FEEDS)


def feeds_named(ids: Iterable[str]) -> tuple[Feed, ...]:
    """The feeds with these ids, checked or not. Raises UnknownId."""
    known = {feed.id: feed for feed in (*feed_list(), *unchecked_feeds())}
    for name in ids:
        if name not in known:
            raise UnknownId("feed", name, known)
    return tuple(known[name] for name in dict.fromkeys(ids))


def _feeds(*names: str) -> tuple[Feed, ...]:
    found: dict[str, Feed] = {}
    addresses: dict[str, str] = {}
    for name in names:
        for number, entry in enumerate(_yaml(DATA / name), 1):
            if not isinstance(entry, Mapping):
                raise InputError("is no entry with keys", f"{name}: feed {number}")
            where = f"{name}: feed {number} ({entry.get('id', '?')})"
            feed = built(Feed, {**entry, "covers": tuple(entry.get("covers") or ())}, where)
            if feed.id in found or feed.address in addresses:
                raise InputError(f"has the id or address of {addresses.get(feed.address, feed.id)}", where)
            found[feed.id] = feed
            addresses[feed.address] = feed.id
    return tuple(found.values())


@cache
def _catalog(folder: Path) -> Mapping[str, FactSheet]:
    sheets = [_sheet(path) for path in sorted(folder.glob("*.yml"))]
    return MappingProxyType({sheet.id: sheet for sheet in sheets})


def _sheet(path: Path) -> FactSheet:
    given = dict(_yaml(path))
    given["expected"] = built(Expected, given.get("expected") or {}, f"{path.name}: expected")
    given |= {name: tuple(given.get(name) or ()) for name in ("languages", "secrets")}
    sheet = built(FactSheet, given, path.name)
    if sheet.id != path.stem:
        raise InputError(f"id {sheet.id!r} differs from the file name", path.name, "name both alike")
    return sheet


def built(kind: type[T], given: Mapping[str, Any], where: str) -> T:
    """A dataclass from a mapping; InputError names an unknown key, a missing key or a wrong value."""
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    for key in given:
        if key not in known:
            raise InputError(str(UnknownId("key", str(key), known)), where, "remove it or correct its name")
    needed = [n for n, f in known.items() if f.default is MISSING and f.default_factory is MISSING]
    missing = [name for name in needed if name not in given]
    if missing:
        raise InputError(f"lacks {', '.join(missing)}", where, "add it")
    try:
        return kind(**given)
    except ValueError as error:
        raise InputError(str(error), where) from error


def _yaml(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise InputError(f"not YAML ({error})", path.name) from error
