"""Copies: records that are near copies of one text, or share enough words in a row, whoever published them.

Near copies are found by MinHash (rensa) over five-word shingles, looked up by bands, so that a text copied
ten thousand times is met in one bucket and compared with a few; text reuse, such as two reports of one
speech, by shared eight-word runs. Thresholds were chosen on ECB+ training documents
(`scripts/measure_stories.py`), where they never tie two different events of one topic.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import chain
from typing import Any

from tocsin.evidence import content_id
from tocsin.signals.rules.lexicon import fold
from tocsin.sources.record import Record

WINDOW = timedelta(days=7)
NEAR_COPY = 0.5
"""Estimated Jaccard similarity of five-word shingles from which two texts are near copies."""
RUNS, SHARE = 8, 0.05
"""Text reuse: this many shared eight-word runs, and this share of those of the shorter text."""
_BOILERPLATE = 50
"""A run in more texts than this is a masthead or a disclaimer and is not counted."""
_PERMUTATIONS, _SEED = 128, 42
_BAND = 3
"""Rows of a band: at similarity 0.5 two texts share one of the 42 bands in 99.6 of 100 cases."""
_HEADS = 4
"""With how many texts of a bucket, the first of their groups, a new one is compared."""
_LONGEST = 100_000
"""Characters of a text that are sketched."""
_WORD = re.compile(r"\w+")
Runs = Any
"""The hashes of the eight-word runs of a text: a sorted array of 64-bit numbers, each once."""


@dataclass(frozen=True, slots=True)
class _Print:
    record: Record
    runs: Runs
    sketch: Any


def copies(records: Iterable[Record], known: Iterable[tuple[Record, str]] = ()) -> dict[str, str]:
    """The copy group of every record, given those already grouped (`known`: record and its group).

    Pure and repeatable: a known record keeps its group, a new one joins the earliest known group that it is
    tied to within `WINDOW` of days of publication, else the group is named after the earliest of its records.
    A record without a date may be tied to any.
    """
    earlier = {record.id: (record, told) for record, told in known}
    told = {id: name for id, (_, name) in earlier.items()}
    fresh = {record.id: record for record in records if record.id not in told}
    near = in_reach([record for record, _ in earlier.values()], list(fresh.values()))
    everyone = sorted([*fresh.values(), *near], key=age)
    parent = _joined(everyone)
    members: dict[str, list[Record]] = defaultdict(list)
    for record in everyone:
        members[_root(parent, record.id)].append(record)
    found = dict(told)
    for group in members.values():
        named = next((told[r.id] for r in group if r.id in told), "") or story_id(group[0])
        found.update((r.id, told.get(r.id, named)) for r in group)
    return found


def in_reach(known: list[Record], fresh: list[Record]) -> list[Record]:
    """The known records that a new one can be tied to; the others need not be looked at again."""
    dates = [record.published.at for record in fresh if record.published]
    if not fresh or len(dates) < len(fresh):
        return known if fresh else []
    first, last = min(dates) - WINDOW, max(dates) + WINDOW
    return [r for r in known if r.published is None or first <= r.published.at <= last]


def story_id(earliest: Record) -> str:
    """The id of a story, or of a group of copies, named after its earliest record."""
    return content_id("sty", earliest.id)


def similar(one: str, other: str) -> bool:
    """Whether two texts are near copies or share enough words in a row."""
    return _tied(_sketch(one), _sketch(other))


def same_days(one: Record, other: Record) -> bool:
    """Whether two records were published within `WINDOW` of each other; one without a date may have been."""
    if one.published is None or other.published is None:
        return True
    return abs(one.published.at - other.published.at) <= WINDOW


def age(record: Record) -> tuple[bool, datetime, str]:
    """Sorts the earliest published first, those without a date last."""
    dated = record.published
    return (dated is None, dated.at if dated else record.recorded, record.id)


def _sketch(text: str) -> tuple[Runs, Any]:
    import numpy as np
    from rensa import RMinHash

    words = _WORD.findall(fold(text[:_LONGEST]))
    sketch = RMinHash(_PERMUTATIONS, _SEED)
    sketch.update(list(_shingles(words, 5)))
    runs = b"".join(blake2b(run.encode(), digest_size=8).digest() for run in _shingles(words, 8))
    return np.unique(np.frombuffer(runs, dtype=np.uint64)), sketch


def _shingles(words: list[str], size: int) -> Iterator[str]:
    if words:
        yield from (" ".join(words[n : n + size]) for n in range(max(1, len(words) - size + 1)))


def _tied(one: tuple[Runs, Any], other: tuple[Runs, Any]) -> bool:
    import numpy as np

    shared = np.intersect1d(one[0], other[0], assume_unique=True).size
    if shared >= RUNS and shared >= SHARE * min(len(one[0]), len(other[0])):
        return True
    return shared > 0 and one[1].jaccard(other[1]) >= NEAR_COPY


def _joined(everyone: list[Record]) -> dict[str, str]:
    """Parents in a union-find over records tied and near in time.

    The same text again goes to the one before it within the window; of the rest, only pairs that share a band
    or a run are tried.
    """
    parent = {record.id: record.id for record in everyone}
    last: dict[str, Record] = {}
    prints = []
    for record in everyone:
        before = last.get(record.text)
        last[record.text] = record
        if before is not None and same_days(before, record):
            _union(parent, before.id, record.id)
        else:
            prints.append(_Print(record, *_sketch(record.text)))
    for one, other in chain(_by_band(prints, parent), _by_run(prints, parent)):
        if same_days(one.record, other.record) and _tied((one.runs, one.sketch), (other.runs, other.sketch)):
            _union(parent, one.record.id, other.record.id)
    return parent


def _by_band(prints: list[_Print], parent: dict[str, str]) -> Iterator[tuple[_Print, _Print]]:
    """Pairs that share a band of their sketch; of a full bucket the newest heads stay."""
    buckets: dict[int, list[_Print]] = defaultdict(list)
    for p in prints:
        digest = p.sketch.digest() if p.runs.size else ()
        keys = [hash((n, *digest[n : n + _BAND])) for n in range(0, len(digest) - _BAND + 1, _BAND)]
        tried: set[str] = set()
        for key in keys:
            for other in buckets[key]:
                if other.record.id not in tried and not _same(parent, p, other):
                    tried.add(other.record.id)
                    yield other, p
        for key in keys:
            if not any(_same(parent, p, head) and _fresh(p, head) for head in buckets[key]):
                buckets[key] = [*buckets[key][1 - _HEADS :], p]


def _fresh(one: _Print, head: _Print) -> bool:
    """Whether a head of a bucket is young enough to stand for a newer copy in the half window to come."""
    if one.record.published is None or head.record.published is None:
        return True
    return one.record.published.at - head.record.published.at <= WINDOW / 2


def _by_run(prints: list[_Print], parent: dict[str, str]) -> Iterator[tuple[_Print, _Print]]:
    """Pairs that share a run of words that is not in too many texts."""
    import numpy as np

    if not prints:
        return
    runs, counts = np.unique(np.concatenate([p.runs for p in prints]), return_counts=True)
    telling = np.append(runs[(counts > 1) & (counts <= _BOILERPLATE)], np.uint64(2**64 - 1))
    holders: dict[int, list[_Print]] = defaultdict(list)
    for p in prints:
        near: dict[str, _Print] = {}
        at = np.searchsorted(telling, p.runs)
        for run in p.runs[telling[at] == p.runs].tolist():
            near.update((other.record.id, other) for other in holders[run])
            holders[run].append(p)
        yield from ((other, p) for other in near.values() if not _same(parent, p, other))


def _same(parent: dict[str, str], one: _Print, other: _Print) -> bool:
    return _root(parent, one.record.id) == _root(parent, other.record.id)


def _union(parent: dict[str, str], one: str, other: str) -> None:
    parent[_root(parent, other)] = _root(parent, one)


def _root(parent: dict[str, str], id: str) -> str:
    while parent[id] != id:
        parent[id] = parent[parent[id]]
        id = parent[id]
    return id
