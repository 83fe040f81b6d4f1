"""What the words promise: fixed words for chances, and a list that is never told as peace."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.alarms.made import a_proposal
from tocsin.alarms.console import lines
from tocsin.alarms.words import probability_word, wording


@given(low=st.floats(0, 1), high=st.floats(0, 1))
def test_a_higher_chance_never_gets_a_weaker_word(low: float, high: float) -> None:
    words = [row["word"] for row in wording()["probability"]]
    low, high = sorted((low, high))
    assert words.index(probability_word(low)) <= words.index(probability_word(high))


@pytest.mark.parametrize("wrong", [-0.01, 1.01, float("nan")])
def test_what_is_no_probability_gets_no_word(wrong: float) -> None:
    with pytest.raises(ValueError, match="not a probability"):
        probability_word(wrong)


def test_an_empty_list_is_not_told_as_peace() -> None:
    assert "not a finding of safety" in lines([])[0]
    said = "Proposal, not issued. QQA: warning. The chance is put at 6 %."
    assert f"{a_proposal().id}  [WARNING] proposed: {said}" in lines([a_proposal()])[0]


def test_an_alarm_that_cannot_be_told_does_not_hide_the_others() -> None:
    claimed = replace(a_proposal(), id="alm-claimed", sentences=("This is genocide.",), why="seen. ")
    shown = lines(
        [claimed, a_proposal()], {"QQA": "Ruritania"}, {"alm-claimed": "Rests on 1 withdrawn record."}
    )
    assert any("alm-claimed" in line and "may not be told" in line for line in shown)
    assert any(
        line.startswith(f"{a_proposal().id}  [WARNING] proposed: Proposal, not issued") for line in shown
    )
    assert "    WITHDRAWN: Rests on 1 withdrawn record." in shown
    assert any("No document about this place was read." in line for line in shown)
