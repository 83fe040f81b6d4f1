"""Countries, nationalities and places named in a text, or the refusal to say which one is meant.

Longest name first ("South Sudan" is not Sudan), whole words only, an upper-case initial where the script has
one. What one name of a text leaves open, the other names decide; where none does and no bearer of the name is
by far the largest, the mention stays without a country and names its candidates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from tocsin.geography.folding import fold
from tocsin.geography.gazetteer import Sense, automaton, phrases, senses
from tocsin.geography.inflection import ARABIC_PREFIX

_ACRONYM = 5
"""A town is not meant by so few capitals (NGO, ILO) in a text that is not in capitals all around."""
DOMINANCE = 10
"""How many times more people than the next bearer of its name a place needs to be meant without support."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text: text[start:end] is `text`.

    `kind` is country, demonym, place, or body (a mission, armed group or people that points to one country).
    `iso3` is empty when the name fits several `candidates` and nothing decides. `lat`, `lon` (degrees) are
    those of a place, `geonames` the id of a place or country. `confidence` is a judgement between 0 and 1,
    not a frequency: 0.95 a country's name, 0.8 a demonym, 0.6 a body, 0.9 a place that the text supports, 0.7
    one that stands alone, 0.4 a small one that does, 0.3 what looks like a person's name, 0.2 a refusal.
    """

    start: int
    end: int
    text: str
    iso3: str
    kind: str
    name: str
    lat: float | None
    lon: float | None
    confidence: float
    candidates: tuple[str, ...] = ()
    geonames: int | None = None


def mentions(text: str) -> list[Mention]:
    """The countries, demonyms and places that a text names, in its order, none overlapping."""
    return list(_mentions(text))


@lru_cache(maxsize=32)
def _mentions(text: str) -> tuple[Mention, ...]:
    spans = [(start, end, fitting) for start, end, fitting in _spans(text) if fitting[0].kind != "skip"]
    support = _support(text, spans)
    found = (_resolve(text, start, end, fitting, support) for start, end, fitting in spans)
    return tuple(m for m in found if m is not None)


Span = tuple[int, int, tuple[Sense, ...]]


def _spans(text: str) -> list[Span]:
    """Longest names that stand as words, left to right, with the senses their spelling allows."""
    folded, known, out, free = fold(text), senses(), [], 0
    hits = ((end - len(name) + 1, end + 1, name) for end, name in automaton().iter(folded))
    for start, last, name in sorted(hits, key=lambda h: (h[0], -h[1])):
        if start < free or text.startswith("$", last):
            continue
        end = _word_end(text, last) if known[name][0].stem else last
        if not _whole(text, start, end):
            continue
        fitting = tuple(s for s in known[name] if _spelled(text, start, end, s))
        if fitting:
            out.append((start, end, fitting))
            free = end
    return out


def _word_end(text: str, end: int) -> int:
    while end < len(text) and text[end].isalnum():
        end += 1
    return end


def _whole(text: str, start: int, end: int) -> bool:
    if end < len(text) and (text[end].isalnum() or text[end] == "_"):
        return False
    if start == 0 or not (text[start - 1].isalnum() or text[start - 1] == "_"):
        return True
    return (
        "\u0600" <= text[start] <= "\u06ff"
        and ARABIC_PREFIX.search(text, max(0, start - 4), start) is not None
    )


def _spelled(text: str, start: int, end: int, sense: Sense) -> bool:
    """Whether the letters on the page fit: capitals for names in capitals, a capital first for the rest."""
    written = text[start:end]
    if sense.exact:
        return written == sense.exact and not _shouted(text, start, end)
    if sense.kind == "place" and end - start <= _ACRONYM and written.isupper():
        return _shouted(text, start, end)
    return (
        sense.kind == "skip"
        or sense.small
        or not written[0].islower()
        or (sense.kind != "place" and _uncased(text))
    )


@lru_cache(maxsize=4)
def _uncased(text: str) -> bool:
    """Whether a text was put in small letters as a whole, so that capitals say nothing."""
    return len(text) > 80 and text.islower()


def _shouted(text: str, start: int, end: int) -> bool:
    """Whether both neighbouring words are in capitals too: a headline, in which "US" may be a pronoun."""
    around = [
        *re.findall(r"\w+", text[max(0, start - 24) : start])[-1:],
        *re.findall(r"\w+", text[end : end + 24])[:1],
    ]
    return len(around) == 2 and all(w.isupper() and len(w) > 2 for w in around)


def _support(text: str, spans: list[Span]) -> dict[str, set[str]]:
    """For each country, the folded names in the text that can only mean it."""
    out: dict[str, set[str]] = {}
    for start, end, fitting in spans:
        sure = len({s.iso3 for s in fitting}) == 1 and not fitting[0].minor
        if sure and not _personal(text, start, end):
            out.setdefault(fitting[0].iso3, set()).add(fold(text[start:end]))
    return out


def _resolve(
    text: str, start: int, end: int, fitting: tuple[Sense, ...], support: dict[str, set[str]]
) -> Mention | None:
    written = text[start:end]
    others = {i for i, names in support.items() if names - {fold(written)}}
    if fitting[0].minor:
        fitting = tuple(s for s in fitting if s.iso3 in others)
        if not fitting or _hangs_on(text, start):
            return None
    person = _personal(text, start, end)
    chosen = _choose(fitting, others)
    if chosen is None:
        candidates = tuple(sorted({s.iso3 for s in fitting}))
        kind = fitting[0].kind
        return Mention(start, end, written, "", kind, written, None, None, 0.2, candidates)
    if person and chosen.kind == "country" and chosen.iso3 not in others:
        return None
    confidence = _confidence(chosen, chosen.iso3 in others, len({s.iso3 for s in fitting}) > 1)
    found = Mention(
        start, end, written, chosen.iso3, chosen.kind, chosen.name, chosen.lat, chosen.lon, confidence
    )
    found = replace(found, geonames=chosen.geonames)
    return replace(found, confidence=0.5 if chosen.iso3 in others else 0.3) if person else found


def _choose(fitting: tuple[Sense, ...], others: set[str]) -> Sense | None:
    """The one sense that the text supports.

    Else a country before a place, else the far largest; else none.
    """
    by_country: dict[str, Sense] = {}
    for sense in fitting:
        by_country.setdefault(sense.iso3, sense)
    if len(by_country) == 1:
        return fitting[0]
    supported = [s for i, s in by_country.items() if i in others]
    if len(supported) == 1:
        return supported[0]
    pool = supported or list(by_country.values())
    nations = [s for s in pool if s.kind != "place"]
    if nations:
        return nations[0] if len(nations) == 1 else None
    first, second = sorted(pool, key=lambda s: -s.weight)[:2]
    return first if first.weight >= DOMINANCE * second.weight else None


def _confidence(sense: Sense, supported: bool, contested: bool) -> float:
    place = 0.9 if supported else 0.7 if sense.notable else 0.4
    base = {"country": 0.95, "demonym": 0.8, "body": 0.6, "place": place}[sense.kind]
    return round(base - (0.1 if contested else 0), 2)


_BEFORE = re.compile(r"([^\W\d_][\w'’-]*\.?) $")
_AFTER = re.compile(r" ([^\W\d_][\w'’-]*)")


def _personal(text: str, start: int, end: int) -> bool:
    """Whether a name that people bear too stands next to a capitalised word that makes it a person's."""
    if fold(text[start:end]) not in phrases("person"):
        return False
    after = _AFTER.match(text, end)
    if after and after[1][:1].isupper() and not after[1].isupper() and not _known(after[1]):
        return True
    before = _BEFORE.search(text, max(0, start - 30), start)
    return before is not None and _capital_inside(text, start, before[1])


def _capital_inside(text: str, start: int, word: str) -> bool:
    """Whether the word before is capitalised for its own sake.

    Not at the head of a sentence, not a known name or role.
    """
    if not word[0].isupper() or (word.isupper() and len(word) > 2) or _known(word):
        return False
    if word.endswith("."):
        return len(word) == 2 or fold(word[:-1]) in phrases("title")
    if fold(word) in phrases("title"):
        return True
    head = text[: start - len(word) - 1].rstrip()
    opens = not head or head[-1] in '.!?:;"“”«»()[]\n•-–—'
    return not opens and fold(word) not in phrases("leading")


def _hangs_on(text: str, start: int) -> bool:
    """Whether a capitalised word that is no known name stands before, as in a person's name."""
    before = _BEFORE.search(text, max(0, start - 30), start)
    return before is not None and _capital_inside(text, start, before[1])


def _known(word: str) -> bool:
    return fold(word) in phrases("leading") or fold(word) in phrases("trailing") or fold(word) in senses()
