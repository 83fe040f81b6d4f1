"""Many lines at once: the answers of `tocsin code --json`, with the story that ties copies together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from tocsin.clock import Moment, parse_moment
from tocsin.evidence import content_id, sha256
from tocsin.signals.rules.coder import code_line
from tocsin.signals.stories import group
from tocsin.sources.record import Record

_NEVER = datetime(1, 1, 1, tzinfo=UTC)


def code_lines(
    lines: Iterable[dict[str, Any]], one: Callable[[dict[str, Any]], dict[str, Any]] = code_line
) -> Iterator[dict[str, Any]]:
    """One answer for every line by `one`, in order, with `story` filled in; all lines are held in memory.

    Lines that are near copies or share enough words in a row, within a week of `published` where that is
    given, bear one story id.
    """
    held = list(lines)
    answers = [one(line) for line in held]
    records = [
        record_of(line) if not answer["error"] else None for line, answer in zip(held, answers, strict=True)
    ]
    stories = group(record for record in records if record)
    for answer, record in zip(answers, records, strict=True):
        yield answer | {"story": stories[record.id]} if record else answer


def record_of(line: dict[str, Any]) -> Record:
    """A line with an id and a text as a record; its sensitivity is what the caller says by coding it."""
    text, published = str(line["text"]), _moment(line.get("published"))
    digest = sha256(text.encode("utf-8", "surrogatepass"))
    return Record(
        id=content_id("rec", line.get("id"), digest),
        source=str(line.get("source") or ""),
        address=str(line.get("url") or ""),
        title=str(line.get("title") or ""),
        text=text,
        language=str(line.get("language") or ""),
        raw_sha256=digest,
        licence="",
        sensitivity="",
        origin=str(line.get("source") or ""),
        published=published,
        known=published,
        recorded=_NEVER,
    )


def _moment(published: Any) -> Moment | None:
    """The date of a line for the window of days; one that is no ISO date is no date, as in `code_line`."""
    try:
        return parse_moment(str(published)) if published else None
    except ValueError:
        return None
