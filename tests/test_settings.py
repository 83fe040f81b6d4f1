"""Settings say which variable is wrong, and a key is never shown."""

import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import UserError
from tocsin.settings import SECRETS, SMTP_PORTS, VARIABLES, Secret, Settings, Smtp, secret, settings

KEY = "sk-test-51c0"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    yield


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "key"
    path.write_text(f"{KEY}\n")
    path.chmod(0o600)
    monkeypatch.setenv("TOCSIN_CODER_KEY_FILE", str(path))
    return path


def test_every_variable_is_described_for_readers() -> None:
    root = Path(__file__).resolve().parents[1]
    pages = ("README.md", "docs/fetching.md", "docs/telling.md", "docs/custody.md")
    said = "".join((root / page).read_text("utf-8") for page in pages)
    assert not [name for name in VARIABLES if f"`{name}`" not in said and f"`{name}=" not in said]


def test_the_language_model_is_off_unless_it_is_set() -> None:
    assert (settings().coder_url, settings().coder_model, secret("CODER_KEY")) == ("", "", None)


def test_a_base_address_loses_its_last_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_CODER_URL", " https://models.example/v1/ ")
    assert settings().coder_url == "https://models.example/v1"


@pytest.mark.parametrize(
    "url",
    [
        f"https://user:{KEY}@models.example/v1",
        f"https://models.example/v1?key={KEY}",
        f"https://models.example/v1#{KEY}",
        f"file:///{KEY}",
        f"https://[{KEY}/",
        f"https://models.example:{KEY}/",
        KEY,
    ],
)
def test_an_address_that_could_hold_a_key_is_refused_without_being_shown(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_CODER_URL", url)
    with pytest.raises(UserError, match="TOCSIN_CODER_URL") as raised:
        settings()
    assert KEY not in str(raised.value)


def test_a_key_is_read_from_a_private_file(file: Path) -> None:
    assert secret("CODER_KEY") == Secret(KEY)
    file.chmod(0o400)
    assert secret("CODER_KEY") == Secret(KEY)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601, 0o666, 0o644])
def test_a_key_file_that_others_can_reach_is_refused(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(UserError, match=re.escape(f"(mode {mode:04o}); run chmod 600")) as raised:
        secret("CODER_KEY")
    assert KEY not in str(raised.value)


def test_a_key_file_that_is_empty_missing_or_no_file_is_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in ("", " \n", "k" * 10_000):
        file.write_text(text)
        with pytest.raises(UserError, match="cannot be used"):
            secret("CODER_KEY")
    file.unlink()
    with pytest.raises(UserError, match="cannot be read"):
        secret("CODER_KEY")
    os.mkfifo(file, 0o600)
    with pytest.raises(UserError, match="cannot be used"):
        secret("CODER_KEY")
    monkeypatch.setenv("TOCSIN_CODER_KEY_FILE", str(file.parent))
    with pytest.raises(UserError, match="TOCSIN_CODER_KEY_FILE"):
        secret("CODER_KEY")


def test_a_key_given_twice_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_CODER_KEY", KEY)
    with pytest.raises(UserError, match="unset one"):
        secret("CODER_KEY")


@pytest.mark.parametrize("key", [f"{KEY}\r\nX-Evil: 1", f"{KEY} b", f"{KEY}\u2013", f"{KEY}\x7f"])
def test_a_key_that_no_header_can_hold_is_refused_without_being_shown(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_CODER_KEY", key)
    with pytest.raises(UserError, match="TOCSIN_CODER_KEY holds") as raised:
        secret("CODER_KEY")
    assert KEY not in str(raised.value)


def test_a_secret_shows_nothing_and_is_no_part_of_the_settings() -> None:
    assert KEY not in f"{Secret(KEY)} {Secret(KEY)!r} {[Secret(KEY)]}"
    assert not [f.name for f in fields(Settings) if "key" in f.name]


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "secrets"
    lines = (
        "# ours",
        "",
        f"UCDP_TOKEN = {KEY}=x ",
        "ACLED_PASSWORD=pass word é=#",
        "HAPI_APP=A watch:a@b.example",
    )
    path.write_text("\n".join(lines), "utf-8")
    path.chmod(0o600)
    monkeypatch.setenv("TOCSIN_SECRETS_FILE", str(path))
    return path


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_is_read_from_each_of_its_three_places(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert secret(name) is None
    path = tmp_path / "one"
    places = ((f"TOCSIN_{name}", KEY), (f"TOCSIN_{name}_FILE", str(path)), ("TOCSIN_SECRETS_FILE", str(path)))
    for variable, value in places:
        path.write_text(f"{name}={KEY}" if variable == "TOCSIN_SECRETS_FILE" else f"{KEY}\n")
        path.chmod(0o600)
        with monkeypatch.context() as here:
            here.setenv(variable, value)
            assert secret(name) == Secret(KEY)
            assert variable in VARIABLES


def test_the_secrets_file_holds_one_secret_a_line(kept: Path) -> None:
    assert secret("UCDP_TOKEN") == Secret(f"{KEY}=x") and secret("ACLED_PASSWORD") == Secret("pass word é=#")
    assert secret("HAPI_APP") == Secret("A watch:a@b.example") and secret("ACLED_USER") is None


def test_a_secret_in_two_places_is_refused(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_UCDP_TOKEN", KEY)
    with pytest.raises(UserError, match="TOCSIN_UCDP_TOKEN and TOCSIN_SECRETS_FILE are both set"):
        secret("UCDP_TOKEN")
    kept.write_text("UCDP_TOKEN=a\nACLED_USER=b\nUCDP_TOKEN=a\n")
    monkeypatch.delenv("TOCSIN_UCDP_TOKEN")
    with pytest.raises(UserError, match="line 3 sets UCDP_TOKEN a second time"):
        secret("UCDP_TOKEN")


@pytest.mark.parametrize(
    "line", [f"{KEY}", f"{KEY}==", f"UCDP_TOKEN:{KEY}", f"export UCDP_TOKEN={KEY}", f"={KEY}"]
)
def test_a_line_that_is_not_understood_is_named_by_its_number_and_not_shown(kept: Path, line: str) -> None:
    kept.write_text(f"# ours\n{line}\n")
    with pytest.raises(UserError, match="line 2 names no known secret") as raised:
        secret("ACLED_USER")
    assert KEY not in str(raised.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_secrets_file_that_others_can_reach_is_refused(kept: Path, mode: int) -> None:
    kept.chmod(mode)
    with pytest.raises(UserError, match=re.escape(f"(mode {mode:04o}); run chmod 600")):
        secret("UCDP_TOKEN")


def test_a_secrets_file_that_is_no_text_is_refused(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.write_bytes(b"UCDP_TOKEN=\xff\xfe")
    with pytest.raises(UserError, match="is not UTF-8 text"):
        secret("UCDP_TOKEN")
    for path in ("nowhere/at all", "~nobody-of-that-name/x"):
        monkeypatch.setenv("TOCSIN_SECRETS_FILE", path)
        with pytest.raises(UserError, match="TOCSIN_SECRETS_FILE"):
            secret("UCDP_TOKEN")


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_no_text_of_a_secrets_file_is_shown_or_ends_in_another_error(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as here:
        path = Path(folder) / "s"
        path.touch(mode=0o600)
        path.write_text(f"ACLED_PASSWORD={KEY}{text}", encoding="utf-8", newline="")
        here.setenv("TOCSIN_SECRETS_FILE", str(path))
        try:
            found = secret("ACLED_PASSWORD")
        except UserError as error:
            assert KEY not in str(error) and len(str(error).splitlines()) == 1
        else:
            assert found and found.value.startswith(KEY)


def test_a_name_that_is_no_secret_is_an_error_of_ours() -> None:
    with pytest.raises(ValueError, match="NOBODY is no secret of the table"):
        secret("NOBODY")


def test_what_stands_before_a_secret_is_not_hidden() -> None:
    assert Secret(KEY).after("Bearer ").value == f"Bearer {KEY}"
    assert Secret(KEY).after("a").after("b").hidden == KEY and KEY not in repr(Secret(KEY).after("b"))


def test_manners_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (settings().host_seconds, settings().contact) == (1.0, "")
    monkeypatch.setenv("TOCSIN_HOST_SECONDS", "0")
    monkeypatch.setenv("TOCSIN_CONTACT", " watch@example.org ")
    assert (settings().host_seconds, settings().contact) == (0.0, "watch@example.org")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        *(("TOCSIN_HOST_SECONDS", value) for value in ("soon", "-1", "nan", "inf", "90000")),
        *(("TOCSIN_LOCK_SECONDS", value) for value in ("soon", "-1", "nan")),
        *(
            ("TOCSIN_PUBLIC_URL", value)
            for value in ("tocsin.example", "ftp://a.example", "https://u:p@a.example")
        ),
        *(("TOCSIN_CONTACT", value) for value in ("a b", "a)b", "a\r\nX: 1", "é@b.example", "a" * 201)),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(UserError, match=variable):
        settings()


def test_letters_link_nowhere_until_an_address_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings().public_url == ""
    monkeypatch.setenv("TOCSIN_PUBLIC_URL", "https://watch.example.org/tocsin/")
    assert settings().public_url == "https://watch.example.org/tocsin"


def test_the_mail_server_is_off_unless_set_and_its_port_follows_its_encryption(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert settings().smtp.host == ""
    monkeypatch.setenv("TOCSIN_SMTP_HOST", "Mail.example.org")
    with pytest.raises(UserError, match="TOCSIN_SMTP_FROM is not a mail address"):
        settings()
    monkeypatch.setenv("TOCSIN_SMTP_FROM", "desk@example.org")
    for tls, port in SMTP_PORTS.items():
        monkeypatch.setenv("TOCSIN_SMTP_TLS", tls)
        assert settings().smtp == Smtp("mail.example.org", port, tls, "desk@example.org")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TOCSIN_SMTP_HOST", "mail.example.org:25"),
        ("TOCSIN_SMTP_HOST", "https://mail.example.org"),
        ("TOCSIN_SMTP_TLS", "ssl"),
        ("TOCSIN_SMTP_PORT", "70000"),
        ("TOCSIN_SMTP_PORT", "²5"),
        ("TOCSIN_SMTP_FROM", "desk@example.org\r\nBcc: x@example.org"),
        ("TOCSIN_SMTP_FROM", "Desk <desk@example.org>"),
    ],
)
def test_a_mail_server_that_makes_no_sense_is_refused_by_its_variable(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_SMTP_HOST", "mail.example.org")
    monkeypatch.setenv("TOCSIN_SMTP_FROM", "desk@example.org")
    monkeypatch.setenv(variable, value)
    with pytest.raises(UserError, match=variable):
        settings()


def test_secrets_that_sign_webhooks_are_named_by_the_deployment(kept: Path) -> None:
    kept.write_text(f"WEBHOOK_AU=whsec_{KEY}\n")
    assert secret("WEBHOOK_AU") == Secret(f"whsec_{KEY}") and secret("WEBHOOK_EU") is None
    for name in ("WEBHOOK_", "WEBHOOK_AU_FILE", "WEBHOOK_au", "HOOK_AU"):
        with pytest.raises(ValueError, match="no secret of the table"):
            secret(name)
