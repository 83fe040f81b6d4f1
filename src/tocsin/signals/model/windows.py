"""Long documents, read in windows of the length that the model was trained on."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.signals.model.trained import FACTORS, Glance, Odds, trained
from tocsin.signals.rules.claims import Match, matches
from tocsin.signals.rules.passage import Part, Passage, passage
from tocsin.signals.rules.patterns import violence_concepts

LONG, WINDOW = 1_500, 600
"""A document of more characters than the first is read in windows of at most about the second: the passages
that the model learned from have at most 1,300, and half of them 700. In more text a part would be drowned."""
_QUIET = 2
"""So many sentences in a row without a word of violence or need part what tells of it from what does not."""
_MOST = 16
"""No more windows than this are read, those with the most words of violence and need, and none with less than
half as many as the first has."""
_BESIDE = 0.5
"""A window speaks for factors when its probability of a signal is at least this share of the highest."""


def odds_of(doc: Passage, found: list[list[Match]]) -> Odds:
    """The probabilities of a document: of a long one, those of the window that most reads like a signal.

    The quick readers look at every window, all of them at the one they find gravest. Factors and protective
    acts are the highest of the windows that read nearly as much like a signal, so that one grave paragraph is
    not lost in a long report.
    """
    if len(doc.text) <= LONG:
        return trained().odds(doc, found)
    ranked = sorted(_windows(doc), key=_grave, reverse=True)
    grave = [window for window in ranked[:_MOST] if 2 * _grave(window) >= _grave(ranked[0]) > 0] or ranked[:1]
    glances = [_glance(doc, doc.text[w[0].span.start : w[-1].span.end]) for w in grave]
    first = max(glances, key=lambda glance: glance.odds["signal"])
    best = trained().looked(first)
    near = [g.odds for g in glances if g.odds["signal"] >= _BESIDE * first.odds["signal"] and g is not first]
    highest = {name: max([best[name], *(o[name] for o in near)]) for name in ("mitigation", *FACTORS)}
    return best | highest | {"none": min([best["none"], *(g.odds["none"] for g in glances)])}


def _glance(doc: Passage, text: str) -> Glance:
    window = passage(text, doc.language, doc.writing_year)
    return trained().glance(window, [matches(part) for part in window.parts])


def _grave(window: list[Part]) -> int:
    return sum(len(violence_concepts() & part.hits.keys()) for part in window)


def _windows(doc: Passage) -> Iterator[list[Part]]:
    """Sentences in a row; two that say nothing of violence and need part one window from the next."""
    window: list[Part] = []
    quiet, telling = 0, False
    for part in doc.parts:
        grave = not violence_concepts().isdisjoint(part.hits)
        long = bool(window) and part.span.end - window[0].span.start > WINDOW
        turned = quiet >= _QUIET and grave != telling
        if window and (long or turned):
            yield window
            window, telling = [], False
        window.append(part)
        quiet, telling = 0 if grave else quiet + 1, telling or grave
    if window:
        yield window
