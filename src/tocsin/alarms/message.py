"""Sentences with slots: the two forms of ICU MessageFormat that the templates use, and nothing else.

`{name}` is filled with a text. `{name, plural, one {# day} other {# days}}` chooses by the number's plural
category in the language (CLDR, through babel); `=0 {none}` goes before the category; `#` is the number.
Slots may stand inside a choice. Literal braces do not occur.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from tocsin.errors import InputError

NAME = re.compile(r"[A-Za-z0-9_.]+")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place to fill."""

    name: str


@dataclass(frozen=True, slots=True)
class Plural:
    """A choice by number; `forms` has `other` and maybe CLDR categories and `=N`."""

    name: str
    forms: Mapping[str, tuple[str | Slot | Plural, ...]]


Message = tuple[str | Slot | Plural, ...]


@cache
def parsed(template: str) -> Message:
    """The template as parts. Raises InputError that says where it cannot be read."""
    message, at = _message(template, 0, inside=False)
    if at != len(template):
        raise InputError(f"a closing brace too many in {template!r}", "tellings", "pair the braces")
    return message


def slots(template: str) -> dict[str, int]:
    """Names of the slots with the number of plural choices that each governs."""
    found: dict[str, int] = {}
    _count(parsed(template), found)
    return found


def plurals(template: str) -> list[frozenset[str]]:
    """The categories that each plural choice of the template names."""
    return [forms for part in parsed(template) for forms in _categories(part)]


def filled(
    template: str,
    values: Mapping[str, object],
    show: Callable[[str, object], str],
    category: Callable[[float], str],
) -> str:
    """The template with its values; `show` writes a value of a slot, `category` names a number's plural form.

    Raises InputError for a slot without a value.
    """
    return _filled(parsed(template), values, show, category, "")


def _filled(
    message: Message,
    values: Mapping[str, object],
    show: Callable[[str, object], str],
    category: Callable[[float], str],
    number: str,
) -> str:
    made = []
    for part in message:
        if isinstance(part, str):
            made.append(part.replace("#", number) if number else part)
            continue
        if part.name not in values:
            raise InputError(
                f"nothing to fill the slot {part.name}", "tellings", "measure it, or drop the slot"
            )
        value = values[part.name]
        if isinstance(part, Slot):
            made.append(show(part.name, value))
            continue
        count = float(str(value))
        form = part.forms.get(f"={count:g}") or part.forms.get(category(count)) or part.forms["other"]
        made.append(_filled(form, values, show, category, show(part.name, value)))
    return "".join(made)


def _message(text: str, at: int, inside: bool) -> tuple[Message, int]:
    parts: list[str | Slot | Plural] = []
    start = at
    while at < len(text) and text[at] != "}":
        if text[at] != "{":
            at += 1
            continue
        if at > start:
            parts.append(text[start:at])
        part, at = _braced(text, at + 1)
        parts.append(part)
        start = at
    if inside and at == len(text):
        raise InputError(f"a brace is not closed in {text!r}", "tellings", "pair the braces")
    if at > start:
        parts.append(text[start:at])
    return tuple(parts), at


def _braced(text: str, at: int) -> tuple[Slot | Plural, int]:
    name = NAME.match(text, at)
    if name is None:
        raise InputError(f"no slot name at {text[at : at + 20]!r}", "tellings", "write {name}")
    at = name.end()
    if text[at : at + 1] == "}":
        return Slot(name[0]), at + 1
    opening = re.compile(r"\s*,\s*plural\s*,\s*").match(text, at)
    if opening is None:
        raise InputError(
            f"{text[at : at + 20]!r} does not follow a slot", "tellings", "write {name} or a plural"
        )
    return _plural(text, opening.end(), name[0])


def _plural(text: str, at: int, name: str) -> tuple[Plural, int]:
    forms: dict[str, Message] = {}
    form = re.compile(r"\s*(=\d+|zero|one|two|few|many|other)\s*\{")
    while found := form.match(text, at):
        forms[found[1]], at = _message(text, found.end(), inside=True)
        at += 1
    end = re.compile(r"\s*\}").match(text, at)
    if end is None or "other" not in forms:
        raise InputError(f"the choice of {name} has no end or no form 'other'", "tellings", "add other {...}")
    return Plural(name, forms), end.end()


def _count(message: Message, found: dict[str, int]) -> None:
    for part in message:
        if isinstance(part, Slot):
            found.setdefault(part.name, 0)
        elif isinstance(part, Plural):
            found[part.name] = found.get(part.name, 0) + 1
            for form in part.forms.values():
                inner: dict[str, int] = {}
                _count(form, inner)
                for name in inner:
                    found.setdefault(name, 0)


def _categories(part: str | Slot | Plural) -> list[frozenset[str]]:
    if not isinstance(part, Plural):
        return []
    inner = [c for form in part.forms.values() for p in form for c in _categories(p)]
    return [frozenset(part.forms), *inner]
