"""The public feeds of an edition: Atom (RFC 4287) and RSS 2.0, each entry with its CAP document."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Any

from lxml import etree

from tocsin.alarms.cap import CONTENT_TYPE, description
from tocsin.alarms.edition import Edition
from tocsin.alarms.issued import Issue
from tocsin.alarms.markup import add, document
from tocsin.alarms.phrases import phrases

ATOM = "http://www.w3.org/2005/Atom"
XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
TITLE = "Tocsin: issued alarms"


def atom(edition: Edition) -> bytes:
    """An Atom document. An entry keeps its id through its revisions: a reader sees one alarm change."""
    address = f"{edition.base}/alarms.atom"
    feed = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    feed.set(XML_LANGUAGE, "en")
    add(feed, "id", address)
    add(feed, "title", TITLE)
    add(feed, "subtitle", phrases("en").say("note"))
    add(feed, "updated", _time(edition.updated))
    add(feed, "link", rel="self", href=address, type="application/atom+xml")
    add(add(feed, "author"), "name", "Tocsin")
    for issue in edition.issues:
        _entry(feed, issue, edition.address(issue))
    return document(feed)


def rss(edition: Edition) -> bytes:
    """An RSS 2.0 document. Each revision is an item of its own: most readers never look at one again."""
    address = f"{edition.base}/alarms.rss"
    root = etree.Element("rss", version="2.0", nsmap={"atom": ATOM})
    channel = add(root, "channel")
    add(channel, "title", TITLE)
    add(channel, "link", edition.base)
    add(channel, "description", phrases("en").say("note"))
    add(channel, "language", "en")
    add(channel, "lastBuildDate", format_datetime(edition.updated.astimezone(UTC)))
    own = etree.SubElement(channel, f"{{{ATOM}}}link")
    own.attrib.update({"rel": "self", "href": address, "type": "application/rss+xml"})
    for issue in edition.issues:
        _item(channel, issue, edition.address(issue))
    return document(root)


def _entry(feed: Any, issue: Issue, address: str) -> None:
    alarm, first = issue.alarm, (*issue.earlier, issue.alarm)[0]
    entry = add(feed, "entry")
    entry.set(XML_LANGUAGE, issue.bulletin.language)
    add(entry, "id", f"urn:tocsin:{alarm.id}")
    add(entry, "title", issue.bulletin.headline, type="text")
    add(entry, "published", _time(first.recorded))
    add(entry, "updated", _time(alarm.recorded))
    add(entry, "link", rel="alternate", href=address, type=CONTENT_TYPE)
    add(entry, "link", rel="enclosure", href=address, type=CONTENT_TYPE)
    for name, term in _terms(issue):
        add(entry, "category", term=term, scheme=f"urn:tocsin:{name}")
    add(entry, "content", description(issue.bulletin), type="text")


def _item(channel: Any, issue: Issue, address: str) -> None:
    item = add(channel, "item")
    add(item, "title", issue.bulletin.headline)
    add(item, "link", address)
    add(item, "guid", f"urn:tocsin:{issue.alarm.row}", isPermaLink="false")
    add(item, "pubDate", format_datetime(issue.alarm.recorded.astimezone(UTC)))
    for name, term in _terms(issue):
        add(item, "category", term, domain=f"urn:tocsin:{name}")
    add(item, "description", "<br/>".join(escape(line) for line in description(issue.bulletin).splitlines()))


def _terms(issue: Issue) -> tuple[tuple[str, str], ...]:
    alarm = issue.alarm
    rested = (("evidence", id) for id in issue.bulletin.evidence)
    return (("level", alarm.level.value), ("state", alarm.state.value), ("place", alarm.iso3), *rested)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
