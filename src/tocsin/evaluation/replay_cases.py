"""Named cases and controls with what was public when: cases.yml, read strictly.

The cases are famous, the controls few, and all signs were chosen by people who knew the end: they show how
the rules work and tune nothing. Rules are judged by the full country-year panel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from tocsin.clock import Moment, Period, Precision, add_months, as_of_end, parse_moment
from tocsin.errors import InputError, UnknownId
from tocsin.framework.load import indicator
from tocsin.geography import country

WHERE = "cases.yml"
MONTHS_BEFORE = 24
ENOUGH_SIGNS = 6
PUBLIC, RESTRICTED, LATER = "public_at_time", "restricted_at_time", "established_later"
VISIBILITY = (PUBLIC, RESTRICTED, LATER)
CONFIDENCE = ("high", "medium", "low")
TOLERANCE = {"high": 14, "medium": 60, "low": 60}
_SIGN = ("date", "fact", "indicators", "visibility", "confidence")
_TOLD = ("onset_note", "end_or_peak", "toll", "alleged_or_found", "targeted", "crime_types", "lessons")
_CASE = ("id", "name", "iso3", "onset", "onset_confidence", "signs", "response", *_TOLD)
_CONTROL = ("id", "name", "iso3", "window", "confidence", "why_warned", "outcome", "signs")


@dataclass(frozen=True, slots=True)
class Sign:
    """One dated thing that could be seen, in our own words.

    `indicators` are ids of the Framework. `said_by` names the source where two signs of a case share it.
    `checked` says that the date was seen in a public page.
    """

    dated: Moment
    fact: str
    indicators: tuple[str, ...]
    visibility: str
    confidence: str
    said_by: str = ""
    checked: bool = False

    @property
    def known(self) -> date:
        """The day on which it can first have been known, were it public: the last of the unit of its date."""
        return self.dated.end.date()

    def seen_on(self, day: date) -> bool:
        """Whether somebody outside could know it at the end of that day."""
        return self.visibility == PUBLIC and self.dated.end <= as_of_end(day)

    def why_withheld(self, last: date) -> str:
        """Why a walk that ends on `last` never sees it; empty when it does."""
        if self.visibility == RESTRICTED:
            return "restricted at the time"
        if self.visibility == LATER:
            return "established only later"
        return "" if self.seen_on(last) else f"not known until {self.known}, after the end of the walk"


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done about it; shown, never used."""

    dated: Moment
    fact: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Case:
    """One named case, with an `onset`, or a control, with a `window` in which people were warned of violence.

    `confidence` says how sure the onset is, or that nothing came of the window. `told` holds what else the
    file says, in words.
    """

    id: str
    name: str
    iso3: str
    confidence: str
    onset: Moment | None
    window: Period | None
    signs: tuple[Sign, ...]
    response: tuple[Act, ...]
    told: Mapping[str, Any]

    @property
    def control(self) -> bool:
        """Whether no alarm is wanted."""
        return self.onset is None

    @property
    def first(self) -> date:
        """The first day of the walk: two years before the onset or the window."""
        return add_months(self._begins, -MONTHS_BEFORE)

    @property
    def last(self) -> date:
        """The last day of the walk: the onset (its first day when less exact), or the end of the window."""
        return self.window.end if self.window else self._begins

    @property
    def tolerance(self) -> int:
        """Days by which the onset may be wrong either way."""
        return TOLERANCE[self.confidence]

    @property
    def usable(self) -> tuple[Sign, ...]:
        """The signs that the walk may come to see."""
        return tuple(s for s in self.signs if not s.why_withheld(self.last))

    @property
    def testable(self) -> bool:
        """Whether a control has enough signs to test the rules on words; a case always is."""
        return not self.control or len(self.usable) >= ENOUGH_SIGNS

    @property
    def _begins(self) -> date:
        if self.window:
            return self.window.start
        assert self.onset is not None
        return self.onset.at.date()


@cache
def cases() -> tuple[Case, ...]:
    """The shipped cases, then the controls, in the order of the file."""
    return parse_cases(yaml.load(files(__package__).joinpath(WHERE).read_text("utf-8"), yaml.CSafeLoader))


def case(id: str) -> Case:
    """The case or control of an id. Raises UnknownId with the near ones."""
    table = {c.id: c for c in cases()}
    if id not in table:
        raise UnknownId("case", id, table)
    return table[id]


def parse_cases(data: Mapping[str, Any]) -> tuple[Case, ...]:
    """Cases from the YAML's own shape. Raises InputError or UnknownId for what is missing, unknown or odd."""
    _only(data, ("cases", "controls"), WHERE)
    found = (*map(_case, data["cases"]), *map(_control, data["controls"]))
    ids = [c.id for c in found]
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise InputError(f"ids stand twice: {', '.join(twice)}", WHERE, "give each case its own id")
    return found


def _case(row: Mapping[str, Any]) -> Case:
    where = f"{WHERE}, case {row.get('id', '?')}"
    _only(row, _CASE, where)
    return Case(
        id=row["id"],
        name=row["name"],
        iso3=country(row["iso3"]).iso3,
        confidence=_one_of(row["onset_confidence"], CONFIDENCE, where),
        onset=_moment(row["onset"], where),
        window=None,
        signs=_signs(row["signs"], where),
        response=tuple(_act(r, where) for r in row["response"]),
        told={name: row[name] for name in _TOLD},
    )


def _control(row: Mapping[str, Any]) -> Case:
    where = f"{WHERE}, control {row.get('id', '?')}"
    _only(row, _CONTROL, where)
    start, _, end = str(row["window"]).partition("..")
    first, last = _moment(start, where), _moment(end or start, where)
    return Case(
        id=row["id"],
        name=row["name"],
        iso3=country(row["iso3"]).iso3,
        confidence=_one_of(row["confidence"], CONFIDENCE, where),
        onset=None,
        window=Period(first.at.date(), last.end.date(), first.precision),
        signs=_signs(row["signs"], where),
        response=(),
        told={name: row[name] for name in ("why_warned", "outcome")},
    )


def _signs(rows: list[Mapping[str, Any]], where: str) -> tuple[Sign, ...]:
    return tuple(_sign(row, f"{where}, sign {n}") for n, row in enumerate(rows, 1))


def _sign(row: Mapping[str, Any], where: str) -> Sign:
    _only(row, (*_SIGN, *({"said_by", "checked"} & set(row))), where)
    if not row["indicators"] or not str(row["fact"]).strip():
        raise InputError("a sign needs a fact and an indicator", where)
    return Sign(
        dated=_moment(row["date"], where),
        fact=row["fact"],
        indicators=tuple(indicator(i).id for i in row["indicators"]),
        visibility=_one_of(row["visibility"], VISIBILITY, where),
        confidence=_one_of(row["confidence"], CONFIDENCE, where),
        said_by=row.get("said_by", ""),
        checked=row.get("checked", False),
    )


def _act(row: Mapping[str, Any], where: str) -> Act:
    _only(row, ("date", "fact", "confidence"), f"{where}, response")
    return Act(_moment(row["date"], where), row["fact"], _one_of(row["confidence"], CONFIDENCE, where))


def _moment(text: Any, where: str) -> Moment:
    try:
        found = parse_moment(text) if isinstance(text, str) else None
    except ValueError as error:
        raise InputError(str(error), where) from error
    if found is None or found.precision is Precision.INSTANT:
        raise InputError(f"{text!r} is not a day, month or year in quotes", where, 'write "YYYY-MM-DD"')
    return found


def _one_of(value: Any, allowed: tuple[str, ...], where: str) -> str:
    if value not in allowed:
        raise InputError(f"{value!r} is not one of {', '.join(allowed)}", where, "use one of them")
    return str(value)


def _only(row: Mapping[str, Any], wanted: tuple[str, ...], where: str) -> None:
    for name in sorted(set(row) ^ set(wanted)):
        what = "is missing" if name in wanted else "is not known"
        raise InputError(f"{name} {what}", where, f"entries are {', '.join(sorted(wanted))}")
