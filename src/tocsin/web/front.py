"""The front page as data: one row a country, and what is new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from tocsin.alarms.alarm import Alarm, AlarmState, Level
from tocsin.assessment.belief import Assessment, Uncertainty
from tocsin.forecasting.forecast import Forecast
from tocsin.response.engagement import Engagement
from tocsin.response.follow import due
from tocsin.web import places, words
from tocsin.web.reading import LIVE, Desk
from tocsin.web.source_runs import SourceRun, every

NO_DATA = "no-data"


@dataclass(frozen=True, slots=True)
class Row:
    """One country of the table. `level` is a level or `no-data`; `unread` marks a level held without data."""

    iso3: str
    name: str
    level: str
    unread: bool
    held: str
    killing: Forecast | None
    hundred: Forecast | None
    factors_read: int
    newest_record: str
    newest_figure: str
    doubt: str = ""

    @property
    def height(self) -> float:
        """Place in the order of levels: no data stands above "no rule crossed", for it is not a low level."""
        return 0.5 if self.level == NO_DATA else float(Level(self.level).step)


def rows(desk: Desk) -> list[Row]:
    """Every country that the turn assessed or decided on."""
    decisions = {d.iso3: d for d in desk.decisions()}
    beliefs = {a.iso3: a for a in desk.assessments()}
    chances = by_column(desk.forecasts())
    made = []
    for iso3 in sorted(decisions.keys() | beliefs.keys()):
        belief, decision = beliefs.get(iso3), decisions.get(iso3)
        unread = belief is None or belief.no_data
        level = decision.level if decision else Level.NONE
        seen = belief.coverage if belief else None
        made.append(
            Row(
                iso3=iso3,
                name=places.place_name(iso3),
                level=NO_DATA if unread and level is Level.NONE else level.value,
                unread=unread,
                held=decision.held if decision else "",
                killing=chances.get((iso3, "killing")),
                hundred=chances.get((iso3, "hundred")),
                factors_read=seen.factors_read if seen else 0,
                newest_record=seen.newest_record if seen else "",
                newest_figure=seen.newest_figure if seen else "",
                doubt=_doubt(belief),
            )
        )
    return made


def _doubt(belief: Assessment | None) -> str:
    """The uncertainty beside the level in words; empty where it is the usual one."""
    if belief is None or belief.uncertainty is None or belief.uncertainty is Uncertainty.USUAL:
        return ""
    return f"uncertainty {belief.uncertainty}"


def by_column(forecasts: Iterable[Forecast]) -> dict[tuple[str, str], Forecast]:
    """The forecasts of the table's two columns, by place and column."""
    wanted = {(c["outcome"], c["months"]): key for key, c in words.words()["columns"].items()}
    found = {}
    for forecast in forecasts:
        column = wanted.get((forecast.outcome, forecast.horizon_months))
        if column:
            found[forecast.iso3, column] = forecast
    return found


# What each heading sorts by, and whether its first click runs downwards. None is unknown and stays last.
HEADINGS: dict[str, tuple[str, bool]] = {
    "name": ("Country", False),
    "level": ("Level", True),
    "killing": ("New mass killing within 24 months", True),
    "hundred": ("100 or more civilians killed in 12 months", True),
    "factors": ("Factors read of 14", True),
    "word": ("Newest word", True),
    "figure": ("Newest figure", True),
}


def sort_value(row: Row, heading: str) -> str | float | None:
    """What a row is sorted by under a heading; None when unknown."""
    values: dict[str, str | float | None] = {
        "name": row.name,
        "level": row.height,
        "killing": row.killing.probability if row.killing else None,
        "hundred": row.hundred.probability if row.hundred else None,
        "factors": row.factors_read,
        "word": row.newest_record or None,
        "figure": row.newest_figure or None,
    }
    return values[heading]


def ordered(table: list[Row], sort: str, down: bool) -> list[Row]:
    """The table by one heading; without one, by level, then by the chance of a new mass killing."""
    if sort not in HEADINGS:
        return sorted(table, key=lambda r: (-r.height, -(r.killing.probability if r.killing else 0), r.name))
    known = [r for r in table if sort_value(r, sort) is not None]
    unknown = [r for r in table if sort_value(r, sort) is None]
    known.sort(key=lambda r: (sort_value(r, sort), r.name), reverse=down)
    return known + unknown


@dataclass(frozen=True, slots=True)
class News:
    """What asks for a person today."""

    proposed: list[Alarm]
    issued: list[Alarm]
    due: tuple[Engagement, ...]
    troubled: list[SourceRun]


def news(desk: Desk, on: date) -> News:
    """Alarms to sign and in force, engagements due on a day, and sources that brought too little."""

    def gravest(alarm: Alarm) -> tuple[int, str]:
        return -alarm.level.step, places.place_name(alarm.iso3)

    return News(
        proposed=sorted((a for a in desk.alarms() if a.state is AlarmState.PROPOSED), key=gravest),
        issued=sorted(desk.in_force(), key=gravest),
        due=due(desk.engagements(), on),
        # Runs of sources are of today; in a replay they would tell of another time.
        troubled=[run for run in every(desk.source_runs()) if run.trouble] if desk.run == LIVE else [],
    )


def freshness(beliefs: list[Assessment]) -> dict[str, Any]:
    """How old the data of a turn are: the newest word and figure, and places where nothing was read."""
    return {
        "newest_record": max((b.coverage.newest_record for b in beliefs), default=""),
        "newest_figure": max((b.coverage.newest_figure for b in beliefs), default=""),
        "places": len(beliefs),
        "unread": sum(b.no_data for b in beliefs),
        "figures_only": sum(not b.coverage.records and not b.no_data for b in beliefs),
    }
