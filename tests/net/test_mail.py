"""A letter is taken, surely not taken, or in doubt; and nothing goes out unencrypted or to nobody."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from tests.net.mail_server import Box, taking
from tocsin.errors import AddressRefused, InDoubt, NotTold, UserError
from tocsin.net.mail import Attachment, Envelope, Mailer, letter
from tocsin.settings import VARIABLES, Secret, Smtp

AT = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
ENVELOPE = Envelope(
    id="dsp-1",
    to="desk@example.org",
    subject="إنذار: خطر عنف جماعي",
    plain="خط أول\n.نقطة\n",
    html="<html dir='rtl'><body>خط أول</body></html>",
    language="ar",
    at=AT,
    earlier=("dsp-0",),
    attached=(Attachment("alarm.xml", "application/cap+xml", b"<alert/>"),),
)


class Readiness:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


@pytest.fixture
def ready() -> Iterator[Readiness]:
    yield Readiness()


def mailer(port: int, tls: str = "none", seconds: float = 5.0) -> Mailer:
    return Mailer(Smtp("127.0.0.1", port, tls, "alarms@tocsin.example"), seconds=seconds)


def test_a_letter_arrives_whole_in_arabic_with_its_attachment(ready: Readiness) -> None:
    box = Box()
    with taking(box) as port:
        mailer(port).send(ENVELOPE, ready)
    (one,) = box.letters()
    assert one["Subject"] == ENVELOPE.subject and one["Message-ID"] == "<dsp-1@tocsin.example>"
    assert one["References"] == one["In-Reply-To"] == "<dsp-0@tocsin.example>"
    assert one["Content-Language"] == "ar" and one["Auto-Submitted"] == "auto-generated"
    assert "alarms.tocsin.example" in one["List-Id"]
    plain, html = one.get_body(("plain",)), one.get_body(("html",))
    assert plain and html
    assert plain.get_content().replace("\r\n", "\n") == ENVELOPE.plain and "rtl" in html.get_content()
    (cap,) = one.iter_attachments()
    assert cap.get_content_type() == "application/cap+xml" and cap.get_content() == b"<alert/>"
    assert ready.times == 1 and box.taken[0][0] == "desk@example.org"
    assert box.taken[0][1].isascii(), "it passes servers that know only seven bits"


@pytest.mark.parametrize(
    ("habit", "lasting", "everyone"),
    [("refuses", True, False), ("later", False, False), ("hangs", False, True)],
)
def test_what_was_surely_not_taken_is_told_so_and_was_never_handed_over(
    habit: str, lasting: bool, everyone: bool, ready: Readiness
) -> None:
    box = Box(habit)
    with taking(box) as port, pytest.raises(NotTold) as raised:
        mailer(port, seconds=0.3).send(ENVELOPE, ready)
    assert (raised.value.lasting, raised.value.everyone) == (lasting, everyone)
    assert box.taken == [] and ready.times == 0


def test_a_letter_refused_after_it_was_read_is_surely_not_taken(ready: Readiness) -> None:
    box = Box("spam")
    with taking(box) as port, pytest.raises(NotTold, match="not wanted") as raised:
        mailer(port).send(ENVELOPE, ready)
    assert raised.value.lasting and box.taken == []


def test_a_line_that_drops_after_the_letter_leaves_it_in_doubt(ready: Readiness) -> None:
    box = Box("drops")
    with taking(box) as port, pytest.raises(InDoubt, match="before the letter was confirmed"):
        mailer(port).send(ENVELOPE, ready)
    assert len(box.taken) == 1 and ready.times == 1


def test_a_server_that_does_not_listen_is_everyones_matter(ready: Readiness) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NotTold, match="cannot be used") as raised:
        mailer(port).send(ENVELOPE, ready)
    assert raised.value.everyone and not raised.value.lasting and ready.times == 0


def test_a_server_that_drips_its_greeting_is_hung_up(ready: Readiness) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(NotTold) as raised:
        mailer(silent.getsockname()[1], seconds=0.2).send(ENVELOPE, ready)
    assert raised.value.everyone


@pytest.mark.parametrize(
    "change",
    [
        {"to": "desk@example.org\r\nBcc: other@example.org"},
        {"to": "Desk <desk@example.org>"},
        {"to": "a@b.example, c@d.example"},
        {"subject": "Alarm\r\nBcc: other@example.org"},
        {"headers": {"X-One": "a\nX-Two: b"}},
        {"language": "en\r\nX-Two: b"},
    ],
)
def test_nothing_that_would_make_another_header_or_addressee_is_sent(change: dict[str, str]) -> None:
    with pytest.raises(AddressRefused):
        letter(replace(ENVELOPE, **change), "alarms@tocsin.example")  # type: ignore[arg-type]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_of_a_letter_arrives_as_lines_that_cannot_end_it(text: str) -> None:
    raw = letter(replace(ENVELOPE, plain=f"x{text}", attached=()), "alarms@tocsin.example")
    assert raw.isascii() and max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


# TLS


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate of our own for 127.0.0.1, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2020, 1, 1))
        .not_valid_after(dt.datetime(2099, 1, 1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    whole = tmp_path / "server.pem"
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    whole.write_bytes(key.private_bytes(pem, *plain) + made.public_bytes(pem))
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(made.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(whole)
    return trusted, context


def told_by_starttls(box: Box, context: ssl.SSLContext, ready: Readiness) -> None:
    login = Secret("desk"), Secret("word of ours")

    def known(*given: object) -> AuthResult:
        said = given[-1]
        mine = (getattr(said, "login", b""), getattr(said, "password", b"")) == (b"desk", b"word of ours")
        return AuthResult(success=mine, handled=False)

    how = {"tls_context": context, "require_starttls": True, "authenticator": known, "auth_required": True}
    with taking(box, **how) as port:
        Mailer(Smtp("127.0.0.1", port, "starttls", "alarms@tocsin.example"), login, 5.0).send(ENVELOPE, ready)


def test_a_checked_certificate_lets_us_log_in_and_send(
    certificate: tuple[Path, ssl.SSLContext], ready: Readiness, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, context = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    box = Box()
    told_by_starttls(box, context, ready)
    assert len(box.taken) == 1


def test_a_server_that_is_encrypted_from_the_start_is_checked_too(
    certificate: tuple[Path, ssl.SSLContext], ready: Readiness, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, context = certificate
    box = Box()
    with taking(box, ssl_context=context) as port:
        with pytest.raises(NotTold, match="CERTIFICATE_VERIFY_FAILED"):
            mailer(port, "tls").send(ENVELOPE, ready)
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        mailer(port, "tls").send(ENVELOPE, ready)
    assert len(box.taken) == 1 and ready.times == 1


def test_a_certificate_nobody_vouches_for_gets_neither_login_nor_letter(
    certificate: tuple[Path, ssl.SSLContext], ready: Readiness
) -> None:
    box = Box()
    with pytest.raises(NotTold, match="CERTIFICATE_VERIFY_FAILED") as raised:
        told_by_starttls(box, certificate[1], ready)
    assert raised.value.everyone and box.taken == []


def test_a_server_that_offers_no_encryption_gets_nothing(ready: Readiness) -> None:
    box = Box()
    with taking(box) as port, pytest.raises(NotTold, match="cannot be used"):
        mailer(port, "starttls").send(ENVELOPE, ready)
    assert box.taken == []


# Settings


@pytest.fixture
def set_up(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TOCSIN_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("TOCSIN_SMTP_FROM", "alarms@tocsin.example")
    return monkeypatch


def test_plain_smtp_goes_only_to_a_host_that_is_allowed_by_name(set_up: pytest.MonkeyPatch) -> None:
    set_up.setenv("TOCSIN_SMTP_TLS", "none")
    with pytest.raises(AddressRefused, match="unencrypted"):
        Mailer.from_environment()
    set_up.setenv("TOCSIN_ALLOW_HOSTS", "127.0.0.1:25")
    assert Mailer.from_environment().smtp.tls == "none"


def test_offline_half_a_login_and_no_server_are_refused(set_up: pytest.MonkeyPatch) -> None:
    set_up.setenv("TOCSIN_SMTP_USER", "desk")
    with pytest.raises(UserError, match="go together"):
        Mailer.from_environment()
    set_up.setenv("TOCSIN_OFFLINE", "1")
    with pytest.raises(AddressRefused, match="offline"):
        Mailer.from_environment()
    set_up.delenv("TOCSIN_SMTP_HOST")
    with pytest.raises(UserError, match="no mail server is set"):
        Mailer.from_environment()
