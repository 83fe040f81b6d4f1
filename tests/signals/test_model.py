"""Promises of what the model reads of a text: grams and masks, and of the file it is read from."""

import pickle
import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import CountVectorizer
from skops.io import dump, load

from tocsin.errors import InputError
from tocsin.signals.model.grams import BITS, pieces, tokens, words
from tocsin.signals.model.masking import NAME, PLACE, without_names, without_places
from tocsin.signals.model.stored import stored
from tocsin.signals.model.trained import FILE

PLAIN = st.text(alphabet="abcdeéñßжщطي  ", max_size=60)
SCIKIT = CountVectorizer(analyzer="char_wb", ngram_range=(3, 5)).build_analyzer()
DATA = {
    "heads": ["one", "two"],
    "texts": "a\nb\nc",
    "number": 0.25,
    "none": None,
    "nested": {"rows": [np.arange(6, dtype=np.float16).reshape(2, 3), (1, "x")]},
    "whole": np.array([3, 1, 2], np.int32),
}


def same(one: Any, other: Any) -> bool:
    """Equal in form, in every value, and arrays in their precision."""
    if isinstance(one, dict):
        return (
            isinstance(other, dict) and list(one) == list(other) and all(same(one[k], other[k]) for k in one)
        )
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    return type(one) is type(other) and bool(one == other)


def bucket(piece: str) -> int:
    """The bucket of one piece, worked out letter by letter as whole numbers of 64 bits."""
    value = 0
    for letter in piece:
        value = (value * 1_000_003 + ord(letter)) % 2**64
    value = (value * 31 + len(piece)) % 2**64
    value ^= value >> 29
    return (value * 0x9E3779B97F4A7C15 % 2**64) >> (64 - BITS)


def counted(text: str) -> dict[int, int]:
    buckets, times = pieces(text)
    return dict(zip(buckets.tolist(), times.tolist(), strict=True))


@given(PLAIN)
def test_pieces_are_those_of_scikit_learn(text: str) -> None:
    assert counted(text) == Counter(bucket(piece) for piece in SCIKIT(text))


@given(PLAIN)
def test_pieces_stay_within_a_word_and_its_two_ends(text: str) -> None:
    apart: Counter[int] = Counter()
    for word in text.split():
        apart.update(counted(word))
    assert counted(text) == apart


@given(st.text(max_size=80))
def test_pieces_of_any_text_are_sorted_buckets_each_once(text: str) -> None:
    buckets, times = pieces(text)
    assert all(a < b for a, b in zip(buckets.tolist(), buckets.tolist()[1:], strict=False))
    assert len(buckets) == len(times) and (times > 0).all()
    assert all(0 <= b < 2**BITS for b in buckets.tolist())


def test_pieces_know_no_capitals_and_no_stops() -> None:
    assert counted("Soldiers, fired!") == counted("soldiers fired")
    assert counted("soldiers fired") != counted("soldiers fled")


def test_words_are_counted_alone_and_in_pairs() -> None:
    assert words("Shots at dawn, shots at dusk") == Counter(
        {
            "shots": 2,
            "at": 2,
            "dawn": 1,
            "dusk": 1,
            "shots at": 2,
            "at dawn": 1,
            "dawn shots": 1,
            "at dusk": 1,
        }
    )


def test_tokens_are_words_and_marks_and_never_numbers_or_single_letters() -> None:
    masked = f"On 12 May 2031, {NAME} left {PLACE} in a bus of 1st class; 3rd, x2, A."
    assert tokens(masked) == ["on", "may", NAME, "left", PLACE, "in", "bus", "of", "class", "x2"]


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6))
def test_masking_takes_any_text_and_any_spans(text: str, given_spans: list[tuple[int, int]]) -> None:
    spans = [(min(a, len(text)), min(max(a, b), len(text))) for a, b in given_spans]
    masked = without_places(text, spans, PLACE)
    apart, at = 0, 0
    for start, end in sorted(spans):
        if start >= at:
            apart, at = apart + 1, end
    covered = {n for start, end in spans for n in range(start, end)}
    outside = sum(1 for n, c in enumerate(text) if c == PLACE and n not in covered)
    assert masked.count(PLACE) >= apart
    assert masked.count(PLACE) <= apart + text.count(PLACE) and outside <= text.count(PLACE)
    assert without_names(masked, frozenset()).count(PLACE) == masked.count(PLACE)


def test_of_spans_that_overlap_the_first_is_masked_and_none_is_masked_twice() -> None:
    text = "Clashes in North Kembar Province today"
    assert without_places(text, [(11, 23), (17, 32)], PLACE) == f"Clashes in {PLACE} Province today"
    assert without_places(text, [(17, 32), (11, 32)], PLACE) == f"Clashes in {PLACE} today"
    assert without_places(text, [(11, 32), (11, 32)], PLACE) == f"Clashes in {PLACE} today"
    assert without_places(text, [], PLACE) == text


def test_what_stands_in_place_of_names_does_not_tell_how_long_they_were() -> None:
    one = without_places("In Oru, men fled.", [(3, 6)], PLACE)
    other = without_places("In Upper Velisandria, men fled.", [(3, 20)], PLACE)
    assert one == other == f"In {PLACE} , men fled."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Later Tavrik spoke to soldiers", f"Later {NAME} spoke to soldiers"),
        ("SOLDIERS fired on TAVRIK", f"SOLDIERS fired on {NAME}"),
        ("Mira-Lou O'Tavrik spoke", f"{NAME} {NAME} spoke"),
        ("позже Тавриков", f"позже {NAME}"),
        ("", ""),
    ],
)
def test_words_with_a_capital_are_masked_unless_they_are_known(text: str, expected: str) -> None:
    assert without_names(text, frozenset({"later", "soldiers", "spoke"})) == expected


@given(st.text(max_size=80))
def test_masking_names_is_done_after_once(text: str) -> None:
    once = without_names(text, frozenset())
    assert without_names(once, frozenset()) == once
    assert not re.search(r"\b[A-Z][a-z]+\b", once)


def test_the_trained_file_is_read_as_skops_itself_reads_it() -> None:
    assert same(stored(FILE), load(FILE))


def test_data_that_skops_wrote_is_read_back(tmp_path: Path) -> None:
    dump(DATA, tmp_path / "data.skops")
    assert same(stored(tmp_path / "data.skops"), load(tmp_path / "data.skops"))
    assert same(stored(tmp_path / "data.skops"), DATA)


def a_pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps(DATA))


def another_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("readme.txt", "nothing of the kind")


def a_schema_that_is_no_object(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("schema.json", "[1, 2]")


def no_json(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("schema.json", b"\xff\xfe{")


def a_function(path: Path) -> None:
    dump({"heads": np.mean}, path)


def an_estimator(path: Path) -> None:
    dump(DATA | {"model": DummyClassifier().fit([[0], [1]], [0, 1])}, path)


def a_pickled_array(path: Path) -> None:
    dump({"whole": np.array([1, 2], np.int32)}, path)
    with zipfile.ZipFile(path) as packed:
        held = {name: packed.read(name) for name in packed.namelist()}
    np.save(path.with_suffix(".npy"), np.array([{"a": 1}], object), allow_pickle=True)
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in held.items():
            evil = path.with_suffix(".npy").read_bytes()
            packed.writestr(name, evil if name.endswith(".npy") else content)


def cut_short(path: Path) -> None:
    dump(DATA, path)
    path.write_bytes(path.read_bytes()[:-200])


def damaged_inside(path: Path) -> None:
    dump({"whole": np.arange(4000)}, path)
    held = bytearray(path.read_bytes())
    held[2000:2100] = bytes(b ^ 0x55 for b in held[2000:2100])
    path.write_bytes(bytes(held))


def damaged_where_packed(path: Path) -> None:
    dump({"whole": np.random.default_rng(0).random(4000)}, path, compression=zipfile.ZIP_DEFLATED)
    held = bytearray(path.read_bytes())
    held[2000:2100] = bytes(b ^ 0x55 for b in held[2000:2100])
    path.write_bytes(bytes(held))


def a_mapping_that_is_none(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("schema.json", '{"__loader__": "DictNode", "content": [1]}')


def packed_in_another_way(path: Path) -> None:
    dump(DATA, path)
    held = path.read_bytes()
    at = held.index(b"PK\x01\x02")
    path.write_bytes(held[: at + 10] + b"\x63\x00" + held[at + 12 :])


def deeply_nested(path: Path) -> None:
    node = '{"__loader__": "JsonNode", "content": "1"}'
    for _ in range(5000):
        node = '{"__loader__": "ListNode", "content": [' + node + "]}"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("schema.json", node)


def nothing(path: Path) -> None:
    path.write_bytes(b"")


def missing(path: Path) -> None:
    assert not path.exists()


@pytest.mark.parametrize(
    "write",
    [
        a_pickle,
        another_zip,
        a_schema_that_is_no_object,
        no_json,
        a_function,
        an_estimator,
        a_pickled_array,
        cut_short,
        damaged_inside,
        damaged_where_packed,
        a_mapping_that_is_none,
        packed_in_another_way,
        deeply_nested,
        nothing,
        missing,
    ],
)
def test_whatever_is_no_whole_file_of_data_is_refused_by_name(write: Any, tmp_path: Path) -> None:
    path = tmp_path / "given.skops"
    write(path)
    with pytest.raises(InputError, match=r"given\.skops"):
        stored(path)
