"""What the public feeds promise: what was issued and what ended, valid for others, one entry an alarm."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import feedparser
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.alarms.laid import bulletin, history, made, of, proposed
from tests.alarms.made import later
from tocsin.alarms.alarm import Alarm
from tocsin.alarms.edition import Edition, edition
from tocsin.alarms.feed import atom, rss
from tocsin.alarms.issued import Issue
from tocsin.alarms.watch import expire, override

A = {"a": "http://www.w3.org/2005/Atom"}
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
BASE = "https://tocsin.example"
ANY = st.text(st.characters(exclude_categories=()), min_size=1).filter(lambda t: bool(t.strip()))


def alive(iso3: str = "SDN") -> list[Alarm]:
    first = proposed(iso3, id=f"alm-{iso3}")
    return [first, override(first, "Ada", "no time", later(first, 1))]


def hostile(text: str) -> Edition:
    """An edition of one issue whose every text is what somebody typed."""
    issued = alive()[-1]
    told = bulletin(issued, headline=f"({text})", place=text, note=f"({text})")
    return Edition((Issue((told,)),), BASE, issued.recorded)


def texts(node: etree._Element, *paths: str) -> list[list[str]]:
    return [[str(t) for t in node.xpath(path, namespaces=A)] for path in paths]


def check_atom(document: bytes) -> None:
    """The rules of RFC 4287 that a feed of ours can break (sections 4.1.1, 4.1.2, 3.3, 4.2.7)."""
    feed = etree.fromstring(document)
    assert feed.tag == f"{{{A['a']}}}feed"
    for node in (feed, *feed.findall("a:entry", A)):
        assert [len(found) for found in texts(node, "a:id", "a:title", "a:updated")] == [1, 1, 1]
        assert all(texts(node, "a:id/text()", "a:title/text()", "a:updated/text()"))
        assert re.match(r"[a-z][a-z0-9+.-]*:\S+$", node.findtext("a:id", namespaces=A))
    ids, stamps = texts(feed, "//a:entry/a:id/text()", "//a:updated/text() | //a:published/text()")
    assert len(ids) == len(set(ids)) and feed.findall("a:author/a:name", A)
    assert all(datetime.fromisoformat(s).tzinfo for s in stamps)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", s) for s in stamps)
    assert texts(feed, "a:link[@rel='self']/@href") == [[f"{BASE}/alarms.atom"]]
    for entry in feed.findall("a:entry", A):
        alternate = texts(entry, "a:link[@rel='alternate']/@type")[0]
        assert len(alternate) == len(set(alternate)) == 1 and len(entry.findall("a:content", A)) == 1
        assert all(c.get("term") for c in entry.findall("a:category", A))
        assert {e.tag.split("}")[1] for e in entry} <= {
            "id", "title", "published", "updated", "link", "category", "content",
        }  # fmt: skip


def check_rss(document: bytes) -> None:
    """The rules of RSS 2.0 and of its advisory board that a feed of ours can break."""
    root = etree.fromstring(document)
    assert root.tag == "rss" and root.get("version") == "2.0" and [e.tag for e in root] == ["channel"]
    channel = root[0]
    assert all(channel.findtext(tag) for tag in ("title", "link", "description", "lastBuildDate"))
    own = channel.find("a:link", A)
    assert own is not None and own.get("rel") == "self" and own.get("href") == f"{BASE}/alarms.rss"
    guids = [g.text for g in root.iter("guid")]
    assert len(guids) == len(set(guids)) and {g.get("isPermaLink") for g in root.iter("guid")} <= {"false"}
    for item in channel.findall("item"):
        assert all(item.findtext(tag) for tag in ("title", "link", "guid", "description", "pubDate"))
    assert all(parsedate_to_datetime(d.text).tzinfo for d in root.iter("pubDate", "lastBuildDate"))


def test_both_feeds_are_valid_and_read_by_a_reader_without_complaint() -> None:
    full = made(history(), alive("SSD"), alive("COD"))
    for document, check in ((atom(full), check_atom), (rss(full), check_rss)):
        check(document)
        read = feedparser.parse(document)
        assert not read.bozo and len(read.entries) == 3
        links = [link.href for e in read.entries for link in e.links if link.rel == "alternate"]
        assert sorted(links) == sorted(f"{BASE}/cap/{issue.file}" for issue in full.issues)
    enclosures = [e.enclosures[0] for e in feedparser.parse(atom(full)).entries]
    assert {e.type for e in enclosures} == {"application/cap+xml"}


def test_an_empty_feed_is_valid_too() -> None:
    for document, check in ((atom(made()), check_atom), (rss(made()), check_rss)):
        check(document)
        assert not feedparser.parse(document).entries


def test_a_proposal_enters_no_feed() -> None:
    waiting = made([proposed()])
    assert waiting.issues == () and b"<entry" not in atom(waiting) and b"<item" not in rss(waiting)


def test_an_atom_entry_keeps_its_id_through_revisions_and_an_rss_item_is_one_message() -> None:
    every = history()
    editions = [made(every[:2]), made(every[:4]), made(every)]
    read = [feedparser.parse(atom(e)).entries[0] for e in editions]
    assert {e.id for e in read} == {f"urn:tocsin:{every[0].id}"} and len({e.published for e in read}) == 1
    assert [e.updated for e in read] == sorted({e.updated for e in read})
    assert len({feedparser.parse(rss(e)).entries[0].id for e in editions}) == 3


def test_an_end_is_shown_as_one_for_a_month_and_then_leaves() -> None:
    every = history()
    last = every[-1].recorded
    shown = feedparser.parse(atom(made(every, on=last + timedelta(days=30)))).entries[0]
    terms = {t.term for t in shown.tags}
    assert (
        shown.title.startswith("Cancelled")
        and {"cancelled", "SDN", *made(every).issues[0].bulletin.evidence} <= terms
    )
    assert made(every, on=last + timedelta(days=31)).issues == ()


def test_what_lapsed_without_a_turn_is_not_shown_for_ever() -> None:
    standing = alive()
    last = datetime(*standing[-1].expires.timetuple()[:3], tzinfo=UTC)
    assert made(standing, on=last + timedelta(days=30)).issues
    assert not made(standing, on=last + timedelta(days=31)).issues
    gone = expire(standing[-1], last + timedelta(days=31), last + timedelta(days=31))
    assert gone is not None and made([*standing, gone]).issues


def test_newest_first_and_the_same_bytes_for_the_same_alarms() -> None:
    one, two = alive("SSD"), history()
    read = feedparser.parse(atom(made(one, two))).entries
    assert [e.updated for e in read] == sorted((e.updated for e in read), reverse=True)
    assert atom(made(one, two)) == atom(made(two, one)) and rss(made(one, two)) == rss(made(two, one))


def test_one_alarm_that_cannot_be_told_takes_no_other_down() -> None:
    bad = [
        replace(a, rule="no-such-rule", sentences=("This is genocide.",), measured={}) for a in alive("SSD")
    ]
    found = edition([bad, alive("COD")], of, BASE, bad[-1].recorded)
    assert [i.alarm.iso3 for i in found.issues] == ["COD"]
    assert [id for id, _ in found.untold] == ["alm-SSD"] and "genocide" in found.untold[0][1]


@given(text=ANY)
def test_any_text_gives_feeds_that_are_valid_and_read_without_complaint(text: str) -> None:
    for document, check in ((atom(hostile(text)), check_atom), (rss(hostile(text)), check_rss)):
        check(document)
        read = feedparser.parse(document)
        assert not read.bozo and len(read.entries) == 1


def test_markup_in_a_text_stays_text() -> None:
    wicked = hostile("<script>alert(1)</script> & ]]> <b>x</b>")
    for document in (atom(wicked), rss(wicked)):
        assert not [e for e in etree.fromstring(document).iter() if e.tag in ("script", "b")]
    described = etree.fromstring(rss(wicked)).findtext(".//item/description")
    assert described is not None and "<script" not in described and "&lt;script" in described


def test_entries_name_their_language() -> None:
    assert etree.fromstring(atom(made(alive()))).find("a:entry", A).get(LANG) == "en"
