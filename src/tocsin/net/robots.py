"""What a robots.txt lets programs read (RFC 9309)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from protego import Protego

AGENT = "tocsin"
"""The product token that a robots.txt may name."""
MOST_BYTES = 500 * 1024
"""What is read of a robots.txt at most (RFC 9309, section 2.5)."""
MOST_DELAY = 30.0
"""Seconds that a Crawl-delay may ask for at most: what is longer would be no watch."""
_NAMES = re.compile(r"\s*user[ -]?agent(?:\s*:|\s)\s*(?P<token>\*|[a-z_-]+)?", re.IGNORECASE)
"""A line that names a program by its product token (RFC 9309, section 2.2.1)."""


@dataclass(frozen=True, slots=True)
class Robots:
    """What one host lets programs read. `reason` says why its rules are not known, when they are not."""

    rules: Protego | None = None
    reason: str = ""

    def allows(self, url: str) -> bool:
        """Whether an address may be read: none while the rules are not known, all where there are none."""
        if self.reason:
            return False
        try:
            return self.rules is None or self.rules.can_fetch(url, AGENT)
        except ValueError:
            return False

    @property
    def delay(self) -> float:
        """Seconds between two requests that the host asks for; 0 without a word."""
        asked = self.rules.crawl_delay(AGENT) if self.rules else None
        return min(asked, MOST_DELAY) if asked and math.isfinite(asked) and asked > 0 else 0.0


def robots(raw: bytes) -> Robots:
    """The rules in a robots.txt; a last line that was cut is left out. Never raises for what it holds."""
    text = raw[:MOST_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")
    if len(raw) >= MOST_BYTES:
        text = text.rpartition("\n")[0]
    try:
        return Robots(Protego.parse("\n".join(map(_named, text.splitlines()))))
    except (ValueError, RecursionError) as error:
        return Robots(reason=f"it is not understood ({type(error).__name__})")


def _named(line: str) -> str:
    """The line; where it names a program, ours, all, or one and the same other.

    Thousands of names above thousands of rules would otherwise be multiplied with each other.
    """
    found = _NAMES.match(line)
    if not found:
        return line
    token = (found["token"] or "").lower()
    return f"User-agent: {token if token in (AGENT, '*') else 'other'}"
