"""What a letter promises: the bulletin and nothing else, on any screen, nothing fetched and nothing run."""

import re

import pytest
from lxml import html

from tests.alarms.told import WORDS, a_dossier, a_quote, an_alarm
from tocsin.alarms.alarm import Level
from tocsin.alarms.bulletin import LANGUAGES, Scope
from tocsin.alarms.mail import COLOURS, WIDTH, letter
from tocsin.alarms.phrases import phrases
from tocsin.alarms.telling import level_word, tell

HOSTILE = '<script>alert(1)</script> <img src="https://evil.example/x.png"> & "so" on'
every_language = pytest.mark.parametrize("language", LANGUAGES)


@every_language
def test_the_subject_has_level_place_and_id_and_no_words_of_others(language: str) -> None:
    dossier = a_dossier(quotes=(a_quote(words="unmistakable\r\nBcc: all@example.org"),))
    subject = letter(tell(dossier, language, Scope.PRIVATE)).subject
    for wanted in (level_word(Level.WARNING, language), dossier.names[language], dossier.alarm.id):
        assert wanted.casefold() in subject.casefold()
    assert "unmistakable" not in subject and "\n" not in subject and "\r" not in subject


@every_language
@pytest.mark.parametrize("scope", list(Scope))
def test_plain_text_is_wrapped_and_says_every_sentence(language: str, scope: Scope) -> None:
    bulletin = tell(a_dossier(), language, scope)
    plain = letter(bulletin).plain
    long = [line for line in plain.splitlines() if len(line) > WIDTH]
    assert [line for line in long if " " in line.strip()] == [], "only an address may be longer"
    unwrapped = " ".join(plain.split())
    for statement in bulletin.statements:
        assert " ".join(statement.text.split()) in unwrapped
    for id in {id for s in bulletin.statements for id in s.evidence}:
        assert re.search(rf"^  \d+\. {re.escape(id)}$", plain, re.M)
    assert "https://wire.example/1" in plain or scope is Scope.PUBLIC


@every_language
def test_html_names_its_language_and_direction_and_is_whole_in_itself(language: str) -> None:
    bulletin = tell(a_dossier(), language, Scope.PRIVATE)
    text = letter(bulletin).html
    page = html.document_fromstring(text)
    assert (page.get("lang"), page.get("dir")) == (language, phrases(language).direction)
    assert not page.xpath("//script | //img | //link | //style | //iframe | //form | //*[@src]")
    assert not re.search(r"url\(|@import|\son\w+=", text)
    assert [h.text for h in page.xpath("//h2")][:7] == list(bulletin.titles.values())
    assert WORDS in page.xpath("//span[@lang]/text()")
    links = {a.get("href") for a in page.xpath("//a")}
    assert {"https://wire.example/1", "https://wire.example/2"} <= links


def test_every_reference_leads_to_an_id_of_the_list() -> None:
    page = html.document_fromstring(letter(tell(a_dossier(), "en", Scope.PRIVATE)).html)
    ids = page.xpath("//ol/li")
    marks = [re.findall(r"\d+", mark) for mark in page.xpath("//small/text()")]
    assert marks and all(marks)
    assert max(int(n) for mark in marks for n in mark) == len(ids)


def test_many_ids_are_shown_as_a_run() -> None:
    alarm = an_alarm(reasons=tuple(f"sig-{n}" for n in range(1, 41)))
    plain = letter(
        tell(a_dossier(alarm, quotes=[a_quote(n) for n in range(1, 31)]), "en", Scope.PUBLIC)
    ).plain
    assert "[1-41]" in " ".join(plain.split())


@every_language
def test_hostile_words_are_text_and_a_hostile_address_is_no_link(language: str) -> None:
    quote = a_quote(words=HOSTILE, title=HOSTILE, url="javascript:alert(1)")
    made = letter(tell(a_dossier(quotes=(quote,), dissents=(HOSTILE,)), language, Scope.PRIVATE))
    page = html.document_fromstring(made.html)
    assert not page.xpath("//script | //img")
    assert not [a for a in page.xpath("//a/@href") if not a.startswith("https://")]
    assert "alert(1)" in page.text_content()


def test_every_level_has_a_colour_seen_on_white_and_on_black() -> None:
    def light(hex: str) -> float:
        parts = (int(hex[n : n + 2], 16) / 255 for n in (1, 3, 5))
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    assert set(COLOURS) == set(Level)
    for colour in COLOURS.values():
        assert 1.05 / (light(colour) + 0.05) >= 3, f"{colour} on white (WCAG 2.2, 1.4.11)"
        assert (light(colour) + 0.05) / 0.05 >= 3, f"{colour} on black"
