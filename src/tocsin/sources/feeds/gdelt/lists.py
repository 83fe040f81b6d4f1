"""The publisher's lists: `size md5 address` a line, read from the disk and never whole in memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from tocsin.errors import InputError
from tocsin.sources.feeds.gdelt.names import FileName, Offer, file_name, kind_of

LONGEST = 1_000
"""Bytes of the longest line; the publisher's have about a hundred."""
QUARTER = timedelta(minutes=15)
ALL_DAY = (1 << 96) - 1

_LINE = re.compile(rb"(\d{1,15}) ([0-9a-fA-F]{32}) (\S+)")

Refuse = Callable[[str, str], None]
Seen = dict[tuple[str, bool], dict[date, int]]


class LineRefused(ValueError):
    """The reason why a line cannot be taken."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What of a list is wanted: addresses in these folders, of these kinds, in this time (ends included)."""

    folders: Sequence[str]
    kinds: Sequence[str]
    since: datetime
    until: datetime

    def offer(self, line: bytes) -> Offer | None:
        """The file that a line names; None for one that is not asked for. Raises LineRefused."""
        words = b" ".join(line.split())
        if not words:
            return None
        found = _LINE.fullmatch(words)
        if not found:
            raise LineRefused(f"is not 'size md5 address': {_shown(words)}")
        address = found[3].decode("ascii", "backslashreplace")
        folder, _, name = address.rpartition("/")
        if folder + "/" not in self.folders:
            raise LineRefused(f"names a file on another host or in another folder: {_shown(found[3])}")
        if (file := self._file(name)) is None:
            return None
        if not int(found[1]):
            raise LineRefused(f"says that {name} has no bytes")
        return Offer(file, address, found[2].decode().lower(), int(found[1]))

    def _file(self, name: str) -> FileName | None:
        if (kind := kind_of(name)) and kind not in self.kinds:
            return None
        try:
            file = file_name(name)
        except InputError as error:
            raise LineRefused(str(error)) from error
        if not file.packed:
            raise LineRefused(f"names {name}, which is no zip archive")
        if file.at > self.until:
            raise LineRefused(f"names {name}, which is of the future")
        return file if file.at >= self.since else None


def offers(text: bytes, name: str, bounds: Bounds, refuse: Refuse) -> list[Offer]:
    """The files that a short list names, in its order."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            offer = bounds.offer(line[:LONGEST])
        except LineRefused as refusal:
            refuse(f"{name}, line {number}", str(refusal))
            continue
        if offer:
            found.append(offer)
    return found


@dataclass(slots=True)
class Index:
    """Where the lines of each day lie in a long list on the disk, and which quarters of an hour it names.

    `runs` holds pairs of offsets in bytes: the list is nearly in order, so that a day is one or two runs.
    `seen` holds 96 bits a day, by kind and whether translated.
    """

    path: Path
    name: str
    bounds: Bounds
    runs: dict[date, list[tuple[int, int]]] = field(default_factory=dict)
    seen: Seen = field(default_factory=dict)
    newest: datetime | None = None

    def read(self, refuse: Refuse) -> None:
        """Goes through the whole list once; a line that cannot be taken is refused and the others go on."""
        run: date | None = None
        for number, start, line in _lines(self.path):
            try:
                if len(line) > LONGEST:
                    raise LineRefused(f"is longer than {LONGEST:,} bytes")
                offer = self.bounds.offer(line)
            except LineRefused as refusal:
                cut = "" if line.endswith(b"\n") or len(line) > LONGEST else "; the list ends in it"
                refuse(f"{self.name}, line {number}", f"{refusal}{cut}")
                run = None
                continue
            if offer:
                self._note(offer.file, (start, start + len(line)), run)
                run = offer.file.at.date()

    def day(self, day: date) -> Iterator[Offer]:
        """The files of one day, in the order of the list."""
        with self.path.open("rb") as stream:
            for start, end in self.runs.get(day, ()):
                stream.seek(start)
                while stream.tell() < end:
                    if offer := self.bounds.offer(stream.readline()):
                        yield offer

    def _note(self, file: FileName, place: tuple[int, int], run: date | None) -> None:
        """`run` is the day that the last line was of; lines that are left out do not end its run."""
        day = file.at.date()
        runs = self.runs.setdefault(day, [])
        if run == day:
            runs[-1] = (runs[-1][0], place[1])
        else:
            runs.append(place)
        self.newest = max(self.newest or file.at, file.at)
        mark(self.seen, file)


def mark(seen: Seen, file: FileName) -> None:
    """Notes that the quarter of an hour of a file is there."""
    days = seen.setdefault((file.kind, file.translated), {})
    day = file.at.date()
    days[day] = days.get(day, 0) | 1 << _quarter(file.at)


def gap(seen: dict[date, int], since: datetime, until: datetime) -> tuple[int, int, datetime | None]:
    """How many quarters of an hour from `since` to `until` are not there, of how many, and the first."""
    missing = expected = 0
    first = None
    day = since.date()
    while day <= until.date():
        whole = ALL_DAY
        if day == since.date():
            whole &= ALL_DAY << _quarter(since + QUARTER - timedelta(microseconds=1), day)
        if day == until.date():
            whole &= (1 << _quarter(until) + 1) - 1
        lacking = whole & ~seen.get(day, 0)
        if lacking and first is None:
            first = datetime.combine(day, time(), UTC) + ((lacking & -lacking).bit_length() - 1) * QUARTER
        missing, expected = missing + lacking.bit_count(), expected + whole.bit_count()
        day += timedelta(days=1)
    return missing, expected, first


def _quarter(at: datetime, day: date | None = None) -> int:
    """Which of the 96 quarters of an hour of its day (or of `day`) an instant lies in, from 0."""
    return int((at - datetime.combine(day or at.date(), time(), UTC)) / QUARTER)


def _lines(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """Number, offset and bytes of each line; of one that is too long only the beginning."""
    try:
        with path.open("rb") as stream:
            number = start = 0
            while line := stream.readline(LONGEST + 2):
                number += 1
                yield number, start, line
                start += len(line)
                while len(line) > LONGEST and not line.endswith(b"\n"):
                    line = stream.readline(LONGEST + 2)
                    start += len(line)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", path.name) from error


def _shown(words: bytes) -> str:
    return repr(words[:120].decode("ascii", "backslashreplace"))
