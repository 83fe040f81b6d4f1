"""tocsin warn raise: an expert's judgement puts a place before people where no rule fires."""

from __future__ import annotations

from typing import Annotated

import typer

from tocsin.cli.home import opened, progress


def raise_(
    iso3: str,
    level: Annotated[str, typer.Option(help="warning, alarm or ongoing.")],
    who: Annotated[str, typer.Option("--as", help="Who judges so (tocsin users add NAME).")],
    why: Annotated[str, typer.Option("--why", help="The reason, kept and printed.")],
    evidence: Annotated[
        list[str], typer.Option(help="Id of a record, claim, forecast or decision in the home; repeat it.")
    ],
) -> None:
    """Propose an alarm by judgement. It issues nothing: people sign it as they sign what a rule proposes."""
    from tocsin.acts import Acts

    with opened() as home:
        progress(Acts(home).raising.propose(iso3.upper(), level, who, why, evidence))
