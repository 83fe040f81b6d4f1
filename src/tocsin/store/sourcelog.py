"""The log of readings: what each source gave, each time, also when that was nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
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
    ) -> None:
        """Write one reading of one source, also an empty or stopped one."""
        told = json.loads(canonical(asdict(report)))
        kept = {address: asdict(v) for address, v in validators.items()}
        body = {**told, "written": dict(written), "validators": kept}
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

    def health(self) -> dict[str, str]:
        """Each source that was ever read, with the reason its last run stopped, or ""."""
        return {run.source: run.stopped for run in reversed(self.runs(1000))}

    def runs(self, limit: int = 200) -> list[models.SourceRunRow]:
        """Readings of sources, newest first."""
        with Session(self.engine) as session:
            return list(
                session.scalars(
                    select(models.SourceRunRow).order_by(models.SourceRunRow.seq.desc()).limit(limit)
                )
            )
