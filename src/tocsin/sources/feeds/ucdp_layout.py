"""The layouts of UCDP GED tables, from reviewed data (data/ucdp_layouts.yml)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

from tocsin.errors import InputError, UnknownId
from tocsin.sources.factsheet import built

REVIEWED = Path(__file__).parents[1] / "data" / "ucdp_layouts.yml"


@dataclass(frozen=True, slots=True)
class Layout:
    """One way in which the rows come.

    `rename` maps its columns to the codebook's; `extra` columns come on top; `absent` ones are known to lack.
    """

    id: str
    when: Sequence[str] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    extra: Sequence[str] = ()
    absent: Sequence[str] = ()
    month_first: bool = False
    trailing_separator: bool = False
    tag_row: bool = False


@dataclass(frozen=True, slots=True)
class Layouts:
    """All layouts with the codebook's columns, and those without which a row says nothing."""

    known: Sequence[str]
    needed: Sequence[str]
    layouts: Sequence[Layout]


@dataclass(frozen=True, slots=True)
class Fit:
    """A header matched to a layout: the codebook's name of each column, and what differs."""

    layout: Layout
    columns: tuple[str, ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]


@cache
def layouts() -> Layouts:
    """The reviewed layouts."""
    given = yaml.load(REVIEWED.read_text(encoding="utf-8"), yaml.CSafeLoader)
    given["layouts"] = [built(Layout, entry, f"{REVIEWED.name}: layout") for entry in given["layouts"]]
    return built(Layouts, given, REVIEWED.name)


def fit(name: str, columns: Sequence[str]) -> Fit:
    """The layout of a header. Raises InputError that names the needed columns it lacks."""
    known = layouts()
    layout = next(entry for entry in known.layouts if set(entry.when) <= set(columns))
    named = tuple(layout.rename.get(column, column) for column in columns)
    lacking = [column for column in known.needed if column not in named]
    if lacking:
        hint = str(UnknownId("column", lacking[0], columns)).partition("; ")[2]
        what = f"lacks the column{'s' if len(lacking) > 1 else ''} {', '.join(lacking)}"
        raise InputError(what, name, hint or "is this a UCDP GED table?")
    expected = {*known.known, *layout.extra}
    return Fit(
        layout,
        named,
        tuple(column for column in named if column not in expected),
        tuple(column for column in known.known if column not in named and column not in layout.absent),
    )
