"""The one guarded client: the only module that opens an outgoing socket.

Every address is checked after its name is resolved and again after every redirect, and the connection goes to
the address that was checked, so a name cannot point elsewhere in between (OWASP, Server Side Request Forgery
Prevention). Sizes, time and redirects are capped.
"""

from __future__ import annotations

import ipaddress
import json
import secrets
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from tocsin.clock import now
from tocsin.errors import AddressRefused, FetchFailed, TooLarge
from tocsin.net.terms import Ask, Fetched, Limits, Validators
from tocsin.settings import Secret, settings

if TYPE_CHECKING:
    import httpx2

REDIRECTS = (301, 302, 303, 307, 308)
BUSY = (429, 500, 502, 503, 504)
"""Answers after which the same words may be sent again (RFC 6585, RFC 9110)."""
CHUNK = 1024 * 1024
GRACE = 0.1
"""Seconds after its deadline that an exchange is hung up: by then every reader of the clock knows why."""
RESERVED = tuple(
    ipaddress.ip_network(net) for net in ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "fec0::/10")
)
"""Refused whole: IPv4-compatible, translated (RFC 6052, RFC 8215) and site-local addresses."""


PLAIN, NONE = Ask(), Validators()


class GuardedFetcher:
    """Fetches public http and https addresses and nothing else.

    `allow` lists hosts (`name` or `name:port`) that may be internal, for local test servers. With `offline`
    every fetch is refused.
    """

    def __init__(
        self, limits: Limits | None = None, allow: Iterable[str] = (), offline: bool = False
    ) -> None:
        self.limits = limits or Limits()
        self.allow = frozenset(host.strip().lower() for host in allow if host.strip())
        self.offline = offline

    @classmethod
    def from_environment(cls, offline: bool = False, limits: Limits | None = None) -> GuardedFetcher:
        """A fetcher that also allows the hosts of the settings (TOCSIN_ALLOW_HOSTS)."""
        return cls(limits, allow=settings().allow_hosts, offline=offline)

    def fetch(self, url: str, validators: Validators = NONE, ask: Ask = PLAIN) -> Fetched:
        """The body behind `url` after at most `limits.redirects` redirects.

        Raises AddressRefused (scheme, internal address, offline), FetchFailed (network, status other than 200
        and 304) and TooLarge.
        """
        self._refuse_offline(url)
        deadline = now() + timedelta(seconds=self.limits.seconds)
        for _ in range(self.limits.redirects + 1):
            answer = self._once(url, validators, ask, deadline)
            if isinstance(answer, Fetched):
                return answer
            url = answer
        raise FetchFailed(f"{url}: more than {self.limits.redirects} redirects")

    def post_json(
        self, url: str, body: Mapping[str, Any], headers: Mapping[str, str | Secret] = {}
    ) -> Fetched:
        """The answer to JSON sent to `url`: status 2xx, or 4xx with the body that says why.

        Nothing is redirected, and nothing goes unencrypted but to an allowed host: body and headers are meant
        for this host alone. When it is busy (429, 5xx) they are sent again after what Retry-After asks for,
        or after a doubling wait with jitter, within the seconds of the limits.

        Raises AddressRefused, FetchFailed and TooLarge, none of which shows what was sent or answered.
        """
        self._refuse_offline(url)
        if not self.allows(url) and urlsplit(url).scheme == "http":
            raise AddressRefused(
                f"{url}: nothing is sent unencrypted (use https, or name the host as allowed)"
            )
        content = json.dumps(body).encode()
        deadline = now() + timedelta(seconds=self.limits.seconds)
        for turn in count():
            answer, wait = self._sent(url, content, _plain(headers), deadline)
            if answer.status not in BUSY:
                return answer
            if wait is None:
                wait = self.limits.wait_seconds * 2**turn * secrets.SystemRandom().uniform(0.5, 1.5)
            if turn == self.limits.retries or now() + timedelta(seconds=wait) > deadline:
                raise FetchFailed(f"{url}: still answered {answer.status} at attempt {turn + 1}; try later")
            time.sleep(wait)
        raise AssertionError("the loop ends by return or raise")

    def allows(self, url: str) -> bool:
        """Whether the host of `url` was allowed by name."""
        host, port = _host(url)
        return bool({host, f"{host}:{port}"} & self.allow)

    def _refuse_offline(self, url: str) -> None:
        if self.offline:
            raise AddressRefused(f"offline: {url} is not opened (leave out --offline to use the network)")

    def _once(self, url: str, validators: Validators, ask: Ask, deadline: datetime) -> Fetched | str:
        """One request: an answer, or the address it redirects to."""
        headers = {"Accept": ask.accept} | validators.headers() | _plain(ask.headers)
        with self._open("GET", url, headers, deadline) as reply:
            if reply.status_code in REDIRECTS and "location" in reply.headers:
                return _redirected(url, reply.headers["location"])
            if reply.status_code not in (200, 304):
                raise FetchFailed(f"{url}: the server answered {reply.status_code} {reply.reason_phrase}")
            body = b"" if reply.status_code == 304 else self._body(url, reply, deadline)
            return _fetched(url, reply, body, validators)

    def _sent(
        self, url: str, content: bytes, headers: Mapping[str, str], deadline: datetime
    ) -> tuple[Fetched, float | None]:
        """One answer to what was sent, with the seconds it asks to wait."""
        kind = {"Content-Type": "application/json", "Accept": "application/json"}
        with self._open("POST", url, kind | dict(headers), deadline, content) as reply:
            if reply.is_redirect:
                raise FetchFailed(f"{url}: redirects ({reply.status_code}); what is sent is never redirected")
            body = b"" if reply.status_code in BUSY else self._body(url, reply, deadline)
            return _fetched(url, reply, body, Validators()), _asked_wait(reply.headers.get("retry-after", ""))

    @contextmanager
    def _open(
        self, method: str, url: str, headers: Mapping[str, str], deadline: datetime, content: bytes = b""
    ) -> Iterator[httpx2.Response]:
        """One exchange with the checked address.

        Each has a client of its own: a kept connection would be reused for another host at the same network
        address, whose certificate nobody checked.
        """
        import httpx2

        pinned, sni = _pinned(url, self._resolve(url)), _host(url)[0]
        headers = _headers(url) | dict(headers)
        try:
            with (
                _hanging_up(deadline) as trace,
                httpx2.Client(trust_env=False, timeout=self.limits.idle_seconds) as client,
                client.stream(
                    method,
                    pinned,
                    headers=headers,
                    content=content or None,
                    extensions={"sni_hostname": sni, "trace": trace},
                ) as reply,
            ):
                yield reply
        except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL) as error:
            late = f"not finished after {self.limits.seconds:g} seconds" if now() > deadline else ""
            raise FetchFailed(f"{url}: {late or str(error) or type(error).__name__}") from error

    def _resolve(self, url: str) -> str:
        """The checked network address to connect to."""
        host, port = _host(url)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise FetchFailed(f"{url}: the name {host!r} does not resolve ({error})") from error
        addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
        if not self.allows(url):
            for address in addresses:
                if not _public(address):
                    raise AddressRefused(
                        f"{url}: {host} is the internal or reserved address {address}, which is not opened"
                    )
        return addresses[0]

    def _body(self, url: str, reply: httpx2.Response, deadline: datetime) -> bytes:
        declared = reply.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > self.limits.wire_bytes:
            raise TooLarge(f"announces {declared} bytes; at most {self.limits.wire_bytes} are taken", url)
        body = bytearray()
        for part in _decoded(url, reply, self.limits, deadline):
            body += part
            if len(body) > self.limits.body_bytes:
                raise TooLarge(f"more than {self.limits.body_bytes} bytes when unpacked", url)
        return bytes(body)


@contextmanager
def _hanging_up(deadline: datetime) -> Iterator[Callable[[str, Mapping[str, Any]], None]]:
    """Ends an exchange at its deadline, whatever it waits for; gives what the client tells its steps to.

    The client's own limit is one of silence: a server that sends its headers, or shakes hands, one byte at a
    time would never meet it.
    """
    held: list[socket.socket] = []

    def hang_up() -> None:
        for line in held:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def trace(step: str, told: Mapping[str, Any]) -> None:
        if step == "connection.connect_tcp.complete":
            held.append(told["return_value"].get_extra_info("socket").dup())
            if now() > deadline:
                hang_up()

    timer = threading.Timer(max(0.0, (deadline - now()).total_seconds()) + GRACE, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield trace
    finally:
        timer.cancel()
        timer.join()
        for line in held:
            line.close()


def _decoded(url: str, reply: httpx2.Response, limits: Limits, deadline: datetime) -> Iterator[bytes]:
    """The body in bounded pieces: the standard decoders would unpack a bomb in one step."""
    encoding = reply.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise FetchFailed(f"{url}: answered in the encoding {encoding!r}, which was not asked for")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16) if encoding == "gzip" else None
    wire = 0
    for chunk in reply.iter_raw():
        wire += len(chunk)
        if wire > limits.wire_bytes:
            raise TooLarge(f"more than {limits.wire_bytes} bytes", url)
        if now() > deadline:
            break
        try:
            while chunk:
                yield unpack.decompress(chunk, CHUNK) if unpack else chunk
                chunk = unpack.unconsumed_tail if unpack else b""  # noqa: PLW2901
        except zlib.error as error:
            raise FetchFailed(f"{url}: broken gzip in the answer ({error})") from error
    if now() > deadline:
        # Said of a body that ended as well: what was hung up looks whole when it told no length.
        raise FetchFailed(f"{url}: not finished after {limits.seconds:g} seconds")
    if unpack and not unpack.eof:
        raise FetchFailed(f"{url}: the gzip answer is cut short")


def _public(address: str) -> bool:
    """Whether an address is public, with each one that it carries inside (RFC 6890, 3056, 4380)."""
    ip = ipaddress.ip_address(address)
    if not ip.is_global or ip.is_multicast:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return True
    if any(ip in net for net in RESERVED):
        return False
    carried = (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ()))
    return all(_public(str(inner)) for inner in carried if inner is not None)


def _host(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise AddressRefused(f"{url!r} is not an address ({error})") from error
    if parts.scheme not in ("http", "https"):
        raise AddressRefused(f"{url}: only http and https are opened, not {parts.scheme or 'no scheme'!r}")
    if not host or parts.username is not None:
        raise AddressRefused(f"{url}: an address needs a host and may not carry a user name or password")
    return host, port or (443 if parts.scheme == "https" else 80)


def _pinned(url: str, address: str) -> str:
    """The same address with the host replaced by the checked network address."""
    parts = urlsplit(url)
    host = f"[{address}]" if ":" in address else address
    return parts._replace(netloc=host + (f":{parts.port}" if parts.port else ""), fragment="").geturl()


def _plain(headers: Mapping[str, str | Secret]) -> dict[str, str]:
    return {name: value.value if isinstance(value, Secret) else value for name, value in headers.items()}


def _headers(url: str) -> dict[str, str]:
    return {
        "Host": urlsplit(url).netloc,
        "User-Agent": f"tocsin/{version('tocsin')} (early warning of atrocity crimes; conditional requests)",
        "Accept-Encoding": "gzip",
    }


def _asked_wait(header: str) -> float | None:
    """The seconds of a Retry-After header, given as seconds or as a date (RFC 9110); None without one."""
    if header.strip().isdigit():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now()).total_seconds())


def _redirected(url: str, location: str) -> str:
    try:
        target = urljoin(url, location)
        downgraded = urlsplit(url).scheme == "https" and urlsplit(target).scheme == "http"
    except ValueError as error:
        raise FetchFailed(f"{url} redirects to {location[:200]!r}, which is no address ({error})") from error
    if downgraded:
        raise AddressRefused(f"{url} redirects to {target}: from https to http, which is not followed")
    return target


def _fetched(url: str, reply: httpx2.Response, body: bytes, sent: Validators) -> Fetched:
    given = Validators(reply.headers.get("etag", ""), reply.headers.get("last-modified", ""))
    kept = sent if reply.status_code == 304 and given == Validators() else given
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Fetched(url, reply.status_code, kind, body, kept, now())
