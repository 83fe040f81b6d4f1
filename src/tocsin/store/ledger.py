"""The ledger: state that people change, as append-only revisions in SQLite (WAL) or PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, func, inspect, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from tocsin.alarms.alarm import Alarm, NearMiss, Signature
from tocsin.clock import now
from tocsin.errors import HomeError, NewerHome, NotAllowed, UnknownId
from tocsin.evidence import canonical
from tocsin.evidence.sealing import Seal
from tocsin.response.engagement import Engagement
from tocsin.store import log, models
from tocsin.store.rows import from_row, to_row
from tocsin.store.sealing import add_seal, kinds_of, seal_faults, sealed

KNOWN_REVISIONS = ("0001", "0003", "0004", "0005", "0006")


def open_engine(url: str) -> Engine:
    """An engine for the ledger's address; on SQLite in WAL mode, synced at every commit."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _pragmas)
    return engine


def _pragmas(connection: Any, _: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def migrate(engine: Engine, backup: Path | None) -> None:
    """Bring the ledger to this version's schema, after a copy to `backup`. Raises NewerHome."""
    have = _revision(engine)
    _refuse_newer(engine, have)
    if have == models.HEAD:
        return
    from alembic import command
    from alembic.config import Config

    if have is not None and backup is not None:
        with engine.connect() as connection:
            connection.execute(text("VACUUM INTO :to"), {"to": str(backup)})
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _refuse_newer(engine: Engine, have: str | None) -> None:
    if have is not None and have not in KNOWN_REVISIONS:
        raise NewerHome(
            f"{engine.url.database}: ledger revision {have} is newer than this tocsin; update tocsin"
        )


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def behind(engine: Engine) -> bool:
    """Whether the schema is not this version's. Raises NewerHome."""
    have = _revision(engine)
    _refuse_newer(engine, have)
    return have != models.HEAD


@contextmanager
def writing_session(engine: Engine) -> Iterator[Session]:
    """One transaction. Raises NotAllowed when the ledger refuses it, HomeError when it cannot write."""
    with Session(engine) as session:
        try:
            yield session
            session.commit()
        except IntegrityError as e:
            raise NotAllowed(f"refused by the ledger: {e.orig}; it may have changed meanwhile") from e
        except OperationalError as e:
            raise HomeError(f"{engine.url.database}: nothing was written: {e.orig}") from e


class Ledger:
    """Reads and writes of the ledger. Every write is one transaction; a lost race raises NotAllowed."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def add_turn(
        self, turn: models.TurnRow, made: Sequence[Any], seals: Mapping[str, Sequence[Any]], at: datetime
    ) -> None:
        """Write a finished turn at once: its report, alarms, engagements, near misses, seals, and the log."""
        with writing_session(self.engine) as session:
            session.add(turn)
            rows = [_model(noun) for noun in made]
            session.add_all(rows)
            sealed_rows = [add_seal(session, turn.run, kind, nouns, utc(at)) for kind, nouns in seals.items()]
            log.append(session, [*rows, *sealed_rows])

    def add(self, *nouns: Any) -> None:
        """Write and log alarms, signatures, engagements or near misses in one transaction."""
        with writing_session(self.engine) as session:
            rows = [_model(noun) for noun in nouns]
            session.add_all(rows)
            log.append(session, rows)

    def add_user(self, name: str, role: str) -> None:
        """Write someone who may sign. Raises NotAllowed for a name that reads like a part of the machine."""
        if log.HANDS.fullmatch(name.strip()):
            raise NotAllowed(
                f"{name!r} is how the log names what no person moved; give the person's own name"
            )
        with writing_session(self.engine) as session:
            session.add(models.UserRow(name=name, role=role, recorded=utc(now())))

    def users(self) -> list[tuple[str, str]]:
        """Names and roles of those who may sign."""
        with Session(self.engine) as session:
            return [
                (u.name, u.role)
                for u in session.scalars(select(models.UserRow).order_by(models.UserRow.name))
            ]

    def turns(self, limit: int = 1) -> list[models.TurnRow]:
        """The newest finished turns, newest first."""
        with Session(self.engine) as session:
            order = (models.TurnRow.ended.desc(), models.TurnRow.run.desc())
            return list(session.scalars(select(models.TurnRow).order_by(*order).limit(limit)))

    def alarms(self, alarm: str | None = None) -> list[Alarm]:
        """The newest revision of each alarm, or every revision of one (oldest first)."""
        return _nouns(self.engine, models.AlarmRow, Alarm, alarm)

    def in_force(self, on: date) -> list[Alarm]:
        """The issued revision of every alarm that is in force on a day: what may be public."""
        standing = [a for a in self.alarms() if a.in_force and a.in_force_until and a.in_force_until >= on]
        rows = [f"{a.id}.{a.in_force}" for a in standing]
        with Session(self.engine) as session:
            found = session.scalars(select(models.AlarmRow).where(models.AlarmRow.row.in_(rows)))
            return [from_row(Alarm, row.body) for row in found]

    def engagements(self, engagement: str | None = None, alarm: str | None = None) -> list[Engagement]:
        """The newest revision of each engagement (of one alarm), or every revision of one."""
        found: list[Engagement] = _nouns(self.engine, models.EngagementRow, Engagement, engagement)
        return [e for e in found if alarm is None or e.alarm == alarm]

    def signatures(self, alarm: str) -> list[Signature]:
        """Signatures under one alarm, in order."""
        with Session(self.engine) as session:
            row = models.SignatureRow
            found = session.scalars(select(row).where(row.alarm == alarm).order_by(row.seq))
            return [
                Signature(s.alarm, s.signer, s.consents, s.reason, s.at.replace(tzinfo=UTC), s.revision)
                for s in found
            ]

    def near_misses(self, run: str) -> list[NearMiss]:
        """The rules that nearly fired in one turn."""
        with Session(self.engine) as session:
            row = models.NearMissRow
            return [from_row(NearMiss, n.body) for n in session.scalars(select(row).where(row.run == run))]

    def check(self) -> list[str]:
        """Every fault of the ledger in words: the file's own check and the chain of seals."""
        faults = []
        with Session(self.engine) as session:
            if self.engine.dialect.name == "sqlite":
                verdict = session.execute(text("PRAGMA integrity_check")).scalars().all()
                faults += [f"ledger: {v}" for v in verdict if v != "ok"]
        return [*faults, *seal_faults(self.seals(), self.expected())]

    def expected(self) -> list[tuple[str, str]]:
        """The seals that must be there, as run and kind: by every finished turn, in the order they ended."""
        with Session(self.engine) as session:
            order = (models.TurnRow.ended, models.TurnRow.run)
            turns = session.execute(select(models.TurnRow.run, models.TurnRow.body).order_by(*order)).all()
        return [(run, kind) for run, body in turns for kind in kinds_of(body)]

    def seals(self) -> list[Seal]:
        """Every seal, oldest first."""
        with Session(self.engine) as session:
            rows = session.scalars(select(models.SealRow).order_by(models.SealRow.seq))
            return [sealed(row) for row in rows]


def _nouns(engine: Engine, row: Any, noun: type, one: str | None) -> list[Any]:
    with Session(engine) as session:
        if one is not None:
            found = session.scalars(select(row).where(row.id == one).order_by(row.revision)).all()
            if not found:
                raise UnknownId(noun.__name__.lower(), one, session.scalars(select(row.id).distinct()))
        else:
            newest = select(row.id, func.max(row.revision).label("top")).group_by(row.id).subquery()
            joined = (row.id == newest.c.id) & (row.revision == newest.c.top)
            found = session.scalars(
                select(row).join(newest, joined).order_by(row.recorded.desc(), row.id)
            ).all()
        return [from_row(noun, r.body) for r in found]


def _model(noun: Any) -> models.Base:
    if isinstance(noun, Signature):
        return models.SignatureRow(
            alarm=noun.alarm, signer=noun.signer, consents=noun.consents, reason=noun.reason, at=utc(noun.at),
            revision=noun.revision,
        )  # fmt: skip
    if isinstance(noun, NearMiss):
        return models.NearMissRow(run=noun.run, iso3=noun.iso3, body=_body(noun))
    common = {
        "row": noun.row, "id": noun.id, "revision": noun.revision, "iso3": noun.iso3,
        "state": noun.state.value,
        "run": noun.run, "recorded": utc(noun.recorded), "body": _body(noun),
    }  # fmt: skip
    if isinstance(noun, Alarm):
        return models.AlarmRow(**common)
    return models.EngagementRow(alarm=noun.alarm, **common)


def _body(noun: Any) -> dict[str, Any]:
    row: dict[str, Any] = json.loads(canonical(to_row(noun)))
    return row


def utc(at: datetime) -> datetime:
    """The instant in UTC without a zone, as the ledger keeps it."""
    return at.astimezone(UTC).replace(tzinfo=None)
