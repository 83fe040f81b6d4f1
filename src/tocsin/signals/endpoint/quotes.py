"""Words checked against the text: where a quote stands in it, and which sentences speak to a machine."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import yaml

from tocsin.errors import InputError
from tocsin.evidence import sha256
from tocsin.signals.language import sentences

FILE = Path(__file__).parent / "instructions.yml"
BETWEEN = r"(?:</?[a-z][^<>]{0,80}>|[^\w.!?]|_)+"
"""What may stand between two words of one order: space, punctuation, markup; never the end of a sentence."""
UNSEEN = ("Cc", "Cf", "Mn", "Me")
FILLERS = "\u115f\u1160\u2800"
"""Letters that show nothing (Hangul fillers, the blank of Braille)."""
SMUGGLED = re.compile("[\U000e0000-\U000e0fff]")
"""Tags and further variation selectors: nobody sees them, a model can read words in them."""
TAGS, TAGS_END = 0xE0000, 0xE0080
SHORTEST, LONGEST = 6, 1000
"""A quote has at least so many letters and digits, and at most so many characters."""


@dataclass(frozen=True, slots=True)
class Instructions:
    """The reviewed words that speak to a machine, and the most a text that holds one is believed (0 to 1).

    `words` are sought only where all their parts are, the longest first: that is quick to see.
    """

    version: str
    cap: float
    words: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]

    def spans(self, text: str) -> tuple[tuple[int, int], ...]:
        """Such words and the sentences they are in, as spans of the text; none in a text without them.

        Case, accents, compatibility forms (NFKD), letters of other scripts that look the same, punctuation
        within a sentence, and invisible characters do not hide them.
        """
        plain, at = _plain(text)
        tried = [pattern for parts, pattern in self.words if all(part in plain for part in parts)]
        hits = [(at[m.start()], at[m.end() - 1] + 1) for words in tried for m in words.finditer(plain)]
        if not hits:
            return ()
        parts = sentences(text)
        around = [
            (part.start, part.end)
            for part in parts
            if any(start < part.end and part.start < end for start, end in hits)
        ]
        return (*hits, *around)


def blanked(text: str, spans: tuple[tuple[int, int], ...]) -> str:
    """The text with the spans filled with spaces; its length and its line ends stay."""
    letters = list(text)
    for start, end in spans:
        letters[start:end] = [c if c == "\n" else " " for c in letters[start:end]]
    return "".join(letters)


def find(quote: str, text: str) -> tuple[int, int] | None:
    """Where a quote stands in the text, letter by letter but for the amount of white space; None if nowhere.

    The first place counts. Too few letters to say anything, or more than a quote, is no quote.
    """
    words = quote.split()
    if sum(map(str.isalnum, quote)) < SHORTEST or len(quote) > LONGEST:
        return None
    found = re.search(r"\s+".join(map(re.escape, words)), text)
    return found.span() if found else None


@cache
def instructions() -> Instructions:
    """The list that ships. Raises InputError when its file is damaged."""
    try:
        raw = FILE.read_bytes()
        data = yaml.load(raw, yaml.CSafeLoader)
        words = tuple(_sought(entry) for entries in data["words"].values() for entry in entries)
        version = f"{data['version']}-{sha256(raw)[:8]}"
        return Instructions(version, float(data["cap"]), words)
    except (OSError, yaml.YAMLError, KeyError, AttributeError, TypeError, ValueError, re.error) as error:
        raise InputError(f"cannot be read: {error}", str(FILE), "restore the file of the package") from error


def _sought(entry: str) -> tuple[tuple[str, ...], re.Pattern[str]]:
    plain = _plain(entry)[0]
    parts = sorted((part for word in plain.split() for part in word.split("*")), key=len, reverse=True)
    words = BETWEEN.join(re.escape(word).replace(r"\*", r"\w*") for word in plain.split())
    before = r"(?<![^\W_])" if plain[0].isalnum() else ""
    after = r"(?![^\W_])" if plain[-1].isalnum() or plain[-1] == "*" else ""
    return tuple(parts), re.compile(before + words + after)


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """The text without case, accents, disguises and invisible characters; for each where it came from."""
    forms = {letter: _forms(letter) for letter in set(text)}
    if all(len(plain) == 1 for plain in forms.values()):
        return text.translate({ord(letter): plain for letter, plain in forms.items()}), range(len(text))
    letters, at = [], []
    for n, letter in enumerate(text):
        for plain in forms[letter]:
            letters.append(plain)
            at.append(n)
    return "".join(letters), at


@lru_cache(maxsize=10_000)
def _forms(letter: str) -> str:
    """What is left of a letter: nothing of an invisible one, the plain one of a tag or of a look-alike."""
    if TAGS <= ord(letter) < TAGS_END:
        letter = chr(ord(letter) - TAGS)
    parts = unicodedata.normalize("NFKD", letter).casefold().translate(_alike())
    return "".join(c for c in parts if c.isspace() or _seen(c))


def _seen(letter: str) -> bool:
    return unicodedata.category(letter) not in UNSEEN and letter not in FILLERS


@cache
def _alike() -> dict[int, str]:
    """Letters that look like a Latin one, by their code points."""
    data = yaml.load(FILE.read_bytes(), yaml.CSafeLoader)["alike"]
    return {ord(letter): latin for latin, letters in data.items() for letter in letters}
