"""tocsin gather: read sources into the lake, with an account of every row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.home import day, lines, moment_of, opened, progress
from tocsin.errors import UserError

if TYPE_CHECKING:
    from datetime import date

    from tocsin.clock import Moment
    from tocsin.flow import Gathering
    from tocsin.sources.contract import Progress, Request
    from tocsin.store.home import Home

Asked = tuple[str, tuple[Path, ...], tuple[str, ...], tuple[str, ...]]
"""A source, the files it reads, the parts that are asked for, and addresses of pages."""


def gather(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            help="Ids of fact sheets (tocsin check sources lists them), ID/PART for a part of one, such as "
            "feeds/icrc, or the address of a page."
        ),
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
    """Read sources into the home, from the network or with --from.

    Long work is done in steps: what was cut off goes on where it stopped when it is called again. Each run
    says rows read, used, ignored and refused. A source that fails stops; the others go on. Exit code 0 when
    single rows were refused (each is named, the rest is kept), 2 when a whole file, feed or source could not
    be read.
    """
    from dataclasses import asdict

    from tocsin.cli.bars import bars

    files, days = tuple(path or ()), day(since, "--since")
    _must_hold(files)
    with opened(make=True) as home, bars() as tell:
        listed = bool(path) and "pages" not in (sources or ())
        asked = _asked(listed, days, moment_of(published, "--published"), release, tell)
        runs = _run(home, _plan(sources or (), files), asked)
    _account(runs)
    if as_json:
        lines({**asdict(run.report), "written": run.written} for run in runs)
    if any(run.report.stopped or run.report.unreadable for run in runs):
        raise typer.Exit(2)


def _asked(
    files: bool, since: date | None, published: Moment | None, release: str, tell: Progress
) -> Request:
    from tocsin.clock import now
    from tocsin.net import GuardedFetcher
    from tocsin.settings import settings
    from tocsin.sources.contract import Request

    offline = settings().offline
    fetch = None if files else GuardedFetcher.from_environment(offline)
    return Request((), since, published, now(), offline, fetch, release, progress=tell)


def _run(home: Home, plan: Sequence[Asked], request: Request) -> list[Gathering]:
    from dataclasses import replace

    from tocsin import flow
    from tocsin.sources.contract import Wanted

    return [
        flow.gather(home, name, replace(request, paths=paths, only=only, pages=tuple(map(Wanted, pages))))
        for name, paths, only, pages in plan
    ]


def _plan(words: Sequence[str], files: tuple[Path, ...]) -> list[Asked]:
    """Which source reads what: those named; else those that read such files; else those of every day."""
    from tocsin.flow import NETWORK
    from tocsin.sources.feeds import sort_paths

    if not words:
        sorted_files = sort_paths(files) or dict.fromkeys(NETWORK, ())
        return [(name, paths, (), ()) for name, paths in sorted_files.items()]
    pages = tuple(word for word in words if "://" in word)
    parts: dict[str, tuple[str, ...]] = {"pages": ()} if pages else {}
    for word in (w for w in words if "://" not in w):
        name, _, part = word.partition("/")
        parts[name] = (*parts.get(name, ()), *([part] if part else []))
    return [(name, files, only, pages if name == "pages" else ()) for name, only in parts.items()]


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
