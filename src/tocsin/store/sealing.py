"""Seals in the ledger, and the rows of the lake that they seal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
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
FORECASTS, OUTCOMES, MONTH_OUTCOMES = "forecasts", "outcomes", "monthly_outcomes"
MONTHS = ("monthly", "parts")
"""The monthly forecasts by country, and those of areas, cells and situations."""


def add_seal(session: Session, run: str, kind: str, nouns: Iterable[Any], at: datetime) -> SealRow:
    """Seal what a turn made of one kind; `at` is UTC without a zone. Whoever adds it logs it too."""
    last = session.scalars(select(SealRow).order_by(SealRow.seq.desc()).limit(1)).first()
    before = sealed(last) if last else None
    one = sealing.seal(before, run, kind, [to_row(noun) for noun in nouns], at.isoformat())
    body = {"schema": one.schema, "fields": list(one.fields), "leaves": [list(leaf) for leaf in one.leaves]}
    row = SealRow(
        run=run, kind=kind, count=one.count, digest=one.digest, previous=one.previous, chain=one.chain,
        recorded=at, body=body,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


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
    """What a turn with this report has sealed: forecasts, outcomes that had arrived, new months, theirs."""
    arrived = (OUTCOMES,) if report.get("outcomes") else ()
    months = MONTHS if report.get("months", {}).get("new") else ()
    then = (MONTH_OUTCOMES,) if report.get("month_outcomes", {}).get("new") else ()
    return (FORECASTS, *arrived, *months, *then)


def sealed_at(seals: Iterable[Seal], kind: str) -> dict[str, datetime]:
    """When the rows of one kind were sealed, by run."""
    return {
        one.run: datetime.fromisoformat(one.recorded).replace(tzinfo=UTC) for one in seals if one.kind == kind
    }


def seal_faults(seals: Sequence[Seal], expected: Iterable[tuple[str, str]]) -> list[str]:
    """Breaks of the chain, and finished turns of which a seal (run, kind) is missing, a line each."""
    there = {(one.run, one.kind) for one in seals}
    bare = [
        f"the seal of the {kind} of {run} is missing" for run, kind in expected if (run, kind) not in there
    ]
    return [f"ledger: {fault}" for fault in [*sealing.chain_faults(seals), *bare]]


def lake_faults(lake: Lake, seals: Sequence[Seal]) -> Iterator[str]:
    """Every seal whose rows in the lake are not those that were sealed, a line each. Reads each row once."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {(s.kind, s.run): [] for s in seals if s.schema}
    fields = {(one.kind, one.run): one.fields for one in seals}
    for kind in sorted({kind for kind, _ in found}):
        for row in lake.stored(kind):
            batch = (kind, row["run"])
            if batch in found:
                found[batch].append((row["id"], sealing.leaf(kind, row, fields[batch])))
    for one in seals:
        if one.schema:
            faults = sealing.leaf_faults(one, found[one.kind, one.run])
        else:
            faults = sealing.row_faults(one, lake.stored(one.kind, {"run": one.run}), FIRST_FIELDS)
        yield from (f"lake: the {fault}" for fault in faults)
