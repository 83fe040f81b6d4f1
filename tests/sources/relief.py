"""A real server that speaks the layout of ReliefWeb's interface, version 2, and may be told to misbehave."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Row = dict[str, Any]


def row(id: int, created: str, **fields: Any) -> Row:
    """An invented report in the real layout."""
    date = {"created": created, "original": f"{created[:10]}T00:00:00+00:00", "changed": created}
    given = {
        "title": f"Report {id}",
        "body": f"Words of report {id}.",
        "date": date | fields.pop("date", {}),
        "source": [{"name": "A Body", "shortname": "AB", "homepage": "https://www.body.example"}],
        "language": [{"code": "en"}],
        "country": [{"iso3": "xxa"}],
        "url": f"https://reliefweb.int/node/{id}",
        "url_alias": f"https://reliefweb.int/report/{id}",
    }
    return {
        "id": str(id),
        "score": 1,
        "href": f"https://api.reliefweb.int/v2/reports/{id}",
        "fields": given | fields,
    }


class Relief(ThreadingHTTPServer):
    """`rows` are listed; `status` is answered instead, if set; `bend` changes an answer; `asked` came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.rows: list[Row] = []
        self.status: dict[str, int] = {}
        self.bend: Callable[[dict[str, Any]], Any] = lambda answer: answer
        self.most = 1_000
        self.asked: list[dict[str, str]] = []
        self.paths: list[str] = []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        return


class _Handler(BaseHTTPRequestHandler):
    server: Relief

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        pairs = dict(parse_qsl(split.query))
        self.server.asked.append(pairs)
        self.server.paths.append(split.path)
        part = split.path.removeprefix("/v2/reports").strip("/")
        status = self.server.status.get(part, 0) or (404 if part and not self._rows(pairs, part) else 200)
        if "appname" not in pairs:
            status = 400
        body: Any = {"error": {"status": status}} if status != 200 else self._answer(pairs, part)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        return

    def _rows(self, pairs: dict[str, str], part: str) -> list[Row]:
        if part:
            return [r for r in self.server.rows if r["id"] == part]
        name = pairs["filter[conditions][0][field]"].removeprefix("date.")
        start = pairs["filter[conditions][0][value][from]"]
        before = pairs.get("filter[conditions][1][value][to]", "9")
        found = [r for r in self.server.rows if self._date(r, name) >= start]
        found = [r for r in found if self._date(r, "created") <= before]
        return sorted(found, key=lambda r: (self._date(r, name), int(r["id"])))

    def _date(self, row: Row, name: str) -> str:
        return str(row["fields"]["date"][name])

    def _answer(self, pairs: dict[str, str], part: str) -> Any:
        found = self._rows(pairs, part)
        offset, limit = int(pairs.get("offset", 0)), int(pairs.get("limit", 10))
        given = found[offset : offset + min(limit, self.server.most)]
        answer = {"time": 1, "totalCount": len(found), "count": len(given), "data": given}
        return self.server.bend(answer)


@contextmanager
def relief() -> Iterator[Relief]:
    """A server of its own, up while the block runs."""
    with Relief() as up:
        threading.Thread(target=up.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield up
        up.shutdown()
