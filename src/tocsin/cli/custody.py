"""tocsin custody: is the log of what was decided and sealed whole; copies, proofs and timestamps of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.home import lines, opened, progress, tell
from tocsin.errors import HomeDamaged, UserError

if TYPE_CHECKING:
    from tocsin.evidence.verified import Verified

app = typer.Typer(help="Verify, copy, prove and timestamp the log.", no_args_is_help=True)
Folder = Annotated[Path | None, typer.Argument(help="A copy that export wrote; the home when left out.")]


@app.command("verify")
def verify(
    folder: Folder = None,
    against: Annotated[
        Path | None, typer.Option(help="An earlier copy: nothing of it may have changed.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Find what was changed, removed or moved in the log: each fault one line, and exit code 2.

    Timestamps are held to the certificates of TOCSIN_TSA_ROOTS. A copy is verified without a home.
    """
    from tocsin.evidence.custody import grown_faults

    found = _read(folder)
    faults = list(found.faults)
    if against is not None:
        earlier = _read(against)
        faults += [f"the earlier copy: {fault}" for fault in earlier.faults]
        faults += grown_faults((earlier.log, earlier.heads), (found.log, found.heads))
    if as_json:
        lines([_account(found) | {"faults": faults}])
    else:
        tell(_said(found))
    for fault in faults:
        progress(fault)
    if faults:
        raise HomeDamaged(f"{len(faults)} fault(s) found in the log of {folder or 'the home'}")
    progress("the log is whole" + (f", and {against} is its beginning" if against else ""))


@app.command("export")
def export(
    folder: Annotated[Path, typer.Argument(help="A new folder for the copy.")],
    public: Annotated[
        bool, typer.Option("--public", help="Withhold the text of proposals that were never issued.")
    ] = False,
) -> None:
    """Copy the log and its heads, without any key: the copy verifies on another machine."""
    with opened() as home:
        size = home.custody.export(folder, public)
    progress(f"{folder}: {size} entries; verify it with: tocsin custody verify {folder}")


@app.command("proof")
def proof(
    ref: Annotated[str, typer.Argument(help="An alarm or engagement with its revision, such as alm-....2.")],
) -> None:
    """What shows that one entry is in the log (RFC 6962, inclusion proof), as JSON."""
    with opened() as home:
        lines([home.custody.proof(ref)])


@app.command("head")
def head(
    since: Annotated[
        int | None, typer.Option(help="Size of a log that was seen earlier: show that it is the beginning.")
    ] = None,
) -> None:
    """The newest head, to be kept or published elsewhere, as JSON (with --since a consistency proof)."""
    with opened() as home:
        lines([home.custody.head(since)])


@app.command("timestamp")
def timestamp(
    authority: Annotated[
        str | None, typer.Option(help="Address of a timestamp authority instead of TOCSIN_TSA_URL.")
    ] = None,
) -> None:
    """Have an authority outside timestamp the newest head (RFC 3161), and check it before it is kept."""
    from tocsin.evidence.timestamps import stamp, trusted
    from tocsin.net import GuardedFetcher, Limits
    from tocsin.settings import settings

    found = settings()
    url, roots = authority or found.tsa_url, trusted()
    if not url or not roots:
        raise UserError(
            "no authority is set: TOCSIN_TSA_URL names its address, TOCSIN_TSA_ROOTS a PEM file of its roots"
        )
    limits = Limits(wire_bytes=1 << 20, body_bytes=1 << 20, seconds=60.0, retries=0)
    with opened() as home:
        newest = home.custody.newest()
        kept = stamp(GuardedFetcher.from_environment(found.offline, limits), url, roots, newest)
        home.custody.keep(kept)
    progress(f"the log of {kept.size} entries is timestamped: {kept.at} UTC by {url}")


@app.command("erase")
def erase(
    of: Annotated[str, typer.Argument(metavar="REF", help="An entry whose typed words are cut loose.")] = "",
    name: Annotated[str, typer.Option("--person", help="Someone whose name is cut loose instead.")] = "",
) -> None:
    """Destroy the key that ties hidden words or a name to the log, for ever; the log still verifies."""
    from tocsin.store.log import person

    if bool(of) == bool(name):
        raise UserError("name one: REF for the words of an entry, or --person NAME")
    with opened() as home:
        home.custody.erase(person(name) if name else of)
    progress("the key is destroyed; backups made before still hold it")


def _read(folder: Path | None) -> Verified:
    from tocsin.evidence.log_copy import read_copy
    from tocsin.evidence.timestamps import trusted
    from tocsin.evidence.verified import verified

    if folder is not None:
        return verified(*read_copy(folder), trusted())
    with opened() as home:
        return home.custody.verified()


def _account(found: Verified) -> dict[str, Any]:
    newest, stamped = found.heads[-1] if found.heads else None, found.stamped.newest
    return {
        "entries": len(found.log.leaves),
        "withheld": found.log.withheld,
        "heads": len(found.heads),
        "root": newest.root if newest else None,
        "timestamp": {"size": stamped.size, "at": stamped.at, "authority": stamped.authority}
        if stamped
        else None,
        "timestamps_unchecked": found.stamped.unchecked,
    }


def _said(found: Verified) -> list[str]:
    told = _account(found)
    withheld = f", {told['withheld']} withheld" if told["withheld"] else ""
    said = [
        f"{told['entries']} entries{withheld} under {told['heads']} head(s); root {told['root'] or 'none'}"
    ]
    if stamped := found.stamped.newest:
        said.append(f"timestamped at {stamped.size} entries: {stamped.at} UTC by {stamped.authority}")
    else:
        said.append("not timestamped: nothing outside shows when it was written")
    if found.stamped.unchecked:
        said.append(
            f"{found.stamped.unchecked} timestamp(s) not held to a root certificate (TOCSIN_TSA_ROOTS)"
        )
    return said
