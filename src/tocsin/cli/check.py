"""tocsin check: does the home hold what it says it holds; and a copy of it that does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.coverage import check_coverage
from tocsin.cli.home import lines, opened, progress, tell
from tocsin.cli.sources import check_sources
from tocsin.cli.weeks import check_weeks
from tocsin.errors import HomeDamaged

if TYPE_CHECKING:
    from tocsin.store.home import Home

app = typer.Typer(help="Verify the home, or copy it; see what is read and what is not.", no_args_is_help=True)
app.command("sources")(check_sources)
app.command("coverage")(check_coverage)
app.command("weeks")(check_weeks)


@app.command("home")
def check_home(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Verify the lake's parts by their hashes, the ledger, its chain of seals, its log; list the replays."""
    with opened() as home:
        _verify(home, as_json)


@app.command("backup")
def backup(target: Annotated[Path, typer.Argument(help="A new folder for the copy.")]) -> None:
    """Copy the home into a new folder and verify it. To restore, set TOCSIN_HOME to it or move it back."""
    from tocsin.store.backup import back_up
    from tocsin.store.home import open_home

    with opened() as home:
        back_up(home, target)
    copy = open_home(target)
    try:
        _verify(copy, False)
    finally:
        copy.close()


def _verify(home: Home, as_json: bool) -> None:
    from tocsin.acts import faults
    from tocsin.store.desk import Desk

    found, generation = faults(home), home.lake.generation()
    rows = {t: sum(p.rows for p in generation.of(t)) for t in sorted({p.table for p in generation.parts})}
    replays = [] if found else Desk(home).runs()
    if as_json:
        lines([{"generation": generation.number, "rows": rows, "replays": replays, "faults": found}])
    else:
        told = ", ".join(f"{n} {t}" for t, n in rows.items()) or "nothing yet"
        tell([f"{home.folder}: generation {generation.number}: {told}"])
        tell(f"replay {r['id']}  as of {r['as_of']}" for r in replays)
    for fault in found:
        progress(fault)
    if found:
        raise HomeDamaged(f"{len(found)} fault(s) found; restore the home from a backup")
    progress("all parts match their hashes; the chain of seals and the log are whole")
