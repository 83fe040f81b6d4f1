"""GDELT files from a folder: .zip archives and unpacked ones, told apart by their names alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path

from tocsin.errors import InputError
from tocsin.sources.contract import Tally
from tocsin.sources.feeds.gdelt.lists import Bounds, Seen, mark
from tocsin.sources.feeds.gdelt.names import READ_BY, FileName, Offer, file_name, kind_of
from tocsin.sources.feeds.gdelt.plan import Plan, day_start, gaps


def brought(paths: Iterable[Path], limits: Bounds, since: date | None, tally: Tally) -> Plan:
    """The files of all paths. One that cannot be taken is refused by name and the others go on.

    Raises InputError for a path that is not there.
    """
    found: dict[str, Offer] = {}
    left: dict[str, list[str]] = {}
    for path in _files(paths):
        if reason := _left_out(path, limits):
            left.setdefault(reason, []).append(path.name)
            continue
        try:
            file = _fit(path, limits)
        except InputError as error:
            tally.open()
            tally.unreadable(str(path), error.what + (f" ({error.remedy})" if error.remedy else ""))
            continue
        if since and file.at < day_start(since):
            left.setdefault(f"of before {since}", []).append(path.name)
        elif file.slice in found:
            _second(found[file.slice], path, file, tally)
        else:
            found[file.slice] = Offer(file, path.name, path=path)
    for reason, names in left.items():
        tally.note(f"left out {len(names)} files {reason}, such as {names[0]}")
    for line in _gaps(found.values()):
        tally.note(line)
    return Plan(single=list(found.values()))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.exists():
            raise InputError("there is no such file or folder", str(path))
        yield from sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]


def _left_out(path: Path, limits: Bounds) -> str:
    kind = kind_of(path.name)
    if not kind or path.name.startswith("."):
        return "that are not GDELT's"
    return "" if kind in limits.kinds else f"that the source {READ_BY[kind]} reads"


def _fit(path: Path, limits: Bounds) -> FileName:
    file = file_name(path.name)
    if file.at > limits.until:
        raise InputError("is of the future", path.name, "is the clock right?")
    return file


def _second(first: Offer, path: Path, file: FileName, tally: Tally) -> None:
    """A second file of one slice: its other form is left out, the same name with other bytes refused."""
    if first.file.packed != file.packed or _bytes(first.path) == _bytes(path):
        tally.note(f"{file.slice} was brought twice and read once")
        return
    tally.open()
    tally.unreadable(str(path), f"is not the {file.slice} that was brought already (bring one of them)")


def _bytes(path: Path | None) -> tuple[int, str]:
    if path is None:
        return 0, ""
    try:
        with path.open("rb") as stream:
            return path.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", str(path)) from error


def _gaps(offers: Iterable[Offer]) -> list[str]:
    """What is missing between the first and the last file of each kind."""
    seen: Seen = {}
    spans: dict[tuple[str, bool], tuple[datetime, datetime]] = {}
    for file in (offer.file for offer in offers):
        mark(seen, file)
        key = (file.kind, file.translated)
        first, last = spans.get(key, (file.at, file.at))
        spans[key] = min(first, file.at), max(last, file.at)
    return gaps(seen, spans, "among the files")
