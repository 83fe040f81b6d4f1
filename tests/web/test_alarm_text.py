"""What the page of an alarm says in the reader's language."""

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from lxml import html

from tests.web.desk import MemoryActs, MemoryDesk, small_desk
from tocsin.alarms.bulletin import LANGUAGES
from tocsin.alarms.phrases import phrases
from tocsin.web.app import create_app

HOME = "http://127.0.0.1:8000"


@pytest.fixture
def desk() -> MemoryDesk:
    made = small_desk()
    measured = {"words.grave.origins": 2.0, "words.acute.origins": 1.0, "words.grave.strength": 0.6}
    made.raised[0] = replace(made.raised[0], measured=measured)
    return made


@pytest.fixture
def client(desk: MemoryDesk) -> TestClient:
    return TestClient(create_app(lambda run: desk, MemoryActs(desk), b"s" * 32), base_url=HOME)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_stands_in_the_language_that_was_asked_for(
    client: TestClient, desk: MemoryDesk, language: str
) -> None:
    page = html.document_fromstring(client.get(f"/alarm/{desk.raised[0].id}?lang={language}").text)
    (text,) = page.xpath("//section[@id='text']")
    voice = phrases(language)
    assert (text.get("lang"), text.get("dir")) == (language, voice.direction)
    assert next(h.text for h in text.xpath(".//h2")) == voice.say("titles.finding")
    others = page.xpath("//nav[@class='tongues']/a/@hreflang")
    assert {*others, language} == {*LANGUAGES}
    assert page.get("lang") == "en", "the frame stays English"


def test_an_unknown_language_is_english(client: TestClient, desk: MemoryDesk) -> None:
    page = html.document_fromstring(client.get(f"/alarm/{desk.raised[0].id}?lang=%3Cb%3E").text)
    assert page.xpath("//section[@id='text']/@lang") == ["en"]


def test_words_of_others_are_marked_escaped_and_quoted(client: TestClient, desk: MemoryDesk) -> None:
    page = html.document_fromstring(client.get(f"/alarm/{desk.raised[0].id}?lang=fr").text)
    (text,) = page.xpath("//section[@id='text']")
    assert "Armed men burned the market & the clinic." in text.xpath(".//span/text()")
    assert not text.xpath(".//b") and "<b>Bor</b>" in text.text_content()


def test_an_alarm_that_cannot_be_told_says_why_and_keeps_its_page(
    client: TestClient, desk: MemoryDesk
) -> None:
    desk.raised[0] = replace(desk.raised[0], measured={}, sentences=("This is genocide.",))
    page = client.get(f"/alarm/{desk.raised[0].id}")
    assert page.status_code == 200
    assert "The text cannot be told" in page.text and "states a crime as a fact" in page.text
