"""Fact sheets: what is known about each source before a byte of it is read (catalog/*.yml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import yaml

from tocsin.errors import InputError, UnknownId

CATALOG = Path(__file__).parent / "catalog"
OWNERSHIP = ("state", "public", "private", "NGO", "intergovernmental")
SENSITIVITY = ("public", "internal", "restricted")
GROUPS = ("events", "words", "conditions", "forecasts", "presence")
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
    """One syndicated feed of the reviewed list. `seen` says where its address was seen."""

    id: str
    title: str
    publisher: str
    homepage: str
    address: str
    licence: str
    ownership: str
    independence_group: str
    grade: str
    language: str
    seen: str
    checked: str


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
    """The feeds that the source `feeds` reads, in the order of the reviewed list."""
    path = Path(__file__).parent / "data" / "feeds.yml"
    return tuple(built(Feed, entry, f"{path.name}: feed {n}") for n, entry in enumerate(_yaml(path), 1))


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
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise InputError(f"not YAML ({error})", path.name) from error
