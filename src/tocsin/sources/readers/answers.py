"""Answers of interfaces that speak JSON, and the pages they come in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.errors import InputError

MOST_PAGES = 5_000
"""Pages after which an interface that always has a next one is not believed any longer."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its rows, and what it claims of the number of pages and of rows (None: nothing)."""

    rows: Sequence[Any]
    pages: int | None = None
    total: int | None = None


def parsed(body: bytes, where: str) -> Any:
    """The value of JSON text (RFC 8259). Raises InputError for anything else, `where` in front."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        page = body.lstrip()[:1] == b"<"
        what = "answered with a web page, not JSON" if page else f"is not JSON ({error})"
        raise InputError(what, where, "try again later") from None


def mapping(value: Any, where: str) -> Mapping[str, Any]:
    """The value, which must be a JSON object. Raises InputError."""
    if not isinstance(value, dict):
        raise InputError("is JSON in another layout than this source knows", where)
    return value


def listed(value: Any, where: str) -> list[Any]:
    """The value, which must be a JSON array. Raises InputError."""
    if not isinstance(value, list):
        raise InputError("is JSON in another layout than this source knows", where)
    return value


def count(value: Any) -> int | None:
    """A claimed number of pages or rows; None where it is no whole number of at least 0."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def paged(page: Callable[[int], Page], where: str) -> Iterator[Any]:
    """All rows of all pages, the first numbered 1, when the pages keep what they claim.

    With no number of pages claimed, the first empty page is the end. Raises InputError when a page before the
    last is empty or repeats the one before, when pages or rows are not as many as claimed, and when it never
    ends.
    """
    read, before = 0, None
    number, last = 1, None
    while number <= MOST_PAGES:
        got = page(number)
        last = got.pages if number == 1 else last
        if got.rows and got.rows == before:
            raise InputError(f"page {number} repeats page {number - 1}", where, "try again later")
        if got.rows and last is not None and number > last:
            raise InputError(f"claims {last} pages and gave rows on page {number}", where, "try again later")
        if not got.rows and last is not None and number < last:
            raise InputError(f"page {number} of {last} is empty", where, "try again later")
        yield from got.rows
        read, before = read + len(got.rows), got.rows
        if (last is not None and number >= last) or not got.rows:
            if got.total is not None and got.total != read:
                raise InputError(f"claims {got.total} rows and gave {read}", where, "try again later")
            return
        number += 1
    raise InputError(f"never ends: more than {MOST_PAGES} pages", where)
