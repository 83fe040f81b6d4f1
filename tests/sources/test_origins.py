"""Who first said it: one voice is never counted as two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.sources.factsheet import feed_list, unchecked_feeds
from tocsin.sources.origins import DELIVERY, agency_domains, host_of, origin_of, registrable


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("en.x.org", "x.org"),
        ("fr.x.org", "x.org"),
        ("x.org", "x.org"),
        ("a.b.paper.co.uk", "paper.co.uk"),
        ("www.jornal.org.br", "jornal.org.br"),
        ("paper.co.uk", "paper.co.uk"),
        ("co.uk", "co.uk"),
        ("news.com.example", "com.example"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("localhost", "localhost"),
    ],
)
def test_sub_domains_fold_to_what_somebody_registered(host: str, domain: str) -> None:
    assert registrable(host) == domain


@pytest.mark.parametrize("url", ["http://[x/", "", "javascript:alert(1)", "https://", "ftp://x.org/"])
def test_what_is_no_web_address_has_no_host_and_no_origin(url: str) -> None:
    assert host_of(url) == origin_of(url) == ""


@given(st.text())
def test_any_text_after_the_scheme_has_a_host_or_none(text: str) -> None:
    assert isinstance(origin_of(f"http://{text}"), str)


def test_a_page_of_a_listed_publisher_has_the_origin_of_its_feed() -> None:
    for feed in (*feed_list(), *unchecked_feeds()):
        assert origin_of(feed.homepage) == feed.independence_group, feed.id
        if registrable(host_of(feed.address)) not in DELIVERY:
            assert origin_of(feed.address) == feed.independence_group, feed.id
    assert origin_of("https://fr.un.org/1") == origin_of("https://reliefweb.int/2") == "united_nations"


def test_two_listed_papers_under_one_domain_are_told_apart_by_host_and_a_stranger_there_is_neither() -> None:
    paper, checker, stranger = (
        "https://www1.folha.uol.com.br/1",
        "https://lupa.uol.com.br/1",
        "https://x.uol.com.br",
    )
    assert [origin_of(url) for url in (paper, checker, stranger)] == ["folha", "lupa", "uol.com.br"]


def test_who_delivers_feeds_for_others_does_not_speak_for_them() -> None:
    assert origin_of("https://feeds.feedburner.com/anybody") == "feedburner.com"


def test_media_of_one_state_are_one_origin_whatever_their_address() -> None:
    urls = ("https://tass.ru/1", "https://ria.ru/2", "https://www.rt.com/3", "https://sputnikglobe.com/4")
    assert {origin_of(url) for url in urls} == {"state_rus"}
    assert {origin_of(url) for url in ("https://www.xinhuanet.com/1", "https://news.cgtn.com/2")} == {
        "state_chn"
    }


def test_an_agency_that_is_a_listed_feed_too_has_one_origin() -> None:
    listed = {registrable(host_of(feed.homepage)): feed.independence_group for feed in feed_list()}
    both = {domain: group for domain, group in agency_domains().items() if domain in listed}
    assert len(both) > 8 and both == {domain: listed[domain] for domain in both}
