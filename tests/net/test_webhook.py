"""A webhook is signed as the standard says, handed over once, and led nowhere else."""

import base64
import sys
from datetime import UTC, datetime

import pytest

from tests.net.server import HASTY, Quiet, guest
from tocsin.errors import AddressRefused, FetchFailed, UserError
from tocsin.net import GuardedFetcher
from tocsin.net.admin import channels_set, notify
from tocsin.net.webhook import key_of, signed, signing_key
from tocsin.settings import Secret

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_published_example_of_the_standard_is_reproduced() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    made = signed(key_of(Secret(KEY), "K"), "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert made["webhook-timestamp"] == "1614265330" and made["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"


@pytest.mark.parametrize(
    "value", ["", "whsec_", "whsec_short", "whsec_?", base64.b64encode(b"x" * 65).decode()]
)
def test_what_is_no_signing_key_is_refused_and_not_shown(value: str) -> None:
    with pytest.raises(UserError, match="WEBHOOK_A is no signing key") as raised:
        key_of(Secret(value), "WEBHOOK_A")
    assert not value or value not in str(raised.value).replace("whsec_ and", "")


def test_a_signing_secret_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCSIN_SECRETS_FILE", raising=False)
    with pytest.raises(UserError, match="TOCSIN_WEBHOOK_A"):
        signing_key("WEBHOOK_A")
    monkeypatch.setenv("TOCSIN_WEBHOOK_A", KEY)
    assert len(signing_key("WEBHOOK_A")) == 24


@pytest.mark.parametrize("status", [200, 204, 302, 400, 410, 429, 500, 503])
def test_a_delivery_is_made_once_and_its_status_told(planned: Quiet, status: int) -> None:
    planned.plan["hook"] = [(status, b"", {"Location": "/elsewhere", "Retry_After": "1"})]
    assert guest(planned).deliver(f"{planned.url}/hook", b"{}", {"webhook-id": "d"}) == status
    assert planned.paths() == ["hook"], "neither asked again nor led elsewhere"
    assert {k.lower(): v for k, v in planned.seen[0][2].items()}["webhook-id"] == "d"


@pytest.mark.parametrize("path", ["endless", "bomb", "drip", "announced"])
def test_the_body_of_an_answer_is_never_read(shared: Quiet, path: str) -> None:
    assert guest(shared).deliver(f"{shared.url}/{path}", b"{}", {}) == 200


@pytest.mark.parametrize("path", ["silent", "header_drip", "no_http", "hints", "headers"])
def test_a_server_that_does_not_answer_is_given_up(shared: Quiet, path: str) -> None:
    with pytest.raises(FetchFailed):
        guest(shared, HASTY).deliver(f"{shared.url}/{path}", b"{}", {})


def test_nothing_goes_to_an_internal_address_unencrypted_or_while_offline(shared: Quiet) -> None:
    for url in ("https://127.0.0.1:1/", "https://169.254.169.254/", "https://[::1]/", shared.url):
        with pytest.raises(AddressRefused):
            GuardedFetcher().deliver(url, b"{}", {})
    with pytest.raises(AddressRefused, match="offline"):
        GuardedFetcher(allow=[shared.host], offline=True).deliver(shared.url, b"{}", {})


def test_administrators_are_told_through_their_own_channel(
    planned: Quiet, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned.plan["notice"] = [(200, b"", {})]
    monkeypatch.setenv("TOCSIN_OFFLINE", "0")
    monkeypatch.setenv("TOCSIN_ADMIN_URLS", f"json://{planned.host}/notice")
    assert channels_set() and notify("Tocsin", "2 dead letters: dsp-1, dsp-2") == 1
    assert planned.paths() == ["notice"]
    planned.plan["notice"] = [(500, b"", {})]
    with pytest.raises(FetchFailed, match="did not take the notice"):
        notify("Tocsin", "2 dead letters")


def test_a_channel_that_is_none_is_named_by_its_place_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_OFFLINE", "0")
    monkeypatch.setenv("TOCSIN_ADMIN_URLS", "nonsense://token-of-ours")
    with pytest.raises(UserError, match="at place 1 is none") as raised:
        notify("Tocsin", "words")
    assert "token-of-ours" not in str(raised.value)
    monkeypatch.setenv("TOCSIN_OFFLINE", "1")
    with pytest.raises(AddressRefused, match="offline"):
        notify("Tocsin", "words")


def test_without_the_extra_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_OFFLINE", "0")
    monkeypatch.setenv("TOCSIN_ADMIN_URLS", "json://127.0.0.1/")
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(UserError, match=r"pip install 'tocsin\[admin\]'"):
        notify("Tocsin", "words")
