"""A real server on this machine, with one habit of servers behind each path."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote_plus, urlsplit

from tocsin.net import GuardedFetcher, Limits
from tocsin.net.manners import Manners

LIMITS = Limits(wire_bytes=200_000, body_bytes=400_000, seconds=20.0, idle_seconds=5.0, redirects=3)
HASTY = replace(LIMITS, seconds=0.3, idle_seconds=0.2)
"""For servers that are slow for ever."""


class Waits(list[float]):
    """Stands in for sleeping: notes how long it would have been."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


class Answers(BaseHTTPRequestHandler):
    """What is planned for a path, else the habit named after it, else 404."""

    protocol_version = "HTTP/1.1"
    server: Quiet

    def do_GET(self) -> None:
        path = urlsplit(self.path).path.strip("/")
        self.server.seen.append((path, self.path, dict(self.headers)))
        planned = self.server.plan.get(path)
        habit = getattr(self, f"at_{path.replace('-', '_')}", None)
        with suppress(ConnectionError):
            if planned:
                status, body, headers = planned.pop(0) if len(planned) > 1 else planned[0]
                self.reply(status, body, **headers)
            elif habit:
                habit()
            else:
                self.reply(404)

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

    def at_longer(self) -> None:
        self.close_connection = True
        self.reply(200, b"only this and more than that", Content_Length="9")

    def at_longer_slowly(self) -> None:
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
        self.reply(200, b"only this", Content_Length="9")

    def at_negative(self) -> None:
        self.close_connection = True
        self.reply(200, b"x", Content_Length="-1")

    def at_headers(self) -> None:
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            self.wfile.write(b"X-More: " + b"x" * 4096 + b"\r\n")

    def at_hints(self) -> None:
        self.close_connection = True
        while True:
            self.wfile.write(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100)

    def at_no_http(self) -> None:
        self.close_connection = True
        self.wfile.write(b"\x00\xffSSH-2.0\r\n\r\n")

    def repeated(self) -> str:
        """What the asker sent that might be secret, as it stands."""
        sent = getattr(self, "sent", b"").decode()
        pairs = dict(parse_qsl(f"{urlsplit(self.path).query}&{sent}"))
        return pairs.get("key") or self.headers["key"] or ""

    def at_mirror(self) -> None:
        """A refusal that says what was sent, in its reason and in its headers."""
        self.send_response(403, f"no {self.repeated()}")
        self.send_header("ETag", self.repeated())
        self.send_header("Content-Length", "0")
        self.end_headers()

    def at_lost(self) -> None:
        self.reply(302, Location=f"http://[{self.repeated()}/")

    def at_repeat(self) -> None:
        self.reply(302, Location=f"/repeat?key={quote_plus(self.repeated())}&{self.repeated()}")

    def at_scheme(self) -> None:
        self.reply(302, Location=f"{self.repeated()}:x")

    def at_encoded(self) -> None:
        self.reply(200, Content_Encoding=self.repeated())

    def at_elsewhere(self) -> None:
        self.reply(302, Location=f"http://10.0.0.1/{quote_plus(self.repeated())}")

    def at_garbled(self) -> None:
        self.close_connection = True
        self.wfile.write(f"HTTP/1.1 {self.repeated()}\r\n\r\n".encode())

    def at_parrot(self) -> None:
        said = self.repeated()
        self.send_response(200, said)
        for name in ("ETag", "Last-Modified", "Content-Type", "X-Sent", "Server"):
            self.send_header(name, said)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def at_return(self) -> None:
        self.reply(302, Location=f"/echo?{urlsplit(self.path).query}")

    def at_cut(self) -> None:
        """Cut twice, whole the third time."""
        self.server.turns["cut"] += 1
        self.close_connection = True
        whole = self.server.turns["cut"] > 2
        self.reply(200, b"whole now" if whole else b"who", Content_Length="9")

    def at_short(self) -> None:
        self.close_connection = True
        self.reply(200, b"only this", Content_Length="100")

    def at_chunked_bomb(self) -> None:
        packed = gzip.compress(b"0" * 50_000_000)
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for n in range(0, len(packed), 1000):
            piece = packed[n : n + 1000]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def at_members(self) -> None:
        self.reply(200, gzip.compress(b"one ") + gzip.compress(b"two") + b"\0" * 9, Content_Encoding="x-gzip")

    def at_gzip_and_dirt(self) -> None:
        self.reply(200, gzip.compress(b"one ") + b"two", Content_Encoding="gzip")

    def at_bomb(self) -> None:
        self.reply(200, gzip.compress(b"0" * 50_000_000), Content_Encoding="gzip")

    def at_packed(self) -> None:
        self.reply(200, gzip.compress(b"words " * 10_000), Content_Encoding="gzip")

    def at_cut_gzip(self) -> None:
        self.reply(200, gzip.compress(b"words" * 1000)[:-12], Content_Encoding="gzip")

    def at_brotli(self) -> None:
        self.reply(200, b"x", Content_Encoding="br")

    def at_echo(self) -> None:
        said = {"method": self.command, "key": self.headers["Authorization"], "path": self.path}
        said |= {"sent": getattr(self, "sent", b"").decode(), "kind": self.headers["Content-Type"]}
        self.reply(200, json.dumps(said).encode(), Content_Type="application/json; charset=utf-8")

    def at_refused(self) -> None:
        self.reply(400, b'{"error": "no such field"}')

    def at_later(self) -> None:
        self.reply(429, Retry_After="Fri, 01 Jan 2100 00:00:00 GMT")

    def at_down(self) -> None:
        self.reply(503)

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
    """`plan` holds (status, body, headers) by path, one an answer, the last for ever; `seen` what came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.plan: dict[str, list[tuple[int, bytes, dict[str, str]]]] = {}
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.turns: Counter[str] = Counter()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.seen]

    def handle_error(self, *_: object) -> None:
        return


@contextmanager
def serving() -> Iterator[Quiet]:
    """A server of its own, up while the block runs."""
    with Quiet() as listening:
        threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield listening
        listening.shutdown()


def guest(server: Quiet, limits: Limits = LIMITS, **manners: object) -> GuardedFetcher:
    """A fetcher that may read this server and never really waits."""
    given = {"wait": Waits()} | manners
    return GuardedFetcher(limits, allow=[server.host], manners=Manners(**given))
