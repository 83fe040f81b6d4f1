"""Folding.

Text as names are compared in it, one character for one, so that offsets stay those of the original.
"""

from __future__ import annotations

import unicodedata

_SAME = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "ʻ": "'",
        "ʾ": "'",
        "`": "'",
        "ʿ": "'",
        "–": " ",
        "‑": " ",
        "‐": " ",
        "-": " ",
    }
)
# Letters that Arabic spelling takes one for another.
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ئ": "ي", "ؤ": "و"})


class _Folded(dict[int, str]):
    """The folded form of each character met so far."""

    def __missing__(self, code: int) -> str:
        plain = chr(code).translate(_SAME).translate(_ARABIC)
        base = unicodedata.normalize("NFKD", plain)[0] if plain not in {"й", "Й"} else plain
        self[code] = " " if base.isspace() else (base.lower()[0] if base.lower() else base)
        return self[code]


_FOLDED = _Folded()


def fold(text: str) -> str:
    """Lower case, without accents, one kind of quote, dashes as blanks; exactly as long as `text`."""
    return text.translate(_FOLDED)
