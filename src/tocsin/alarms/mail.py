"""An alarm as a letter: plain text and self-contained HTML of one bulletin, nothing added."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from tocsin.alarms.alarm import Level
from tocsin.alarms.bulletin import Bulletin, Part, Statement
from tocsin.alarms.phrases import Phrases, phrases
from tocsin.alarms.typed import plain

WIDTH = 78
"""Characters of a line of plain text (RFC 5322, section 2.1.1)."""
COLOURS = {
    Level.NONE: "#808080",
    Level.RISK: "#b58900",
    Level.WARNING: "#d2691e",
    Level.ALARM: "#d9363e",
    Level.ONGOING: "#a0408f",
}
"""A strip beside the headline, seen on white as on black; the word of the level says the same."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A subject of one line, the text for every reader, and the same as HTML."""

    subject: str
    plain: str
    html: str


def letter(bulletin: Bulletin) -> Letter:
    """The letter of a bulletin. The subject has level, place and id, and never words of others."""
    voice = phrases(bulletin.language)
    subject = plain(f"{bulletin.headline} [{bulletin.alarm.id}]")
    numbers = _numbers(bulletin.statements)
    id_line = voice.say("letter.id", id=bulletin.alarm.id, revision=str(bulletin.alarm.revision))
    return Letter(
        subject=subject,
        plain="\n".join(_lines(bulletin, voice, numbers, id_line)) + "\n",
        html=_template().render(
            bulletin=bulletin,
            subject=subject,
            colour=COLOURS[bulletin.alarm.level],
            parts=[(title, [_laid(s, numbers) for s in told]) for title, told in _parts(bulletin)],
            evidence_title=voice.say("letter.evidence"),
            evidence=list(numbers),
            id_line=id_line,
        ),
    )


def _lines(bulletin: Bulletin, voice: Phrases, numbers: dict[str, int], id_line: str) -> Iterator[str]:
    yield from _wrapped(bulletin.headline)
    for title, statements in _parts(bulletin):
        yield from ("", title, "-" * min(len(title), WIDTH))
        for statement in statements:
            yield from _wrapped(f"{statement.text} [{_marks(statement, numbers)}]", "* ")
            if statement.url and statement.url not in statement.text:
                yield f"  {statement.url}"
    yield ""
    yield from _wrapped(bulletin.note)
    yield from ("", voice.say("letter.evidence"))
    yield from (f"  {number}. {id}" for id, number in numbers.items())
    yield ""
    yield from _wrapped(id_line)


def _wrapped(text: str, first: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _parts(bulletin: Bulletin) -> list[tuple[str, tuple[Statement, ...]]]:
    told = [(bulletin.titles.get(part.value, part.value), bulletin.part(part)) for part in Part]
    return [(title, statements) for title, statements in told if statements]


def _numbers(statements: Sequence[Statement]) -> dict[str, int]:
    """Every id of evidence with its number, in the order in which it is first needed."""
    ids = dict.fromkeys(id for statement in statements for id in statement.evidence)
    return {id: number for number, id in enumerate(ids, 1)}


def _marks(statement: Statement, numbers: dict[str, int]) -> str:
    """The numbers of a statement, runs of three and more as first and last: `1-4, 7`."""
    held = sorted({numbers[id] for id in statement.evidence})
    breaks = [0, *(n for n, (a, b) in enumerate(pairwise(held), 1) if b != a + 1), len(held)]
    runs = [held[a:b] for a, b in pairwise(breaks)]
    return ", ".join(f"{r[0]}-{r[-1]}" if len(r) > 2 else ", ".join(map(str, r)) for r in runs)


def _laid(statement: Statement, numbers: dict[str, int]) -> dict[str, Any]:
    before, verbatim, after = (
        statement.text.partition(statement.verbatim) if statement.verbatim else ("", "", "")
    )
    return {
        "part": statement.part.value,
        "before": before if verbatim else statement.text,
        "verbatim": verbatim,
        "after": after,
        "language": statement.language,
        "url": statement.url if re.match(r"https?://", statement.url, re.I) else "",
        "marks": _marks(statement, numbers),
    }


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters["host"] = lambda url: urlsplit(url).hostname or url
    return made.from_string(files(__package__).joinpath("letter.html").read_text("utf-8"))
