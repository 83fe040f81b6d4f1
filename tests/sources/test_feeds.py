"""The source `feeds`: entries from files and from the network, one feed's failure never another's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.sources.given import RECORDED, records, request
from tocsin.errors import FetchFailed, InputError, SourceStopped
from tocsin.net import Fetched, Validators
from tocsin.sources.contract import NOTHING, UNCHANGED
from tocsin.sources.factsheet import feed_list
from tocsin.sources.feeds.rss import Feeds, _origin
from tocsin.sources.readers.syndication import Channel
from tocsin.sources.record import Record

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
ONE, TWO = "https://body.example/rss", "https://other.example/atom"
NONE = Validators()
SEEN = datetime(2026, 11, 20, 12, 5, tzinfo=UTC)


class Web:
    """A stand-in for the far side: a body by address, or the failure to raise."""

    def __init__(self, answers: dict[str, str | Exception]) -> None:
        self.answers = answers
        self.sent: dict[str, Validators] = {}

    def fetch(self, url: str, validators: Validators = NONE) -> Fetched:
        self.sent[url] = validators
        answer = self.answers[url]
        if isinstance(answer, Exception):
            raise answer
        if validators.etag:
            return Fetched(url, 304, "", b"", validators, SEEN)
        return Fetched(url, 200, "application/xml", answer.encode(), Validators(f"tag of {url}"), SEEN)


def test_a_live_entry_is_known_when_published_and_else_when_we_had_it() -> None:
    gathered = next(Feeds((ONE, TWO)).read(request(fetch=Web({ONE: RSS, TWO: ATOM}))))
    found = list(gathered.records)
    assert [(r.address, str(r.known), r.backfilled) for r in found] == [
        ("https://www.body.example/n1", "2026-11-19T06:00:00+00:00", False),
        ("n2", SEEN.isoformat(), False),
        ("https://other.example/1", "2026-11-18", False),
    ]
    assert [r.origin for r in found] == ["body.example", "body.example", "other.example"]
    assert [r.language for r in found] == ["en", "en", ""]
    assert gathered.report.refused_rows == 1 and "neither title nor text" in gathered.report.refused[0][1]


def test_one_feed_is_one_voice_whatever_its_entries_link_to() -> None:
    many = RSS.replace("https://www.body.example/n1", "https://elsewhere.example/n1")
    assert {r.origin for r in _records(many)} == {"body.example"}
    listed = feed_list()[0]
    found = list(next(Feeds((listed.address,)).read(request(fetch=Web({listed.address: many})))).records)
    assert {r.origin for r in found} == {listed.independence_group}
    channel, hosted = Channel("A body", "https://body.example/", ()), replace(listed, independence_group="")
    assert _origin(hosted, channel, "https://platform.example/rss") == listed.publisher.casefold()


def test_a_file_that_names_no_feed_shares_one_origin_with_all_such_files(tmp_path: Path) -> None:
    path = tmp_path / "f.xml"
    nameless = RSS.replace("<title>A body</title><link>https://body.example/</link>", "")
    path.write_text(nameless, encoding="utf-8")
    assert {r.origin for r in records(path, name="feeds")[0]} == {"feeds:unstated"}


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
    old: str, new: str, reason: str
) -> None:
    gathered = next(Feeds((ONE, TWO)).read(request(fetch=Web({ONE: RSS.replace(old, new), TWO: ATOM}))))
    assert [r.address for r in gathered.records] == ["n2", "https://other.example/1"]
    assert "'n1'" in gathered.report.refused[0][1] and reason in gathered.report.refused[0][1]


def test_an_edited_entry_is_known_from_its_last_edit(tmp_path: Path) -> None:
    edited = ATOM.replace("<updated>", "<published>2026-11-10</published><updated>")
    live = list(next(Feeds((TWO,)).read(request(fetch=Web({TWO: edited})))).records)
    assert [(str(r.published), str(r.known), r.backfilled) for r in live] == [
        ("2026-11-10", "2026-11-18", False)
    ]
    path = tmp_path / "f.atom"
    path.write_text(edited, encoding="utf-8")
    assert str(records(path, name="feeds")[0][0].known) == "2026-11-18"
    ahead = edited.replace("2026-11-18", "2026-12-18")
    late = list(next(Feeds((TWO,)).read(request(fetch=Web({TWO: ahead})))).records)
    assert str(late[0].known) == SEEN.isoformat()


def test_markup_scripts_and_addresses_that_are_not_web_addresses_fall_away() -> None:
    found = list(next(Feeds((ONE,)).read(request(fetch=Web({ONE: RSS})))).records)
    assert found[0].text == "People fled." and "javascript" not in found[1].address


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


def test_a_feed_that_fails_is_named_and_the_others_go_on() -> None:
    page = "<!doctype html><html></html>"
    for failure in (FetchFailed(f"{ONE}: the server answered 503"), page):
        gathered = next(Feeds((ONE, TWO)).read(request(fetch=Web({ONE: failure, TWO: ATOM}))))
        assert len(list(gathered.records)) == 1
        assert [where for where, _ in gathered.report.unreadable] == [ONE]
        assert gathered.report.stopped == ""


def test_when_every_feed_fails_the_source_stops() -> None:
    gathered = next(Feeds((ONE,)).read(request(fetch=Web({ONE: FetchFailed("503")}))))
    with pytest.raises(SourceStopped, match="0 rows, at least 1 expected"):
        list(gathered.records)
    assert gathered.report.stopped and gathered.report.refused_rows == 1


def test_feeds_that_have_gone_stale_stop_the_source() -> None:
    old = RSS.replace("2026 08:00", "2025 08:00")
    with pytest.raises(SourceStopped, match="the newest row is 366 days old"):
        list(next(Feeds((ONE,)).read(request(fetch=Web({ONE: old})))).records)


def test_the_second_request_carries_what_the_first_answer_gave_and_unchanged_is_no_failure() -> None:
    web = Web({ONE: RSS})
    first = next(Feeds((ONE,)).read(request(fetch=web)))
    list(first.records)
    second = next(Feeds((ONE,)).read(replace(request(fetch=web), validators=first.validators)))
    assert list(second.records) == []
    assert web.sent[ONE].etag == f"tag of {ONE}" and second.validators == first.validators
    assert f"{ONE} has not changed since the last run" in second.report.notes
    assert UNCHANGED in second.report.notes and NOTHING not in second.report.notes


def test_one_entry_keeps_its_id_while_its_words_stay_the_same() -> None:
    def ids(text: str) -> list[str]:
        return [r.id for r in _records(text)]

    assert ids(RSS) == ids(RSS) and ids(RSS) != ids(RSS.replace("fled", "stayed"))


def _records(text: str) -> list[Record]:
    return list(next(Feeds((ONE,)).read(request(fetch=Web({ONE: text})))).records)


def test_offline_without_files_stops_and_a_single_bad_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(SourceStopped, match="offline, and no files were given"):
        list(next(Feeds((ONE,)).read(request(fetch=Web({}), offline=True))).records)
    path = tmp_path / "f.xml"
    path.write_text("<html></html>", encoding="utf-8")
    with pytest.raises(InputError, match="is an HTML page, not a feed"):
        records(path, name="feeds")


def test_an_entry_dated_after_we_had_it_is_known_when_we_had_it() -> None:
    ahead = RSS.replace("19 Nov 2026", "25 Nov 2026")
    assert _records(ahead)[0].known is not None
    assert str(_records(ahead)[0].known) == SEEN.isoformat() and RECORDED < SEEN
