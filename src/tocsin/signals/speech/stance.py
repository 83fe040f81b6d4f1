"""Whether a text speaks, reports, rejects or studies dangerous speech, and whose words they are."""

from __future__ import annotations

import re
from enum import StrEnum

from tocsin.signals.rules.lexicon import Hit
from tocsin.signals.speech.patterns import Hits, extent, overlaps, rules

_BEFORE = 8
"""A negation or a first person at most this many characters before a word belongs to it."""
_OFFICE = 40
"""An office at most this many characters before a word of urging is its subject."""
_PARAGRAPH = 2_000
"""Quotation marks further back than this many characters are not counted: no quotation is so long."""
_TELLING = ("said", "called", "denier")
_OPENING, _CLOSING = "“«„", "”»"


class Stance(StrEnum):
    """own: the text says it itself; reported: it says that somebody did; countered: it rejects it; academic:
    it studies it."""

    OWN = "own"
    REPORTED = "reported"
    COUNTERED = "countered"
    ACADEMIC = "academic"


def stance_of(used: tuple[Hit, ...], hits: Hits, quoted: bool) -> Stance:
    """The stance towards the words `used` in a sentence with `hits`; `quoted`: in quotation marks."""
    if "academic" in hits:
        return Stance.ACADEMIC
    if any(not overlaps(hit, used) for hit in hits.get("counter", ())) or _negated(used, hits):
        return Stance.COUNTERED
    if quoted or _told(hits) or _ordered(used, hits):
        return Stance.REPORTED
    return Stance.OWN


def speaker_of(used: tuple[Hit, ...], scenes: tuple[Hits, ...]) -> tuple[str, Hit] | None:
    """The kind of speaker and the word of the office, in the first of the sentences that names one.

    Nearest to the word of speaking, else to the words spoken. None when nobody is named: unknown is not
    anonymous.
    """
    start = min(hit.start for hit in used)
    for hits in scenes:
        named = [(hit, row["kind"]) for name, row in rules().speakers.items() for hit in hits.get(name, ())]
        named = [(hit, kind) for hit, kind in named if not overlaps(hit, used)]
        if named:
            anchors = [hit.start for hit in hits.get("said", ())] or [start]
            hit, kind = min(named, key=lambda pair: _distance(pair[0], anchors, start))
            return kind, hit
    return None


def in_quotes(text: str, start: int) -> bool:
    """Whether an opening quotation mark of the same paragraph is still open at `start`."""
    before = text[max(0, start - _PARAGRAPH) : start]
    before = before[before.rfind("\n") + 1 :]
    opened = sum(map(before.count, _OPENING))
    closed = sum(map(before.count, _CLOSING))
    return opened > closed or before.count('"') % 2 == 1 or _single(before)


def _single(before: str) -> bool:
    """Whether a single quotation mark is open: one at the start of a word, none since at the end of one."""
    return len(re.findall(r"(?<!\w)['‘](?=\w)", before)) > len(re.findall(r"(?<=[\w.,!?])['’](?!\w)", before))


def _negated(used: tuple[Hit, ...], hits: Hits) -> bool:
    start, end = extent(used)
    return any(start - _BEFORE <= neg.start < end and not overlaps(neg, used) for neg in hits.get("neg", ()))


def _told(hits: Hits) -> bool:
    """Whether the sentence says that somebody other than the speaker said or called."""
    first = hits.get("me", ())
    return any(
        not overlaps(hit, first) and not any(0 <= hit.start - me.end <= _BEFORE for me in first)
        for name in _TELLING
        for hit in hits.get(name, ())
    )


def _ordered(used: tuple[Hit, ...], hits: Hits) -> bool:
    """Whether an office just before the word of urging gives the order: "the colonel gave the order to"."""
    offices = [hit.end for name in rules().speakers for hit in hits.get(name, ())]
    return any(0 <= hit.start - end <= _OFFICE for hit in used if hit.concept == "urge" for end in offices)


def _distance(hit: Hit, anchors: list[int], start: int) -> tuple[int, int]:
    return min(abs(hit.start - at) for at in anchors), abs(hit.start - start)
