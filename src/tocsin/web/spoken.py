"""Marks of dangerous speech in plain words: what the words show and how the text stands to them."""

from __future__ import annotations

from tocsin.errors import UnknownId
from tocsin.signals.speech.hallmarks import hallmark, table
from tocsin.web.words import words


def spoken(code: str) -> str:
    """A code such as "H1:reported" as a phrase; the code itself when the tables do not hold it.

    The severity named is that of the kind of speech, never of a person or a text.
    """
    try:
        mark = hallmark(code)
    except UnknownId:
        return code
    stance = words()["stances"].get(code.partition(":")[2])
    if stance is None:
        return code
    grave = table()["severity"][mark.severity]
    return f"{mark.name}, {stance} (this kind of speech: severity {mark.severity} of 4, {grave})"
