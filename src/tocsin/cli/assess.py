"""tocsin assess: what is believed of each place, never without its coverage."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from tocsin.cli.home import lines, opened


def assess(
    place: Annotated[str | None, typer.Option(help="One place, by ISO3.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Look from the end of this day (a replay before today).")
    ] = None,
    replay: Annotated[str | None, typer.Option(help="Read a replay that was made before.")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Show the assessments of the newest turn: level, forecast, factor readings and what is not seen."""
    from tocsin.cli.look import look
    from tocsin.geography import country

    if place:
        country(place)
    with opened() as home:
        found = look(home, replay, as_of, place)
    if as_json:
        lines(asdict(s) for s in found)
        return
    for s in found:
        print("\n".join(s.long() if place else [s.short()]))
