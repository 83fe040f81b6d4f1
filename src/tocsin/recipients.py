"""Which body has the mandate for which place: roles in bodies, never persons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from tocsin.errors import InputError, UnknownId, UserError
from tocsin.geography import Country

CLEARANCES = ("public", "restricted", "private")
HEARS = ("warning", "alarm", "ongoing")


@dataclass(frozen=True, slots=True)
class Recipient:
    """A role in a body. `languages` are ISO 639-1, written in the first; `basis` is the mandate's source.

    `key` names it in a deployment's addresses. `clearance` is one of CLEARANCES. `hears` is the lowest level
    it is told of. `asked` says whether an engagement is opened with it. `state` is the code of the state
    whose role it is, "" for a body of many states. `where` are the organisations and regions to which its
    mandate reaches beyond members.
    """

    key: str
    body: str
    role: str
    languages: tuple[str, ...]
    basis: str
    clearance: str = "public"
    hears: str = "warning"
    asked: bool = False
    organisation: str = ""
    where: tuple[str, ...] = ()
    of: str = ""
    within: str = ""
    state: str = ""


def addressees(iso3: str, organisations: tuple[str, ...] | None, region: str = "") -> tuple[Recipient, ...]:
    """Whom to ask about a state that belongs to these organisations and region: UN roles, then regional ones.

    An empty tuple says that the state belongs to none: the UN alone is asked. None says that nobody knows:
    raises UserError, because an alarm sent to no region is an alarm not followed. Raises UnknownId for an
    organisation without an entry in recipients.yml.
    """
    return tuple(r for r in _mandated(iso3, organisations, region) if r.asked)


def told(place: Country, neighbours: Iterable[Country] = ()) -> tuple[Recipient, ...]:
    """Every role that hears of an alarm about a place: those asked, those only told, and states' own roles.

    The state concerned is told by default. A neighbour is told where an organisation of both says so.
    Raises as `addressees` does.
    """
    own = [_of(r, place) for r in _table()["national"] if r.of == "state"]
    near = [
        _of(r, other)
        for r in _table()["national"]
        for other in sorted(neighbours, key=lambda c: c.iso3)
        if r.of == "neighbour" and {place.iso3} != {other.iso3} and _share(r.within, place, other)
    ]
    return (*_mandated(place.iso3, place.organisations, place.region), *own, *near)


def known_key(key: str, states: Iterable[str]) -> bool:
    """Whether a role has that key; the roles of states end in the code of one of `states`."""
    table = _table()
    if key in {r.key for part in ("everywhere", "regional") for r in table[part]}:
        return True
    stem, _, code = key.rpartition("-")
    return stem in {r.key for r in table["national"]} and code in set(states)


def keys() -> tuple[str, ...]:
    """The keys of all roles, those of states with ISO3 in place of the code."""
    table = _table()
    return tuple(r.key + ("-ISO3" if r.of else "") for rows in table.values() for r in rows)


def _mandated(iso3: str, organisations: tuple[str, ...] | None, region: str) -> tuple[Recipient, ...]:
    table = _table()
    if organisations is None:
        raise UserError(f"no region is known for {iso3}: add its organisations to the country table")
    known = {r.organisation for r in table["regional"]}
    for organisation in organisations:
        if organisation not in known:
            raise UnknownId(f"organisation of {iso3}", organisation, known)
    mine = {*organisations, region} - {""}
    order = {o: n for n, o in enumerate(organisations)}
    regional = [r for r in table["regional"] if {r.organisation, *r.where} & mine]
    regional.sort(key=lambda r: order.get(r.organisation, len(order)))
    return (*table["everywhere"], *regional)


def _of(row: Recipient, state: Country) -> Recipient:
    return replace(row, key=f"{row.key}-{state.iso3}", role=f"{state.name}: {row.role}", state=state.iso3)


def _share(organisation: str, *states: Country) -> bool:
    return not organisation or all(organisation in s.organisations for s in states)


@cache
def _table() -> dict[str, tuple[Recipient, ...]]:
    data: dict[str, Any] = yaml.load(
        files("tocsin").joinpath("recipients.yml").read_text("utf-8"), yaml.CSafeLoader
    )
    table = {part: tuple(map(_read, data[part])) for part in ("everywhere", "regional", "national")}
    every = [r.key for rows in table.values() for r in rows]
    if len(set(every)) < len(every):
        raise InputError("two roles have one key", "recipients.yml")
    return table


def _read(row: Mapping[str, Any]) -> Recipient:
    also = row.get("also", {})
    where = (*also.get("organisations", ()), *also.get("regions", ()))
    plain = {name: value for name, value in row.items() if name != "also"}
    one = Recipient(**{**plain, "languages": tuple(row["languages"]), "where": where})
    if one.clearance not in CLEARANCES or one.hears not in HEARS or not one.basis or not one.languages:
        raise InputError(
            "needs a basis, languages, a known clearance and the level it hears from",
            f"recipients.yml, {one.key}",
        )
    return one
