"""HTML pages: the article's text, and title, date, address and site as the page's metadata state them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tocsin.clock import Moment
from tocsin.errors import InputError
from tocsin.sources.readers.datelines import written_date

DATES = (
    "article:published_time",
    "datepublished",
    "date",
    "pubdate",
    "publishdate",
    "citation_publication_date",
    "dc.date",
    "dc.date.issued",
    "dcterms.date",
    "dcterms.issued",
    "sailthru.date",
)
"""Metadata names (lower case) of a date of publication, best first (Open Graph, schema.org, Dublin Core)."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says, and what it states about itself."""

    text: str
    title: str
    published: Moment | None
    url: str
    site: str
    language: str


def page(markup: str, where: str) -> Page:
    """The page of HTML markup. Raises InputError when it holds no text. No date is guessed from its body."""
    from lxml import etree, html
    from trafilatura import extract

    try:
        tree = html.document_fromstring(markup.encode(), parser=html.HTMLParser(encoding="utf-8"))
        text = extract(markup, include_comments=False, favor_recall=True) or tree.text_content()
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise InputError(f"is not HTML that can be read ({error})", where) from error
    if not text.strip():
        raise InputError("holds no text", where)
    meta = _metadata(tree)
    dates = (written_date(meta[name]) for name in DATES if name in meta)
    canonical = tree.xpath("string(//link[@rel='canonical']/@href)")
    return Page(
        text.strip(),
        (meta.get("og:title") or tree.xpath("string(//title)") or tree.xpath("string(//h1)")).strip(),
        next((moment for moment in dates if moment), None),
        str(canonical or meta.get("og:url", "")).strip(),
        meta.get("og:site_name", ""),
        (tree.get("lang") or "").partition("-")[0].lower(),
    )


def _metadata(tree: Any) -> dict[str, str]:
    """Metadata by lower-case name, the first of a name: meta elements, JSON-LD, then time elements."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        if element.get("content"):
            found.setdefault(name.strip().lower(), element.get("content").strip())
    for script in tree.xpath("//script[@type='application/ld+json']"):
        for stated in _linked(script.text or ""):
            found.setdefault("datepublished", stated)
    for stamp in tree.xpath("//time[@pubdate or @itemprop='datePublished']/@datetime"):
        found.setdefault("datepublished", str(stamp))
    return found


def _linked(text: str) -> Iterator[str]:
    """Every datePublished at the top of a JSON-LD block; a block that is not JSON states nothing."""
    try:
        block = json.loads(text)
    except (ValueError, RecursionError):
        return
    graph = block.get("@graph", block) if isinstance(block, dict) else block
    for entry in graph if isinstance(graph, list) else [graph]:
        if isinstance(entry, dict) and isinstance(entry.get("datePublished"), str):
            yield entry["datePublished"]
