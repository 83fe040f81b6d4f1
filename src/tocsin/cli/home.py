"""How every verb opens the home, says its progress and prints its lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from tocsin.clock import Moment, Precision, parse_moment
from tocsin.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.store.home import Home


@contextmanager
def opened() -> Iterator[Home]:
    """The home of the settings, opened and let go again."""
    from tocsin.settings import settings
    from tocsin.store.home import open_home

    home = open_home(settings().home)
    try:
        yield home
    finally:
        home.close()


def progress(line: str) -> None:
    """A line about what is going on, to standard error."""
    print(line, file=sys.stderr, flush=True)


def lines(rows: Iterable[Any]) -> None:
    """Rows as JSON lines, to standard output."""
    for row in rows:
        print(json.dumps(row, ensure_ascii=False, default=str))


def day(text: str | None, option: str) -> date | None:
    """A full day from an option. Raises UserError naming the option."""
    if text is None:
        return None
    moment = moment_of(text, option)
    if moment is None or moment.precision is not Precision.DAY:
        raise UserError(f"{option} {text!r} is not a full date; use YYYY-MM-DD")
    return moment.at.date()


def moment_of(text: str | None, option: str) -> Moment | None:
    """A moment from an option (day, month or year). Raises UserError naming the option."""
    if text is None:
        return None
    try:
        return parse_moment(text)
    except ValueError as e:
        raise UserError(f"{option}: {e}") from e
