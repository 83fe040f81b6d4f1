"""The default coder, a hybrid: reviewed words and patterns say what and where, a trained model how likely.

A text is mended (see `damage`), taken apart, and searched for patterns, acts, figures, places and dangerous
speech, each with its words; the model gives the probabilities of the passage as a whole, by which claims are
weighed and the verdict is decided. Nothing is downloaded, and nothing in a text can change how it is read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

from tocsin.evidence import sha256
from tocsin.signals.acts import acts
from tocsin.signals.casualties import casualty_claims
from tocsin.signals.countries import countries
from tocsin.signals.damage.mend import Mended, damage, mend, restored, weakened
from tocsin.signals.model.trained import FACTORS, SIDES, TIMES, Odds, trained
from tocsin.signals.model.windows import odds_of
from tocsin.signals.places import places
from tocsin.signals.rules.claims import Match, claims, matches
from tocsin.signals.rules.passage import Passage, passage
from tocsin.signals.signal import Claim, Reading, Relevance, TimeStatus
from tocsin.signals.speech.claims import with_speech
from tocsin.sources.record import Record

CODE_VERSION = "3"
"""Raised by hand when the code gives other readings from the same data."""
LONGEST = 200_000
"""Only this many characters of one text are read; a longer text is a book, not a report."""
_MOST = 4
"""Indicators of one reading, as in the codebook."""
_LEAST, _SHARE = 0.4, 0.6
"""A claim keeps this much of its confidence in any text, and the rest by the probability of a signal."""
_RISKY = (Relevance.SIGNAL, Relevance.ATROCITY)


class HybridCoder:
    """Codes a record by reviewed rules and the trained model; `version` names the code and its data."""

    def __init__(self) -> None:
        self.name = "hybrid"
        self.version = version()

    def code(self, record: Record) -> Reading:
        """The reading of one record: verdict, factors, time, countries, and claims with their words."""
        year = record.published.at.year if record.published else 0
        return read(record.id, record.text[:LONGEST], record.language, year)


@cache
def version() -> str:
    """The code version and a hash of every data file that decides what a reading says."""
    here = Path(__file__).parent
    files = sorted(p for p in here.rglob("*") if p.suffix in (".yml", ".json", ".tsv", ".skops"))
    named = "".join(f"{p.relative_to(here).as_posix()}:{sha256(p.read_bytes())};" for p in files)
    return f"{CODE_VERSION}-{sha256(named.encode())[:12]}"


def read(id: str, text: str, lang: str = "", published_year: int = 0) -> Reading:
    """The reading of a text. `published_year` is 0 when unknown; `lang` is ISO 639-1 or empty."""
    seen = mend(text)
    return restored(_read(id, seen, lang, published_year), text, seen)


def _read(id: str, seen: Mended, lang: str, published_year: int) -> Reading:
    doc = passage(seen.text, lang, published_year)
    found = [matches(part) for part in doc.parts]
    odds = weakened(odds_of(doc, found), damage(seen, doc.language))
    relevance = _relevance(odds, doc.language)
    made = _claims(doc, found, odds, relevance)
    if _unsaid(made) or (made and relevance is Relevance.NONE):
        relevance = Relevance.CONTEXT
    present = _present(odds, doc.language) if relevance in _RISKY else ()
    return Reading(
        record=id,
        relevance=relevance,
        score=round(odds["signal"], 4),
        factors={code: round(odds[code], 4) for code in FACTORS},
        factors_present=present,
        indicators=_indicators(made, present),
        time=TimeStatus.NONE if _unsaid(made) else TimeStatus(trained().likeliest(odds, "time", TIMES)),
        countries=countries(doc),
        perpetrator=trained().likeliest(odds, "by", SIDES),
        target=_target(made),
        mitigation=odds["mitigation"] >= trained().cut("mitigation", doc.language),
        claims=made,
        places=places(doc),
        events=acts(doc),
        counts=() if relevance is Relevance.NONE else tuple(claim.row() for claim in casualty_claims(doc)),
    )


def _relevance(odds: Odds, language: str) -> Relevance:
    model = trained()
    if odds["signal"] >= model.cut("signal", language):
        grave = odds["atrocity"] >= model.cut("atrocity", language)
        return Relevance.ATROCITY if grave else Relevance.SIGNAL
    return Relevance.NONE if odds["none"] >= model.cut("none", language) else Relevance.CONTEXT


def _present(odds: Odds, language: str) -> tuple[str, ...]:
    """The factors decided on; the likeliest when none reaches its cut: a signal is a sign of something."""
    chosen = tuple(code for code in FACTORS if odds[code] >= trained().cut(code, language))
    return chosen or (max(FACTORS, key=lambda code: odds[code] / trained().cut(code, language)),)


def _claims(doc: Passage, found: list[list[Match]], odds: Odds, relevance: Relevance) -> tuple[Claim, ...]:
    lean = _lean(odds)
    told = () if relevance is Relevance.NONE else claims(doc, found, unless=lean)
    return _weighed(with_speech(doc, told, unless=lean), odds, doc.language)


def _lean(odds: Odds) -> TimeStatus | None:
    """Past when the text as a whole reads so, more than present."""
    past = odds["time:past"]
    return TimeStatus.PAST if past >= 0.5 and past > odds["time:present"] else None


def _unsaid(made: tuple[Claim, ...]) -> bool:
    """Whether all that a text claims is denied: then it claims nothing of any time."""
    times = {claim.time for claim in made if claim.indicator}
    return bool(times) and times == {TimeStatus.DENIED}


def _weighed(made: tuple[Claim, ...], odds: Odds, language: str) -> tuple[Claim, ...]:
    """Claims weaker, and none of an atrocity, in a text that as a whole does not read like one."""
    grave = odds["atrocity"] >= trained().cut("atrocity", language)
    weight = _LEAST + _SHARE * odds["signal"]
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


def _target(made: tuple[Claim, ...]) -> str:
    named = Counter(claim.target for claim in made if claim.target)
    return named.most_common(1)[0][0] if named else ""
