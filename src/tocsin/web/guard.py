"""The guard at the door: loopback names only, own origin only, a token for every change, headers on all.

DNS rebinding makes a foreign page speak to this server under the foreign page's own name, so the Host of each
request must be a loopback name with the port that is served. Sources: OWASP cheat sheet on cross-site request
forgery (signed double-submit cookie); W3C Content Security Policy Level 3.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tocsin.errors import NotAllowed

COOKIE = "tocsin_session"
FIELD = "csrf"
LONGEST_FORM = 64 * 1024  # bytes; the longest form is a reason in words
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def is_loopback(name: str) -> bool:
    """Whether a host name or address means this machine alone, without asking a name server."""
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def host_allowed(host: str, port: int) -> bool:
    """Whether a Host header names this machine and the port that is served."""
    try:
        parts = urlsplit(f"//{host}")
        plain = parts.netloc == host and "@" not in host
        return plain and is_loopback(parts.hostname or "") and (parts.port or 80) == port
    except ValueError:
        return False


def refusal(scope: Scope) -> tuple[int, str] | None:
    """The status and the line to refuse a request with, or None when it may pass."""
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    server = scope.get("server") or ("", 0)
    if not host_allowed(host, server[1] or 0):
        return (
            421,
            "This desk answers to loopback names only (localhost, 127.0.0.1, [::1]) with its own port.",
        )
    if scope["method"] in ("GET", "HEAD"):
        return None
    if headers.get("origin") != f"http://{host}":
        return 403, "Refused: this change did not come from a page of this desk (Origin differs)."
    length = headers.get("content-length", "")
    if not length.isdigit() or int(length) > LONGEST_FORM:
        return 413, "Refused: the form is longer than a desk may take, or does not say how long it is."
    return None


class Guard:
    """ASGI layer that refuses foreign hosts and origins and puts the security headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes, or answers with one line."""
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        if scope["type"] != "http":
            return await send({"type": "websocket.close", "code": 1008})

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                kept = headers.get("cache-control", HEADERS["Cache-Control"])
                headers.update({**HEADERS, "Cache-Control": kept})
            await send(message)

        refused = refusal(scope)
        if refused:
            return await PlainTextResponse(refused[1], refused[0])(scope, receive, with_headers)
        return await self.app(scope, receive, with_headers)


def session(request: Request) -> str:
    """The random value of the visitor's cookie; a new one is made once a request."""
    if not getattr(request.state, "session", ""):
        request.state.session = request.cookies.get(COOKIE) or secrets.token_urlsafe(24)
    value: str = request.state.session
    return value


def token(secret: bytes, session: str) -> str:
    """The token that a form must carry: the cookie's value under this process's secret (HMAC-SHA-256)."""
    return hmac.new(secret, session.encode(), hashlib.sha256).hexdigest()


async def checked_form(request: Request) -> dict[str, str]:
    """The fields of a posted form. Raises NotAllowed without the cookie, or when the token is not its own."""
    form: Any = await request.form(max_files=0, max_fields=20)
    cookie = request.cookies.get(COOKIE, "")
    given = str(form.get(FIELD, ""))
    if not cookie or not hmac.compare_digest(
        given.encode(), token(request.app.state.secret, cookie).encode()
    ):
        raise NotAllowed("this form is not from this desk or is too old; open the page again and repeat it")
    return {key: value.strip() for key, value in form.items() if isinstance(value, str)}
