"""Documents: plain text, HTML pages, JSON and JSON lines, each with what it states about itself, no more."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin.clock import Moment
from tocsin.errors import InputError
from tocsin.sources.origins import host_of
from tocsin.sources.readers.datelines import YEARS, stated_date, written_date
from tocsin.sources.readers.lines import decoded, text_lines, whole
from tocsin.sources.wires import stated_agency

TITLE_LENGTH = 120
FIELDS = ("id", "text", "title", "published", "url", "source", "language")


@dataclass(frozen=True, slots=True)
class Document:
    """One document as read. Empty fields are what it does not state; `published` is None then."""

    where: str
    raw: bytes
    text: str
    title: str = ""
    published: Moment | None = None
    url: str = ""
    id: str = ""
    publisher: str = ""
    language: str = ""
    unknown: tuple[str, ...] = ()


Read = Document | InputError
"""A document, or why this one (a line of many) cannot be read."""


def documents(path: Path) -> Iterator[Read]:
    """The documents of a file by its ending. Raises InputError when the file as a whole cannot be read."""
    reader = FORMS.get(path.suffix.lower())
    if reader is None:
        raise InputError("is not a form this source reads", str(path), f"bring {', '.join(FORMS)}")
    yield from reader(path)


def _text(path: Path) -> Iterator[Read]:
    raw = whole(path)
    text = decoded(raw, str(path))
    if "\0" in text:
        raise InputError("holds NUL bytes, so it is not text", str(path))
    if not text.strip():
        raise InputError("is empty", str(path), "a document needs text")
    yield Document(str(path), raw, text, _first_line(text), stated_date(text), publisher=stated_agency(text))


def _html(path: Path) -> Iterator[Read]:
    from tocsin.sources.readers.page import page

    raw = whole(path)
    found = page(decoded(raw, str(path)), str(path))
    yield Document(
        str(path),
        raw,
        found.text,
        found.title,
        found.published or stated_date(found.text),
        url=found.url,
        publisher=stated_agency(found.text) or ("" if host_of(found.url) else found.site),
        language=found.language,
    )


def _json(path: Path) -> Iterator[Read]:
    raw, where = whole(path), str(path)
    found = _parsed(decoded(raw, where), where)
    if not isinstance(found, list):
        yield _fields(found, raw, where)
        return
    for number, entry in enumerate(found, 1):
        inside = f"{where}, entry {number}"
        text = json.dumps(entry, sort_keys=True, ensure_ascii=False)
        yield _fields(entry, text.encode("utf-8", "surrogatepass"), inside)


def _json_lines(path: Path) -> Iterator[Read]:
    try:
        stream = path.open("rb")
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", str(path)) from error
    with stream:
        for number, line in enumerate(text_lines(stream, str(path)), 1):
            if line.strip():
                where = f"{path}, line {number}"
                try:
                    yield _fields(_parsed(line, where), line.strip().encode(), where)
                except InputError as error:
                    yield error


def _parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"is not JSON ({error})", where) from error


def _fields(given: Any, raw: bytes, where: str) -> Read:
    """A document of a JSON object, or why it is none."""
    if not isinstance(given, Mapping):
        return InputError("is not a JSON object", where, f"give {', '.join(FIELDS)}")
    text = given.get("text")
    if not isinstance(text, str) or not text.strip():
        return InputError("has no text", where, 'give "text"')
    wrong = [n for n in FIELDS if given.get(n) is not None and not isinstance(given[n], str | int)]
    if wrong:
        return InputError(f"field {wrong[0]!r} is neither text nor number", where)
    stated = {name: str(given[name]).strip() for name in FIELDS if given.get(name) is not None}
    published = written_date(stated.get("published", "")) if stated.get("published") else None
    if stated.get("published") and published is None:
        return InputError(
            f"published {stated['published'][:40]!r} is not a date of {YEARS}", where, "use YYYY-MM-DD"
        )
    return Document(
        where,
        raw,
        text,
        stated.get("title") or "",
        published or stated_date(text),
        stated.get("url", ""),
        stated.get("id", ""),
        stated_agency(text) or stated.get("source", ""),
        stated.get("language", ""),
        tuple(str(name) for name in given if name not in FIELDS),
    )


def _first_line(text: str) -> str:
    """The first line when it is short and more follows: then it is a title."""
    first, _, rest = text.strip().lstrip("\ufeff").partition("\n")
    return first.strip() if rest.strip() and len(first.strip()) <= TITLE_LENGTH else ""


FORMS: Mapping[str, Callable[[Path], Iterator[Read]]] = {
    ".txt": _text,
    ".md": _text,
    ".html": _html,
    ".htm": _html,
    ".json": _json,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
}
