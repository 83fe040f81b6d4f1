"""The body of an answer: capped, unpacked, hashed, and kept in memory or in a file."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from tocsin.errors import FetchFailed, InputError, TooLarge

if TYPE_CHECKING:
    from tocsin.net.exchange import Reply

CHUNK = 1024 * 1024
GZIP = ("gzip", "x-gzip")


@dataclass(frozen=True, slots=True)
class Body:
    """What was received and unpacked: in memory, or in the file `path`; with its digests in hexadecimal."""

    content: bytes = field(repr=False)
    path: Path | None
    md5: str
    sha256: str


def whole(reply: Reply, into: Path | None) -> Body:
    """The body to its end. Raises TooLarge, FetchFailed, and InputError for a file that cannot be written."""
    if reply.announced and reply.announced > reply.limits.wire_bytes:
        raise TooLarge(
            f"announces {reply.announced} bytes; at most {reply.limits.wire_bytes} are taken", reply.shown
        )
    return kept(_capped(reply), into)


def start(reply: Reply, most: int) -> bytes:
    """The first `most` bytes of the body; what follows is not read."""
    taken = bytearray()
    for part in parts(reply):
        taken += part
        if len(taken) >= most:
            break
    return bytes(taken[:most])


def kept(body: Iterable[bytes], into: Path | None) -> Body:
    """The parts joined in memory, or in a file that appears whole or not at all."""
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    held = bytearray()
    with _appearing(into) as file:
        for part in body:
            md5.update(part)
            sha256.update(part)
            if file:
                file.write(part)
            else:
                held += part
    return Body(bytes(held), into, md5.hexdigest(), sha256.hexdigest())


@contextmanager
def _appearing(path: Path | None) -> Iterator[IO[bytes] | None]:
    """A file beside `path` that takes its place once everything is written, on the disk too."""
    if path is None:
        yield None
        return
    beside = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.name[:100]}.", suffix=".part", delete=False
        ) as file:
            beside = Path(file.name)
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        beside = None
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror or error})", str(path)) from error
    finally:
        if beside:
            with suppress(OSError):
                beside.unlink()


def _capped(reply: Reply) -> Iterator[bytes]:
    size, most = 0, reply.limits.body_bytes
    for part in parts(reply):
        size += len(part)
        if size > most:
            raise TooLarge(f"more than {most} bytes when unpacked", reply.shown)
        yield part


def parts(reply: Reply) -> Iterator[bytes]:
    """The unpacked body in bounded pieces: the standard decoders would unpack a bomb in one step."""
    encoding = reply.header("content-encoding").strip().lower() or "identity"
    if encoding in GZIP:
        yield from _unpacked(reply)
    elif encoding == "identity":
        yield from _wire(reply)
    else:
        told = reply.veil.line(reply.header("content-encoding"))
        raise FetchFailed(f"{reply.shown}: answered in the encoding {told!r}, which was not asked for")


def _unpacked(reply: Reply) -> Iterator[bytes]:
    """Every member of a gzip answer (RFC 1952, section 2.2); zeros after the last one are padding."""
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        for chunk in _wire(reply):
            rest = chunk
            while rest:
                if unpack.eof and not (rest := rest.lstrip(b"\0")):
                    break
                if unpack.eof:
                    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
                yield unpack.decompress(rest, CHUNK)
                rest = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
    except zlib.error as error:
        raise FetchFailed(f"{reply.shown}: broken gzip in the answer ({error})") from error
    if not unpack.eof:
        raise reply.broken("the gzip answer is cut short")


def _wire(reply: Reply) -> Iterator[bytes]:
    """The bytes as they come, until too many, too late, or more than were announced."""
    wire, most = 0, reply.limits.wire_bytes
    for chunk in reply.chunks():
        wire += len(chunk)
        if wire > most:
            raise TooLarge(f"more than {most} bytes", reply.shown)
        if reply.deadline.passed:
            break
        yield chunk
    if reply.deadline.passed:
        # Said of a body that ended as well: what was hung up looks whole when it told no length.
        raise FetchFailed(f"{reply.shown}: {reply.deadline.late}")
    if reply.beyond:
        raise reply.broken(f"announced {reply.announced} bytes and sent more")
