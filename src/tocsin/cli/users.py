"""tocsin users: the people who may sign."""

from __future__ import annotations

from typing import Annotated

import typer

from tocsin.cli.home import opened, progress

app = typer.Typer(help="The people who may sign an alarm.", no_args_is_help=True)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="A short name, as it will stand under an alarm.")],
    role: Annotated[str, typer.Option(help="What the person does, such as desk officer.")] = "desk officer",
) -> None:
    """Add someone who may sign. A name in the record, not a lock: there is no sign-in yet."""
    with opened() as home:
        home.ledger.add_user(name.strip(), role)
    progress(f"{name} may sign now")


@app.command("list")
def show() -> None:
    """Names and roles."""
    with opened() as home:
        for name, role in home.ledger.users():
            print(f"{name}\t{role}")
