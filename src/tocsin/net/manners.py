"""How a guest behaves: who it says it is, how often it comes, when it comes again, and what it may read."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from importlib.metadata import version

from tocsin.clock import now, ticks
from tocsin.net.robots import AGENT, Robots

BUSY = (429, 500, 502, 503, 504)
"""Answers after which the same may be asked again (RFC 6585, RFC 9110)."""
KEPT_SECONDS = 24 * 3600.0
"""How long a robots.txt stands at most (RFC 9309, section 2.4)."""
UNKNOWN_SECONDS = 15 * 60.0
"""How long a robots.txt that could not be read is not asked for again."""
LONGEST_WAIT = 10.0**10
"""Seconds that a Retry-After is read as at most."""


class Manners:
    """Kept by all threads that share a fetcher.

    `host_seconds` is the least time between two requests to one host; a host that was allowed by name is
    spared it unless `spare_allowed` is false. `contact` is told to every server. `wait` and `clock` stand in
    for sleeping and for the clock.
    """

    def __init__(
        self,
        host_seconds: float = 1.0,
        contact: str = "",
        spare_allowed: bool = True,
        wait: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = ticks,
    ) -> None:
        self.host_seconds, self.spare_allowed = host_seconds, spare_allowed
        to = f"; {contact}" if contact else ""
        self.agent = f"{AGENT}/{version('tocsin')} (early warning of atrocity crimes{to})"
        self.wait = wait
        self.clock = clock
        self._lock = threading.Lock()
        self._free: dict[str, float] = {}
        self._delays: dict[str, float] = {}
        self._robots: dict[str, tuple[Robots, float]] = {}
        self._asking: dict[str, threading.Lock] = {}

    def turn(self, host: str, allowed: bool = False) -> float:
        """Waits until the host may be asked again; gives the seconds waited."""
        if allowed and self.spare_allowed:
            return 0.0
        with self._lock:
            start = self.clock()
            free = max(start, self._free.get(host, start))
            self._free[host] = free + max(self.host_seconds, self._delays.get(host, 0.0))
        if free > start:
            self.wait(free - start)
        return free - start

    def robots(self, host: str, origin: str, ask: Callable[[], Robots]) -> Robots:
        """The rules of an origin, asked for by one thread and kept; its delay holds for the host."""
        with self._lock:
            asking = self._asking.setdefault(origin, threading.Lock())
        with asking:
            known, until = self._robots.get(origin, (None, 0.0))
            if known is None or self.clock() >= until:
                known = ask()
                kept = UNKNOWN_SECONDS if known.reason else KEPT_SECONDS
                self._robots[origin] = known, self.clock() + kept
                with self._lock:
                    self._delays[host] = max(known.delay, self._delays.get(host, 0.0))
        return known


def doubling(seconds: float, turn: int) -> float:
    """How long to wait after the attempt `turn` (from 0): double each time, and never all at once."""
    return seconds * 2.0**turn * secrets.SystemRandom().uniform(0.5, 1.5)


def asked_wait(header: str) -> float | None:
    """The seconds of a Retry-After header, given as seconds or as a date (RFC 9110); None without one."""
    given = header.strip()
    if given.isascii() and given.isdigit():
        return min(float(given[:400]), LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(given)
        seconds = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now()).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(0.0, seconds), LONGEST_WAIT)
