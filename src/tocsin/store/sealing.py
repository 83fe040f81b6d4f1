"""Seals in the ledger, and the rows of the lake that they seal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.evidence import sealing
from tocsin.evidence.sealing import Seal
from tocsin.store.lake import Lake
from tocsin.store.models import SealRow
from tocsin.store.rows import to_row

FIRST_FIELDS = (
    "id", "run", "outcome", "iso3", "as_of", "horizon_months", "window", "probability", "low", "high",
    "base_rate", "rank", "of", "baselines", "reasons", "features_known", "missing", "vintage", "manifest",
    "recorded",
)  # fmt: skip
"""The columns of a forecast when seals were of schema 0; later seals name theirs."""
FORECASTS, OUTCOMES = "forecasts", "outcomes"


def add_seal(session: Session, run: str, kind: str, nouns: Iterable[Any], at: datetime) -> None:
    """Seal what a turn made of one kind; `at` is UTC without a zone."""
    last = session.scalars(select(SealRow).order_by(SealRow.seq.desc()).limit(1)).first()
    before = sealed(last) if last else None
    one = sealing.seal(before, run, kind, [to_row(noun) for noun in nouns], at.isoformat())
    body = {"schema": one.schema, "fields": list(one.fields), "leaves": [list(leaf) for leaf in one.leaves]}
    session.add(
        SealRow(
            run=run, kind=kind, count=one.count, digest=one.digest, previous=one.previous, chain=one.chain,
            recorded=at, body=body,
        )
    )  # fmt: skip
    session.flush()


def sealed(row: SealRow) -> Seal:
    """The seal of a row of the ledger."""
    return Seal(
        seq=row.seq,
        schema=int(row.body.get("schema", 0)),
        run=row.run,
        kind=row.kind,
        count=row.count,
        recorded=row.recorded.isoformat(),
        fields=tuple(row.body.get("fields", ())),
        leaves=tuple((str(id), str(leaf)) for id, leaf in row.body.get("leaves", ())),
        digest=row.digest,
        previous=row.previous,
        chain=row.chain,
    )


def kinds_of(report: Mapping[str, Any]) -> tuple[str, ...]:
    """What a turn with this report has sealed: its forecasts, and outcomes where any had arrived."""
    return (FORECASTS, OUTCOMES) if report.get("outcomes") else (FORECASTS,)


def seal_faults(seals: Sequence[Seal], expected: Iterable[tuple[str, str]]) -> list[str]:
    """Breaks of the chain, and finished turns of which a seal (run, kind) is missing, a line each."""
    there = {(one.run, one.kind) for one in seals}
    bare = [
        f"the seal of the {kind} of {run} is missing" for run, kind in expected if (run, kind) not in there
    ]
    return [f"ledger: {fault}" for fault in [*sealing.chain_faults(seals), *bare]]


def lake_faults(lake: Lake, seals: Iterable[Seal]) -> Iterable[str]:
    """Every seal whose rows in the lake are not those that were sealed, a line each."""
    for one in seals:
        rows = lake.stored(one.kind, {"run": one.run})
        yield from (f"lake: the {fault}" for fault in sealing.row_faults(one, rows, FIRST_FIELDS))
