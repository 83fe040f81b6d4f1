"""The log of readings: what each source gave, each time, also when that was nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Select, func, select
from sqlalchemy.orm import Session

from tocsin.evidence import canonical
from tocsin.net import Validators
from tocsin.sources.contract import SourceReport
from tocsin.store import models
from tocsin.store.ledger import utc, writing_session


class SourceLog:
    """Readings of sources, append-only, in the ledger's file."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def add(
        self,
        started: datetime,
        report: SourceReport,
        written: Mapping[str, int],
        validators: Mapping[str, Any],
        cursor: Mapping[str, str],
    ) -> None:
        """Write one step of one source, also an empty or stopped one."""
        told = json.loads(canonical(asdict(report)))
        kept = {address: asdict(v) for address, v in validators.items()}
        body = {**told, "written": dict(written), "validators": kept, "cursor": dict(cursor)}
        row = models.SourceRunRow(
            source=report.source, started=utc(started), stopped=report.stopped, body=body
        )
        with writing_session(self.engine) as session:
            session.add(row)

    def validators(self, source: str) -> dict[str, Validators]:
        """Entity tags and dates that a source's last runs brought, by address, for conditional requests."""
        with Session(self.engine) as session:
            row = models.SourceRunRow
            found: dict[str, Validators] = {}
            for run in session.scalars(select(row).where(row.source == source).order_by(row.seq)):
                found |= {address: Validators(**v) for address, v in run.body["validators"].items()}
            return found

    def cursor(self, source: str) -> dict[str, str]:
        """Where the finished steps of a source ended, in its own words."""
        with Session(self.engine) as session:
            row = models.SourceRunRow
            found: dict[str, str] = {}
            for body in session.scalars(select(row.body).where(row.source == source).order_by(row.seq)):
                found |= body.get("cursor", {})
            return found

    def health(self) -> dict[str, str]:
        """Each source that was ever read, with what was wrong with its last run, or "".

        Wrong is a run that stopped, and one that could not read some of its inputs. A run that brought
        nothing because nothing had changed is well.
        """
        row = models.SourceRunRow
        with Session(self.engine) as session:
            runs = session.scalars(select(row).where(row.seq.in_(_newest())).order_by(row.source))
            return {run.source: run.stopped or _unread(run.body) for run in runs}

    def runs(self, limit: int = 200) -> list[models.SourceRunRow]:
        """The newest readings, and the newest of every source however old; newest first."""
        row = models.SourceRunRow
        with Session(self.engine) as session:
            latest = select(row.seq).order_by(row.seq.desc()).limit(limit)
            wanted = row.seq.in_(latest) | row.seq.in_(_newest())
            return list(session.scalars(select(row).where(wanted).order_by(row.seq.desc())))


def _newest() -> Select[Any]:
    return select(func.max(models.SourceRunRow.seq)).group_by(models.SourceRunRow.source)


def _unread(body: Mapping[str, Any]) -> str:
    """Which inputs of a run could not be read, in a few words; empty when all could."""
    failed = body.get("unreadable") or ()
    if not failed:
        return ""
    tried = f"{len(failed)} of {body['inputs']}" if body.get("inputs") else f"{len(failed)}"
    where, why = failed[0]
    return f"{tried} inputs could not be read: {why if where in why else f'{where}: {why}'}"
