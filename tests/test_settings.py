"""Settings say which variable is wrong, and a key is never shown."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from tocsin.errors import UserError
from tocsin.settings import VARIABLES, Secret, Settings, secret, settings

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
    said = "".join((root / page).read_text("utf-8") for page in ("README.md", "docs/fetching.md"))
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
        with pytest.raises(UserError, match="holds no key"):
            secret("CODER_KEY")
    file.unlink()
    with pytest.raises(UserError, match="cannot be read"):
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
