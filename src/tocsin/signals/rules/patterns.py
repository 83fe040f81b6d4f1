"""Loading the reviewed patterns, frames and targets, and the version that names them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tocsin.errors import InputError
from tocsin.framework import framework
from tocsin.signals.rules.lexicon import Hit, languages, lexicon
from tocsin.signals.signal import TimeStatus

FOLDER = Path(__file__).parent
COUNTS = FOLDER.parent / "data" / "counts"
CODE_VERSION = "2"
"""Raised by hand when the code of this folder gives other readings from the same data."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """What one sentence must show. `every` are groups of alternatives; `within` is in characters."""

    id: str
    indicator: str
    every: tuple[frozenset[str], ...]
    none: frozenset[str]
    within: int
    confidence: float
    by: str
    atrocity: bool
    protective: bool

    def match(self, by_concept: dict[str, list[Hit]]) -> tuple[int, int] | None:
        """The span of the words that fulfil it in one sentence, None when it does not hold."""
        if any(name in by_concept for name in self.none):
            return None
        groups = [[h for name in group for h in by_concept.get(name, ())] for group in self.every]
        if not all(groups):
            return None
        spans = (_around(first, groups[1:]) for first in groups[0])
        start, end = min(spans, key=lambda span: span[1] - span[0])
        return (start, end) if end - start <= self.within else None


@dataclass(frozen=True, slots=True)
class Frame:
    """A kind of document that is not a report of the present; `time` is what its claims are given.

    It holds by count and share in the whole text, or by `opening` hits at its start. `tense` says that a
    sentence in the past tense, without words of the present, is about the past.
    """

    id: str
    concepts: frozenset[str]
    at_least: int
    share: float
    opening: int
    tense: bool
    time: TimeStatus


@cache
def patterns() -> tuple[Pattern, ...]:
    """Every pattern. Raises InputError for an unknown concept and UnknownId for an unknown indicator."""
    return tuple(_pattern(row) for row in _rows("patterns.yml"))


@cache
def opened_by() -> dict[str, tuple[int, ...]]:
    """The places in `patterns()` of those that a concept can be the first of; no other concept starts one."""
    found: dict[str, list[int]] = {}
    for n, pattern in enumerate(patterns()):
        for name in pattern.every[0]:
            found.setdefault(name, []).append(n)
    return {name: tuple(places) for name, places in found.items()}


@cache
def frames() -> tuple[Frame, ...]:
    """Every frame, in the order in which they are tried."""
    return tuple(
        Frame(
            id=row["id"],
            concepts=_known(row["concepts"], row["id"]),
            at_least=row["at_least"],
            share=row["share"],
            opening=row["opening"],
            tense=row["tense"],
            time=TimeStatus(row["time"]),
        )
        for row in _rows("frames.yml")
    )


@cache
def violence_concepts() -> frozenset[str]:
    """The concepts of violence and need that a frame is weighed against."""
    return frozenset().union(*(group for p in patterns() if not p.protective for group in p.every[:1]))


@cache
def targets() -> dict[str, str]:
    """Who is harmed, in words, by concept; the first that is found counts."""
    return dict(yaml.load((FOLDER / "targets.yml").read_text(encoding="utf-8"), yaml.CSafeLoader))


def _around(first: Hit, groups: list[list[Hit]]) -> tuple[int, int]:
    start, end = first.start, first.end
    for group in groups:
        near = min(group, key=lambda hit: max(end, hit.end) - min(start, hit.start))
        start, end = min(start, near.start), max(end, near.end)
    return start, end


def _pattern(row: dict[str, Any]) -> Pattern:
    indicator = row.get("indicator", "")
    if indicator:
        framework().indicator(indicator)
    return Pattern(
        id=row["id"],
        indicator=indicator,
        every=tuple(_known(group.split("/"), row["id"]) for group in row["all"]),
        none=_known(row.get("none", []), row["id"]),
        within=row.get("within", 150),
        confidence=row["confidence"],
        by=row.get("by", ""),
        atrocity=row.get("atrocity", False),
        protective=row.get("protective", False),
    )


def _known(names: list[str], where: str) -> frozenset[str]:
    missing = set(names) - _concepts()
    if missing:
        raise InputError(f"no language has words for {sorted(missing)}", where, "add them to concepts/*.yml")
    return frozenset(names)


@cache
def _concepts() -> frozenset[str]:
    found = (lexicon(code) for code in languages())
    return frozenset().union(*(words.concepts for words in found if words))


def _rows(name: str) -> list[dict[str, Any]]:
    rows = yaml.load((FOLDER / name).read_text(encoding="utf-8"), yaml.CSafeLoader)
    if not isinstance(rows, list):
        raise InputError("is not a list of rows", str(FOLDER / name), "restore the file of the package")
    return rows
