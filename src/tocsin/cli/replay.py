"""tocsin replay: named cases walked day by day with what was public then."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import typer

from tocsin.cli.home import lines, tell
from tocsin.errors import UserError


def replay(
    case: Annotated[str | None, typer.Argument(help="A case or control, such as rwa1994.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All cases, controls and periods drawn.")] = False,
    drawn: Annotated[
        bool, typer.Option("--drawn", help="Only the 20 periods drawn, without an onset.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line a case and kind of input.")] = False,
) -> None:
    """When each level would have been reached, by what was public then. Cases tune nothing."""
    if [case is not None, every, drawn].count(True) != 1:
        raise UserError("name one case, or use --all or --drawn")
    if as_json:
        lines(_rows(case, drawn))
    else:
        tell(_told(case, drawn))


def _rows(name: str | None, drawn: bool) -> Iterable[dict[str, Any]]:
    from tocsin.evaluation.replay_cases import case, cases
    from tocsin.evaluation.replay_told import drawn_row, replayed, row, walks_of_drawn

    if drawn:
        return map(drawn_row, walks_of_drawn())
    chosen = (case(name),) if name is not None else cases()
    return (row(each) for one in chosen for each in replayed(one))


def _told(name: str | None, drawn: bool) -> Iterable[str]:
    from tocsin.evaluation.replay_cases import case
    from tocsin.evaluation.replay_lines import lines_of_case
    from tocsin.evaluation.replay_told import lines_of_all, lines_of_drawn, replayed, replays, walks_of_drawn

    if drawn:
        return lines_of_drawn(walks_of_drawn())
    return lines_of_case(replayed(case(name))) if name is not None else lines_of_all(replays())
