"""One letter to one address, over SMTP (RFC 5321): taken, surely not taken, or in doubt."""

from __future__ import annotations

import re
import smtplib
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from socket import SHUT_RDWR

from tocsin.errors import AddressRefused, InDoubt, NotTold, UserError
from tocsin.net.veil import Veil
from tocsin.settings import ADDRESS, Secret, Settings, Smtp, secret, settings

SECONDS, SILENCE = 60.0, 20.0
"""How long one letter may take in all, and how long the server may be silent."""
_LONGEST_REASON = 200
SEVEN_BITS = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside the text. `kind` is a media type such as application/cap+xml."""

    name: str
    kind: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Envelope:
    """One letter to one address. `id` is what Message-ID is made of: the same letter has the same one.

    `earlier` are the ids of letters that it follows, oldest first (References, RFC 5322, section 3.6.4).
    """

    id: str
    to: str
    subject: str
    plain: str
    html: str
    language: str
    at: datetime
    earlier: Sequence[str] = ()
    attached: Sequence[Attachment] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


class Mailer:
    """Sends letters through one mail server. The certificate is checked, whatever the server says.

    Raises AddressRefused when offline, and for a server that would be spoken to unencrypted and is not
    allowed by name; UserError when no server is set.
    """

    def __init__(
        self, smtp: Smtp, login: tuple[Secret, Secret] | None = None, seconds: float = SECONDS
    ) -> None:
        self.smtp, self.seconds = smtp, seconds
        self._login = login
        self._veil = Veil(login or ())

    @classmethod
    def from_environment(cls) -> Mailer:
        """The mailer of the settings, with the login of the secrets."""
        found = settings()
        _admit(found)
        user, word = secret("SMTP_USER"), secret("SMTP_PASSWORD")
        if (user is None) != (word is None):
            raise UserError("SMTP_USER and SMTP_PASSWORD go together; set both or none")
        return cls(found.smtp, (user, word) if user and word else None)

    def send(self, envelope: Envelope, ready: Callable[[], None]) -> None:
        """Hand one letter over. `ready` is called at the last moment at which it is surely not taken.

        Raises NotTold when it was surely not taken, InDoubt when the line broke after the end of the letter
        was sent and before the server confirmed it.
        """
        raw = letter(envelope, self.smtp.sender)
        with self._connected() as server:
            try:
                _said(server.mail(self.smtp.sender), "the sender", everyone=True)
                _said(server.rcpt(envelope.to), "the addressee")
                _said(server.docmd("DATA"), "the letter", wanted=354)
                server.send(_stuffed(raw))
            except (smtplib.SMTPException, OSError) as error:
                raise NotTold(self._shown("the line broke", error), everyone=True) from None
            ready()
            try:
                server.send(b".\r\n")
                answer = server.getreply()
            except (smtplib.SMTPException, OSError) as error:
                raise InDoubt(self._shown("the line broke before the letter was confirmed", error)) from None
            _said(answer, "the letter")

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A server that has greeted, is encrypted as set, and knows us."""
        try:
            server = self._opened()
        except (smtplib.SMTPException, OSError) as error:
            raise NotTold(self._shown("cannot be used", error), everyone=True) from None
        timer = threading.Timer(self.seconds, _hang_up, (server,))
        timer.daemon = True
        timer.start()
        try:
            try:
                self._greeted(server)
            except (smtplib.SMTPException, OSError) as error:
                raise NotTold(self._shown("cannot be used", error), everyone=True) from None
            yield server
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            timer.cancel()
            server.close()

    def _opened(self) -> smtplib.SMTP:
        silence = min(SILENCE, self.seconds)
        if self.smtp.tls == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.smtp.host, self.smtp.port, timeout=silence, context=context)
        return smtplib.SMTP(self.smtp.host, self.smtp.port, timeout=silence)

    def _greeted(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if self.smtp.tls == "starttls":
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if self._login:
            user, word = self._login
            server.login(user.value, word.value)

    def _shown(self, what: str, error: Exception) -> str:
        if isinstance(error, smtplib.SMTPResponseException):
            raw = error.smtp_error
            told = f"{error.smtp_code} {_text(raw) if isinstance(raw, bytes) else raw}"
        else:
            told = f"{type(error).__name__}: {error}"
        return f"mail server {self.smtp.host}:{self.smtp.port}: {what} ({self._veil.line(told)})"


def letter(envelope: Envelope, sender: str) -> bytes:
    """The letter as it goes over the wire: plain and HTML side by side (RFC 2046), in seven bits.

    Raises AddressRefused for an address or a header that would make another header.
    """
    if not ADDRESS.fullmatch(envelope.to):
        raise AddressRefused(f"{envelope.to!r} is not a mail address")
    domain = sender.rpartition("@")[2]
    message = EmailMessage(policy=SEVEN_BITS)
    references = " ".join(f"<{id}@{domain}>" for id in envelope.earlier)
    headers = {
        "From": sender,
        "To": envelope.to,
        "Subject": envelope.subject,
        "Date": format_datetime(envelope.at),
        "Message-ID": f"<{envelope.id}@{domain}>",
        "In-Reply-To": f"<{envelope.earlier[-1]}@{domain}>" if envelope.earlier else "",
        "References": references,
        "Auto-Submitted": "auto-generated",
        "List-Id": f"Tocsin alarms <alarms.{domain}>",
        **envelope.headers,
    }
    _write(message, headers)
    message.set_content(envelope.plain)
    message.add_alternative(envelope.html, subtype="html")
    for one in envelope.attached:
        main, _, sub = one.kind.partition("/")
        message.add_attachment(one.content, maintype=main, subtype=sub, filename=one.name)
    _write(message, {"Content-Language": envelope.language})
    return message.as_bytes()


def _write(message: EmailMessage, headers: Mapping[str, str]) -> None:
    try:
        for name, value in headers.items():
            if value:
                message[name] = value
    except ValueError as error:
        raise AddressRefused(f"a header of the letter cannot be sent: {error}") from None


def _admit(found: Settings) -> None:
    smtp = found.smtp
    if not smtp.host:
        raise UserError("no mail server is set; set TOCSIN_SMTP_HOST and TOCSIN_SMTP_FROM")
    if found.offline:
        raise AddressRefused(f"offline: the mail server {smtp.host} is not opened (unset TOCSIN_OFFLINE)")
    if smtp.tls == "none" and not {smtp.host, f"{smtp.host}:{smtp.port}"} & set(found.allow_hosts):
        raise AddressRefused(
            f"mail server {smtp.host}: nothing is sent unencrypted (use TOCSIN_SMTP_TLS=starttls, or "
            "name the host in TOCSIN_ALLOW_HOSTS)"
        )


def _said(answer: tuple[int, bytes], what: str, wanted: int = 250, everyone: bool = False) -> None:
    """Raises NotTold for an answer that is no yes; one of 500 and above is lasting (RFC 5321, 4.2.1)."""
    code, raw = answer
    if code == wanted or (wanted == 250 and code == 251):
        return
    told = Veil().line(_text(raw))[:_LONGEST_REASON]
    broken = code in (-1, 421)
    raise NotTold(
        f"the mail server does not take {what}: {code} {told}",
        lasting=code >= 500 and not everyone,
        everyone=everyone or broken,
    )


def _stuffed(raw: bytes) -> bytes:
    """Lines that begin with a point get a second one (RFC 5321, section 4.5.2); it ends with a line end."""
    ended = raw if raw.endswith(b"\r\n") else raw + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended)


def _hang_up(server: smtplib.SMTP) -> None:
    line = server.sock
    if line is not None:
        with suppress(OSError):
            line.shutdown(SHUT_RDWR)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
