"""The changes people make from a page. Every one carries the token; none exists for a replay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from tocsin import clock
from tocsin.errors import HomeError, NotAllowed, UnknownId, UserError
from tocsin.response.engagement import Inaction
from tocsin.signals.review import judgement
from tocsin.web.guard import checked_form
from tocsin.web.pages import alarm_page, country_page, follow_page, opened, record_page
from tocsin.web.reading import Acts, Refused
from tocsin.web.render import NORM

change = APIRouter()
YEAR = 365 * 24 * 3600
JUDGED = ("relevance", "factors", "time", "countries", "perpetrator", "target", "mitigation", "indicator")
Form = Annotated[dict[str, str], Depends(checked_form)]


def acting(request: Request) -> Acts:
    """The acts of this desk. Raises NotAllowed when it was opened for reading only."""
    acts: Acts | None = request.app.state.acts
    if acts is None:
        raise NotAllowed("this desk was opened for reading only; nothing was changed")
    return acts


Acting = Annotated[Acts, Depends(acting)]


def need(form: Mapping[str, str], field: str, what: str) -> str:
    """A filled field. Raises NotAllowed that says what is wanted."""
    value = form.get(field, "")
    if not value:
        raise NotAllowed(f"{what} is missing; nothing was changed")
    return value


@change.post("/alarm/{id}/sign")
def sign(request: Request, id: str, form: Form, acts: Acting) -> Response:
    """One person's yes or no to a proposed alarm, with the reason; a refused form comes back as typed."""
    try:
        _sign(acts, id, form)
    except UserError as error:
        refused = Refused(id, "sign", form, str(error))
        return alarm_page(request, opened(request), id, refused, status_of(error))
    return RedirectResponse(f"/alarm/{id}#signatures", 303)


@change.post("/country/{iso3}/raise")
def raise_(request: Request, iso3: str, form: Form, acts: Acting) -> Response:
    """An expert's judgement on a place, as a proposal; a refused form comes back as typed."""
    try:
        level, by = need(form, "level", "the level"), need(form, "by", "your name")
        reason, evidence = need(form, "reason", "the reason"), need(form, "evidence", "evidence")
        acts.raising.propose(iso3, level, by, reason, evidence.split())
    except UserError as error:
        refused = Refused(iso3, "raise", form, str(error))
        return country_page(request, opened(request), iso3, refused, status_of(error))
    return RedirectResponse(f"/country/{iso3}", 303)


@change.post("/engagement/{id}/{verb}")
def step(request: Request, id: str, verb: str, form: Form, acts: Acting) -> Response:
    """One step of an engagement; a refused form comes back as typed. Raises UnknownId."""
    if verb not in STEPS:
        raise UnknownId("step", verb, STEPS)
    try:
        STEPS[verb](acts, id, form)
    except UserError as error:
        desk = opened(request)
        if id not in {e.id for e in desk.engagements()}:
            raise
        return follow_page(request, desk, Refused(id, verb, form, str(error)), status_of(error))
    return RedirectResponse(f"/follow#{id}", 303)


@change.post("/record/{id}/review/{target}")
def review(request: Request, id: str, target: str, form: Form, acts: Acting) -> Response:
    """A person's word on a record or one of its claims; a refused form comes back as typed."""
    try:
        _review(acts, target, form)
    except UserError as error:
        refused = Refused(target, "review", form, str(error))
        return record_page(request, opened(request), id, refused, status_of(error))
    return RedirectResponse(f"/record/{id}#{'reading' if target == id else target}", 303)


def status_of(error: UserError) -> int:
    """503 when the home cannot be written now, else 400: the form can be mended."""
    return 503 if isinstance(error, HomeError) else 400


def _sign(acts: Acts, id: str, form: Mapping[str, str]) -> None:
    verdict = need(form, "verdict", "yes or no")
    if verdict not in ("yes", "no"):
        raise NotAllowed(f"{verdict!r} is neither yes nor no; nothing was changed")
    signer, reason = need(form, "signer", "the signer's name"), need(form, "reason", "the reason")
    seen = form.get("revision", "")
    if not (seen.isascii() and seen.isdigit() and len(seen) < 10):
        raise NotAllowed("the form does not say which revision was read; read this page and sign again")
    acts.sign(id, signer, verdict == "yes", reason, revision=int(seen))


def _review(acts: Acts, target: str, form: Mapping[str, str]) -> None:
    verdict, by = need(form, "verdict", "the verdict"), need(form, "by", "your name")
    reason = form.get("reason", "")
    says = judgement({name: form.get(name, "") for name in JUDGED})
    if verdict != "correct" and says.said():
        raise NotAllowed(
            f"fields were filled in but the verdict is {verdict!r}; choose 'Correct' to change them"
        )
    if verdict == "confirm":
        acts.reviewing.confirm(target, by, reason)
    elif verdict == "correct":
        acts.reviewing.correct(target, by, says, reason)
    elif verdict == "wrong":
        acts.reviewing.wrong(target, by, reason)
    else:
        raise NotAllowed(f"{verdict!r} is not a verdict; nothing was changed")


def _answer(acts: Acts, id: str, form: Mapping[str, str]) -> None:
    acts.answer(id, need(form, "by", "your name"), need(form, "text", "the answer"))


def _act(acts: Acts, id: str, form: Mapping[str, str]) -> None:
    acts.act(id, need(form, "by", "your name"), need(form, "text", "what was done"))


def _decline(acts: Acts, id: str, form: Mapping[str, str]) -> None:
    by, given = need(form, "by", "your name"), need(form, "inaction", "a reason from the list")
    if given not in list(Inaction):
        raise NotAllowed(f"{given!r} is not on the list of reasons; nothing was changed")
    note = form.get("text", "")
    if given == Inaction.OTHER and not note:
        raise NotAllowed("the reason 'other' needs a note; nothing was changed")
    acts.decline(id, by, Inaction(given), note)


def _reopen(acts: Acts, id: str, form: Mapping[str, str]) -> None:
    by, ask = need(form, "by", "your name"), need(form, "text", "what is asked")
    given = need(form, "due", "the day it is due")
    try:
        due = date.fromisoformat(given)
    except ValueError as error:
        raise NotAllowed(f"{given!r} is not a day (2026-12-31); nothing was changed") from error
    if due <= clock.today():
        raise NotAllowed(f"the day it is due, {due}, must lie ahead; nothing was changed")
    acts.reopen(id, by, ask, due)


def _uphold(acts: Acts, id: str, form: Mapping[str, str]) -> None:
    acts.uphold(id, need(form, "by", "your name"), need(form, "text", "what the review found"))


STEPS: Mapping[str, Callable[[Acts, str, Mapping[str, str]], None]] = {
    "answer": _answer,
    "act": _act,
    "decline": _decline,
    "reopen": _reopen,
    "uphold": _uphold,
}


@change.post("/norm")
def norm(form: Form) -> RedirectResponse:
    """The visitor has read the norm of use; it is not shown above the pages again."""
    response = RedirectResponse("/", 303)
    response.set_cookie(NORM, "read", max_age=YEAR, httponly=True, samesite="strict", path="/")
    return response
