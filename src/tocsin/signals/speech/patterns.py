"""Which concepts together in one sentence show a hallmark; the words of each language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tocsin.errors import InputError
from tocsin.signals.rules.lexicon import Hit, Lexicon, lexicon_of
from tocsin.signals.speech.hallmarks import hallmark

FOLDER = Path(__file__).parent
WORDS = FOLDER / "words"
PRONOUN, NATIONALITY, OCCUPATION = "they", "demonym", "g_work"
Hits = dict[str, list[Hit]]


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a sentence must show, see the head of `patterns.yml`. `gap` is in characters."""

    hallmark: str
    groups: tuple[frozenset[str], ...]
    gap: tuple[int, ...]
    any_order: bool
    not_with: frozenset[str]
    unless: frozenset[str]
    not_between: frozenset[str]
    languages: frozenset[str]
    needs_group: bool
    needs_voice: bool
    confidence: float

    def match(self, hits: Hits) -> tuple[Hit, ...] | None:
        """The words that fulfil it, closest together, in the order of its groups; None when they do not."""
        groups = [[hit for name in sorted(group) for hit in hits.get(name, ())] for group in self.groups]
        if not all(groups):
            return None
        chains = _near(groups, sum(self.gap)) if self.any_order else _chains(groups, self.gap)
        return min((used for used in chains if not self._otherwise(used, hits)), key=_width, default=None)

    def _otherwise(self, used: tuple[Hit, ...], hits: Hits) -> bool:
        """Whether words of the sentence say that something else is meant."""
        start, end = extent(used)
        between = [h for name in self.not_between for h in hits.get(name, ()) if start <= h.start < end]
        beside = [h for name in self.unless for h in hits.get(name, ())]
        return any(not _part_of(hit, used) for hit in (*between, *beside))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one language: those that start a search (`cues`), and all."""

    language: str
    cues: Lexicon
    every: Lexicon


@dataclass(frozen=True, slots=True)
class Rules:
    """The reviewed patterns; `targets` and `speakers` say what kind a word names.

    `nationality` tells by language the form of a nationality that names people.
    """

    cues: frozenset[str]
    targets: dict[str, str]
    speakers: dict[str, dict[str, str]]
    nationality: dict[str, re.Pattern[str]]
    patterns: tuple[Pattern, ...]

    @property
    def sides(self) -> dict[str, str]:
        """Whom a claim points to, by the kind of speaker."""
        return {row["kind"]: row["perpetrator"] for row in self.speakers.values()}


@cache
def rules() -> Rules:
    """Every pattern. Raises InputError for one without a cue, UnknownId for an unknown hallmark."""
    raw = yaml.load((FOLDER / "patterns.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    cues = frozenset(raw["cues"])
    made = tuple(_pattern(row, raw, cues) for row in raw["patterns"])
    people = {language: re.compile(form) for language, form in raw["nationality"].items()}
    return Rules(cues, raw["targets"], raw["speakers"], people, made)


@cache
def vocabulary(language: str) -> Vocabulary | None:
    """The words of a language by ISO 639-1 code; None when there are none: then nothing can be said."""
    path = WORDS / f"{language}.yml"
    if not path.is_file():
        return None
    raw = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    cues = {name: terms for name, terms in raw.items() if name in rules().cues}
    where = str(path)
    return Vocabulary(language, lexicon_of(language, cues, where), lexicon_of(language, raw, where))


@cache
def languages() -> tuple[str, ...]:
    """The codes of the languages that have words."""
    return tuple(sorted(path.stem for path in WORDS.glob("*.yml")))


def _pattern(row: dict[str, Any], raw: dict[str, Any], cues: frozenset[str]) -> Pattern:
    hallmark(row["hallmark"])
    groups = tuple(_alternatives(text, raw["targets"]) for text in row["all"])
    if not any(group <= cues | {"perp"} and group & cues for group in groups):
        raise InputError(f"{row['all']} has no cue", str(FOLDER / "patterns.yml"), "name one in `cues`")
    return Pattern(
        hallmark=row["hallmark"],
        groups=groups,
        gap=tuple(row["gap"]),
        any_order=row.get("any_order", False),
        not_with=frozenset(row.get("not_with", ())),
        unless=frozenset(row.get("unless", ())),
        not_between=frozenset(row.get("not_between", ())),
        languages=frozenset(row.get("languages", ())),
        needs_group=row.get("group", False),
        needs_voice=row.get("voice", False),
        confidence=row["confidence"],
    )


def _alternatives(text: str, targets: dict[str, str]) -> frozenset[str]:
    names: set[str] = set()
    for name in text.split("/"):
        names |= _stands_for(name, targets)
    return frozenset(names)


def _stands_for(name: str, targets: dict[str, str]) -> set[str]:
    everyone = {*targets, PRONOUN, NATIONALITY}
    groups = {"TARGET": set(targets), "WHO": everyone, "PEOPLE": everyone - {OCCUPATION}}
    return groups.get(name, {name})


def _chains(
    groups: list[list[Hit]], gap: tuple[int, ...], before: tuple[Hit, ...] = ()
) -> Iterator[tuple[Hit, ...]]:
    if not groups:
        yield before
        return
    for hit in groups[0]:
        if not before or 0 <= hit.start - before[-1].end <= gap[len(before) - 1]:
            yield from _chains(groups[1:], gap, (*before, hit))


def _near(groups: list[list[Hit]], within: int) -> Iterator[tuple[Hit, ...]]:
    first, second = groups
    for hit in first:
        for other in second:
            apart = max(other.start - hit.end, hit.start - other.end)
            if 0 <= apart <= within:
                yield hit, other


def _width(hits: tuple[Hit, ...]) -> int:
    start, end = extent(hits)
    return end - start


def _part_of(hit: Hit, used: tuple[Hit, ...]) -> bool:
    return any(one.start <= hit.start and hit.end <= one.end for one in used)


def extent(hits: tuple[Hit, ...]) -> tuple[int, int]:
    """From where to where the words reach."""
    return min(hit.start for hit in hits), max(hit.end for hit in hits)


def overlaps(hit: Hit, others: Iterable[Hit]) -> bool:
    """Whether a word shares a letter with any of the others."""
    return any(hit.start < other.end and other.start < hit.end for other in others)
