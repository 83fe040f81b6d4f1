"""Seals: what was issued, row by row, in a chain that shows every later change.

A *leaf* is the hash of one row. A *seal* holds the leaves of one batch and the seal before it, so that no row
and no seal can be changed, removed, added or moved without breaking what comes after. What it cannot show:
that the newest seals were cut off, unless somebody outside has kept a later link of the chain.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tocsin.evidence.ids import canonical, sha256

SCHEMA = 1
LEAF = b"\x00"
"""Leaves are hashed apart from all else, with the prefix of RFC 6962, section 2.1."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seal:
    """One seal. `fields` are the columns that were hashed, `leaves` (id, leaf) in the order of the ids.

    `recorded` is UTC text; `previous` is the `chain` of the seal before, empty for the first. `schema` says
    how it was hashed, so that a seal verifies for ever, whatever rows look like later.
    """

    seq: int
    schema: int
    run: str
    kind: str
    count: int
    recorded: str
    fields: tuple[str, ...]
    leaves: tuple[tuple[str, str], ...]
    digest: str
    previous: str
    chain: str


def seal(before: Seal | None, run: str, kind: str, rows: Iterable[Row], recorded: str) -> Seal:
    """Seal a batch of rows after the seal before; each has its own `id`, all have the same columns."""
    seq, previous = (before.seq + 1, before.chain) if before else (1, "")
    batch = sorted(rows, key=lambda row: str(row["id"]))
    fields = tuple(sorted(batch[0])) if batch else ()
    leaves = tuple((str(row["id"]), leaf(kind, row, fields)) for row in batch)
    sealed = digest(leaves)
    link = chained(previous, SCHEMA, run, kind, recorded, sealed)
    return Seal(seq, SCHEMA, run, kind, len(batch), recorded, fields, leaves, sealed, previous, link)


def leaf(kind: str, row: Row, fields: Sequence[str]) -> str:
    """SHA-256 of 0x00 and the canonical JSON of one row: schema, kind, and the named columns."""
    body = {"schema": SCHEMA, "kind": kind, "row": {name: plain(row.get(name)) for name in fields}}
    return hashlib.sha256(LEAF + canonical(body).encode()).hexdigest()


def digest(leaves: Sequence[tuple[str, str]]) -> str:
    """SHA-256 of the leaves, in order: with the leaves of a seal it can be shown that a row is among them."""
    return sha256(canonical([hashed for _, hashed in leaves]).encode())


def chained(previous: str, *body: Any) -> str:
    """The link that binds a seal to the one before it."""
    return sha256(canonical([previous, *body]).encode())


def first_digest(rows: Iterable[Row], fields: Sequence[str]) -> str:
    """The digest of schema 0: whole rows in the order of their ids, without leaves."""
    batch = sorted(rows, key=lambda row: str(row["id"]))
    told = [{name: plain(row.get(name)) for name in fields} for row in batch]
    return sha256(canonical(told).encode())


def chain_faults(seals: Sequence[Seal]) -> list[str]:
    """Every seal that does not follow from itself and the one before it, a line each."""
    faults, previous = [], ""
    for one in seals:
        if one.previous != previous:
            faults.append(f"seal {one.seq} of {one.run} does not follow the seal before it")
        elif one.chain != _link(one) or (one.schema and _digested(one) != (one.count, one.digest)):
            faults.append(f"seal {one.seq} of {one.run} was changed after it was made")
        previous = one.chain
    return faults


def row_faults(one: Seal, rows: Iterable[Row], first_fields: Sequence[str] = ()) -> list[str]:
    """What differs between a seal and the rows it seals: one line, or none.

    `first_fields` are the columns that a seal of schema 0 covers; it cannot say which row differs.
    """
    there = list(rows)
    if one.schema == 0:
        same = len(there) == one.count and first_digest(there, first_fields) == one.digest
        told = f"{one.kind} of {one.run} are not the {one.count} that seal {one.seq} holds"
        return [] if same else [told]
    return leaf_faults(one, [(str(row["id"]), leaf(one.kind, row, one.fields)) for row in there])


def leaf_faults(one: Seal, found: Sequence[tuple[str, str]]) -> list[str]:
    """What differs between a seal and the leaves (id, leaf) of the rows that are there: one line, or none."""
    sealed, kept = dict(one.leaves), dict(found)
    twice = [id for id, n in Counter(id for id, _ in found).items() if n > 1]
    odd = {
        "changed": sorted(id for id in sealed.keys() & kept.keys() if sealed[id] != kept[id]),
        "missing": sorted(sealed.keys() - kept.keys()),
        "added": sorted(kept.keys() - sealed.keys()) + twice,
    }
    told = "; ".join(f"{len(ids)} {how} ({ids[0]})" for how, ids in odd.items() if ids)
    return [f"{one.kind} of {one.run} are not as seal {one.seq} holds them: {told}"] if told else []


def _digested(one: Seal) -> tuple[int, str]:
    return len(one.leaves), digest(one.leaves)


def _link(one: Seal) -> str:
    if one.schema == 0:
        return chained(one.previous, one.run, one.kind, one.digest)
    sealed = digest(one.leaves)
    return chained(one.previous, one.schema, one.run, one.kind, one.recorded, sealed)


def plain(value: Any) -> Any:
    """Times as text without a zone, as the lake keeps them; all else as it is."""
    return value.isoformat() if isinstance(value, datetime | date) else value
