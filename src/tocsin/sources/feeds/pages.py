"""The source `pages`: web pages by address, each raw answer kept as evidence; and archived pages read back.

A page is what its address as asked for brings: asked for again, other words are a correction. A page that
answers "gone" (404, 410) and was had before is a withdrawal; one withheld for legal reasons (451) is said as
such. A shell without an article, a paywall and an error page are refused and never taken as text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

from tocsin.clock import Moment, Precision
from tocsin.errors import AddressRefused, FetchFailed, InputError, RobotsRefuse
from tocsin.evidence import canonical, content_id, sha256
from tocsin.net import Ask, Fetched, Validators
from tocsin.sources.contract import NOTHING, UNCHANGED, Gathered, Request, Tally, Wanted
from tocsin.sources.factsheet import FactSheet, fact_sheet
from tocsin.sources.origins import host_of, is_web, origin_of, registrable, unstated
from tocsin.sources.readers.datelines import stated_date
from tocsin.sources.readers.lines import decoded, unwritable, whole
from tocsin.sources.readers.page import Page, marked_up, page, shell
from tocsin.sources.readers.warc import ENDINGS, Archived, Capture, LeftOut, captures
from tocsin.sources.record import Record, record_id
from tocsin.sources.wires import stated_agency
from tocsin.sources.withdrawal import Withdrawal

SOURCE = "pages"
BATCH = 25
"""Pages of one step: what was had before a crash stays."""
HTML = ("text/html", "application/xhtml+xml")
KINDS = (*HTML, "text/plain", "")
"""Media types that are read; a page that states none is read as HTML."""
GONE = (404, 410)
WITHHELD = 451
"""Unavailable For Legal Reasons (RFC 7725)."""
FORMS = (".txt", *ENDINGS)
_ASK = Ask(accept="text/html, application/xhtml+xml, text/plain;q=0.8")

Asked = Wanted | Archived


@dataclass(frozen=True, slots=True)
class Pages:
    """The source `pages`."""

    name: str = SOURCE

    def read(self, request: Request) -> Iterator[Gathered]:
        """Records, lazily, in steps of `BATCH` pages."""
        asked = _asked(request)
        more = True
        while more:
            step = Step(request, fact_sheet(SOURCE), Tally(SOURCE), asked)
            records = step.tally.guarded(step.records())
            yield Gathered(SOURCE, step.tally, records=records, withdrawals=step.withdrawals)
            more = step.full


def _asked(request: Request) -> Iterator[Asked]:
    """What the request names: pages, then the lines of lists and the records of web archives."""
    yield from request.pages
    for path in _files(request.paths):
        if path.name.lower().endswith(ENDINGS):
            yield from captures(path)
        else:
            yield from _listed(path)


def _files(paths: tuple[Path, ...]) -> Iterator[Path]:
    for path in paths:
        if not path.exists():
            raise InputError("there is no such file or folder", str(path))
        if path.is_dir():
            yield from (p for p in sorted(path.rglob("*")) if p.is_file() and _reads(p))
        elif _reads(path):
            yield path
        else:
            raise InputError(
                "is no list of addresses and no web archive", str(path), f"bring {', '.join(FORMS)}"
            )


def _reads(path: Path) -> bool:
    return path.name.lower().endswith(FORMS)


def _listed(path: Path) -> Iterator[Wanted | InputError]:
    """The addresses of a list, one a line; empty lines and those that begin with # are left out."""
    for number, line in enumerate(decoded(whole(path), str(path)).splitlines(), 1):
        address = line.strip()
        if address and not address.startswith("#"):
            bad = InputError(f"{address[:80]!r} is not a web address", f"{path}, line {number}")
            yield Wanted(address) if is_web(address) and host_of(address) else bad


@dataclass(frozen=True, slots=True)
class Answer:
    """What one page brought, from the network or from an archive. `fetched` is None where nobody says."""

    wanted: Wanted
    url: str
    content_type: str
    body: bytes
    fetched: datetime | None
    live: bool


@dataclass(slots=True)
class Step:
    """One step: some pages, each judged once."""

    request: Request
    sheet: FactSheet
    tally: Tally
    asked: Iterator[Asked]
    full: bool = False
    withdrawals: list[Withdrawal] = field(default_factory=list)
    unchanged: int = 0

    def records(self) -> Iterator[Record]:
        """The records of this step's pages. Raises InputError when a file cannot be read (on)."""
        tried = 0
        for asked in islice(self.asked, BATCH):
            tried += 1
            record = self._one(asked)
            if record:
                self.tally.use()
                yield record
        self.full = tried == BATCH
        if not self.tally.rows_read:
            self.tally.note(UNCHANGED if self.unchanged else NOTHING)

    def _one(self, asked: Asked) -> Record | None:
        if isinstance(asked, Wanted):
            return self._fetched(asked)
        self.tally.read()
        if isinstance(asked, LeftOut):
            self.tally.ignore(f"archived {asked.kind}")
        elif isinstance(asked, InputError):
            self.tally.refuse(asked.where, str(InputError(asked.what, "", asked.remedy)))
        else:
            return self._archived(asked)
        return None

    def _archived(self, found: Capture) -> Record | None:
        if found.sound is False:
            self.tally.refuse(found.where, "its bytes do not match the digest that the archive states")
        elif found.status != 200:
            self.tally.ignore(f"archived answer with status {found.status}")
        else:
            wanted = Wanted(urldefrag(found.url).url)
            answer = Answer(wanted, found.url, found.content_type, found.body, found.date, live=False)
            return self._judged(answer, found.where, sha256(found.body))
        return None

    def _fetched(self, wanted: Wanted) -> Record | None:
        address, fetch = urldefrag(wanted.address.strip()).url, self.request.fetch
        if self.request.offline or fetch is None:
            raise self.tally.stop("offline, and only archived pages can be read (bring some with --from)")
        self.tally.open()
        try:
            answer = fetch.fetch(address, self.request.validators.get(address, Validators()), _ASK)
        except RobotsRefuse as error:
            self._left(address, "robots.txt does not let programs read it", str(error))
        except (AddressRefused, InputError) as error:
            self._untaken(address)
            self.tally.unreadable(address, str(error))
        except FetchFailed as error:
            self._failed(address, error)
        else:
            return self._answered(wanted, address, answer)
        return None

    def _answered(self, wanted: Wanted, address: str, answer: Fetched) -> Record | None:
        if answer.unchanged:
            self.unchanged += 1
            self.tally.validators[address] = answer.validators
            self.tally.note(f"{address} has not changed since the last run")
            return None
        self.tally.read()
        had = Answer(
            replace(wanted, address=address),
            answer.url,
            answer.headers.get("content-type", answer.content_type),
            answer.body,
            answer.fetched,
            live=True,
        )
        record = self._judged(had, address, answer.sha256)
        if record is None:
            self._untaken(address)
            return None
        self.tally.validators[address] = answer.validators
        keeper = self.request.keeper
        return replace(record, kept=keeper.keep(answer)) if keeper else record

    def _failed(self, address: str, error: FetchFailed) -> None:
        self._untaken(address)
        had = address in self.request.validators
        if error.status in GONE and had:
            self.tally.read()
            self.tally.ignore("the page is gone, so what was read from it is withdrawn")
            self.tally.note(f"{address} answers {error.status}: withdrawn")
            self.withdrawals.append(self._withdrawal(address, error.status))
        elif error.status == WITHHELD:
            self.tally.read()
            self.tally.refuse(address, "withheld for legal reasons (451)")
            self.tally.note(
                f"{address} is withheld for legal reasons (451): that somebody had it blocked is news"
            )
        else:
            self.tally.unreadable(address, str(error))

    def _withdrawal(self, address: str, status: int) -> Withdrawal:
        return Withdrawal(
            id=content_id("wdr", SOURCE, address, status),
            source=SOURCE,
            external_id=address,
            record="",
            by=host_of(address),
            why=f"the page answers {status} ({'gone' if status == 410 else 'not found'})",
            known=Moment(self.request.recorded, Precision.INSTANT),
            recorded=self.request.recorded,
        )

    def _left(self, address: str, reason: str, told: str) -> None:
        self._untaken(address)
        self.tally.read()
        self.tally.ignore(reason)
        self.tally.note(told)

    def _untaken(self, address: str) -> None:
        """Remember the day of an attempt, so that a page that cannot be had is not asked for every day."""
        self.tally.cursor[address] = self.request.recorded.date().isoformat()

    def _judged(self, answer: Answer, where: str, digest: str) -> Record | None:
        """The record of an answer, or None with the reason told."""
        kind = answer.content_type.partition(";")[0].strip().lower()
        if kind not in KINDS:
            self.tally.ignore(f"content type {kind[:60]} is not read")
            return None
        try:
            found = _read(answer, kind, where)
        except InputError as error:
            self.tally.refuse(where, error.what)
            return None
        if why := shell(found) or unwritable(found.text, found.title, found.url, found.language):
            self.tally.refuse(where, why)
            return None
        record = self._record(found, answer, digest)
        if self.request.since and record.published and record.published.end.date() < self.request.since:
            self.tally.ignore(f"published before {self.request.since}")
            return None
        return record

    def _record(self, found: Page, answer: Answer, digest: str) -> Record:
        """By what it says, not by its bytes: a page that is built anew for each visitor says the same."""
        wanted = answer.wanted
        address = _address(found.url, answer.url)
        published = self._published(found, answer)
        said = canonical((found.title, found.text, str(published or ""))).encode()
        return Record(
            id=record_id(SOURCE, address, said),
            source=SOURCE,
            address=address,
            title=found.title,
            text=found.text,
            language=found.language,
            raw_sha256=digest,
            licence=wanted.licence or self.sheet.licence,
            sensitivity=wanted.sensitivity or self.sheet.sensitivity,
            origin=_origin(found, wanted, address),
            published=published,
            known=self._known(found, answer, published),
            recorded=self.request.recorded,
            backfilled=not answer.live,
            external_id=wanted.address,
        )

    def _published(self, found: Page, answer: Answer) -> Moment | None:
        """The date that the page states, else that of the record that named it. None lies ahead."""
        stated = found.published or stated_date(found.text)
        if stated and stated.at > self.request.recorded:
            self.tally.note(f"{answer.wanted.address}: states the future date {stated}, which is not used")
            stated = None
        return stated or answer.wanted.published or (None if answer.live else self.request.published)

    def _known(self, found: Page, answer: Answer, published: Moment | None) -> Moment | None:
        """When its words could be had: when published or last changed, at the latest when we had them.

        A page that was had before is known anew when we had it again: its words may be other ones.
        """
        had = Moment(answer.fetched, Precision.INSTANT) if answer.fetched else None
        if had and had.at > self.request.recorded and not answer.live:
            had = None
        if answer.live and answer.wanted.address in self.request.validators:
            return had
        dates = [m for m in (published, found.changed) if m and published]
        known = max(dates, key=lambda m: m.end, default=None)
        return had if had and (known is None or known.end > had.end) else known


def _read(answer: Answer, kind: str, where: str) -> Page:
    """The page of a body. Raises InputError when it cannot be read or holds no text."""
    text = marked_up(answer.body, answer.content_type, where)
    if kind in HTML or kind == "":
        return page(text, where)
    if not text.strip():
        raise InputError("holds no text", where)
    first = text.strip().partition("\n")[0].strip()
    return Page(text.strip(), first[:120], None, "", "", "")


def _origin(found: Page, wanted: Wanted, address: str) -> str:
    """The agency that the page credits, else who speaks in the feed that named it, else its domain's owner.

    Media of a state are not believed when they credit an agency: their dateline is no agency's word.
    """
    voice = wanted.origin or origin_of(address) or unstated(SOURCE)
    return voice if voice.startswith("state_") else stated_agency(found.text) or voice


def _address(stated: str, url: str) -> str:
    """The canonical address that a page states, if it is one of the same publisher and not the front page."""
    try:
        own = urldefrag(urljoin(url, stated)).url if stated else ""
        front = not urlsplit(own).path.strip("/") and urlsplit(url).path.strip("/")
    except ValueError:
        return url
    same = own and is_web(own) and registrable(host_of(own)) == registrable(host_of(url))
    return own if same and not front else url
