"""What a source is given before it reads: where it stopped, its keeper, and pages behind records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import narwhals as nw
from pydantic import TypeAdapter

from tocsin.clock import Moment
from tocsin.sources.contract import Request, Wanted
from tocsin.sources.origins import host_of
from tocsin.store.home import Home
from tocsin.store.lake import Lake
from tocsin.store.slicelog import HeldSlices

FEEDS, PAGES = "feeds", "pages"
LOOKED_BACK = timedelta(days=7)
SUMMARY = 1_200
"""A feed entry of fewer characters is a summary; the article is behind its link."""
MOST = 60
"""Pages that one run asks for when none are named."""
_COLUMNS = {
    name: name
    for name in ("id", "source", "address", "external_id", "origin", "licence", "sensitivity", "published")
} | {"known_end": "known_end", "letters": "length(text)"}


def ready(home: Home, name: str, request: Request, folder: Path) -> Request:
    """The request with what the home has for the source.

    That is validators, cursor, the slices that it holds, the keeper of raw answers, and `folder` to work in.

    The source `pages`, when none are named, gets those that standing alarms rest on, to be looked at again,
    and those behind the newest records of the feeds.
    """
    cursor = home.sources.cursor(name)
    given = replace(
        request,
        validators=home.sources.validators(name),
        cursor=cursor,
        keeper=home.archive,
        held=HeldSlices(home.lake.ask, name),
        staging=folder,
    )
    if name != PAGES or request.pages or request.paths:
        return given
    new = wanted_pages(home.lake, request.recorded, MOST, cursor)
    return replace(given, pages=(*rested_on(home), *new))


def wanted_pages(
    lake: Lake, as_of: datetime, most: int, tried: Mapping[str, str] | None = None
) -> tuple[Wanted, ...]:
    """At most so many pages behind summaries that the feeds brought in the week before `as_of`, host by host.

    Left out are pages that are there already and those asked for in vain in that week (`tried`: address to
    day). Of each host the newest come first.
    """
    rows = lake.project("records", as_of, _COLUMNS)
    since = as_of - LOOKED_BACK
    had = {row["external_id"] for row in rows if row["source"] == PAGES}
    had |= {address for address, day in (tried or {}).items() if day >= since.date().isoformat()}
    naive = since.astimezone(UTC).replace(tzinfo=None)
    by_host: dict[str, dict[str, Wanted]] = defaultdict(dict)
    for row in sorted(rows, key=lambda r: (r["known_end"], r["id"]), reverse=True):
        new = row["source"] == FEEDS and row["known_end"] >= naive and (row["letters"] or 0) < SUMMARY
        address = str(row["address"]).partition("#")[0]
        if new and address not in had and (host := host_of(address)):
            by_host[host].setdefault(address, _wanted(address, row))
    return tuple(_in_turn(by_host.values()))[:most]


def rested_on(home: Home) -> tuple[Wanted, ...]:
    """The pages behind the claims of standing alarms, so that it is seen when one is taken back."""
    standing = [a for a in home.ledger.alarms() if a.state.open or a.in_force]
    claims = sorted({reason for a in standing for reason in a.reasons if reason.startswith("sig-")})
    if not claims:
        return ()
    told = home.lake.ask("signals", lambda frame: frame.filter(nw.col("id").is_in(claims)).select("record"))
    records = sorted({row["record"] for row in told})

    def theirs(frame: Any) -> Any:
        named = frame.filter(nw.col("id").is_in(records) & (nw.col("source") == PAGES))
        return named.select("external_id", "origin", "licence", "sensitivity", "published").sort(
            "external_id"
        )

    rows = home.lake.ask("records", theirs) if records else []
    return tuple({row["external_id"]: _wanted(row["external_id"], row) for row in rows}.values())


def _in_turn(hosts: Iterable[Mapping[str, Wanted]]) -> Iterable[Wanted]:
    """One page of each host, then the second of each, and so on."""
    waiting = [iter(pages.values()) for pages in hosts]
    while waiting:
        found = [(pages, next(pages, None)) for pages in waiting]
        waiting = [pages for pages, page in found if page]
        yield from (page for _, page in found if page)


def _wanted(address: str, row: Mapping[str, Any]) -> Wanted:
    published = TypeAdapter(Moment).validate_json(row["published"]) if row["published"] else None
    return Wanted(address, row["origin"], row["licence"], row["sensitivity"], published)
