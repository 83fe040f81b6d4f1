"""Which language a text is in, and where its sentences are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

LONGEST = 600
"""Sentences longer than this (in characters) are cut at a space: lists and tables have no full stops."""

_BLOCK = 20_000
_ETHIOPIC = re.compile(r"[\u1200-\u137f]")
_TIGRINYA = re.compile(r"[\u1250-\u125f\u12a3\u12bb-\u12be]")
_AMHARIC = re.compile(r"[\u12a0\u1340-\u1347]")
_ARABIC_SCRIPT = re.compile(r"[\u0600-\u06ff]")
_NOT_ARABIC = re.compile(r"[\u067e\u0686\u0698\u06af\u06a9\u06cc\u06d2\u06ba\u0679\u06d5\u06c6]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as text[start:end] of the original; `paragraph` counts blocks parted by line ends."""

    start: int
    end: int
    paragraph: int


def language(text: str) -> str:
    """The ISO 639-1 code of the language, "" when the text is too short or too mixed to say.

    Under 20 letters nothing is said; under 100 the identifier (py3langid) must be 90 % sure, above that
    50 %. Two things it cannot tell are told by letters: Tigrinya from Amharic, and Arabic in short text from
    Persian, Urdu and Kurdish.
    """
    sample = text[:4000]
    letters = sum(map(str.isalpha, sample))
    if letters < 20:
        return ""
    if len(_ETHIOPIC.findall(sample)) > letters / 2:
        return "ti" if len(_TIGRINYA.findall(sample)) > len(_AMHARIC.findall(sample)) else "am"
    if len(_ARABIC_SCRIPT.findall(sample)) > letters / 2 and not _NOT_ARABIC.search(sample):
        return "ar"
    code, sure = _identifier().classify(sample[:1500])
    return str(code) if sure >= (0.9 if letters < 100 else 0.5) else ""


def sentences(text: str, lang: str = "en") -> tuple[Sentence, ...]:
    """The sentences of a text (sentencex rules for `lang`), in order, without surrounding white space.

    Every span is exact: joined with the white space between them the sentences give the text back.
    """
    from sentencex import get_sentence_boundaries

    found: list[Sentence] = []
    paragraph, last = 0, 0
    for at, block in _blocks(text):
        for start, end in _pieces(block, get_sentence_boundaries(lang or "en", block)):
            if found and "\n" in text[last : at + start]:
                paragraph += 1
            found.append(Sentence(at + start, at + end, paragraph))
            last = at + end
    return tuple(found)


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """A long text in blocks cut after a line end, else a space: the segmenter's time grows as the square."""
    at = 0
    while at < len(text):
        end = at + _BLOCK
        if end < len(text):
            end = text.rfind("\n", at, end) + 1 or text.rfind(" ", at, end) + 1 or end
        yield at, text[at:end]
        at = end


def _pieces(text: str, boundaries: list[dict[str, Any]]) -> Iterator[tuple[int, int]]:
    at = 0
    for boundary in boundaries:
        start = text.find(boundary["text"], at)
        if start < 0:
            # The segmenter changed a character (a lone surrogate, say): keep the rest as one piece.
            yield from _trimmed(text, at, len(text))
            return
        if start > at:
            yield from _trimmed(text, at, start)
        at = start + len(boundary["text"])
        yield from _trimmed(text, start, at)
    yield from _trimmed(text, at, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        stop = end
        if end - start > LONGEST:
            space = text.rfind(" ", start + 1, start + LONGEST)
            stop = space if space > 0 else start + LONGEST
        piece = text[start:stop]
        left = start + len(piece) - len(piece.lstrip())
        right = start + len(piece.rstrip())
        if left < right:
            yield left, right
        start = stop


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
