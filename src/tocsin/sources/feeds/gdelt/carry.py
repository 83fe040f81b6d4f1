"""Files brought from the publisher or a folder to where they are read: checked, unpacked, several at a time.

What does not come, or is not what the list says, is refused by name, and the others go on. When many in a row
do not come, the publisher is asked for a small list: without an answer the step stops, because a host that is
down must not look like files that are not there.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from tocsin.clock import Moment, Precision
from tocsin.errors import AddressRefused, FetchFailed, InputError, SourceStopped, TooLarge
from tocsin.evidence import content_id
from tocsin.net import Ask, Fetched, Fetcher, Validators
from tocsin.sources.feeds.gdelt.names import Offer
from tocsin.sources.readers import archive
from tocsin.sources.readers.lines import BROKEN
from tocsin.sources.slices import Delivered, Slice

WORKERS = 4
AHEAD = 8
"""Files under way before the first of them is read, fetched and unpacked by so many threads meanwhile."""
SMALL = 256 * 1024
AHEAD_SMALL = 192
"""So many may be under way while all of them are small on disk: they unpack while the lake is written."""
MAX_UNPACKED = 1024**3
"""Bytes of the largest slice; the largest known, of the knowledge graph, have some tens of millions."""
IN_A_ROW = 8
"""Files in a row that may fail to come before the publisher is asked whether it is there at all."""
PROBE = "lastupdate.txt"
CHUNK = 1024 * 1024
NONE = Validators()


@dataclass(frozen=True, slots=True)
class Held:
    """A file that turned out to be in the home already."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that cannot be taken, and why. `came` is False when it did not arrive."""

    why: str
    came: bool = True


Carried = Delivered | Held | Refused


@dataclass(frozen=True, slots=True)
class Site:
    """Where the publisher's files are: the folders that may be opened, and how they are asked for."""

    fetch: Fetcher
    folders: tuple[str, ...]
    robots: bool

    @property
    def home(self) -> str:
        """The folder of the publisher's lists."""
        return self.folders[0]

    def ask(
        self,
        address: str,
        validators: Validators = NONE,
        into: Path | None = None,
        most_bytes: int | None = None,
    ) -> Fetched:
        """What is behind an address, if it is the publisher who answers. Raises as `Fetcher.fetch` does."""
        ask = Ask(into=into, robots=self.robots, most_bytes=most_bytes)
        answer = self.fetch.fetch(address, validators, ask)
        if answer.url.rpartition("/")[0] + "/" not in self.folders:
            raise AddressRefused(f"{address} redirects to {answer.url}, which is not the publisher's")
        return answer

    def get(self, offer: Offer, into: Path) -> None:
        """Fetches a file; once more when it is not what the list says. Raises FetchFailed and InputError."""
        told = ""
        for _ in range(2):
            answer = self.ask(offer.address, into=into)
            if answer.md5 == offer.md5:
                return
            kind = f", {answer.content_type}" if answer.content_type else ""
            told = f"came twice with another content than the list says (md5 {answer.md5}{kind})"
        raise FetchFailed(f"{told}; the list says {offer.md5}")

    def must_answer(self) -> None:
        """Raises SourceStopped when the publisher does not even answer for a small list."""
        try:
            self.ask(self.home + PROBE)
        except (FetchFailed, AddressRefused) as error:
            raise SourceStopped(f"{IN_A_ROW} files in a row did not come, and then {error}") from error


@dataclass(frozen=True, slots=True)
class Carrier:
    """Brings the files of one step into one folder. `held` are the slices of the home, by name."""

    source: str
    site: Site | None
    folder: Path
    recorded: datetime
    held: Mapping[str, Slice]

    def carry(self, offers: Iterable[Offer]) -> Iterator[tuple[Offer, Carried]]:
        """Each file in its order, with what became of it.

        Raises SourceStopped when the publisher is gone, InputError when the folder cannot be written.
        """
        waiting: deque[tuple[Offer, Future[Carried]]] = deque()
        lost, large = 0, False
        pool = ThreadPoolExecutor(WORKERS, thread_name_prefix=self.source)
        try:
            coming = iter(offers)
            while True:
                while len(waiting) < (AHEAD if large else AHEAD_SMALL) and (offer := next(coming, None)):
                    waiting.append((offer, pool.submit(self._carried, offer)))
                    large = large or not _small(offer)
                if not waiting:
                    return
                offer, future = waiting.popleft()
                result = future.result()
                lost = lost + 1 if isinstance(result, Refused) and not result.came else 0
                if lost >= IN_A_ROW and self.site:
                    self.site.must_answer()
                    lost = 0
                yield offer, result
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _carried(self, offer: Offer) -> Carried:
        try:
            packed = offer.path or self._fetched(offer)
            return self._read(offer, packed)
        except (FetchFailed, AddressRefused) as error:
            return Refused(str(error), came=False)
        except TooLarge as error:
            return Refused(str(error))
        except _Unfit as error:
            return Refused(str(error))

    def _fetched(self, offer: Offer) -> Path:
        if self.site is None:
            raise AddressRefused("is not a file that was brought, and the network is not used")
        packed = self.folder / f"{offer.file.slice}.zip"
        self.site.get(offer, packed)
        return packed

    def _read(self, offer: Offer, path: Path) -> Carried:
        md5 = offer.md5 or _digest(path, "md5")
        known = self.held.get(offer.file.slice)
        if known and known.md5 == md5:
            return Held()
        if offer.file.packed:
            unpacked = self.folder / offer.file.slice
            sha256 = _unpacked(path, offer, unpacked)
            if offer.path is None:
                path.unlink()
        else:
            unpacked, sha256 = path, _digest(path, "sha256")
        if known and known.sha256 == sha256:
            if unpacked != offer.path:
                unpacked.unlink()
            return Held()
        return Delivered(self._slice(offer, md5, sha256, known), unpacked)

    def _slice(self, offer: Offer, md5: str, sha256: str, known: Slice | None) -> Slice:
        name = offer.file.slice
        return Slice(
            id=content_id("slc", self.source, name, sha256),
            source=self.source,
            table=offer.file.table,
            name=name,
            address=offer.address,
            md5=md5,
            sha256=sha256,
            known=Moment(offer.file.at, Precision.INSTANT),
            recorded=self.recorded,
            replaces=known.id if known else "",
        )


def _small(offer: Offer) -> bool:
    """Whether a file that was brought is small; of one that is fetched nothing is sure until it came."""
    try:
        return offer.path is not None and offer.path.stat().st_size <= SMALL
    except OSError:
        return False


class _Unfit(Exception):
    """Why a file that came cannot be taken."""


def _unpacked(path: Path, offer: Offer, into: Path) -> str:
    """Unpacks the one file of an archive; gives the SHA-256 of what it holds. Raises _Unfit, InputError."""
    name = offer.address.rpartition("/")[2]
    try:
        with (
            archive.opened(path, name, MAX_UNPACKED) as opened,
            archive.member(opened, _only(opened, offer.file.slice), name) as stream,
        ):
            return _copied(stream, into)
    except InputError as error:
        if error.where == str(into):
            raise
        raise _Unfit(_bare(error)) from error


def _only(opened: ZipFile, name: str) -> str:
    """The one file that the archive must hold, under its own name."""
    inside = opened.infolist()
    if len(inside) != 1:
        raise _Unfit(f"holds {len(inside)} files, not one")
    if PurePosixPath(inside[0].filename).name.casefold() != name.casefold():
        raise _Unfit(f"holds {inside[0].filename[:120]!r}, not {name}")
    if inside[0].compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise _Unfit("is packed in a way that is not read (only stored and deflated files are)")
    return inside[0].filename


def _copied(stream: IO[bytes], into: Path) -> str:
    digest = hashlib.sha256()
    try:
        with into.open("wb") as file:
            while part := _part(stream):
                digest.update(part)
                file.write(part)
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror or error})", str(into)) from error
    except _Unfit:
        into.unlink(missing_ok=True)
        raise
    return digest.hexdigest()


def _part(stream: IO[bytes]) -> bytes:
    try:
        return stream.read(CHUNK)
    except BROKEN as error:
        raise _Unfit(f"cannot be unpacked to its end ({error})") from error


def _digest(path: Path, kind: str) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, kind).hexdigest()
    except OSError as error:
        raise _Unfit(f"cannot be read ({error.strerror or error})") from error


def _bare(error: InputError) -> str:
    return error.what + (f" ({error.remedy})" if error.remedy else "")
