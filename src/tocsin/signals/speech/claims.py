"""Marks joined to the claims of a text, so that words that call for violence are not lost as evidence."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from tocsin.framework import indicator
from tocsin.signals.rules.claims import countries_at, target
from tocsin.signals.rules.passage import Passage
from tocsin.signals.rules.timing import lesson_countries, time_of
from tocsin.signals.signal import Claim, Relevance, TimeStatus
from tocsin.signals.speech.hallmarks import hallmark
from tocsin.signals.speech.marks import OFFICES, SpeechMark, speech
from tocsin.signals.speech.patterns import rules
from tocsin.signals.speech.stance import Stance

_HEARD = OFFICES | {"armed group"}
"""Whose reported words are a sign of risk by themselves; a leaflet or an unnamed voice is context."""


def with_speech(
    doc: Passage,
    claims: Sequence[Claim],
    *,
    unless: TimeStatus | None = None,
    coded: Iterable[str] = (),
) -> tuple[Claim, ...]:
    """The claims of a text with the marks of dangerous speech, in order of the text.

    A claim gets the marks of its sentence in `speech`, as codes such as "H1:reported"; one that rests on
    words which the text only rejects or studies is context. A sentence with marks and without any claim of an
    indicator gives claims of its own: one for the first indicator of each hallmark and each country. `unless`
    is the time of a text that as a whole is not about the present (as for `claims` of the rules). `coded` are
    words that reviewers of a deployment know as code. Calling it again on its own answer changes nothing.
    """
    starts = [part.span.start for part in doc.parts]
    heard: dict[int, list[SpeechMark]] = {}
    for mark in speech(doc, coded):
        heard.setdefault(bisect_right(starts, mark.start) - 1, []).append(mark)
    if not heard:
        return tuple(claims)
    placed = [(bisect_right(starts, claim.start) - 1, claim) for claim in claims]
    told = {n for n, claim in placed if claim.indicator}
    made = [_marked(claim, heard.get(n, ())) for n, claim in placed]
    past = lesson_countries(doc)
    for n, marks in heard.items():
        if n not in told:
            made.extend(_own(doc, n, marks, past=past, unless=unless))
    return tuple(sorted(made, key=lambda claim: (claim.start, claim.indicator, claim.iso3)))


def _marked(claim: Claim, marks: Sequence[SpeechMark]) -> Claim:
    if not marks:
        return claim
    codes = tuple(dict.fromkeys((*claim.speech, *(mark.code for mark in marks))))
    about = {id for mark in marks for id in hallmark(mark.hallmark).indicators}
    refuted = all(mark.stance in (Stance.COUNTERED, Stance.ACADEMIC) for mark in marks)
    if refuted and claim.indicator in about:
        return replace(claim, speech=codes, relevance=Relevance.CONTEXT)
    return replace(claim, speech=codes)


def _own(
    doc: Passage, n: int, marks: Sequence[SpeechMark], *, past: frozenset[str], unless: TimeStatus | None
) -> Iterator[Claim]:
    best: dict[str, SpeechMark] = {}
    for mark in sorted(marks, key=lambda mark: (not _is_risk(mark), -mark.confidence)):
        best.setdefault(hallmark(mark.hallmark).indicators[0], mark)
    where = countries_at(doc, n, marks[0].start, marks[-1].end)
    for id, mark in best.items():
        for iso3 in where:
            when = TimeStatus.PAST if iso3 in past else _time(doc, n, mark, past=past, unless=unless)
            risk = _is_risk(mark) and when is TimeStatus.PRESENT
            claim = _claim(doc, n, mark, id, iso3)
            claim = replace(claim, time=when, relevance=Relevance.SIGNAL if risk else Relevance.CONTEXT)
            yield _marked(claim, marks)


def _time(
    doc: Passage, n: int, mark: SpeechMark, *, past: frozenset[str], unless: TimeStatus | None
) -> TimeStatus:
    """The present, unless the words around or the whole text tell of the past: a speech is made when told."""
    part = doc.parts[n]
    if time_of(doc, part, mark.start, mark.end, past) is TimeStatus.PAST:
        return TimeStatus.PAST
    return unless if unless and not part.has("t_strong") else TimeStatus.PRESENT


def _is_risk(mark: SpeechMark) -> bool:
    return mark.stance is Stance.OWN or (mark.stance is Stance.REPORTED and mark.speaker in _HEARD)


def _claim(doc: Passage, n: int, mark: SpeechMark, id: str, iso3: str) -> Claim:
    part = doc.parts[n]
    return Claim(
        indicator=id,
        factor=indicator(id).factor,
        iso3=iso3,
        place=next((m.name for m in part.places if m.kind == "place" and m.iso3 == iso3), ""),
        time=TimeStatus.PRESENT,
        relevance=Relevance.CONTEXT,
        perpetrator=_side(mark),
        target=target(part) or _group(mark),
        protective=False,
        confidence=mark.confidence,
        quote=doc.text[part.span.start : part.span.end],
        start=part.span.start,
        end=part.span.end,
    )


def _side(mark: SpeechMark) -> str:
    """Whom the kind of speaker points to: an office of the state, an armed group, or nobody can say."""
    return rules().sides.get(mark.speaker, "unclear")


def _group(mark: SpeechMark) -> str:
    return "" if mark.target == "unspecified" else f"{mark.target} group"
