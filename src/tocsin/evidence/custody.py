"""The log of what was decided and sealed: entries under a Merkle tree, and what is wrong with a copy of it.

The text of an entry is hashed as it stands. It says its own place, so that no entry can take another's. A
*head* is the root at one size; every writing ends with one. What the log cannot show: that its end was cut
together with the heads, unless a head was timestamped or is kept elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from tocsin.evidence.ids import canonical, sha256
from tocsin.evidence.tree import Frontier, leaf_hash

SCHEMA = 1
TIMESTAMP = "timestamp"
"""The kind of entry that says which timestamp a head was given: part of an answer is signed by nobody."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One leaf: `seq` counts from 0, `leaf` is its hash in hexadecimal, `body` the text; None if withheld."""

    seq: int
    leaf: str
    body: str | None

    def told(self) -> dict[str, Any]:
        """What the text says; nothing when it is withheld or is no JSON object."""
        try:
            found = json.loads(self.body or "")
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Head:
    """The root (hexadecimal) of the first `size` entries; `seq` counts from 1.

    Without a timestamp `at` is that of the last entry. With one (`token`, the answer of RFC 3161 in DER) it
    is the time that the `authority` gives. `frontier` is needed to append; copies have none.
    """

    seq: int
    size: int
    root: str
    at: str
    authority: str = ""
    token: bytes = b""
    frontier: str | None = None

    @property
    def stamped(self) -> dict[str, Any]:
        """What the log says of the timestamp."""
        row = {"head": self.seq, "size": self.size, "root": self.root}
        return row | {"authority": self.authority, "sha256": sha256(self.token)}

    @property
    def message(self) -> bytes:
        """The bytes that an authority timestamps."""
        return canonical({"authority": self.authority, "root": self.root, "size": self.size}).encode()


@dataclass(frozen=True, slots=True)
class Logged:
    """What an entry is about: its kind, the name of its row, when it was logged (UTC), and the row."""

    kind: str
    ref: str
    at: str
    row: Mapping[str, Any]
    backfilled: bool = False


def entry(seq: int, salt: str, logged: Logged) -> Entry:
    """The entry at a place. The salt keeps the text of a withheld entry from being guessed by its hash."""
    told = {"schema": SCHEMA, "seq": seq, "salt": salt, "kind": logged.kind, "ref": logged.ref}
    told |= {"at": logged.at, "row": dict(logged.row)} | ({"backfilled": True} if logged.backfilled else {})
    body = canonical(told)
    return Entry(seq, leaf_hash(body.encode()).hex(), body)


def packed(frontier: Frontier) -> str:
    """A frontier as text."""
    return ",".join(h.hex() for h in frontier.hashes)


def unpacked(size: int, text: str) -> Frontier:
    """The frontier of a head. Raises ValueError for text that is none of that size."""
    return Frontier(size, [bytes.fromhex(h) for h in text.split(",") if h])


def log_faults(log: Log, heads: Sequence[Head]) -> list[str]:
    """Whatever does not fit in a log, a line each: its entries, and its heads in the order they lie in."""
    return [*log.faults, *_gaps(log), *_head_faults(log, heads)]


class Log:
    """The leaves of a log by place, as its entries lie, and the faults of the entries by themselves."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.faults: list[str] = []
        self.leaves: dict[int, bytes] = {}
        self.times: dict[int, str] = {}
        self.tokens: dict[int, str] = {}
        self.withheld = 0
        self._due = 0
        for one in entries:
            self.faults += self._read(one)

    @property
    def whole(self) -> list[bytes]:
        """The leaves before the first gap."""
        return [self.leaves[n] for n in range(self.unbroken)]

    @property
    def unbroken(self) -> int:
        """How many entries there are before the first gap."""
        return next((n for n in range(len(self.leaves)) if n not in self.leaves), len(self.leaves))

    def _read(self, one: Entry) -> Iterator[str]:
        if one.seq < self._due:
            how = "comes twice" if one.seq in self.leaves else "is out of its place"
            yield f"entry {one.seq} {how}"
        self._due = max(self._due, one.seq + 1)
        self.leaves.setdefault(one.seq, _bytes(one.leaf))
        if one.body is None:
            self.withheld += 1
        elif leaf_hash(one.body.encode("utf-8", "surrogatepass")).hex() != one.leaf:
            yield f"entry {one.seq}{_named(one)} was changed: its text does not give its hash"
        elif (told := one.told()).get("seq") != one.seq:
            yield f"entry {one.seq} holds the text of another ({told.get('seq')}{_named(one)})"
        else:
            self.times[one.seq] = str(told.get("at"))
            self._remember(told.get("kind"), told.get("row"))

    def _remember(self, kind: Any, row: Any) -> None:
        if kind == TIMESTAMP and isinstance(row, dict) and type(row.get("head")) is int:
            self.tokens[row["head"]] = str(row.get("sha256"))


def _named(one: Entry) -> str:
    """The name of what an entry logs, where its text still says one."""
    ref = one.told().get("ref")
    return f" ({ref})" if isinstance(ref, str) else ""


def _bytes(text: str) -> bytes:
    """A hash of hexadecimal text; what is none hashes to nothing that fits."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _gaps(log: Log) -> Iterator[str]:
    due = 0
    for seq in sorted(log.leaves):
        if seq > due:
            yield f"{_span(due, seq - 1)} missing"
        due = seq + 1


def _span(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"


def _head_faults(log: Log, heads: Sequence[Head]) -> Iterator[str]:
    there, count = log.unbroken, len(log.leaves)
    yield from _sequence(heads)
    tops = accumulate((head.size for head in heads), max)
    rising = [head for head, top in zip(heads, tops, strict=True) if head.size == top]
    yield from _roots(log, [head for head in rising if head.size <= there])
    yield from _tokens(log, heads)
    top = heads[-1].size if heads else 0
    if top > count == there:
        yield f"{_span(count, top - 1)} missing at the end: the newest head counts {top}"
    if top < count == there:
        yield f"{_span(top, count - 1)} under no head: the newest heads are missing"


def _sequence(heads: Sequence[Head]) -> Iterator[str]:
    due, size = 1, 0
    for head in heads:
        if head.seq != due:
            yield f"head {due} is missing: head {head.seq} stands in its place"
        if head.size < size:
            yield f"head {head.seq} counts {head.size} entries, the one before it {size}"
        if bool(head.authority) != bool(head.token):
            yield f"head {head.seq} names an authority without its timestamp, or the other way round"
        due, size = head.seq + 1, head.size


def _tokens(log: Log, heads: Sequence[Head]) -> Iterator[str]:
    found = {head.seq: sha256(head.token) for head in heads if head.token}
    for seq in sorted(found.keys() | log.tokens.keys()):
        if found.get(seq) != log.tokens.get(seq):
            yield f"the timestamp of head {seq} is not the one that was logged"


def _roots(log: Log, heads: Sequence[Head]) -> Iterator[str]:
    """Heads whose root is not that of the entries; all of those after the last that fits in one line."""
    frontier, leaves = Frontier(), log.whole
    fits: list[bool] = []
    for head in heads:
        for leaf in leaves[frontier.size : head.size]:
            frontier.push(leaf)
        fits.append(frontier.root.hex() == head.root)
        if fits[-1] and head.frontier not in (None, packed(frontier)):
            yield f"head {head.seq} was changed: its frontier is not that of its entries"
        if fits[-1] and not head.token and head.at != log.times.get(head.size - 1, head.at):
            yield f"head {head.seq} was changed: its time is not that of its last entry"
    last = len(fits) - 1 - fits[::-1].index(True) if True in fits else -1
    yield from (
        f"head {head.seq} was changed: its entries give another root"
        for head, fit in zip(heads[: max(last, 0)], fits, strict=False)
        if not fit
    )
    if rest := heads[last + 1 :]:
        yield _unfollowed(rest, heads[last].size if last >= 0 else 0)


def _unfollowed(heads: Sequence[Head], known: int) -> str:
    first, last = heads[0], heads[-1]
    which = f"head {first.seq} does" if first is last else f"heads {first.seq} to {last.seq} do"
    among = _span(known, first.size - 1).rpartition(" ")[0] if first.size > known else "an entry"
    return f"{which} not follow: {among} or what the head says was changed, removed or moved"


def grown_faults(earlier: tuple[Log, Sequence[Head]], now: tuple[Log, Sequence[Head]]) -> list[str]:
    """Where a log is not an earlier copy of itself with more at its end, a line each."""
    (old, old_heads), (new, heads) = earlier, now
    odd = [n for n, leaf in sorted(old.leaves.items()) if n in new.leaves and new.leaves[n] != leaf]
    gone = [n for n in sorted(old.leaves) if n not in new.leaves]
    found = []
    if odd:
        more = f" (and {len(odd) - 1} after it)" if odd[1:] else ""
        found.append(f"entry {odd[0]}{more} is not what the earlier copy holds")
    if gone:
        more = f" (and {len(gone) - 1} more)" if gone[1:] else ""
        found.append(f"entry {gone[0]}{more} of the earlier copy is missing")
    there = {head.seq: _kept(head) for head in heads}
    return found + [
        f"head {head.seq} is not what the earlier copy holds"
        for head in old_heads
        if there.get(head.seq) != _kept(head)
    ]


def _kept(head: Head) -> tuple[int, str, str, str, bytes]:
    return head.size, head.root, head.at, head.authority, head.token
