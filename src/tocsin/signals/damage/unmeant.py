"""Texts that say of themselves that they are satire or fiction. What does not say so is read as it is."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import yaml


def unmeant(text: str) -> list[tuple[int, int]]:
    """The labels and phrases by which a text says that it is no report; none in most."""
    low = text.casefold() if len(text.casefold()) == len(text) else text.lower()
    stems, words = _words()
    if len(low) != len(text) or not any(stem in low for stem in stems):
        return []
    return [found.span() for found in words.finditer(low)]


@cache
def _words() -> tuple[frozenset[str], re.Pattern[str]]:
    """The rarest word of each entry, and the expression for all of them."""
    raw = yaml.load(files(__package__).joinpath("unmeant.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    stems = {max(entry.strip("*").split(), key=len) for entries in raw.values() for entry in entries}
    labels, phrases = ("|".join(map(_expression, raw[kind])) for kind in ("labels", "phrases"))
    stop = r"[ \t]*(?:[.:|\u2014\u2013-]+|$)"
    label = rf"(?:^[ \t]*#?(?:{labels}){stop}|[(\[](?:{labels})[)\]])\s*"
    return frozenset(stems), re.compile(rf"{label}|\b(?:{phrases})\b", re.MULTILINE)


def _expression(entry: str) -> str:
    return r"\s+".join(re.escape(word).replace(r"\*", r"\w*") for word in entry.split())
