"""One errand: asks a host in its turn, and again after a failure that may pass, until its deadline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from tocsin.clock import now
from tocsin.errors import FetchFailed
from tocsin.net.exchange import Bounds, Deadline, Passing, Reply, Sending, exchange, fit
from tocsin.net.guard import Target, resolved
from tocsin.net.manners import BUSY, Manners, asked_wait, doubling
from tocsin.net.terms import Limits
from tocsin.net.veil import OPEN, Veil

REDIRECTS = (301, 302, 303, 307, 308)

T = TypeVar("T")


@dataclass(slots=True)
class Errand:
    """The state of one fetch over all its redirects and attempts. `allow` lists hosts that may be inside."""

    manners: Manners
    limits: Limits
    allow: frozenset[str]
    deadline: Deadline
    veil: Veil = OPEN
    failures: int = field(default=0, init=False)

    def get(self, to: Target, headers: Mapping[str, str], read: Callable[[Reply], T]) -> T:
        """What `read` makes of the answer. Raises AddressRefused, FetchFailed and what `read` raises."""
        while True:
            try:
                return self._once("GET", to, headers, None, read)
            except Passing as error:
                failed = error
            self._pause(failed)

    def post(self, to: Target, headers: Mapping[str, str], content: bytes, read: Callable[[Reply], T]) -> T:
        """The same for what is sent: sent again only when the host said that it was busy."""
        while True:
            try:
                return self._once("POST", to, headers, content, read)
            except Passing as error:
                failed = error
            if not failed.status:
                raise FetchFailed(str(failed))
            self._pause(failed)

    def _once(
        self,
        method: str,
        to: Target,
        headers: Mapping[str, str],
        content: bytes | None,
        read: Callable[[Reply], T],
    ) -> T:
        own = {"host": to.netloc, "user-agent": self.manners.agent, "accept-encoding": "gzip"}
        plain = {name.lower(): value for name, value in headers.items()} | own | {"connection": "close"}
        allowed = to.named(self.allow)
        addresses = resolved(to, allowed)
        self.deadline.later(self.manners.turn(to.host, allowed))
        address = addresses[self.failures % len(addresses)]
        sent = Sending(method, to, address, fit(to.shown, plain), content)
        with exchange(sent, Bounds(self.veil, self.limits, self.deadline)) as reply:
            return read(reply)

    def _pause(self, failed: Passing) -> None:
        """Waits before the next attempt. Raises FetchFailed when there is none."""
        asked = failed.wait
        wait = doubling(self.limits.wait_seconds, self.failures) if asked is None else asked
        self.failures += 1
        if asked is not None and asked > self.deadline.left:
            back = now() + timedelta(seconds=asked)
            raise FetchFailed(f"{failed} and asks to come back at {back:%Y-%m-%d %H:%M} UTC", failed.status)
        if self.failures > self.limits.retries or wait > self.deadline.left:
            raise FetchFailed(f"{failed} at attempt {self.failures}; try later", failed.status)
        self.manners.wait(wait)


def busy(reply: Reply) -> None:
    """Raises Passing for an answer that says to ask again."""
    if reply.status in BUSY:
        wait = asked_wait(reply.header("retry-after"))
        raise Passing(f"{reply.shown}: the server answered {reply.status} {reply.reason}", wait, reply.status)


def moved(reply: Reply) -> bool:
    """Whether the answer points elsewhere."""
    return reply.status in REDIRECTS and bool(reply.header("location"))
