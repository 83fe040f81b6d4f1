"""The words by which a language counts people, and a sentence taken apart into them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import ahocorasick
import yaml

from tocsin.errors import InputError
from tocsin.signals.rules.lexicon import fold

FOLDER = Path(__file__).parent / "data" / "counts"
_NAMED = ("cues", "people", "units", "who", "twos")
_ROLES = (
    *(
        "joins",
        "articles",
        "floor",
        "floor_after",
        "ceiling",
        "under",
        "about",
        "between",
        "to",
        "more",
        "of",
    ),
    *("nobody", "nil", "not_people", "ages", "be", "by", "preps", "includes", "and", "supposed", "denies"),
    *("not", "say", "according", "labels", "tolls", "doers"),
)
_NUMBER = r"(?:\d{1,3}(?:[.,'٬]\d{3})+|\d{1,3}(?: \d{3})+|\d+(?:[.,٫]\d+)?)(?=(?:k|m|mn|bn)?\b)(?![.,]\d)"
_WORD = r"[^\W\d_]+(?:[\u064b-\u0652\u0670]+[^\W\d_]+)*[\u064b-\u0652\u0670]*|\d\w*"
_TOKEN = re.compile(f"(?P<digits>{_NUMBER})|{_WORD}")
_TURNED = re.compile(f"(?P<digits>(?:\\d{{3}} )+\\d{{1,3}}\\b(?![.,]\\d)|{_NUMBER})|{_WORD}")
"""In Arabic, groups of digits parted by spaces stand the other way around: "000 30" is thirty thousand."""
_MARKS = re.compile(r"[\u064b-\u0652\u0670\u0640]")
_LETTERS = str.maketrans("أإآٱى", "ااااي")
_PARTICLES = ("ال", "لل", "بال", "كال", "ب", "ل", "ف", "ك")
_SMALLEST_STEM = 2


@dataclass(slots=True)
class Token:
    """One word, phrase or number at sentence[start:end], and the roles it can play (role to its value)."""

    start: int
    end: int
    roles: Mapping[str, Any]
    digits: str = ""

    def __contains__(self, role: str) -> bool:
        return role in self.roles


@dataclass(frozen=True, slots=True)
class _Term:
    words: tuple[str, ...]
    role: str
    value: Any


class CountWords:
    """The reviewed words of one language (ISO 639-1). `after_noun`: a number follows what it counts."""

    def __init__(self, language: str, raw: Mapping[str, Any]) -> None:
        self.language, self.arabic = language, language == "ar"
        self.after_noun = bool(raw.get("after_noun"))
        self._exact: dict[str, list[_Term]] = {}
        self._stems: dict[str, list[_Term]] = {}
        self._seen: dict[str, tuple[dict[str, Any], list[_Term]]] = {}
        self._gate = ahocorasick.Automaton()
        for term in _terms(raw, self._plain):
            stem = term.words[0].rstrip("*")
            kept = self._stems if term.words[0].endswith("*") else self._exact
            kept.setdefault(stem, []).append(term)
            if term.role == "cue":
                self._gate.add_word(stem, stem)
        self._gate.make_automaton()

    def cue_ends(self, folded: str) -> list[int]:
        """Where words of harm may stand in folded text: a cheap first look."""
        if self.arabic:
            bare = [n for n, letter in enumerate(folded) if not _MARKS.match(letter)]
            letters = "".join(folded[n] for n in bare).translate(_LETTERS)
            return [bare[end] for end, _ in self._gate.iter(letters)]
        found = ((end, end - len(stem)) for end, stem in self._gate.iter(folded))
        return [end for end, before in found if before < 0 or not folded[before].isalnum()]

    def tokens(self, folded: str) -> list[Token]:
        """The tokens of a folded sentence; the longest phrase wins, and an Arabic "and" stands apart."""
        found = (_TURNED if self.arabic else _TOKEN).finditer(folded)
        raw = [(*m.span(), m["digits"]) for m in found]
        words = [folded[start:end] for start, end, _ in raw]
        if self.arabic:
            words = [self._plain(word) for word in words]
        out: list[Token] = []
        n = 0
        while n < len(raw):
            start, end, digits = raw[n]
            if digits:
                out.append(Token(start, end, {}, self._turned(digits)))
                n += 1
                continue
            joined, length, roles = self._best(words, n)
            if joined:
                out.append(Token(start, start + 1, {"and": True, "joins": True, "to": True}))
            out.append(Token(start + joined, raw[n + length - 1][1] if length > 1 else end, roles))
            n += length
        return out

    def _turned(self, digits: str) -> str:
        groups = digits.split(" ")
        turned = self.arabic and len(groups) > 1 and len(groups[0]) == 3
        return " ".join(reversed(groups)) if turned else digits

    def _best(self, words: list[str], n: int) -> tuple[int, int, dict[str, Any]]:
        """The roles of the longest term at word `n`, after its length and whether "and" is joined to it."""
        length, roles = self._longest(words, n, words[n])
        if roles or not self.arabic or not words[n].startswith("و") or len(words[n]) < 3:
            return 0, length, roles
        length, roles = self._longest(words, n, words[n][1:])
        return int(bool(roles)), length, roles

    def _longest(self, words: list[str], n: int, first: str) -> tuple[int, dict[str, Any]]:
        roles, phrases = self._starting(first)
        held = [t for t in phrases if self._follows(t.words, words, n)] if phrases else phrases
        if not held:
            return 1, roles
        most = max(len(t.words) for t in held)
        return most, _roles(t for t in held if len(t.words) == most)

    def _starting(self, word: str) -> tuple[dict[str, Any], list[_Term]]:
        """The roles of a word, and the phrases that begin with it."""
        known = self._seen.get(word)
        if known is None:
            begun = [t for form in self._forms(word) for t in self._look(form)]
            alone = _roles(t for t in begun if len(t.words) == 1)
            known = alone, [t for t in begun if len(t.words) > 1]
            if len(self._seen) < 50_000:
                self._seen[word] = known
        return known

    def _look(self, word: str) -> Iterator[_Term]:
        yield from self._exact.get(word, ())
        for size in range(len(word), _SMALLEST_STEM - 1, -1):
            yield from self._stems.get(word[:size], ())

    def _forms(self, word: str) -> list[str]:
        """The word, or in Arabic the word and what is left of it without particle and article."""
        if not self.arabic:
            return [word]
        bare = [word[len(p) :] for p in _PARTICLES if word.startswith(p) and len(word) - len(p) >= 2]
        return next(([form] for form in (word, *bare) if any(True for _ in self._look(form))), [word])

    def _follows(self, wanted: tuple[str, ...], words: list[str], n: int) -> bool:
        if n + len(wanted) > len(words):
            return False
        if not self.arabic:
            return all(map(_fits, wanted[1:], words[n + 1 : n + len(wanted)]))
        rest = zip(wanted[1:], words[n + 1 :], strict=False)
        return all(_fits(want, word) or _fits(want, word.removeprefix("ال")) for want, word in rest)

    def _plain(self, word: str) -> str:
        return _MARKS.sub("", word).translate(_LETTERS) if self.arabic else word


def _roles(terms: Iterable[_Term]) -> dict[str, Any]:
    """What terms of the same words say together; where two give a role, the first."""
    roles: dict[str, Any] = {}
    for term in terms:
        roles.setdefault(term.role, term.value)
    if "doers" in roles:
        roles.pop("cue", None)  # "Kidnappers" begins like a word of harm, and names no victim.
    return roles


def _fits(want: str, word: str) -> bool:
    return word.startswith(want[:-1]) if want.endswith("*") else word == want


def _terms(raw: Mapping[str, Any], plain: Any) -> Iterator[_Term]:
    for role in _ROLES:
        yield from _each(raw.get(role, ""), role, True, plain)
    for section in _NAMED:
        role = {"cues": "cue", "people": "person", "units": "unit", "who": "who", "twos": "two"}[section]
        for name, forms in raw.get(section, {}).items():
            yield from _each(forms, role, name, plain)
    for section, role in (("numbers", "num"), ("times", "times"), ("rounds", "round")):
        for value, forms in raw.get(section, {}).items():
            yield from _each(forms, role, value, plain)
    for form, bounds in raw.get("vague", {}).items():
        yield from _each(form, "vague", tuple(bounds), plain)
    for number, forms in enumerate(raw["months"], 1):
        yield from _each(forms, "month", number, plain)


def _each(forms: str, role: str, value: Any, plain: Any) -> Iterator[_Term]:
    for form in forms.split("|"):
        words = tuple(plain(w) for w in re.findall(r"[^\W_]+\*?|\*", _bare_of_marks(fold(form))))
        if words:
            yield _Term(words, role, value)


def _bare_of_marks(text: str) -> str:
    return "".join(c for c in text if not unicodedata.combining(c))


@cache
def count_words(language: str) -> CountWords | None:
    """The words of a language by ISO 639-1 code; None when there is no file for it. Raises InputError."""
    path = FOLDER / f"{language}.yml"
    if not path.is_file():
        return None
    try:
        return CountWords(language, yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader))
    except (KeyError, AttributeError, TypeError) as error:
        raise InputError(f"the words cannot be read ({error})", str(path), "compare it with en.yml") from None


def languages() -> tuple[str, ...]:
    """The languages whose counts can be read."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yml")))
