"""The sealed forecasts of a live home with what then happened, for the turn that scores and for readers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from tocsin.clock import as_of_end, today
from tocsin.evaluation.monthly_record import JudgedMonth
from tocsin.evaluation.outcome import Arrival, Outcome, Sealed, Table, arrived, newest_known, standing_of
from tocsin.evaluation.record import Judged, Record, judged, public_record
from tocsin.evidence import sealing
from tocsin.evidence.sealing import Seal
from tocsin.forecasting.panel import load_panel
from tocsin.store.home import Home
from tocsin.store.monthly_record import MonthlyRecord
from tocsin.store.rows import from_row
from tocsin.store.sealing import FIRST_FIELDS, FORECASTS, OUTCOMES, sealed_at
from tocsin.store.turns import Stamp

_COLUMNS = {field.name: f'"{field.name}"' for field in fields(Sealed)}


class ForecastRecord:
    """The record of one live home. Replays have their own folders and never enter it."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def arrived(self, stamp: Stamp, table: Table) -> list[Outcome]:
        """The outcomes that this turn meets first, and its corrections of older ones; not written yet."""
        at = Arrival(stamp.run, stamp.as_of, stamp.recorded)
        seals = self._home.ledger.seals()
        standing = standing_of(self._outcomes(seals))
        asked = self._forecasts(newest_known(table, stamp.as_of))
        return list(arrived(asked, sealed_at(seals, FORECASTS), standing, table, at))

    def judged(self) -> list[Judged]:
        """Every sealed forecast with its verdict."""
        seals = self._home.ledger.seals()
        return judged(
            self._forecasts(as_of_end(today())),
            sealed_at(seals, FORECASTS),
            standing_of(self._outcomes(seals)),
        )

    def judged_months(self) -> list[JudgedMonth]:
        """Every sealed monthly forecast with its verdict."""
        return MonthlyRecord(self._home).judged()

    def public(self, rows: list[Judged], months: list[JudgedMonth], table: Table) -> Record:
        """The public record, misses first. The same home and table give the same record."""
        seals = self._home.ledger.seals()
        corrections = sum(bool(one.replaces) for one in self._outcomes(seals))
        yearly = public_record(rows, seals, corrections, table)
        return replace(yearly, months=MonthlyRecord(self._home).made(months))

    def made(self) -> Record:
        """The public record by the shipped table, made once for each state of the home."""
        seals = self._home.ledger.seals()
        return _made(self._home, self._home.lake.generation().number, seals[-1].chain if seals else "")

    def seals(self) -> list[Seal]:
        """The chain of seals, oldest first."""
        return self._home.ledger.seals()

    def leaves(self) -> Iterator[dict[str, Any]]:
        """Every row that a seal holds, as it was hashed, with the sealed leaf (schema 0 has none).

        What was added since bears an empty leaf; what is missing is found by comparing with the seals.
        """
        seals = {(one.kind, one.run): (one, dict(one.leaves)) for one in self.seals()}
        for kind in sorted({kind for kind, _ in seals}):
            for row in self._home.lake.stored(kind):
                if (kind, row["run"]) in seals:
                    one, hashed = seals[kind, row["run"]]
                    told = {name: sealing.plain(row.get(name)) for name in one.fields or FIRST_FIELDS}
                    yield {"seal": one.seq, "kind": kind, "leaf": hashed.get(row["id"], ""), "row": told}

    def _forecasts(self, until: datetime) -> Iterator[Sealed]:
        for row in self._home.lake.project(FORECASTS, until, _COLUMNS):
            yield from_row(Sealed, row)

    def _outcomes(self, seals: list[Seal]) -> list[Outcome]:
        """Outcomes of finished turns; those of a turn that was killed have no seal and are seen by nobody."""
        runs = {one.run for one in seals if one.kind == OUTCOMES}
        return [from_row(Outcome, row) for row in self._home.lake.stored(OUTCOMES) if row["run"] in runs]


@lru_cache(maxsize=2)
def _made(home: Home, generation: int, head: str) -> Record:
    record = ForecastRecord(home)
    return record.public(record.judged(), record.judged_months(), load_panel())
