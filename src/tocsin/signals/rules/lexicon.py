"""Finding the words that show a concept: one pass over the text for each language, at word boundaries."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import ahocorasick
import yaml

from tocsin.errors import InputError

FOLDER = Path(__file__).parent / "concepts"
_PARTICLES = frozenset("وفبلكال")
"""Arabic particles written joined to the next word (and, so, by, for, like, the)."""


class Hit(NamedTuple):
    """A concept shown by text[start:end]."""

    concept: str
    start: int
    end: int


class _Term(NamedTuple):
    concepts: tuple[str, ...]
    head: int
    tail: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The terms of one language; `concepts` are the names it can find."""

    language: str
    concepts: frozenset[str]
    automaton: Any

    def find(self, folded: str) -> list[Hit]:
        """Every hit in folded text (see `fold`), in order of start."""
        hits: list[Hit] = []
        arabic = self.language == "ar"
        for last, terms in self.automaton.iter(folded):
            for term in terms:
                start = last + 1 - term.head
                joined = start > 0 and (folded[start - 1].isalnum() or folded[start - 1] == "_")
                if joined and not (arabic and _behind_particles(folded, start)):
                    continue
                tail = term.tail.match(folded, last + 1)
                if tail:
                    hits.extend(Hit(concept, start, tail.end()) for concept in term.concepts)
        hits.sort(key=lambda hit: (hit.start, hit.end))
        return hits


@lru_cache(maxsize=64)
def fold(text: str) -> str:
    """Lower case without Latin accents, white space as single spaces, of the same length as the text."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    table = {ord(c): _plain(c) for c in set(lower) if not ("!" <= c <= "~")}
    return lower.translate(table)


@cache
def _plain(char: str) -> str:
    if char.isspace():
        return " "
    if char in "’‘ʼ`":
        return "'"
    if char == "ё":
        return "е"
    base = unicodedata.normalize("NFD", char)[0]
    return base if base.isascii() else char


@cache
def lexicon(language: str) -> Lexicon | None:
    """The terms of a language by ISO 639-1 code; None when there is no file for it.

    Raises InputError when the file holds a concept without terms.
    """
    path = FOLDER / f"{language}.yml"
    if not path.is_file():
        return None
    return lexicon_of(language, yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader), str(path))


def lexicon_of(language: str, raw: Mapping[str, object], where: str) -> Lexicon:
    """A lexicon of concepts and their terms; `where` names the file. Raises InputError for an empty term."""
    by_term: dict[str, list[str]] = {}
    for concept, terms in raw.items():
        for term in (fold(t.strip()) for t in str(terms).split("|")):
            if not term.strip("* "):
                raise InputError(f"concept {concept} has an empty term", where, "write the word or drop it")
            by_term.setdefault(term, []).append(concept)
    return Lexicon(language, frozenset(raw), _automaton(by_term))


def languages() -> tuple[str, ...]:
    """The codes of the languages that have terms."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yml")))


def _automaton(by_term: dict[str, list[str]]) -> Any:
    heads: dict[str, list[_Term]] = {}
    for term, concepts in by_term.items():
        head, star, tail = term.partition("*")
        rest = r"\w*".join(re.escape(part) for part in tail.split("*")) if star else ""
        pattern = re.compile((r"\w*" if star else "") + rest + r"(?!\w)")
        heads.setdefault(head, []).append(_Term(tuple(concepts), len(head), pattern))
    automaton = ahocorasick.Automaton()
    for head, terms in heads.items():
        automaton.add_word(head, tuple(terms))
    automaton.make_automaton()
    return automaton


def _behind_particles(folded: str, start: int) -> bool:
    before = start - 1
    while before >= 0 and folded[before] in _PARTICLES and start - before <= 4:
        before -= 1
    return before < 0 or not folded[before].isalnum()
