"""What the words promise: the finding first, fixed words for chances, and no crime stated as fact."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.alarms.made import a_proposal
from tocsin.alarms.console import lines
from tocsin.alarms.lint import claims, lint_reason
from tocsin.alarms.words import probability_word, say, wording
from tocsin.errors import NotAllowed


@pytest.mark.parametrize(
    "claim",
    [
        "This is genocide.",
        "It is not genocide.",
        "What happens there constitutes a genocide.",
        "The army committed war crimes.",
        "Genocide is under way.",
        "Crimes against humanity were reported.",
        "There is a risk, and this is clearly genocide.",
    ],
)
def test_a_crime_stated_as_fact_is_refused(claim: str) -> None:
    assert claims(f"Nothing else here. {claim}") == (claim,)


@pytest.mark.parametrize(
    "fair",
    [
        "The risk of genocide is high.",
        "There is a chance of crimes against humanity.",
        "Two origins report alleged war crimes.",
        "The International Court of Justice found that genocide was committed there.",
        "The state has not signed the Genocide Convention.",
        "Armed actors killed 400 civilians.",
    ],
)
def test_risk_and_named_findings_may_be_said(fair: str) -> None:
    assert claims(fair) == ()


@given(low=st.floats(0, 1), high=st.floats(0, 1))
def test_a_higher_chance_never_gets_a_weaker_word(low: float, high: float) -> None:
    words = [row["word"] for row in wording()["probability"]]
    low, high = sorted((low, high))
    assert words.index(probability_word(low)) <= words.index(probability_word(high))


@pytest.mark.parametrize("wrong", [-0.01, 1.01, float("nan")])
def test_what_is_no_probability_gets_no_word(wrong: float) -> None:
    with pytest.raises(ValueError, match="not a probability"):
        probability_word(wrong)


def test_an_alarm_says_its_finding_first_then_what_is_not_known_and_what_it_is_not() -> None:
    told = say(a_proposal(), "Ruritania")
    assert told[0].startswith("Ruritania: warning. The chance")
    assert any(s.startswith("Not known: No document") for s in told)
    assert told[-1] == "A level is not a legal finding."
    assert claims("\n".join(told)) == ()


@pytest.mark.parametrize(
    "change", [{"sentences": ("This is genocide.",)}, {"unknowns": ("It was a war crime.",)}]
)
@pytest.mark.parametrize("public", [True, False])
def test_an_alarm_that_states_a_crime_as_fact_is_not_said(change: dict[str, Any], public: bool) -> None:
    with pytest.raises(NotAllowed, match=r"may not state a crime as a fact: '.*(genocide|war crime)"):
        say(replace(a_proposal(), **change), "Ruritania", public=public)


def test_an_alarm_may_say_who_found_a_crime() -> None:
    found = "The International Court of Justice found that genocide was committed there."
    assert found in " ".join(say(replace(a_proposal(), sentences=(found,)), "Ruritania", public=True))


@pytest.mark.parametrize("why", ["signed by A and B; dissent of C: this is genocide", "this is genocide"])
def test_a_typed_claim_never_reaches_the_public_and_the_desk_sees_it_as_typed(why: str) -> None:
    typed = replace(a_proposal(), why=why)
    assert any("this is genocide" in s for s in say(typed))
    with pytest.raises(NotAllowed, match="this is genocide"):
        say(typed, public=True)


def test_a_reason_is_refused_with_its_claim_and_a_fair_one_passes() -> None:
    with pytest.raises(NotAllowed, match=r"a reason may not .* 'This is genocide.'"):
        lint_reason("I have seen the films. This is genocide.")
    lint_reason("Two bodies of monitors warn of a risk of genocide.")
    lint_reason("")


def test_an_empty_list_is_not_told_as_peace() -> None:
    assert "not a finding of safety" in lines([])[0]
    assert f"{a_proposal().id}  [WARNING] proposed: QQA" in lines([a_proposal()])[0]
