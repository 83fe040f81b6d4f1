"""A real server on this machine that publishes GDELT slices as GDELT does, with faults on demand.

Rows are invented. `Shelf` keeps what a run delivers as a home would, so that a second run can be asked.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from tocsin.net import GuardedFetcher, Limits, Validators
from tocsin.net.manners import Manners
from tocsin.sources import Request, SourceReport, factsheet, source
from tocsin.sources.feeds.gdelt.names import ENDINGS
from tocsin.sources.slices import Slice, layout

RECORDED = datetime(2026, 11, 20, 12, 7, tzinfo=UTC)
LISTS = {False: ("lastupdate.txt", "masterfilelist.txt")}
LISTS[True] = ("lastupdate-translation.txt", "masterfilelist-translation.txt")
COLUMNS = {"export": 61, "mentions": 16, "gkg": 27}
LIMITS = Limits(
    wire_bytes=300_000, body_bytes=600_000, seconds=10.0, idle_seconds=2.0, retries=1, redirects=2
)

Fault = Callable[["Handler", bytes], None]


def line(kind: str, stamp: str, number: int) -> str:
    """One invented row of a kind in the real layout."""
    day, id = stamp[:8], str(int(stamp[2:12]) * 1000 + number)
    filled = {
        "export": {"GLOBALEVENTID": id, "SQLDATE": day, "MonthYear": day[:6], "Year": day[:4]}
        | {"FractionDate": f"{day[:4]}.5", "IsRootEvent": "1", "EventCode": "190", "EventBaseCode": "190"}
        | {"EventRootCode": "19", "QuadClass": "4", "GoldsteinScale": "-10.0", "NumMentions": "2"}
        | {"NumSources": "1", "NumArticles": "2", "AvgTone": "-4.5", "ActionGeo_Type": "4"}
        | {"ActionGeo_FullName": "A town, Sudan", "ActionGeo_CountryCode": "SU", "ActionGeo_Lat": "13.6"}
        | {"ActionGeo_Long": "25.3", "DATEADDED": stamp, "SOURCEURL": f"https://news.example/{id}"},
        "mentions": {"GLOBALEVENTID": id, "EventTimeDate": stamp, "MentionTimeDate": stamp}
        | {"MentionType": "1", "MentionIdentifier": f"https://news.example/{id}", "SentenceID": "1"}
        | {"MentionSourceName": "news.example", "Confidence": "50", "InRawText": "1"},
        "gkg": {"GKGRECORDID": f"{stamp}-{number}", "DATE": stamp, "SourceCommonName": "news.example"},
    }[kind]
    table = {"export": "gdelt_events", "mentions": "gdelt_mentions", "gkg": "gdelt_gkg"}[kind]
    return "\t".join(filled.get(column.name, "") for column in layout(table).columns) + "\n"


def text(kind: str, stamp: str, rows: int = 2, translated: bool = False) -> bytes:
    """The unpacked file of a slice; the other language tells of other events."""
    first = 500 if translated else 0
    return "".join(line(kind, stamp, n) for n in range(first, first + rows)).encode()


def named(stamp: str, kind: str, translated: bool = False) -> str:
    return f"{stamp}{'.translation' if translated else ''}.{ENDINGS[kind]}"


def packed(members: Mapping[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=how)
    return out.getvalue()


class Site(ThreadingHTTPServer):
    """`files` are the bodies by name, `faults` what happens instead, one a request, the last for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {name: b"" for pair in LISTS.values() for name in pair}
        self.faults: dict[str, list[Fault]] = {}
        self.seen: list[tuple[str, int]] = []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def folder(self) -> str:
        return f"http://{self.host}/gdeltv2/"

    def publish(self, stamp: str, *, translated: bool = False, body: bytes = b"", kinds: str = "") -> None:
        """A slice: its files, their lines in the whole list, and the newest ones."""
        newest = []
        for kind in kinds.split() or ENDINGS:
            name = named(stamp, kind, translated)
            self.put(f"{name}.zip", body or packed({name: text(kind, stamp, translated=translated)}))
            newest.append(self.line(f"{name}.zip"))
        latest, every = LISTS[translated]
        self.files[latest] = "".join(newest).encode()
        self.files[every] += self.files[latest]

    def put(self, name: str, body: bytes) -> None:
        self.files[name] = body

    def line(self, name: str) -> str:
        body = self.files[name]
        return f"{len(body)} {hashlib.md5(body).hexdigest()} {self.folder}{name}\n"

    def asked(self) -> list[str]:
        """The names asked for since the last time this was asked."""
        names, self.seen = [name for name, _ in self.seen], []
        return names

    def fetcher(self) -> GuardedFetcher:
        return GuardedFetcher(LIMITS, allow=[self.host], manners=Manners(wait=lambda _: None))

    def handle_error(self, *_: object) -> None:
        return


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def do_GET(self) -> None:
        name = self.path.removeprefix("/gdeltv2/")
        body = self.server.files.get(name)
        fault = self.server.faults.get(name, [])
        self.close_connection = True
        with suppress(ConnectionError):
            if fault:
                (fault.pop(0) if len(fault) > 1 else fault[0])(self, body or b"")
            elif body is None:
                self.reply(404)
            elif self.headers["If-None-Match"] == tag(body):
                self.reply(304, ETag=tag(body))
            else:
                self.reply(200, body, ETag=tag(body))

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.server.seen.append((self.path.removeprefix("/gdeltv2/"), status))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers and status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


def tag(body: bytes) -> str:
    return f'"{hashlib.md5(body).hexdigest()}"'


def answers(status: int, body: bytes = b"", **headers: str) -> Fault:
    return lambda handler, _: handler.reply(status, body, **headers)


def whole(handler: Handler, body: bytes) -> None:
    handler.reply(200, body)


def endless(handler: Handler, _: bytes) -> None:
    handler.server.seen.append((handler.path, 200))
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 65536)


def short(handler: Handler, body: bytes) -> None:
    handler.reply(200, body[:50], Content_Length=str(len(body)))


@contextmanager
def serving() -> Iterator[Site]:
    with Site() as site:
        threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield site
        site.shutdown()


def catalogue(site: Site, folder: Path) -> Path:
    """The fact sheets, those of GDELT with the address of the local server."""
    shutil.copytree(factsheet.CATALOG, folder)
    for path in folder.glob("gdelt*.yml"):
        sheet = yaml.safe_load(path.read_text("utf-8"))
        sheet["address"]["folder"] = site.folder
        path.write_text(yaml.safe_dump(sheet), "utf-8")
    return folder


@dataclass
class Shelf:
    """What runs delivered, by name, and what they ask to be kept between them."""

    site: Site | None = None
    held: dict[str, Slice] = field(default_factory=dict)
    content: dict[str, bytes] = field(default_factory=dict)
    validators: dict[str, Validators] = field(default_factory=dict)
    cursor: dict[str, str] = field(default_factory=dict)
    staging: Path | None = None
    told: list[tuple[str, int, int | None]] = field(default_factory=list)

    def slices(self, day: date) -> Mapping[str, Slice]:
        return {name: one for name, one in self.held.items() if one.known.at.date() == day}

    def request(
        self, *paths: Path, since: date | None = None, recorded: datetime = RECORDED, offline: bool = False
    ) -> Request:
        return Request(
            paths=paths,
            since=since,
            published=None,
            recorded=recorded,
            offline=offline,
            fetch=self.site.fetcher() if self.site else None,
            validators=dict(self.validators),
            cursor=dict(self.cursor),
            progress=lambda *told: self.told.append(told),
            held=self,
            staging=self.staging,
        )

    def gather(self, request: Request, name: str = "gdelt", steps: int = 10_000) -> list[SourceReport]:
        """Takes at most so many steps of a run, each whole or, when it stops, not at all."""
        reports: list[SourceReport] = []
        for step in source(name).read(request):
            delivered = [(one.slice, one.path) for one in step.slices]
            self.content |= {made.name: path.read_bytes() for made, path in delivered}
            self.held |= {made.name: made for made, _ in delivered}
            self.validators |= step.validators
            self.cursor |= step.cursor
            reports.append(step.report)
            if len(reports) == steps:
                break
        return reports


def point_to(site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the fact sheets of this process name the local server."""
    monkeypatch.setattr(factsheet, "CATALOG", catalogue(site, folder / "catalog"))
