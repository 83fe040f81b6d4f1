"""Which words the model may read: those that are no names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from tocsin.geography.folding import fold
from tocsin.geography.gazetteer import senses

HERE = Path(__file__).parent
FEWEST = 3
"""A word in fewer passages is left out."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def listed(name: str) -> frozenset[str]:
    """The words of a reviewed list beside this file."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def known_words(texts: Iterable[str]) -> frozenset[str]:
    """Words that at least three passages hold and that are mostly written small, and the reviewed capitals.

    Names of people, countries, peoples and armed groups are left out. A text all in small letters does not
    tell which of its words are names.
    """
    small: Counter[str] = Counter()
    large: Counter[str] = Counter()
    for text in texts:
        if text.islower():
            continue
        found = set(_WORD.findall(text))
        small.update({w.lower() for w in found if not w[0].isupper()})
        large.update({w.lower() for w in found if w[0].isupper()})
    names = listed("given_names.txt") | (_places() - {fold(word) for word in listed("ordinary.txt")})
    return frozenset(
        w
        for w, n in small.items()
        if n >= 2 and n + large[w] >= FEWEST and n >= 0.5 * large[w] and names.isdisjoint((w, fold(w)))
    ) | listed("capitals.txt")


@cache
def _places() -> frozenset[str]:
    """All folded names of countries, peoples and bodies in one word that the gazetteer knows."""
    named = {name for name, found in senses().items() if {s.kind for s in found} - {"place", "skip"}}
    return frozenset(name for name in named if " " not in name)
