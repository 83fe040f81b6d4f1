"""Stories: records that are copies of one text, or report the same words, are one story.

Near copies are found by MinHash (rensa) over five-word shingles; text reuse, such as two reports of one
speech, by shared eight-word runs. Thresholds were chosen on ECB+ (`scripts/measure_stories.py`), where they
never merge two different events of one topic; reports of one event in quite different words stay apart.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from tocsin.evidence import content_id
from tocsin.signals.rules.lexicon import fold
from tocsin.signals.signal import Signal
from tocsin.sources.record import Record

WINDOW = timedelta(days=7)
NEAR_COPY = 0.5
"""Estimated Jaccard similarity of five-word shingles from which two texts are near copies."""
RUNS, SHARE = 8, 0.05
"""Text reuse: this many shared eight-word runs, and this share of those of the shorter text."""
_BOILERPLATE = 50
"""A run in more texts than this is a masthead or a disclaimer and is not counted."""
_PERMUTATIONS, _SEED = 128, 42
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Print:
    record: Record
    runs: frozenset[bytes]
    sketch: Any


def group(records: Iterable[Record], known: Iterable[tuple[Record, str]] = ()) -> dict[str, str]:
    """The story id of every record, given the records already grouped (`known`: record and its story).

    Pure and repeatable: a known record keeps its story, a new one joins the earliest known story that it is
    tied to within `WINDOW` of days of publication, else the story is named after the earliest of its records.
    A record without a date may be tied to any.
    """
    earlier = {record.id: (record, story) for record, story in known}
    told = {id: story for id, (_, story) in earlier.items()}
    fresh = {record.id: record for record in records if record.id not in told}
    near = _in_reach([record for record, _ in earlier.values()], list(fresh.values()))
    everyone = sorted([*fresh.values(), *near], key=_age)
    parent = _joined([_print(record) for record in everyone])
    members: dict[str, list[Record]] = defaultdict(list)
    for record in everyone:
        members[_root(parent, record.id)].append(record)
    stories = dict(told)
    for group_ in members.values():
        named = next((told[r.id] for r in group_ if r.id in told), "") or story_id(group_[0])
        stories.update((r.id, told.get(r.id, named)) for r in group_)
    return stories


def _in_reach(known: list[Record], fresh: list[Record]) -> list[Record]:
    """The known records that a new one can be tied to; the others need not be looked at again."""
    dates = [record.published.at for record in fresh if record.published]
    if not fresh or len(dates) < len(fresh):
        return known if fresh else []
    first, last = min(dates) - WINDOW, max(dates) + WINDOW
    return [r for r in known if r.published is None or first <= r.published.at <= last]


def story_id(earliest: Record) -> str:
    """The id of a story, named after its earliest record."""
    return content_id("sty", earliest.id)


def independent_origins(signals: Iterable[Signal]) -> int:
    """How many independent origins stand behind some signals (see `independent`)."""
    return independent((s.story or s.record, s.origin or s.record) for s in signals)


def independent(pairs: Iterable[tuple[str, str]]) -> int:
    """How many (story, origin) pairs can be picked so that no story and no origin is picked twice.

    Ten mirrors of one story raise it by one, and so do ten stories of one origin: the size of a maximum
    matching between stories and origins.
    """
    origins: dict[str, set[str]] = defaultdict(set)
    for story, origin in pairs:
        origins[story].add(origin)
    taken: dict[str, str] = {}
    return sum(_place(story, origins, taken, set()) for story in sorted(origins))


def _place(story: str, origins: Mapping[str, set[str]], taken: dict[str, str], tried: set[str]) -> bool:
    for origin in sorted(origins[story]):
        if origin in tried:
            continue
        tried.add(origin)
        if origin not in taken or _place(taken[origin], origins, taken, tried):
            taken[origin] = story
            return True
    return False


def similar(one: str, other: str) -> bool:
    """Whether two texts are near copies or share enough words in a row."""
    return _tied(_sketch(one), _sketch(other))


def _print(record: Record) -> _Print:
    runs, sketch = _sketch(record.text)
    return _Print(record, runs, sketch)


def _sketch(text: str) -> tuple[frozenset[bytes], Any]:
    from rensa import RMinHash

    words = _WORD.findall(fold(text))
    sketch = RMinHash(_PERMUTATIONS, _SEED)
    sketch.update(list(_shingles(words, 5)))
    runs = frozenset(blake2b(run.encode(), digest_size=8).digest() for run in _shingles(words, 8))
    return runs, sketch


def _shingles(words: list[str], size: int) -> Iterator[str]:
    if words:
        yield from (" ".join(words[n : n + size]) for n in range(max(1, len(words) - size + 1)))


def _tied(one: tuple[frozenset[bytes], Any], other: tuple[frozenset[bytes], Any]) -> bool:
    shared = len(one[0] & other[0])
    if shared >= RUNS and shared >= SHARE * min(len(one[0]), len(other[0])):
        return True
    return shared > 0 and one[1].jaccard(other[1]) >= NEAR_COPY


def _joined(prints: list[_Print]) -> dict[str, str]:
    """Parents in a union-find over all pairs tied and near in time; pairs that share no run are not tried."""
    parent = {p.record.id: p.record.id for p in prints}
    counts = Counter(run for p in prints for run in p.runs)
    holders: dict[bytes, list[_Print]] = defaultdict(list)
    for p in prints:
        near: dict[str, _Print] = {}
        for run in p.runs:
            if 1 < counts[run] <= _BOILERPLATE:
                near.update((other.record.id, other) for other in holders[run])
                holders[run].append(p)
        for other in near.values():
            if _same_days(p.record, other.record) and _tied((p.runs, p.sketch), (other.runs, other.sketch)):
                _union(parent, other.record.id, p.record.id)
    return parent


def _union(parent: dict[str, str], one: str, other: str) -> None:
    parent[_root(parent, other)] = _root(parent, one)


def _root(parent: dict[str, str], id: str) -> str:
    while parent[id] != id:
        parent[id] = parent[parent[id]]
        id = parent[id]
    return id


def _same_days(one: Record, other: Record) -> bool:
    if one.published is None or other.published is None:
        return True
    return abs(one.published.at - other.published.at) <= WINDOW


def _age(record: Record) -> tuple[bool, datetime, str]:
    dated = record.published
    return (dated is None, dated.at if dated else record.recorded, record.id)
