"""Floors of copies and same-event grouping on ECB+ development documents, which nothing was fitted on."""

from functools import cache

import pytest
from scripts.measure_stories import documents, grouped, measure, precisions, translated

from tests.shared_data import shared
from tocsin.evidence import sha256

pytestmark = pytest.mark.floor
CORPUS = "f6d9804e1672b0d8bacb2dc4ed628ad7b882ae0a5a0b57278517b107b6d55ce9"
ALL_PAIRS = {"pair alone": 0.875, "in company": 0.915}
ONE_TOPIC = {"pair alone": 0.88, "in company": 0.92}
PRECISION, RECALL = 0.97, 0.13
TRANSLATED = {"en-es": 0.80, "en-ar": 0.71, "es-ar": 0.65}


@cache
def path() -> str:
    found = shared("text/same_event/ECB_Dev_corpus.txt.gz")
    assert sha256(found.read_bytes()) == CORPUS, (
        "the documents changed: measure again before moving the floors"
    )
    return str(found)


@cache
def found() -> dict[str, tuple[float, float]]:
    return precisions(documents(path()))


@pytest.mark.parametrize("way", list(ALL_PAIRS))
def test_the_average_precision_of_same_event_pairs_does_not_fall(way: str):
    everywhere, within = found()[way]
    assert everywhere >= ALL_PAIRS[way] and within >= ONE_TOPIC[way]
    assert min(everywhere, within) > max(found()["TF-IDF cosine"])


def test_stories_hardly_ever_hold_two_events_of_one_topic():
    n = grouped(documents(path()))
    assert n["right"] >= PRECISION * n["joined"] and n["right"] >= RECALL * n["same"]


def test_copies_never_tie_two_events_of_one_topic():
    assert measure(path())["sibling"][True] == 0


def test_a_sentence_finds_its_translation():
    reached = translated(str(shared("text/parallel_un.jsonl")))
    assert all(reached[name][0] >= floor for name, floor in TRANSLATED.items())
