"""A bulletin laid out for a page or a letter: its parts, the words of others apart, evidence by number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tocsin.alarms.bulletin import Bulletin, Part, Statement


@dataclass(frozen=True, slots=True)
class Line:
    """A statement: its text before, in and after the words of others, a link, and its numbers as shown.

    `url` is empty unless a browser may open it; where the text itself names it, `inside` is true and it
    stands in place of the words of others. `language` is that of the words of others.
    """

    text: str
    before: str
    verbatim: str
    after: str
    language: str
    url: str
    marks: str
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One part with its heading; parts that say nothing have none."""

    part: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The sections in their order, and the ids of the evidence: the first has the number 1."""

    sections: tuple[Section, ...]
    evidence: tuple[str, ...]


def layout(bulletin: Bulletin) -> Layout:
    """The layout of a bulletin. Evidence is numbered in the order in which it is first needed."""
    ids = dict.fromkeys(id for statement in bulletin.statements for id in statement.evidence)
    numbers = {id: number for number, id in enumerate(ids, 1)}
    sections = tuple(
        Section(part.value, bulletin.titles.get(part.value, part.value), lines)
        for part in Part
        if (lines := tuple(_line(s, numbers) for s in bulletin.part(part)))
    )
    return Layout(sections, tuple(ids))


def _line(statement: Statement, numbers: dict[str, int]) -> Line:
    url = statement.url if re.match(r"https?://", statement.url, re.I) else ""
    inside = bool(url) and not statement.verbatim and url in statement.text
    apart = url if inside else statement.verbatim
    before, verbatim, after = statement.text.partition(apart) if apart else (statement.text, "", "")
    return Line(
        text=statement.text,
        before=before,
        verbatim=verbatim,
        after=after,
        language=statement.language,
        url=url,
        marks=_marks([numbers[id] for id in statement.evidence]),
        inside=inside,
    )


def _marks(numbers: Sequence[int]) -> str:
    """Numbers in order, runs of three and more as first and last: `1-4, 7`."""
    held = sorted(set(numbers))
    breaks = [0, *(n for n, (a, b) in enumerate(pairwise(held), 1) if b != a + 1), len(held)]
    runs = [held[a:b] for a, b in pairwise(breaks)]
    return ", ".join(f"{r[0]}-{r[-1]}" if len(r) > 2 else ", ".join(map(str, r)) for r in runs)
