"""tocsin gather: read sources into the lake, with an account of every row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.home import day, lines, moment_of, opened, progress
from tocsin.errors import UserError

if TYPE_CHECKING:
    from tocsin.flow import Gathering


def gather(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Ids of the fact sheets (see: tocsin check sources).")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Leave out what is older than this day.")] = None,
    path: Annotated[
        list[Path] | None, typer.Option("--from", help="A file or folder instead of the network.")
    ] = None,
    published: Annotated[str | None, typer.Option(help="The date of documents that state none.")] = None,
    release: Annotated[
        str, typer.Option(help="The release of files that do not name theirs, such as 25.1.")
    ] = "",
    only: Annotated[
        list[str] | None, typer.Option(help="Parts of a source: ids of feeds, names of series.")
    ] = None,
    page: Annotated[
        list[str] | None, typer.Option(help="The address of a page, for the source pages.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The account as JSON lines.")] = False,
) -> None:
    """Read sources into the home, from the network or with --from.

    Long work is done in steps: what was cut off goes on where it stopped when it is called again. Each run
    says rows read, used, ignored and refused. A source that fails stops; the others go on. Exit code 0 when
    single rows were refused (each is named, the rest is kept), 2 when a whole file, feed or source could not
    be read.
    """
    from dataclasses import asdict, replace

    from tocsin import flow
    from tocsin.cli.bars import bars
    from tocsin.clock import now
    from tocsin.net import GuardedFetcher
    from tocsin.settings import settings
    from tocsin.sources.contract import Request, Wanted

    files = tuple(path or ())
    _must_hold(files)
    offline = settings().offline
    with opened(make=True) as home, bars() as tell:
        request = Request(
            paths=(),
            since=day(since, "--since"),
            published=moment_of(published, "--published"),
            recorded=now(),
            offline=offline,
            fetch=None if path else GuardedFetcher.from_environment(offline),
            release=release,
            only=tuple(only or ()),
            pages=tuple(Wanted(address) for address in page or ()),
            progress=tell,
        )
        plan = _plan(sources or (), files, bool(page))
        runs = [flow.gather(home, name, replace(request, paths=paths)) for name, paths in plan.items()]
    _account(runs)
    if as_json:
        lines({**asdict(run.report), "written": run.written} for run in runs)
    if any(run.report.stopped or run.report.unreadable for run in runs):
        raise typer.Exit(2)


def _plan(sources: Sequence[str], files: tuple[Path, ...], pages: bool) -> dict[str, tuple[Path, ...]]:
    """Which source reads what: those named; else those that read such files; else those of every day."""
    from tocsin.flow import NETWORK
    from tocsin.sources.feeds import sort_paths

    if sources:
        return dict.fromkeys(sources, files)
    if pages:
        return {"pages": files}
    return sort_paths(files) or dict.fromkeys(NETWORK, ())


def _account(runs: Sequence[Gathering]) -> None:
    for run in runs:
        for line in account(run):
            progress(line.replace(f"stopped: {run.report.source} stopped: ", "stopped: "))


def account(run: Gathering) -> list[str]:
    """The account of one reading in lines: what was read, used, ignored, refused, and why."""
    report = run.report
    nothing = "nothing written" if report.stopped else "nothing new"
    new = ", ".join(f"{n:,} new {table}" for table, n in run.written.items() if n) or nothing
    out = [
        f"{report.source}: {report.rows_read} read, {report.used} used, "
        f"{sum(report.ignored.values())} ignored, "
        f"{report.refused_rows} refused; {new}"
    ]
    out += [f"  ignored: {why} ({n})" for why, n in report.ignored.items()]
    out += [f"  refused: {where}: {why}" for where, why in report.refused]
    out += [f"  unknown column: {name}" for name in report.unknown_columns]
    out += [f"  missing column: {name}" for name in report.missing_columns]
    out += [f"  note: {note}" for note in report.notes]
    return [*out, f"  stopped: {report.stopped}"] if report.stopped else out


def _must_hold(paths: Sequence[Path]) -> None:
    for folder in (p for p in paths if p.is_dir()):
        inside = (f.relative_to(folder) for f in folder.rglob("*") if f.is_file())
        if all(any(part.startswith(".") for part in f.parts) for f in inside):
            raise UserError(f"{folder} holds no file that can be read; nothing was gathered")
