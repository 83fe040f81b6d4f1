"""The rules coder: a record in, a reading out; and the line of `tocsin code --json`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC
from typing import Any

from tocsin.clock import parse_moment
from tocsin.errors import InputError
from tocsin.framework import framework
from tocsin.geography import Mention
from tocsin.signals.rules.claims import claims, matches
from tocsin.signals.rules.passage import Part, Passage, passage
from tocsin.signals.rules.patterns import event_types, version, violence_concepts
from tocsin.signals.rules.scoring import Heads, evidence, founded, heads, unfounded
from tocsin.signals.signal import Claim, Reading, Relevance, TimeStatus
from tocsin.sources.record import Record

_TIMES = (TimeStatus.PRESENT, TimeStatus.PAST, TimeStatus.FUTURE, TimeStatus.NONE)
_ACTORS = ("state", "nonstate", "both", "unclear", "none")
_MOST = 4
_SEAT, _DEMONYM, _TELLING, _FIRST = 0.3, 0.7, 1.5, 1.5
"""How much one mention speaks for its country being the place of the situation: a speaker's seat and a
nationality less than a name, a sentence of violence or need and the first name of a text more."""
_MINOR, _UNSURE = 0.5, 0.35
"""Countries with less than this share of the weight of the first are asides; unsure mentions do not count."""
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_LONGEST = 200_000
"""Only this many characters of one text are read; a longer text is a book, not a report."""


class RulesCoder:
    """Codes a record by reviewed words and patterns. `version` names the rules and weights it used."""

    def __init__(self) -> None:
        self.name = "rules"
        self.version = version()

    def code(self, record: Record) -> Reading:
        """The reading of one record: relevance, factors, time, countries and claims with their words."""
        year = record.published.at.year if record.published else 0
        return read(record.id, record.text[:_LONGEST], record.language, year)


def read(id: str, text: str, lang: str = "", published_year: int = 0) -> Reading:
    """The reading of a text. `published_year` is 0 when unknown; `lang` is ISO 639-1 or empty."""
    doc = passage(text, lang, published_year)
    found = [matches(part) for part in doc.parts]
    model = heads()
    odds = model.probabilities(evidence(doc, found))
    if founded(doc, found):
        relevance = _relevance(odds, model)
    else:
        odds, relevance = unfounded(odds), Relevance.NONE
    made = (
        () if relevance is Relevance.NONE else _weighed(claims(doc, found, unless=_lean(odds)), odds, model)
    )
    if _unsaid(made) and relevance is not Relevance.NONE:
        relevance = Relevance.CONTEXT
    factors = {factor.code: round(odds[factor.code], 4) for factor in framework().factors}
    risky = relevance in (Relevance.SIGNAL, Relevance.ATROCITY)
    present = tuple(code for code, p in factors.items() if risky and p >= model.cuts[code])
    return Reading(
        record=id,
        relevance=relevance,
        score=round(odds["signal"], 4),
        factors=factors,
        factors_present=present,
        indicators=_indicators(made, present),
        time=TimeStatus.NONE if _unsaid(made) else max(_TIMES, key=lambda t: odds[f"time:{t}"]),
        countries=_countries(doc),
        perpetrator=max(_ACTORS, key=lambda a: odds[f"by:{a}"]),
        target=_target(made),
        mitigation=odds["mitigation"] >= model.cuts["mitigation"],
        claims=made,
        places=_places(doc),
        events=_events(doc),
    )


def code_line(line: dict[str, Any]) -> dict[str, Any]:
    """One answer of `tocsin code --json` for one line of input; the keys are those of the design, section 6.

    A line without an id or a text is answered with `error` and nothing else filled in.
    """
    id, text = str(line.get("id", "")), line.get("text")
    if not isinstance(text, str) or not text.strip():
        return {"id": id, "error": str(line.get("error") or "no text in this line; give id and text")}
    text = _SURROGATES.sub("\ufffd", text[:_LONGEST])
    try:
        reading = read(id, text, str(line.get("language") or ""), _year(line.get("published")))
    except InputError as error:
        return {"id": id, "error": str(error)}
    return {"id": id, **answer_of(reading), "story": "", "error": ""}


def answer_of(reading: Reading) -> dict[str, Any]:
    """The fields of a reading in one line of JSON; `id`, `story` and `error` are joined by the caller."""
    return {
        "relevance": str(reading.relevance),
        "relevance_score": reading.score,
        "factors": reading.factors,
        "factors_present": list(reading.factors_present),
        "indicators": list(reading.indicators),
        "time": str(reading.time),
        "countries": list(reading.countries),
        "perpetrator": reading.perpetrator,
        "target": reading.target,
        "mitigation": reading.mitigation,
        "places": list(reading.places),
        "events": list(reading.events),
        "signals": [_claim(claim) for claim in reading.claims],
    }


def _claim(claim: Claim) -> dict[str, Any]:
    row = asdict(claim)
    row["happened"] = str(claim.happened) if claim.happened else None
    return row | {"time": str(claim.time), "relevance": str(claim.relevance), "actors": list(claim.actors)}


def _year(published: Any) -> int:
    try:
        return parse_moment(str(published)).at.astimezone(UTC).year if published else 0
    except ValueError:
        raise InputError(f"published is {published!r}, not a date", "line", "use YYYY-MM-DD") from None


def _relevance(odds: dict[str, float], model: Heads) -> Relevance:
    if odds["signal"] >= model.cuts["signal"] and _lean(odds) is None:
        return Relevance.ATROCITY if odds["atrocity"] >= model.cuts["atrocity"] else Relevance.SIGNAL
    return Relevance.NONE if odds["none"] >= model.cuts["none"] else Relevance.CONTEXT


def _lean(odds: dict[str, float]) -> TimeStatus | None:
    """Past when the text as a whole reads so, more than present."""
    past = odds["time:past"]
    return TimeStatus.PAST if past >= 0.5 and past > odds["time:present"] else None


def _unsaid(made: tuple[Claim, ...]) -> bool:
    """Whether all that a text claims is denied: then it claims nothing of any time."""
    times = {claim.time for claim in made if claim.indicator}
    return bool(times) and times == {TimeStatus.DENIED}


def _weighed(made: tuple[Claim, ...], odds: dict[str, float], model: Heads) -> tuple[Claim, ...]:
    """Claims weaker, and none of an atrocity, in a text that as a whole does not read like one."""
    grave = odds["atrocity"] >= model.cuts["atrocity"]
    weight = 0.4 + 0.6 * odds["signal"]
    return tuple(
        replace(
            claim,
            confidence=round(claim.confidence * weight, 3),
            relevance=Relevance.SIGNAL
            if claim.relevance is Relevance.ATROCITY and not grave
            else claim.relevance,
        )
        for claim in made
    )


def _indicators(made: tuple[Claim, ...], present: tuple[str, ...]) -> tuple[str, ...]:
    weight: Counter[str] = Counter()
    for claim in made:
        if claim.factor in present and claim.relevance is not Relevance.CONTEXT:
            weight[claim.indicator] += int(1000 * claim.confidence)
    return tuple(indicator for indicator, _ in weight.most_common(_MOST))


def _countries(doc: Passage) -> tuple[str, ...]:
    weight: Counter[str] = Counter()
    for n, mention, part in _named(doc):
        if mention.confidence >= _UNSURE:
            value = _SEAT if mention in part.seats else 1.0
            value *= _DEMONYM if mention.kind == "demonym" else 1.0
            value *= _TELLING if part.has(*violence_concepts()) else 1.0
            weight[mention.iso3] += round(100 * value * (_FIRST if n == 0 else 1.0))
    least = _MINOR * max(weight.values(), default=0)
    return tuple(iso3 for iso3, w in weight.most_common() if w >= least)


def _named(doc: Passage) -> Iterator[tuple[int, Mention, Part]]:
    both = ((m, p) for p in doc.parts for m in sorted((*p.places, *p.seats), key=lambda m: m.start))
    for n, (mention, part) in enumerate(both):
        yield n, mention, part


def _target(made: tuple[Claim, ...]) -> str:
    named = Counter(claim.target for claim in made if claim.target)
    return named.most_common(1)[0][0] if named else ""


def _places(doc: Passage) -> tuple[dict[str, object], ...]:
    return tuple(
        {
            "text": m.text,
            "start": m.start,
            "end": m.end,
            "geonames": getattr(m, "geonames", None),
            "lat": m.lat,
            "lon": m.lon,
            "iso3": m.iso3,
            "confidence": m.confidence,
        }
        for _, m, _ in _named(doc)
        if m.kind == "place"
    )


def _events(doc: Passage) -> tuple[dict[str, object], ...]:
    return tuple(
        {"type": event_types()[name], "start": hit.start, "end": hit.end}
        for part in doc.parts
        for name, hits in part.hits.items()
        if name in event_types()
        for hit in hits
    )
