"""What the model is asked: reviewed words, the framework's indicators, and the text as data between marks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from string import Template

import yaml

from tocsin.errors import InputError
from tocsin.evidence import sha256
from tocsin.framework import framework
from tocsin.signals.endpoint.answer import schema

FILE = Path(__file__).parent / "prompt.yml"


@dataclass(frozen=True, slots=True)
class Prompt:
    """The reviewed words. `system` is filled in; `user` waits for a text; `longest` is in characters."""

    version: str
    longest: int
    system: str
    user: Template

    def messages(self, text: str, published: str = "", cut: bool = False) -> list[dict[str, str]]:
        """The two messages of one request; the same text gets the same ones, mark included."""
        user = self.user.substitute(
            published=published or "date not known",
            cut=f"Only its first {self.longest} characters are given." if cut else "",
            mark=boundary(text),
            text=text,
        )
        return [{"role": "system", "content": self.system}, {"role": "user", "content": user}]


@cache
def prompt() -> Prompt:
    """The prompt that ships. Raises InputError when its file is damaged."""
    try:
        raw = yaml.load(FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)
        system = Template(raw["system"]).substitute(
            indicators=_indicators(), schema=json.dumps(schema(), ensure_ascii=False)
        )
        return Prompt(str(raw["version"]), int(raw["longest"]), system, Template(raw["user"]))
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"cannot be read: {error}", str(FILE), "restore the file of the package") from error


def boundary(text: str) -> str:
    """A mark that the text cannot hold: it is made of the text's own hash, 128 bits, and looked for in it.

    Its writer would have to put a hash into the text that is hashed; and runs repeat, as a random one would
    not.
    """
    marks = (f"PASSAGE-{sha256(f'{n}:{text}'.encode())[:32]}" for n in count())
    return next(mark for mark in marks if mark not in text)


def _indicators() -> str:
    lines = []
    for factor in framework().factors:
        lines.append(f"{factor.code} {factor.title}: {factor.gist}")
        lines += [f"  {indicator.id} {indicator.label}" for indicator in factor.indicators]
    return "\n".join(lines)
