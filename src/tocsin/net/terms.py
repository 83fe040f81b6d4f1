"""What is asked of a server, within which caps, and what came back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from tocsin.settings import Secret


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask later whether something changed (RFC 9110, section 8.8)."""

    etag: str = ""
    last_modified: str = ""

    def headers(self) -> dict[str, str]:
        """The headers of a conditional request."""
        pairs = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in pairs.items() if value}


@dataclass(frozen=True, slots=True)
class Ask:
    """How an address is asked; the plain default is one GET into memory.

    * `headers`: sent to the host of the address alone, never to another one that it redirects to.
    * `query`: appended to the address. `form`: sent by POST as application/x-www-form-urlencoded, only over
      https or to an allowed host, and never redirected. The same holds for an address with secrets in it.
    * `accept`: media types that are wanted.
    * `robots`: whether robots.txt is obeyed; False only for interfaces made for programs, which fact sheets
      say.
    * `into`: a file that takes the body instead of memory. It appears whole or not at all.
    * `most_bytes`: takes the caps on the body, packed and unpacked, up to this many bytes.

    A `Secret` value is sent and never shown: not in `Fetched.url`, an error, a log or a repr.
    """

    headers: Mapping[str, str | Secret] = field(default_factory=dict)
    query: Mapping[str, str | Secret] = field(default_factory=dict)
    form: Mapping[str, str | Secret] | None = None
    accept: str = "*/*"
    robots: bool = True
    into: Path | None = None
    most_bytes: int | None = None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every secret that is sent."""
        given = (*self.headers.values(), *self.query.values(), *(self.form or {}).values())
        return tuple(value for value in given if isinstance(value, Secret))


@dataclass(frozen=True, slots=True)
class Fetched:
    """One answer. `unchanged` means status 304: the body is empty because the last one still stands.

    `url` is the address that answered, after redirects, without secrets. `body` is empty where the answer
    went into the file `path`. `md5` and `sha256` are those of the body after decompression, in hexadecimal;
    where they are not given, they are those of `body`, and empty with a file or without a change. `headers`
    holds content-type, date, server, etag and last-modified by these names. `status`, `reason` and `lines`
    (every header as it came, in order) make the head of a WARC response record; since the body is unpacked,
    its writer may not repeat Content-Encoding, Transfer-Encoding and Content-Length as they came.
    """

    url: str
    status: int
    content_type: str
    body: bytes = field(repr=False)
    validators: Validators
    fetched: datetime
    path: Path | None = None
    md5: str = ""
    sha256: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    lines: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if self.path or self.unchanged:
            return
        if not self.md5:
            md5 = hashlib.md5(self.body, usedforsecurity=False).hexdigest()
            object.__setattr__(self, "md5", md5)
        if not self.sha256:
            object.__setattr__(self, "sha256", hashlib.sha256(self.body).hexdigest())

    @property
    def unchanged(self) -> bool:
        """Whether the server said that nothing changed."""
        return self.status == 304


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps of one fetch: bytes on the wire, bytes after decompression, seconds in all, redirects.

    What failed for a while is asked again at most `retries` times, first after about `wait_seconds`, then
    double.
    """

    wire_bytes: int = 128 * 1024 * 1024
    body_bytes: int = 256 * 1024 * 1024
    seconds: float = 300.0
    idle_seconds: float = 20.0
    redirects: int = 5
    retries: int = 4
    wait_seconds: float = 1.0


class Fetcher(Protocol):
    """Whoever can fetch an address."""

    def fetch(self, url: str, validators: Validators = ..., ask: Ask = ...) -> Fetched:
        """The answer; raises AddressRefused, FetchFailed (RobotsRefuse too) and InputError."""


class Poster(Protocol):
    """Whoever can send JSON to an address."""

    def post_json(
        self, url: str, body: Mapping[str, Any], headers: Mapping[str, str | Secret] = ...
    ) -> Fetched:
        """The answer; raises AddressRefused, FetchFailed or TooLarge."""
