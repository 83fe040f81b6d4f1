"""Serving the desk: loopback only, until there is sign-in."""

from __future__ import annotations

import socket

from starlette.types import ASGIApp

from tocsin.errors import NotAllowed, UserError
from tocsin.web.guard import is_loopback


def check_host(host: str) -> None:
    """Raises NotAllowed for any address but loopback: there is no sign-in, so whoever connects may act."""
    if not is_loopback(host.strip("[]")):
        raise NotAllowed(
            f"serve refuses {host!r}: without sign-in anyone who reaches the desk could act on it; "
            "use 127.0.0.1, or a tunnel with its own sign-in"
        )


def serve(app: ASGIApp, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serves until interrupted. Raises NotAllowed for a foreign `host`, UserError when the port is taken."""
    check_host(host)
    import uvicorn

    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, proxy_headers=False, ws="none"
    )
    with listening(host.strip("[]"), port) as taken:
        uvicorn.Server(config).run(sockets=[taken])


def listening(host: str, port: int) -> socket.socket:
    """The listening socket. Raises UserError in one line when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        why = error.strerror or str(error)
        raise UserError(f"cannot serve on {host} port {port}: {why}; choose another with --port") from error
