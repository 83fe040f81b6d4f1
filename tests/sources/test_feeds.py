"""The source `feeds`: entries from files and from the network, one feed's failure never another's."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.net.server import Quiet, guest, serving
from tests.sources.given import RECORDED, records, request
from tocsin.errors import InputError, SourceStopped, UnknownId
from tocsin.net import Ask, Fetched, GuardedFetcher, Limits, Validators
from tocsin.sources import Gathered, Record
from tocsin.sources.contract import NOTHING, UNCHANGED
from tocsin.sources.factsheet import Feed, feed_list, unchecked_feeds
from tocsin.sources.feeds.rss import Feeds
from tocsin.sources.readers.syndication import syndication

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>A body</title><link>https://body.example/</link><language>en-GB</language>
<item><guid>n1</guid><link>https://www.body.example/n1</link><title>A first report</title>
<pubDate>Thu, 19 Nov 2026 08:00:00 +0200</pubDate>
<description>&lt;p onclick="x()"&gt;People &lt;b&gt;fled&lt;/b&gt;.
&lt;script&gt;alert(1)&lt;/script&gt;&lt;/p&gt;</description></item>
<item><guid>n2</guid><link>javascript:alert(1)</link><title>A second report</title>
<description>No date is stated.</description></item>
<item><guid>n3</guid></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Another</title><id>urn:a</id><entry>
<id>urn:a:1</id><title>Entry</title><link href="https://other.example/1"/><updated>2026-11-18</updated>
<content type="html">&lt;p&gt;Words.&lt;/p&gt;</content></entry></feed>"""
SEEN = datetime(2026, 11, 20, 12, 5, tzinfo=UTC)
Answer = str | bytes | int
PLAIN, NONE = Ask(), Validators()


@dataclass
class Stopped:
    """The real fetcher, at a moment of our choice."""

    real: GuardedFetcher

    def fetch(self, url: str, validators: Validators = NONE, ask: Ask = PLAIN) -> Fetched:
        return replace(self.real.fetch(url, validators, ask), fetched=SEEN)


@pytest.fixture
def web() -> Iterator[Quiet]:
    with serving() as up:
        yield up


def gather(web: Quiet, *answers: Answer, feeds: tuple[Feed, ...] = ()) -> tuple[list[Record], Gathered]:
    """What is read where a server answers thus: one address an answer, or one feed an answer."""
    for number, answer in enumerate(answers):
        body = answer.encode() if isinstance(answer, str) else answer
        full = (200, body, {"Content_Type": "application/xml"})
        web.plan[f"{number}"] = [(answer, b"", {}) if isinstance(answer, int) else full]  # type: ignore[list-item]
    addresses = tuple(f"{web.url}/{number}" for number in range(len(answers)))
    own = tuple(replace(feed, address=where) for feed, where in zip(feeds, addresses, strict=False))
    source = Feeds(feeds=own) if feeds else Feeds(addresses)
    gathered = next(source.read(request(fetch=Stopped(guest(web, Limits())))))
    return list(gathered.records), gathered


def rss(*items: str, head: str = "<title>A body</title>") -> str:
    inside = "".join(f"<item>{item}</item>" for item in items)
    space = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f'<?xml version="1.0"?><rss version="2.0" {space}><channel>{head}{inside}</channel></rss>'


def item(title: str, text: str = "", more: str = "") -> str:
    return f"<title>{escape(title)}</title><description>{escape(text)}</description>{more}"


# ---------------------------------------------------------------- what a record says


def test_a_live_entry_is_known_when_published_and_else_when_we_had_it(web: Quiet) -> None:
    found, gathered = gather(web, RSS, ATOM)
    assert [(r.address, str(r.known), r.backfilled) for r in found] == [
        ("https://www.body.example/n1", "2026-11-19T06:00:00+00:00", False),
        ("n2", SEEN.isoformat(), False),
        ("https://other.example/1", "2026-11-18", False),
    ]
    assert [r.language for r in found] == ["en", "en", ""]
    assert gathered.report.refused_rows == 1 and "neither title nor text" in gathered.report.refused[0][1]


def test_an_entry_dated_after_we_had_it_is_known_when_we_had_it(web: Quiet) -> None:
    found, _ = gather(web, RSS.replace("19 Nov 2026", "25 Nov 2026"))
    assert str(found[0].known) == SEEN.isoformat() and RECORDED < SEEN


def test_an_edited_entry_is_known_from_its_last_edit(web: Quiet, tmp_path: Path) -> None:
    edited = ATOM.replace("<updated>", "<published>2026-11-10</published><updated>")
    live, _ = gather(web, edited)
    assert [(str(r.published), str(r.known), r.backfilled) for r in live] == [
        ("2026-11-10", "2026-11-18", False)
    ]
    path = tmp_path / "f.atom"
    path.write_text(edited, encoding="utf-8")
    assert str(records(path, name="feeds")[0][0].known) == "2026-11-18"
    late, _ = gather(web, edited.replace("2026-11-18", "2026-12-18"))
    assert str(late[0].known) == SEEN.isoformat()


def test_an_archived_entry_takes_known_from_what_it_or_the_user_states(tmp_path: Path) -> None:
    path = tmp_path / "old.xml"
    path.write_text(RSS, encoding="utf-8")
    found, _ = records(path, name="feeds")
    assert [(str(r.known or ""), r.backfilled) for r in found] == [
        ("2026-11-19T06:00:00+00:00", True),
        ("", False),
    ]
    found, _ = records(path, name="feeds", published="2026-11-01")
    assert str(found[1].known) == "2026-11-01" and found[1].backfilled


def test_markup_scripts_and_addresses_that_are_not_web_addresses_fall_away(web: Quiet) -> None:
    found, _ = gather(web, RSS)
    assert found[0].text == "People fled." and "javascript" not in found[1].address


def test_licence_sensitivity_language_and_voice_are_those_of_the_listed_feed(web: Quiet) -> None:
    public, hidden = (next(f for f in feed_list() if f.sensitivity == s) for s in ("public", "internal"))
    found, _ = gather(web, RSS, ATOM, feeds=(public, hidden))
    for record, feed in ((found[0], public), (found[-1], hidden)):
        assert (record.licence, record.sensitivity) == (feed.licence, feed.sensitivity)
        assert (record.language, record.origin) == (feed.language, feed.independence_group)


def test_one_feed_is_one_voice_whatever_its_entries_link_to(web: Quiet, tmp_path: Path) -> None:
    many = RSS.replace("https://www.body.example/n1", "https://elsewhere.example/n1")
    assert {r.origin for r in gather(web, many)[0]} == {"127.0.0.1"}
    path = tmp_path / "f.xml"
    path.write_text(many, encoding="utf-8")
    assert {r.origin for r in records(path, name="feeds")[0]} == {"body.example"}


def test_a_file_that_names_no_feed_shares_one_origin_with_all_such_files(tmp_path: Path) -> None:
    path = tmp_path / "f.xml"
    nameless = RSS.replace("<title>A body</title><link>https://body.example/</link>", "")
    path.write_text(nameless, encoding="utf-8")
    assert {r.origin for r in records(path, name="feeds")[0]} == {"feeds:unstated"}


# ---------------------------------------------------------------- wire copies


@pytest.mark.parametrize(
    ("entry", "origin"),
    [
        (item("T", "BANGUI (Reuters) - Gunmen came."), "reuters"),
        (item("T", "Gunmen came.", "<dc:creator>AFP</dc:creator>"), "afp"),
        (
            item("T", "Gunmen came.", '<source url="https://apnews.com/x">AP News</source>'),
            "associated_press",
        ),
        (item("T", "ПЕКИН, 18 ноября. /ТАСС/. Текст."), "state_rus"),
        (item("T", "Gunmen came, two witnesses told Reuters."), "paper"),
        (item("T", "Gunmen came.", '<source url="https://elsewhere.example/x">Elsewhere</source>'), "paper"),
    ],
)
def test_a_wire_copy_is_the_voice_of_its_agency_and_a_mention_is_not(
    web: Quiet, entry: str, origin: str
) -> None:
    paper = replace(feed_list()[0], independence_group="paper", grade="C")
    assert [r.origin for r in gather(web, rss(entry), feeds=(paper,))[0]] == [origin]


def test_ten_papers_that_carry_one_wire_story_are_one_voice(web: Quiet) -> None:
    papers = tuple(replace(feed_list()[0], id=f"p{n}", independence_group=f"paper_{n}") for n in range(10))
    found, _ = gather(web, *[rss(item(f"Title {n}", "GOMA (AFP) - Shots.")) for n in range(10)], feeds=papers)
    assert len(found) == 10 and {r.origin for r in found} == {"afp"}


def test_a_feed_that_is_not_reliable_cannot_lend_itself_the_voice_of_an_agency(web: Quiet) -> None:
    state = next(f for f in feed_list() if f.ownership == "state" and f.grade in "DE")
    found, _ = gather(web, rss(item("T", "BANGUI (Reuters) - Gunmen came.")), feeds=(state,))
    assert [r.origin for r in found] == [state.independence_group]


# ---------------------------------------------------------------- identity


def test_an_id_that_the_feed_states_is_kept_with_the_feeds_own_so_that_two_never_collide(web: Quiet) -> None:
    one, two = feed_list()[:2]
    found, _ = gather(web, RSS, RSS, feeds=(one, two))
    assert [r.external_id for r in found] == [f"{f.id} {n}" for f in (one, two) for n in ("n1", "n2")]
    assert [r.external_id for r in gather(web, RSS)[0]] == [f"{web.url}/0 n1", f"{web.url}/0 n2"]
    edited, _ = gather(web, RSS.replace("fled", "returned"), feeds=(one,))
    assert edited[0].external_id == found[0].external_id and edited[0].id != found[0].id


def test_an_id_that_is_missing_or_given_to_several_entries_is_none(web: Quiet) -> None:
    guids = ("<guid>x</guid>", "<guid>x</guid>", "<guid>y</guid>", "", f"<guid>{'z' * 5000}</guid>")
    found, _ = gather(web, rss(*(item(f"Title {n}", "", guid) for n, guid in enumerate(guids))))
    assert [r.external_id for r in found] == ["", "", f"{web.url}/0 y", "", ""]


def test_an_archived_feed_that_does_not_name_its_page_states_no_ids(tmp_path: Path) -> None:
    named, nameless = tmp_path / "a.xml", tmp_path / "b.xml"
    named.write_text(RSS, encoding="utf-8")
    nameless.write_text(RSS.replace("<link>https://body.example/</link>", ""), encoding="utf-8")
    assert records(named, name="feeds")[0][0].external_id == "https://body.example/ n1"
    assert records(nameless, name="feeds")[0][0].external_id == ""


def test_order_and_repetition_of_entries_change_nothing(web: Quiet) -> None:
    entries = [item(f"Title {n}", f"Words {n}", f"<guid>g{n}</guid>") for n in range(12)]
    shuffled = random.Random(7).sample([*entries, *entries[:5]], 17)
    first, _ = gather(web, rss(*entries))
    second, gathered = gather(web, rss(*shuffled))
    assert {(r.id, r.external_id) for r in first} == {(r.id, r.external_id) for r in second}
    assert len(second) == 12 and gathered.report.ignored == {"stands more than once in its feed": 5}


def test_one_entry_keeps_its_id_while_its_words_stay_the_same(web: Quiet) -> None:
    def ids(text: str) -> list[str]:
        return [r.id for r in gather(web, text)[0]]

    assert ids(RSS) == ids(RSS) and ids(RSS) != ids(RSS.replace("fled", "stayed"))


# ---------------------------------------------------------------- bad answers


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (503, "503"),
        (404, "404"),
        ("<!doctype html><html><title>Moved</title></html>", "is an HTML page, not a feed"),
        ("", "is empty"),
        (RSS[:-30], "is not well-formed XML"),
        (RSS.replace("fled", "fled\xe9").encode("latin-1"), "is not well-formed XML"),
        (RSS.replace("UTF-8", "x-none"), "is not well-formed XML"),
        (RSS.replace("fled", "fl\x00ed"), "is not well-formed XML"),
        (
            '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><rss><channel>'
            "<title>&b;</title></channel></rss>",
            "declares XML entities",
        ),
        ("<urlset/>", "is XML of the kind 'urlset'"),
        ('{"items": []}', "is not well-formed XML"),
        (b"\x1f\x8b\x08\x00broken", "is not well-formed XML"),
    ],
)
def test_a_bad_answer_ends_in_one_clear_line_and_the_other_feeds_go_on(
    web: Quiet, answer: Answer, reason: str
) -> None:
    found, gathered = gather(web, ATOM, answer, ATOM.replace("Words", "Others"))
    assert [r.text for r in found] == ["Words.", "Others."]
    [(where, why)] = gathered.report.unreadable
    assert where == f"{web.url}/1" and reason in why and "\n" not in why and where not in why
    assert gathered.report.stopped == "" and gathered.report.inputs == 3


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("https://www.body.example/n1", "http://[x/", "link 'http://[x/' is not an address"),
        ("Thu, 19 Nov 2026 08:00:00 +0200", "0001-01-01T00:00+14:00", "is not in the years 1800 to 2199"),
        ("Thu, 19 Nov 2026 08:00:00 +0200", "9999-12-31T23:59-14:00", "is not in the years 1800 to 2199"),
        ("Thu, 19 Nov 2026 08:00:00 +0200", "Mon, 01 Jan 0001 00:00:00 +1400", "the years 1800 to 2199"),
    ],
)
def test_one_bad_entry_is_refused_with_its_reason_and_the_others_are_read(
    web: Quiet, old: str, new: str, reason: str
) -> None:
    found, gathered = gather(web, RSS.replace(old, new), ATOM)
    assert [r.address for r in found] == ["n2", "https://other.example/1"]
    assert "'n1'" in gathered.report.refused[0][1] and reason in gathered.report.refused[0][1]


def test_a_date_that_nobody_can_read_is_no_date(web: Quiet) -> None:
    found, _ = gather(web, RSS.replace("Thu, 19 Nov 2026 08:00:00 +0200", "the day after"))
    assert found[0].published is None and str(found[0].known) == SEEN.isoformat()


def test_a_feed_of_a_thousand_strange_entries_is_read_whole_and_does_not_stop_the_others(web: Quiet) -> None:
    entries = (item(f"Title {n}", "Words. " * 20, f"<guid>{n}</guid>") for n in range(1000))
    sound = (item(f"Title {n}", "Words.", f"<link>https://a.example/{n}</link>") for n in range(600))
    few = [rss(*(next(sound) for _ in range(60))) for _ in range(10)]
    found, gathered = gather(web, rss(*entries), *few)
    assert len(found) == len({r.id for r in found}) == gathered.report.used == 1600


def test_a_feed_without_entries_is_told_and_is_no_failure(web: Quiet) -> None:
    _, gathered = gather(web, rss(), ATOM)
    assert any(f"{web.url}/0 holds no entries" in note for note in gathered.report.notes)


def test_a_listed_feed_that_fell_silent_is_told_with_its_last_day(web: Quiet) -> None:
    often, seldom = (replace(feed_list()[0], cadence_hours=hours) for hours in (1, 24))
    _, gathered = gather(web, RSS, RSS, feeds=(often, seldom))
    [note] = [note for note in gathered.report.notes if "last brought" in note]
    assert note.startswith(f"{web.url}/0 last brought something on 2026-11-19, expected every 1 hours")


def test_when_every_feed_fails_the_source_stops(web: Quiet) -> None:
    web.plan["0"] = [(503, b"", {})]
    gathered = next(Feeds((f"{web.url}/0",)).read(request(fetch=Stopped(guest(web)))))
    with pytest.raises(SourceStopped, match="0 rows, at least 1 expected"):
        list(gathered.records)
    assert gathered.report.stopped and gathered.report.refused_rows == 1


def test_feeds_that_have_gone_stale_stop_the_source_and_a_date_ahead_does_not_hide_it(web: Quiet) -> None:
    ahead = item("Ahead", "", "<pubDate>Thu, 19 Nov 2099 08:00:00 GMT</pubDate>")
    old = RSS.replace("2026 08:00", "2025 08:00").replace("</channel>", f"<item>{ahead}</item></channel>")
    with pytest.raises(SourceStopped, match="the newest row is 366 days old"):
        gather(web, old)


def test_offline_without_files_stops_and_a_single_bad_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(SourceStopped, match="offline, and no files were given"):
        list(next(Feeds().read(request(offline=True))).records)
    path = tmp_path / "f.xml"
    path.write_text("<html></html>", encoding="utf-8")
    with pytest.raises(InputError, match="is an HTML page, not a feed"):
        records(path, name="feeds")


# ---------------------------------------------------------------- asking


def test_the_second_request_carries_what_the_first_answer_gave_and_unchanged_is_no_failure(
    web: Quiet,
) -> None:
    where = f"{web.url}/0"
    tag = {"ETag": '"one"'}
    web.plan["0"] = [(200, RSS.encode(), tag), (304, b"", tag)]
    first = next(Feeds((where,)).read(request(fetch=Stopped(guest(web)))))
    list(first.records)
    again = replace(request(fetch=Stopped(guest(web))), validators=first.validators)
    second = next(Feeds((where,)).read(again))
    assert list(second.records) == []
    sent = {name.lower(): value for name, value in web.seen[-1][2].items()}
    assert sent["if-none-match"] == '"one"' and second.validators == first.validators
    assert f"{where} has not changed since the last run" in second.report.notes
    assert UNCHANGED in second.report.notes and NOTHING not in second.report.notes


def _refused(only: tuple[str, ...] = ()) -> list[str]:
    """The addresses that would be opened, from a fetcher that opens none."""
    asked = replace(request(fetch=GuardedFetcher(offline=True)), only=only)
    gathered = next(Feeds().read(asked))
    with pytest.raises(SourceStopped):
        list(gathered.records)
    return [where for where, _ in gathered.report.unreadable]


def test_all_seen_feeds_are_asked_and_one_that_nobody_has_seen_only_by_its_name() -> None:
    assert _refused() == [feed.address for feed in feed_list()]
    known, unseen = feed_list()[3], unchecked_feeds()[0]
    assert _refused((unseen.id, known.id)) == [unseen.address, known.address]
    with pytest.raises(UnknownId, match="did you mean crisis_group"):
        next(Feeds().read(replace(request(), only=("crisis_grup",))))


def test_what_was_published_before_the_day_asked_for_is_left_out(web: Quiet) -> None:
    web.plan["0"] = [(200, RSS.encode(), {})]
    asked = request(fetch=Stopped(guest(web)), since=date(2026, 11, 20))
    gathered = next(Feeds((f"{web.url}/0",)).read(asked))
    assert [r.address for r in gathered.records] == ["n2"]
    assert gathered.report.ignored == {"published before 2026-11-20": 1}


# ---------------------------------------------------------------- any feed

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=40)
DATES = st.one_of(
    TEXTS, st.datetimes().map(lambda d: d.isoformat()), st.just("Thu, 19 Nov 2026 08:00:00 GMT")
)
ENTRIES = st.lists(st.tuples(TEXTS, TEXTS, TEXTS, DATES, TEXTS), max_size=6)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ENTRIES, st.randoms(use_true_random=False))
def test_any_feed_is_accounted_for_in_full_whatever_its_order(
    tmp_path: Path, entries: list[tuple[str, ...]], chance: random.Random
) -> None:
    def made(some: list[tuple[str, ...]]) -> str:
        names = ("title", "description", "guid", "pubDate", "link")
        parts = ["".join(f"<{n}>{escape(v)}</{n}>" for n, v in zip(names, e, strict=True)) for e in some]
        return rss(*parts)

    path = tmp_path / "f.xml"
    seen: list[set[tuple[str, str]]] = []
    for order in (entries, chance.sample(entries, len(entries))):
        path.write_text(made(order), encoding="utf-8")
        found, gathered = records(path, name="feeds")
        report = gathered.report
        assert report.rows_read == len(entries)
        assert report.used == len(found) == len({r.id for r in found})
        seen.append({(r.id, r.external_id) for r in found})
    assert seen[0] == seen[1]


MANY = 200_000


@pytest.mark.parametrize(
    "inside",
    [
        "<![CDATA[" + "<!--" * MANY + "]]>",
        "<![CDATA[" + "<a " * MANY + "]]>",
        "&lt;" * MANY,
        "&lt;div&gt;" * 20_000,
        "<a>" * 20_000 + "</a>" * 20_000,
    ],
)
def test_markup_made_to_be_slow_is_read_like_any_other(inside: str) -> None:
    body = rss(f"<title>T</title><description>{inside}</description>").encode()
    assert [entry.title for entry in syndication(body, "f.xml").entries] == ["T"]


def test_an_element_of_very_many_attributes_is_refused_before_the_parser_sees_it() -> None:
    many = " ".join(f'a{n}="1"' for n in range(MANY))
    with pytest.raises(InputError, match="more than 200 attributes"):
        syndication(f"<rss {many}><channel/></rss>".encode(), "f.xml")


@settings(deadline=None)
@given(st.integers(0, len(RSS)), st.integers(0, len(RSS)), st.binary(max_size=8))
def test_a_feed_damaged_anywhere_is_read_or_is_one_clear_line(start: int, length: int, put: bytes) -> None:
    raw = RSS.encode()
    try:
        syndication(raw[:start] + put + raw[start + length :], "f.xml")
    except InputError as error:
        assert "\n" not in str(error) and str(error).startswith("f.xml")
