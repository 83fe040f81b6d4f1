"""tocsin users: the people who may sign."""

from __future__ import annotations

import unicodedata
from typing import Annotated

import typer

from tocsin.cli.home import opened, progress, tell
from tocsin.errors import NotAllowed, UserError

app = typer.Typer(help="The people who may sign an alarm.", no_args_is_help=True)
LONGEST = 80
_WRITTEN_TOGETHER = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"}


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="A short name, as it will stand under an alarm.")],
    role: Annotated[str, typer.Option(help="What the person does, such as desk officer.")] = "desk officer",
) -> None:
    """Add someone who may sign. A name in the record, not a lock: there is no sign-in yet."""
    fit = fit_name(name)
    with opened(make=True) as home:
        for known, _ in home.ledger.users():
            if known.casefold() == fit.casefold():
                raise NotAllowed(f"{known} is already there")
        home.ledger.add_user(fit, " ".join(role.split()))
    progress(f"{fit} may sign now")


@app.command("list")
def show() -> None:
    """Names and roles."""
    with opened() as home:
        tell(f"{name}  {role}" for name, role in home.ledger.users())


def fit_name(name: str) -> str:
    """The name as it will stand: NFKC, single spaces. Raises UserError for one that could pass for another.

    That is one that is empty or too long, holds unseen characters, or mixes scripts (a Cyrillic letter that
    looks Latin). Names wholly in another script are kept; confusables within one script are not found.
    """
    fit = " ".join(unicodedata.normalize("NFKC", name).split())
    if not fit or len(fit) > LONGEST:
        raise UserError(f"a name has 1 to {LONGEST} characters; this one has {len(fit)}")
    if any(unicodedata.category(c).startswith("C") for c in fit):
        raise UserError("the name holds characters that cannot be seen; type it again")
    scripts = sorted({_script(c) for c in fit if c.isalpha() and unicodedata.category(c) != "Lm"})
    if len(scripts) > 1:
        raise UserError(f"the name mixes scripts ({' and '.join(scripts)}); write it in one")
    return fit


def _script(letter: str) -> str:
    script = unicodedata.name(letter, "unknown").split()[0].split("-")[0]
    return "EAST ASIAN" if script in _WRITTEN_TOGETHER else script.lower().capitalize()
