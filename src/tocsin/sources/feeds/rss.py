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
from tocsin.sources.factsheet import FactSheet, Feed, fact_sheet, feed_list
from tocsin.sources.origins import origin_of, unstated
from tocsin.sources.readers.lines import whole
from tocsin.sources.readers.syndication import Channel, Entry, syndication
from tocsin.sources.record import Record, record_id

SOURCE = "feeds"
ENDINGS = (".rss", ".atom", ".xml", ".rdf")


@dataclass(frozen=True, slots=True)
class Feeds:
    """The source `feeds`. `addresses` stands for the reviewed list when given (tests, a desk's own list)."""

    addresses: tuple[str, ...] = ()
    name: str = SOURCE

    def read(self, request: Request) -> Iterator[Gathered]:
        """Records, lazily, feed by feed, in one step; a feed that fails is named and the others go on."""
        addresses = self.addresses or tuple(feed.address for feed in feed_list())
        sheet, tally = fact_sheet(SOURCE), Tally(SOURCE)
        run = Run(request, sheet, tally, addresses, Expectations(sheet.expected, tally))
        yield Gathered(SOURCE, run.tally, records=run.tally.guarded(run.records()))


@dataclass(slots=True)
class Run:
    """One reading of all feeds."""

    request: Request
    sheet: FactSheet
    tally: Tally
    addresses: tuple[str, ...]
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
            yield from self._channel(channel, str(path), None)
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
        for address in self.addresses:
            self.tally.open()
            try:
                channel, fetched = self._fetched(fetch, address)
            except (AddressRefused, FetchFailed, InputError) as error:
                self.tally.unreadable(address, str(error))
                continue
            if channel is None:
                self.unchanged += 1
                self.tally.note(f"{address} has not changed since the last run")
            else:
                self.changed += 1
                yield from self._channel(channel, address, fetched)

    def _fetched(self, fetch: Fetcher, address: str) -> tuple[Channel | None, datetime]:
        answer = fetch.fetch(address, self.request.validators.get(address, Validators()))
        channel = None if answer.unchanged else syndication(answer.body, address)
        self.tally.validators[address] = answer.validators
        return channel, answer.fetched

    def _channel(self, channel: Channel, where: str, fetched: datetime | None) -> Iterator[Record]:
        for entry in channel.entries:
            self.tally.read()
            self.expected.measure(partial(getattr, entry))
            if entry.published:
                self.expected.dated(entry.published.at.date())
            published = entry.published or (self.request.published if fetched is None else None)
            if entry.fault:
                self.tally.refuse(where, f"entry {entry.id[:80]!r}: {entry.fault}")
            elif not entry.title and not entry.text:
                self.tally.refuse(where, f"entry {entry.id or '?'} has neither title nor text")
            elif self.request.since and published and published.end.date() < self.request.since:
                self.tally.ignore(f"published before {self.request.since}")
            else:
                self.tally.use()
                yield self._record(entry, channel, where, published, fetched)

    def _record(
        self, entry: Entry, channel: Channel, where: str, published: Moment | None, fetched: datetime | None
    ) -> Record:
        """The record of an entry.

        It is known when published or, where that is later, when it was last updated: its words may be
        the edited ones. A live entry is known at the latest when we had it.
        """
        dates = [moment for moment in (published, entry.updated) if moment]
        known = max(dates, key=attrgetter("end"), default=None)
        if fetched is not None and (known is None or known.end > fetched):
            known = Moment(fetched, Precision.INSTANT)
        stated = (entry.id, entry.link, entry.title, entry.text, str(entry.published or ""))
        raw = canonical(stated).encode()
        address = entry.link or entry.id or f"sha256:{sha256(raw)}"
        feed = next((feed for feed in feed_list() if feed.address == where), None)
        return Record(
            id=record_id(SOURCE, address, raw),
            source=SOURCE,
            address=address,
            title=entry.title,
            text=entry.text,
            language=entry.language,
            raw_sha256=sha256(raw),
            licence=feed.licence if feed else self.sheet.licence,
            sensitivity=self.sheet.sensitivity,
            origin=_origin(feed, channel, where),
            published=published,
            known=known,
            recorded=self.request.recorded,
            backfilled=fetched is None and published is not None,
        )


def _origin(feed: Feed | None, channel: Channel, where: str) -> str:
    """Who speaks in a feed: never the host an entry links to, which one feed may have many of."""
    if feed:
        return feed.independence_group or feed.publisher.casefold()
    return origin_of(where) or origin_of(channel.link) or channel.title.casefold() or unstated(SOURCE)
