"""One exchange with one checked address, hung up at its deadline."""

from __future__ import annotations

import logging
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tocsin.clock import now
from tocsin.errors import AddressRefused, FetchFailed
from tocsin.net.guard import Target
from tocsin.net.terms import Limits
from tocsin.net.veil import Veil

if TYPE_CHECKING:
    import ssl

    import httpx2

GRACE = 0.1
"""Seconds after its deadline that an exchange is hung up: by then every reader of the clock knows why."""
HEAD = 256 * 1024
"""Bytes of an answer that are kept to find where its headers end; the client takes no longer headers."""
FIELD = re.compile(r"[\t -~]*")
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""What a header and its name may hold (RFC 9110, sections 5.1 and 5.5), in ASCII."""
_HEAD_ENDS = re.compile(rb"\r?\n\r?\n")
_INTERIM = re.compile(rb"\s*HTTP/1\.\d 1\d\d")
_TELLING = ("httpx2", "httpcore2.connection", "httpcore2.http11")
"""Loggers of the client that write addresses and headers down."""


class Passing(FetchFailed):
    """A failure that may pass. `wait` holds the seconds that the server asks to wait, None without a word."""

    def __init__(self, text: str, wait: float | None = None, status: int = 0) -> None:
        self.wait = wait
        super().__init__(text, status)


class Deadline:
    """The end of the time that an errand may take."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.at = now() + timedelta(seconds=seconds)

    @property
    def left(self) -> float:
        """Seconds until then, below zero afterwards."""
        return (self.at - now()).total_seconds()

    @property
    def passed(self) -> bool:
        """Whether the time is over."""
        return now() > self.at

    @property
    def late(self) -> str:
        """What is said when it is."""
        return f"not finished after {self.seconds:g} seconds"

    def later(self, seconds: float) -> None:
        """Moves it: the time in which we wait for our own turn is not the server's."""
        self.at += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Sending:
    """What is sent to a checked address. `headers` are plain and may hold secrets."""

    method: str
    to: Target
    address: str
    headers: Mapping[str, str]
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What holds for every exchange of an errand: what is hidden, the caps, and the end of the time."""

    veil: Veil
    limits: Limits
    deadline: Deadline


class Line:
    """The connection of one exchange: counted, and hung up at its deadline, whatever it waits for.

    The client's own limit is one of silence: a server that sends its headers, or shakes hands, one byte at a
    time would never meet it.
    """

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._held: list[socket.socket] = []
        self._received, self._head = 0, bytearray()

    def trace(self, step: str, told: Mapping[str, Any]) -> None:
        """Told by the client of each of its steps."""
        if step == "connection.connect_tcp.complete":
            self._held.append(told["return_value"].get_extra_info("socket").dup())
            if self._deadline.passed:
                self.hang_up()
        if step in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._count(told["return_value"])

    def hang_up(self) -> None:
        """Ends every wait on the connection."""
        for line in self._held:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Gives back what was held."""
        for line in self._held:
            line.close()

    def beyond(self, announced: int) -> bool:
        """Whether more came than headers and the announced bytes; the client drops such bytes in silence."""
        end, interim = 0, True
        while interim:
            interim = bool(_INTERIM.match(self._head, end))
            found = _HEAD_ENDS.search(self._head, end)
            if not found:
                return False
            end = found.end()
        return self._received > end + announced + len(b"\r\n")

    def _count(self, stream: Any) -> None:
        read = stream.read

        def counted(most: int, timeout: float | None = None) -> bytes:
            data: bytes = read(most, timeout)
            self._received += len(data)
            self._head += data[: max(0, HEAD - len(self._head))]
            return data

        stream.read = counted


class Reply:
    """The head of an answer, and its body as it comes."""

    def __init__(self, response: httpx2.Response, sent: Sending, line: Line, bounds: Bounds) -> None:
        self.status = int(response.status_code)
        self.to, self.shown = sent.to, sent.to.shown
        self.veil, self.limits, self.deadline = bounds.veil, bounds.limits, bounds.deadline
        self.lines = tuple((_text(name), _text(value)) for name, value in response.headers.raw)
        self.reason = _reason(response, bounds.veil)
        self._response, self._line = response, line

    def header(self, name: str) -> str:
        """The first value of a header, as sent; empty without one."""
        return next((value for given, value in self.lines if given.lower() == name), "")

    @property
    def announced(self) -> int:
        """The length of the body that the server announced; 0 when it did not."""
        length = self.header("content-length").strip()
        return int(length) if length.isascii() and length.isdigit() and len(length) <= 18 else 0

    @property
    def beyond(self) -> bool:
        """Whether more bytes came than were announced."""
        told = self.header("content-length") and not self.header("transfer-encoding")
        return bool(told) and self._line.beyond(self.announced)

    def chunks(self) -> Iterator[bytes]:
        """The body as it comes over the wire."""
        yield from self._response.iter_raw()

    def broken(self, what: str) -> Passing:
        """The error of an answer that came damaged and may come whole when asked for again."""
        return Passing(f"{self.shown}: {what}")


@contextmanager
def exchange(sent: Sending, bounds: Bounds) -> Iterator[Reply]:
    """Sends, and gives the answer while the connection is open.

    Each exchange has a client of its own: a kept connection would be reused for another host at the same
    network address, whose certificate nobody checked. Raises FetchFailed, Passing where the network failed.
    """
    import httpx2

    try:
        with (
            _line(bounds.deadline) as line,
            httpx2.Client(trust_env=False, verify=_trust(), timeout=bounds.limits.idle_seconds) as client,
            client.stream(
                sent.method,
                sent.to.pinned(sent.address),
                headers=dict(sent.headers),
                content=sent.content,
                extensions={"sni_hostname": sent.to.host, "trace": line.trace},
            ) as response,
        ):
            yield Reply(response, sent, line, bounds)
    except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL) as error:
        why = bounds.deadline.late if bounds.deadline.passed else _why(error, bounds.veil)
        # From none: the client's own errors may quote what was sent.
        raise (Passing if _passing(error) else FetchFailed)(f"{sent.to.shown}: {why}") from None


@contextmanager
def _line(deadline: Deadline) -> Iterator[Line]:
    line = Line(deadline)
    timer = threading.Timer(max(0.0, deadline.left) + GRACE, line.hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield line
    finally:
        timer.cancel()
        timer.join()
        line.close()


def fit(shown: str, headers: Mapping[str, str]) -> Mapping[str, str]:
    """The same headers. Raises AddressRefused, naming the header alone, for what no header may hold."""
    for name, value in headers.items():
        if not TOKEN.fullmatch(name) or not FIELD.fullmatch(value):
            raise AddressRefused(f"{shown}: nothing was sent, since no header may hold what {name!r} holds")
    return headers


@cache
def _trust() -> ssl.SSLContext:
    """The certificates that are trusted, read once; and a client that keeps to itself what it sends."""
    import httpx2

    for name in _TELLING:
        logging.getLogger(name).addFilter(_silent)
    return httpx2.create_ssl_context(trust_env=False)


def _silent(_: logging.LogRecord) -> bool:
    return False


def _passing(error: Exception) -> bool:
    """Whether it may go well a moment later: a refused, silent or cut connection; no false certificate."""
    import ssl

    import httpx2

    cause: BaseException | None = error
    while cause:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return False
        cause = cause.__cause__ or cause.__context__
    return isinstance(error, httpx2.TimeoutException | httpx2.NetworkError | httpx2.RemoteProtocolError)


def _why(error: Exception, veil: Veil) -> str:
    """What the client says; only the kind of error where a secret was sent, which it may quote."""
    kind = type(error).__name__
    return (veil.line(str(error)) if veil.empty else "") or kind


def _reason(response: httpx2.Response, veil: Veil) -> str:
    """The reason beside the status; the standard one where the server's might repeat a secret."""
    if veil.empty:
        return veil.line(response.reason_phrase)
    with suppress(ValueError):
        return HTTPStatus(response.status_code).phrase
    return ""


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
