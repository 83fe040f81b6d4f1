"""The changes people make from a page. Every one carries the token; none exists for a replay."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse

from tocsin.errors import NotAllowed
from tocsin.response.engagement import Inaction
from tocsin.web.guard import checked_form
from tocsin.web.reading import Acts
from tocsin.web.render import NORM

change = APIRouter()
YEAR = 365 * 24 * 3600
Form = Annotated[dict[str, str], Depends(checked_form)]


def acting(request: Request) -> Acts:
    """The acts of this desk. Raises NotAllowed when it was opened for reading only."""
    acts: Acts | None = request.app.state.acts
    if acts is None:
        raise NotAllowed("this desk was opened for reading only; nothing was changed")
    return acts


Acting = Annotated[Acts, Depends(acting)]


def need(form: dict[str, str], field: str, what: str) -> str:
    """A filled field. Raises NotAllowed that says what is wanted."""
    value = form.get(field, "")
    if not value:
        raise NotAllowed(f"{what} is missing; nothing was changed")
    return value


@change.post("/alarm/{id}/sign")
def sign(id: str, form: Form, acts: Acting) -> RedirectResponse:
    """One person's yes or no to a proposed alarm, with the reason."""
    verdict = need(form, "verdict", "yes or no")
    if verdict not in ("yes", "no"):
        raise NotAllowed(f"{verdict!r} is neither yes nor no; nothing was changed")
    signer, reason = need(form, "signer", "the signer's name"), need(form, "reason", "the reason")
    acts.sign(id, signer, verdict == "yes", reason)
    return RedirectResponse(f"/alarm/{id}#signatures", 303)


@change.post("/engagement/{id}/answer")
def answer(id: str, form: Form, acts: Acting) -> RedirectResponse:
    """What the body replied."""
    acts.answer(id, need(form, "by", "your name"), need(form, "text", "the answer"))
    return RedirectResponse(f"/follow#{id}", 303)


@change.post("/engagement/{id}/act")
def act(id: str, form: Form, acts: Acting) -> RedirectResponse:
    """What the body did."""
    acts.act(id, need(form, "by", "your name"), need(form, "text", "what was done"))
    return RedirectResponse(f"/follow#{id}", 303)


@change.post("/engagement/{id}/decline")
def decline(id: str, form: Form, acts: Acting) -> RedirectResponse:
    """Closed without an action, with a reason from the fixed list."""
    by, given = need(form, "by", "your name"), need(form, "inaction", "a reason from the list")
    if given not in list(Inaction):
        raise NotAllowed(f"{given!r} is not on the list of reasons; nothing was changed")
    note = form.get("text", "")
    if given == Inaction.OTHER and not note:
        raise NotAllowed("the reason 'other' needs a note; nothing was changed")
    acts.decline(id, by, Inaction(given), note)
    return RedirectResponse(f"/follow#{id}", 303)


@change.post("/norm")
def norm(form: Form) -> RedirectResponse:
    """The visitor has read the norm of use; it is not shown above the pages again."""
    response = RedirectResponse("/", 303)
    response.set_cookie(NORM, "read", max_age=YEAR, httponly=True, samesite="strict", path="/")
    return response
