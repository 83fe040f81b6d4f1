"""tocsin warn text: an alarm as it would be told, to one kind of reader in one language."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from tocsin.cli.home import lines, opened, tell_text


class Reader(StrEnum):
    """Who reads it (the scopes of CAP 1.2)."""

    PUBLIC = "public"
    RESTRICTED = "restricted"
    PRIVATE = "private"


def text(
    alarm: str,
    language: Annotated[str, typer.Option(help="en, fr, es or ar.")] = "en",
    scope: Annotated[Reader, typer.Option(help="For whom: who may read the words of sources, and names.")] = (
        Reader.PUBLIC
    ),
    html: Annotated[bool, typer.Option("--html", help="The letter as HTML.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One line for each sentence.")] = False,
    replay: Annotated[str | None, typer.Option(help="A replay instead of the live home.")] = None,
) -> None:
    """The text of an alarm in its newest revision, as a letter. A proposal says that it was not issued.

    Nobody edits it: the text is made from the alarm, and a text weaker than its level is refused.
    """
    from tocsin.alarms.bulletin import Scope
    from tocsin.alarms.mail import letter
    from tocsin.alarms.telling import tell as told
    from tocsin.store.dossiers import Dossiers

    with opened() as home:
        dossier = Dossiers(home, replay or "live").newest(alarm)
    bulletin = told(dossier, language, Scope[scope.name])
    if as_json:
        lines(
            {"part": s.part.value, "text": s.text, "evidence": s.evidence, "url": s.url}
            for s in bulletin.statements
        )
        return
    made = letter(bulletin)
    tell_text(made.html if html else f"{made.subject}\n\n{made.plain}")
