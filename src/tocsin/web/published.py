"""What is public, at addresses that stay: feeds, data, CAP documents of issued alarms; never a proposal."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from importlib.resources import files
from typing import Protocol

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tocsin import clock
from tocsin.alarms.cap import CONTENT_TYPE
from tocsin.alarms.edition import Edition
from tocsin.alarms.forms import FORMS
from tocsin.alarms.issued import Issue
from tocsin.errors import UnknownId

published = APIRouter()


class Publishing(Protocol):
    """The public side of a home, at one address."""

    def edition(self, made: datetime, /) -> Edition:
        """What is listed at a time."""
        ...

    def issue(self, row: str, /) -> Issue:
        """One public revision. Raises UnknownId."""
        ...

    def document(self, of: Issue, /) -> bytes:
        """Its CAP document."""
        ...


OpenPublishing = Callable[[str], Publishing]
"""Opens it for the address at which it is asked for."""


def opened(request: Request) -> Publishing:
    """The public side of the home. Raises UnknownId where nothing is published."""
    made: OpenPublishing | None = request.app.state.publishing
    if made is None:
        raise UnknownId("page", request.url.path, ())
    return made(str(request.base_url).rstrip("/"))


@published.get("/alarms.schema.json")
def schema(request: Request) -> Response:
    """The shape of /alarms.json (JSON Schema)."""
    body = files("tocsin.alarms").joinpath("alarms.schema.json").read_bytes()
    return _answer(request, body, "application/schema+json", None)


@published.get("/alarms.{form}")
def alarms(request: Request, form: str) -> Response:
    """What is in force, and for a month what was cancelled, closed or expired, in one of FORMS."""
    if form not in FORMS:
        raise UnknownId("form of the alarms", form, FORMS)
    make, kind = FORMS[form]
    edition = opened(request).edition(clock.now())
    return _answer(request, make(edition), kind, edition.updated)


@published.get("/cap/{row}.xml")
def cap(request: Request, row: str) -> Response:
    """One public revision of an alarm as a CAP 1.2 document, in all languages."""
    public = opened(request)
    issue = public.issue(row)
    return _answer(request, public.document(issue), CONTENT_TYPE, issue.alarm.recorded)


def _answer(request: Request, body: bytes, kind: str, changed: datetime | None) -> Response:
    """The body with its validators (RFC 9110, section 8.8), or 304 when the reader has these very bytes.

    `changed` is when the newest revision was recorded. It is told and not judged by: a list also changes when
    something leaves it, and a text when what it rests on is taken back.
    """
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if changed:
        headers["Last-Modified"] = format_datetime(changed.astimezone(UTC), usegmt=True)
    asked = request.headers.get("if-none-match", "")
    if {tag, "*"} & {one.strip().removeprefix("W/") for one in asked.split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=kind, headers=headers)
