"""Text folded for comparison, so that case, accents, look-alikes and invisible characters hide nothing."""

from __future__ import annotations

import re
import unicodedata

_CYRILLIC = ("авеёсԁіјкӏмнорԛгѕтуԝхһԍ", "abeecdijklmhopqrstywxhg")
_GREEK = ("αεηικνορτυχωγ", "aenikvoptuxwy")
_OTHER = ("ɡɑɩıոօցᴄᴅᴇᴏɴɢɪ", "gaiinogcdeongi")
_ARABIC = ("ةىیکگٱ", "هييككا")
LOOKS_LIKE = {
    ord(a): b for one, other in (_CYRILLIC, _GREEK, _OTHER, _ARABIC) for a, b in zip(one, other, strict=True)
}
"""Letters that look like another one (Unicode's list of confusables, UTS 39), as far as they concern us."""
DIGITS = str.maketrans("01345@$", "oieasas")
SPELT_WITH_DIGITS = re.compile(r"[a-z0-9@$]*[a-z][0-9@$]+[a-z][a-z0-9@$]*")
APART = re.compile(r"[-_/\u2010-\u2015\u2212]+")


def fold(text: str) -> str:
    """Lower case, without accents, vowel signs, kashida and format characters; look-alikes made alike.

    Runs of white space, hyphens and slashes become one space.
    """
    bare = (c for c in unicodedata.normalize("NFKD", text).casefold() if _stands(c))
    plain = unicodedata.normalize("NFKD", "".join(bare)).translate(LOOKS_LIKE).replace("\u2019", "'")
    plain = SPELT_WITH_DIGITS.sub(lambda word: word[0].translate(DIGITS), plain)
    return " ".join(APART.sub(" ", plain).split())


def _stands(character: str) -> bool:
    if character.isspace():
        return True
    return character != "\u0640" and unicodedata.category(character) not in ("Mn", "Me", "Cf", "Cc", "Cs")
