"""Who first said it: one voice is never counted as two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.sources.factsheet import feed_list
from tocsin.sources.origins import host_of, origin_of, registrable


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
    for feed in feed_list():
        assert origin_of(feed.homepage) == origin_of(feed.address) == feed.independence_group
    assert origin_of("https://fr.un.org/1") == origin_of("https://reliefweb.int/2") == "united_nations"
