"""Lines of `tocsin code --json`: one answer for each, and the story that ties copies together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

from tocsin.clock import Moment, parse_moment
from tocsin.errors import InputError
from tocsin.evidence import content_id, sha256
from tocsin.signals.coder import LONGEST, read
from tocsin.signals.same_event import account, in_company, likely
from tocsin.signals.signal import Claim, Reading
from tocsin.signals.stories import group
from tocsin.sources.record import Record

_SURROGATES = re.compile(r"[\ud800-\udfff]")
MOST_PAIRED = 5_000
COMPANY = 50
"""From so many texts on a pair is judged in the company of the others; fewer say little of each other."""
_NEVER = datetime(1, 1, 1, tzinfo=UTC)


def code_line(line: dict[str, Any]) -> dict[str, Any]:
    """One answer of `tocsin code --json` for one line of input; the keys are those of the design, section 6.

    A line without an id or a text is answered with `error` and nothing else filled in.
    """
    id, text = str(line.get("id", "")), line.get("text")
    if not isinstance(text, str) or not text.strip():
        return {"id": id, "error": str(line.get("error") or "no text in this line; give id and text")}
    text = _SURROGATES.sub("\ufffd", text[:LONGEST])
    try:
        reading = read(id, text, str(line.get("language") or ""), _year(line.get("published")))
    except InputError as error:
        return {"id": id, "error": str(error)}
    return {"id": id, **answer_of(reading), "story": "", "error": ""}


def answer_of(reading: Reading) -> dict[str, Any]:
    """The fields of a reading in one line of JSON; `id`, `story` and `error` are joined by the caller."""
    return {
        "relevance": str(reading.relevance),
        "relevance_score": reading.score,
        "factors": reading.factors,
        "factors_present": list(reading.factors_present),
        "indicators": list(reading.indicators),
        "time": str(reading.time),
        "countries": list(reading.countries),
        "perpetrator": reading.perpetrator,
        "target": reading.target,
        "mitigation": reading.mitigation,
        "places": list(reading.places),
        "events": list(reading.events),
        "counts": list(reading.counts),
        "signals": [_claim(claim) for claim in reading.claims],
    }


def _claim(claim: Claim) -> dict[str, Any]:
    row = asdict(claim)
    row["happened"] = str(claim.happened) if claim.happened else None
    lists = {"actors": list(claim.actors), "speech": list(claim.speech)}
    return row | {"time": str(claim.time), "relevance": str(claim.relevance)} | lists


def _year(published: Any) -> int:
    try:
        return parse_moment(str(published)).at.astimezone(UTC).year if published else 0
    except ValueError:
        raise InputError(f"published is {published!r}, not a date", "line", "use YYYY-MM-DD") from None


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


def same_event_lines(lines: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """For every two lines with a text, how likely both report the same event, for ranking pairs.

    Raises InputError for more than `MOST_PAIRED` lines, because time grows with the square of their number.
    """
    held = [line for line in lines if isinstance(line.get("text"), str) and line["text"].strip()]
    if len(held) > MOST_PAIRED:
        raise InputError(f"{len(held)} lines to pair", "input", f"give at most {MOST_PAIRED} at once")
    texts = [line["text"] for line in held]
    for n, m, sure in in_company(texts) if len(texts) >= COMPANY else _alone(texts):
        ids = {"one": str(held[n].get("id", "")), "other": str(held[m].get("id", ""))}
        yield ids | {"same_event": round(sure, 4)}


def _alone(texts: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    accounts = [account(text) for text in texts]
    for n, m in combinations(range(len(texts)), 2):
        yield n, m, likely(accounts[n], accounts[m])


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
