"""The source `pages`: what an address brings, against a real server; what is no article is never one."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.net.server import Quiet, guest, serving
from tests.sources.given import RECORDED, request
from tests.sources.test_warc import entry, http
from tocsin.errors import InputError, SourceStopped
from tocsin.net import Validators
from tocsin.sources import Gathered, Record, sort_paths, source
from tocsin.sources.contract import UNCHANGED, Request, Wanted, merged
from tocsin.sources.feeds import pages
from tocsin.sources.readers.page import marked_up, page, shell
from tocsin.sources.withdrawal import Withdrawal
from tocsin.store.archive import Archive

LONG = " ".join(f"In sentence {n} people of the town tell what they saw." for n in range(60))
META = '<meta property="article:published_time" content="2026-11-18T08:00:00Z">'


def html(body: str = LONG, head: str = META, title: str = "A report") -> bytes:
    return (
        f'<html lang="en-GB"><head><title>{title}</title>{head}</head>'
        f"<body><article><h1>{title}</h1><p>{body}</p></article></body></html>"
    ).encode()


@pytest.fixture
def web() -> Iterator[Quiet]:
    with serving() as up:
        yield up


def plan(web: Quiet, path: str, *answers: tuple[int, bytes], **headers: str) -> str:
    """Plans the answers of a path, the last for ever. Gives the address."""
    kept = {"Content_Type": "text/html; charset=utf-8"} | headers
    web.plan[path] = [(status, body, kept) for status, body in answers]
    return f"{web.url}/{path}"


def asked(web: Quiet, *wanted: str | Wanted, **given: Any) -> Request:
    named = tuple(w if isinstance(w, Wanted) else Wanted(w) for w in wanted)
    return replace(request(fetch=guest(web)), pages=named, **given)


class Run:
    """All steps of one run, read to their ends."""

    def __init__(self, wanted: Request) -> None:
        self.steps: list[Gathered] = []
        self.records: list[Record] = []
        self.withdrawals: list[Withdrawal] = []
        for step in source("pages").read(wanted):
            self.records += step.records
            self.withdrawals += step.withdrawals
            self.steps.append(step)
        self.report = merged("pages", [step.report for step in self.steps])
        self.validators = {a: v for step in self.steps for a, v in step.validators.items()}
        self.cursor = {a: v for step in self.steps for a, v in step.cursor.items()}

    @property
    def refused(self) -> str:
        return self.report.refused[0][1]


def test_a_page_is_a_record_and_its_raw_answer_is_kept(web: Quiet, tmp_path: Path) -> None:
    address = plan(web, "a", (200, html()))
    run = Run(asked(web, f"{address}#part", keeper=Archive(tmp_path)))
    (found,) = run.records
    assert found.text.startswith("A report") or found.text.startswith("In sentence 0")
    assert (found.title, found.language, found.external_id, found.address) == (
        "A report",
        "en",
        address,
        address,
    )
    assert str(found.published) == str(found.known) == "2026-11-18T08:00:00+00:00"
    assert (found.origin, found.sensitivity, found.backfilled) == ("127.0.0.1", "public", False)
    assert Archive(tmp_path).faults({found.kept: found.raw_sha256}) == []


def test_the_record_that_named_a_page_says_who_speaks(web: Quiet) -> None:
    address = plan(web, "a", (200, html(head="")))
    wanted = Wanted(address, "a body", "own words", "internal", None)
    (found,) = Run(asked(web, wanted)).records
    assert (found.origin, found.licence, found.sensitivity) == ("a body", "own words", "internal")
    assert found.published is None and found.known and found.known.at > RECORDED, "known when we had it"


def test_state_media_that_credit_an_agency_stay_state_media(web: Quiet) -> None:
    address = plan(web, "a", (200, html(f"GENEVA, 18 November 2026 (AFP) - {LONG}")))
    (free,), (state,) = (
        Run(asked(web, Wanted(address, origin))).records for origin in ("a_paper", "state_xxa")
    )
    assert free.origin == "afp" and state.origin == "state_xxa"


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ("/other", "{base}/other"),
        ("https://elsewhere.example/a", "{base}/a"),
        ("{base}/", "{base}/a"),
        ("http://[x", "{base}/a"),
        ("", "{base}/a"),
    ],
)
def test_a_canonical_address_counts_within_the_publisher_alone(web: Quiet, stated: str, told: str) -> None:
    link = f'<link rel="canonical" href="{stated.format(base=web.url)}">'
    (found,) = Run(asked(web, plan(web, "a", (200, html(head=link + META))))).records
    assert found.address == told.format(base=web.url)


def test_a_page_asked_for_again_brings_nothing_until_its_words_change(web: Quiet) -> None:
    address = plan(
        web, "a", (200, html()), (200, html(head=META + "<!-- visitor 2 -->")), (200, html("New. " + LONG))
    )
    first = Run(asked(web, address))
    again = Run(asked(web, address, validators=first.validators))
    other = Run(asked(web, address, validators=first.validators))
    assert [r.id for r in again.records] == [first.records[0].id], "other bytes, the same words"
    (changed,) = other.records
    assert changed.id != first.records[0].id and changed.external_id == first.records[0].external_id
    assert changed.known and changed.known.at > RECORDED, "its words are not known from before we had them"


def test_an_unchanged_page_is_not_read(web: Quiet) -> None:
    run = Run(asked(web, f"{web.url}/plain", validators={f"{web.url}/plain": Validators('"one"')}))
    assert run.records == [] and UNCHANGED in run.report.notes and run.report.rows_read == 0


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_is_withdrawn_if_it_was_had(web: Quiet, status: int) -> None:
    address = plan(web, "a", (200, html()), (status, b""))
    had = Run(asked(web, address))
    gone = Run(asked(web, address, validators=had.validators))
    (withdrawal,) = gone.withdrawals
    assert (withdrawal.source, withdrawal.external_id, withdrawal.by) == ("pages", address, "127.0.0.1")
    assert str(status) in withdrawal.why and gone.report.refused_rows == 0
    never = Run(asked(web, address))
    assert never.withdrawals == [] and never.report.unreadable, "what was never had is not withdrawn"


@pytest.mark.parametrize("status", [401, 403, 418, 500])
def test_silence_and_other_failures_are_no_withdrawal(web: Quiet, status: int) -> None:
    address = plan(web, "a", (200, html()), (status, b""))
    had = Run(asked(web, address))
    run = Run(asked(web, address, validators=had.validators))
    assert run.withdrawals == [] and str(status) in run.report.unreadable[0][1]


def test_a_page_withheld_for_legal_reasons_is_said_as_such(web: Quiet) -> None:
    run = Run(asked(web, plan(web, "a", (451, b"")), plan(web, "b", (200, html()))))
    assert "legal reasons (451)" in run.refused and any("blocked is news" in n for n in run.report.notes)
    assert len(run.records) == 1 and run.withdrawals == []


def test_robots_txt_is_obeyed(web: Quiet) -> None:
    plan(web, "robots.txt", (200, b"User-agent: *\nDisallow: /private"), Content_Type="text/plain")
    run = Run(asked(web, plan(web, "private/a", (200, html())), plan(web, "b", (200, html()))))
    assert len(run.records) == 1 and "private/a" not in web.paths()
    assert run.report.ignored == {"robots.txt does not let programs read it": 1}


def test_what_is_no_page_is_ignored_by_name(web: Quiet) -> None:
    run = Run(asked(web, plan(web, "a", (200, b"%PDF-1.7"), Content_Type="application/pdf")))
    assert run.report.ignored == {"content type application/pdf is not read": 1}
    assert run.cursor == {f"{web.url}/a": "2026-11-20"}, "the attempt is remembered"


def test_plain_text_is_read(web: Quiet) -> None:
    words = "A title\nWords of a page.".encode("utf-16")
    (found,) = Run(asked(web, plan(web, "a", (200, words), Content_Type="text/plain"))).records
    assert (found.title, found.text) == ("A title", "A title\nWords of a page.")


SHELLS = {
    "JavaScript": html("", "<noscript>Please enable JavaScript to run this app.</noscript>", "App"),
    "person": html("Checking.", title="Just a moment..."),
    "consent": html("We value your privacy. We and our partners store data on your device."),
    "pay": html(LONG[:300] + " Subscribe to continue reading."),
    "pay ": html(LONG[:300], '<script type="application/ld+json">{"isAccessibleForFree": "False"}</script>'),
    "error page": html("The page you look for does not exist.", title="404 - Page not found"),
    "error page ": html("Страница удалена.", title="Страница не найдена"),
}


@pytest.mark.parametrize("kind", SHELLS)
def test_a_shell_with_status_200_is_refused_with_the_reason(web: Quiet, kind: str) -> None:
    run = Run(asked(web, plan(web, "a", (200, SHELLS[kind]))))
    assert run.records == [] and kind.strip() in run.refused
    assert run.validators == {}, "it is asked for whole the next time"


def test_an_article_that_speaks_of_such_things_is_taken(web: Quiet) -> None:
    words = f"They had to enable JavaScript, verify you are human, subscribe to continue reading. {LONG}"
    noscript = "<noscript>Please enable JavaScript.</noscript>"
    run = Run(asked(web, plan(web, "a", (200, html(words, META + noscript, "404 days of siege")))))
    assert len(run.records) == 1 and run.report.refused_rows == 0


@pytest.mark.parametrize(
    ("raw", "stated", "text"),
    [
        ("Привет мир".encode("cp1251"), "text/html; charset=windows-1251", "Привет мир"),
        ('<meta charset="koi8-r">Привет'.encode("koi8-r"), "text/html", '<meta charset="koi8-r">Привет'),
        ("“Quoted”".encode("cp1252"), 'text/html; charset="ISO-8859-1"', "“Quoted”"),
        ("مرحبا".encode("utf-16"), "text/html; charset=utf-8", "مرحبا"),
        ("\ufeffä".encode(), "text/html; charset=latin-1", "ä"),
    ],
)
def test_a_page_is_read_in_the_encoding_that_it_states(raw: bytes, stated: str, text: str) -> None:
    assert marked_up(raw, stated, "p") == text


@pytest.mark.parametrize("label", ["unicode_escape", "utf-7", "zlib", "iso-8859-99", "x"])
def test_an_encoding_that_is_none_is_refused(label: str) -> None:
    with pytest.raises(InputError, match="states the encoding"):
        marked_up(b"x", f"text/html; charset={label}", "p")


def test_a_page_that_is_not_in_its_encoding_is_refused(web: Quiet) -> None:
    run = Run(asked(web, plan(web, "a", (200, "Привет мир".encode("koi8-r")))))
    assert "is not in the encoding utf-8" in run.refused


def test_a_list_of_addresses_is_read_line_by_line(web: Quiet, tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text(f"# pages\n\n{plan(web, 'a', (200, html()))}\nnot an address\n", "utf-8")
    run = Run(asked(web, paths=(listed,)))
    assert len(run.records) == 1 and "'not an address' is not a web address" in run.refused
    assert "line 4" in run.report.refused[0][0]


def test_archived_pages_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    blocks = [
        entry(b"software: x\r\n", WARC_Type="warcinfo"),
        entry(http(html())),
        entry(http(html(head="")), WARC_Target_URI="https://body.example/b"),
        entry(http(b"", status="404 Not Found")),
        entry(http(), WARC_Payload_Digest="sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"),
    ]
    path.write_bytes(b"".join(map(gzip.compress, blocks)))
    assert sort_paths([path]) == {"pages": (path,)}
    run = Run(request(path))
    assert [(r.address, str(r.known), r.backfilled) for r in run.records] == [
        ("https://body.example/a", "2023-05-04T03:02:01+00:00", True),
        ("https://body.example/b", "2023-05-04T03:02:01+00:00", True),
    ], "what was changed or published after the capture is not in it"
    assert run.report.ignored == {"archived warcinfo": 1, "archived answer with status 404": 1}
    assert "do not match the digest" in run.refused
    assert run.withdrawals == [], "what was gone for others is not withdrawn here"


def test_a_cut_archive_stops_its_step_and_keeps_the_steps_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "BATCH", 2)
    path = tmp_path / "x.warc"
    blocks = [entry(http(html()), WARC_Target_URI=f"https://body.example/{n}") for n in range(3)]
    path.write_bytes(b"".join(blocks)[:-40])
    steps = source("pages").read(request(path))
    first = next(steps)
    assert len(list(first.records)) == 2 and not first.report.stopped
    second = next(steps)
    with pytest.raises(InputError, match="ends after"):
        list(second.records)
    assert second.report.stopped


def test_long_work_goes_in_steps(web: Quiet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "BATCH", 2)
    run = Run(asked(web, *(plan(web, f"p{n}", (200, html())) for n in range(5))))
    assert [step.report.used for step in run.steps] == [2, 2, 1]


def test_offline_and_strange_files_stop_the_source(tmp_path: Path) -> None:
    wanted = replace(request(offline=True), pages=(Wanted("https://body.example/a"),))
    with pytest.raises(SourceStopped, match="offline"):
        Run(wanted)
    (tmp_path / "a.pdf").write_bytes(b"")
    for path, why in ((tmp_path / "a.pdf", "no list of addresses"), (tmp_path / "none.txt", "no such file")):
        with pytest.raises(InputError, match=why):
            Run(request(path))


def test_no_page_at_all_is_an_empty_run_and_pages_before_since_are_left(web: Quiet) -> None:
    assert "says nothing about any place" in Run(asked(web)).report.notes[0]
    run = Run(asked(web, plan(web, "a", (200, html())), since=date(2026, 11, 19)))
    assert run.report.ignored == {"published before 2026-11-19": 1}


def test_a_future_date_is_not_used(web: Quiet) -> None:
    head = '<meta name="date" content="2031-01-01">'
    run = Run(asked(web, plan(web, "a", (200, html(head=head)))))
    assert run.records[0].published is None and "future date" in run.report.notes[0]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=200) | st.text(alphabet='<>/="pdivscrtm {}&#;x', max_size=200))
@example('<script type=\'application/ld+json\'>{"@graph": {"isAccessibleForFree": []}}</script>x')
def test_any_markup_is_a_page_or_an_error_of_the_house(markup: str) -> None:
    try:
        found = page(marked_up(markup.encode("utf-8", "surrogatepass"), "text/html", "p"), "p")
    except InputError:
        return
    assert found.text.strip() and isinstance(shell(found), str)


@settings(deadline=None)
@given(st.binary(max_size=200), st.text(max_size=40))
def test_any_bytes_are_characters_or_refused(raw: bytes, stated: str) -> None:
    try:
        assert isinstance(marked_up(raw, f"text/html; charset={stated}", "p"), str)
    except InputError:
        return
