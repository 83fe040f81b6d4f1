"""Every setting in one table: its environment variable, what it means, and its default."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tocsin.errors import UserError

_LONGEST_SECRET, _LONGEST_FILE = 8192, 65_536
_LONGEST_WAIT = 86_400
_GRAPHIC = re.compile(r"[!-~]+")
"""What a key may hold: it goes into headers and addresses as it stands."""

SECRETS = {
    "CODER_KEY": "key of the language model",
    "UCDP_TOKEN": "token of the UCDP API",
    "ACLED_USER": "mail address of an ACLED account",
    "ACLED_PASSWORD": "password of that account",
    "RELIEFWEB_APPNAME": "application name that ReliefWeb has approved",
    "HAPI_APP": "application and mail address for HDX HAPI, as app:email",
    "SMTP_USER": "user name at the mail server",
    "SMTP_PASSWORD": "password of that user",
    "ADMIN_URLS": "addresses of administrators' channels for apprise, by comma",
}
_SIGNING = re.compile(r"WEBHOOK_[A-Z0-9_]{1,60}(?<!_FILE)")
"""Names of secrets that sign webhooks; addresses.yml names one for each webhook."""
_FREE = ("ACLED_PASSWORD", "HAPI_APP", "SMTP_USER", "SMTP_PASSWORD")
"""Secrets that people choose, with spaces and any letters; they are encoded before they go out."""

VARIABLES = {
    "TOCSIN_HOME": "folder of the two stores (default ~/.tocsin)",
    "TOCSIN_OFFLINE": "1 = no outgoing connection is ever opened",
    "TOCSIN_SOURCES": "fact sheets that every live turn reads from the network, by comma (default none)",
    "TOCSIN_LOCK_SECONDS": "how long a writer waits for another one (default 120)",
    "TOCSIN_ALLOW_HOSTS": "comma-separated hosts on internal addresses that may be fetched all the same",
    "TOCSIN_CODER_URL": "address of a language model that codes text, such as https://HOST/v1 (default none)",
    "TOCSIN_CODER_MODEL": "name of the model at that address",
    "TOCSIN_CODER_MOST": "records that one turn asks it about at most, the newest first (default 200)",
    "TOCSIN_HOST_SECONDS": "least seconds between two requests to one host (default 1)",
    "TOCSIN_PUBLIC_URL": "address under which readers of letters find the dashboard (default none: no links)",
    "TOCSIN_CONTACT": "mail or web address that servers are told to write to (default none)",
    "TOCSIN_SMTP_HOST": "mail server that takes what is told by mail (default none)",
    "TOCSIN_SMTP_PORT": "its port (default 587 for starttls, 465 for tls, 25 for none)",
    "TOCSIN_SMTP_TLS": "starttls (default), tls, or none, which only a host of TOCSIN_ALLOW_HOSTS may have",
    "TOCSIN_SMTP_FROM": "mail address that alarms are sent from",
    "TOCSIN_TSA_URL": "address of an authority that timestamps the log (RFC 3161; default none)",
    "TOCSIN_TSA_ROOTS": "PEM file with the root certificates that its timestamps are held to",
    "TOCSIN_SECRETS_FILE": "file with one NAME=value a line, readable by its owner alone (chmod 600)",
    **{f"TOCSIN_{name}": f"{what}, where no file holds it" for name, what in SECRETS.items()},
    **{
        f"TOCSIN_{name}_FILE": f"file with the {what}, readable by its owner alone"
        for name, what in SECRETS.items()
    },
}


@dataclass(frozen=True, slots=True)
class Smtp:
    """The mail server as set; `host` is "" when there is none. `tls` is one of SMTP_PORTS."""

    host: str = ""
    port: int = 0
    tls: str = "starttls"
    sender: str = ""


SMTP_PORTS = {"starttls": 587, "tls": 465, "none": 25}
ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
"""A mail address in ASCII without comments and quoted parts (dot-atom, RFC 5322, section 3.4.1)."""
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


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
    host_seconds: float = 1.0
    contact: str = ""
    public_url: str = ""
    smtp: Smtp = Smtp()
    tsa_url: str = ""
    tsa_roots: Path | None = None


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that is not shown: neither its text nor its repr holds it."""

    value: str = field(repr=False)
    inner: str = field(default="", repr=False, compare=False)

    def after(self, prefix: str) -> Secret:
        """The same secret behind words that are none, such as `Bearer `; what is hidden stays the secret."""
        return Secret(prefix + self.value, self.inner or self.value)

    @property
    def hidden(self) -> str:
        """The part that no text may show."""
        return self.inner or self.value


def settings() -> Settings:
    """The settings in force. Raises UserError naming the variable that cannot be read."""
    home = Path(os.environ.get("TOCSIN_HOME") or Path.home() / ".tocsin").expanduser()
    offline = os.environ.get("TOCSIN_OFFLINE", "") not in ("", "0")
    return Settings(
        home,
        offline,
        _seconds("TOCSIN_LOCK_SECONDS", 120.0),
        _listed("TOCSIN_SOURCES"),
        _listed("TOCSIN_ALLOW_HOSTS"),
        _base("TOCSIN_CODER_URL"),
        os.environ.get("TOCSIN_CODER_MODEL", "").strip(),
        _count("TOCSIN_CODER_MOST", 200),
        _seconds("TOCSIN_HOST_SECONDS", 1.0),
        _contact("TOCSIN_CONTACT"),
        _base("TOCSIN_PUBLIC_URL"),
        _smtp(),
        _base("TOCSIN_TSA_URL"),
        Path(roots).expanduser() if (roots := os.environ.get("TOCSIN_TSA_ROOTS", "")) else None,
    )


def secret(name: str) -> Secret | None:
    """The secret of that name in `SECRETS` or WEBHOOK_..., None when not set; kept out of every error.

    It is the variable TOCSIN_<NAME>, or the text of the file named in TOCSIN_<NAME>_FILE, or the line
    `NAME=value` of the file named in TOCSIN_SECRETS_FILE. Raises UserError when it is set twice, when a file
    cannot be read, is empty or is open to others than its owner, and when it holds what no such secret may;
    ValueError for a name that is not in the table.
    """
    if not _named(name):
        raise ValueError(f"{name} is no secret of the table; add it with what it is for")
    variable = f"TOCSIN_{name}"
    given = {variable: os.environ.get(variable, "").strip()}
    if path := os.environ.get(f"{variable}_FILE", ""):
        given[f"{variable}_FILE"] = private_text(f"{variable}_FILE={path}", path, _LONGEST_SECRET).strip()
    if path := os.environ.get("TOCSIN_SECRETS_FILE", ""):
        given["TOCSIN_SECRETS_FILE"] = _line(name, path)
    found = [(where, value) for where, value in given.items() if value]
    if len(found) > 1:
        raise UserError(f"{' and '.join(where for where, _ in found)} are both set; unset one of them")
    if not found:
        return None
    where, value = found[0]
    within = str.isprintable if name in _FREE else _GRAPHIC.fullmatch
    if not within(value):
        raise UserError(f"{where} holds spaces, line ends or letters that no {name} has")
    return Secret(value)


def _line(name: str, path: str) -> str:
    """The value of `name` in the secrets file; empty without such a line. No line is ever shown."""
    where, found = f"TOCSIN_SECRETS_FILE={path}", ""
    for number, line in enumerate(private_text(where, path, _LONGEST_FILE).splitlines(), 1):
        given, equals, value = line.partition("=")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not equals or not _named(given.strip()):
            raise UserError(f"{where}: line {number} names no known secret (such as UCDP_TOKEN=...)")
        if given.strip() == name and found:
            raise UserError(f"{where}: line {number} sets {name} a second time; delete one of them")
        if given.strip() == name:
            found = value.strip()
    return found


def _named(name: str) -> bool:
    return name in SECRETS or bool(_SIGNING.fullmatch(name))


def private_text(where: str, path: str | Path, longest: int) -> str:
    """The text of a file that only its owner may read; `where` is what errors call it.

    The mode is read from the open file, so that it cannot change between. Raises UserError.
    """
    try:
        with open(Path(path).expanduser(), "rb", opener=_at_once) as file:
            state = os.fstat(file.fileno())
            raw = file.read(longest + 1) if stat.S_ISREG(state.st_mode) else b""
    except OSError as error:
        raise UserError(f"{where} cannot be read: {error.strerror}") from None
    except (RuntimeError, ValueError):
        raise UserError(f"{where.partition('=')[0]} names no file that can be opened") from None
    if state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UserError(
            f"{where} is open to others (mode {stat.S_IMODE(state.st_mode):04o}); run chmod 600 on it"
        )
    if not raw.strip() or len(raw) > longest:
        raise UserError(f"{where} cannot be used: it is empty, too long or no file")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise UserError(f"{where} is not UTF-8 text") from None


def _at_once(path: str, flags: int) -> int:
    """Opens without waiting for a writer, as a pipe would."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


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


def _seconds(variable: str, default: float) -> float:
    given = os.environ.get(variable, "").strip()
    try:
        seconds = float(given) if given else default
    except ValueError:
        raise UserError(f"{variable}={given!r} is not a number of seconds") from None
    if not 0 <= seconds <= _LONGEST_WAIT:
        raise UserError(f"{variable}={given!r} is not between 0 and {_LONGEST_WAIT} seconds")
    return seconds


def _contact(variable: str) -> str:
    """An address that may stand in the comment of a user agent (RFC 9110, section 5.6.5)."""
    given = os.environ.get(variable, "").strip()
    if given and not (_GRAPHIC.fullmatch(given) and not set(given) & set('()\\"') and len(given) <= 200):
        raise UserError(f"{variable} is not a mail or web address")
    return given


def _smtp() -> Smtp:
    """The mail server. A host without a sender is refused, so that no mail goes out from nobody."""
    host = os.environ.get("TOCSIN_SMTP_HOST", "").strip().lower()
    tls = os.environ.get("TOCSIN_SMTP_TLS", "").strip().lower() or "starttls"
    sender = os.environ.get("TOCSIN_SMTP_FROM", "").strip()
    if not host:
        return Smtp()
    if not _HOST.fullmatch(host):
        raise UserError("TOCSIN_SMTP_HOST is not the name of a host; give its port in TOCSIN_SMTP_PORT")
    if tls not in SMTP_PORTS:
        raise UserError(f"TOCSIN_SMTP_TLS={tls!r} is not one of {', '.join(SMTP_PORTS)}")
    if not ADDRESS.fullmatch(sender):
        raise UserError("TOCSIN_SMTP_FROM is not a mail address; name one that alarms are sent from")
    port = os.environ.get("TOCSIN_SMTP_PORT", "").strip() or str(SMTP_PORTS[tls])
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536):
        raise UserError(f"TOCSIN_SMTP_PORT={port!r} is not a port")
    return Smtp(host, int(port), tls, sender)


def _count(variable: str, default: int) -> int:
    given = os.environ.get(variable, "").strip() or str(default)
    if not (given.isascii() and given.isdigit()):
        raise UserError(f"{variable}={given!r} is not a number of records")
    return int(given)


def _listed(variable: str) -> tuple[str, ...]:
    """The values of a variable that lists them by comma."""
    return tuple(part.strip() for part in os.environ.get(variable, "").split(",") if part.strip())
