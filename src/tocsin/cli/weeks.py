"""tocsin check weeks: what the world's press reported of each country, week by week."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.assess import where
from tocsin.cli.home import day, lines, opened, progress, seen_day, tell
from tocsin.errors import UserError

_HEAD = ("events", "mentions", "articles", "conflict", "assault", "fight", "mass")


def check_weeks(
    since: Annotated[str | None, typer.Option(help="From the week of this day on.")] = None,
    place: Annotated[str | None, typer.Option(help="One place, by ISO3 or name.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="What was known at the end of this day (default: today).")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the rows there (.csv or .parquet).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line a country and week.")] = False,
) -> None:
    """Sum the gathered events of GDELT to country and week: reports of events, not events.

    A week without a row is one of which nothing was gathered, or nothing reported; neither is peace.
    """
    from tocsin.cli.backtest import write
    from tocsin.clock import as_of_end, now
    from tocsin.store.weeks import unplaced, weeks

    wanted = where(place).iso3 if place else ""
    first, asked = day(since, "--since"), seen_day(as_of, "--as-of")
    at = as_of_end(asked) if asked else now()
    with opened() as home:
        rows = weeks(home.lake, at, first, wanted)
        known, lost = unplaced(home.lake, at)
    if not known:
        raise UserError("no events of GDELT are here; run: tocsin gather gdelt")
    if not rows:
        raise UserError(f"of {known:,} events that are known none is of that place and time")
    if out:
        progress(f"{out}: {write(out, rows)} rows")
    elif as_json:
        lines(rows)
    else:
        tell([f"{'':4} {'week of':10} {' '.join(f'{h:>9}' for h in _HEAD)} {'tone':>8}", *map(_line, rows)])
    progress(
        f"{known:,} events known; {lost:,} of them name no country that the list knows, and count nowhere"
    )


def _line(row: dict[str, object]) -> str:
    iso3, week, *counts, tone = row.values()
    told = f"{tone:8.2f}" if isinstance(tone, float) else f"{'none':>8}"
    told_counts = (f"{n:9,}" if isinstance(n, int) else f"{'none':>9}" for n in counts)
    return f"{iso3:4} {week} {' '.join(told_counts)} {told}"
