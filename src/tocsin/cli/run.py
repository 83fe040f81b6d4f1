"""tocsin run: one turn of the watch, then a short report."""

from __future__ import annotations

from typing import Annotated

import typer

from tocsin.cli.home import day, lines, opened, progress


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
    from tocsin.errors import UserError

    asked = day(as_of, "--as-of")
    if asked and asked > today():
        raise UserError(f"--as-of {asked} lies ahead; nothing can be known from there")
    replay = asked is not None and asked < today()
    with opened() as home:
        if not replay and not offline:
            flow.gather_subscribed(home, progress)
        report = flow.turn(home, as_of_end(asked or today()), replay, progress)
    if as_json:
        lines([report])
    else:
        print("\n".join(lines_of(report)))
