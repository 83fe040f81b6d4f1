"""The date that a text states at its head. A date without its year is none; nothing is guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from tocsin.clock import Moment, day_moment, parse_moment

REVIEWED = Path(__file__).parents[1] / "data" / "datelines.yml"
HEAD_LINES = 4
HEAD_LENGTH = 200
FIRST_YEAR, LAST_YEAR = 1800, 2199
YEARS = f"the years {FIRST_YEAR} to {LAST_YEAR}"
"""Outside of these a date is an error, and reckoning with it may leave the calendar."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """The compiled patterns and the number of each month's name."""

    months: dict[str, int]
    sentence_words: frozenset[str]
    full_date: re.Pattern[str]
    head: re.Pattern[str]


@cache
def patterns() -> Patterns:
    """From the reviewed data file."""
    given = yaml.load(REVIEWED.read_text(encoding="utf-8"), yaml.CSafeLoader)
    months = {name.casefold(): n for names in given["months"].values() for n, name in enumerate(names, 1)}
    month = "|".join(sorted(map(re.escape, months), key=len, reverse=True))
    of = r"\s+(?:de\s+)?"
    day_first = rf"(?P<d1>\d{{1,2}})(?:st|nd|rd|th|er|º)?\.?{of}(?P<m1>{month})\.?,?{of}(?P<y1>\d{{4}})"
    month_first = rf"(?P<m2>{month})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y2>\d{{4}})"
    full = rf"(?:{day_first}|{month_first}|(?P<iso>\d{{4}}-\d{{2}}-\d{{2}}))(?!\d)"
    place = r"(?P<place>[^\W\d_][\w'’. /-]{0,40}(?:, ?[^\W\d_][\w'’. -]{0,30})?\s*(?:[,–—(]|\s-)\s*)?"
    weekday = r"(?:[^\W\d_]+,\s+)?"
    label = rf"(?:(?:{'|'.join(given['labels'])})\s*:\s*)?"
    return Patterns(
        months,
        frozenset(given["sentence_words"]),
        re.compile(full, re.IGNORECASE),
        re.compile(rf"^\s*\(?(?:{label}{weekday}|{place}){full}\s*(?:[.():|–—-]|$)", re.IGNORECASE),
    )


def stated_date(text: str) -> Moment | None:
    """The full date that one of the first lines states as its own, as a dateline or with a label; or None."""
    for line in _head(text):
        found = patterns().head.match(line[:HEAD_LENGTH])
        if found and line.split()[0].casefold() not in patterns().sentence_words:
            return _moment(found)
    return None


def written_date(text: str) -> Moment | None:
    """The date of a field that holds nothing else: ISO 8601, or day, month name and year. None otherwise."""
    try:
        return in_range(parse_moment(text))
    except ValueError:
        found = patterns().full_date.fullmatch(text.strip())
        return _moment(found) if found else None


def in_range(moment: Moment) -> Moment:
    """The same moment. Raises ValueError when it is outside of the years that a date can mean."""
    if not FIRST_YEAR <= moment.at.year <= LAST_YEAR:
        raise ValueError(f"{moment} is not in {YEARS}")
    return moment


def _head(text: str) -> list[str]:
    lines = (line.strip() for line in text[:4_000].lstrip("\ufeff").splitlines())
    return [line for line in lines if line][:HEAD_LINES]


def _moment(found: re.Match[str]) -> Moment | None:
    try:
        if found["iso"]:
            return in_range(day_moment(date.fromisoformat(found["iso"])))
        month = patterns().months[(found["m1"] or found["m2"]).casefold()]
        day = date(int(found["y1"] or found["y2"]), month, int(found["d1"] or found["d2"]))
        return in_range(day_moment(day))
    except ValueError:
        return None
