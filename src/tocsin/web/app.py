"""The dashboard put together: pages, JSON, changes, errors as one clear line, and the guard around all."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from tocsin.errors import HomeError, NotAllowed, UnknownId, UserError
from tocsin.web import guard
from tocsin.web.api import data
from tocsin.web.pages import read
from tocsin.web.posts import change
from tocsin.web.published import OpenPublishing, published
from tocsin.web.reading import Acts, OpenDesk
from tocsin.web.render import page

STATIC = Path(__file__).parent / "static"
STATUS: tuple[tuple[type[UserError], int], ...] = (
    (UnknownId, 404),
    (NotAllowed, 403),
    (HomeError, 503),
    (UserError, 400),
)
LINES = {404: "There is no such page.", 405: "This address does not take that kind of request."}


def create_app(
    open_desk: OpenDesk, acts: Acts | None, secret: bytes, publishing: OpenPublishing | None = None
) -> FastAPI:
    """The desk as an ASGI application.

    `open_desk` opens the live desk (None) or a replay (its id) and raises UnknownId for an unknown one; it is
    called once a request. `acts` None serves for reading only. `secret` signs the form tokens. `publishing`
    opens the public side for the address that it is asked at; None serves none.
    """
    app = FastAPI(title="Tocsin", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.open_desk, app.state.acts, app.state.secret = open_desk, acts, secret
    app.state.publishing = publishing
    for router in (read, data):
        app.include_router(router)
        app.include_router(router, prefix="/replay/{run}")
    app.include_router(published)
    app.include_router(change)
    app.mount("/static", StaticFiles(directory=STATIC))
    app.add_middleware(guard.Guard)
    app.add_exception_handler(UserError, user_error)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, fault)
    return app


def refused(request: Request, status: int, line: str) -> Response:
    """An error as one line: a page for people, JSON for programs."""
    if "/api/" in request.url.path:
        return JSONResponse({"error": line}, status)
    return page(request, "error.html", None, status, line=line)


async def user_error(request: Request, error: Exception) -> Response:
    """What the visitor can mend."""
    status = next(code for kind, code in STATUS if isinstance(error, kind))
    return refused(request, status, str(error))


async def http_error(request: Request, error: Exception) -> Response:
    """An unknown address or method."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return refused(request, status, LINES.get(status, "This request cannot be answered."))


async def invalid(request: Request, error: Exception) -> Response:
    """A parameter of the wrong form."""
    return refused(request, 400, "A part of this address is not of the right form.")


async def fault(request: Request, error: Exception) -> Response:
    """Our own fault: the trace goes to the log of the server, never to the page."""
    line = "The desk has a fault and could not make this page. Nothing was changed; the log has the details."
    response = refused(request, 500, line)
    response.headers.update(guard.HEADERS)  # this answer is made outside the guard
    return response
