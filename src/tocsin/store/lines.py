"""The lines of an unpacked file: counted quickly where they are whole, one by one where they are not."""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

LONGEST = 2_000_000
"""Bytes of the longest line that is read."""
_BLOCK = 8 << 20
_MARK = b"\xef\xbb\xbf"
"""What some programs write before the first character of a file."""


@dataclass(frozen=True, slots=True)
class Lines:
    """A file that is read: `path` the file or its clean copy, `count` the lines of the file as delivered.

    `numbers` are the line numbers of a clean copy's lines, `refused` (line, why) the lines it lacks.
    """

    path: Path
    count: int
    numbers: array[int] | None = None
    refused: tuple[tuple[int, str], ...] = ()


def counted(path: Path) -> Lines | None:
    """How many lines a file has; None for one with bytes that no line may have, which must be cleaned."""
    if path.stat().st_size == 0:
        return Lines(path, 0)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data.find(b"\r") >= 0 or data.find(b"\0") >= 0:
            return None
        count = 0
        for start in range(0, len(data), _BLOCK):
            count += int(np.count_nonzero(np.frombuffer(data[start : start + _BLOCK], np.uint8) == 10))
        return Lines(path, count + (data[-1] != 10))


@dataclass(slots=True)
class _Copy:
    numbers: array[int] = field(default_factory=lambda: array("Q"))
    refused: list[tuple[int, str]] = field(default_factory=list)
    count: int = 0


def cleaned(path: Path, into: Path, columns: int, separator: str) -> Lines:
    """A copy of a file with its whole lines alone: so many columns, UTF-8, no longer than LONGEST."""
    made, mark = _Copy(), separator.encode()
    with path.open("rb") as file, into.open("wb") as out:
        for line in _lines(file):
            made.count += 1
            if made.count == 1:
                line = line.removeprefix(_MARK)  # noqa: PLW2901
            if why := _fault(line, columns, mark):
                made.refused.append((made.count, why))
            else:
                made.numbers.append(made.count)
                out.write(line + b"\n")
    return Lines(into, made.count, made.numbers, tuple(made.refused))


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Each line without its end; of one that is too long only the beginning, which is too long as well."""
    while line := file.readline(LONGEST + 2):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST)
        yield line.removesuffix(b"\n").removesuffix(b"\r")


def _fault(line: bytes, columns: int, mark: bytes) -> str:
    """Why a line cannot be read; empty for one that can."""
    if len(line) > LONGEST:
        return f"is longer than {LONGEST:,} bytes"
    if not line:
        return "is empty"
    if b"\0" in line or b"\r" in line:
        return "holds control characters"
    found = line.count(mark) + 1
    if found != columns:
        return f"has {found} columns, not {columns}"
    try:
        line.decode()
    except UnicodeDecodeError as e:
        return f"is not UTF-8 at byte {e.start + 1}"
    return ""


def lines_of(path: Path) -> int:
    """How many lines a file has, whatever is in them."""
    count, last = 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            count, last = count + block.count(b"\n"), block[-1:]
    return count + (last != b"\n")
