"""Claims: the patterns that hold in each sentence, with its words, time, country, actor and target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tocsin.framework import indicator
from tocsin.geography import Mention
from tocsin.signals.countries import chances
from tocsin.signals.rules.passage import Part, Passage
from tocsin.signals.rules.patterns import Pattern, opened_by, patterns, targets
from tocsin.signals.rules.timing import lesson_countries, time_of
from tocsin.signals.signal import Claim, Relevance, TimeStatus

_MOST = 4
"""No more indicators than this from one sentence (the codebook of the labelled passages has the same cap)."""
_BACK = 50
"""A sentence is about a country named at most this many sentences before it."""
_CLAUSE = 80
_MAIN, _ASIDE, _SHORT = 0.3, 0.45, 1_500
"""A document of so many characters is about one situation: that of its likeliest country from the first
probability, and countries under the second are asides. In a longer one each sentence speaks for itself."""
Match = tuple[Pattern, int, int]


def matches(part: Part) -> list[Match]:
    """The patterns that hold in a sentence with the span of their words: protective last, surest first."""
    found: list[Match] = []
    for n in sorted({n for name in part.hits for n in opened_by().get(name, ())}):
        pattern = patterns()[n]
        span = pattern.match(part.hits)
        if span:
            found.append((pattern, *span))
    return sorted(found, key=lambda match: (match[0].protective, -match[0].confidence))


def claims(doc: Passage, found: list[list[Match]], *, unless: TimeStatus | None = None) -> tuple[Claim, ...]:
    """Every claim of a passage, in order; `found` are the matches of each sentence.

    `unless` is the time given to a claim about the present without words that say so (when the whole text
    reads as if it were about the past, say); None leaves it in the present. A country that the document only
    names as a case of the past gets one claim without an indicator.
    """
    past = lesson_countries(doc)
    likely = dict(chances(doc))
    if past and len(likely) > 1:
        likely = {}  # a text that sets past cases beside present ones has no one country
    made: list[Claim] = []
    for n, (part, held) in enumerate(zip(doc.parts, found, strict=True)):
        sure = unless is None or part.has("t_strong")
        for claim in _of_sentence(doc, n, held, past, likely):
            late = not sure and claim.time is TimeStatus.PRESENT
            made.append(
                replace(claim, time=unless, relevance=Relevance.CONTEXT) if late and unless else claim
            )
    told = {claim.iso3 for claim in made}
    made.extend(_contexts(doc, past - told))
    return tuple(sorted(made, key=lambda claim: (claim.start, claim.indicator, claim.iso3)))


def perpetrator(part: Part, by: str = "") -> str:
    """Who acts in a sentence: state, nonstate, both, unclear or none; `by` is what the pattern points to."""
    state = part.has("state_force") or by == "state"
    nonstate = part.has("nonstate_force", "militia", "terror")
    if state and nonstate:
        return "both"
    if state or nonstate:
        return "state" if state else "nonstate"
    return "unclear"


def target(part: Part) -> str:
    """Who is harmed or at risk in a sentence, in a few words, "" when nobody is named."""
    return next((words for concept, words in targets().items() if concept in part.hits), "")


def countries_at(
    doc: Passage, n: int, start: int, end: int, likely: Mapping[str, float] | None = None
) -> tuple[str, ...]:
    """Where the words text[start:end] of sentence `n` are said to be, as ISO3 codes.

    The nearest country of the sentence and those listed with it; else that of the nearest earlier sentence of
    the paragraph; else the country that the document is most likely about; else "". A nationality ("Malian
    soldiers") counts only when the sentence names no country or place, because soldiers go abroad. Countries
    that a short document hardly is about (`likely`, from `tocsin.signals.countries.chances`) are passed over
    where it is about another.
    """
    odds = dict(chances(doc)) if likely is None else likely
    main = max(odds, key=lambda iso3: odds[iso3], default="")
    part, long = doc.parts[n], len(doc.text) > _SHORT
    if believed := _believed(part.places, odds, main, long):
        return _listed(doc, believed, start, end)
    for earlier in reversed(doc.parts[max(0, n - _BACK) : n]):
        if earlier.span.paragraph != part.span.paragraph:
            break
        if believed := _believed(earlier.places, odds, main, long):
            return (believed[-1].iso3,)
    return (main,) if odds.get(main, 0.0) >= _MAIN and (not long or len(odds) == 1) else ("",)


def _believed(places: Sequence[Mention], odds: Mapping[str, float], main: str, long: bool) -> list[Mention]:
    """The mentions whose country the document may be about; all of them where it is about no other."""
    if odds.get(main, 0.0) < _MAIN or long:
        return list(places)
    return [m for m in places if odds.get(m.iso3, 0.0) >= min(_ASIDE, odds[main])]


def _listed(doc: Passage, places: Sequence[Mention], start: int, end: int) -> tuple[str, ...]:
    named = [m for m in places if m.kind != "demonym"] or list(places)
    chosen = [min(named, key=lambda m: _distance(doc.text, m, start, end))]
    for place in named:
        for other in tuple(chosen):
            left, right = sorted((place, other), key=lambda m: m.start)
            if place not in chosen and len(doc.text[left.end : right.start].strip(" ,;&/")) <= 3:
                chosen.append(place)
    return tuple(dict.fromkeys(m.iso3 for m in chosen))


def _distance(text: str, place: Mention, start: int, end: int) -> int:
    """Characters between a country and the words; a comma before a later one opens a clause of its own."""
    if place.start >= end:
        return place.start - end + (_CLAUSE if "," in text[end : place.start] else 0)
    return max(start - place.end, 0)


def _of_sentence(
    doc: Passage, n: int, held: list[Match], past: frozenset[str], likely: Mapping[str, float]
) -> Iterator[Claim]:
    part = doc.parts[n]
    protective = any(pattern.protective for pattern, _, _ in held)
    times = [time_of(doc, part, start, end, past) for _, start, end in held]
    # What follows denied words in the same sentence is denied with them; the denial itself stands before.
    denied = min(
        (h[1] for h, t in zip(held, times, strict=True) if t is TimeStatus.DENIED), default=len(doc.text)
    )
    seen: set[str] = set()
    for pattern, start, end in held:
        if pattern.indicator in seen or len(seen) == _MOST or (pattern.protective and seen):
            continue
        seen.add(pattern.indicator)
        for iso3 in countries_at(doc, n, start, end, likely):
            when = TimeStatus.DENIED if start >= denied else time_of(doc, part, start, end, past)
            if when is TimeStatus.PRESENT and iso3 in past:
                when = TimeStatus.PAST
            claim = _claim(doc, part, pattern, iso3, when)
            yield replace(claim, protective=protective)


def _claim(doc: Passage, part: Part, pattern: Pattern, iso3: str, when: TimeStatus) -> Claim:
    now = when in (TimeStatus.PRESENT, TimeStatus.FUTURE)
    grave = Relevance.ATROCITY if pattern.atrocity and when is TimeStatus.PRESENT else Relevance.SIGNAL
    return Claim(
        indicator=pattern.indicator,
        factor=indicator(pattern.indicator).factor if pattern.indicator else "",
        iso3=iso3,
        place=next((m.name for m in part.places if m.kind == "place" and m.iso3 == iso3), ""),
        time=when,
        relevance=grave if now and pattern.indicator else Relevance.CONTEXT,
        perpetrator=perpetrator(part, pattern.by) if pattern.indicator else "none",
        target=target(part),
        protective=pattern.protective,
        confidence=pattern.confidence,
        quote=doc.text[part.span.start : part.span.end],
        start=part.span.start,
        end=part.span.end,
    )


def _contexts(doc: Passage, missing: frozenset[str] | set[str]) -> Iterator[Claim]:
    left = set(missing)
    for part in doc.parts:
        for place in part.places:
            if place.iso3 in left:
                left.discard(place.iso3)
                span = part.span
                yield Claim(
                    indicator="",
                    factor="",
                    iso3=place.iso3,
                    place=place.name if place.kind == "place" else "",
                    time=TimeStatus.PAST,
                    relevance=Relevance.CONTEXT,
                    perpetrator="none",
                    target="",
                    protective=False,
                    confidence=place.confidence,
                    quote=doc.text[span.start : span.end],
                    start=span.start,
                    end=span.end,
                )
