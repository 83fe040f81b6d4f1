"""What grouping promises: copies and two reports of one speech are one story, and ids do not move."""

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripts.measure_stories import measure

from tests.shared_data import shared
from tests.signals.reports import SAME_SPEECH, SPEECH, record
from tocsin.signals.coder import HybridCoder
from tocsin.signals.make import signals_of
from tocsin.signals.stories import Told, group, independent, independent_origins, similar, story_id, tell

OTHER = """Farmers and herders clashed over a well in the north of the country on Sunday, leaving nine people
dead, the provincial governor said. A curfew was imposed, and elders of both sides met to calm the young."""


def test_two_reports_of_one_speech_are_two_records_and_one_story():
    one, other = record(SPEECH, "a"), record(SAME_SPEECH, "b", "2017-10-13")
    stories = group([one, other, record(OTHER, "c")])
    assert one.id != other.id
    assert stories[one.id] == stories[other.id] == story_id(one)
    assert len(set(stories.values())) == 2


def test_the_seed_documents_are_two_records_and_one_story_under_any_name():
    texts = [p.read_text(encoding="utf-8") for p in sorted(shared("seeds").glob("*.txt"))]
    records = [record(text, f"renamed-{n}", "2014-04-02") for n, text in enumerate(texts)]
    assert len({r.id for r in records}) == 2
    assert len(set(group(records).values())) == 1


@given(st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_the_order_of_the_records_changes_nothing(chance: random.Random):
    records = [
        record(SPEECH, "a"),
        record(SAME_SPEECH, "b", "2017-10-13"),
        record(OTHER, "c"),
        record(OTHER, "d"),
    ]
    shuffled = chance.sample(records, len(records))
    assert group(shuffled) == group(records)


def test_a_story_keeps_its_id_when_an_older_copy_turns_up_later():
    first, late = record(SPEECH, "a", "2017-10-13"), record(SAME_SPEECH, "b", "2017-10-12")
    before = group([first])
    after = group([late], known=[(first, before[first.id])])
    assert after[late.id] == after[first.id] == before[first.id]


def test_known_records_out_of_reach_keep_their_story():
    old, new = record(OTHER, "old", "2015-01-01"), record(SPEECH, "new")
    stories = group([new], known=[(old, "sty-old")])
    assert stories == {old.id: "sty-old", new.id: story_id(new)}


def test_grouping_again_gives_the_same():
    records = [record(SPEECH, "a"), record(SAME_SPEECH, "b", "2017-10-13")]
    once = group(records)
    assert group(records, known=[(r, once[r.id]) for r in records]) == once


def test_the_same_words_a_year_later_are_another_story():
    one, other = record(SPEECH, "a", "2016-10-12"), record(SPEECH, "b", "2017-10-12")
    assert len(set(group([one, other]).values())) == 2


def test_a_shared_disclaimer_joins_nobody():
    note = " This bulletin may be quoted when its source is named and the words are not changed in any way."
    letters = "abcdefghijklmnopqrstuvwxyz"
    texts = [
        " ".join("".join(random.Random(60 * n + k).choices(letters, k=8)) for k in range(60))
        for n in range(60)
    ]
    stories = group([record(text + note, str(n)) for n, text in enumerate(texts)])
    assert len(set(stories.values())) == len(texts)


def test_short_texts_that_are_equal_are_one_story_and_different_ones_are_not():
    assert similar("Nine people were killed in the market.", "Nine people were killed in the market.")
    assert not similar("Nine people were killed in the market.", "Nine people were killed in the harbour.")


def test_ten_mirrors_of_one_story_raise_the_origins_by_one():
    base = [("s1", "paper"), ("s2", "radio")]
    assert independent(base) == 2
    assert independent(base + [("s3", f"mirror {n}") for n in range(10)]) == 3


def test_ten_stories_of_one_origin_are_one_origin():
    assert independent([(f"s{n}", "paper") for n in range(10)]) == 1


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("vwxyz"))))
def test_origins_are_never_more_than_stories_or_sources_and_never_fall_with_more_reports(pairs):
    n = independent(pairs)
    assert n <= min(len({s for s, _ in pairs}), len({o for _, o in pairs}))
    assert n <= independent([*pairs, ("f", "u")]) <= n + 1


def test_signals_carry_record_story_run_and_their_words():
    coder, now = HybridCoder(), datetime(2017, 10, 20, tzinfo=UTC)
    one = record(SPEECH, "a")
    made = signals_of(one, coder.code(one), Told("sty-1", "sty-1"), "run-1", now, coder=coder)
    again = signals_of(one, coder.code(one), Told("sty-1", "sty-1"), "run-2", now, coder=coder)
    assert made and [s.id for s in made] == [s.id for s in again] and len({s.id for s in made}) == len(made)
    assert all(one.text[s.start : s.end] == s.quote and s.story == "sty-1" and s.run == "run-1" for s in made)
    assert all(
        s.known == one.known and s.coder_version == coder.version and s.review == "machine" for s in made
    )


def test_mirrors_of_one_record_are_one_origin_in_the_signals():
    coder, now = HybridCoder(), datetime(2017, 10, 20, tzinfo=UTC)
    mirrors = [record(SPEECH, f"m{n}") for n in range(10)]
    placed = tell(mirrors)
    signals = [
        s for r in mirrors for s in signals_of(r, coder.code(r), placed[r.id], "run", now, coder=coder)
    ]
    assert independent_origins(signals) == 1


def test_two_accounts_of_one_event_are_two_origins_in_the_signals():
    coder, now = HybridCoder(), datetime(2017, 10, 20, tzinfo=UTC)
    told = (("own words", "here"), ("other words", "there"))
    signals = []
    for text, origin in told:
        one = record(SPEECH, text)
        made = signals_of(one, coder.code(one), Told(text, "sty-1"), "run", now, coder=coder)
        signals += [replace(signal, origin=origin) for signal in made]
    assert {s.story for s in signals} == {"sty-1"} and independent_origins(signals) == 2


def test_a_quote_that_is_not_in_the_record_is_refused():
    coder, now = HybridCoder(), datetime(2017, 10, 20, tzinfo=UTC)
    one = record(SPEECH, "a")
    with pytest.raises(ValueError, match="quote"):
        signals_of(replace(one, text=SPEECH.upper()), coder.code(one), Told("s", "s"), "r", now, coder=coder)


def test_sibling_events_of_one_topic_are_not_merged_on_ecb_plus():
    counts = measure(str(shared("text/same_event/ECB_Train_corpus.txt.gz")))
    assert counts["sibling"][True] == 0
    assert counts["same"][True] >= 60
