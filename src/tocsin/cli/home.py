"""How every verb opens the home, says its progress and prints its lines."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from tocsin.clock import Moment, Precision, parse_moment, today
from tocsin.errors import HomeError, UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.store.home import Home

_BREAK = re.compile(r"\r\n|[\t\n\v\f\r\x85\u2028\u2029]")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls of a terminal (C0, C1) and of writing direction (Bidi_Control), and halves of a character."""


@contextmanager
def opened(make: bool = False) -> Iterator[Home]:
    """The home of the settings, opened and let go again.

    Raises HomeError when there is none, unless `make`: then it is made. Looking never makes a home.
    """
    from tocsin.settings import settings

    folder = settings().home
    if not make and not (folder / "home.json").exists():
        raise HomeError(f"no home here yet ({folder}); run: tocsin run")
    from tocsin.store.home import open_home

    home = open_home(folder)
    try:
        yield home
    finally:
        home.close()


_APART = "\u2066\u2067\u2068\u2069"
"""Isolates (Unicode bidirectional algorithm), as our own texts in Arabic have them."""
_APART_AT = re.compile(f"([{_APART}])")


def shown(text: str) -> str:
    """Text on one line of a terminal: line ends and tabs become a space, controls become U+FFFD.

    What documents say must not move the cursor, hide a line or turn the reading direction around.
    """
    return _UNSEEN.sub("\ufffd", _BREAK.sub(" ", text))


def tell(told: Iterable[str]) -> None:
    """Lines for a reader, to standard output."""
    for line in told:
        print(shown(line))


def tell_text(text: str) -> None:
    """A text of ours in lines, to standard output; what sets words apart by their direction stays."""
    for line in text.splitlines():
        print("".join(part if part in _APART else shown(part) for part in _APART_AT.split(line)))


def progress(line: str) -> None:
    """A line about what is going on, to standard error."""
    print(shown(line), file=sys.stderr, flush=True)


def lines(rows: Iterable[Any]) -> None:
    """Rows as JSON lines, to standard output; controls are escaped, so that the value stays what it was."""
    for row in rows:
        text = json.dumps(row, ensure_ascii=False, default=str)
        print(_UNSEEN.sub(lambda c: f"\\u{ord(c.group()):04x}", text))


def day(text: str | None, option: str) -> date | None:
    """A full day from an option. Raises UserError naming the option."""
    if text is None:
        return None
    moment = moment_of(text, option)
    if moment is None or moment.precision is not Precision.DAY:
        raise UserError(f"{option} {text!r} is not a full date; use YYYY-MM-DD")
    return moment.at.date()


def seen_day(text: str | None, option: str) -> date | None:
    """A day to look from. Raises UserError naming the option for one that lies ahead."""
    asked = day(text, option)
    if asked and asked > today():
        raise UserError(f"{option} {asked} lies ahead; nothing can be known from there")
    return asked


def moment_of(text: str | None, option: str) -> Moment | None:
    """A moment from an option (day, month or year). Raises UserError naming the option."""
    if text is None:
        return None
    try:
        return parse_moment(text)
    except ValueError as e:
        raise UserError(f"{option}: {e}") from e
