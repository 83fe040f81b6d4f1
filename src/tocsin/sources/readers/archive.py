"""Zip archives, opened with suspicion: caps, ratios, names."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from tocsin.errors import InputError, TooLarge
from tocsin.sources.readers.lines import BROKEN

MAX_MEMBERS = 1_000
MAX_UNPACKED = 4 * 1024**3
MAX_RATIO = 200
RATIO_FROM = 8 * 1024**2
"""Bytes from which the ratio of unpacked to packed size is judged; small files may pack very well."""


@contextmanager
def opened(file: Path | IO[bytes], name: str, max_unpacked: int = MAX_UNPACKED) -> Iterator[zipfile.ZipFile]:
    """The archive, after its table of contents passed every guard.

    Raises InputError when it is cut short, encrypted, nested or names files outside itself, TooLarge for a
    bomb.
    """
    try:
        archive = zipfile.ZipFile(file)
    except (*BROKEN, struct.error, ValueError, OverflowError) as error:
        raise InputError(
            f"is not a whole zip archive ({error})", name, "it may be cut short; fetch it again"
        ) from error
    with archive:
        _check(archive.infolist(), name, max_unpacked)
        yield archive


def members(archive: zipfile.ZipFile, endings: tuple[str, ...]) -> list[str]:
    """The names of its files with one of the endings (lower case), in order, without those macOS adds."""
    found = (n for n in sorted(archive.namelist()) if n.lower().endswith(endings))
    return [name for name in found if not name.startswith("__MACOSX/")]


@contextmanager
def member(archive: zipfile.ZipFile, path: str, name: str) -> Iterator[IO[bytes]]:
    """One file of the archive, as a stream. Raises InputError when it cannot be opened."""
    try:
        stream = archive.open(path)
    except (*BROKEN, RuntimeError, struct.error, ValueError) as error:
        raise InputError(f"cannot be unpacked ({error})", name, "fetch the archive again") from error
    with stream:
        yield stream


def _check(entries: list[zipfile.ZipInfo], name: str, max_unpacked: int) -> None:
    if len(entries) > MAX_MEMBERS:
        raise TooLarge(f"holds {len(entries)} files; at most {MAX_MEMBERS} are taken", name)
    if sum(entry.file_size for entry in entries) > max_unpacked:
        raise TooLarge(f"unpacks to more than {max_unpacked:,} bytes", name)
    for entry in entries:
        inside, path = f"{name}!{entry.filename}", PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in entry.filename:
            raise InputError("names a file outside the archive", inside, "do not open it")
        if entry.flag_bits & 1:
            raise InputError("is encrypted", inside, "unpack it first")
        if path.suffix.lower() in (".zip", ".gz", ".7z", ".rar", ".tar"):
            raise InputError("is an archive inside an archive", inside, "unpack it first")
        if entry.file_size > max(RATIO_FROM, MAX_RATIO * entry.compress_size):
            raise TooLarge(f"unpacks {entry.compress_size:,} bytes to {entry.file_size:,}", inside)
