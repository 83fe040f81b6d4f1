"""A deployment's addresses: read strictly, kept private, and never a way inside or into another header."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import InputError, UnknownId, UserError
from tocsin.response.addresses import FILE, Addressed, Reached, parsed, read
from tocsin.response.dispatch import Channel

GOOD = """
un-osapg:
  mail: [desk@example.org, night.desk@example.org]
  language: fr
state-mission-BDI:
  webhook: {url: "https://hooks.example.org/tocsin?x=1", secret: WEBHOOK_BDI}
au: {mail: desk@au.example}
"""


def test_roles_have_mail_addresses_webhooks_and_a_language() -> None:
    told = parsed(GOOD)
    assert told["un-osapg"] == Addressed(
        (Reached(Channel.MAIL, "desk@example.org"), Reached(Channel.MAIL, "night.desk@example.org")), "fr"
    )
    (hook,) = told["state-mission-BDI"].ways
    assert hook == Reached(Channel.WEBHOOK, "https://hooks.example.org/tocsin?x=1", "WEBHOOK_BDI")
    assert told["au"].ways == (Reached(Channel.MAIL, "desk@au.example"),) and parsed("") == {}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("au:\n  mail: nobody", 2, "no mail address"),
        ('au:\n  mail: "a@b.example\\r\\nBcc: c@d.example"', 2, "no plain text"),
        ("au:\n  mail: 'A <a@b.example>'", 2, "no mail address"),
        ("au:\n  mail: a@b.example,c@d.example", 2, "no mail address"),
        ("au:\n  mail: []", 2, "none or more"),
        ("au:\n  mail: [a@b.example, A@b.example]", 2, "one address twice"),
        ("au:\n  mail: a@b.example\n  phone: 1", 3, "'phone'"),
        ("au:\n  mail: a@b.example\nau:\n  mail: c@b.example", 3, "'au' a second time"),
        ("au:\n  language: fr", 2, "without mail and webhook"),
        ("au:\n  mail: a@b.example\n  language: de", 3, "a language"),
        ("au: desk", 1, "no mapping"),
        ("au:\n  webhook: {url: https://a.example/}", 2, "without url and secret"),
        ("au:\n  webhook: {url: 'https://a.example/', secret: whsec_abcd}", 2, "the value itself stays out"),
        ("au:\n  webhook: {url: 'http://a.example/', secret: WEBHOOK_A}", 2, "not https"),
        ("au:\n  webhook: {url: 'https://127.0.0.1/', secret: WEBHOOK_A}", 2, "internal"),
        ("au:\n  webhook: {url: 'https://[::ffff:10.0.0.1]/', secret: WEBHOOK_A}", 2, "internal"),
        ("au:\n  webhook: {url: 'https://localhost/', secret: WEBHOOK_A}", 2, "internal"),
        ("au:\n  webhook: {url: 'https://me:word@a.example/', secret: WEBHOOK_A}", 2, "no http or https"),
        ("au:\n  webhook: {url: 'file:///etc/passwd', secret: WEBHOOK_A}", 2, "no http or https"),
        ("au: &a\n  mail: a@b.example\neu: *a", 3, "an alias"),
        ("au: !!python/object/apply:os.system [ls]", 1, "an alias or a tag"),
        ("au:\n  mail: [a@b.example", 2, "no YAML"),
    ],
)
def test_what_it_may_not_hold_is_refused_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(InputError, match=f"{FILE}, line {line}: .*{says}") as raised:
        parsed(text)
    assert "word@" not in str(raised.value) and "Bcc" not in str(raised.value)


def test_a_role_of_no_key_is_named_with_what_was_meant() -> None:
    with pytest.raises(UnknownId, match="line 1 'un-osap'; did you mean un-osapg"):
        parsed("un-osap: {mail: a@b.example}")
    with pytest.raises(UnknownId, match="line 1 'state-mission-QQQ'"):
        parsed("state-mission-QQQ: {mail: a@b.example}")


def test_a_host_allowed_by_name_may_be_inside() -> None:
    text = "au:\n  webhook: {url: 'http://127.0.0.1:8000/', secret: WEBHOOK_A}"
    assert parsed(text, frozenset({"127.0.0.1:8000"}))["au"].ways[0].channel is Channel.WEBHOOK


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    assert read(tmp_path) == {}
    file = tmp_path / FILE
    file.write_text(GOOD, "utf-8")
    file.chmod(0o600)
    assert set(read(tmp_path)) == {"un-osapg", "state-mission-BDI", "au"}
    file.chmod(mode)
    with pytest.raises(UserError, match="chmod 600"):
        read(tmp_path)


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        told = parsed(text)
    except UserError:
        return
    assert all(a.ways for a in told.values())


@given(st.from_regex(r"au:\n  mail: [ -~]{0,60}", fullmatch=True))
def test_any_mail_line_gives_bare_addresses_or_is_refused(text: str) -> None:
    try:
        told = parsed(text)
    except UserError:
        return
    for way in told["au"].ways:
        assert way.address.count("@") == 1 and not set(way.address) & set(' ,;<>"()\r\n')
