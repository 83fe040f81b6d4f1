"""An alarm as a letter: plain text and self-contained HTML of one bulletin, nothing added."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from tocsin.alarms.alarm import Level
from tocsin.alarms.bulletin import Bulletin
from tocsin.alarms.layout import Layout, Line, layout
from tocsin.alarms.phrases import POP, phrases
from tocsin.alarms.typed import plain

WIDTH = 78
"""Characters of a line of plain text (RFC 5322, section 2.1.1)."""
FROM_LEFT = "\u2066"
"""Left-to-right isolate (Unicode bidirectional algorithm)."""
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
    voice, laid = phrases(bulletin.language), layout(bulletin)
    subject = plain(f"{bulletin.headline} [{bulletin.alarm.id}]")
    id_line = voice.say("letter.id", id=bulletin.alarm.id, revision=str(bulletin.alarm.revision))
    evidence_title = voice.say("letter.evidence")
    return Letter(
        subject=subject,
        plain="\n".join(_lines(bulletin, laid, evidence_title, id_line)) + "\n",
        html=_template().render(
            bulletin=bulletin,
            subject=subject,
            colour=COLOURS[bulletin.alarm.level],
            laid=laid,
            evidence_title=evidence_title,
            id_line=id_line,
        ),
    )


def _lines(bulletin: Bulletin, laid: Layout, evidence_title: str, id_line: str) -> Iterator[str]:
    yield from _wrapped(bulletin.headline)
    for section in laid.sections:
        yield from ("", section.title, "-" * min(len(section.title), WIDTH))
        for line in section.lines:
            yield from _wrapped(f"{line.text} {_marks(line, bulletin.direction)}", "* ")
            if line.url and not line.inside:
                yield f"  {line.url}"
    yield ""
    yield from _wrapped(bulletin.note)
    yield from ("", evidence_title)
    yield from (f"  {number}. {id}" for number, id in enumerate(laid.evidence, 1))
    yield ""
    yield from _wrapped(id_line)


def _marks(line: Line, direction: str) -> str:
    """The numbers in brackets; in Arabic set apart from left to right, lest a run is read backwards."""
    return f"[{line.marks}]" if direction == "ltr" else f"{FROM_LEFT}[{line.marks}]{POP}"


def _wrapped(text: str, first: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters["host"] = lambda url: urlsplit(url).hostname or url
    return made.from_string(files(__package__).joinpath("letter.html").read_text("utf-8"))
