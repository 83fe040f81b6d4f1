"""The source `feeds`: RSS and Atom from the reviewed list over the network, or from files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from operator import attrgetter
from pathlib import Path

from tocsin.clock import Moment, Precision
from tocsin.errors import AddressRefused, FetchFailed, InputError
from tocsin.evidence import canonical, sha256
from tocsin.net import Fetcher, Validators
from tocsin.sources.contract import NOTHING, UNCHANGED, Gathered, Request, Tally
from tocsin.sources.expectations import Expectations
from tocsin.sources.factsheet import FactSheet, Feed, fact_sheet, feed_list, feeds_named
from tocsin.sources.origins import origin_of, unstated
from tocsin.sources.readers.lines import whole
from tocsin.sources.readers.syndication import Channel, Entry, syndication
from tocsin.sources.record import Record, record_id
from tocsin.sources.wires import stated_agency

SOURCE = "feeds"
ENDINGS = (".rss", ".atom", ".xml", ".rdf")
TRUSTED = ("A", "B", "C")
"""Grades of feeds that are believed when they credit an agency: a liar's dateline is no agency's word."""

OVERDUE = 10
"""Times its cadence after which a feed counts as silent."""

MEASURED = 50
"""Entries of one feed that are held against what is expected: one strange feed cannot stop all the others."""


@dataclass(frozen=True, slots=True)
class Feeds:
    """The source `feeds`. Bare addresses, or feeds of a desk's own, stand for the reviewed lists if given."""

    addresses: tuple[str, ...] = ()
    feeds: tuple[Feed, ...] = ()
    name: str = SOURCE

    def read(self, request: Request) -> Iterator[Gathered]:
        """Records, lazily, feed by feed, in one step.

        With `request.only`, the feeds with these ids, also those whose address nobody has seen; raises
        UnknownId for another. A feed that fails is named in the report and the others go on.
        """
        sheet, tally = fact_sheet(SOURCE), Tally(SOURCE)
        run = Run(request, sheet, tally, self._asked(request), Expectations(sheet.expected, tally))
        yield Gathered(SOURCE, run.tally, records=run.tally.guarded(run.records()))

    def _asked(self, request: Request) -> tuple[Asked, ...]:
        if request.only:
            chosen = feeds_named(request.only)
        elif self.addresses:
            return tuple((address, None) for address in self.addresses)
        else:
            chosen = self.feeds or feed_list()
        return tuple((feed.address, feed) for feed in chosen)


Asked = tuple[str, Feed | None]
"""An address and what is known of the feed there."""


@dataclass(slots=True)
class Run:
    """One reading of all feeds."""

    request: Request
    sheet: FactSheet
    tally: Tally
    asked: tuple[Asked, ...]
    expected: Expectations
    unchanged: int = 0
    changed: int = 0

    def records(self) -> Iterator[Record]:
        """The entries of all feeds; at the end the expectations. Raises InputError and SourceStopped."""
        if self.request.paths:
            yield from self._archived()
            self.expected.check_fill()
        else:
            yield from self._network()
            if self.expected.rows or not self.unchanged:
                self.expected.check_bulk(self.request.recorded)
        if not self.tally.rows_read:
            self.tally.note(UNCHANGED if self.unchanged and not self.changed else NOTHING)

    def _archived(self) -> Iterator[Record]:
        """The entries of files. Raises the InputError of the first that is no feed when nothing else is."""
        unreadable: list[InputError] = []
        for path in self._files():
            self.tally.open()
            try:
                channel = syndication(whole(path), str(path))
            except InputError as error:
                self.tally.unreadable(str(path), error.what)
                unreadable.append(error)
                continue
            yield from self._channel(channel, Place(str(path)))
        if unreadable and not self.tally.used:
            raise unreadable[0]

    def _files(self) -> Iterator[Path]:
        for path in self.request.paths:
            if not path.exists():
                raise InputError("there is no such file or folder", str(path))
            inside = sorted(path.rglob("*")) if path.is_dir() else [path]
            yield from (p for p in inside if p == path or (p.is_file() and p.suffix.lower() in ENDINGS))

    def _network(self) -> Iterator[Record]:
        fetch = self.request.fetch
        if self.request.offline or fetch is None:
            raise self.tally.stop("offline, and no files were given (bring some with --from)")
        for number, (address, feed) in enumerate(self.asked):
            self.request.progress("feeds", number, len(self.asked))
            self.tally.open()
            try:
                channel, fetched = self._fetched(fetch, address)
            except (AddressRefused, FetchFailed, InputError) as error:
                self.tally.unreadable(address, " ".join(str(error).removeprefix(f"{address}: ").split()))
                continue
            if channel is None:
                self.unchanged += 1
                self.tally.note(f"{address} has not changed since the last run")
            else:
                self.changed += 1
                yield from self._channel(channel, Place(address, feed, fetched))
        self.request.progress("feeds", len(self.asked), len(self.asked))

    def _fetched(self, fetch: Fetcher, address: str) -> tuple[Channel | None, datetime]:
        answer = fetch.fetch(address, self.request.validators.get(address, Validators()))
        channel = None if answer.unchanged else syndication(answer.body, address)
        self.tally.validators[address] = answer.validators
        return channel, answer.fetched

    def _channel(self, channel: Channel, place: Place) -> Iterator[Record]:
        read: set[str] = set()
        if silence := _silence(channel, place):
            self.tally.note(f"{place.where} {silence}; that says nothing about any place")
        for number, entry in enumerate(channel.entries):
            self.tally.read()
            if number < MEASURED:
                self.expected.measure(partial(getattr, entry))
            if entry.published and entry.published.end <= self.request.recorded:
                self.expected.dated(entry.published.at.date())
            published = entry.published or (self.request.published if place.fetched is None else None)
            if fault := _fault(entry):
                self.tally.refuse(place.where, fault)
                continue
            record = self._record(entry, channel, place, published)
            if record.id in read:
                self.tally.ignore("stands more than once in its feed")
            elif self.request.since and published and published.end.date() < self.request.since:
                self.tally.ignore(f"published before {self.request.since}")
            else:
                self.tally.use()
                yield record
            read.add(record.id)

    def _record(self, entry: Entry, channel: Channel, place: Place, published: Moment | None) -> Record:
        stated = (entry.id, entry.link, entry.title, entry.text, str(entry.published or ""))
        raw = canonical(stated).encode()
        address = entry.link or entry.id or f"sha256:{sha256(raw)}"
        feed, voice = place.feed, _origin(place.feed, channel, place.where)
        believed = feed is None or feed.grade in TRUSTED
        return Record(
            id=record_id(SOURCE, address, raw),
            source=SOURCE,
            address=address,
            title=entry.title,
            text=entry.text,
            language=feed.language if feed else entry.language,
            raw_sha256=sha256(raw),
            licence=feed.licence if feed else self.sheet.licence,
            sensitivity=feed.sensitivity if feed else self.sheet.sensitivity,
            origin=(stated_agency(entry.text, entry.credits) if believed else "") or voice,
            published=published,
            known=_known(entry, place, published),
            recorded=self.request.recorded,
            backfilled=place.fetched is None and published is not None,
            external_id=_identity(entry, channel, place),
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a channel was read: a file, or an address and what is known of the feed there, and when."""

    where: str
    feed: Feed | None = None
    fetched: datetime | None = None


def _known(entry: Entry, place: Place, published: Moment | None) -> Moment | None:
    """When the words of an entry were out: published or, where that is later, last updated.

    They may be the edited ones. A live entry is known at the latest when we had it.
    """
    dates = [moment for moment in (published, entry.updated) if moment]
    known = max(dates, key=attrgetter("end"), default=None)
    if place.fetched is not None and (known is None or known.end > place.fetched):
        return Moment(place.fetched, Precision.INSTANT)
    return known


def _silence(channel: Channel, place: Place) -> str:
    """What is strange about how little a feed brings; empty when nothing is."""
    if not channel.entries:
        return "holds no entries"
    dates = [entry.published.end for entry in channel.entries if entry.published]
    if place.feed and place.fetched and dates:
        hours = (place.fetched - max(dates)).total_seconds() / 3600
        if hours > OVERDUE * place.feed.cadence_hours:
            expected = f"expected every {place.feed.cadence_hours} hours"
            return f"last brought something on {max(dates):%Y-%m-%d}, {expected}"
    return ""


def _fault(entry: Entry) -> str:
    """Why an entry cannot be taken; empty when it can."""
    if entry.fault:
        return f"entry {entry.id[:80]!r}: {entry.fault}"
    return "" if entry.title or entry.text else f"entry {entry.id or '?'} has neither title nor text"


def _identity(entry: Entry, channel: Channel, place: Place) -> str:
    """The id that the feed states for an entry, with the feed's own, since two feeds may state the same.

    An archived feed is told by the page it belongs to; where it names none, its ids say nothing.
    """
    live = place.feed.id if place.feed else place.where
    known = channel.link if place.fetched is None else live
    return f"{known} {entry.guid}" if known and entry.guid else ""


def _origin(feed: Feed | None, channel: Channel, where: str) -> str:
    """Who speaks in a feed: never the host an entry links to, which one feed may have many of."""
    if feed:
        return feed.independence_group
    return origin_of(where) or origin_of(channel.link) or channel.title.casefold() or unstated(SOURCE)
