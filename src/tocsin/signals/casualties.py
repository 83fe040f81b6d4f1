"""Counts of people harmed, as a text claims them: intervals with who says so, in the words that say it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from tocsin.clock import Period, Precision
from tocsin.signals.claimants import Claimant, claimant, speakers
from tocsin.signals.count_dates import nearest, periods
from tocsin.signals.count_links import Link, links
from tocsin.signals.count_nouns import Counted
from tocsin.signals.count_words import CountWords, count_words
from tocsin.signals.countries import chances
from tocsin.signals.quantities import Quantity, quantities
from tocsin.signals.rules.claims import countries_at
from tocsin.signals.rules.lexicon import fold
from tocsin.signals.rules.passage import Passage

KINDS = ("killed", "injured", "casualties", "missing", "abducted", "detained", "displaced", "in need")
"""`casualties` are killed and injured told as one; the others are what they say."""
UNITS = ("people", "families", "households")
_UP = 3
"""How many tokens away a word of harm still belongs to "nobody", a dual, or a supposition."""
_NEVER_NONE = ("detained", "in need")
"""Of these nobody claims that it happened to nobody: "no arrests" speaks of those who did it."""
_FILLS = ("person", "be", "of")


@dataclass(frozen=True, slots=True)
class CasualtyClaim:
    """One figure as claimed: text[start:end] is `quote`, and text[who_start:who_end] names the claimant.

    `low`, `best`, `high` are people unless `unit` says families or households, which are never made into
    people; `best` is the figure named (the middle of a range), `high` None when no upper bound is said.
    `claimant` is "" and its kind `unknown` when the text does not say who claims it. `victims` is who they
    are, when said. `denied` marks a figure that the claimant disputes. `part` marks a figure that is counted
    in a larger one beside it. `happened` is the date or month named nearest in the sentence.
    """

    kind: str
    low: int
    best: int
    high: int | None
    unit: str
    victims: str
    claimant: str
    claimant_kind: str
    who_start: int
    who_end: int
    denied: bool
    part: bool
    iso3: str
    place: str
    happened: Period | None
    quote: str
    start: int
    end: int

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.unit not in UNITS:
            raise ValueError(f"a casualty claim cannot be of {self.kind!r} in {self.unit!r}")
        if not 0 <= self.low <= self.best or (self.high is not None and self.high < self.best):
            told = f"{self.low}, {self.best}, {self.high}"
            raise ValueError(f"a count runs from low over best to high, not {told}")
        if not self.quote or self.end - self.start != len(self.quote):
            raise ValueError("a casualty claim has its quoted words and their span")

    def row(self) -> dict[str, Any]:
        """The claim as JSON-able values: one member of `counts`."""
        return {name: getattr(self, name) for name in self.__slots__} | {"happened": _ends(self.happened)}


def claim_of(row: Mapping[str, Any]) -> CasualtyClaim:
    """The claim that a row was made of. Raises ValueError or TypeError when it is not one."""
    when = row["happened"]
    return CasualtyClaim(**{**row, "happened": _period(when) if when else None})


def casualty_claims(doc: Passage) -> tuple[CasualtyClaim, ...]:
    """The figures of people harmed that a text claims, in order; none in a language without words."""
    words = count_words(doc.language or _by_script(doc.text))
    if words is None:
        return ()
    folded = fold(doc.text)
    cues = words.cue_ends(folded)
    odds = dict(chances(doc)) if cues else {}
    found: list[CasualtyClaim] = []
    said: Claimant | None = None
    paragraph, at = -1, 0
    for n, part in enumerate(doc.parts):
        span = part.span
        while at < len(cues) and cues[at] < span.start:
            at += 1
        if at == len(cues):
            break
        said = said if span.paragraph == paragraph else None
        paragraph = span.paragraph
        if cues[at] >= span.end:
            said = None
            continue
        sentence = _Sentence(doc, n, folded[span.start : span.end], words)
        for link in sentence.links():
            who = sentence.claimant(link)
            found.append(_claim(sentence, link, (who, said), odds))
            said = who if who and who.name >= 0 else said
    return tuple(found)


class _Sentence:
    """One sentence that may count people harmed."""

    def __init__(self, doc: Passage, n: int, folded: str, words: CountWords) -> None:
        self.doc, self.n, self.part = doc, n, doc.parts[n]
        self.folded, self.words = folded, words
        self.tokens = words.tokens(folded)

    @cached_property
    def speakers(self) -> list[Claimant]:
        """Everyone who says something here."""
        return speakers(self.folded, self.tokens)

    @cached_property
    def periods(self) -> list[tuple[int, Period]]:
        """The days, months and years named here, each with its token."""
        return periods(self.tokens, self.doc.writing_year)

    def links(self) -> list[Link]:
        """The numbers of this sentence with the harm each counts, in order, "nobody" and duals too."""
        numbers = quantities(self.folded, self.tokens, self.words)
        found: list[Link] = []
        if numbers:
            text = self.doc.text[self.part.span.start : self.part.span.end]
            said = Counted(text, self.tokens, numbers, self._peoples())
            found = [k for k in links(said, self.words.after_noun) if not self._unreal(k)]
        return sorted([*found, *self._zeros(), *self._twos()], key=lambda k: (k.quantity.first, k.last))

    def claimant(self, link: Link) -> Claimant | None:
        """Who claims a figure in this sentence, at its place in the text; None when nobody speaks."""
        who = claimant(self.speakers, self.folded, self.tokens, link.quantity.first)
        base = self.part.span.start
        return replace(who, start=base + who.start, end=base + who.end) if who else None

    def _peoples(self) -> list[int]:
        named = (*self.part.places, *self.part.seats)
        starts = {m.start - self.part.span.start for m in named if m.kind == "demonym"}
        return [n for n, token in enumerate(self.tokens) if token.start in starts]

    def _unreal(self, link: Link) -> bool:
        """Whether what is counted is supposed, feared to come, or said not to be."""
        first, last = sorted((link.quantity.first, link.cue))
        near = self.tokens[max(0, first - _UP) : last + 1]
        if any("supposed" in token for token in near) and "been" not in self.folded:
            return True
        return any("not" in token for token in self.tokens[max(0, link.cue - 2) : link.cue])

    def _zeros(self) -> Iterator[Link]:
        """Words that say that nobody was harmed: a figure too, and not the same as silence."""
        for n, token in enumerate(self.tokens):
            if not token.roles:
                continue
            nobody = "nobody" in token and not (self.words.arabic and "not" not in self._roles(n - _UP, n))
            if not (nobody or "nil" in token):
                continue
            cue = self._cue(n, nobody)
            if cue < 0 or self._parted(n, cue) or self.tokens[cue].roles["cue"] in _NEVER_NONE:
                continue
            between = self.tokens[n + 1 : cue]
            if "nil" in token and not all(any(role in t for role in _FILLS) for t in between):
                continue
            victims = next((t.roles["person"] for t in between if "person" in t), "")
            zero = Quantity(0, 0, 0, min(n, cue), max(n, cue))
            kind = self.tokens[cue].roles["cue"]
            yield Link(zero, kind, "people", victims, zero.first, zero.last, cue)

    def _cue(self, n: int, back: bool) -> int:
        """The harm that "nobody" at token `n` is said of; -1 when there is none near."""
        ahead = range(n + 1, n + 1 + _UP + 2 * back)
        return self._first([*ahead, *_down(n)] if back else ahead)

    def _first(self, reach: Sequence[int]) -> int:
        return next((k for k in reach if 0 <= k < len(self.tokens) and "cue" in self.tokens[k]), -1)

    def _parted(self, one: int, other: int) -> bool:
        first, last = sorted((one, other))
        between = self.folded[self.tokens[first].end : self.tokens[last].start]
        return re.search(r"[,;:.()]", between) is not None

    def _roles(self, first: int, last: int) -> set[str]:
        return {role for token in self.tokens[max(0, first) : last] for role in token.roles}

    def _twos(self) -> Iterator[Link]:
        """Duals: one word that says "two people" or "two dead"."""
        for n, token in enumerate(self.tokens):
            kind = token.roles.get("two")
            if kind is None:
                continue
            cue = n if kind != "people" else self._first([*_down(n), *range(n + 1, n + 1 + _UP)])
            if cue >= 0:
                kind = kind if kind != "people" else self.tokens[cue].roles["cue"]
                victims = token.roles.get("person", "")
                yield Link(Quantity(2, 2, 2, n, n), kind, "people", victims, n, n, cue)


def _down(n: int) -> range:
    return range(n - 1, n - 1 - _UP, -1)


def _claim(
    sentence: _Sentence,
    link: Link,
    speakers: tuple[Claimant | None, Claimant | None],
    odds: Mapping[str, float],
) -> CasualtyClaim:
    """The claim of a link; `speakers` are who claims it in the sentence, and who spoke before ("he said")."""
    doc = sentence.doc
    (who, said), q, base = speakers, link.quantity, sentence.part.span.start
    first = min(q.first, link.first, link.cue)
    start, end = base + sentence.tokens[first].start, base + sentence.tokens[max(link.last, link.cue)].end
    speaker = who if who is None or who.name >= 0 else said
    iso3 = countries_at(doc, sentence.n, start, end, odds)[0]
    return CasualtyClaim(
        kind=link.kind, low=q.low, best=q.best, high=q.high, unit=link.unit, victims=link.victims,
        claimant=doc.text[speaker.start : speaker.end] if speaker else "",
        claimant_kind=speaker.kind if speaker else "unknown",
        who_start=speaker.start if speaker else 0, who_end=speaker.end if speaker else 0,
        denied=who is not None and who.denied, part=link.part,
        iso3=iso3,
        place=next((m.name for m in sentence.part.places if m.kind == "place" and m.iso3 == iso3), ""),
        happened=nearest(sentence.periods, q.first),
        quote=doc.text[start:end], start=start, end=end,
    )  # fmt: skip


def _by_script(text: str) -> str:
    sample = text[:400]
    if re.search(r"[\u0600-\u06ff]", sample):
        return "ar"
    return "ru" if re.search(r"[\u0400-\u04ff]", sample) else "en"


def _ends(period: Period | None) -> list[str] | None:
    return [str(period.start), str(period.end), str(period.precision)] if period else None


def _period(ends: list[str]) -> Period:
    return Period(date.fromisoformat(ends[0]), date.fromisoformat(ends[1]), Precision(ends[2]))
