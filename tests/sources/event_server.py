"""A real server on this machine that speaks like the interfaces of event data sets."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from hypothesis import strategies as st

from tests.sources.given import RECORDED
from tocsin.net import GuardedFetcher, Limits
from tocsin.net.manners import Manners
from tocsin.sources.contract import Gathered, Request, Source, quiet


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]


@dataclass(frozen=True, slots=True)
class Says:
    """One answer. `body` is JSON unless it is bytes."""

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Far(ThreadingHTTPServer):
    """Answers with what `answer` makes of a request, and keeps the requests in `asked`."""

    daemon_threads = True

    def __init__(self, answer: Callable[[Asked], Says]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer, self.asked = answer, list[Asked]()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def base(self) -> str:
        return f"http://{self.host}"

    def fetcher(self) -> GuardedFetcher:
        """A fetcher that may read this server alone and never really waits."""
        limits = Limits(seconds=10.0, idle_seconds=2.0, retries=2, redirects=2)
        return GuardedFetcher(limits, allow=[self.host], manners=Manners(wait=lambda _: None))

    def handle_error(self, *_: object) -> None:
        return


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Far

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        form = dict(parse_qsl(self.rfile.read(length).decode()))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, form)
        if parts.path != "/robots.txt":
            self.server.asked.append(asked)
        says = Says(status=404) if parts.path == "/robots.txt" else self.server.answer(asked)
        body = says.body if isinstance(says.body, bytes) else json.dumps(says.body).encode()
        self.close_connection = True
        with suppress(ConnectionError):
            self.send_response(says.status)
            for name, value in ({"Content-Length": str(len(body))} | dict(says.headers)).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def far(answer: Callable[[Asked], Says]) -> Iterator[Far]:
    """A server that is up while the block runs."""
    with Far(answer) as up:
        threading.Thread(target=up.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield up
        up.shutdown()


def asking(server: Far | None, **changes: Any) -> Request:
    """A request over the network to that server."""
    fetch = server.fetcher() if server else None
    return replace(Request((), None, None, RECORDED, False, fetch, progress=quiet), **changes)


def steps(source: Source, request: Request) -> list[tuple[list[Any], Gathered]]:
    """Every step of a source read to its end, as the watch reads them."""
    read = []
    for step in source.read(request):
        rows = [*step.events, *step.incidents, *step.withdrawals]
        read.append((rows, step))
    return read


def only(source: Source, request: Request) -> tuple[list[Any], Gathered]:
    """The one step of a source."""
    (read,) = steps(source, request)
    return read


BAD_ANSWERS = {
    "a web page": (Says(b"<html>busy</html>"), "web page, not JSON"),
    "JSON cut short": (Says(b'{"Result": [{"id": 1'), "is not JSON"),
    "another layout": (Says([1, 2]), "another layout"),
    "rows that are no list": (Says({"Result": 1, "data": {"a": 1}}), "another layout"),
    "no key": (Says(status=401), "401"),
    "not allowed": (Says(status=403), "403"),
    "not there": (Says(status=404), "404"),
    "too many": (Says(status=429, headers={"Retry-After": "0"}), "429"),
    "too many, come back next year": (Says(status=429, headers={"Retry-After": "40000000"}), "come back at"),
    "down": (Says(status=503), "503"),
    "down, come back next year": (Says(status=503, headers={"Retry-After": "40000000"}), "come back at"),
    "down, come back at once": (Says(status=503, headers={"Retry-After": "0"}), "503"),
    "longer body": (
        Says(b'{"data": [], "Result": []}', headers={"Content-Length": "2"}),
        "sent more",
    ),
    "cut body": (Says(b"{}", headers={"Content-Length": "500"}), "RemoteProtocolError"),
    "elsewhere": (Says(status=302, headers={"Location": "http://169.254.169.254/latest"}), "169.254.169.254"),
}
"""What a far side may do, and words of the line that says so."""

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
"""Any value that JSON can say, and some that it cannot (not a number, halves of characters)."""
