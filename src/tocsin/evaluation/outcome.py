"""What then happened: the Outcome of a sealed forecast, read off a table that came out later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tocsin.clock import Moment, Period, add_months, as_of_end, day_moment
from tocsin.evidence import content_id
from tocsin.forecasting import outcomes
from tocsin.forecasting.panel import ColumnInfo
from tocsin.forecasting.window import year_shares

HALF = 0.5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened in the window of one forecast, by a yearly table.

    `figures` are those of every calendar year that the window touches; `years` are the ones it is judged by,
    `inside` the smallest part of them that lies in the window, `met` those in which the definition held.
    `known` is the first day on which an outsider could have the figures, for a correction the day on which it
    was met. `replaces` names the row that a later revision of the table corrects.
    """

    id: str
    run: str
    forecast: str
    outcome: str
    iso3: str
    as_of: datetime
    window: Period
    years: tuple[int, ...]
    inside: float
    met: tuple[int, ...]
    figures: dict[str, float]
    definition: str
    dataset: str
    vintage: str
    known: Moment
    recorded: datetime
    replaces: str = ""

    @property
    def occurred(self) -> bool:
        """Whether the definition held in a year that the window is judged by."""
        return bool(self.met)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed forecast as far as the record needs it; the fields are those of Forecast."""

    id: str
    run: str
    outcome: str
    iso3: str
    as_of: datetime
    horizon_months: int
    window: Period
    probability: float
    base_rate: float
    rank: int
    of: int
    baselines: dict[str, float]
    recorded: datetime


class Table(Protocol):
    """A country-year table that says what its columns are; `forecasting.panel.Panel` is one."""

    @property
    def rows(self) -> Mapping[tuple[str, int], int]: ...
    @property
    def columns(self) -> Mapping[str, NDArray[np.float64]]: ...
    def column_info(self, name: str) -> ColumnInfo:
        """What a column is."""
        ...

    def known_year(self, column: str, as_of: datetime) -> int:
        """The newest year whose figures were out at `as_of`."""
        ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """The turn that meets an outcome: its run, the instant it looks from, and when that was."""

    run: str
    as_of: datetime
    recorded: datetime


def could_have_seen(window: Period, sealed: datetime) -> bool:
    """Whether a forecast sealed at that instant could have seen some of its window: it is never compared."""
    return sealed.date() >= window.start


def judged_by(window: Period) -> tuple[int, ...]:
    """The calendar years of which at least half lies in the window: a yearly table cannot be cut finer."""
    return tuple(year for year, share in year_shares(window).items() if share >= HALF)


def known_from(spec: outcomes.Outcome, window: Period, table: Table) -> date:
    """The day on which the figures of the last year that the window touches can be had."""
    return add_months(date(window.end.year, 12, 31), table.column_info(spec.column).lag_months)


def newest_known(table: Table, as_of: datetime) -> datetime:
    """The end of the newest year of which an outcome is known; windows that begin later are open."""
    years = [table.known_year(spec.column, as_of) for spec in outcomes.load_outcomes()]
    return as_of_end(date(max(years), 12, 31))


def figures(asked: Sealed, column: str, table: Table, as_of: datetime) -> dict[str, float] | None:
    """The figure of every year that the window touches; None while one is not known: open, never zero."""
    years = range(asked.window.start.year, asked.window.end.year + 1)
    cells = [table.rows.get((asked.iso3, year)) for year in years]
    if years[-1] > table.known_year(column, as_of) or asked.window.end >= as_of.date():
        return None
    found = [float("nan") if cell is None else float(table.columns[column][cell]) for cell in cells]
    return None if np.isnan(found).any() else {str(y): v for y, v in zip(years, found, strict=True)}


def arrived(
    asked: Iterable[Sealed],
    sealed: Mapping[str, datetime],
    standing: Mapping[str, Outcome],
    table: Table,
    at: Arrival,
) -> Iterator[Outcome]:
    """The outcomes that have become known, and corrections of those that stand (forecast id to Outcome).

    `sealed` is when each run was sealed; a run that was not sealed is no forecast, and one that could have
    seen its window is never compared.
    """
    specs = {spec.key: spec for spec in outcomes.load_outcomes()}
    for one in asked:
        spec, years = specs.get(one.outcome), judged_by(one.window)
        if spec is None or not years or one.run not in sealed:
            continue
        if could_have_seen(one.window, sealed[one.run]):
            continue
        told, before = figures(one, spec.column, table, at.as_of), standing.get(one.id)
        if told is None:
            continue
        met = tuple(year for year in years if told[str(year)] >= spec.at_least)
        if before is None or (before.met, before.figures) != (met, told):
            yield _found(_outcome(one, spec, table, at), told, met, before)


def standing_of(rows: Iterable[Outcome]) -> dict[str, Outcome]:
    """Forecast id to the outcome that stands: of several, the one that was recorded last."""
    return {row.forecast: row for row in sorted(rows, key=lambda row: (row.recorded, row.id))}


def _outcome(one: Sealed, spec: outcomes.Outcome, table: Table, at: Arrival) -> Outcome:
    """The row of a forecast before its figures are set."""
    info, shares, years = table.column_info(spec.column), year_shares(one.window), judged_by(one.window)
    return Outcome(
        id="",
        run=at.run,
        forecast=one.id,
        outcome=one.outcome,
        iso3=one.iso3,
        as_of=at.as_of,
        window=one.window,
        years=years,
        inside=round(min(shares[year] for year in years), 6),
        met=(),
        figures={},
        definition=f"{spec.column} of at least {spec.at_least:g}: {' '.join(spec.definition.split())}",
        dataset=info.source,
        vintage=info.vintage,
        known=day_moment(known_from(spec, one.window, table)),
        recorded=at.recorded,
    )


def _found(made: Outcome, told: dict[str, float], met: tuple[int, ...], before: Outcome | None) -> Outcome:
    """The row with its figures; one that corrects another is known from the day on which it was met."""
    replaces = before.id if before else ""
    return replace(
        made,
        id=content_id("outcome", made.run, made.forecast, told, replaces),
        met=met,
        figures=told,
        known=day_moment(made.recorded.date()) if before else made.known,
        replaces=replaces,
    )
