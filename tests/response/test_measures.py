"""What is suggested: several ways out, the gentlest first, each with its side effect."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.alarms.alarm import Level
from tocsin.assessment.figures import FACTORS
from tocsin.errors import UnknownId
from tocsin.response.measures import measure, measures, suggest

levels = st.sampled_from([level for level in Level if level.step])
seen = st.sets(st.sampled_from(FACTORS))


def test_there_are_62_measures_each_with_a_side_effect_and_a_factor() -> None:
    assert len({m.id for m in measures()}) == 62
    assert all(m.side_effect and m.factors for m in measures())


@given(level=levels, factors=seen)
def test_at_least_three_options_the_least_coercive_first(level: Level, factors: set[str]) -> None:
    options = suggest(level, factors)
    assert len(options) >= 3
    assert all(a.coercion <= b.coercion for a, b in pairwise(options))


@given(factors=seen)
def test_force_is_never_suggested_below_ongoing_violence(factors: set[str]) -> None:
    for level in (Level.RISK, Level.WARNING, Level.ALARM):
        assert all(m.coercion < 3 for m in suggest(level, factors))


def test_every_factor_has_measures_that_meet_it() -> None:
    for factor in FACTORS:
        assert any(factor in m.factors for m in measures())


def test_what_needs_legal_authority_is_marked() -> None:
    assert all(m.authority for m in measures() if m.coercion == 3 and m.category == "protection")


@pytest.mark.parametrize("pillar", [1, 2, 3])
def test_options_can_be_kept_to_a_pillar(pillar: int) -> None:
    assert all(pillar in m.pillars for m in suggest(Level.WARNING, ["RF2", "RF9"], pillar))


def test_no_level_suggests_nothing_and_an_unknown_measure_is_refused() -> None:
    assert suggest(Level.NONE, FACTORS) == ()
    with pytest.raises(UnknownId):
        measure("P99")
