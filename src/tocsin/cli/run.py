"""tocsin run: one turn of the watch, then a short report."""

from __future__ import annotations

from typing import Annotated

import typer

from tocsin.cli.home import lines, opened, progress, seen_day, tell


def run(
    as_of: Annotated[
        str | None, typer.Option(help="Look from the end of this day; before today it is a replay.")
    ] = None,
    offline: Annotated[bool, typer.Option(help="Open no connection, whatever the settings say.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The report as one JSON line.")] = False,
) -> None:
    """One turn of the watch: gather, code, assess, warn, follow; then a short report.

    A turn before today is a replay: it is kept apart, opens no engagement and tells nobody.
    """
    from tocsin import flow
    from tocsin.cli.report import lines_of
    from tocsin.clock import as_of_end, today

    asked = seen_day(as_of, "--as-of")
    replay = asked is not None and asked < today()
    with opened(make=True) as home:
        if not replay and not offline:
            flow.gather_subscribed(home, progress)
        report = flow.turn(home, as_of_end(asked or today()), replay, progress, offline)
    if as_json:
        lines([report])
    else:
        tell(lines_of(report))
