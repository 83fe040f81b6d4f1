"""Letters that play others, and how well the words of a text are spelled."""

from __future__ import annotations

import re
from collections.abc import Iterator

_WORD = re.compile(r"[^\W\d_]+")
_OTHER = re.compile("[\u0370-\u052f\u0578]")
"""Greek, Cyrillic, and one Armenian letter: the alphabets with look-alikes of Latin letters."""
_LATIN = dict(
    zip(
        "АаВСсЕеНІіЈјКМОоРрЅѕТХхУуѴѵԝԁһӏԛΑΒΕΖΗΙΚΜΝΟΡΤΥΧαεικνορυχγ",
        "AaBCcEeHIiJjKMOoPpSsTXxYyVvwdhlqABEZHIKMNOPTYXaeiKvopuxy",
        strict=True,
    )
)
_CYRILLIC = dict(zip("AaBCcEeHKMOoPpTXxy", "АаВСсЕеНКМОоРрТХху", strict=True))


def look_alikes(text: str) -> Iterator[tuple[int, int, str]]:
    """Letters of another alphabet in a word that they fit into by looks: where, and what they play."""
    if not _OTHER.search(text):
        return
    letters = _WORD.findall(text)
    latin = sum(len(w) for w in letters if w[0] < "\u0250") * 2 > sum(map(len, letters))
    for found in _WORD.finditer(text):
        word = found.group()
        if word.isascii() or not _OTHER.search(word):
            continue
        for n, meant in enumerate(_meant(word, latin)):
            if meant != word[n]:
                yield found.start() + n, found.start() + n + 1, meant


def _meant(word: str, in_latin: bool) -> str:
    """The word in one alphabet: in that of the text, or in that of most of its letters; else as it is."""
    other = [c for c in word if _OTHER.match(c)]
    if in_latin and all(c in _LATIN for c in other) and (len(other) < len(word) or len(word) > 2):
        return "".join(_LATIN.get(c, c) for c in word)
    if not in_latin and len(other) < len(word) and all(c in _CYRILLIC or c in other for c in word):
        return "".join(_CYRILLIC.get(c, c) for c in word)
    return word
