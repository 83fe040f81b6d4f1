"""The guarded client, against a real server on this machine."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.net.server import HASTY, LIMITS, Quiet, Waits, guest
from tocsin.errors import AddressRefused, FetchFailed, InputError, TooLarge
from tocsin.net import Ask, GuardedFetcher, Validators
from tocsin.net.manners import Manners
from tocsin.settings import Secret, settings


def test_a_page_is_fetched_with_a_name_of_our_own(fetcher: GuardedFetcher, server: str) -> None:
    answer = fetcher.fetch(f"{server}/plain")
    assert answer.body.decode().startswith(f"{server.removeprefix('http://')} tocsin/")
    assert answer.content_type == "text/xml" and not answer.unchanged
    assert answer.validators == Validators('"one"', "Thu, 19 Nov 2026 08:00:00 GMT")


def test_a_conditional_request_that_finds_no_change_has_no_body(fetcher: GuardedFetcher, server: str) -> None:
    answer = fetcher.fetch(f"{server}/plain", Validators('"one"'))
    assert answer.unchanged and answer.body == b"" and answer.validators == Validators('"one"')


def test_a_redirect_is_followed_and_its_address_reported(fetcher: GuardedFetcher, server: str) -> None:
    assert fetcher.fetch(f"{server}/moved").url == f"{server}/plain"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("metadata", "169.254.169.254 is the internal or reserved address"),
        ("to-file", "only http and https are opened, not 'file'"),
    ],
)
def test_a_redirect_to_an_inner_address_is_refused(
    fetcher: GuardedFetcher, server: str, path: str, reason: str
) -> None:
    with pytest.raises(AddressRefused, match=reason):
        fetcher.fetch(f"{server}/{path}")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://１２７.0.0.1/",
        "http://127。0。0。1/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://224.0.0.1/",
        "http://[::1]/",
        "http://[fe80::1]/",
        "http://[fc00::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[2002:7f00:1::]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b::808:808]/",
        "http://[64:ff9b:1::808:808]/",
        "http://[fec0::1]/",
        "http://[::8.8.8.8]/",
        "http://[::10.0.0.1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[2002:a00:1::1]/",
        "http://[2001:0:a00:1::f7f7:f7f7]/",
        "http://[2001:0:808:808::f5ff:fffe]/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "//example.org/",
        "http:///x",
        "http://user:word@example.org/",
        "http://[bad/",
        "http://example.org:port/",
        "",
    ],
)
def test_internal_reserved_and_strange_addresses_are_never_opened(url: str) -> None:
    with pytest.raises(AddressRefused):
        GuardedFetcher(LIMITS).fetch(url)


def test_an_allowed_host_is_allowed_on_its_port_only(server: str) -> None:
    port = int(server.rpartition(":")[2])
    with pytest.raises(AddressRefused):
        GuardedFetcher(LIMITS, allow=[f"127.0.0.1:{port + 1}"]).fetch(f"{server}/plain")
    with pytest.raises(AddressRefused):
        GuardedFetcher(LIMITS, allow=["", " "]).fetch(f"{server}/plain")


def test_allowed_hosts_come_from_the_environment(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    here = server.removeprefix("http://")
    monkeypatch.setenv("TOCSIN_ALLOW_HOSTS", f"test.invalid, {here},")
    assert settings().allow_hosts == ("test.invalid", here)
    assert GuardedFetcher.from_environment().fetch(f"{server}/plain").status == 200
    with pytest.raises(AddressRefused, match="offline"):
        GuardedFetcher.from_environment(offline=True).fetch(f"{server}/plain")


@pytest.mark.parametrize(
    ("path", "error", "reason"),
    [
        ("endless", TooLarge, "more than 200000 bytes"),
        ("announced", TooLarge, "announces 999999999 bytes"),
        ("bomb", TooLarge, "more than 400000 bytes when unpacked"),
        ("short", FetchFailed, "/short"),
        ("longer", FetchFailed, "announced 9 bytes and sent more"),
        ("negative", FetchFailed, "/negative"),
        ("headers", FetchFailed, "/headers"),
        ("no-http", FetchFailed, "/no-http"),
        ("chunked-bomb", TooLarge, "more than 400000 bytes when unpacked"),
        ("gzip-and-dirt", FetchFailed, "broken gzip"),
        ("later", FetchFailed, "asks to come back at 2100-01-01 00:00 UTC"),
        ("refused", FetchFailed, "answered 400 Bad Request"),
        ("cut-gzip", FetchFailed, "the gzip answer is cut short"),
        ("brotli", FetchFailed, "which was not asked for"),
        ("down", FetchFailed, "answered 503 Service Unavailable"),
        ("circle", FetchFailed, "more than 3 redirects"),
        ("to-nowhere", FetchFailed, "which is no address"),
    ],
)
def test_a_server_that_misbehaves_is_one_clear_line(
    fetcher: GuardedFetcher, server: str, path: str, error: type[Exception], reason: str
) -> None:
    with pytest.raises(error) as raised:
        fetcher.fetch(f"{server}/{path}")
    assert reason in str(raised.value) and server in str(raised.value) and "\n" not in str(raised.value)


@pytest.mark.parametrize("path", ["drip", "header-drip", "hints", "silent"])
def test_a_server_that_is_slow_for_ever_is_hung_up(shared: Quiet, path: str) -> None:
    hasty, said = guest(shared, HASTY), rf"/{path}: (not finished after 0.3 seconds|ReadTimeout|timed out)"
    with pytest.raises(FetchFailed, match=said):
        hasty.fetch(f"{shared.url}/{path}", ask=Ask(robots=False))
    with pytest.raises(FetchFailed, match=said):
        hasty.post_json(f"{shared.url}/{path}", {})


def test_a_packed_answer_is_unpacked(fetcher: GuardedFetcher, server: str) -> None:
    assert fetcher.fetch(f"{server}/packed").body == b"words " * 10_000


def test_a_host_that_does_not_resolve_or_does_not_listen_failed(server: str) -> None:
    with pytest.raises(FetchFailed, match="does not resolve"):
        GuardedFetcher(LIMITS).fetch("http://nowhere.invalid/")
    with pytest.raises(FetchFailed, match="attempt 5; try later"):
        patient = GuardedFetcher(LIMITS, allow=["127.0.0.1"], manners=Manners(wait=Waits()))
        patient.fetch("http://127.0.0.1:1/")


def test_json_is_sent_to_an_allowed_host_with_its_headers(fetcher: GuardedFetcher, server: str) -> None:
    answer = fetcher.post_json(f"{server}/echo", {"a": "\ud800é"}, {"Authorization": "Bearer k"})
    said = json.loads(answer.body)
    assert (said["method"], said["key"]) == ("POST", "Bearer k")
    assert json.loads(said["sent"]) == {"a": "\ud800é"} and answer.content_type == "application/json"


def test_a_refusal_of_what_was_sent_comes_back_with_its_reason(fetcher: GuardedFetcher, server: str) -> None:
    answer = fetcher.post_json(f"{server}/refused", {})
    assert (answer.status, answer.body) == (400, b'{"error": "no such field"}')


@pytest.mark.parametrize(
    ("path", "error", "reason"),
    [
        ("moved", FetchFailed, "what is sent is never redirected"),
        ("metadata", FetchFailed, "what is sent is never redirected"),
        ("down", FetchFailed, "answered 503 Service Unavailable at attempt 3; try later"),
        ("later", FetchFailed, "Too Many Requests and asks to come back at 2100-01-01 00:00 UTC"),
        ("endless", TooLarge, "more than 200000 bytes"),
        ("bomb", TooLarge, "more than 400000 bytes when unpacked"),
        ("short", FetchFailed, "/short"),
    ],
)
def test_what_is_sent_meets_the_same_guards(
    shared: Quiet, server: str, path: str, error: type[Exception], reason: str
) -> None:
    sender = guest(shared, replace(LIMITS, retries=2, wait_seconds=0.01))
    with pytest.raises(error) as raised:
        sender.post_json(f"{server}/{path}", {"text": "secret words"}, {"Authorization": "Bearer k-1"})
    assert reason in str(raised.value) and "\n" not in str(raised.value)
    assert not any(word in str(raised.value) for word in ("secret", "k-1"))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://127.0.0.1/v1", "internal or reserved"),
        ("https://169.254.169.254/v1", "internal or reserved"),
        ("http://93.184.215.14/v1", "nothing is sent unencrypted"),
        ("http://127.0.0.1/v1", "nothing is sent unencrypted"),
        ("ftp://example.org/v1", "only http and https"),
        ("http://[bad/", "not an address"),
    ],
)
def test_nothing_is_sent_inside_or_in_clear_to_a_host_that_is_not_named(url: str, reason: str) -> None:
    with pytest.raises(AddressRefused, match=reason):
        GuardedFetcher(LIMITS).post_json(url, {})


def test_offline_nothing_is_sent(server: str) -> None:
    offline = GuardedFetcher(LIMITS, allow=[server.removeprefix("http://")], offline=True)
    with pytest.raises(AddressRefused, match="offline"):
        offline.post_json(f"{server}/echo", {})


def test_headers_query_and_form_are_sent_as_they_are_asked(planned: Quiet) -> None:
    ask = Ask(
        {"Authorization": Secret("k-1").after("Bearer ")}, {"a": "b c", "key": Secret("s&1")}, accept="x/y"
    )
    answer = guest(planned).fetch(f"{planned.url}/echo?x=1#part", ask=ask)
    assert answer.url == f"{planned.url}/echo?x=1&a=b+c"
    said = json.loads(answer.body)
    assert (said["method"], said["key"], said["path"]) == ("GET", "Bearer k-1", "/echo?x=1&a=b+c&key=s%261")
    assert planned.seen[-1][2]["accept"] == "x/y"
    form = Ask(form={"name": "é &", "password": Secret("p=1")})
    said = json.loads(guest(planned).fetch(f"{planned.url}/echo", ask=form).body)
    assert (said["method"], said["sent"]) == ("POST", "name=%C3%A9+%26&password=p%3D1")
    assert said["kind"] == "application/x-www-form-urlencoded"


def test_who_we_are_cannot_be_changed_by_an_ask(planned: Quiet) -> None:
    guest(planned, contact="watch@example.org").fetch(
        f"{planned.url}/plain", ask=Ask({"USER-AGENT": "other", "Host": "other", "Accept-Encoding": "br"})
    )
    sent = {name.lower(): value for name, value in planned.seen[-1][2].items()}
    assert sent["host"] == planned.host and sent["accept-encoding"] == "gzip"
    assert sent["user-agent"].startswith("tocsin/") and "; watch@example.org)" in sent["user-agent"]


def test_an_answer_keeps_what_an_archive_needs(fetcher: GuardedFetcher, server: str) -> None:
    answer = fetcher.fetch(f"{server}/plain")
    assert (answer.status, answer.reason) == (200, "OK")
    assert answer.headers["content-type"] == "text/xml; x=y" and answer.headers["etag"] == '"one"'
    assert set(answer.headers) == {"content-type", "date", "server", "etag", "last-modified"}
    assert ("Content-Type", "text/xml; x=y") in answer.lines and len(answer.lines) == 6
    assert answer.sha256 == hashlib.sha256(answer.body).hexdigest()
    assert answer.md5 == hashlib.md5(answer.body).hexdigest()


def test_digests_are_those_of_the_unpacked_body(fetcher: GuardedFetcher, server: str) -> None:
    answer = fetcher.fetch(f"{server}/packed")
    assert answer.sha256 == hashlib.sha256(b"words " * 10_000).hexdigest()
    assert fetcher.fetch(f"{server}/members").body == b"one two"


def test_a_body_goes_into_a_file_that_appears_whole(
    fetcher: GuardedFetcher, server: str, tmp_path: Path
) -> None:
    path = tmp_path / "new" / "file"
    answer = fetcher.fetch(f"{server}/packed", ask=Ask(into=path))
    assert (answer.body, answer.path) == (b"", path) and path.read_bytes() == b"words " * 10_000
    assert answer.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert os.listdir(path.parent) == ["file"]


@pytest.mark.parametrize("path", ["bomb", "short", "endless", "cut-gzip", "down", "gzip-and-dirt"])
def test_a_file_is_left_as_it_was_when_the_body_does_not_come_whole(
    fetcher: GuardedFetcher, server: str, tmp_path: Path, path: str
) -> None:
    old = tmp_path / "file"
    old.write_text("of the last run")
    with pytest.raises((FetchFailed, TooLarge)):
        fetcher.fetch(f"{server}/{path}", ask=Ask(into=old))
    assert os.listdir(tmp_path) == ["file"] and old.read_text() == "of the last run"


def test_a_file_that_cannot_be_written_is_named(fetcher: GuardedFetcher, server: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written") as raised:
        fetcher.fetch(f"{server}/plain", ask=Ask(into=tmp_path / "file" / "below"))
    assert str(tmp_path) in str(raised.value)


def test_an_unchanged_answer_writes_no_file(fetcher: GuardedFetcher, server: str, tmp_path: Path) -> None:
    answer = fetcher.fetch(f"{server}/plain", Validators('"one"'), Ask(into=tmp_path / "file"))
    assert answer.unchanged and answer.path is None and not os.listdir(tmp_path)
    assert (answer.md5, answer.sha256) == ("", "")


def test_an_unchanged_answer_to_no_condition_is_a_failure(planned: Quiet) -> None:
    planned.plan["page"] = [(304, b"", {})]
    with pytest.raises(FetchFailed, match="answered 304"):
        guest(planned).fetch(f"{planned.url}/page")


def test_a_validator_that_no_header_can_hold_is_not_sent(planned: Quiet) -> None:
    answer = guest(planned).fetch(f"{planned.url}/plain", Validators('"\u00e9\r\nX: 1"'))
    assert answer.status == 200 and "if-none-match" not in planned.seen[-1][2]


def test_the_caps_on_the_body_rise_for_one_ask(fetcher: GuardedFetcher, server: str) -> None:
    with pytest.raises(TooLarge, match=r"more than 60000000 bytes$"):
        fetcher.fetch(f"{server}/endless", ask=Ask(most_bytes=60_000_000))
    assert len(fetcher.fetch(f"{server}/bomb", ask=Ask(most_bytes=60_000_000)).body) == 50_000_000
    with pytest.raises(TooLarge, match="more than 400000 bytes"):
        fetcher.fetch(f"{server}/bomb", ask=Ask(most_bytes=10))


@pytest.mark.parametrize(
    "ask",
    [
        Ask(form={}),
        Ask(form={"a": "b"}),
        Ask({"Authorization": Secret("k")}),
        Ask(query={"token": Secret("k")}),
    ],
)
def test_forms_and_secrets_never_go_unencrypted_to_a_host_that_is_not_named(ask: Ask) -> None:
    with pytest.raises(AddressRefused, match="nothing is sent unencrypted"):
        GuardedFetcher(LIMITS).fetch("http://93.184.215.14/", ask=ask)


def test_a_form_is_never_redirected_and_not_sent_again_after_a_cut(planned: Quiet) -> None:
    for path in ("moved", "metadata"):
        with pytest.raises(FetchFailed, match="what is sent is never redirected"):
            guest(planned).fetch(f"{planned.url}/{path}", ask=Ask(form={}))
    with pytest.raises(FetchFailed, match="/cut"):
        guest(planned).fetch(f"{planned.url}/cut", ask=Ask(form={}))
    assert planned.turns["cut"] == 1


def test_a_form_is_sent_again_when_the_host_was_busy(planned: Quiet) -> None:
    planned.plan["token"] = [(503, b"", {}), (200, b"{}", {})]
    assert guest(planned).fetch(f"{planned.url}/token", ask=Ask(form={})).body == b"{}"


@pytest.mark.parametrize(
    ("name", "value"), [("X-A", "b\r\nX-Evil: 1"), ("X A", "b"), ("", "b"), ("X-A", "\u00e9"), ("X:", "b")]
)
def test_a_header_that_could_smuggle_another_is_refused(
    fetcher: GuardedFetcher, server: str, name: str, value: str
) -> None:
    with pytest.raises(AddressRefused, match="no header may hold") as raised:
        fetcher.fetch(f"{server}/plain", ask=Ask({name: value}))
    assert "Evil" not in str(raised.value)


def test_threads_share_one_fetcher_and_what_it_learns_of_a_host(planned: Quiet) -> None:
    fetcher, got = guest(planned), []

    def fetch() -> None:
        got.append(fetcher.fetch(f"{planned.url}/packed").sha256)

    threads = [threading.Thread(target=fetch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8 and len(set(got)) == 1
    assert planned.paths().count("robots.txt") == 1
