"""tocsin check: does the home hold what it says it holds."""

from __future__ import annotations

from typing import Annotated

import typer

from tocsin.cli.home import lines, opened, progress
from tocsin.errors import HomeDamaged

app = typer.Typer(help="Verify the home.", no_args_is_help=True)


@app.command("home")
def check_home(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Verify every part of the lake against its hash, the ledger's file and its chain of seals."""
    from tocsin.acts import faults

    with opened() as home:
        found = faults(home)
        generation = home.lake.generation()
    rows = {t: sum(p.rows for p in generation.of(t)) for t in sorted({p.table for p in generation.parts})}
    if as_json:
        lines([{"generation": generation.number, "rows": rows, "faults": found}])
    else:
        print(
            f"generation {generation.number}: "
            + (", ".join(f"{n} {t}" for t, n in rows.items()) or "nothing yet")
        )
    for fault in found:
        progress(fault)
    if found:
        raise HomeDamaged(f"{len(found)} fault(s) found; restore the home from a backup")
    progress("all parts match their hashes; the chain of seals is whole")
