"""A text as it is read, and the way back: spans and words in the text as it came.

What hides words from a reader is undone where it can be; what was undone and what could not be undone lower
the probabilities and confidences of the text and never raise them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from math import exp

from tocsin.signals.damage.letters import look_alikes
from tocsin.signals.damage.markup import marked, unmarked
from tocsin.signals.damage.spelling import misspelt
from tocsin.signals.damage.unmeant import unmeant
from tocsin.signals.endpoint.quotes import instructions
from tocsin.signals.model.masking import places_of, without_places
from tocsin.signals.signal import Reading

Edit = tuple[int, int, str]
"""text[start:end] is read as other letters, or as none."""

_WORD = re.compile(r"\S+")
_PARTED = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_TWICE = 12
"""So many words in a row that were there before are the same words again, and say nothing new."""
_UNDONE = 0.1
"""The most that markup, or letters that hide others, weigh when they were undone (judgement)."""
_ANY = 0.03
"""The least that anything undone weighs: what is left of it moves a learned probability a little."""
_MIXED, _SEEN = 0.06, 0.01
"""What a second script weighs that holds at least the second share of the letters: half is not read."""
_LETTERS = (
    "A-Za-z\u00c0-\u024f",
    "\u0400-\u052f",
    "\u0600-\u06ff\u0750-\u077f",
    "\u0900-\u1fff\u2c00-\ud7ff",
)
"""Latin, Cyrillic, Arabic, and the scripts of Africa and Asia that no word list is written in."""
_SCRIPTS = tuple(re.compile(f"[{letters}]+") for letters in _LETTERS)
_NOT_LATIN = re.compile(f"[{''.join(_LETTERS[1:])}]")
_ORDERS = 0.3
"""How much it weighs that a text gives orders to machines (judgement)."""
_MISSPELT = 2.5
"""How much a misspelt word weighs for each word of the text, and a lost letter for each letter: around them
others are misread unseen. Chosen so that noise raised hardly a probability of passages of our own."""
_UNMEANT = 0.5
"""How much it weighs that a text says of itself that it is no report (judgement)."""
_CLAIMED = ("signal", "atrocity", "mitigation")
_STRENGTH = 6.0
"""By how much the log-odds of a text fall that is damage all over."""


@dataclass(frozen=True, slots=True)
class Mended:
    """A text as it is read. `starts` and `stops` say where each of its characters came from.

    `undone` weighs what was undone, 0 for a text that came whole and at most 1.
    """

    text: str
    starts: Sequence[int]
    stops: Sequence[int]
    undone: float

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of text[start:end] (not empty) in the text as it came."""
        return self.starts[start], self.stops[end - 1]

    def edited(self, edits: Sequence[Edit], undone: float = 0.0) -> Mended:
        """The text with edits made, which are in order and do not overlap."""
        if not edits:
            return self
        texts: list[str] = []
        starts: list[int] = []
        stops: list[int] = []
        at = 0
        for start, end, new in chain(edits, [(len(self.text), len(self.text), "")]):
            texts += [self.text[at:start], new]
            starts += self.starts[at:start]
            stops += self.stops[at:start]
            starts += [self.starts[start]] * len(new) if new else []
            stops += [self.stops[end - 1]] * len(new) if new else []
            at = end
        return Mended("".join(texts), starts, stops, min(1.0, self.undone + undone))


def mend(text: str) -> Mended:
    """The text without what stands between a reader and its words.

    That is markup, hidden characters, look-alikes, words said twice, sentences that give orders to machines,
    and the label of a satire.
    """
    lost = text.count("\ufffd") / max(1, len(text))
    mended = Mended(text, range(len(text)), range(1, len(text) + 1), min(1.0, _MISSPELT * lost))
    if marked(text):
        found = list(unmarked(text))
        mended = mended.edited(
            [(s, e, new) for s, e, new, _ in found], _share(sum(f[3] for f in found), text)
        )
    played = list(look_alikes(mended.text))
    mended = mended.edited(played, _share(len(played), text))
    mended = mended.edited([(start, end, "") for start, end in _joined(_repeats(mended.text))])
    orders = [(*_clear(mended.text, s, e), "") for s, e in _joined(instructions().spans(mended.text))]
    mended = mended.edited(orders, _ORDERS if orders else 0.0)
    jests = [(start, end, "") for start, end in unmeant(mended.text)]
    return mended.edited(jests, _UNMEANT if jests else 0.0)


def damage(mended: Mended, language: str) -> float:
    """How damaged a text came, 0 to 1: what was undone, and how much of it is not spelled as its language is.

    `language` is that of the mended text, as in `misspelt`.
    """
    undone = max(_ANY, mended.undone) if mended.undone else 0.0
    return min(1.0, undone + _mixed(mended.text) + _MISSPELT * misspelt(_unnamed(mended.text), language))


def _unnamed(text: str) -> str:
    """A text without the names in it: how far they are from the spelling of its language is no damage."""
    bare = without_places(text, places_of(text), "")
    return _PARTED.sub(lambda word: word.group() if _uniform(word.group()) else "", bare)


def _uniform(word: str) -> bool:
    return word.islower() or word.isupper() or word.lower() == word.upper()


def _mixed(text: str) -> float:
    """What it weighs that a text is written in more than one script."""
    if not _NOT_LATIN.search(text):
        return 0.0
    letters = sorted(sum(map(len, script.findall(text))) for script in _SCRIPTS)
    return _MIXED if letters[-2] > _SEEN * sum(letters) else 0.0


def weakened(odds: Mapping[str, float], damage: float) -> dict[str, float]:
    """Probabilities of a text with damage: all it could claim less likely, that it claims nothing more so."""
    low = {n: lowered(p, damage) for n, p in odds.items() if n in _CLAIMED or n.startswith("RF")}
    return {**odds, **low, "none": 1.0 - lowered(1.0 - odds["none"], damage)}


def lowered(p: float, damage: float) -> float:
    """A probability or confidence with its log-odds lowered by damage; without damage it stays as it is."""
    kept = exp(-_STRENGTH * damage)
    return p * kept / (1 - p + p * kept)


def restored(reading: Reading, text: str, mended: Mended) -> Reading:
    """A reading of mended text with its spans and words in the text as it came."""
    if mended.text == text:
        return reading
    claims = []
    for claim in reading.claims:
        start, end = mended.span(claim.start, claim.end)
        claims.append(replace(claim, start=start, end=end, quote=text[start:end]))
    return replace(
        reading,
        claims=tuple(claims),
        places=tuple(_moved(row, text, mended) for row in reading.places),
        events=tuple(_moved(row, text, mended) for row in reading.events),
        counts=tuple(_told(row, text, mended) for row in reading.counts),
    )


def _moved(row: Mapping[str, object], text: str, mended: Mended) -> dict[str, object]:
    start, end = row["start"], row["end"]
    assert isinstance(start, int) and isinstance(end, int)
    start, end = mended.span(start, end)
    words = {name: text[start:end] for name in ("text", "quote") if name in row}
    return {**row, "start": start, "end": end} | words


def _told(row: Mapping[str, object], text: str, mended: Mended) -> dict[str, object]:
    """A figure with its words and those that name who claims it."""
    who = {"start": row["who_start"], "end": row["who_end"]}
    if who["start"] == who["end"]:
        return _moved(row, text, mended)
    moved = _moved(who | {"text": ""}, text, mended)
    said = {"claimant": moved["text"], "who_start": moved["start"], "who_end": moved["end"]}
    return _moved(row, text, mended) | said


def _share(spots: int, text: str) -> float:
    """The damage of so many spots that were undone: one in each word is the most."""
    return _UNDONE * min(1.0, spots / (1 + len(text) / 6))


def _repeats(text: str) -> Iterator[tuple[int, int]]:
    """Words that stand in the text before, `_TWICE` in a row or more, with the space after them."""
    said = text.split()
    rows = list(zip(*(said[n:] for n in range(_TWICE)), strict=False))
    if len(set(rows)) == len(rows):
        return
    words = [m.span() for m in _WORD.finditer(text)]
    seen: set[tuple[str, ...]] = set()
    for n, row in enumerate(rows):
        if row in seen:
            yield words[n][0], words[n + _TWICE][0] if n + _TWICE < len(words) else len(text)
        seen.add(row)


def _clear(text: str, start: int, end: int) -> tuple[int, int]:
    """A span with the white space after it, or before it at the end of the text."""
    end += len(text[end:]) - len(text[end:].lstrip())
    return (len(text[:start].rstrip()), end) if end == len(text) else (start, end)


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out
