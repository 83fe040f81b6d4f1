"""Every setting in one table: its environment variable, what it means, and its default."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tocsin.errors import UserError

VARIABLES = {
    "TOCSIN_HOME": "folder of the two stores (default ~/.tocsin)",
    "TOCSIN_OFFLINE": "1 = no outgoing connection is ever opened",
    "TOCSIN_SOURCES": "fact sheets that every live turn reads from the network, by comma (default none)",
    "TOCSIN_LOCK_SECONDS": "how long a writer waits for another one (default 120)",
    "TOCSIN_ALLOW_HOSTS": "comma-separated hosts on internal addresses that may be fetched all the same",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings as read from the environment."""

    home: Path
    offline: bool
    lock_seconds: float
    sources: tuple[str, ...] = ()
    allow_hosts: tuple[str, ...] = ()


def settings() -> Settings:
    """The settings in force. Raises UserError naming the variable that cannot be read."""
    seconds = os.environ.get("TOCSIN_LOCK_SECONDS", "120")
    try:
        lock_seconds = float(seconds)
    except ValueError:
        raise UserError(f"TOCSIN_LOCK_SECONDS={seconds!r} is not a number of seconds") from None
    home = Path(os.environ.get("TOCSIN_HOME") or Path.home() / ".tocsin").expanduser()
    offline = os.environ.get("TOCSIN_OFFLINE", "") not in ("", "0")
    return Settings(home, offline, lock_seconds, _listed("TOCSIN_SOURCES"), _listed("TOCSIN_ALLOW_HOSTS"))


def _listed(variable: str) -> tuple[str, ...]:
    """The values of a variable that lists them by comma."""
    return tuple(part.strip() for part in os.environ.get(variable, "").split(",") if part.strip())
