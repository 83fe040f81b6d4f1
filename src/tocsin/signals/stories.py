"""Stories: records that report the same event are one story; those that copy one text are one copy group too.

Two origins that each tell of an event in their own words are one story and two copy groups: they corroborate
each other. Ten mirrors of one text are one copy group, and one voice. So independence is counted over copies,
never over stories.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean

from tocsin.signals.copies import WINDOW, age, copies, in_reach, same_days, similar, story_id
from tocsin.signals.same_event import Account, Scale, account, common, compatible, likely, scale
from tocsin.signals.signal import Signal
from tocsin.sources.record import Record

__all__ = [
    "WINDOW",
    "Told",
    "copies",
    "group",
    "independent",
    "independent_origins",
    "similar",
    "story_id",
    "tell",
]

_HELD = 50
"""The newest records that a rare word leads to; older ones are met through their other words."""
_TRIED = 24
_MEMBERS = 5
"""A record is compared with at most so many records, and with so many of each story, the newest."""
_KEYS = 2
"""Rare words, numbers or places that two records share before they are compared."""


@dataclass(frozen=True, slots=True)
class Told:
    """Where a record belongs: `copy` is the group of its near copies, `story` its event's reports."""

    copy: str
    story: str


@dataclass(frozen=True, slots=True, eq=False)
class _Report:
    record: Record
    account: Account
    story: str


def group(records: Iterable[Record], known: Iterable[tuple[Record, str]] = ()) -> dict[str, str]:
    """The story id of every record, given the records already grouped (`known`: record and its story).

    Pure and repeatable, see `tell`. A known record keeps its story.
    """
    return {id: told.story for id, told in tell(records, ((r, Told(s, s)) for r, s in known)).items()}


def tell(
    records: Iterable[Record], known: Iterable[tuple[Record, Told]] = (), by: Scale | None = None
) -> dict[str, Told]:
    """The copy group and the story of every record, given those of the known ones, which never change.

    A new record, earliest first, joins the story of the text it copies, else the likeliest story whose newest
    reports within `WINDOW` of days are on average of its event by the cut of the scale, else it opens a story
    named after it. Where each of two records names places or countries and none is shared, they are never one
    story, even as copies. The order of the records changes nothing; time grows with their number.
    """
    earlier = {record.id: (record, told) for record, told in known}
    fresh = [r for r in {r.id: r for r in records}.values() if r.id not in earlier]
    near = in_reach([record for record, _ in earlier.values()], fresh)
    shelf = _Shelf(by or scale())
    for record in sorted(near, key=age):
        shelf.add(record, earlier[record.id][1])
    copy = copies(fresh, ((r, earlier[r.id][1].copy) for r in near))
    told = {id: where for id, (_, where) in earlier.items()}
    for record in sorted(fresh, key=age):
        told[record.id] = Told(copy[record.id], shelf.place(record, copy[record.id]))
    return told


class _Shelf:
    """The reports met so far, found by the rare words in them."""

    def __init__(self, by: Scale) -> None:
        self._by = by
        self._copies: dict[str, deque[_Report]] = defaultdict(lambda: deque(maxlen=_MEMBERS))
        self._stories: dict[str, deque[_Report]] = defaultdict(lambda: deque(maxlen=_MEMBERS))
        self._holders: dict[str, deque[_Report]] = defaultdict(lambda: deque(maxlen=_HELD))

    def add(self, record: Record, told: Told) -> None:
        """A report whose place is known."""
        self._keep(_Report(record, account(record.text, record.language), told.story), told.copy)

    def place(self, record: Record, copy: str) -> str:
        """The story of a new record, which is kept for those after it."""
        for head in reversed(self._copies[copy]):
            if head.record.text == record.text and same_days(head.record, record):
                return head.story
        read = account(record.text, record.language)
        story = self._copied(record, read, copy) or self._likeliest(record, read) or story_id(record)
        self._keep(_Report(record, read, story), copy)
        return story

    def _copied(self, record: Record, read: Account, copy: str) -> str:
        near = (h for h in self._copies[copy] if same_days(h.record, record) and compatible(h.account, read))
        return next((head.story for head in near), "")

    def _likeliest(self, record: Record, read: Account) -> str:
        shared: Counter[_Report] = Counter()
        for key in _keys(read):
            shared.update(self._holders.get(key, ()))
        tried = [report.story for report, n in shared.most_common(_TRIED) if n >= _KEYS]
        best, surest = "", self._by.cut
        for story in dict.fromkeys(tried):
            members = [m for m in self._stories[story] if same_days(m.record, record)]
            sure = fmean([self._sure(m.account, read) for m in members] or [0.0])
            if sure >= surest:
                best, surest = story, sure
        return best

    def _sure(self, one: Account, other: Account) -> float:
        return likely(one, other, self._by) if compatible(one, other) else 0.0

    def _keep(self, report: _Report, copy: str) -> None:
        heads = self._copies[copy]
        repeated = any(h.story == report.story and _lasts(h.record, report.record) for h in heads)
        heads.append(report)
        if repeated:
            return
        self._stories[report.story].append(report)
        for key in _keys(report.account):
            self._holders[key].append(report)


def _lasts(head: Record, record: Record) -> bool:
    """Whether an earlier copy is young enough to stand for a newer one in the half window to come."""
    if head.published is None or record.published is None:
        return True
    return abs(record.published.at - head.published.at) <= WINDOW / 2


def _keys(read: Account) -> Iterator[str]:
    yield from (word for word in read.words if len(word) > 2 and not common(word))
    yield from (f"@{place}" for place in read.places)


def independent_origins(signals: Iterable[Signal]) -> int:
    """How many independent origins stand behind some signals (see `independent`)."""
    return independent((s.copy or s.story or s.record, s.origin or s.record) for s in signals)


def independent(pairs: Iterable[tuple[str, str]]) -> int:
    """How many (copy group, origin) pairs can be picked so that no group and no origin is picked twice.

    Ten mirrors of one text raise it by one, and so do ten texts of one origin; two origins that report one
    event in their own words are two. It is the size of a maximum matching between groups and origins.
    """
    origins: dict[str, set[str]] = defaultdict(set)
    for copy, origin in pairs:
        origins[copy].add(origin)
    taken: dict[str, str] = {}
    return sum(_place(copy, origins, taken) for copy in sorted(origins))


def _place(copy: str, origins: Mapping[str, set[str]], taken: dict[str, str]) -> bool:
    """Give a copy group an origin, moving groups placed before where that makes room (breadth first).

    A loop and not a recursion: a chain of thousands of mirrors must not exhaust the stack.
    """
    through: dict[str, str] = {}
    reached = deque([copy])
    came = {copy: ""}
    while reached:
        here = reached.popleft()
        for origin in sorted(origins[here]):
            if origin in through:
                continue
            through[origin] = here
            if origin not in taken:
                free = origin
                while free:
                    taken[free] = through[free]
                    free = came[through[free]]
                return True
            came[taken[origin]] = origin
            reached.append(taken[origin])
    return False
