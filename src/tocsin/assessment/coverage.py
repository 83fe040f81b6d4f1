"""Who is seen and who is not: for every state, when each group of sources and each source last told of it.

A state of which nothing is read is "no data"; no level and no chance stands here, so that it can never be
taken for one of low risk.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tocsin.assessment.absent import sentence, standing
from tocsin.assessment.everywhere import places
from tocsin.assessment.figures import weights
from tocsin.geography import countries
from tocsin.signals.voices import Spoken, Voices
from tocsin.sources.presence import Presence
from tocsin.sources.reportflow import Counts, Flow, Window, windows_of

GROUPS = ("words", "events", "conditions")
MEMBERS = 193
"""Members of the United Nations since 14 July 2011."""

NO_DATA = "no data"
_WORST = (Flow.DROPPED, Flow.SOURCE, Flow.UNKNOWN, Flow.USUAL)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one source, or a group of them, told of one place: newest day, reports in 90 days, report flow.

    `last` is None where nothing was ever read.
    """

    of: str
    last: date | None = None
    reports: int = 0
    flow: tuple[Window, ...] = ()

    @property
    def state(self) -> str:
        """The worst that is known of its flow in any window; `no data` where nothing was ever read."""
        if self.last is None:
            return NO_DATA
        found = {window.state for window in self.flow}
        return next((state.value for state in _WORST if state in found), Flow.UNKNOWN.value)

    @property
    def why(self) -> str:
        """The clause of the window that `state` is told from."""
        told = next((w.why for w in self.flow if w.state.value == self.state), "")
        return told or "its releases come too seldom to show silence within a month"


@dataclass(frozen=True, slots=True)
class Covered:
    """One place: what each group and source told, documents and independent origins of 90 days, who is gone.

    `figures` is the newest year of the shipped figures on violence known by then, None without any.
    """

    iso3: str
    name: str
    member: bool
    groups: Mapping[str, Seen]
    sources: tuple[Seen, ...]
    documents: int
    origins: int
    figures: int | None
    gone: tuple[str, ...] = ()

    @property
    def no_data(self) -> bool:
        """Whether no group of sources ever told of it in this home."""
        return all(seen.last is None for seen in self.groups.values())

    @property
    def last(self) -> date | None:
        """The newest day on which anything was known of it."""
        return max((seen.last for seen in self.groups.values() if seen.last), default=None)

    @property
    def missing(self) -> tuple[bool, int, int, date]:
        """Sorts what is missed most first: no data, groups unread, flows not usual, oldest word."""
        unread = sum(seen.last is None for seen in self.groups.values())
        usual = sum(seen.state == Flow.USUAL for seen in self.groups.values())
        return not self.no_data, -unread, usual, self.last or date.min


@dataclass(frozen=True, slots=True)
class Looked:
    """All that coverage is told from. `reports` maps group to source to counts; `ran` as in `windows_of`.

    `steady` are the reports that make the flow, where others are not to hide a silence; None for all.
    """

    reports: Mapping[str, Mapping[str, Counts]]
    coded: Sequence[Spoken] = ()
    presence: Sequence[Presence] = ()
    ran: Mapping[str, date] | None = None
    steady: Mapping[str, Mapping[str, Counts]] | None = None
    newest_figure: Callable[[str], int | None] = field(default=lambda iso3: None)


def members(on: date) -> frozenset[str]:
    """ISO3 of the states that were members of the United Nations on a day."""
    return frozenset(
        c.iso3 for c in countries(on) if c.status == "member" and c.admitted is not None and c.admitted <= on
    )


def coverage(looked: Looked, as_of: datetime) -> list[Covered]:
    """Every member of the United Nations, what is missed most first, then the other states."""
    on, named = as_of.date(), places(as_of.date())
    inside = members(on)
    groups = {g: _seen(g, looked.reports.get(g, {}), _windows(g, g, looked, on), on) for g in GROUPS}
    single = {
        source: _seen(source, {source: counts}, _windows(source, group, looked, on), on)
        for group in GROUPS
        for source, counts in sorted(looked.reports.get(group, {}).items())
    }
    heard = _heard(looked.coded, as_of)
    found = [
        Covered(
            iso3=iso3,
            name=name,
            member=iso3 in inside,
            groups={group: seen[iso3] for group, seen in groups.items()},
            sources=tuple(seen[iso3] for seen in single.values() if seen[iso3].last),
            documents=heard.get(iso3, (0, 0))[0],
            origins=heard.get(iso3, (0, 0))[1],
            figures=looked.newest_figure(iso3),
            gone=tuple(sentence(c) for c in standing(looked.presence, as_of) if c.iso3 == iso3),
        )
        for iso3, name in named.items()
    ]
    return sorted(found, key=lambda c: (not c.member, c.missing, c.name))


def summary(found: Iterable[Covered]) -> str:
    """How many members there are, and of how many nothing is known."""
    inside = [c for c in found if c.member]
    dark = [c for c in inside if c.no_data]
    blank = sum(c.figures is None for c in dark)
    dropped = sum(any(seen.state == Flow.DROPPED for seen in c.groups.values()) for c in inside)
    told = f"{len(inside)} UN members: {len(dark)} with no data in this home"
    return (
        f"{told}, {blank} of them without figures on violence in the shipped table either; "
        f"reports dropped in {dropped}. No data is not low risk."
    )


def _windows(of: str, group: str, looked: Looked, on: date) -> dict[str, tuple[Window, ...]]:
    """The report flow of a source, or of a whole group where both names are one."""
    told = looked.reports if looked.steady is None else looked.steady
    members_of = told.get(group, {})
    chosen = members_of if of == group else {s: c for s, c in members_of.items() if s == of}
    return windows_of(of, chosen, sorted(places(on)), on, looked.ran)


def _seen(
    of: str, counts: Mapping[str, Counts], flow: Mapping[str, tuple[Window, ...]], on: date
) -> dict[str, Seen]:
    """What every place was told of by some sources, and how often in the last 90 days."""
    since = on - timedelta(days=weights().window_days)
    last: dict[str, date] = {}
    reports: dict[str, int] = defaultdict(int)
    for by_place in counts.values():
        for iso3, days in by_place.items():
            last[iso3] = max([*days, *([last[iso3]] if iso3 in last else [])])
            reports[iso3] += sum(n for day, n in days.items() if day >= since)
    return {p: Seen(of, last.get(p), reports.get(p, 0), flow.get(p, ())) for p in places(on)}


def _heard(coded: Sequence[Spoken], as_of: datetime) -> dict[str, tuple[int, int]]:
    """Documents of the last 90 days that name a place, and how many independent origins they come from."""
    since = as_of - timedelta(days=weights().window_days)
    about: dict[str, list[Spoken]] = defaultdict(list)
    for c in coded:
        if c.known is not None and since <= c.known.end <= as_of:
            for iso3 in c.countries:
                about[iso3].append(c)
    voices = Voices(coded, as_of)
    heard = {iso3: voices.heard(records, ()) for iso3, records in about.items()}
    return {iso3: (len(about[iso3]), found.voices) for iso3, found in heard.items()}
