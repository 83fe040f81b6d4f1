"""What the marks of dangerous speech promise: in seven languages, and told apart from what looks alike."""

from __future__ import annotations

import re
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.errors import InputError, UnknownId
from tocsin.framework import framework
from tocsin.signals.language import sentences
from tocsin.signals.rules.lexicon import fold
from tocsin.signals.rules.passage import Part, Passage, passage
from tocsin.signals.speech.claims import with_speech
from tocsin.signals.speech.hallmarks import hallmark, hallmarks, table
from tocsin.signals.speech.marks import OFFICES, SpeechMark, speech
from tocsin.signals.speech.patterns import languages, rules, vocabulary

SENTENCES = yaml.safe_load(Path(__file__).with_name("speech.yml").read_text("utf-8"))
MORE = yaml.safe_load(Path(__file__).with_name("speech_more.yml").read_text("utf-8"))
FOUND, FALSE = 0.95, 0.0
"""Floors: the share of the further sentences whose hallmark is found, and of the others that bear a mark."""
SEVEN = ("ar", "en", "es", "fr", "pt", "ru", "sw")
SLURS = frozenset(Path(__file__).with_name("slurs.sha256").read_text("utf-8").split())
"""The first 16 digits of the SHA-256 of words of abuse in several languages: the words are nowhere here."""
GIVEN_NAMES = {
    *("mohamed", "mohammed", "muhammad", "ahmed", "hassan", "hussein", "fatima", "aisha", "omar"),
    *("ibrahim", "abdullah", "jose", "juan", "carlos", "maria", "pedro", "pierre", "michel"),
    *("marie", "jacques", "ivan", "olga", "vladimir", "sergei", "dmitri", "natalia", "john"),
    *("david", "james", "robert", "william", "joseph", "emmanuel", "samuel", "daniel", "aung"),
    *("kyaw", "slobodan", "radovan", "ratko"),
}


def marks(text: str, language: str = "en", *coded: str) -> tuple[SpeechMark, ...]:
    return speech(passage(text, language), coded)


def codes(text: str, language: str = "en", *coded: str) -> list[str]:
    return [mark.code for mark in marks(text, language, *coded)]


def rows(kind: str) -> list[Any]:
    return [
        pytest.param(name, language, text, id=f"{name}-{language}")
        for name, said in SENTENCES[kind].items()
        for language, text in said.items()
    ]


@pytest.mark.parametrize(("code", "language", "text"), rows("shown"))
def test_each_hallmark_is_shown_in_each_language_with_its_stance(code: str, language: str, text: str) -> None:
    assert code in codes(text, language)


@pytest.mark.parametrize(("trap", "language", "text"), rows("nothing"))
def test_what_only_looks_alike_bears_no_mark(trap: str, language: str, text: str) -> None:
    assert not codes(text, language)


def test_the_floor_of_what_is_found_and_of_false_marks_on_further_sentences() -> None:
    shown = [(want, codes(text, language)) for language, want, text in MORE["shown"]]
    missed = [want for want, got in shown if not any(code.startswith(want) for code in got)]
    false = [text for language, _, text in MORE["nothing"] if codes(text, language)]
    assert len(shown) > 180 and len(MORE["nothing"]) > 80
    assert 1 - len(missed) / len(shown) >= FOUND, missed
    assert len(false) / len(MORE["nothing"]) <= FALSE, false


@pytest.mark.parametrize("language", SEVEN)
def test_every_class_is_read_in_every_language_or_said_to_be_unknowable(language: str) -> None:
    shown = {code.partition(":")[0] for code, said in SENTENCES["shown"].items() if language in said}
    for id, one in hallmarks().items():
        assert (id in shown) is not bool(one.unknowable)


def test_languages_of_the_words_and_of_these_tests_are_the_same_seven() -> None:
    assert languages() == SEVEN
    assert all(set(said) == set(SEVEN) for kind in SENTENCES.values() for said in kind.values())


def test_every_concept_of_a_pattern_has_words_in_the_languages_it_serves() -> None:
    for language in SEVEN:
        words = vocabulary(language)
        assert words is not None
        for pattern in rules().patterns:
            if not pattern.languages or language in pattern.languages:
                for group in pattern.groups:
                    assert group & (words.every.concepts | {"demonym", "order"}), (language, pattern)
                for name in pattern.unless | pattern.not_with | pattern.not_between:
                    assert name in words.every.concepts, (language, name)


def test_coded_speech_is_unknown_until_a_deployment_has_an_entry() -> None:
    text = "Tonight we prune the orchard by the river, the presenter told listeners."
    assert hallmark("H13").unknowable and not codes(text)
    assert codes(text, "en", "Prune the orchard") == ["H13:reported"]
    assert not codes("Pruning the orchards is hard work.", "en", "prune the orchard")


STANCES = [
    ("The highlanders are vermin.", "H1:own", "unknown", ""),
    ("The radio said that the highlanders are vermin.", "H1:reported", "media", "radio"),
    ("“The highlanders are vermin”", "H1:reported", "unknown", ""),
    ("A leaflet called the highlanders vermin.", "H1:reported", "anonymous", "leaflet"),
    ("The bishop rejected calls to kill the highlanders.", "H12:countered", "religious figure", "bishop"),
    ("The highlanders are not vermin.", "H1:countered", "unknown", ""),
    (
        "Nobody deserves to be called vermin, and the highlanders are not vermin.",
        "H1:countered",
        "unknown",
        "",
    ),
    ("I say that the highlanders are vermin.", "H1:own", "unknown", ""),
    ("Historians write that highlanders were called vermin on the radio.", "H1:academic", "media", "radio"),
    ("The mayor denounces the migrants as parasites.", "H1:reported", "official", "mayor"),
]


@pytest.mark.parametrize(("text", "code", "speaker", "office"), STANCES)
def test_the_stance_and_the_office_of_the_speaker(text: str, code: str, speaker: str, office: str) -> None:
    (mark,) = marks(text)
    assert (mark.code, mark.speaker, mark.office) == (code, speaker, office)


@pytest.mark.parametrize("marks_of", ["“{}” {}", "'{}' {}", '"{}" {}', "«{}» {}", "„{}” {}"])
def test_what_stands_in_quotation_marks_is_reported_and_what_follows_is_not(marks_of: str) -> None:
    text = marks_of.format("Hear me. The highlanders are vermin.", "\n\nThe highlanders are snakes.")
    assert codes(text) == ["H1:reported", "H1:own"]
    text = marks_of.format("Peace now.", "The highlanders are snakes.")
    assert codes(text) == ["H1:own"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Attackers must be brought to court, and nobody should kill the highlanders.", "H12:own"),
        ("Do not kill the highlanders.", "H12:own"),
        ("The highlanders must not be expelled.", "H11:own"),
        ("Do not deport the migrants.", "H11:own"),
        ("The genocide happened, and it is not a lie.", "H14:own"),
    ],
)
def test_a_plea_against_violence_is_never_read_as_a_call_for_it(text: str, code: str) -> None:
    assert code not in codes(text)


def test_a_nationality_names_people_only_in_the_form_that_does() -> None:
    assert codes("The Kenyans are vermin.") == ["H1:own"]
    assert not codes("The Kenyan fields are full of vermin and rats.")


def test_victims_who_are_quoted_do_not_accuse_and_an_announcer_does() -> None:
    assert not codes("“They told us that they were coming to kill us all,” she said.")
    assert codes("“They are coming to kill us all,” the radio presenter said.") == ["H2:reported"]


def test_accusation_in_a_mirror_needs_no_word_of_abuse() -> None:
    (mark,) = marks("The minority is planning to massacre the majority on Friday, the minister warned.")
    assert (mark.code, mark.target, mark.severity) == ("H2:reported", "ethnic", 3)


def test_nothing_is_said_in_a_language_without_words() -> None:
    assert not codes("Die Hochlandbewohner sind Ungeziefer und müssen alle sterben.", "de")


# What is kept, and what never is.


def test_every_hallmark_is_whole_and_speaks_to_the_framework() -> None:
    assert list(hallmarks()) == [f"H{n}" for n in range(1, 17)]
    for one in hallmarks().values():
        assert 1 <= one.severity <= 4 and one.gist and one.questions and one.traps
        assert all(framework().indicator(id) for id in one.indicators)
        assert framework().indicator(one.indicators[0]).factor in one.risk_factors
    assert [row["id"] for row in table()["counter_classes"]] == ["N1", "N2", "N3", "N4", "N5"]
    assert len(table()["five_part_context"]) == 5 and len(table()["rabat_six"]) == 6
    with pytest.raises(UnknownId):
        hallmark("H99:own")


@cache
def tokens(path: Path) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", fold(path.read_text("utf-8"))))


def data(*endings: str) -> list[Path]:
    return [path for path in Path(str(files("tocsin"))).rglob("*") if path.suffix in endings]


def test_no_word_of_abuse_is_stored_in_any_data_file() -> None:
    texts = data(".yml", ".yaml", ".json", ".tsv", ".csv", ".txt", ".md", ".html")
    assert len(texts) > 60 and len(SLURS) > 20
    for path in (*texts, *Path(__file__).parent.glob("speech*.yml")):
        for word in tokens(path):
            for form in (word, word.removesuffix("s")):
                assert sha256(form.encode()).hexdigest()[:16] not in SLURS, path


def test_no_person_is_named_in_the_reviewed_data() -> None:
    for path in data(".yml", ".yaml"):
        assert not tokens(path) & GIVEN_NAMES, path


def test_a_speaker_is_a_word_for_an_office_and_never_a_name() -> None:
    known = {row["kind"] for row in rules().speakers.values()} | {"unknown"}
    assert known > OFFICES
    (mark,) = marks("Governor Abel Testperson told the crowd that the highlanders are vermin.")
    assert (mark.office, mark.speaker) == ("Governor", "official")
    assert "Testperson" not in " ".join(str(value) for value in asdict(mark).values())
    for said in SENTENCES["shown"].values():
        for language, text in said.items():
            for mark in marks(text, language):
                assert mark.speaker in known
                assert not mark.office or is_office(mark.office, language)


def is_office(word: str, language: str) -> bool:
    words = vocabulary(language)
    assert words is not None
    return any(hit.concept in rules().speakers for hit in words.every.find(fold(word)))


WORDS = [
    *[
        "the",
        "highlanders",
        "they",
        "are",
        "vermin",
        "kill",
        "them",
        "all",
        "us",
        "our",
        "must",
        "not",
        "“",
        "”",
    ],
    *[
        "radio",
        "said",
        ".",
        "\n",
        "'",
        '"',
        "traitors",
        "no",
        "way",
        "genocide",
        "a",
        "lie",
        "Kenyans",
        "İ",
        "ß",
    ],
    *[
        "обезьяны",
        "паразиты",
        "они",
        "нас",
        "убить",
        "هم",
        "حشرات",
        "اقتلوا",
        "wadudu",
        "ils",
        "tuez-les",
        "😀",
    ],
]


@settings(deadline=None)
@given(
    text=st.one_of(st.text(max_size=300), st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)),
    language=st.sampled_from([*SEVEN, "", "de"]),
    coded=st.lists(st.text(max_size=5), max_size=2),
)
def test_any_text_is_read_and_every_quote_is_its_own_words(
    text: str, language: str, coded: list[str]
) -> None:
    doc = passage(text, language)
    for mark in speech(doc, coded):
        assert mark.quote == text[mark.start : mark.end] and mark.quote
        assert 0 < mark.confidence <= 1 and mark.severity == hallmark(mark.code).severity
    for claim in with_speech(doc, ()):
        assert claim.quote == text[claim.start : claim.end] and claim.speech


def test_a_million_characters_take_bounded_time() -> None:
    worst = "they are rats must kill them all and us our way “no innocent” the highlanders are vermin not "
    text = (worst * 11_000)[:1_000_000]
    parts = tuple(Part(span, {}, (), (), ()) for span in sentences(text))
    begun = perf_counter()
    assert len(speech(Passage(text, "en", parts, {}, None, 2026))) > 1_000
    assert perf_counter() - begun < 20


def test_a_pattern_without_a_cue_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from tocsin.signals.speech import patterns

    raw = yaml.safe_load((patterns.FOLDER / "patterns.yml").read_text("utf-8"))
    raw["patterns"].append({"hallmark": "H1", "all": ["us", "neg"], "gap": [5], "confidence": 0.5})
    (tmp_path / "patterns.yml").write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")
    monkeypatch.setattr(patterns, "FOLDER", tmp_path)
    with pytest.raises(InputError, match="no cue"):
        patterns.rules.__wrapped__()
