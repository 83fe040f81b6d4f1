"""Which files a run wants, day by day, and where the runs before it ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from tocsin.net import Validators
from tocsin.sources.feeds.gdelt.lists import Bounds, Index, Seen, gap, offers
from tocsin.sources.feeds.gdelt.names import Offer
from tocsin.sources.slices import Slice

OWED_DAYS = 7
"""How long a file that was listed and did not come is asked for again at every run."""
WORDS = {False: "English", True: "translated"}
"""What the words were that a file was coded from."""


@dataclass(slots=True)
class Ends:
    """Where the finished steps ended: the newest slice of each language, and files that did not come.

    Kept between runs as text: an instant by language, and under `owed` lines of the publisher's list.
    """

    newest: dict[bool, datetime] = field(default_factory=dict)
    owed: dict[str, Offer] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: Mapping[str, str], bounds: Bounds) -> Ends:
        """From what was kept; what cannot be read is as if it had not been kept."""
        newest = {t: at for t, name in WORDS.items() if (at := _instant(cursor.get(name, "")))}
        kept = offers(cursor.get("owed", "").encode(), "owed", bounds, lambda *_: None)
        return cls(newest, {offer.file.slice: offer for offer in kept})

    def kept(self) -> dict[str, str]:
        """What is kept for the next run."""
        told = {WORDS[t]: at.isoformat() for t, at in self.newest.items()}
        return told | {"owed": "\n".join(offer.line() for offer in self.owed.values())}

    def settle(self, day: Iterable[Offer], lost: Iterable[Offer], recorded: datetime) -> int:
        """After a step: what came is no longer owed, what did not is; gives how many are given up."""
        for offer in day:
            self.owed.pop(offer.file.slice, None)
        self.owed |= {offer.file.slice: offer for offer in lost if offer.md5}
        limit = recorded - timedelta(days=OWED_DAYS)
        old = [name for name, offer in self.owed.items() if offer.file.at < limit]
        for name in old:
            del self.owed[name]
        return len(old)

    def reach(self, translated: bool, at: datetime) -> None:
        """The slices of a language are fetched up to an instant."""
        self.newest[translated] = max(self.newest.get(translated, at), at)


@dataclass(slots=True)
class Plan:
    """The files that a run wants: `single` ones, and all that `indexes` name.

    `reached` says, by whether translated, up to when slices are complete once all is done; with `stepwise`,
    every step on the way moves that mark. `unchanged` counts lists that say what they said last time.
    """

    single: list[Offer] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    reached: dict[bool, datetime] = field(default_factory=dict)
    validators: dict[str, Validators] = field(default_factory=dict)
    stepwise: bool = True
    unchanged: int = 0

    def days(self) -> list[date]:
        """Every day with a file, oldest first."""
        found = {offer.file.at.date() for offer in self.single}
        return sorted(found.union(*(index.runs for index in self.indexes)))

    def of(self, day: date) -> list[Offer]:
        """The files of a day by instant; of two with one name the later one of a list."""
        listed = [offer for index in self.indexes for offer in index.day(day)]
        listed += [offer for offer in self.single if offer.file.at.date() == day]
        return sorted({o.file.slice: o for o in listed}.values(), key=lambda o: o.file)


def wanted(offers: Iterable[Offer], held: Mapping[str, Slice]) -> list[Offer]:
    """Those that are not in the home. What was listed is compared by md5; what was brought is read first.

    A slice that was brought unpacked has no md5 that the publisher's could be compared with: it stands.
    """

    def lacking(offer: Offer) -> bool:
        known = held.get(offer.file.slice)
        if known is None or offer.path is not None:
            return True
        return known.address.endswith(".zip") and known.md5 != offer.md5

    return [offer for offer in offers if lacking(offer)]


def gaps(seen: Seen, spans: Mapping[tuple[str, bool], tuple[datetime, datetime]], where: str) -> list[str]:
    """A line for every kind of file of which a quarter of an hour is missing between two instants."""
    told = []
    for (kind, translated), (since, until) in sorted(spans.items()):
        missing, expected, first = gap(seen.get((kind, translated), {}), since, until)
        if missing and first:
            told.append(
                f"{WORDS[translated]} {kind}: {missing:,} of {expected:,} slices from {since:%Y-%m-%d %H:%M} "
                f"to {until:%Y-%m-%d %H:%M} are not {where}, the first of {first:%Y-%m-%d %H:%M}: what was "
                "reported then is unknown, not peace"
            )
    return told


def day_start(day: date) -> datetime:
    """The first instant of a day, UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
