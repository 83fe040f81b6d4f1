"""The log in the ledger: what is decided and sealed, each in the transaction that writes it.

Names of people and the words they typed enter as HMACs under keys of the table `keys`: one key a person, so
that two signers can be told apart, and one an entry for its words. With the key gone nobody can say who or
what it was, and the log still verifies.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import Session

from tocsin.clock import now
from tocsin.errors import HomeDamaged
from tocsin.evidence.custody import Entry, Head, Logged, entry, packed, unpacked
from tocsin.evidence.tree import Frontier
from tocsin.store.models import (
    AlarmRow,
    Base,
    EngagementRow,
    HeadRow,
    KeyRow,
    LogRow,
    SealRow,
    SignatureRow,
)

_REVISIONS = ("row", "id", "revision", "iso3", "state", "run", "recorded", "body")
KINDS: dict[str, tuple[type[Base], tuple[str, ...]]] = {
    "alarm": (AlarmRow, _REVISIONS),
    "engagement": (EngagementRow, (*_REVISIONS, "alarm")),
    "seal": (SealRow, ("seq", "run", "kind", "count", "digest", "previous", "chain", "recorded")),
    "signature": (SignatureRow, ("seq", "alarm", "signer", "consents", "reason", "at", "revision")),
}
"""What is logged, and the columns that are: named one by one, so that an older ledger can be read too."""
ERASURE = "erasure"
HANDS = re.compile(r"(rule|alarm) \S+|the expiry date")
"""Who moves an alarm or an engagement without being a person."""
_PEOPLE = ("signer", "moved_by")
_WORDS = {
    "alarm": ("why",),
    "engagement": ("ask", "answer", "outcome", "note"),
    "signature": ("reason",),
    "seal": (),
}
"""Fields that people write by hand."""

Keys = Callable[[str], bytes | None]
Values = Mapping[str, Any]


def append(session: Session, rows: Iterable[Base]) -> None:
    """Log the rows that are of a logged kind, in order, and the head after them; in the same transaction."""
    session.flush()
    kinds = {model: (kind, columns) for kind, (model, columns) in KINDS.items()}
    found = []
    for row in rows:
        if type(row) in kinds:
            kind, columns = kinds[type(row)]
            found.append((kind, {name: getattr(row, name) for name in columns}))
    _write(session.connection(), found, backfilled=False)


def backfill(connection: Connection) -> None:
    """Log what an older ledger holds, by time, kind and number; said to be backfilled."""
    found = [(kind, values) for kind in KINDS for values in stored(connection, kind)]
    found.sort(key=lambda one: (_when(one[1]), one[0], _number(one[1]), _ref(*one)))
    _write(connection, found, backfilled=True)


def add_entries(connection: Connection, made: Sequence[tuple[str, str, Values]], backfilled: bool) -> None:
    """Write entries (kind, ref, row) after those that are there, and the head after them."""
    if not made:
        return
    frontier, last = _standing(connection)
    at = now().replace(tzinfo=None)
    written = []
    for kind, ref, row in made:
        told = Logged(kind, ref, at.isoformat(), row, backfilled)
        one = entry(frontier.size, secrets.token_hex(16), told)
        written.append(
            {"seq": one.seq, "kind": kind, "ref": ref, "at": at, "body": one.body, "leaf": one.leaf}
        )
        frontier.push(bytes.fromhex(one.leaf))
    connection.execute(insert(LogRow), written)
    head = Head(last + 1, frontier.size, frontier.root.hex(), at.isoformat(), frontier=packed(frontier))
    connection.execute(insert(HeadRow), head_values(head) | {"at": at})


def head_values(head: Head) -> dict[str, Any]:
    """The columns of a head; `at` is left to the caller."""
    return {
        "seq": head.seq, "size": head.size, "root": head.root, "authority": head.authority,
        "token": head.token, "frontier": head.frontier,
    }  # fmt: skip


def stored(connection: Connection, kind: str) -> Iterator[dict[str, Any]]:
    """The rows of a logged kind as they lie in the ledger."""
    model, columns = KINDS[kind]
    table = model.__table__
    for row in connection.execute(select(*(table.c[name] for name in columns))):
        yield dict(row._mapping)


def logged(kind: str, values: Values, keys: Keys) -> tuple[str, dict[str, Any]]:
    """The name of a row in the log, and the row as it enters; HMACs whose key is gone are None."""
    row = _row(values)
    ref = _ref(kind, values)
    mover = row.get("signer", row.get("moved_by"))
    by_hand = mover is not None and not (kind != "signature" and HANDS.fullmatch(mover))
    for name in _PEOPLE:
        if by_hand and name in row:
            row[name] = hidden(keys(person(row[name])), row[name])
    for name in _words(kind, by_hand):
        if row[name]:
            row[name] = hidden(keys(ref), f"{name}\0{row[name]}")
    return ref, row


def _words(kind: str, by_hand: bool) -> tuple[str, ...]:
    """The fields of typed words: what a body said before stays in a revision that no person made."""
    if by_hand or kind != "engagement":
        return _WORDS[kind] if by_hand else ()
    return tuple(name for name in _WORDS[kind] if name != "ask")


def hidden(key: bytes | None, text: str) -> dict[str, str | None]:
    """What stands for a text: its HMAC-SHA256 (RFC 2104)."""
    return {"hmac_sha256": hmac.new(key, text.encode(), "sha256").hexdigest() if key else None}


def person(name: str) -> str:
    """What the key of a person is kept under."""
    return f"person:{name}"


def key_of(connection: Connection, of: str) -> bytes | None:
    """A key, if it was not erased."""
    found: bytes | None = connection.execute(select(KeyRow.key).where(KeyRow.of == of)).scalar()
    return found


def entries(connection: Connection) -> Iterator[tuple[Entry, tuple[str, str, str]]]:
    """Every entry with its columns kind, ref and at, in order."""
    table = LogRow.__table__.c
    columns = (table.seq, table.leaf, table.body, table.kind, table.ref, table.at)
    found = connection.execution_options(yield_per=1000).execute(select(*columns).order_by(table.seq))
    for seq, leaf, body, kind, ref, at in found:
        yield Entry(seq, leaf, body), (kind, ref, at.isoformat())


def heads(connection: Connection) -> list[Head]:
    """Every head, in order."""
    found = connection.execute(select(HeadRow.__table__).order_by(HeadRow.seq))
    return [
        Head(h.seq, h.size, h.root, h.at.isoformat(), h.authority, bytes(h.token), h.frontier) for h in found
    ]


def _write(connection: Connection, found: Sequence[tuple[str, Values]], backfilled: bool) -> None:
    def keys(of: str) -> bytes:
        known = key_of(connection, of)
        if known is None:
            known = secrets.token_bytes(32)
            connection.execute(insert(KeyRow), {"of": of, "key": known})
        return known

    made = [(kind, *logged(kind, values, keys)) for kind, values in found]
    add_entries(connection, made, backfilled)


def _standing(connection: Connection) -> tuple[Frontier, int]:
    """The frontier of all entries and the number of the newest head."""
    columns = (HeadRow.seq, HeadRow.size, HeadRow.frontier)
    last = connection.execute(select(*columns).order_by(HeadRow.seq.desc()).limit(1)).first()
    try:
        frontier = unpacked(last.size, last.frontier) if last else Frontier()
    except ValueError as error:
        raise HomeDamaged(f"log: head {last.seq if last else 0} was changed: {error}") from error
    # None unless heads were cut off: then the log goes on, and a check says so.
    bare = select(LogRow.leaf).where(LogRow.seq >= frontier.size).order_by(LogRow.seq)
    for leaf in connection.execute(bare).scalars():
        frontier.push(bytes.fromhex(leaf))
    return frontier, last.seq if last else 0


def _row(values: Values) -> dict[str, Any]:
    """The body of a row, over it the columns that stand beside it; times as text."""
    beside = {name: value for name, value in values.items() if name not in ("row", "body")}
    plain = {
        name: value.isoformat() if name in ("recorded", "at") else value for name, value in beside.items()
    }
    return {**values.get("body", {}), **plain}


def _ref(kind: str, values: Values) -> str:
    return str(values["row"]) if "row" in values else f"{kind}-{values['seq']}"


def _when(values: Values) -> Any:
    return values["recorded"] if "recorded" in values else values["at"]


def _number(values: Values) -> int:
    return int(values["seq"] if "seq" in values else values["revision"])
