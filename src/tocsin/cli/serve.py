"""tocsin serve: the dashboard and its API, on loopback only until there is sign-in."""

from __future__ import annotations

from typing import Annotated

import typer

from tocsin.cli.home import progress


def serve(
    host: Annotated[str, typer.Option(help="Loopback only: there is no sign-in yet.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
) -> None:
    """Serve the dashboard of the home until interrupted."""
    import secrets

    from tocsin.acts import Acts
    from tocsin.settings import settings
    from tocsin.store.desk import Desk
    from tocsin.store.home import open_home
    from tocsin.store.publishing import Publishing
    from tocsin.web.app import create_app
    from tocsin.web.server import check_host
    from tocsin.web.server import serve as listen

    check_host(host)
    home = open_home(settings().home)
    sender = settings().contact or "tocsin@localhost"
    app = create_app(
        lambda run: Desk(home, run or "live"),
        Acts(home),
        secrets.token_bytes(32),
        lambda base: Publishing(home, base, sender, linked=True),
    )
    progress(f"the dashboard is at http://{host}:{port}/  (stop with Ctrl-C)")
    listen(app, host, port)
