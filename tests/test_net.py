"""The guarded client, against a real server on this machine."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tocsin.errors import AddressRefused, FetchFailed, TooLarge
from tocsin.net import GuardedFetcher, Limits, Validators
from tocsin.net.client import _asked_wait, _public
from tocsin.settings import settings

LIMITS = Limits(wire_bytes=200_000, body_bytes=400_000, seconds=2.0, idle_seconds=1.0, redirects=3)


class Answers(BaseHTTPRequestHandler):
    """One bad habit of servers behind each path."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        with suppress(ConnectionError):
            getattr(self, f"at_{self.path.strip('/').replace('-', '_')}")()

    def do_POST(self) -> None:
        self.sent = self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        return

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def at_plain(self) -> None:
        if self.headers["If-None-Match"] == '"one"':
            self.reply(304)
            return
        said = f"{self.headers['Host']} {self.headers['User-Agent']}".encode()
        self.reply(
            200,
            said,
            ETag='"one"',
            Last_Modified="Thu, 19 Nov 2026 08:00:00 GMT",
            Content_Type="text/xml; x=y",
        )

    def at_moved(self) -> None:
        self.reply(302, Location="/plain")

    def at_metadata(self) -> None:
        self.reply(302, Location="http://169.254.169.254/latest/meta-data/")

    def at_to_file(self) -> None:
        self.reply(302, Location="file:///etc/passwd")

    def at_to_nowhere(self) -> None:
        self.reply(302, Location="http://[x/")

    def at_circle(self) -> None:
        self.reply(301, Location="/circle")

    def at_endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        while True:
            self.wfile.write(b"x" * 65536)

    def at_announced(self) -> None:
        self.close_connection = True
        self.reply(200, b"x", Content_Length="999999999")

    def at_short(self) -> None:
        self.close_connection = True
        self.reply(200, b"only this", Content_Length="100")

    def at_bomb(self) -> None:
        self.reply(200, gzip.compress(b"0" * 50_000_000), Content_Encoding="gzip")

    def at_packed(self) -> None:
        self.reply(200, gzip.compress(b"words " * 10_000), Content_Encoding="gzip")

    def at_cut_gzip(self) -> None:
        self.reply(200, gzip.compress(b"words" * 1000)[:-12], Content_Encoding="gzip")

    def at_brotli(self) -> None:
        self.reply(200, b"x", Content_Encoding="br")

    def at_echo(self) -> None:
        said = {"method": self.command, "key": self.headers["Authorization"], "sent": self.sent.decode()}
        self.reply(200, json.dumps(said).encode(), Content_Type="application/json; charset=utf-8")

    def at_refused(self) -> None:
        self.reply(400, b'{"error": "no such field"}')

    def at_later(self) -> None:
        self.reply(429, Retry_After="Fri, 01 Jan 2100 00:00:00 GMT")

    def at_down(self) -> None:
        self.reply(503)

    def at_page(self) -> None:
        self.reply(200, b"<!doctype html><html><body>Welcome</body></html>", Content_Type="text/html")

    def at_drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        for _ in range(100):
            self.wfile.write(b"x")
            time.sleep(0.1)

    def at_header_drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(100):
            self.wfile.write(b"x")
            time.sleep(0.1)

    def at_silent(self) -> None:
        time.sleep(1.5)


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with Quiet(("127.0.0.1", 0), Answers) as listening:
        threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()


@pytest.fixture
def fetcher(server: str) -> GuardedFetcher:
    return GuardedFetcher(LIMITS, allow=[server.removeprefix("http://")])


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


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "2002:808:808::1"])
def test_public_addresses_are_told_from_internal_ones(address: str) -> None:
    assert _public(address)


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
        ("cut-gzip", FetchFailed, "the gzip answer is cut short"),
        ("brotli", FetchFailed, "which was not asked for"),
        ("down", FetchFailed, "answered 503 Service Unavailable"),
        ("circle", FetchFailed, "more than 3 redirects"),
        ("to-nowhere", FetchFailed, "which is no address"),
        ("drip", FetchFailed, "not finished after 2 seconds"),
        ("header-drip", FetchFailed, "not finished after 2 seconds"),
        ("silent", FetchFailed, "/silent"),
    ],
)
def test_a_server_that_misbehaves_is_one_clear_line(
    fetcher: GuardedFetcher, server: str, path: str, error: type[Exception], reason: str
) -> None:
    with pytest.raises(error) as raised:
        fetcher.fetch(f"{server}/{path}")
    assert reason in str(raised.value) and server in str(raised.value) and "\n" not in str(raised.value)


def test_a_packed_answer_is_unpacked(fetcher: GuardedFetcher, server: str) -> None:
    assert fetcher.fetch(f"{server}/packed").body == b"words " * 10_000


def test_a_host_that_does_not_resolve_or_does_not_listen_failed(server: str) -> None:
    with pytest.raises(FetchFailed, match="does not resolve"):
        GuardedFetcher(LIMITS).fetch("http://nowhere.invalid/")
    with pytest.raises(FetchFailed):
        GuardedFetcher(LIMITS, allow=["127.0.0.1"]).fetch("http://127.0.0.1:1/")


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
        ("down", FetchFailed, "still answered 503 at attempt 3"),
        ("later", FetchFailed, "still answered 429 at attempt 1"),
        ("endless", TooLarge, "more than 200000 bytes"),
        ("bomb", TooLarge, "more than 400000 bytes when unpacked"),
        ("short", FetchFailed, "/short"),
        ("drip", FetchFailed, "not finished after 2 seconds"),
        ("header-drip", FetchFailed, "not finished after 2 seconds"),
        ("silent", FetchFailed, "/silent"),
    ],
)
def test_what_is_sent_meets_the_same_guards(
    server: str, path: str, error: type[Exception], reason: str
) -> None:
    limits = replace(LIMITS, retries=2, wait_seconds=0.01)
    sender = GuardedFetcher(limits, allow=[server.removeprefix("http://")])
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


@pytest.mark.parametrize(
    ("header", "wait"), [("", None), ("soon", None), ("-3", None), ("0", 0.0), (" 7 ", 7.0)]
)
def test_the_wait_that_a_server_asks_for_is_read(header: str, wait: float | None) -> None:
    assert _asked_wait(header) == wait
    assert _asked_wait("Thu, 01 Jan 1970 00:00:00 GMT") == 0.0
