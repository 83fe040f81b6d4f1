"""The source `folder`: documents that the user brings.

A document's date is the one it states itself, else the request's; its file name says nothing about it. Its
origin is the agency or publisher it states, else its address's domain. All that state none of these share one
origin: nothing tells two such documents from two by one person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tocsin.clock import Moment
from tocsin.errors import InputError
from tocsin.evidence import sha256
from tocsin.sources.contract import NOTHING, Gathered, Request, Tally
from tocsin.sources.factsheet import FactSheet, fact_sheet
from tocsin.sources.origins import host_of, is_web, origin_of, unstated
from tocsin.sources.readers.documents import Document, Read, documents
from tocsin.sources.readers.lines import unwritable
from tocsin.sources.record import Record, record_id

SOURCE = "folder"


@dataclass(frozen=True, slots=True)
class Folder:
    """The source `folder`."""

    name: str = SOURCE

    def read(self, request: Request) -> Iterator[Gathered]:
        """Records, lazily, in the order of the paths, files of a folder by name; in one step."""
        tally = Tally(SOURCE)
        yield Gathered(SOURCE, tally, records=tally.guarded(_records(request, fact_sheet(SOURCE), tally)))


def _records(request: Request, sheet: FactSheet, tally: Tally) -> Iterator[Record]:
    undated = 0
    if not request.paths:
        raise tally.stop("no documents were given (bring some with --from)")
    for found in _documents(request.paths, tally):
        tally.read()
        if isinstance(found, InputError):
            tally.refuse(found.where, _why(found))
            continue
        if fault := _fault(found):
            tally.refuse(found.where, fault)
            continue
        tally.columns(found.unknown, ())
        record = _record(found, request, sheet, tally)
        if request.since and record.published and record.published.end.date() < request.since:
            tally.ignore(f"published before {request.since}")
            continue
        undated += record.known is None
        tally.use()
        yield record
    if undated:
        state = "documents state no full date" if undated > 1 else "document states no full date"
        tally.note(f"{undated} {state} and no past turn will see them: give it with --published")
    if not tally.rows_read:
        tally.note(NOTHING)


def _documents(paths: tuple[Path, ...], tally: Tally) -> Iterator[Read]:
    """The documents of all paths. A file that cannot be read is refused and the others go on.

    Raises the InputError of the first such file when there is nothing else.
    """
    unreadable: list[InputError] = []
    for path in _files(paths, tally):
        tally.open()
        try:
            yield from documents(path)
        except InputError as error:
            tally.unreadable(str(path), _why(error))
            unreadable.append(error)
    if unreadable and not tally.used:
        raise unreadable[0]


def _files(paths: tuple[Path, ...], tally: Tally) -> Iterator[Path]:
    for path in paths:
        if not path.exists():
            raise InputError("there is no such file or folder", str(path))
        for inside in sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]:
            if any(part.startswith(".") for part in inside.relative_to(path).parts):
                tally.note(f"left out the hidden file {inside.name}")
            else:
                yield inside


def _why(error: InputError) -> str:
    return error.what + (f" ({error.remedy})" if error.remedy else "")


def _fault(found: Document) -> str:
    """Why a document that could be read cannot be taken; empty when it can."""
    said = (found.text, found.title, found.url, found.id, found.publisher, found.language, *found.unknown)
    if half := unwritable(*said):
        return half
    return f"url {found.url[:80]!r} is not an address" if is_web(found.url) and not host_of(found.url) else ""


def _record(found: Document, request: Request, sheet: FactSheet, tally: Tally) -> Record:
    published, content = _published(found, request, tally), sha256(found.raw)
    address = found.url or found.id or f"sha256:{content}"
    return Record(
        id=record_id(SOURCE, address, found.raw),
        source=SOURCE,
        address=address,
        title=found.title,
        text=found.text,
        language=found.language,
        raw_sha256=content,
        licence=sheet.licence,
        sensitivity=sheet.sensitivity,
        origin=found.publisher.casefold() or origin_of(found.url) or unstated(SOURCE),
        published=published,
        known=published,
        recorded=request.recorded,
        backfilled=published is not None,
    )


def _published(found: Document, request: Request, tally: Tally) -> Moment | None:
    """The document's own date, else the request's. A date after the run is an error of the document."""
    if found.published and found.published.at > request.recorded:
        tally.note(f"{found.where}: states the future date {found.published}, which is not used")
        return request.published
    return found.published or request.published
