"""Which addresses may be opened: their form, their names, and the network addresses behind the names.

Every name is resolved and checked, again after every redirect, and the connection goes to the address that
was checked, so that a name cannot point elsewhere in between (OWASP, Server Side Request Forgery Prevention).
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from tocsin.errors import AddressRefused, FetchFailed
from tocsin.net.veil import OPEN, Veil

LONGEST = 16_384
RESERVED = tuple(
    ipaddress.ip_network(net) for net in ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "fec0::/10")
)
"""Refused whole: IPv4-compatible, translated (RFC 6052, RFC 8215) and site-local addresses."""
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Target:
    """An address of good form. `url` may hold secrets; `shown` is what may be told of it."""

    url: str = field(repr=False)
    shown: str
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a secret and a robots.txt belong to (RFC 6454)."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def netloc(self) -> str:
        """The host as a Host header names it, in ASCII, with a port that is not the usual one."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _usual(self.scheme) else f"{name}:{self.port}"

    def pinned(self, address: str) -> str:
        """The same address with the host replaced by a checked network address."""
        name = f"[{address}]" if ":" in address else address
        return urlsplit(self.url)._replace(netloc=f"{name}:{self.port}", fragment="").geturl()

    def named(self, allow: frozenset[str]) -> bool:
        """Whether one of the allowed hosts (`name` or `name:port`) is this one."""
        return bool({self.host, f"{self.host}:{self.port}"} & allow)


def target(url: str, veil: Veil = OPEN, shown: str = "") -> Target:
    """The address to open. Raises AddressRefused for one of another scheme or form."""
    shown = veil.address(shown or url)
    if _UNFIT.search(url) or len(url) > LONGEST:
        raise AddressRefused(f"{shown} is not an address (it is too long or holds control characters)")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
        ascii_host = host if ":" in host else host.encode("idna").decode()
    except ValueError:
        raise AddressRefused(f"{shown!r} is not an address (its host or port cannot be read)") from None
    if parts.scheme not in ("http", "https"):
        other = (parts.scheme or "no scheme") if veil.empty else "another scheme"
        raise AddressRefused(f"{shown}: only http and https are opened, not {other!r}")
    if not host or parts.username is not None or port == 0:
        raise AddressRefused(f"{shown}: an address needs a host and may not carry a user name or password")
    return Target(url, shown, parts.scheme, ascii_host, port or _usual(parts.scheme))


def resolved(asked: Target, allowed: bool) -> list[str]:
    """The checked network addresses of a host. Raises FetchFailed and AddressRefused."""
    try:
        found = socket.getaddrinfo(asked.host, asked.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchFailed(f"{asked.shown}: the name {asked.host!r} does not resolve ({error})") from error
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    for address in addresses:
        if not allowed and not public(address):
            raise AddressRefused(
                f"{asked.shown}: {asked.host} is the internal or reserved address {address}, which is not"
                " opened"
            )
    return addresses


def public(address: str) -> bool:
    """Whether an address is public, with each one that it carries inside (RFC 6890, 3056, 4380)."""
    ip = ipaddress.ip_address(address)
    if not ip.is_global or ip.is_multicast:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return True
    if any(ip in net for net in RESERVED):
        return False
    carried = (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ()))
    return all(public(str(inner)) for inner in carried if inner is not None)


def redirected(asked: Target, location: str, veil: Veil) -> Target:
    """The address that an answer points to.

    Raises FetchFailed for what is no address, AddressRefused for one that leaves https or that would carry a
    secret to another host.
    """
    try:
        joined = urljoin(asked.url, location)
    except ValueError:
        told = veil.address(location)
        raise FetchFailed(f"{asked.shown} redirects to {told!r}, which is no address") from None
    new = target(joined, veil)
    if asked.scheme == "https" and new.scheme == "http":
        raise AddressRefused(
            f"{asked.shown} redirects to {new.shown}: from https to http, which is not followed"
        )
    if new.origin != asked.origin and veil.hides(joined):
        raise AddressRefused(
            f"{asked.shown} redirects to {new.shown}: not followed, since a secret would go to another host"
        )
    return new


def _usual(scheme: str) -> int:
    return 443 if scheme == "https" else 80
