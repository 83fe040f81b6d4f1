"""Turning a view into a page: one Jinja2 environment that escapes everything, and the frame of every page."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from tocsin import clock
from tocsin.response.follow import due_day
from tocsin.web import country, guard, places, record, spoken, words
from tocsin.web.reading import LIVE, Acts, Desk, Refused

TEMPLATES = Path(__file__).parent / "templates"
NORM = "tocsin_norm"


@cache
def environment() -> Environment:
    """The templates, with every value escaped and an unknown name an error, never a silent blank."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "day": words.day,
        "percent": words.percent,
        "chance": words.chance,
        "safe_link": words.safe_link,
        "place": places.place_name,
        "factor": places.factor_title,
        "indicator": places.indicator_label,
        "outcome": places.outcome_label,
        "definition": places.outcome_definition,
        "age": words.age,
        "meaning": words.meaning,
        "further": words.further,
        "due_day": due_day,
        "quotes": country.quotes,
        "said": record.said,
        "publisher": places.publisher,
        "spoken": spoken.spoken,
    }
    made.globals |= {"words": words.words(), "norm": words.norm()}
    return made


def base(request: Request) -> str:
    """The prefix of links: empty for the live desk, `/replay/{run}` for a replay."""
    run = request.path_params.get("run")
    return f"/replay/{quote(run, safe='')}" if run else ""


def as_of_day(desk: Desk) -> date:
    """The day the pages speak of: the turn's own date, today before the first turn."""
    return desk.as_of.date() if desk.as_of else clock.today()


def signers(acts: Acts | None) -> list[str]:
    """The names to offer in forms; none on a desk for reading only."""
    return sorted(acts.users()) if acts else []


def page(request: Request, name: str, desk: Desk | None, status: int = 200, **view: Any) -> HTMLResponse:
    """One page in its frame. `desk` None is a page without a turn (an error)."""
    state = guard.session(request)
    acts = request.app.state.acts if desk is not None and desk.run == LIVE else None
    refused: Refused | None = view.pop("refused", None)
    html = (
        environment()
        .get_template(name)
        .render(
            request=request,
            desk=desk,
            status=status,
            base=base(request) if desk else "",
            replay=desk is not None and desk.run != LIVE,
            csrf=guard.token(request.app.state.secret, state),
            norm_seen=NORM in request.cookies,
            acts=acts is not None,
            signers=signers(acts),
            refused=refused,
            **view,
        )
    )
    response = HTMLResponse(html, status)
    if request.cookies.get(guard.COOKIE) != state:
        response.set_cookie(guard.COOKIE, state, httponly=True, samesite="strict", path="/")
    return response
