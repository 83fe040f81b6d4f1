"""The sealed monthly forecasts of a live home with what then happened, for scoring turns and for readers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from tocsin.clock import Period, Precision, as_of_end, today
from tocsin.evaluation.monthly_outcome import (
    Observations,
    SealedMonth,
    Stands,
    months_arrived,
    months_standing,
    newest_month_end,
    state_of,
)
from tocsin.evaluation.monthly_record import (
    LEVEL,
    Issued,
    JudgedMonth,
    MonthRecord,
    month_record,
    months_judged,
    scored,
)
from tocsin.evaluation.outcome import Arrival
from tocsin.forecasting.events import KnownEvents
from tocsin.store.home import Home
from tocsin.store.sealing import MONTH_OUTCOMES, MONTHS, sealed_at
from tocsin.store.turns import MonthsScored, Stamp

MONTHLY = MONTHS[0]
_ASKED = {
    **{name: f'"{name}"' for name in ("id", "run", "iso3", "as_of", "horizon")},
    **{name: f"json_extract_string(\"window\", '$.{name}')" for name in ("start", "end")},
    "chance": f"CAST(json_extract(p_ge, '$.\"{LEVEL}\"') AS DOUBLE)",
}
_ISSUED = {name: f'"{name}"' for name in ("id", "p_ge", "baselines")}
_STANDS = ("id", "run", "forecast", "as_of", "deaths", "dataset", "recorded", "replaces")


class MonthlyRecord:
    """The record of months of one live home. Replays have their own folders and never enter it."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def arrived(self, stamp: Stamp, known: KnownEvents) -> MonthsScored:
        """The outcomes that this turn meets first, and its corrections of older ones; not written yet.

        Nothing is read again while the events that count are those of the turn before, in the same month.
        """
        state = state_of(known)
        if not known.coverage.iso3 or state == self._scored_before():
            return MonthsScored(state)
        asked = self._forecasts(min(newest_month_end(known), stamp.as_of))
        found = months_arrived(
            asked,
            sealed_at(self._home.ledger.seals(), MONTHLY),
            months_standing(self._outcomes()),
            Observations(known),
            Arrival(stamp.run, stamp.as_of, stamp.recorded),
        )
        return MonthsScored(state, tuple(found))

    def judged(self) -> list[JudgedMonth]:
        """Every sealed monthly forecast with its verdict."""
        sealed = sealed_at(self._home.ledger.seals(), MONTHLY)
        return months_judged(self._forecasts(as_of_end(today())), sealed, months_standing(self._outcomes()))

    def made(self, rows: list[JudgedMonth]) -> MonthRecord:
        """The record of months, misses first. The same home gives the same record."""
        corrections = sum(bool(one.replaces) for one in self._outcomes())
        return month_record(rows, self._issued({r.forecast.id for r in rows if scored(r)}), corrections)

    def _scored_before(self) -> str:
        """The state of the events at which the newest finished turn looked for outcomes; "" when none did."""
        newest = self._home.ledger.turns(limit=1)
        return str(newest[0].body.get("month_outcomes", {}).get("state", "")) if newest else ""

    def _forecasts(self, until: datetime) -> Iterator[SealedMonth]:
        for row in self._home.lake.project(MONTHLY, until, _ASKED):
            yield SealedMonth(
                row["id"],
                row["run"],
                row["iso3"],
                row["as_of"].replace(tzinfo=UTC),
                row["horizon"],
                _window(row["start"], row["end"]),
                row["chance"],
            )

    def _outcomes(self) -> list[Stands]:
        """Outcomes of finished turns; those of a turn that was killed have no seal and are seen by nobody."""
        runs = {one.run for one in self._home.ledger.seals() if one.kind == MONTH_OUTCOMES}
        rows = self._home.lake.stored(MONTH_OUTCOMES, columns=_STANDS)
        return [_stands(row) for row in rows if row.pop("run") in runs]

    def _issued(self, wanted: set[str]) -> dict[str, Issued]:
        rows = self._home.lake.project(MONTHLY, as_of_end(today()), _ISSUED) if wanted else []
        return {
            row["id"]: Issued(json.loads(row["p_ge"]), json.loads(row["baselines"]))
            for row in rows
            if row["id"] in wanted
        }


def _stands(row: dict[str, Any]) -> Stands:
    times = {name: row[name].replace(tzinfo=UTC) for name in ("as_of", "recorded")}
    return Stands(**{**row, **times, "replaces": row["replaces"] or ""})


@lru_cache(maxsize=4096)
def _window(start: str, end: str) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end), Precision.MONTH)
