"""How words add up: independent origins, never volume."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.assessment.made import a_signal
from tocsin.assessment.words import independent_origins, strength


def test_ten_mirrors_of_one_story_count_once() -> None:
    mirrors = [a_signal(n, story="same") for n in range(10)]
    assert independent_origins(mirrors) == 1
    assert strength(mirrors) == strength(mirrors[:1])


def test_one_origin_counts_once_however_much_it_tells() -> None:
    assert independent_origins([a_signal(n, origin="one") for n in range(10)]) == 1


def test_two_origins_with_two_stories_confirm_each_other_though_one_also_carries_the_other() -> None:
    told = [
        a_signal(1, origin="a", story="x"),
        a_signal(2, origin="a", story="y"),
        a_signal(3, origin="b", story="x"),
    ]
    assert independent_origins(told) == 2


@pytest.mark.parametrize(("origins", "expected"), [(0, 0.0), (1, 0.6), (2, 0.84), (3, 0.936)])
def test_strength_rises_with_independent_origins(origins: int, expected: float) -> None:
    assert strength([a_signal(n, confidence=1.0) for n in range(origins)]) == pytest.approx(expected)


pairs = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=12)


@given(told=pairs, copies=st.integers(1, 5))
def test_copies_never_change_the_count_and_it_is_bounded_by_origins_and_stories(
    told: list[tuple[int, int]], copies: int
) -> None:
    signals = [a_signal(n, origin=f"o{o}", story=f"s{s}") for n, (o, s) in enumerate(told)]
    count = independent_origins(signals)
    assert independent_origins(signals * copies) == count
    assert count <= min(len({o for o, _ in told}), len({s for _, s in told}))
    assert 0 <= strength(signals) < 1
