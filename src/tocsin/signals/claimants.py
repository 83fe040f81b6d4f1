"""Who says a figure: the speaker nearest to it, of what kind, and whether the speaker disputes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tocsin.signals.count_words import Token

KINDS = {
    "state": "state", "armed group": "armed group", "un": "UN", "ngo": "NGO", "medical": "medical",
    "media": "media", "witness": "witness",
}  # fmt: skip
_VERB = 4
"""A verb of saying stands at most this many tokens from its speaker."""
_NAMED = 7
"""Who is named after "according to" stands within this many tokens."""


@dataclass(frozen=True, slots=True)
class Claimant:
    """A speaker at start:end of the sentence; `name` is its token, -1 when someone speaks who is not named.

    `verb` is the token of saying, -1 when there is none ("according to").
    """

    kind: str
    name: int
    start: int
    end: int
    denied: bool = False
    verb: int = -1


def speakers(folded: str, tokens: Sequence[Token]) -> list[Claimant]:
    """Everyone who says something in a sentence, by words of saying or of source."""
    return [*_spoken(folded, tokens), *_cited(folded, tokens)]


def claimant(found: Sequence[Claimant], folded: str, tokens: Sequence[Token], at: int) -> Claimant | None:
    """Which of the speakers `found` claims the figure at token `at`; None when nobody speaks."""
    named = [who for who in found if who.name >= 0]
    if not named:
        return found[0] if found else None
    nearest = min(named, key=lambda who: _distance(folded, tokens, who.name, at))
    return replace(nearest, denied=nearest.denied and not _apart(tokens, nearest.verb, at))


def _apart(tokens: Sequence[Token], verb: int, at: int) -> bool:
    """Whether a figure stands in a clause before the denial: "arrested five, and a court denied bail"."""
    return any("and" in token for token in tokens[at:verb])


def _spoken(folded: str, tokens: Sequence[Token]) -> list[Claimant]:
    """Speakers beside a verb of saying; a verb without one is somebody spoken of before."""
    found: list[Claimant] = []
    for n, token in enumerate(tokens):
        if "say" not in token:
            continue
        denied = "denies" in token
        before = next((k for k in range(n - 1, max(-1, n - 1 - _VERB), -1) if "who" in tokens[k]), -1)
        after = next((k for k in range(n + 1, min(n + 1 + _VERB, len(tokens))) if "who" in tokens[k]), -1)
        if before >= 0 and re.search(r"[.;:]", folded[tokens[before].end : token.start]):
            before = -1
        gap = folded[token.end : tokens[after].start] if after >= 0 else ""
        if re.search(r"[.;:,]", gap) or _object(tokens, n, after):
            after = -1
        who = before if before >= 0 else after
        made = _made(tokens, who, denied) if who >= 0 else Claimant("unknown", -1, 0, 0, denied)
        found.append(replace(made, verb=n))
    return found


def _object(tokens: Sequence[Token], verb: int, who: int) -> bool:
    """Whether numbers or harm stand between a verb and a noun: then the noun is not who speaks."""
    between = tokens[verb + 1 : max(who, verb)]
    return any(t.digits or "cue" in t or "num" in t or "joins" in t for t in between)


def _cited(folded: str, tokens: Sequence[Token]) -> list[Claimant]:
    """Speakers after "according to", and those named in brackets, as in "(OCHA, 3 May)"."""
    found: list[Claimant] = []
    for n, token in enumerate(tokens):
        if "according" in token:
            reach = range(n + 1, min(n + 1 + _NAMED, len(tokens)))
            who = next((k for k in reach if "who" in tokens[k]), -1)
            if who >= 0 and not re.search(r"[.;:]", folded[token.end : tokens[who].start]):
                found.append(_made(tokens, who, False))
        elif "who" in token and re.search(r"\(\s*$", folded[: token.start]):
            found.append(_made(tokens, n, False))
    return found


def _made(tokens: Sequence[Token], n: int, denied: bool) -> Claimant:
    """The speaker at a token, with a more telling part of its name that follows ("officials of the UN")."""
    own = Claimant(KINDS[tokens[n].roles["who"]], n, tokens[n].start, tokens[n].end, denied)
    joined = n + 1 < len(tokens) and "who" in tokens[n + 1] and tokens[n + 1].start - own.end <= 1
    if joined:
        return replace(own, kind=KINDS[tokens[n + 1].roles["who"]], end=tokens[n + 1].end)
    return own


def _distance(folded: str, tokens: Sequence[Token], who: int, at: int) -> int:
    first, last = sorted((who, at))
    gap = folded[tokens[first].end : tokens[last].start]
    return len(gap) + 40 * len(re.findall(r"[;:]| while | but ", gap))
