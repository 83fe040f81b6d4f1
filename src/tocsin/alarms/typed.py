"""What people and sources wrote, as it may stand in a text of ours."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_DEGREES = r"[-+]?\d{1,3}\.\d{3,}(?:\s*°)?(?:\s*[NSEW]\b)?"
COORDINATES = re.compile(rf"{_DEGREES}\s*[,;/ ]\s*{_DEGREES}")
QUOTED = re.compile('["\u201c\u00ab\u201e][^"\u201c\u201d\u00ab\u00bb\u201e]*["\u201d\u00bb\u201c]')
LONGEST = 400


def public_text(text: str, words: str = "[words withheld]", place: str = "[place withheld]") -> str:
    """Text as it may leave the house: coordinates and quoted words replaced by a visible mark."""
    return QUOTED.sub(words, COORDINATES.sub(place, text))


def without_names(text: str, names: Iterable[str], mark: str) -> str:
    """The text with each name replaced by a mark, whatever its case."""
    for name in sorted({n.strip() for n in names if n.strip()}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", lambda _: mark, text, flags=re.I)
    return text


def plain(text: str, longest: int = LONGEST) -> str:
    """One line without control, format and direction characters, cut at a word with three dots.

    Joiners that Indic and Arabic spelling needs (U+200C, U+200D) stay.
    """
    kept = (" " if c.isspace() else c for c in text if c in "\u200c\u200d" or c.isspace() or _shown(c))
    line = " ".join("".join(kept).split())
    if len(line) <= longest:
        return line
    return line[:longest].rsplit(" ", 1)[0] + " ..."


def _shown(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")
