"""The door: verbs, and the boundary where an error becomes one line and an exit code.

A user's error is one line and exit code 2; ours is a traceback and exit code 1.
"""

from __future__ import annotations

import errno
import sys
from typing import Annotated

import typer

from tocsin.cli import (
    assess,
    check,
    code,
    custody,
    evaluate,
    figures,
    follow,
    gather,
    replay,
    review,
    run,
    serve,
    users,
    warn,
)
from tocsin.cli.home import shown
from tocsin.errors import TocsinError

USE = (
    "Norm of use: for protecting people. Not for targeting, not for pushing people back at a border, "
    "not for surveillance. This is a norm, not a lock; those who hold it answer for it."
)
_THEIRS = {
    errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.EDQUOT, errno.EADDRINUSE,
    errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EEXIST, errno.EIO,
}  # fmt: skip

app = typer.Typer(
    name="tocsin",
    help=f"Early warning of atrocity crimes: read, judge, forecast, alarm, follow up.\n\n{USE}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("run")(run.run)
app.command("serve")(serve.serve)
app.command("gather")(gather.gather)
app.command("code")(code.code)
app.command("assess")(assess.assess)
app.add_typer(warn.app, name="warn")
app.add_typer(follow.app, name="follow")
review.app.add_typer(figures.app, name="figures")
app.add_typer(review.app, name="review")
app.add_typer(users.app, name="users")
app.add_typer(check.app, name="check")
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(custody.app, name="custody")
app.command("replay")(replay.replay)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"tocsin {version('tocsin')}")
        raise typer.Exit


@app.callback()
def door(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and stop.")
    ] = False,
) -> None:
    """What stands above every verb."""


def main() -> None:
    """Run the command line; the only place where an error becomes an exit code."""
    try:
        app()
    except TocsinError as e:
        _say(str(e))
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as e:
        if e.errno not in _THEIRS:
            raise
        _say(f"{e.filename or 'the file system'}: {e.strerror}")
        sys.exit(2)
    except KeyboardInterrupt:
        _say("stopped; what was reported as written stays")
        sys.exit(130)


def _say(line: str) -> None:
    print("tocsin: " + " ".join(shown(line).split()), file=sys.stderr)
