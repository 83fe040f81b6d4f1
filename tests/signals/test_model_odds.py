"""Promises of the probabilities that the model gives, of a passage and of a long document."""

from collections.abc import Callable
from functools import cache
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.signals.coder import LONGEST, read
from tocsin.signals.model import trained as module
from tocsin.signals.model.trained import HEADS, SIDES, TIMES, Glance, Odds, Trained, trained
from tocsin.signals.model.windows import LONG, WINDOW, odds_of
from tocsin.signals.rules.claims import matches
from tocsin.signals.rules.passage import passage
from tocsin.signals.signal import Relevance

MOST = 16
GRAVE = (
    "Soldiers surrounded the village of Pibor in South Sudan before dawn on Monday and shot at least thirty "
    "people who tried to flee, survivors said. Houses were burned with families inside, and the bodies of "
    "women and children lay along the road. Hundreds of families have fled since, and an officer told those "
    "who were left that everyone of their people would be killed if they came back.\n\n"
)
DULL = (
    "The orchard committee met on Tuesday to choose the apples for the autumn fair.",
    "A new path of gravel now leads from the pond to the glass house, and the bench was painted green.",
    "Members agreed that the choir should sing two songs and that tea would be served at four.",
    "The library lends seeds to anyone who promises to return a handful after the harvest.",
)
WHO = "the gardener|the choir|our baker|the librarian|a neighbour|the carpenter|the schoolmaster|the ferryman"
DID = "painted|measured|admired|described|repaired|borrowed|polished|sketched|praised|carried"
WHAT = "a wooden bench|the green gate|two ripe pears|an old piano|the village clock|ripe plums|a blue kite"
WHEN = "before lunch|on a warm evening|after the concert|early in spring|between two showers|during the fair"
WHY = "for the museum|with great care|and everyone was pleased|near the quiet pond|as a gift to the library"
SAID = {
    "attack": "Soldiers shot nine farmers at a market on Monday and burned three villages, witnesses said.",
    "law": "The parliament adopted a law that lets the police hold suspects for thirty days without a judge.",
    "past": "In 1994 hundreds of thousands were killed in a genocide; the country mourned them on Sunday.",
    "sport": "The team won the final on Saturday, and the coach praised a young goalkeeper.",
    "attaque": "Des hommes armés ont tué douze habitants d'un village dimanche et incendié le marché.",
    "обстрел": "При обстреле больницы в четверг погибли семь человек, сообщили врачи.",
    "short": "Yes.",
    "nothing": "",
}


def odds(text: str, language: str = "") -> Odds:
    doc = passage(text, language)
    return odds_of(doc, [matches(part) for part in doc.parts])


@cache
def dull(length: int) -> str:
    """Paragraphs of ordinary village news, hardly two sentences alike, of a number of characters."""
    draw, lines, size = Random(length), [], 0
    while size < length:
        said = [
            " ".join(draw.choice(part.split("|")) for part in (WHO, DID, WHAT, WHEN, WHY)) for _ in range(4)
        ]
        lines.append(" ".join(f"{sentence[0].upper()}{sentence[1:]}." for sentence in said) + "\n\n")
        size += len(lines[-1])
    return "".join(lines)[:length]


@cache
def buried() -> str:
    return dull(30_000) + "\n\n" + GRAVE + dull(30_001)


@pytest.mark.parametrize("name", SAID)
def test_every_head_has_a_probability_and_the_same_text_the_same_ones(name: str) -> None:
    found = odds(SAID[name])
    assert found.keys() == set(HEADS)
    assert all(0 < p < 1 for p in found.values())
    assert odds(SAID[name]) == found


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=200))
def test_any_text_has_probabilities(text: str) -> None:
    found = odds(text)
    assert found.keys() == set(HEADS) and all(0 <= p <= 1 for p in found.values())


def test_what_says_more_of_violence_reads_more_like_a_signal() -> None:
    attack, law, sport = odds(SAID["attack"]), odds(SAID["law"]), odds(SAID["sport"])
    assert attack["signal"] > 0.6 > 0.2 > sport["signal"]
    assert attack["signal"] > law["signal"] > sport["signal"]
    assert attack["atrocity"] > 10 * sport["atrocity"]
    assert sport["none"] > 0.6 > attack["none"]
    assert odds(SAID["attaque"], "fr")["signal"] > 0.5 and odds(SAID["обстрел"], "ru")["signal"] > 0.5


def test_the_past_reads_as_past_and_the_present_as_present() -> None:
    assert odds(SAID["past"])["time:past"] > 2 * odds(SAID["attack"])["time:past"]
    assert odds(SAID["attack"])["time:present"] > 0.6 > odds(SAID["past"])["time:present"]


def test_an_atrocity_is_no_likelier_by_far_than_a_signal() -> None:
    for text in SAID.values():
        found = odds(text)
        assert found["atrocity"] <= found["signal"] + 0.05, text


def test_a_text_without_a_word_of_violence_or_need_has_at_most_the_share_of_such_texts() -> None:
    model = trained()
    risky = [head for head in HEADS if head in ("signal", "atrocity") or head.startswith("RF")]
    for text in ("", "...", "12 13 14", *DULL):
        found = odds(text)
        assert all(found[head] <= model.unfounded for head in risky), text
        assert found["none"] >= 1 - model.unfounded
    assert 0 < model.unfounded < 0.1


def refuse(*_: object) -> np.ndarray:
    raise AssertionError("encoded")


def test_a_passage_that_the_quick_readers_are_sure_of_is_not_encoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "vector", refuse)
    text = "The team won the final after a long fight; the coach said that nobody was hurt."
    assert odds(text)["signal"] <= trained().clear
    assert odds("")["signal"] <= trained().unfounded
    with pytest.raises(AssertionError, match="encoded"):
        odds(SAID["attack"])


def test_what_the_quick_readers_leave_out_could_hardly_have_been_a_signal() -> None:
    model = trained()
    assert all(0 < model.clear < model.cut("signal", language) for language in ("en", "fr", ""))


def test_every_language_is_of_one_of_two_groups_each_with_all_scales_and_cuts() -> None:
    model = trained()
    for reading in ("quick", "full"):
        for group in ("english", "other"):
            scale, shift = model.scales[reading][group]
            assert len(scale) == len(shift) == len(HEADS)
            assert (scale > 0).all() and np.isfinite(shift).all()
    decided = [h for h in HEADS if ":" not in h]
    assert all(0 < model.cut(head, language) < 1 for head in decided for language in ("en", "sw", ""))
    assert model.cut("signal", "") == model.cut("signal", "en")
    assert set(model.leans) == {f"time:{t}" for t in TIMES} | {f"by:{s}" for s in SIDES}


def test_the_likeliest_is_a_probability_after_its_lean() -> None:
    model = trained()
    even = {f"time:{t}": 0.5 for t in TIMES}
    assert model.likeliest(even, "time", TIMES) == max(TIMES, key=lambda t: model.leans[f"time:{t}"])
    for time in TIMES:
        assert model.likeliest({**dict.fromkeys(even, 0.0), f"time:{time}": 1.0}, "time", TIMES) == time


def test_one_grave_paragraph_is_found_in_a_long_dull_document() -> None:
    assert odds(dull(60_000))["signal"] < 0.2
    found = read("x", buried())
    assert found.relevance in (Relevance.SIGNAL, Relevance.ATROCITY)
    assert found.score > 0.5 * odds(GRAVE)["signal"]
    assert found.factors_present and any(buried()[c.start : c.end] in GRAVE for c in found.claims)


def test_it_does_not_matter_where_in_a_long_document_the_grave_paragraph_stands() -> None:
    half = dull(8_000)
    least = trained().cut("signal", "en")
    for text in (GRAVE + half + half, half + GRAVE + half, half + half + GRAVE):
        assert odds(text, "en")["signal"] >= least


def read_by(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of the texts that the model is asked about from now on."""
    asked: list[int] = []
    ask: Callable[..., Glance] = Trained.glance

    def counting(model: Trained, doc: object, found: object) -> Glance:
        asked.append(len(doc.text))  # type: ignore[attr-defined]
        return ask(model, doc, found)

    monkeypatch.setattr(Trained, "glance", counting)
    return asked


def test_a_document_up_to_the_limit_is_read_at_once_and_one_more_character_makes_windows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = read_by(monkeypatch)
    text = dull(LONG + 1)
    odds(text[:LONG])
    assert asked == [LONG]
    asked.clear()
    odds(text)
    assert asked and all(length <= WINDOW for length in asked)


@pytest.mark.parametrize(
    "text", [GRAVE * 400, "Soldiers shot a man. " * 10_000, "word " * 50_000, "x" * 250_000]
)
def test_the_longest_text_is_read_in_a_bounded_number_of_windows(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = read_by(monkeypatch)
    doc = passage(text[:LONGEST], "en")
    odds_of(doc, [matches(part) for part in doc.parts])
    assert 1 <= len(asked) <= MOST


def test_windows_are_of_about_the_length_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = read_by(monkeypatch)
    odds(dull(30_000), "en")
    assert asked and max(asked) <= WINDOW
    assert sum(length < WINDOW / 2 for length in asked) <= 1
