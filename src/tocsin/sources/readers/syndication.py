"""RSS and Atom feeds (RSS 0.9 to 2.0, RFC 4287), checked as XML before they are read."""

from __future__ import annotations

import calendar
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from tocsin.clock import Moment, Precision, parse_moment
from tocsin.errors import InputError, TooLarge
from tocsin.sources.origins import host_of, is_web
from tocsin.sources.readers.datelines import in_range
from tocsin.sources.readers.lines import MAX_BYTES, unwritable

ROOTS = ("rss", "feed", "RDF")
MOST_ATTRIBUTES = 200
"""More in one element cost the parser time that grows with their square."""

LONGEST_GUID = 500
"""Characters. What is longer is no name for anything."""

MOVED = "the feed may have moved; look for its new address"
BLOCKS = ("p", "div", "br", "li", "tr", "td", "th", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6")
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?+\s*+(?:(?><!--.*?-->)\s*+)*+<(?:!doctype\s+html|html)\b", re.I | re.S)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, its markup removed. `published` is None when the feed states no date for it.

    `updated` is when these words were last edited, where the feed says so. `fault` is why the entry cannot be
    taken, or empty. `guid` is the id that the feed states for this entry and no other, else empty. `credits`
    are its author and the source it names, by name and by address.
    """

    id: str
    link: str
    title: str
    text: str
    published: Moment | None
    language: str
    updated: Moment | None = None
    fault: str = ""
    guid: str = ""
    credits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Channel:
    """One feed."""

    title: str
    link: str
    entries: tuple[Entry, ...]


def syndication(data: bytes, where: str) -> Channel:
    """The feed in `data`.

    Raises InputError for a page instead of a feed, XML that is not well-formed or declares entities, another
    kind of XML; TooLarge over 16 MB.
    """
    import feedparser

    if len(data) > MAX_BYTES:
        raise TooLarge(f"is larger than {MAX_BYTES:,} bytes", where)
    _check(data, where)
    parsed = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    language = str(parsed.feed.get("language") or "").partition("-")[0].lower()
    entries = _own_ids(_entry(entry, language) for entry in parsed.entries)
    return Channel(_plain(parsed.feed.get("title", "")), _address(parsed.feed.get("link", "")), entries)


def _check(data: bytes, where: str) -> None:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException, ElementTree

    if not data.strip():
        raise InputError("is empty", where, MOVED)
    if _PAGE.match(data[:4096]):
        raise InputError("is an HTML page, not a feed", where, MOVED)
    try:
        root = ElementTree.fromstring(data)
    except DefusedXmlException as error:
        raise InputError(
            f"declares XML entities ({type(error).__name__}), which no feed needs", where
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise InputError(f"is not well-formed XML ({error})", where, "is this a feed?") from error
    name = str(root.tag).rpartition("}")[2]
    if name.lower() == "html":
        raise InputError("is an HTML page, not a feed", where, MOVED)
    if max(len(element.attrib) for element in root.iter()) > MOST_ATTRIBUTES:
        raise InputError(f"has an element of more than {MOST_ATTRIBUTES} attributes, as no feed has", where)
    if name not in ROOTS:
        raise InputError(f"is XML of the kind {name!r}, not RSS or Atom", where)


def _entry(entry: Mapping[str, Any], language: str) -> Entry:
    contents = [str(part.get("value") or "") for part in entry.get("content") or ()]
    texts = [_plain(markup) for markup in (*contents, str(entry.get("summary") or ""))]
    link = _address(entry.get("link") or "")
    said = (str(entry.get("id") or link), link, _plain(entry.get("title") or ""), max(texts, key=len))
    fault = unwritable(*said)
    if link and not host_of(link):
        fault = f"link {link[:80]!r} is not an address"
    try:
        published, updated = (_stated(entry, name) for name in ("published", "updated"))
    except ValueError as error:
        published = updated = None
        fault = fault or str(error)
    guid = str(entry.get("id") or "").strip()
    guid = guid if len(guid) <= LONGEST_GUID else ""
    return Entry(*said, published or updated, language, updated, fault, guid, _credits(entry))


def _own_ids(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The same entries; an id that several different ones bear is none."""
    found = tuple(entries)
    bearers: dict[str, set[tuple[str, str, str]]] = {}
    for entry in found:
        bearers.setdefault(entry.guid, set()).add((entry.link, entry.title, entry.text))
    return tuple(replace(entry, guid="") if len(bearers[entry.guid]) > 1 else entry for entry in found)


def _credits(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Author and source of an entry, as the feed states them."""
    source = entry.get("source") or {}
    stated = (entry.get("author"), source.get("title"), source.get("href"))
    return tuple(_plain(str(name)) for name in stated if name)


def _stated(entry: Mapping[str, Any], name: str) -> Moment | None:
    """A stated date, to the precision it was stated with. Raises ValueError when it is out of range."""
    if name not in entry:
        return None
    text, parts = str(entry[name] or "").strip(), entry.get(f"{name}_parsed")
    try:
        moment = parse_moment(text)
    except ValueError:
        if not parts:
            return None
        moment = Moment(_instant(parts, text), Precision.INSTANT if ":" in text else Precision.DAY)
    return in_range(moment)


def _instant(parts: Any, text: str) -> datetime:
    try:
        return datetime.fromtimestamp(calendar.timegm(parts), UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise ValueError(f"the date {text[:40]!r} is out of range") from error


def _plain(markup: str) -> str:
    """Text without markup; scripts and styles fall away with their content."""
    from lxml import etree, html

    if not re.search(r"[<&]", markup):
        return " ".join(markup.split())
    try:
        tree = html.fragment_fromstring(markup, create_parent="div")
    except (etree.LxmlError, ValueError, AssertionError):
        return " ".join(re.sub(r"<[^>]*>", " ", markup).split())
    etree.strip_elements(tree, "script", "style", etree.Comment, with_tail=False)
    for element in tree.iter(*BLOCKS):
        element.text, element.tail = f" {element.text or ''}", f" {element.tail or ''}"
    return " ".join(tree.text_content().split())


def _address(link: str) -> str:
    """The link when it is one a reader may follow."""
    return link.strip() if is_web(link.strip()) else ""
