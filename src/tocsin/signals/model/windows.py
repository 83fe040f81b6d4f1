"""Long documents, read in windows of the length that the model was trained on."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.signals.model.trained import FACTORS, Odds, trained
from tocsin.signals.rules.claims import Match, matches
from tocsin.signals.rules.passage import Part, Passage, passage
from tocsin.signals.rules.patterns import violence_concepts

LONG, WINDOW = 4_000, 2_500
"""A document of more characters than the first is read in windows of about the second."""
_MOST = 16
"""No more windows than this are read, those with the most words of violence and need."""
_BESIDE = 0.5
"""A window speaks for factors when its probability of a signal is at least this share of the highest."""


def odds_of(doc: Passage, found: list[list[Match]]) -> Odds:
    """The probabilities of a document: of a long one, those of the window that most reads like a signal.

    Its factors and protective acts are the highest of the windows that read nearly as much like one, so that
    one grave paragraph is not lost in a long report.
    """
    if len(doc.text) <= LONG:
        return trained().odds(doc, found)
    ranked = sorted(_windows(doc), key=_grave, reverse=True)
    told = [_odds_of_window(doc, doc.text[w[0].span.start : w[-1].span.end]) for w in ranked[:_MOST]]
    best = max(told, key=lambda odds: odds["signal"])
    near = [odds for odds in told if odds["signal"] >= _BESIDE * best["signal"]]
    highest = {name: max(odds[name] for odds in near) for name in ("mitigation", *FACTORS)}
    return best | highest | {"none": min(odds["none"] for odds in told)}


def _odds_of_window(doc: Passage, text: str) -> Odds:
    window = passage(text, doc.language, doc.writing_year)
    return trained().odds(window, [matches(part) for part in window.parts])


def _grave(window: list[Part]) -> int:
    return sum(len(violence_concepts() & part.hits.keys()) for part in window)


def _windows(doc: Passage) -> Iterator[list[Part]]:
    window: list[Part] = []
    for part in doc.parts:
        if window and part.span.end - window[0].span.start > WINDOW:
            yield window
            window = []
        window.append(part)
    if window:
        yield window
