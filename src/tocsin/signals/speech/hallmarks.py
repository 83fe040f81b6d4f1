"""The hallmarks of dangerous speech as reviewed data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tocsin.errors import InputError, UnknownId
from tocsin.framework import framework

DATA = Path(__file__).parent / "hallmarks.yml"


@dataclass(frozen=True, slots=True)
class Hallmark:
    """One class of dangerous speech. `severity` is 1 (prejudice) to 4 (inciting or enabling violence).

    `indicators` are those of the Framework that it speaks to; `traps` are what it is often mistaken for.
    `unknowable` says why no words alone can show it, "" when they can.
    """

    id: str
    code: str
    gist: str
    severity: int
    risk_factors: tuple[str, ...]
    indicators: tuple[str, ...]
    questions: tuple[str, ...]
    traps: tuple[str, ...]
    dated_note: str
    unknowable: str

    @property
    def name(self) -> str:
        """The code in plain words."""
        return self.code.replace("_", " ")


@cache
def hallmarks() -> dict[str, Hallmark]:
    """Every hallmark by its id. Raises InputError for a severity out of range, UnknownId for an indicator."""
    return {row["id"]: _hallmark(row) for row in table()["hallmarks"]}


def hallmark(id: str) -> Hallmark:
    """One hallmark, by an id such as "H1" or a code such as "H1:reported". Raises UnknownId."""
    known = hallmarks()
    found = known.get(id.partition(":")[0])
    if found is None:
        raise UnknownId("hallmark", id, known)
    return found


@cache
def table() -> dict[str, Any]:
    """The whole file: also severities, classes of counter-speech, what else to ask, and safeguards."""
    rows: dict[str, Any] = yaml.load(DATA.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return rows


def _hallmark(row: dict[str, Any]) -> Hallmark:
    if row["severity"] not in table()["severity"]:
        raise InputError(f"{row['id']} has severity {row['severity']}", str(DATA), "use 1 to 4")
    for indicator in row["indicators"]:
        framework().indicator(indicator)
    return Hallmark(
        id=row["id"],
        code=row["code"],
        gist=row["gist"],
        severity=row["severity"],
        risk_factors=tuple(row["risk_factors"]),
        indicators=tuple(row["indicators"]),
        questions=tuple(row["coding_questions"]),
        traps=tuple(row["false_positive_traps"]),
        dated_note=row["dated_note"],
        unknowable=row.get("unknowable", ""),
    )
