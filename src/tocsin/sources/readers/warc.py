"""Web archives (WARC 1.0 and 1.1, ISO 28500), ours and foreign, read with suspicion: framing, caps, digests.

Of a file only the answers to http requests are read. Every other record is named and left out, and a record
that cannot be taken never hides the next one. What is no longer framed (a file that was cut, broken gzip)
ends the reading with an error that says where.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from tocsin.clock import parse_moment
from tocsin.errors import InputError, TooLarge
from tocsin.sources.readers.lines import BROKEN, MAX_BYTES

ENDINGS = (".warc", ".warc.gz")
MAX_HEAD = 64 * 1024
"""The longest head of one record, bytes."""
MAX_UNPACKED = 16 * 1024**3
"""Bytes of a whole file after decompression."""
MAX_RATIO = 1_000
"""Unpacked to packed size of a whole file, judged from `RATIO_FROM` unpacked bytes."""
RATIO_FROM = 256 * 1024**2
_LENGTH = re.compile(rb"(?im)^content-length[ \t]*:[ \t]*(\d{1,15})[ \t]*\r?$")
_UNFIT = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Capture:
    """One archived answer. `body` is without transfer and content encoding; `date` is None when not stated.

    `sound` says whether the bytes match the digests that the record states, None when it states none.
    """

    where: str
    id: str
    url: str
    date: datetime | None
    status: int
    reason: str
    content_type: str
    body: bytes = field(repr=False)
    sound: bool | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A record that is no answer to an http request, by its kind."""

    where: str
    kind: str


Archived = Capture | LeftOut | InputError
"""An answer, a record left out by name, or why this one record cannot be taken."""


def captures(path: Path, cap: int = MAX_BYTES) -> Iterator[Archived]:
    """The records of a file, one in memory at a time, bodies of at most `cap` bytes.

    Raises InputError for what is no WARC file or is cut short, after all that came before was yielded, and
    TooLarge for a bomb.
    """
    name = str(path)
    with _unpacked(path) as stream:
        for number, block in enumerate(_blocks(stream, name, cap), 1):
            yield block if isinstance(block, InputError) else _read(block, f"{name}, record {number}", cap)


@contextmanager
def _unpacked(path: Path) -> Iterator[_Stream]:
    """The file's bytes after decompression. Raises InputError when it cannot be opened."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            unpacked: Any = gzip.GzipFile(fileobj=file) if packed else file
            yield _Stream(unpacked, file, str(path))
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", str(path)) from error


class _Stream:
    """Counted reading, so that no file unpacks without end. Raises InputError and TooLarge."""

    def __init__(self, unpacked: Any, file: IO[bytes], name: str) -> None:
        self._unpacked, self._file, self._name, self._count = unpacked, file, name, 0

    def line(self, most: int) -> bytes:
        return self._counted(self._unpacked.readline, most)

    def read(self, length: int) -> bytes:
        return self._counted(self._unpacked.read, length)

    def _counted(self, read: Any, length: int) -> bytes:
        try:
            data: bytes = read(length)
        except BROKEN as error:
            raise InputError(f"is cut short or broken ({error})", self._name, "fetch it again") from error
        self._count += len(data)
        bomb = self._count > max(RATIO_FROM, MAX_RATIO * self._file.tell())
        if bomb or self._count > MAX_UNPACKED:
            raise TooLarge(f"unpacks to more than {self._count:,} bytes", self._name, "split it")
        return data


def _blocks(stream: _Stream, name: str, cap: int) -> Iterator[bytes | InputError]:
    """Head and content of each record; the error of one that is over the cap, which is passed over."""
    number = 0
    while head := _head(stream, f"{name}, record {number + 1}"):
        number += 1
        where = f"{name}, record {number}"
        stated = _LENGTH.findall(head)
        if len(set(stated)) != 1:
            raise InputError("states no length, so the rest of the file cannot be read", where)
        length = int(stated[0])
        if length > cap + MAX_HEAD:
            _pass_over(stream, length, where)
            yield TooLarge(f"holds {length:,} bytes; at most {cap:,} are taken", where)
            continue
        content = stream.read(length)
        if len(content) < length:
            raise InputError(f"ends after {len(content):,} of {length:,} bytes", where, "fetch it again")
        yield head + content


def _head(stream: _Stream, where: str) -> bytes:
    """The next record's head with its empty line; empty at the end of the file."""
    line = stream.line(MAX_HEAD)
    while line in (b"\r\n", b"\n"):
        line = stream.line(MAX_HEAD)
    if not line:
        return b""
    if not line.startswith(b"WARC/"):
        raise InputError("does not begin as a WARC record does", where, "is this a .warc or .warc.gz file?")
    head = [line]
    while line not in (b"\r\n", b"\n"):
        line = stream.line(MAX_HEAD)
        head.append(line)
        if not line.endswith(b"\n") or sum(map(len, head)) > MAX_HEAD:
            raise InputError(f"has a head that is cut or longer than {MAX_HEAD:,} bytes", where)
    return b"".join(head)


def _pass_over(stream: _Stream, length: int, where: str) -> None:
    while length:
        passed = len(stream.read(min(length, _CHUNK)))
        if not passed:
            raise InputError("ends inside a record", where, "fetch it again")
        length -= passed


def _read(block: bytes, where: str, cap: int) -> Archived:
    """One framed record. The library's errors for what a hostile record may state are of many kinds."""
    from warcio.exceptions import ArchiveLoadFailed
    from warcio.recordloader import ArcWarcRecordLoader
    from warcio.statusandheaders import StatusAndHeadersParser
    from warcio.statusandheaders import StatusAndHeadersParserException as Malformed

    try:
        head = StatusAndHeadersParser(ArcWarcRecordLoader.WARC_TYPES).parse(BytesIO(block))
        kind = str(head.get_header("WARC-Type") or "without a type").lower()
        if kind != "response":
            return LeftOut(where, kind[:40])
        uri = str(head.get_header("WARC-Target-URI") or "").strip("<>")
        scheme = uri.partition(":")[0].lower()
        if scheme not in ("http", "https"):
            return LeftOut(where, f"response of {scheme[:20] or 'no address'}")
        if _UNFIT.search(uri):
            return InputError("names an address with spaces or controls, which is none", where)
        loader = ArcWarcRecordLoader(verify_http=True)
        record = loader.parse_record_stream(BytesIO(block), known_format="warc", check_digests=True)
        return _capture(record, where, cap)
    except (Malformed, ArchiveLoadFailed, EOFError, ValueError, TypeError, AttributeError) as error:
        return InputError(f"is not a record that can be read ({str(error)[:120]})", where)


def _capture(record: Any, where: str, cap: int) -> Archived:
    http, head = record.http_headers, record.rec_headers
    if http is None:
        return InputError("holds no http answer", where)
    status = http.get_statuscode()
    if not (len(status) == 3 and status.isascii() and status.isdigit()):
        return InputError(f"has the status {status[:20]!r}, which is none", where)
    encoding = (http.get_header("content-encoding") or "identity").strip().lower()
    if encoding not in ("identity", "gzip", "deflate"):
        return InputError(f"is encoded as {encoding[:20]!r}, which is not read", where)
    body = _body(record, encoding, cap)
    if len(body) > cap:
        return TooLarge(f"unpacks to more than {cap:,} bytes", where)
    return Capture(
        where=where,
        id=(head.get_header("WARC-Record-ID") or "").strip("<> "),
        url=(head.get_header("WARC-Target-URI") or "").strip("<> "),
        date=_date(head.get_header("WARC-Date") or ""),
        status=int(status),
        reason=http.statusline.partition(" ")[2].strip(),
        content_type=(http.get_header("content-type") or "").strip(),
        body=body,
        sound=record.digest_checker.passed,
    )


def _body(record: Any, encoding: str, cap: int) -> bytes:
    """The body decoded, at most one byte over the cap. Raises ValueError for broken chunks and encodings."""
    from warcio.bufferedreaders import ChunkedDataException, ChunkedDataReader

    chunked = (record.http_headers.get_header("transfer-encoding") or "").strip().lower() == "chunked"
    raw = ChunkedDataReader(record.raw_stream, raise_exceptions=True) if chunked else record.raw_stream
    try:
        body: bytes = raw.read()
    except ChunkedDataException as error:
        raise ValueError("its chunks are broken") from error
    while record.raw_stream.read(_CHUNK):
        pass
    # Some archives keep the header and store the body already decoded.
    return _inflated(body, cap) if encoding != "identity" and body[:1] in (b"\x1f", b"\x78") else body


def _inflated(body: bytes, cap: int) -> bytes:
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        plain = inflate.decompress(body, cap + 1)
    except zlib.error as error:
        raise ValueError(f"its content encoding is broken: {error}") from error
    if len(plain) <= cap and not inflate.eof:
        raise ValueError("its encoded body is cut short")
    return plain


def _date(text: str) -> datetime | None:
    try:
        return parse_moment(text).at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
