"""When a claimed situation is: present, past, future, denied or hypothetical, by the words around it."""

from __future__ import annotations

from tocsin.signals.rules.passage import Part, Passage
from tocsin.signals.signal import TimeStatus

_OLD = 2
"""A sentence whose newest year lies this many years before the writing is about the past."""
_NEAR = 60
_NEGATED = 12


def time_of(doc: Passage, part: Part, start: int, end: int, past: frozenset[str]) -> TimeStatus:
    """The time status of the words text[start:end] in one sentence.

    Order: denied; explicit words of the present; the past (words, old years, a country that the document
    names as a lesson); feared or announced; supposed; then the frame of the document; else the present,
    because news is written about now.
    """
    if _denied(part, start):
        return TimeStatus.DENIED
    if part.has("t_strong"):
        return TimeStatus.PRESENT
    if _told_as_past(doc, part) or _all_past(part, past):
        return TimeStatus.PAST
    if _before(part, "t_hypo", start):
        return TimeStatus.HYPOTHETICAL
    if part.has("t_future") and not part.has("t_recent"):
        return TimeStatus.FUTURE
    return doc.frame.time if doc.frame else TimeStatus.PRESENT


def lesson_countries(doc: Passage) -> frozenset[str]:
    """Countries that the document names as cases of the past, wherever else it names them."""
    found: set[str] = set()
    for part in doc.parts:
        cued = _told_as_past(doc, part) and not part.has("t_strong")
        for place in part.places:
            if cued or _lesson_before(part, place.start):
                found.add(place.iso3)
    return frozenset(found - _present_countries(doc))


def _present_countries(doc: Passage) -> set[str]:
    """Countries in a sentence with words of the present, unless a lesson is what is drawn from them."""
    return {
        place.iso3
        for part in doc.parts
        if part.has("t_strong")
        for place in part.places
        if not _lesson_before(part, place.start)
    }


def _told_as_past(doc: Passage, part: Part) -> bool:
    if part.has("t_past", "t_lesson") or _old(doc, part):
        return True
    tense = doc.frame is not None and doc.frame.tense
    return tense and len(part.hits.get("past_tense", ())) > len(part.hits.get("now_tense", ()))


def _lesson_before(part: Part, start: int) -> bool:
    return any(0 <= start - hit.end <= _NEAR for hit in part.hits.get("t_lesson", ()))


def _all_past(part: Part, past: frozenset[str]) -> bool:
    return bool(part.places) and all(place.iso3 in past for place in part.places)


def _old(doc: Passage, part: Part) -> bool:
    return bool(part.years) and max(part.years) <= doc.writing_year - _OLD


def _denied(part: Part, start: int) -> bool:
    if part.has("neg_report") or _before(part, "denied", start):
        return True
    return any(0 <= start - hit.end <= _NEGATED for hit in part.hits.get("neg", ()))


def _before(part: Part, concept: str, start: int) -> bool:
    return any(hit.end <= start for hit in part.hits.get(concept, ()))
