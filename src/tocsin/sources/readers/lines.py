"""Bytes and lines under a cap, decoded as UTF-8 and nothing else."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from tocsin.errors import InputError, TooLarge

MAX_BYTES = 16 * 1024 * 1024
"""The longest line and the largest single document that is read into memory."""

BROKEN = (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError)
BOM = b"\xef\xbb\xbf"


def text_lines(
    stream: IO[bytes], name: str, cap: int = MAX_BYTES, decode: Callable[[bytes, str, int], str] | None = None
) -> Iterator[str]:
    """The lines of `stream` with their ends, one in memory at a time.

    Raises TooLarge for a line over `cap` bytes, InputError for bytes that are not UTF-8 or cannot be read.
    `decode` (bytes, name, place of the first byte) reads the bytes in another way.
    """
    offset = number = 0
    while line := _line(stream, name, cap):
        number += 1
        if len(line) > cap:
            raise TooLarge(f"line {number} is longer than {cap:,} bytes", name, "is this the right file?")
        if number == 1 and line.startswith(BOM):
            line, offset = line[len(BOM) :], len(BOM)
        yield (decode or decoded)(line, name, offset)
        offset += len(line)


def decoded(data: bytes, name: str, offset: int = 0) -> str:
    """Text of UTF-8 bytes, a byte order mark left out. Raises InputError with the byte's place."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) and not offset:
        raise InputError("is UTF-16, not UTF-8", name, "save it as UTF-8")
    if data.startswith(BOM) and not offset:
        data, offset = data[len(BOM) :], len(BOM)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = f"byte {offset + error.start} (0x{data[error.start]:02x}) is not UTF-8"
        raise InputError(place, name, "save the file as UTF-8, for example with iconv -t UTF-8") from error


def whole(path: Path, cap: int = MAX_BYTES) -> bytes:
    """All bytes of a file. Raises TooLarge over `cap` bytes, InputError when it cannot be read."""
    try:
        with path.open("rb") as stream:
            data = stream.read(cap + 1)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", str(path)) from error
    if len(data) > cap:
        raise TooLarge(f"is larger than {cap:,} bytes", str(path), "split it")
    return data


def unwritable(*texts: str) -> str:
    """Why a text cannot be written as UTF-8, such as half of a surrogate pair; empty when it can."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError as error:
        return f"holds half a character (U+{ord(error.object[error.start]):04X}), which cannot be written"
    return ""


def _line(stream: IO[bytes], name: str, cap: int) -> bytes:
    try:
        return stream.readline(cap + 1)
    except BROKEN as error:
        raise InputError(f"cannot be read to its end ({error})", name, "fetch the file again") from error
