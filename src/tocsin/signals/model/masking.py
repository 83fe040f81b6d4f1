"""What the model may read of a text: without the names of places, nationalities and people.

A model that learns names learns that some countries are bad news and some are not, and keeps names of people
that nobody agreed to keep. Places and nationalities are found by the gazetteer; of other words with a
capital, only those that the model's own vocabulary holds are left standing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from tocsin.geography import mentions

PLACE, NAME = "\u00a7", "\u00a4"
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_PARTS = re.compile(r"['\u2019-]")
_SPACE = re.compile(r"\s+")


def places_of(text: str) -> list[tuple[int, int]]:
    """The spans of all names of places and nationalities, those too whose country is left open."""
    return [(found.start, found.end) for found in mentions(text)]


def without_places(text: str, spans: Iterable[tuple[int, int]], mark: str) -> str:
    """The text with every span (start, end) replaced by `mark`; one that overlaps an earlier one is left."""
    pieces, at = [], 0
    for start, end in sorted(spans):
        if start >= at:
            pieces += [text[at:start], f" {mark} "]
            at = end
    return _SPACE.sub(" ", "".join([*pieces, text[at:]]))


def without_names(text: str, known: Collection[str]) -> str:
    """The text with every word that begins with a capital and is not `known` (lower case) as one mark."""
    return _WORD.sub(lambda word: _kept(word.group(), known), text)


def _kept(word: str, known: Collection[str]) -> str:
    """A word of parts ("l'Alma", "al-Alma") is a name when one of them is."""
    if word.lower() in known:
        return word
    named = any(part[0].isupper() and part.lower() not in known for part in _PARTS.split(word))
    return NAME if named else word
