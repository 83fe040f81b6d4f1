"""From a model's answer to a reading: only what the text bears out is kept, and what is not is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tocsin.errors import UnknownId
from tocsin.framework import framework
from tocsin.geography import country
from tocsin.signals.endpoint.answer import Answer, Stated
from tocsin.signals.endpoint.quotes import find, instructions
from tocsin.signals.signal import Claim, Reading, Relevance, TimeStatus

PRESENT = 0.5
"""A factor more likely than not is present, when words bear it out."""
MOST = 4
RISKY = (Relevance.SIGNAL, Relevance.ATROCITY)
GRADES = tuple(Relevance)
OVER = (TimeStatus.PAST, TimeStatus.DENIED, TimeStatus.HYPOTHETICAL)


@dataclass(frozen=True, slots=True)
class Told:
    """A reading, with what of the answer did not hold.

    `dropped` counts by reason: `quote` (not in the text), `instruction` (quotes words that speak to a
    machine), `indicator`, `country` and `place` (unknown, or not in the text). `instructed` says that the
    text holds such words: then nothing is believed above the cap, and a person should look.
    """

    reading: Reading
    dropped: Mapping[str, int]
    instructed: bool


def told(record: str, text: str, answer: Answer) -> Told:
    """The reading of a text from a model's answer.

    A text is no more than its claims: signal or atrocity without a claim of that grade is lowered, and a
    factor without a claim under it is not present and at most even. So words that a model made up, or was
    made to say, carry nothing.
    """
    dropped: Counter[str] = Counter()
    words = instructions()
    barred = words.spans(text)
    claims = _claims(text, answer, barred, dropped)
    cap = words.cap if barred else 1.0
    relevance = _relevance(answer, claims)
    backed = {c.factor for c in claims if c.relevance in RISKY}
    odds = answer.odds
    reading = Reading(
        record=record,
        relevance=relevance,
        score=min(cap, answer.score if relevance in RISKY else min(answer.score, PRESENT)),
        factors={code: min(cap, p if code in backed else min(p, PRESENT)) for code, p in odds.items()},
        factors_present=tuple(
            code for code, p in odds.items() if p >= PRESENT and code in backed and relevance in RISKY
        ),
        indicators=_indicators(claims),
        time=TimeStatus(answer.time),
        countries=_countries(answer.countries, dropped),
        perpetrator=answer.perpetrator,
        target=_clean(answer.target),
        mitigation=answer.mitigation,
        claims=tuple(_capped(claim, cap) for claim in claims),
    )
    return Told(reading, dict(dropped), bool(barred))


def _claims(
    text: str, answer: Answer, barred: Iterable[tuple[int, int]], dropped: Counter[str]
) -> tuple[Claim, ...]:
    found: dict[tuple[str, int, int], Claim] = {}
    for stated in answer.claims:
        span = find(stated.quote, text)
        if span is None:
            dropped["quote"] += 1
        elif any(start < span[1] and span[0] < end for start, end in barred):
            dropped["instruction"] += 1
        elif stated.indicator and stated.indicator not in framework().by_id:
            dropped["indicator"] += 1
        else:
            found.setdefault((stated.indicator, *span), _claim(text, stated, span, dropped))
    return tuple(sorted(found.values(), key=lambda claim: (claim.start, claim.end, claim.indicator)))


def _claim(text: str, stated: Stated, span: tuple[int, int], dropped: Counter[str]) -> Claim:
    iso3 = _countries([stated.iso3], dropped) if stated.iso3 else ()
    over = stated.time in OVER or not stated.indicator
    return Claim(
        indicator=stated.indicator,
        factor=framework().indicator(stated.indicator).factor if stated.indicator else "",
        iso3=iso3[0] if iso3 else "",
        place=_place(stated.place, text, dropped),
        time=stated.time,
        relevance=Relevance.CONTEXT if over else Relevance(stated.relevance),
        perpetrator=stated.perpetrator,
        target=_clean(stated.target),
        protective=stated.protective,
        confidence=round(stated.confidence, 3),
        quote=text[span[0] : span[1]],
        start=span[0],
        end=span[1],
    )


def _capped(claim: Claim, cap: float) -> Claim:
    return replace(claim, confidence=min(cap, claim.confidence))


def _relevance(answer: Answer, claims: tuple[Claim, ...]) -> Relevance:
    """What the model says of the whole text, at most the grade of its gravest claim above context."""
    said = Relevance(answer.relevance)
    borne = max((GRADES.index(c.relevance) for c in claims), default=0)
    most = GRADES[max(borne, GRADES.index(Relevance.CONTEXT))]
    return min(said, most, key=GRADES.index)


def _indicators(claims: tuple[Claim, ...]) -> tuple[str, ...]:
    """The indicators of claims above context, the surest first."""
    sure: dict[str, float] = {}
    for claim in claims:
        if claim.relevance in RISKY:
            sure[claim.indicator] = max(sure.get(claim.indicator, 0.0), claim.confidence)
    return tuple(sorted(sure, key=lambda id: -sure[id])[:MOST])


def _countries(given: list[str], dropped: Counter[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for iso3 in given:
        try:
            found[country(iso3).iso3] = None
        except UnknownId:
            dropped["country"] += 1
    return tuple(found)


def _place(given: str, text: str, dropped: Counter[str]) -> str:
    """A place as the text writes it; one that it does not name is none."""
    words = " ".join(given.split())
    if not words or words in " ".join(text.split()):
        return words
    dropped["place"] += 1
    return ""


def _clean(words: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())
