"""The ledger's tables. Facts are append-only: triggers refuse UPDATE and DELETE."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

HEAD = "0006"


class Base(DeclarativeBase):
    """Root of the ledger's models."""

    type_annotation_map: ClassVar = {dict[str, Any]: JSON}


class TurnRow(Base):
    """One finished turn of the watch, with its report. An unfinished turn has no row."""

    __tablename__ = "turns"
    run: Mapped[str] = mapped_column(String(80), primary_key=True)
    replay: Mapped[bool]
    as_of: Mapped[datetime]
    ended: Mapped[datetime]
    generation: Mapped[int]
    body: Mapped[dict[str, Any]]


class SourceRunRow(Base):
    """One reading of one source: what it gave, also when that was nothing."""

    __tablename__ = "source_runs"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    source: Mapped[str] = mapped_column(String(80), index=True)
    started: Mapped[datetime]
    stopped: Mapped[str]
    body: Mapped[dict[str, Any]]


class _Revisions:
    row: Mapped[str] = mapped_column(String(80), primary_key=True)
    id: Mapped[str] = mapped_column(String(80), index=True)
    revision: Mapped[int]
    iso3: Mapped[str] = mapped_column(String(3), index=True)
    state: Mapped[str] = mapped_column(String(20))
    run: Mapped[str] = mapped_column(String(80))
    recorded: Mapped[datetime]
    body: Mapped[dict[str, Any]]


class AlarmRow(_Revisions, Base):
    """One revision of one alarm."""

    __tablename__ = "alarms"
    __table_args__ = (UniqueConstraint("id", "revision"),)


class EngagementRow(_Revisions, Base):
    """One revision of one engagement."""

    __tablename__ = "engagements"
    __table_args__ = (UniqueConstraint("id", "revision"),)
    alarm: Mapped[str] = mapped_column(String(80), index=True)


class UserRow(Base):
    """Someone who signs. A name in the record, not a lock: sign-in comes with the shared server."""

    __tablename__ = "users"
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    role: Mapped[str] = mapped_column(String(80))
    recorded: Mapped[datetime]


class SignatureRow(Base):
    """One yes or no to a proposal."""

    __tablename__ = "signatures"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    alarm: Mapped[str] = mapped_column(String(80), index=True)
    signer: Mapped[str] = mapped_column(ForeignKey("users.name"))
    consents: Mapped[bool]
    reason: Mapped[str]
    at: Mapped[datetime]
    revision: Mapped[int]


class NearMissRow(Base):
    """A rule that nearly fired."""

    __tablename__ = "near_misses"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    run: Mapped[str] = mapped_column(String(80), index=True)
    iso3: Mapped[str] = mapped_column(String(3))
    body: Mapped[dict[str, Any]]


class ReviewRow(Base):
    """A person's verdict on a record (`signal` is empty) or a claim: beside the reading, never over it."""

    __tablename__ = "reviews"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(80), unique=True)
    record: Mapped[str] = mapped_column(String(80), index=True)
    signal: Mapped[str] = mapped_column(String(80), index=True)
    reviewer: Mapped[str] = mapped_column(ForeignKey("users.name"))
    recorded: Mapped[datetime]
    body: Mapped[dict[str, Any]]


class FigureActRow(Base):
    """What a person did to a casualty figure: hold, publish or explain."""

    __tablename__ = "figure_acts"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(80), unique=True)
    figure: Mapped[str] = mapped_column(String(80), index=True)
    by: Mapped[str] = mapped_column(ForeignKey("users.name"))
    recorded: Mapped[datetime]
    body: Mapped[dict[str, Any]]


class SealRow(Base):
    """The hash of what one turn made, chained to the seal before it.

    `body` holds `schema`, `fields` and `leaves` (evidence.sealing); it is empty in seals of schema 0.
    """

    __tablename__ = "seals"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    run: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(40))
    count: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str] = mapped_column(String(64))
    chain: Mapped[str] = mapped_column(String(64), unique=True)
    recorded: Mapped[datetime]
    body: Mapped[dict[str, Any]]


class LogRow(Base):
    """One leaf of the public log (RFC 6962): `seq` counts from 0 without a gap; `body` is the text hashed."""

    __tablename__ = "log"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(40))
    ref: Mapped[str] = mapped_column(String(120), index=True)
    at: Mapped[datetime]
    body: Mapped[str]
    leaf: Mapped[str] = mapped_column(String(64))


class HeadRow(Base):
    """The root of the log at one size, with the timestamp (RFC 3161) that proves when; empty for none.

    `frontier` holds the roots of the complete subtrees, so that appending hashes nothing again.
    """

    __tablename__ = "heads"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int]
    root: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    authority: Mapped[str]
    token: Mapped[bytes]
    frontier: Mapped[str]


class KeyRow(Base):
    """The key behind which the log holds a person's name or typed words. Not append-only: it is erased."""

    __tablename__ = "keys"
    of: Mapped[str] = mapped_column(String(200), primary_key=True)
    key: Mapped[bytes]


class DispatchRow(Base):
    """One message owed to one address: made before it is sent, and never twice."""

    __tablename__ = "dispatches"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    alarm_row: Mapped[str] = mapped_column(String(80), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    recorded: Mapped[datetime]
    body: Mapped[dict[str, Any]]


class AttemptRow(Base):
    """One step of sending a dispatch: begun, and how it ended."""

    __tablename__ = "attempts"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    dispatch: Mapped[str] = mapped_column(ForeignKey("dispatches.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    body: Mapped[dict[str, Any]]
