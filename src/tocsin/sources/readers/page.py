"""HTML pages: the article's text, and title, dates, address and site as the page's metadata state them."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tocsin.clock import Moment
from tocsin.errors import InputError
from tocsin.sources.readers.datelines import written_date

SIGNS = Path(__file__).parents[1] / "data" / "page_signs.yml"
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
CHANGED = ("article:modified_time", "datemodified", "og:updated_time", "dcterms.modified", "last-modified")
"""The same of the date of the last change."""
STATED = {"datePublished": "datepublished", "dateModified": "datemodified"}
"""Fields of schema.org that are taken from JSON-LD."""
ENCODINGS = re.compile(
    r"utf-?8|utf-?16(le|be)?|us-ascii|ascii|latin-?1|iso-?8859-\d+|(windows-?|cp)(125\d|874|949|932)|koi8-[ru]|"
    r"gb2312|gbk|gb18030|big5(-hkscs)?|euc-(jp|kr)|shift[_-]jis|iso-2022-jp|ibm866|macintosh|tis-620"
)
"""Labels of encodings that pages are in (WHATWG Encoding Standard); others are no text or a trick."""
WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-9": "cp1254",
}
"""What browsers read in place of what is stated (the same standard)."""
MOST_BROKEN = 0.01
"""The share of characters that may be unreadable in the encoding that a page states."""
_STATED = re.compile(rb"(?i)<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([a-z0-9_-]{1,40})")


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says, and what it states about itself.

    `free` is what it states of access without payment (schema.org isAccessibleForFree), None without a word;
    `unscripted` what it shows only to readers without JavaScript.
    """

    text: str
    title: str
    published: Moment | None
    url: str
    site: str
    language: str
    changed: Moment | None = None
    free: bool | None = None
    unscripted: str = ""


def page(markup: str, where: str) -> Page:
    """The page of HTML markup. Raises InputError when it holds no text. No date is guessed from its body."""
    from lxml import etree, html
    from trafilatura import extract

    try:
        tree = html.document_fromstring(markup.encode(), parser=html.HTMLParser(encoding="utf-8"))
        text = extract(markup, include_comments=False, favor_recall=True)
        meta, unscripted = _metadata(tree), " ".join(tree.xpath("//noscript//text()"))
        title = (meta.get("og:title") or tree.xpath("string(//title)") or tree.xpath("string(//h1)")).strip()
        text = text or _words(tree)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise InputError(f"is not HTML that can be read ({error})", where) from error
    if not text.strip():
        raise InputError("holds no text", where)
    canonical = tree.xpath("string(//link[@rel='canonical']/@href)")
    return Page(
        text.strip(),
        title,
        _date(meta, DATES),
        str(canonical or meta.get("og:url", "")).strip(),
        meta.get("og:site_name", ""),
        (tree.get("lang") or "").partition("-")[0].lower(),
        _date(meta, CHANGED),
        {"false": False, "true": True}.get(meta.get("isaccessibleforfree", "").lower()),
        " ".join(unscripted.split()),
    )


def marked_up(raw: bytes, stated: str, where: str) -> str:
    """The characters of a page: by byte order mark, the charset of its Content-Type, its own, else UTF-8.

    Raises InputError for an encoding that no page has, and when too much cannot be read in it.
    """
    marks = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
    marked = next((name for mark, name in marks if raw.startswith(mark)), "")
    told = re.search(r"(?i)charset\s*=\s*[\"']?\s*([\w-]{1,40})", stated)
    own = _STATED.search(raw[:4096])
    label = (marked or (told[1] if told else own[1].decode() if own else "utf-8")).lower()
    if not ENCODINGS.fullmatch(label):
        raise InputError(f"states the encoding {label!r}, which is not read", where)
    try:
        name = codecs.lookup(label).name
    except LookupError:
        raise InputError(f"states the encoding {label!r}, which is unknown", where) from None
    text = raw.decode(WIDER.get(name, name), "replace").removeprefix("\ufeff")
    if text.count("\ufffd") > MOST_BROKEN * len(text):
        raise InputError(f"is not in the encoding {label} that it states", where)
    return text


def shell(found: Page) -> str:
    """Why a page holds no article but a shell around one, in words; empty when it holds one."""
    if found.free is False and len(found.text) < _signs()["paywall"]["shorter_than"]:
        return str(_signs()["paywall"]["says"])
    title, text = found.title.casefold(), found.text.casefold()
    for sign in _signs().values():
        words = f"{text} {found.unscripted.casefold()}" if sign["unscripted"] else text
        shown = title.startswith(tuple(sign["titles"])) or any(word in words for word in sign["words"])
        if shown and len(text) < sign["shorter_than"]:
            return str(sign["says"])
    return ""


@cache
def _signs() -> Mapping[str, Mapping[str, Any]]:
    signs: dict[str, Mapping[str, Any]] = yaml.load(SIGNS.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return signs


def _date(meta: Mapping[str, str], names: tuple[str, ...]) -> Moment | None:
    dates = (written_date(meta[name]) for name in names if name in meta)
    return next((moment for moment in dates if moment), None)


def _words(tree: Any) -> str:
    """All words that a reader sees, where no article could be told from what is around it."""
    for unseen in tree.xpath("//script|//style|//noscript|//template"):
        unseen.drop_tree()
    return str(tree.text_content())


def _metadata(tree: Any) -> dict[str, str]:
    """Metadata by lower-case name, the first of a name: meta elements, JSON-LD, then time elements."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        if element.get("content"):
            found.setdefault(name.strip().lower(), element.get("content").strip())
    for script in tree.xpath("//script[@type='application/ld+json']"):
        for stated in _linked(script.text or ""):
            for name, kept in STATED.items():
                if isinstance(stated.get(name), str):
                    found.setdefault(kept, stated[name])
            if isinstance(stated.get("isAccessibleForFree"), bool | str):
                found.setdefault("isaccessibleforfree", str(stated["isAccessibleForFree"]))
    for stamp in tree.xpath("//time[@pubdate or @itemprop='datePublished']/@datetime"):
        found.setdefault("datepublished", str(stamp))
    return found


def _linked(text: str) -> Iterator[Mapping[str, Any]]:
    """Every object at the top of a JSON-LD block; a block that is not JSON states nothing."""
    try:
        block = json.loads(text)
    except (ValueError, RecursionError):
        return
    graph = block.get("@graph", block) if isinstance(block, dict) else block
    yield from (entry for entry in (graph if isinstance(graph, list) else [graph]) if isinstance(entry, dict))
