"""What the language model is asked, and how its words are found again in the text."""

import json
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.shared_data import shared
from tests.signals.model_server import MARKED
from tocsin.framework import framework
from tocsin.signals.endpoint import coder, quotes
from tocsin.signals.endpoint.prompt import boundary, prompt
from tocsin.signals.endpoint.quotes import SHORTEST, blanked, find, instructions
from tocsin.signals.rules.lexicon import languages

ENTRIES = [
    (language, entry)
    for language, entries in yaml.safe_load(quotes.FILE.read_text("utf-8"))["words"].items()
    for entry in entries
]


def test_the_prompt_names_every_factor_and_indicator_and_the_schema() -> None:
    said = prompt().system
    assert all(f"{f.code} {f.title}" in said for f in framework().factors)
    assert all(f"  {i.id} {i.label}\n" in said for i in framework().indicators)
    assert '"additionalProperties": false' in said and "$" not in re.sub(r"\$(ref|defs)", "", said)


def test_orders_are_known_in_every_language_of_the_rules() -> None:
    assert set(languages()) <= {language for language, _ in ENTRIES}


@pytest.mark.parametrize(("language", "entry"), ENTRIES)
def test_every_order_is_found_in_a_text_and_no_other_sentence_with_it(language: str, entry: str) -> None:
    order = entry.replace("*", "").upper() if language != "any" else entry.replace("*", "")
    text = f"Twelve people fled the town of Bor.\n\n{order}.\n\nRain fell."
    spans = instructions().spans(text)
    assert spans and instructions().cap <= 0.5
    left = blanked(text, spans)
    assert len(left) == len(text)
    assert " ".join(left.split()) == "Twelve people fled the town of Bor. Rain fell."


def test_no_passage_of_real_reports_is_taken_for_an_order() -> None:
    rows = shared("text/framework_dev.jsonl").read_text("utf-8").splitlines()[::10]
    texts = [json.loads(row)["text"] for row in rows]
    assert texts and not [text for text in texts if instructions().spans(text)]


@given(st.text())
def test_the_passage_comes_out_of_the_marks_as_it_went_in(text: str) -> None:
    user = prompt().messages(text)[1]["content"]
    found = MARKED.search(user)
    assert found and found[2] == text and boundary(text) not in text
    assert prompt().messages(text)[1]["content"] == user, "the same text is asked about in the same words"


WORDS = st.text(st.sampled_from("abc .é\n\t\u00a0دم")).filter(lambda text: text.strip())


@given(WORDS, WORDS, WORDS, st.sampled_from([" ", "\n", "\t  ", "\u00a0"]))
def test_a_part_of_the_text_is_found_whatever_its_white_space(
    before: str, part: str, after: str, space: str
) -> None:
    text = before + part + after
    span = find(space.join(part.split()), text)
    if sum(map(str.isalnum, part)) >= SHORTEST:
        assert span and text[slice(*span)].split() == part.split()
    else:
        assert span is None


@given(st.text(), st.text(max_size=40))
def test_what_is_found_is_the_texts_own_words(text: str, quote: str) -> None:
    span = find(quote, text)
    assert span is None or text[slice(*span)].split() == quote.split()


def test_the_version_changes_with_the_model_and_with_every_word_of_the_prompt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = coder.version("small")
    assert plain != coder.version("large") and plain.startswith(f"{prompt().version}.small.")
    monkeypatch.setattr(coder, "READER", "another")
    assert coder.version("small") != plain
