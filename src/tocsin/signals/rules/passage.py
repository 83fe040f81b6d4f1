"""A text taken apart for the rules: sentences, the concepts and countries in each, frame and years."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.geography import Mention, mentions
from tocsin.signals.language import Sentence, language, sentences
from tocsin.signals.rules.lexicon import Hit, fold, languages, lexicon
from tocsin.signals.rules.patterns import Frame, frames, violence_concepts

_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)s?\b")
_EARLIEST = 2000
"""A text without a date is taken to be written in this year or later, so that earlier years are past."""
_OPENING = 400
_EVENT = 40
"""A place named with "in" at most this many characters after a meeting is where the meeting sat."""
_DATELINE = re.compile(r"[^\n.]{0,20}?(?:\(|\u2014|\u2013| - |, \w{3,9}\.? \d{1,2}\b)")


@dataclass(frozen=True, slots=True)
class Part:
    """One sentence with what was found in it. `seats` are the mentions that only say where a speaker sits."""

    span: Sentence
    hits: dict[str, list[Hit]]
    places: tuple[Mention, ...]
    seats: tuple[Mention, ...]
    years: tuple[int, ...]

    def has(self, *concepts: str) -> bool:
        """Whether any of the concepts is in the sentence."""
        return not self.hits.keys().isdisjoint(concepts)


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """A whole text, equal only to itself, so that what is found in it can be kept beside it.

    `writing_year` is the year of publication, else the newest year named.
    """

    text: str
    language: str
    parts: tuple[Part, ...]
    counts: dict[str, int]
    frame: Frame | None
    writing_year: int


def passage(text: str, lang: str = "", published_year: int = 0) -> Passage:
    """Take a text apart. `lang` is an ISO 639-1 code when already known.

    Where the language is not known or has no words, that which has the most words in the text serves.
    """
    lang = lang[:2].lower() or language(text)
    folded = fold(text)
    hits = _hits(folded, lang)
    found = sorted(mentions(text), key=lambda mention: mention.start)
    at = [hit.start for hit in hits], [mention.start for mention in found]
    spans = sentences(text, lang or "en")
    parts = tuple(
        _part(span, folded, hits[_inside(at[0], span)], found[_inside(at[1], span)]) for span in spans
    )
    counts: dict[str, int] = {}
    for hit in hits:
        counts[hit.concept] = counts.get(hit.concept, 0) + 1
    years = [int(y) for y in _YEAR.findall(folded)]
    written = published_year or max([_EARLIEST, *years])
    return Passage(text, lang, parts, counts, _frame(counts, hits), written)


def _hits(folded: str, lang: str) -> list[Hit]:
    words = lexicon(lang)
    if words:
        return words.find(folded)
    tried = [found.find(folded) for code in ("en", *languages()) if (found := lexicon(code))]
    return max(tried, key=len)


def _inside(starts: Sequence[int], span: Sentence) -> slice:
    return slice(bisect_left(starts, span.start), bisect_left(starts, span.end))


def _part(span: Sentence, folded: str, hits: list[Hit], found: list[Mention]) -> Part:
    by_concept: dict[str, list[Hit]] = {}
    for hit in hits:
        by_concept.setdefault(hit.concept, []).append(hit)
    inside = [m for m in found if m.iso3]
    seats = tuple(m for m in inside if _is_seat(m, folded, by_concept))
    places = tuple(m for m in inside if m not in seats)
    years = tuple(int(y) for y in _YEAR.findall(folded[span.start : span.end]))
    return Part(span, by_concept, places, seats, years)


def _is_seat(mention: Mention, folded: str, by_concept: dict[str, list[Hit]]) -> bool:
    if mention.start < 3 and _DATELINE.match(folded, mention.end):
        return True
    before = any(0 <= mention.start - h.end <= 5 for h in by_concept.get("seat_before", ()))
    if folded[max(0, mention.start - 4) : mention.start].strip() in ("in", "a", "en", "at", "em", "no", "na"):
        events = by_concept.get("seat_event", ())
        before = before or any(0 <= mention.start - h.end <= _EVENT for h in events)
    after = any(0 <= h.start - mention.end <= 3 for h in by_concept.get("seat_after", ()))
    return before or after


def _frame(counts: dict[str, int], hits: list[Hit]) -> Frame | None:
    violence = sum(counts.get(name, 0) for name in violence_concepts())
    opening = [hit.concept for hit in hits if hit.start < _OPENING]
    for frame in frames():
        told = sum(counts.get(name, 0) for name in frame.concepts)
        if sum(name in frame.concepts for name in opening) >= frame.opening:
            return frame
        if told >= frame.at_least and told / (told + violence) >= frame.share:
            return frame
    return None
