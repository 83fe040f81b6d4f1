"""The same as the pages, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, Response

from tocsin import clock
from tocsin.errors import UnknownId
from tocsin.evaluation import alarm_published, published
from tocsin.forecasting.monthly_change import Moved
from tocsin.web import country as country_view
from tocsin.web import front
from tocsin.web.pages import Opened
from tocsin.web.reading import LIVE, Desk

data = APIRouter(prefix="/api")
IN_SHORT = ("id", "outcome", "horizon_months", "probability", "low", "high", "base_rate", "rank", "of")


def answer(desk: Desk, **body: Any) -> JSONResponse:
    """JSON that always says which run and which date it speaks of."""
    frame = {"run": desk.run, "replay": desk.run != LIVE, "as_of": desk.as_of}
    return JSONResponse(jsonable_encoder(frame | body))


@data.get("/countries")
def countries(desk: Opened) -> Response:
    """Every country: level (or `no-data`), the two forecasts, and the coverage."""
    table = [_short(row) for row in front.ordered(front.rows(desk), "", True)]
    return answer(desk, turn=desk.turn(), countries=table)


def _short(row: front.Row) -> dict[str, Any]:
    """A row of the table; its forecasts without their reasons, which the country's own answer holds."""
    plain = asdict(row)
    for column in ("killing", "hundred"):
        full = plain[column]
        plain[column] = full and {key: full[key] for key in IN_SHORT}
    return plain


@data.get("/track-record")
def track_record(desk: Opened) -> Response:
    """The public records of sealed forecasts and of issued alarms, misses first; null for a replay."""
    kept, issued = desk.forecast_record, desk.alarm_record
    return answer(
        desk,
        record=published.as_json(kept.made()) if kept else None,
        alarms=alarm_published.as_json(issued.made()) if issued else None,
    )


@data.get("/country/{iso3}")
def country(desk: Opened, iso3: str) -> Response:
    """One country: assessment, decision, forecasts, months and their parts, signals, figures, alarms."""
    view = country_view.country(desk, iso3.upper(), clock.today())
    return answer(
        desk,
        iso3=view.iso3,
        name=view.name,
        decision=view.decision,
        assessment=view.belief,
        forecasts=view.forecasts,
        months=desk.ahead.monthly(view.iso3),
        months_since=_since(view.ahead.since),
        parts=desk.ahead.parts(view.iso3),
        groups_shut_out=view.ahead.shut_out,
        signals=desk.signals(view.iso3),
        figures=view.figures,
        alarms=view.alarms,
        engagements=view.engagements,
        conditions=view.conditions,
        others_forecast=view.others,
        kept_home=view.kept_home,
    )


def _since(moved: Mapping[str, Moved]) -> list[dict[str, Any]]:
    """What moved each monthly forecast since that of an earlier month."""
    return [{"id": id, "before": old.id, **asdict(by)} for id, (old, by) in moved.items()]


@data.get("/alarms")
def alarms(desk: Opened) -> Response:
    """The newest revision of every alarm and the one in force where it is another; `public` marks these."""
    in_force = {a.row: a for a in desk.in_force()}
    every = {a.row: a for a in desk.alarms()} | in_force
    listed = [jsonable_encoder(a) | {"public": row in in_force} for row, a in sorted(every.items())]
    return answer(desk, alarms=listed)


@data.get("/alarm/{id}")
def alarm(desk: Opened, id: str) -> Response:
    """One alarm: every revision, signature and engagement."""
    history = desk.alarm_history(id)
    if not history:
        raise UnknownId("alarm", id, (a.id for a in desk.alarms()))
    return answer(desk, history=history, signatures=desk.signatures(id), engagements=desk.engagements(id))
