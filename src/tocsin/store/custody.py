"""Custody of the log of a home: verified against the rows it logs, copied, proved, timestamped, erased."""

from __future__ import annotations

from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select

from tocsin.errors import HomeDamaged, NotAllowed, UnknownId
from tocsin.evidence import canonical, sha256
from tocsin.evidence.custody import TIMESTAMP, Entry, Head, Log
from tocsin.evidence.log_copy import write_copy
from tocsin.evidence.timestamps import trusted
from tocsin.evidence.tree import consistency_proof, inclusion_proof, root
from tocsin.evidence.verified import Verified, verified
from tocsin.store import log
from tocsin.store.lock import writing
from tocsin.store.models import HeadRow, KeyRow, LogRow

HIDDEN = "hmac_sha256"
ENDED = ("cancelled", "closed", "expired")
ISSUED = ("issued", "updated")


class Custody:
    """The log of one ledger; what writes holds the writer's lock."""

    def __init__(self, engine: Engine, lock: Path) -> None:
        self._engine, self._lock = engine, lock

    def verified(self) -> Verified:
        """The log and its heads by themselves, by their timestamps, and against the rows that they log."""
        with _reading(self._engine) as connection:
            rows = _Rows(_erased(connection))
            read = Log(rows.seen(log.entries(connection)))
            faults = list(rows.faults(connection, read))
            found = verified(read, log.heads(connection), trusted())
        return replace(found, faults=(*found.faults, *faults))

    def export(self, folder: Path, public: bool) -> int:
        """Copy the log into a new folder; gives the number of its entries.

        With `public` the text of what was never issued is withheld: its hash stays, so the copy verifies.
        Raises NotAllowed for a folder that holds something.
        """
        with _reading(self._engine) as connection:
            told = _issued(connection) if public else {}
            heads = [replace(head, frontier=None) for head in log.heads(connection)]
            made = (one for one, _ in log.entries(connection))
            write_copy(folder, (_withheld(one, told) for one in made) if public else made, heads)
        return heads[-1].size if heads else 0

    def proof(self, ref: str) -> dict[str, Any]:
        """What shows an entry to be in the log: under the first timestamped head over it, or the newest.

        Raises UnknownId for what is not logged.
        """
        with _reading(self._engine) as connection:
            leaves, heads = _leaves(connection), log.heads(connection)
            columns = (LogRow.seq, LogRow.leaf, LogRow.body)
            found = connection.execute(select(*columns).where(LogRow.ref == ref)).first()
            if found is None:
                raise UnknownId("entry of the log", ref, connection.execute(select(LogRow.ref)).scalars())
        over = [head for head in heads if head.size > found.seq]
        if not over:
            raise HomeDamaged(f"{ref} stands under no head; run: tocsin custody verify")
        head = next((head for head in over if head.token), over[-1])
        path = inclusion_proof(leaves[: head.size], found.seq)
        entry = {"seq": found.seq, "leaf": found.leaf, "body": found.body}
        return {"entry": entry, "head": _told(head), "path": [step.hex() for step in path]}

    def head(self, since: int | None) -> dict[str, Any]:
        """The newest head; with `since` what shows that the log of so many entries is its beginning.

        Raises NotAllowed when the log is empty or shorter.
        """
        newest = self.newest()
        if since is None:
            return {"head": _told(newest)}
        if not 0 <= since <= newest.size:
            raise NotAllowed(f"the log holds {newest.size} entries; give a number up to that, not {since}")
        with _reading(self._engine) as connection:
            leaves = _leaves(connection)[: newest.size]
        before = {"size": since, "root": root(leaves[:since]).hex()}
        path = [step.hex() for step in consistency_proof(leaves, since)]
        return {"head": _told(newest), "since": before, "path": path}

    def newest(self) -> Head:
        """The newest head. Raises NotAllowed when nothing was logged yet."""
        with _reading(self._engine) as connection:
            heads = log.heads(connection)
        if not heads:
            raise NotAllowed("the log is empty: there is no head yet")
        return heads[-1]

    def keep(self, stamped: Head) -> None:
        """Keep a head with its timestamp, after the newest one of the same size, and log that.

        Raises NotAllowed when the log has grown since: ask for a timestamp again.
        """
        with writing(self._lock, "keeping a timestamp"):
            newest = self.newest()
            if (newest.size, newest.root) != (stamped.size, stamped.root):
                raise NotAllowed("the log has grown meanwhile; ask for the timestamp again")
            kept = replace(stamped, seq=newest.seq + 1)
            values = log.head_values(kept) | {"at": datetime.fromisoformat(kept.at)}
            with self._engine.begin() as connection:
                connection.execute(insert(HeadRow), values)
                made = (TIMESTAMP, f"{TIMESTAMP}-{kept.seq}", kept.stamped)
                log.add_entries(connection, [made], backfilled=False)

    def erase(self, of: str) -> None:
        """Destroy the key of a person (`log.person`) or of the words of an entry; a tombstone says so.

        Raises UnknownId when there is no such key. Copies of the home made before still hold it.
        """
        lite = self._engine.dialect.name == "sqlite"
        with writing(self._lock, "erasing a key"), self._engine.connect() as connection:
            if lite:
                connection.exec_driver_sql("PRAGMA secure_delete=ON")
            _erase(connection, of)
            connection.commit()
            if lite:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _erase(connection: Connection, of: str) -> None:
    key = log.key_of(connection, of)
    if key is None:
        raise UnknownId("key of the log", of, connection.execute(select(KeyRow.of)).scalars())
    name = of.removeprefix("person:")
    gone = of if name == of else str(log.hidden(key, name)[HIDDEN])
    connection.execute(delete(KeyRow).where(KeyRow.of == of))
    log.add_entries(connection, [(log.ERASURE, f"{log.ERASURE}-{gone}", {"of": gone})], backfilled=False)


@contextmanager
def _reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the ledger as it stands now, whatever is written meanwhile."""
    lite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if lite:
            # The driver begins a transaction only before it writes.
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


@dataclass
class _Rows:
    """Whether each entry says what the row it logs says. `erased` are names and entries whose key is gone."""

    erased: frozenset[str]
    entry: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    blank: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    odd: list[str] = field(default_factory=list)

    def seen(self, found: Iterable[tuple[Entry, tuple[str, str, str]]]) -> Iterator[Entry]:
        """The entries as they come, each remembered by what it says."""
        for one, columns in found:
            told = one.told()
            key = (kind, ref) = str(told.get("kind")), str(told.get("ref"))
            if (kind, ref, told.get("at")) != columns:
                self.odd.append(f"entry {one.seq} ({columns[1]}) was changed: its columns are not its text's")
            if key in self.entry:
                self.odd.append(f"entry {one.seq} logs {ref} a second time")
            row = told.get("row")
            if kind in log.KINDS and isinstance(row, dict):
                self.blank[key] |= {name for name, value in row.items() if self._gone(ref, value)}
                self.entry[key] = one.seq, self._digest(key, row)
            yield one

    def faults(self, connection: Connection, read: Log) -> Iterator[str]:
        """Every difference between the entries whose text stands and the rows, a line each."""
        yield from self.odd
        unmet = dict(self.entry)
        keys = {of: key for of, key in connection.execute(select(KeyRow.of, KeyRow.key))}
        for kind in log.KINDS:
            for values in log.stored(connection, kind):
                ref, row = log.logged(kind, values, keys.get)
                seq, digest = unmet.pop((kind, ref), (-1, ""))
                if seq < 0:
                    yield f"{kind} {ref} has no entry in the log"
                elif seq in read.times and digest != self._digest((kind, ref), row):
                    yield f"entry {seq} ({ref}) differs from the row that it logs"
        for (_, ref), (seq, _) in unmet.items():
            if seq in read.times:
                yield f"entry {seq} ({ref}) logs a row that is not there"

    def _gone(self, ref: str, value: Any) -> bool:
        return isinstance(value, dict) and HIDDEN in value and bool({ref, value[HIDDEN]} & self.erased)

    def _digest(self, key: tuple[str, str], row: Mapping[str, Any]) -> str:
        """The hash of a row, without the fields of which nobody can say any more what they were."""
        return sha256(canonical({n: v for n, v in row.items() if n not in self.blank.get(key, ())}).encode())


def _erased(connection: Connection) -> frozenset[str]:
    found = connection.execute(select(LogRow.body).where(LogRow.kind == log.ERASURE)).scalars()
    rows = (Entry(0, "", body).told().get("row") for body in found)
    return frozenset(str(row["of"]) for row in rows if isinstance(row, dict) and "of" in row)


def _leaves(connection: Connection) -> list[bytes]:
    found = connection.execute(select(LogRow.leaf).order_by(LogRow.seq)).scalars()
    return [bytes.fromhex(leaf) for leaf in found]


def _told(head: Head) -> dict[str, Any]:
    token = b64encode(head.token).decode()
    told = {"size": head.size, "root": head.root, "at": head.at}
    return told | {"authority": head.authority, "token": token}


def _issued(connection: Connection) -> dict[str, list[int]]:
    """The revisions under which each alarm was issued."""
    found: dict[str, list[int]] = defaultdict(list)
    for values in log.stored(connection, "alarm"):
        if values["state"] in ISSUED:
            found[values["id"]].append(values["revision"])
    return found


def _withheld(one: Entry, issued: Mapping[str, Sequence[int]]) -> Entry:
    """The entry without its text where that is of a proposal which was not issued.

    A proposal, and who signed it, may be read once a later revision was issued; what ends an alarm, once an
    earlier one was.
    """
    told = one.told()
    row = told.get("row", {})
    if told.get("kind") not in ("alarm", "signature"):
        return one
    among = issued.get(row.get("id", row.get("alarm")), ())
    revision = row["revision"]
    ended = row.get("state") in ENDED and any(r < revision for r in among)
    return one if ended or any(r >= revision for r in among) else replace(one, body=None)
