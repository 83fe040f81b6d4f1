"""Every setting in one table: its environment variable, what it means, and its default."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tocsin.errors import UserError

_LONGEST_KEY = 8192

VARIABLES = {
    "TOCSIN_HOME": "folder of the two stores (default ~/.tocsin)",
    "TOCSIN_OFFLINE": "1 = no outgoing connection is ever opened",
    "TOCSIN_SOURCES": "fact sheets that every live turn reads from the network, by comma (default none)",
    "TOCSIN_LOCK_SECONDS": "how long a writer waits for another one (default 120)",
    "TOCSIN_ALLOW_HOSTS": "comma-separated hosts on internal addresses that may be fetched all the same",
    "TOCSIN_CODER_URL": "address of a language model that codes text, such as https://HOST/v1 (default none)",
    "TOCSIN_CODER_MODEL": "name of the model at that address",
    "TOCSIN_CODER_MOST": "records that one turn asks it about at most, the newest first (default 200)",
    "TOCSIN_CODER_KEY_FILE": "file that holds its key, readable by its owner alone (chmod 600)",
    "TOCSIN_CODER_KEY": "the key itself, where there is no such file",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings as read from the environment."""

    home: Path
    offline: bool
    lock_seconds: float
    sources: tuple[str, ...] = ()
    allow_hosts: tuple[str, ...] = ()
    coder_url: str = ""
    coder_model: str = ""
    coder_most: int = 200


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that is not shown: neither its text nor its repr holds it."""

    value: str = field(repr=False)


def settings() -> Settings:
    """The settings in force. Raises UserError naming the variable that cannot be read."""
    seconds = os.environ.get("TOCSIN_LOCK_SECONDS", "120")
    try:
        lock_seconds = float(seconds)
    except ValueError:
        raise UserError(f"TOCSIN_LOCK_SECONDS={seconds!r} is not a number of seconds") from None
    home = Path(os.environ.get("TOCSIN_HOME") or Path.home() / ".tocsin").expanduser()
    offline = os.environ.get("TOCSIN_OFFLINE", "") not in ("", "0")
    return Settings(
        home,
        offline,
        lock_seconds,
        _listed("TOCSIN_SOURCES"),
        _listed("TOCSIN_ALLOW_HOSTS"),
        _base("TOCSIN_CODER_URL"),
        os.environ.get("TOCSIN_CODER_MODEL", "").strip(),
        _count("TOCSIN_CODER_MOST", 200),
    )


def coder_key() -> Secret | None:
    """The key of the language model, None when it needs none; kept out of `Settings` and of every error.

    Raises UserError when it is set twice, when its file cannot be read, is empty or is open to others than
    its owner, and when it holds what no header may.
    """
    path, given = os.environ.get("TOCSIN_CODER_KEY_FILE", ""), os.environ.get("TOCSIN_CODER_KEY", "")
    if path and given:
        raise UserError("TOCSIN_CODER_KEY_FILE and TOCSIN_CODER_KEY are both set; unset one of them")
    key = _private(Path(path).expanduser()) if path else given.strip()
    if not all("!" <= letter <= "~" for letter in key):
        raise UserError(
            f"TOCSIN_CODER_KEY{'_FILE' if path else ''} holds spaces, line ends or letters that no key has"
        )
    return Secret(key) if key else None


def _private(path: Path) -> str:
    """The text of a secrets file; its mode is read from the open file, so that it cannot change between."""
    where = f"TOCSIN_CODER_KEY_FILE={path}"
    try:
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            raw = file.read(_LONGEST_KEY + 1) if stat.S_ISREG(state.st_mode) else b""
    except OSError as error:
        raise UserError(f"{where} cannot be read: {error.strerror}") from None
    if state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UserError(
            f"{where} is open to others (mode {stat.S_IMODE(state.st_mode):04o}); run chmod 600 on it"
        )
    if not raw.strip() or len(raw) > _LONGEST_KEY:
        raise UserError(f"{where} holds no key: it is empty, too long or no file")
    return raw.decode("latin-1").strip()


def _base(variable: str) -> str:
    """A base address without its last slash. What could hold a secret is refused without being shown."""
    given = os.environ.get(variable, "").strip().rstrip("/")
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError:
        raise UserError(f"{variable} is not an address") from None
    if not given:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise UserError(f"{variable} is not an http or https address with a host")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UserError(f"{variable} may hold no user name, password, query or fragment; give keys by file")
    return given


def _count(variable: str, default: int) -> int:
    given = os.environ.get(variable, "").strip() or str(default)
    if not (given.isascii() and given.isdigit()):
        raise UserError(f"{variable}={given!r} is not a number of records")
    return int(given)


def _listed(variable: str) -> tuple[str, ...]:
    """The values of a variable that lists them by comma."""
    return tuple(part.strip() for part in os.environ.get(variable, "").split(",") if part.strip())
