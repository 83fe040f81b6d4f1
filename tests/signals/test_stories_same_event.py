"""What same-event grouping promises: reports of one event corroborate, copies do not, two riots stay two."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.signals.reports import record
from tocsin.signals.same_event import (
    ACROSS,
    EVIDENCE,
    account,
    across,
    evidence,
    in_company,
    same_event,
    scale,
)
from tocsin.signals.stories import Told, copies, group, independent, tell

KADUNA = """Gunmen on motorcycles shot dead 37 worshippers at a mosque in Kaduna at dawn on Friday, the
state police commissioner said. The attackers, whom residents called the Black Sparrows, set
fire to 64 houses and fled towards the Birnin Gwari forest. The governor put the town under
curfew."""
KADUNA_TOO = """A dawn raid on a Kaduna mosque by motorcycle gunmen on Friday killed 37 worshippers. Residents
blamed the Black Sparrows, a gang that hides in the Birnin Gwari forest; 64 houses burned, the
police commissioner said, and the governor declared a curfew."""
JOS = KADUNA.replace("Kaduna", "Jos").replace("Birnin Gwari forest", "hills")
DIFFERENT = """The central bank raised its rate by half a point on Tuesday, to slow prices that rose at the
fastest pace in eleven years. Bakers said flour had become too dear, and economists expect a
second rise before the harvest."""
SPANISH = """Hombres armados en motocicletas mataron a 37 fieles en una mezquita de Kaduna al amanecer del
viernes, dijo la policía. Incendiaron 64 casas y huyeron. El gobernador de Nigeria impuso un
toque de queda."""


def test_two_origins_that_report_one_event_are_one_story_and_two_voices():
    one, other = record(KADUNA, "a", origin="paper"), record(KADUNA_TOO, "b", origin="radio")
    told = tell([one, other])
    assert told[one.id].story == told[other.id].story
    assert independent([(told[r.id].copy, r.origin) for r in (one, other)]) == 2


def test_ten_origins_that_copy_one_text_are_one_story_and_one_voice():
    mirrors = [record(KADUNA, f"m{n}", origin=f"mirror {n}") for n in range(10)]
    told = tell(mirrors)
    assert len({t.story for t in told.values()}) == 1
    assert independent([(told[r.id].copy, r.origin) for r in mirrors]) == 1


def test_two_riots_in_two_towns_on_one_day_are_two_stories_though_the_words_are_the_same():
    one, other = record(KADUNA, "a"), record(JOS, "b")
    told = tell([one, other])
    assert told[one.id].story != told[other.id].story
    assert told[one.id].copy == told[other.id].copy


def test_the_same_event_told_weeks_later_is_not_joined():
    one, other = record(KADUNA, "a", "2017-10-12"), record(KADUNA_TOO, "b", "2017-11-12")
    assert len(set(group([one, other]).values())) == 2


def test_a_new_record_joins_a_known_story_and_the_known_never_move():
    one, other, third = record(KADUNA, "a"), record(DIFFERENT, "b"), record(KADUNA_TOO, "c")
    first = tell([one, other])
    known = [(one, first[one.id]), (other, first[other.id])]
    after = tell([third], known)
    assert after[third.id].story == first[one.id].story
    assert all(after[r.id] == told for r, told in known)


def test_two_known_stories_are_not_merged_by_a_record_that_fits_both():
    one, other, third = record(KADUNA, "a"), record(KADUNA_TOO, "b"), record(KADUNA, "c")
    after = tell([third], [(one, Told("ca", "sa")), (other, Told("cb", "sb"))])
    assert after[one.id].story == "sa" and after[other.id].story == "sb"
    assert after[third.id] == Told("ca", "sa")


@pytest.mark.parametrize("tail", ["", " posted {n} by reader {n}"])
def test_a_hoax_copied_two_thousand_times_is_one_story_and_one_voice_in_bounded_time(tail: str):
    copied = [record(KADUNA + KADUNA_TOO + tail.format(n=n), f"h{n}", origin=f"o{n}") for n in range(2000)]
    began = time.monotonic()
    told = tell(copied)
    assert time.monotonic() - began < 30
    assert len({t.story for t in told.values()}) == len({t.copy for t in told.values()}) == 1


def test_the_score_is_higher_for_one_event_than_for_two_in_any_language():
    same = same_event(KADUNA, KADUNA_TOO)
    assert same > 0.9 > 0.1 > same_event(KADUNA, DIFFERENT)
    assert same_event(KADUNA, SPANISH) > 0.5 > same_event(DIFFERENT, SPANISH)
    assert same > same_event(KADUNA, JOS.replace("37", "12"))


def test_in_company_every_pair_is_scored_once():
    told = list(in_company([KADUNA, KADUNA_TOO, DIFFERENT, SPANISH]))
    assert [(n, m) for n, m, _ in told] == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    assert all(0 <= p <= 1 for _, _, p in told) and max(told, key=lambda row: row[2])[:2] == (0, 1)


@given(st.text(max_size=300), st.text(max_size=300))
@settings(deadline=None)
def test_any_two_texts_have_a_probability_and_it_is_the_same_both_ways(one: str, other: str):
    p = same_event(one, other)
    assert 0 <= p <= 1 and p == pytest.approx(same_event(other, one))


def test_the_scales_have_a_weight_for_each_piece_of_evidence():
    one, other = account(KADUNA), account(SPANISH)
    assert len(evidence(one, other)) == len(EVIDENCE) == len(scale().weights["pair"])
    assert len(across(one, other)) == len(ACROSS) == len(scale().weights["across"])


def test_records_without_words_are_stories_of_their_own_or_copies():
    blank = [record("", "a"), record("", "b"), record("?!", "c")]
    assert set(copies(blank)) == set(group(blank)) == {r.id for r in blank}
