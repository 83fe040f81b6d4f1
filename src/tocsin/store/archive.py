"""The archive: raw answers as WARC 1.1 (ISO 28500), the evidence behind records, never shown by the web.

archive/YYYY/MM/pages-YYYYMMDD-NNN.warc.gz

Every process that gathers writes a file of its own, one compressed member a record, each on disk before the
row that names it is written. A crash leaves a file that can be read up to its last whole record, and nobody
writes on behind it.
"""

from __future__ import annotations

import os
import re
import string
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlsplit

from tocsin.errors import HomeError, InputError
from tocsin.evidence import sha256
from tocsin.net import Fetched
from tocsin.sources.readers.warc import Capture, captures
from tocsin.store.lake import Lake

ROLL = 1024**3
"""Bytes from which the next answer begins a new file (WARC 1.1, annex C)."""
UNWRITTEN = frozenset(
    ("set-cookie", "set-cookie2", "cookie", "authorization", "proxy-authorization", "www-authenticate")
) | {"proxy-authenticate", "authentication-info"}
"""Headers that may hold secrets of ours or mark the visitor."""
UNPACKED = frozenset(("content-encoding", "transfer-encoding", "content-length"))
"""Headers of the body as it was sent; the body is kept unpacked (WARC 1.1, section 6.3.2)."""
_INFO = {
    "software": "tocsin",
    "format": "WARC File Format 1.1",
    "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
    "robots": "obeyed",
    "description": "Answers behind records. Bodies are unpacked; the headers of their packing are kept as "
    "X-Archive-Orig-NAME. Left out: " + ", ".join(sorted(UNWRITTEN)) + ". Of requests the method, the target "
    "and the host are kept, no other header.",
}


class Archive:
    """The `Keeper` of a run that gathers, under `folder`. References are `FILE#urn:uuid:...`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path: Path | None = None

    def keep(self, fetched: Fetched) -> str:
        """Write one answer with its request, on disk for good. Raises HomeError; what was kept stands."""
        try:
            path = self._open_file(fetched.fetched)
            with path.open("ab") as out:
                before = out.tell()
                try:
                    record = _write(out, fetched, path.name if not before else "")
                except BaseException:
                    out.truncate(before)
                    raise
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            self._path = None
            raise HomeError(f"{self.folder}: the answer was not kept: {error.strerror or error}") from error
        return f"{path.relative_to(self.folder).as_posix()}#{record}"

    def faults(self, kept: Mapping[str, str]) -> list[str]:
        """Every reference that is not there or whose bytes are other ones, in words.

        `kept` maps a reference to the SHA-256 of the bytes behind it.
        """
        by_file: dict[str, dict[str, str]] = defaultdict(dict)
        for reference, digest in kept.items():
            file, _, record = reference.partition("#")
            by_file[file][record] = digest
        return [fault for file in sorted(by_file) for fault in self._file_faults(file, by_file[file])]

    def files(self) -> list[Path]:
        """The files of the archive, oldest first."""
        return sorted(self.folder.glob("*/*/*.warc.gz"))

    def _file_faults(self, file: str, wanted: dict[str, str]) -> Iterator[str]:
        path = self.folder / file
        if not path.resolve().is_relative_to(self.folder.resolve()) or not path.is_file():
            yield f"{path}: missing ({len(wanted)} records rest on it)"
            return
        missing = dict(wanted)
        try:
            for found in captures(path):
                if isinstance(found, Capture) and found.id in missing:
                    same = sha256(found.body) == missing.pop(found.id)
                    if not same or found.sound is not True:
                        yield f"{path}: the answer {found.id} changed since it was kept"
        except InputError as error:
            if missing:
                yield str(error)
        for record in missing:
            yield f"{path}: the answer {record} is missing"

    def _open_file(self, at: datetime) -> Path:
        """The file of this process for that day: the one in use, or a new one that nobody else has."""
        day = at.astimezone(UTC)
        stem = f"pages-{day:%Y%m%d}-"
        used = self._path
        if used and used.name.startswith(stem) and used.exists() and used.stat().st_size < ROLL:
            return used
        folder = self.folder / f"{day:%Y}" / f"{day:%m}"
        folder.mkdir(parents=True, exist_ok=True)
        number = len(list(folder.glob(f"{stem}*.warc.gz")))
        while True:
            number += 1
            path = folder / f"{stem}{number:03}.warc.gz"
            try:
                with closing(os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")):
                    self._path = path
                return path
            except FileExistsError:
                continue


def kept(lake: Lake) -> dict[str, str]:
    """The references of all records, each with the SHA-256 of the raw bytes that it must lead to."""
    rows = lake.stored("records", columns=("kept", "raw_sha256"))
    return {row["kept"]: row["raw_sha256"] for row in rows if row.get("kept")}


def _write(out: IO[bytes], fetched: Fetched, begun: str) -> str:
    """Answer and request; `begun` names a file without a record yet. Gives the id of the answer's record."""
    from warcio.warcwriter import WARCWriter

    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    if begun:
        writer.write_record(writer.create_warcinfo_record(begun, _INFO))
    body: IO[bytes] = fetched.path.open("rb") if fetched.path else BytesIO(fetched.body)
    with body:
        answer = _answer(writer, fetched, body)
        asked = _asked(writer, fetched)
        writer.write_request_response_pair(asked, answer)
    return str(answer.rec_headers.get_header("WARC-Record-ID")).strip("<>")


def _answer(writer: Any, fetched: Fetched, body: IO[bytes]) -> Any:
    from warcio.statusandheaders import StatusAndHeaders

    size = body.seek(0, os.SEEK_END)
    body.seek(0)
    head = StatusAndHeaders(
        f"{fetched.status} {_line(fetched.reason)}".strip(),
        [*_headers(fetched.lines), ("Content-Length", str(size))],
        protocol="HTTP/1.1",
    )
    uri = _line(fetched.url).replace(" ", "%20")
    date = fetched.fetched.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return writer.create_warc_record(
        uri,
        "response",
        payload=body,
        length=size,
        warc_headers_dict={"WARC-Date": date},
        http_headers=head,
    )


def _asked(writer: Any, fetched: Fetched) -> Any:
    from warcio.statusandheaders import StatusAndHeaders

    parts = urlsplit(fetched.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    head = StatusAndHeaders(
        f"{_line(target)} HTTP/1.1", [("Host", parts.netloc.rpartition("@")[2])], protocol="GET"
    )
    return writer.create_warc_record(fetched.url, "request", http_headers=head)


def _headers(lines: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    for name, value in lines:
        if name.lower() in UNPACKED:
            yield f"X-Archive-Orig-{_line(name)}", _line(value)
        elif name.lower() not in UNWRITTEN:
            yield _line(name), _line(value)


def _line(text: str) -> str:
    """Text as one line of ASCII, so that no header can begin another one; what is not is percent-encoded."""
    return quote(" ".join(re.split(r"[\r\n\0\v\f]+", text)), safe=string.printable)
