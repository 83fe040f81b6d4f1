"""Marks of dangerous speech on a text: the hallmark, the exact words, who is spoken of and who speaks."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tocsin.geography import Mention
from tocsin.signals.rules.lexicon import Hit, fold
from tocsin.signals.rules.passage import Passage
from tocsin.signals.speech.hallmarks import hallmark
from tocsin.signals.speech.patterns import (
    NATIONALITY,
    PRONOUN,
    Hits,
    Pattern,
    Vocabulary,
    extent,
    languages,
    rules,
    vocabulary,
)
from tocsin.signals.speech.stance import Stance, in_quotes, speaker_of, stance_of

_BACK = 2
"""A pronoun may stand for a group named at most this many sentences before."""
_PRONOUN = 0.85
_CODED = 0.4
_ARTICLE = 8
"""An article at most this many characters before a nationality belongs to it."""
_ORDERS = {"struck": "strike", "sweep": "strike", "order_v": "order"}
"""Words that are an order where they open a sentence, and the concept that they then show."""
_OPENERS = frozenset("\"'\u201c\u201e\u00ab\u2018:!\u00a1\u2014")
OFFICES = frozenset({"leader", "official", "religious figure", "media"})
"""The kinds of speaker whose office makes people listen."""
_ARMED = ("nonstate_force", "militia", "terror")


@dataclass(frozen=True, slots=True)
class SpeechMark:
    """One hallmark shown by text[start:end].

    `severity` is that of the hallmark, 1 to 4, not of a person or a text. `target` is the kind of group
    spoken of, "unspecified" when only a pronoun names it. `speaker` is the kind of speaker, "unknown" when
    the text names none, and `office` the word for it ("radio", "minister"), never a name. `confidence` says
    how surely the words show the hallmark.
    """

    hallmark: str
    severity: int
    stance: Stance
    target: str
    speaker: str
    office: str
    quote: str
    start: int
    end: int
    confidence: float

    @property
    def code(self) -> str:
        """Hallmark and stance, as a claim keeps them: "H1:reported"."""
        return f"{self.hallmark}:{self.stance}"


@dataclass(slots=True)
class _Reading:
    """A text while it is read; the hits of a sentence are found when first asked for."""

    doc: Passage
    words: Vocabulary
    folded: str
    scenes: dict[int, Hits] = field(default_factory=dict)

    def hits(self, n: int) -> Hits:
        """The concepts of sentence `n`, empty outside the text."""
        if n not in self.scenes:
            self.scenes[n] = self._found(n) if 0 <= n < len(self.doc.parts) else {}
        return self.scenes[n]

    def _found(self, n: int) -> Hits:
        part = self.doc.parts[n]
        found: Hits = {}
        at = part.span.start
        for hit in self.words.every.find(self.folded[at : part.span.end]):
            found.setdefault(hit.concept, []).append(Hit(hit.concept, at + hit.start, at + hit.end))
        for name, order in _ORDERS.items():
            given = [hit for hit in found.get(name, ()) if self._opens(at, hit.start)]
            if given:
                found.setdefault(order, []).extend(given)
        named = [Hit(NATIONALITY, m.start, m.end) for m in part.places if self._people(m, at)]
        return found | ({NATIONALITY: named} if named else {})

    def _opens(self, at: int, start: int) -> bool:
        """Whether a sentence or a quotation opens at `start`: there a verb is an order, elsewhere news."""
        before = self.folded[at:start].rstrip()
        return not before or before[-1] in _OPENERS

    def _people(self, mention: Mention, at: int) -> bool:
        form = rules().nationality.get(self.words.language)
        words = self.doc.text[max(at, mention.start - _ARTICLE) : mention.end]
        return mention.kind == "demonym" and form is not None and bool(form.search(words))


def speech(doc: Passage, coded: Iterable[str] = ()) -> tuple[SpeechMark, ...]:
    """The marks of dangerous speech in a text, in order; none in a language without words.

    At most one mark of a hallmark in a sentence. `coded` are words that the reviewers of a deployment know as
    code for one of the hallmarks; without them coded speech stays unknown.
    """
    folded = fold(doc.text)
    words = vocabulary(doc.language) if doc.language else _likeliest(folded)
    if words is None:
        return ()
    starts = [part.span.start for part in doc.parts]
    cued = {bisect_right(starts, hit.start) - 1 for hit in words.cues.find(folded)}
    listed = [fold(word) for word in coded]
    cued |= {bisect_right(starts, at) - 1 for word in listed for at, _ in _places(folded, word)}
    reading = _Reading(doc, words, folded)
    marks = [mark for n in sorted(cued) if n >= 0 for mark in _of_sentence(reading, n, listed)]
    return tuple(sorted(marks, key=lambda mark: (mark.start, mark.hallmark)))


def _likeliest(folded: str) -> Vocabulary | None:
    """The language with the most cues, for a text too short or too mixed to say; None when none has any."""
    known = [found for code in languages() if (found := vocabulary(code))]
    best = max(known, key=lambda words: len(words.cues.find(folded)))
    return best if best.cues.find(folded) else None


def _places(folded: str, word: str) -> Iterator[tuple[int, int]]:
    for found in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", folded) if word else ():
        yield found.span()


def _of_sentence(reading: _Reading, n: int, coded: list[str]) -> Iterator[SpeechMark]:
    best: dict[str, tuple[float, tuple[Hit, ...]]] = {}
    for pattern in rules().patterns:
        if pattern.languages and reading.words.language not in pattern.languages:
            continue
        used = pattern.match(reading.hits(n))
        if used is None or not _means_it(reading, n, pattern, used):
            continue
        sure = pattern.confidence * (1.0 if _group(used) else _PRONOUN)
        if sure > best.get(pattern.hallmark, (0.0, ()))[0]:
            best[pattern.hallmark] = (sure, used)
    span = reading.doc.parts[n].span
    for word in coded:
        for start, end in _places(reading.folded[span.start : span.end], word):
            hit = Hit("coded", span.start + start, span.start + end)
            best.setdefault("H13", (_CODED, (hit,)))
    for id, (sure, used) in best.items():
        yield _mark(reading, n, id, sure, used)


def _means_it(reading: _Reading, n: int, pattern: Pattern, used: tuple[Hit, ...]) -> bool:
    """Whether nothing beside the words says that they mean something else (pests, patients, a match)."""
    near = [reading.hits(m) for m in ((n,) if _group(used) else (n - 1, n, n + 1))]
    if any(name in hits for name in pattern.not_with for hits in near):
        return False
    if pattern.not_with & {"benign"} and reading.doc.counts.get("sport", 0) >= 2:
        return False
    asks = pattern.needs_group or any(hit.concept == PRONOUN for hit in used)
    if not asks or _group(used) or _named_near(reading, n):
        return True
    return _we(reading, n) and (not pattern.needs_voice or _voice(reading, n, used))


def _named_near(reading: _Reading, n: int) -> bool:
    """Whether a group is named in the sentence or just before it."""
    groups = {*rules().targets, NATIONALITY}
    return any(not groups.isdisjoint(reading.hits(m)) for m in range(n - _BACK, n + 1))


def _we(reading: _Reading, n: int) -> bool:
    """Whether the speaker says "we" and no armed body is spoken of."""
    armed = any(part.has(*_ARMED) for part in reading.doc.parts[max(0, n - 1) : n + 1])
    return "us" in reading.hits(n) and not armed


def _voice(reading: _Reading, n: int, used: tuple[Hit, ...]) -> bool:
    """Whether the text says it itself or names the office that does."""
    stance, told = _said(reading, n, used)
    return stance is Stance.OWN or (told is not None and told[0] in OFFICES)


def _said(reading: _Reading, n: int, used: tuple[Hit, ...]) -> tuple[Stance, tuple[str, Hit] | None]:
    """The stance, and the kind of speaker with the word for the office when another one speaks."""
    quoted = in_quotes(reading.doc.text, extent(used)[0])
    stance = stance_of(used, reading.hits(n), quoted)
    beside = (reading.hits(n - 1), reading.hits(n + 1)) if quoted else ()
    return stance, None if stance is Stance.OWN else speaker_of(used, (reading.hits(n), *beside))


def _group(used: tuple[Hit, ...]) -> str:
    kinds = rules().targets | {NATIONALITY: "national"}
    return next((kinds[hit.concept] for hit in used if hit.concept in kinds), "")


def _mark(reading: _Reading, n: int, id: str, sure: float, used: tuple[Hit, ...]) -> SpeechMark:
    doc = reading.doc
    start, end = extent(used)
    stance, told = _said(reading, n, used)
    kind, office = told if told else ("unknown", None)
    return SpeechMark(
        hallmark=id,
        severity=hallmark(id).severity,
        stance=stance,
        target=_group(used) or _group_in(reading, n) or "unspecified",
        speaker=kind,
        office=doc.text[office.start : office.end] if office else "",
        quote=doc.text[start:end],
        start=start,
        end=end,
        confidence=round(sure, 3),
    )


def _group_in(reading: _Reading, n: int) -> str:
    """The kind of the only group that the sentence names; "" when it names none or several."""
    kinds = rules().targets | {NATIONALITY: "national"}
    named = {kinds[name] for name in reading.hits(n) if name in kinds}
    return named.pop() if len(named) == 1 else ""
