"""How much of a text is not spelled as its language is: bad scans, broken encodings, lost letters."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from tocsin.signals.rules.lexicon import fold

_WORD = re.compile(r"\w+")
_OTHER, _BEYOND_LATIN = ("ar", "ru"), "\u0370"
"""The languages of the table that are not written in Latin letters, which end before this character."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """The triples of letters of a language, and the share of words that hold another in whole texts."""

    triples: frozenset[str]
    ordinary: float


def misspelt(text: str, lang: str) -> float:
    """The share of words with letters that never stand together in the language, above the ordinary.

    `lang` is ISO 639-1; where it is empty the language that fits best serves, and where the language is not
    in the table nothing is said. The table was fitted by scripts/fit_spelling.py.
    """
    tried = [lang] if lang else list(spellings())
    if tried[0] not in spellings():
        return 0.0
    read = {word: n for word, n in Counter(_WORD.findall(fold(text))).items() if not word.isdecimal()}
    return max(0.0, min(_share(read, code) for code in tried))


def _share(read: Mapping[str, int], lang: str) -> float:
    """Words of another alphabet are names and quotes, and no fault; letters one by one are no words."""
    latin = lang not in _OTHER
    own = {word: n for word, n in read.items() if (word[0] < _BEYOND_LATIN) == latin}
    total = sum(own.values())
    if not total:
        return 1.0 if read else 0.0
    if sum(n for word, n in own.items() if len(word) == 1) > total / 3:
        return 1.0
    return sum(n for word, n in own.items() if _odd(word, lang)) / total - spellings()[lang].ordinary


def words(folded: str) -> Iterator[str]:
    """The words of folded text that are not numbers."""
    return (word for word in _WORD.findall(folded) if not word.isdecimal())


def triples(word: str) -> list[str]:
    """Each three letters of a word that stand side by side, its beginning and end counted as letters."""
    bound = f"^{word}$"
    return [bound[n : n + 3] for n in range(len(bound) - 2)]


@cache
def spellings() -> dict[str, Spelling]:
    """The table that ships, by language."""
    raw = json.loads(files("tocsin.signals").joinpath("data/spelling.json").read_text(encoding="utf-8"))
    return {
        lang: Spelling(
            frozenset(row["triples"][n : n + 3] for n in range(0, len(row["triples"]), 3)), row["ordinary"]
        )
        for lang, row in raw.items()
    }


@lru_cache(maxsize=50_000)
def _odd(word: str, lang: str) -> bool:
    return not spellings()[lang].triples.issuperset(triples(word))
