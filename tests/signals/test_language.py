"""What language and sentence finding promise: exact spans, and no guess about too little text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.signals.language import LONGEST, language, sentences


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The army shelled two villages and thousands of people fled across the river.", "en"),
        ("Des hommes armés ont attaqué un village et des milliers de personnes ont fui la région.", "fr"),
        (
            "Hombres armados atacaron una aldea y miles de personas huyeron de la zona hacia la frontera.",
            "es",
        ),
        ("Homens armados atacaram uma aldeia e milhares de pessoas fugiram para a fronteira.", "pt"),
        ("Вооружённые люди напали на деревню, тысячи жителей бежали за реку.", "ru"),
        ("هاجم مسلحون قرية وفر آلاف السكان من المنطقة إلى الحدود", "ar"),
        ("ሓይልታት ምክልኻል ኣብ ከተማ ኣኽሱም ሰላማዊ ሰባት ከም ዝቐተሉ ተሓቢሩ ኣሎ", "ti"),
        ("የመከላከያ ኃይሎች በአክሱም ከተማ ሰላማዊ ሰዎችን እንደገደሉ ተገለጸ አሁን", "am"),
    ],
)
def test_a_plain_sentence_is_given_its_language(text: str, code: str):
    assert language(text) == code


@pytest.mark.parametrize("text", ["", "Goma", "12 45 99 100 - 44 / 2014 +++", "ok ok!"])
def test_too_little_text_has_no_language(text: str):
    assert language(text) == ""


@given(st.text(max_size=400))
def test_spans_are_exact_in_order_and_lose_nothing_but_white_space(text: str):
    at, rest = 0, []
    for s in sentences(text):
        assert at <= s.start < s.end <= len(text)
        assert text[s.start : s.end] == text[s.start : s.end].strip()
        rest.append(text[at : s.start])
        at = s.end
    assert not "".join([*rest, text[at:]]).strip()


@given(st.text(alphabet="ab .!?\n\"'“”é😀", max_size=3000))
def test_no_sentence_is_longer_than_the_cap(text: str):
    assert all(s.end - s.start <= LONGEST for s in sentences(text))


def test_line_ends_part_paragraphs():
    parts = sentences("One here. Two here.\nThree here.\n\nFour here.")
    assert [s.paragraph for s in parts] == [0, 0, 1, 2]
