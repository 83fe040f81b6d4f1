"""The pages that are read. Each opens the desk afresh: another process may have added a generation since."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from tocsin import clock
from tocsin.alarms.policy import policy
from tocsin.assessment.coverage import summary
from tocsin.errors import UnknownId
from tocsin.evaluation import alarm_published, lines, monthly_published, published
from tocsin.response.engagement import EngagementState
from tocsin.response.follow import due
from tocsin.sources import catalog
from tocsin.web import alarm as alarm_view
from tocsin.web import country as country_view
from tocsin.web import front, places, words
from tocsin.web import record as record_view
from tocsin.web import replays as replays_view
from tocsin.web.reading import LIVE, Desk, Refused
from tocsin.web.render import as_of_day, base, page
from tocsin.web.source_runs import every, shipped

read = APIRouter()


def opened(request: Request) -> Desk:
    """The desk of the path: the live one, or the replay that the path names."""
    desk: Desk = request.app.state.open_desk(request.path_params.get("run"))
    return desk


Opened = Annotated[Desk, Depends(opened)]


@read.get("/")
def index(request: Request, desk: Opened, sort: str = "", dir: str = "") -> Response:
    """World map, what is new, and the table of all countries."""
    down = dir != "up" if dir else front.HEADINGS.get(sort, ("", True))[1]
    on = as_of_day(desk)
    return page(
        request,
        "front.html",
        desk,
        turn=desk.turn(),
        rows=front.ordered(front.rows(desk), sort, down),
        headings=front.HEADINGS,
        sort=sort,
        down=down,
        on=on,
        today=clock.today(),
        news=front.news(desk, on),
        fresh=front.freshness(desk.assessments()),
        runs=desk.runs() if desk.run == LIVE else [],
    )


@read.get("/map.json")
def shapes(desk: Opened) -> Response:
    """Shapes of all places as of the turn's date (GeoJSON); the levels are in the table, not here."""
    return Response(places.map_bytes(as_of_day(desk)), media_type="application/geo+json")


@read.get("/country/{iso3}")
def country(request: Request, desk: Opened, iso3: str) -> Response:
    """One country: level, forecasts, factors with their words, and what we cannot see."""
    code = places.code_of(iso3)
    if code and code != iso3:
        return RedirectResponse(f"{base(request)}/country/{code}", 307)
    return country_page(request, desk, iso3)


def country_page(
    request: Request, desk: Desk, iso3: str, refused: Refused | None = None, status: int = 200
) -> Response:
    """The page of one country, with a judgement that was refused as it was typed. Raises UnknownId."""
    on, today = as_of_day(desk), clock.today()
    view, levels = country_view.country(desk, iso3, today), [at.value for at in policy().expert.expires_days]
    shown = {"view": view, "on": on, "today": today, "raisable": levels}
    return page(request, "country.html", desk, status, refused=refused, **shown)


@read.get("/record/{id}")
def record(request: Request, desk: Opened, id: str) -> Response:
    """One record verbatim, with the quoted words marked, and what machines and people read in it."""
    return record_page(request, desk, id)


def record_page(
    request: Request, desk: Desk, id: str, refused: Refused | None = None, status: int = 200
) -> Response:
    """The page of one record, with a review that was refused as it was typed. Raises UnknownId."""
    found = desk.record(id)
    if found is None:
        raise UnknownId("record", id, ())
    view = record_view.record(desk, id)
    parts = country_view.segments(found.text, view.claims)
    shown = {"record": found, "view": view, "parts": parts, "taken": desk.withdrawing.taken.get(found.id)}
    return page(request, "record.html", desk, status, refused=refused, **shown)


@read.get("/track-record")
def track_record(request: Request, desk: Opened) -> Response:
    """Sealed forecasts and issued alarms, and what then happened: misses first."""
    kept, issued = desk.forecast_record, desk.alarm_record
    made = kept.made() if kept else None
    return page(
        request,
        "track_record.html",
        desk,
        record=made,
        published=published,
        lines=lines,
        monthly=monthly_published,
        alarms=issued.made() if issued else None,
        alarming=alarm_published,
    )


@read.get("/replays")
def replays(request: Request, desk: Opened) -> Response:
    """Named cases walked with what was public then: three results, side by side and never merged."""
    return page(request, "replays.html", desk, view=replays_view.view())


@read.get("/review")
def review(request: Request, desk: Opened) -> Response:
    """What is worth reviewing, most first: near the cut, of high consequence, or read differently by two."""
    found = record_view.waiting(desk, desk.as_of or clock.now())
    return page(request, "waiting.html", desk, found=found)


@read.get("/alarms")
def alarms(request: Request, desk: Opened) -> Response:
    """Every alarm of the run, those that stand first."""
    in_force = {a.id: a for a in desk.in_force()}
    found = sorted(
        desk.alarms(), key=lambda a: (not (a.state.open or a.id in in_force), -a.level.step, a.iso3)
    )
    return page(request, "alarms.html", desk, alarms=found, in_force=in_force)


@read.get("/alarm/{id}")
def alarm(request: Request, desk: Opened, id: str) -> Response:
    """One alarm with its history, its signatures and dissent, and what was asked of whom."""
    return alarm_page(request, desk, id)


def alarm_page(
    request: Request, desk: Desk, id: str, refused: Refused | None = None, status: int = 200
) -> Response:
    """The page of one alarm, with a form that was refused as it was typed. Raises UnknownId."""
    history = desk.alarm_history(id)
    if not history:
        raise UnknownId("alarm", id, (a.id for a in desk.alarms()))
    latest = history[-1]
    signals = {s.id: s for s in desk.signals(latest.iso3)}
    forecasts = {f.id: f for f in desk.forecasts(latest.iso3)}
    return page(
        request,
        "alarm.html",
        desk,
        status,
        refused=refused,
        force=next((a for a in desk.in_force() if a.id == id), None),
        alarm=latest,
        text=alarm_view.view(desk, latest, request.query_params.get("lang", "")),
        history=history,
        signatures=desk.signatures(id),
        quotes=[signals[r] for r in latest.reasons if r in signals],
        chances=[forecasts[r] for r in latest.reasons if r in forecasts],
        engagements=desk.engagements(id),
        told=desk.telling.of(id) if desk.telling else [],
        taken=desk.withdrawing.flags([latest]).get(id, ()),
        today=clock.today(),
    )


@read.get("/follow")
def follow(request: Request, desk: Opened) -> Response:
    """What was asked of whom: what is due, what waits, what is closed and how."""
    return follow_page(request, desk)


def follow_page(request: Request, desk: Desk, refused: Refused | None = None, status: int = 200) -> Response:
    """The page of every engagement, with a form that was refused as it was typed."""
    today = clock.today()
    every = desk.engagements()
    now_due = due(every, today)
    rest = [e for e in every if e not in now_due]
    waiting = sorted((e for e in rest if not e.state.closed), key=lambda e: e.due)
    closed = [e for e in rest if e.state.closed]
    acted = sum(e.state is EngagementState.ACTED for e in every)
    return page(
        request,
        "follow.html",
        desk,
        status,
        refused=refused,
        due=now_due,
        waiting=waiting,
        closed=closed,
        acted=acted,
        today=today,
    )


@read.get("/sources")
def sources(request: Request, desk: Opened) -> Response:
    """The latest run of every source, one never read too; what the shipped table holds; who is seen."""
    found = desk.watching.coverage()
    return page(
        request,
        "sources.html",
        desk,
        runs=every(desk.source_runs()),
        titles={s.id: s.title for s in catalog().values()},
        shipped=shipped(desk.as_of or clock.now()),
        covered=found,
        summary=summary(found),
    )


@read.get("/about")
def about(request: Request, desk: Opened) -> Response:
    """What the desk is, what it cannot do, the ladder of words, and the norm of use."""
    return page(
        request, "about.html", desk, runs=desk.runs() if desk.run == LIVE else [], ladder=words.ladder()
    )
