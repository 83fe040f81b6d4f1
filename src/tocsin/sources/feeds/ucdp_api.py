"""The interface of UCDP: a release page by page, complete or not at all.

`GET gedevents/{version}?pagesize=&page=` with the header x-ucdp-access-token answers `TotalCount`,
`TotalPages`, `NextPageUrl` and `Result` (UCDP API documentation; the first page is number 0).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tocsin.errors import FetchFailed, InputError
from tocsin.settings import Secret
from tocsin.sources.feeds.ucdp_release import CANDIDATE, Release
from tocsin.sources.readers.answers import count, listed
from tocsin.sources.readers.interface import Interface
from tocsin.sources.readers.objects import objects
from tocsin.sources.readers.table import Table

PAGE_SIZE = 1000
LONGEST = timedelta(days=366)
"""The longest an event lasts (date_prec 5): so much earlier may one have begun that ended on a day."""

REMEDY = "check TOCSIN_UCDP_TOKEN (UCDP gives tokens on request), or unset it to read the bulk files"
AGAIN = "nothing of it is taken; try again later"


def pages(interface: Interface, release: Release, token: Secret, since: date | None) -> Iterator[Table]:
    """The tables of a release, page by page; with `since` without most of what ended earlier.

    A candidate release that is not there is noted. Raises FetchFailed, SourceStopped, and InputError for an
    answer in another layout and for pages that do not make up what the first one promised.
    """
    url = interface.address("api").format(version=release.label)
    start = {"StartDate": (since - LONGEST).isoformat()} if since else {}
    headers = {"x-ucdp-access-token": token}
    book = _Book(url)
    more = True
    while more:
        query = {"pagesize": str(PAGE_SIZE), "page": str(book.page), **start}
        try:
            answer = interface.ask(url, query, headers)
        except FetchFailed as error:
            if error.status == 404 and release.layer == CANDIDATE and not book.page:
                interface.tally.note(f"candidate release {release.label} is not there ({error})")
                return
            raise
        before = book.rows
        rows, more = book.enter(answer)
        interface.request.progress(f"ucdp {release.label}: pages", book.page, book.pages)
        if rows:
            yield objects(rows, f"ucdp {release.label}", before)


@dataclass(slots=True)
class _Book:
    """What the pages of one release have promised and given so far."""

    url: str
    page: int = 0
    rows: int = 0
    pages: int = 0
    total: int = -1
    named: int = 0
    ids: set[str] = field(default_factory=set)

    def enter(self, answer: Any) -> tuple[list[Any], bool]:
        """The rows of a page, and whether another one follows. Raises InputError."""
        where = f"{self.url}, page {self.page}"
        rows = listed(answer.get("Result"), where)
        total, pages = count(answer.get("TotalCount")), count(answer.get("TotalPages"))
        if total is None or pages is None:
            raise InputError("does not say how many rows there are (TotalCount, TotalPages)", where, AGAIN)
        if self.page and total != self.total:
            raise InputError(f"says {total} rows in all, earlier pages said {self.total}", where, AGAIN)
        self.total, self.pages = total, pages
        self.rows += len(rows)
        named = [str(row["id"]) for row in rows if isinstance(row, dict) and row.get("id")]
        self.named += len(named)
        self.ids.update(named)
        more = self._follows(answer.get("NextPageUrl"), where)
        if more and not rows:
            raise InputError("is empty, and another page follows", where, AGAIN)
        self.page += 1
        self._add_up(where, last=not more)
        return rows, more

    def _follows(self, address: Any, where: str) -> bool:
        """Whether there is a next page; its address is only looked at, never opened."""
        if not address:
            return False
        try:
            named, own = urlsplit(str(address)), urlsplit(self.url)
        except ValueError:
            raise InputError(f"names a next page that is no address ({address!r})", where, AGAIN) from None
        if (named.netloc.lower(), named.path) != (own.netloc.lower(), own.path):
            raise InputError(f"names a next page elsewhere ({address!r}); it is not followed", where, AGAIN)
        numbers = {name.lower(): values for name, values in parse_qs(named.query).items()}
        if numbers.get("page") != [str(self.page + 1)]:
            raise InputError(f"names a next page out of order ({address!r})", where, AGAIN)
        return True

    def _add_up(self, where: str, last: bool) -> None:
        if self.rows > self.total or (last and self.rows != self.total):
            raise InputError(f"{self.rows} rows came of {self.total} that were promised", where, AGAIN)
        if last and len(self.ids) != self.named:
            twice = self.named - len(self.ids)
            raise InputError(f"{twice} rows came twice, so others may be missing", where, AGAIN)
