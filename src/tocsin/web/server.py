"""Serving the desk: loopback only, until there is sign-in."""

from __future__ import annotations

from starlette.types import ASGIApp

from tocsin.errors import NotAllowed
from tocsin.web.guard import is_loopback


def check_host(host: str) -> None:
    """Raises NotAllowed for any address but loopback: there is no sign-in, so whoever connects may act."""
    if not is_loopback(host.strip("[]")):
        raise NotAllowed(
            f"serve refuses {host!r}: without sign-in anyone who reaches the desk could act on it; "
            "use 127.0.0.1, or a tunnel with its own sign-in"
        )


def serve(app: ASGIApp, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serves until interrupted. Raises NotAllowed when `host` is not loopback."""
    check_host(host)
    import uvicorn

    uvicorn.run(
        app,
        host=host.strip("[]"),
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
