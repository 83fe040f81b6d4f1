"""What was told of a place week by week: stories of violations, all others, and those of other places.

Only documents of origins that are not new here are counted (`signals.voices`), and every story once, in the
week in which it was first told: copies and crowds of new sites change nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files

import yaml

from tocsin.assessment.figures import weights
from tocsin.assessment.words import standing
from tocsin.signals.coded import CodedRecord
from tocsin.signals.signal import Relevance, Signal, TimeStatus
from tocsin.signals.voices import Voices
from tocsin.sources.factsheet import built

GRAVE = (Relevance.SIGNAL, Relevance.ATROCITY)


@dataclass(frozen=True, slots=True)
class Law:
    """The numbers of trend.yml; that file says what each means and why. `windows` are weeks and chances."""

    factors: tuple[str, ...]
    shown_in: tuple[str, ...]
    strength: float
    windows: tuple[tuple[int, float], ...]
    least_stories: int
    least_ratio: float
    past_least: int
    past_most: int
    named_least: int
    start: float
    spread: float
    spread_weeks: float
    steady: float
    fallen: float
    comparable: float

    @property
    def recent(self) -> int:
        """The newest weeks that are looked at; the past ends before them."""
        return max(weeks for weeks, _ in self.windows)


@cache
def law() -> Law:
    """The shipped numbers."""
    given = yaml.load(files(__package__).joinpath("trend.yml").read_text("utf-8"), yaml.CSafeLoader)
    windows = tuple(sorted(given["windows"].items()))
    told = {"factors": tuple(given["factors"]), "shown_in": tuple(given["shown_in"]), "windows": windows}
    return built(Law, {**given, **told}, "trend.yml")


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from `first`, in distinct stories.

    `told` claim present violations in the place; `named` are all that name it, `plain` those of them that do
    not bear on violence at all; `elsewhere` do not name it. `claims` are the ids of the signals that first
    tell of the violations.
    """

    first: date
    told: int
    named: int
    plain: int
    elsewhere: int
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """The weeks of a place, oldest first, from the first that names it, without those when nothing was read.

    `gap` says that one of the newest weeks is such. `signals` are the standing present ones of two windows of
    words, by the same origins.
    """

    weeks: tuple[Week, ...] = ()
    signals: tuple[Signal, ...] = ()
    gap: bool = False


class Pasts:
    """The weeks of every place as of an instant; what is read of the coded records is read once."""

    def __init__(self, coded: Iterable[CodedRecord], voices: Voices, as_of: datetime) -> None:
        self._as_of, self._span = as_of, law().recent + law().past_most
        known = {c.record: c for c in coded if c.known is not None and c.known.end <= as_of}
        self._day = {c.record: c.known.end.date() for c in known.values() if c.known and voices.steady(c)}
        self._named: dict[str, dict[str, date]] = defaultdict(dict)
        self._grave = {c.story for c in known.values() if c.relevance is not Relevance.NONE}
        everywhere: dict[str, date] = {}
        for record, day in self._day.items():
            story = known[record].story
            everywhere[story] = min(day, everywhere.get(story, day))
            for iso3 in known[record].countries:
                self._named[iso3][story] = min(day, self._named[iso3].get(story, day))
        self._all = Counter(self._week(day) for day in everywhere.values())

    def of(self, iso3: str, signals: Sequence[Signal]) -> Past:
        """The past of one place by all its signals."""
        firm = [s for s in standing(signals) if s.time is TimeStatus.PRESENT and s.record in self._day]
        told = self._first([s for s in firm if s.relevance in GRAVE and s.factor in law().factors])
        named = {story: day for story, (day, _) in told.items()} | self._named.get(iso3, {})
        if not named:
            return Past()
        weeks = self._weeks(told, named)
        read = tuple(w for w in weeks if w.named + w.elsewhere)
        since = self._as_of.date() - timedelta(days=2 * weights().window_days)
        return Past(
            weeks=read,
            signals=tuple(s for s in firm if self._day[s.record] >= since),
            gap=read[-law().recent :] != tuple(weeks[-law().recent :]),
        )

    def _first(self, claims: Iterable[Signal]) -> dict[str, tuple[date, str]]:
        """The day and the claim by which each story was first told."""
        found: dict[str, tuple[date, str]] = {}
        for s in claims:
            told = (self._day[s.record], s.id)
            found[s.story] = min(told, found.get(s.story, told))
        return found

    def _weeks(self, told: Mapping[str, tuple[date, str]], named: Mapping[str, date]) -> list[Week]:
        claims: dict[int, list[str]] = defaultdict(list)
        for day, claim in told.values():
            claims[self._week(day)].append(claim)
        every = Counter(map(self._week, named.values()))
        plain = Counter(self._week(day) for story, day in named.items() if story not in self._grave)
        oldest = min(max(every), self._span - 1)
        return [
            Week(
                first=self._as_of.date() - timedelta(days=7 * age + 6),
                told=len(claims[age]),
                named=every[age],
                plain=plain[age],
                elsewhere=max(0, self._all[age] - every[age]),
                claims=tuple(sorted(claims[age])),
            )
            for age in range(oldest, -1, -1)
        ]

    def _week(self, day: date) -> int:
        """How many weeks ago, 0 for the seven days that end with the day looked from."""
        return (self._as_of.date() - day).days // 7
