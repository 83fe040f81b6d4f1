"""Which body has the mandate for which place: roles in bodies, never persons."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from tocsin.errors import UnknownId, UserError


@dataclass(frozen=True, slots=True)
class Recipient:
    """A role in a body. `languages` are ISO 639-1, written in the first; `basis` is the mandate's source."""

    body: str
    role: str
    languages: tuple[str, ...]
    basis: str
    organisation: str = ""


def addressees(iso3: str, organisations: tuple[str, ...] | None) -> tuple[Recipient, ...]:
    """Whom to ask about a state that belongs to these organisations: the UN roles and each regional one.

    An empty tuple says that the state belongs to none: a UN role stands in for the region. None says that
    nobody knows: raises UserError, because an alarm sent to no region is an alarm not followed. Raises
    UnknownId for an organisation without an entry in recipients.yml.
    """
    table = _table()
    if organisations is None:
        raise UserError(f"no region is known for {iso3}: add its organisations to the country table")
    if not organisations:
        return (*table["everywhere"], *table["without_region"])
    regional = {r.organisation: r for r in table["regional"]}
    for organisation in organisations:
        if organisation not in regional:
            raise UnknownId(f"organisation of {iso3}", organisation, regional)
    return (*table["everywhere"], *(regional[o] for o in organisations))


@cache
def _table() -> dict[str, tuple[Recipient, ...]]:
    data: dict[str, Any] = yaml.safe_load(files("tocsin").joinpath("recipients.yml").read_text("utf-8"))
    return {
        part: tuple(Recipient(**{**row, "languages": tuple(row["languages"])}) for row in data[part])
        for part in ("everywhere", "without_region", "regional")
    }
