"""How far long work is: a bar on a terminal, plain lines elsewhere; both to standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from tocsin.cli.home import progress, shown

if TYPE_CHECKING:
    from tocsin.sources.contract import Progress

TENTHS = 10


@contextmanager
def bars(stream: TextIO | None = None) -> Iterator[Progress]:
    """What tells a reader how far each work is, until the block ends."""
    to = stream or sys.stderr
    if not to.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Rich

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Rich(*columns, TimeRemainingColumn(), console=Console(file=to)) as rich:
        tasks: dict[str, int] = {}

        def tell(what: str, done: int, of: int | None) -> None:
            if what not in tasks:
                tasks[what] = rich.add_task(shown(what), total=of)
            rich.update(tasks[what], completed=done, total=of)  # type: ignore[arg-type]

        yield tell


class _Lines:
    """Plain lines: one for each tenth of a work whose length is known, one for each doubling of another."""

    def __init__(self) -> None:
        self._said: dict[str, int] = {}

    def __call__(self, what: str, done: int, of: int | None) -> None:
        mark = done * TENTHS // of if of else done.bit_length()
        if mark > self._said.get(what, 0):
            self._said[what] = mark
            progress(f"{what}: {done:,}" + (f" of {of:,}" if of else ""))
