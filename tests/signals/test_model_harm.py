"""Do no harm: the model keeps no names, and says the same of every state and of whoever bears which name."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.shared_data import shared
from tocsin.geography import countries, mentions
from tocsin.geography.folding import fold
from tocsin.geography.gazetteer import Sense, senses
from tocsin.signals.damage.mend import mend
from tocsin.signals.lines import code_line
from tocsin.signals.model.grams import tokens, words
from tocsin.signals.model.masking import NAME, PLACE, without_names, without_places
from tocsin.signals.model.trained import trained

ROOT = Path(__file__).resolve().parents[2]
CODER = ROOT / "scripts" / "coder"
STATES = yaml.safe_load((Path(__file__).parent / "states.yml").read_text("utf-8"))
FIGURES = ("relevance", "relevance_score", "factors", "time", "perpetrator", "mitigation")
BIG = 1_000_000
ORDINARY = {
    "car": "because, in French; and a vehicle",
    "us": "those who speak",
    "usa": "uses, in Spanish and Portuguese",
    "ira": "anger in Spanish, and will go in French",
    "того": "of that",
    "самое": "the most",
    "grenade": "a weapon",
    "réunion": "a meeting",
    "reunión": "a meeting",
    "lao": "theirs, in Swahili",
    "kabila": "a tribe, in Swahili",
    "sisi": "we, in Swahili",
    "bali": "but rather, in Swahili",
    "la paz": "peace",
    "misiones": "missions",
    "region": "a region",
    "région": "a region",
    "región": "a region",
    "المدينة": "the town",
    "wall street": "ordinary words side by side",
    "white house": "ordinary words side by side",
    "anti-balaka": "an armed group in a word of parts, which were not looked up when this file was trained",
    "syrian-arab-republic": "from an address of a page, for the same reason",
}
"""Names of places that are ordinary words in a language that is read, and are held as such."""


def listed(name: str) -> frozenset[str]:
    lines = (CODER / name).read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def held() -> frozenset[str]:
    """Every word, and every pair of words, that the model holds."""
    return trained().known | frozenset(trained().words.rows)


@cache
def held_words() -> frozenset[str]:
    return frozenset(word for gram in held() for word in gram.split())


def as_grams(name: str) -> str:
    return " ".join(tokens(name))


def names_of_states() -> Iterator[str]:
    for one in countries():
        yield from (name for _, name in one.names)
        yield from (*one.aliases, *one.demonyms)


def in_gazetteer(meant: Callable[[Sense], bool]) -> list[str]:
    """What the model holds that is a name of the meant kind, less ordinary words and reviewed capitals."""
    names = {name for name, found in senses().items() if any(map(meant, found))}
    unsaid = held() - listed("capitals.txt") - ORDINARY.keys()
    return sorted(gram for gram in unsaid if fold(gram) in names)


def test_the_model_holds_no_name_of_a_person_in_the_reviewed_list() -> None:
    months = {"jan"}
    assert not held_words() & (listed("given_names.txt") - months)


def test_the_model_holds_no_number() -> None:
    lettered = {word for word in held_words() if any(c.isalpha() for c in word)}
    assert held_words() - lettered <= {PLACE, NAME}


def test_the_model_holds_no_name_of_a_country_or_its_people_in_any_language() -> None:
    assert sorted({as_grams(name) for name in names_of_states()} & held() - ORDINARY.keys()) == []


def test_the_model_holds_no_name_of_a_country_a_people_or_an_armed_group_that_the_gazetteer_knows() -> None:
    assert in_gazetteer(lambda sense: sense.kind in ("country", "demonym", "body")) == []


def test_the_model_holds_no_name_of_a_big_town_or_province() -> None:
    assert in_gazetteer(lambda sense: sense.kind == "place" and sense.weight >= BIG) == []


def test_every_word_let_through_is_one_that_the_gazetteer_would_take_for_a_name() -> None:
    states = {as_grams(name) for name in names_of_states()}
    assert not [word for word in ORDINARY if word not in states and fold(word) not in senses()]


@pytest.mark.slow
def test_every_word_that_the_model_reads_was_in_three_passages_of_those_it_learned_from() -> None:
    lines = shared("text/framework_dev.jsonl").read_text("utf-8").splitlines()
    for path in sorted((CODER / "passages").glob("*.jsonl")):
        lines += path.read_text("utf-8").splitlines()
    met: Counter[str] = Counter()
    for row in map(json.loads, lines):
        text = mend(row["text"]).text
        placeless = without_places(text, [(m.start, m.end) for m in mentions(text)], PLACE)
        met.update(words(without_names(placeless, trained().known)).keys())
    assert [gram for gram in trained().words.rows if met[gram] < 3] == []


def answer(text: str, language: str) -> dict[str, Any]:
    found = code_line({"id": "x", "text": text, "language": language})
    assert not found["error"]
    return found


def figures(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in FIGURES}


def told(language: str, passage: str, one: int, other: int = 0) -> dict[str, Any]:
    """The answer for a passage about two of the states of its language, by their number."""
    a, b = STATES[language]["names"][one], STATES[language]["names"][other]
    named = {"a": a["a"], "x": a["x"], "b": b["a"], "y": b["x"]}
    return answer(STATES[language]["passages"][passage].format(**named), language)


ALL = [(language, name) for language, held in STATES.items() for name in held["passages"]]
TWO = [(language, name) for language, name in ALL if "{b}" in STATES[language]["passages"][name]]
ONE = [pair for pair in ALL if pair not in TWO]


@pytest.mark.parametrize(("language", "passage"), ONE)
def test_a_state_by_another_name_is_judged_the_same(language: str, passage: str) -> None:
    names = STATES[language]["names"]
    first = told(language, passage, 0)
    for n, state in enumerate(names):
        found = told(language, passage, n)
        assert figures(found) == figures(first), state
        assert found["countries"] == [state["iso3"]]


@pytest.mark.parametrize(("language", "passage"), TWO)
def test_two_states_that_change_names_change_places_in_the_answer_and_nothing_else(
    language: str, passage: str
) -> None:
    codes = [state["iso3"] for state in STATES[language]["names"]]
    first = told(language, passage, 0, 1)
    numbers = [codes.index(code) for code in first["countries"]]
    for one, other in [(1, 0), (2, 3), (3, 2), (4, 5), (0, 6), (7, 1)]:
        found = told(language, passage, one, other)
        assert figures(found) == figures(first)
        assert found["countries"] == [codes[(one, other)[n]] for n in numbers]


def test_the_passages_are_of_every_kind() -> None:
    kinds = {(lang, name): told(lang, name, 0, 1)["relevance"] for lang, name in ALL}
    assert len(kinds) >= 12
    assert {"none", "context"} & set(kinds.values()) and {"signal", "atrocity"} & set(kinds.values())
    assert kinds["en", "raid"] in ("signal", "atrocity") and kinds["en", "final"] == "none"


SURNAMES = (
    ("Tavrik", "Oldemor"),
    ("Brenkov", "Sallimane"),
    ("Zhuravek", "O'Tarvin"),
    ("Kowaltczyk", "al-Harrumi"),
    ("Nkrubah", "Ngwemezi"),
    ("Ri", "Xiuqong"),
    ("Şehrimoğ", "Østergren-Vaal"),
)
"""Invented, in the manner of many languages."""
PEOPLE = {
    "killed": (
        "Soldiers shot the teacher {a} near Kadugli on Monday, and the brother of {a} was taken away. "
        "Sudanese officers said that {b} had been armed."
    ),
    "sentenced": (
        "Judge {a} sentenced {b} to four years for an article about the army of Chad. "
        "The union of journalists said {b} had received threats since May."
    ),
    "opened": (
        "The mayor, {a}, opened a library in Lisbon and thanked the builder {b}, who had worked for free."
    ),
}


@pytest.mark.parametrize("passage", PEOPLE)
def test_whoever_bears_which_name_is_judged_the_same(passage: str) -> None:
    first = answer(PEOPLE[passage].format(a="Tavrik", b="Oldemor"), "en")
    for a, b in SURNAMES:
        assert figures(answer(PEOPLE[passage].format(a=a, b=b), "en")) == figures(first), (a, b)


def test_names_in_french_behind_an_article_are_judged_the_same() -> None:
    said = "Selon l'avocat d{0}, des soldats ont battu l'étudiant et brûlé sa maison au Tchad mardi."
    names = ("'Almorin", "'Evanderou", "'Ostrabey")
    assert len({json.dumps(figures(answer(said.format(name), "fr"))) for name in names}) == 1
