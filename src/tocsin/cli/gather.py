"""tocsin gather: read sources into the lake, with an account of every row."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.home import day, lines, moment_of, opened, progress


def gather(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Ids of the fact sheets: ucdp, feeds, folder.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Leave out what is older than this day.")] = None,
    path: Annotated[
        list[Path] | None, typer.Option("--from", help="A file or folder instead of the network.")
    ] = None,
    published: Annotated[str | None, typer.Option(help="The date of documents that state none.")] = None,
    release: Annotated[
        str, typer.Option(help="The release of files that do not name theirs, such as 25.1.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The account as JSON lines.")] = False,
) -> None:
    """Read sources into the home. Ends with exit code 2 when a source or a file could not be read.

    Each run says rows read, used, ignored and refused. A source that fails stops; the others go on.
    """
    from dataclasses import asdict, replace

    from tocsin import flow
    from tocsin.clock import now
    from tocsin.net import GuardedFetcher
    from tocsin.settings import settings
    from tocsin.sources.contract import Request
    from tocsin.sources.feeds import sort_paths

    files = tuple(path or ())
    plan = (
        {name: files for name in sources} if sources else sort_paths(files) or dict.fromkeys(flow.NETWORK, ())
    )
    offline = settings().offline
    with opened() as home:
        request = Request(
            paths=(),
            since=day(since, "--since"),
            published=moment_of(published, "--published"),
            recorded=now(),
            offline=offline,
            fetch=None if path else GuardedFetcher.from_environment(offline),
            release=release,
        )
        runs = [flow.gather(home, name, replace(request, paths=paths)) for name, paths in plan.items()]
    for run in runs:
        for line in flow.account(run):
            progress(line)
    if as_json:
        lines({**asdict(run.report), "written": run.written} for run in runs)
    if any(run.report.stopped or run.report.unreadable for run in runs):
        raise typer.Exit(2)
