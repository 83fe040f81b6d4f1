"""tocsin assess: what is believed of each place, never without its coverage."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.home import lines, opened, seen_day, tell
from tocsin.errors import UnknownId, UserError

if TYPE_CHECKING:
    from tocsin.geography import Country


class Sort(StrEnum):
    """How the list is ordered."""

    LEVEL = "level"
    RISK = "risk"
    NAME = "name"


def assess(
    place: Annotated[str | None, typer.Option(help="One place, by ISO3 or name.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Look from the end of this day (before today: makes a replay).")
    ] = None,
    replay: Annotated[
        str | None, typer.Option(help="Read a replay made before (tocsin check home lists them).")
    ] = None,
    sort: Annotated[
        Sort, typer.Option(help="level, risk (rank of a new mass killing within 24 months) or name.")
    ] = Sort.LEVEL,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Show the assessments of the newest turn: level, forecast, factor readings and what is not seen."""
    from tocsin.cli.look import look, ordered

    wanted, day = where(place).iso3 if place else None, seen_day(as_of, "--as-of")
    if day and replay:
        raise UserError("--as-of makes a new replay and --replay reads one; give one of the two")
    with opened() as home:
        found = ordered(look(home, replay, day, wanted), sort.value)
    if wanted and not found:
        raise UserError(f"{wanted} is not assessed in this turn: it is no present state")
    if as_json:
        lines(asdict(s) for s in found)
        return
    for s in found:
        tell(s.long() if wanted else [s.short()])


def where(text: str) -> Country:
    """The country of an ISO3 code or a name in any case. Raises UnknownId with the nearest of either."""
    from tocsin.geography import by_name, countries, country

    for found, given in ((country, text.strip().upper()), (by_name, text)):
        try:
            return found(given)
        except UnknownId:
            continue
    known = [c.iso3 for c in countries()] if len(text) <= 4 else [c.name for c in countries()]
    raise UnknownId("country", text, known)
