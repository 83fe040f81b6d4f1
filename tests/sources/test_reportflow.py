"""When fewer reports are news: a silent place is named, a silent source is not 190 silent places."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.sources.reportflow import Flow, Window, judged, rules

UNTIL = date(2026, 11, 20)
Days = dict[date, int]


def flow(mean: float, days: int = 400, until: date = UNTIL, seed: int = 0, spread: float = 0.1) -> Days:
    """Made-up daily reports: fewer at weekends, weeks that differ more than by chance."""
    drawn = np.random.default_rng(seed)
    weeks = drawn.gamma(1 / spread, spread, days // 7 + 1)
    found = {}
    for n in range(days):
        day = until - timedelta(days=n)
        found[day] = int(drawn.poisson(mean * weeks[n // 7] * (0.3 if day.weekday() > 4 else 1.28)))
    return found


def world(places: int = 40, until: date = UNTIL) -> dict[str, Days]:
    return {f"Q{n:02}": flow(0.5 + n / 4, seed=n, until=until) for n in range(places)}


def cut(days: Mapping[date, int], silent: int, share: float = 0.0) -> Days:
    """The same flow, of whose last days only a share is left."""
    since = UNTIL - timedelta(days=silent - 1)
    return {day: int(n * share) if day >= since else n for day, n in days.items()}


def states(counts: Mapping[str, Days], ran: bool | None = None) -> Counter[Flow]:
    found = judged("words", counts, sorted(counts), UNTIL, ran=ran)
    return Counter(w.state for windows in found.values() for w in windows)


def of(counts: Mapping[str, Days], place: str, ran: bool | None = None) -> tuple[Window, ...]:
    return judged("words", counts, [place], UNTIL, ran=ran)[place]


def test_an_even_flow_is_usual_or_too_thin_to_tell_and_no_drop_is_named() -> None:
    found = states(world())
    assert not found[Flow.DROPPED] and not found[Flow.SOURCE] and found[Flow.USUAL] > 40


def test_a_place_that_falls_silent_is_named_with_its_numbers() -> None:
    counts = world()
    counts["Q39"] = cut(counts["Q39"], 8)
    week, month = of(counts, "Q39")
    assert (week.days, week.actual, week.state, month.days) == (7, 0, Flow.DROPPED, 28)
    assert week.expected == pytest.approx(70, rel=0.3) and week.probability is not None
    assert week.why.startswith("0 in 7 days, where ")
    assert of(counts, "Q38")[0].state is Flow.USUAL


def test_a_flow_that_thins_out_is_named_over_the_month() -> None:
    counts = world()
    counts["Q39"] = cut(counts["Q39"], 28, 0.2)
    assert of(counts, "Q39")[1].state is Flow.DROPPED


@pytest.mark.parametrize("share", [0.0, 0.25])
def test_a_source_that_falls_off_everywhere_is_not_told_as_silent_places(share: float) -> None:
    found = states({place: cut(days, 8, share) for place, days in world().items()})
    assert not found[Flow.DROPPED] and found[Flow.SOURCE] >= 40


def test_a_place_that_falls_silent_while_its_source_thins_is_still_named() -> None:
    counts = {place: cut(days, 8, 0.7) for place, days in world().items()}
    counts["Q39"] = cut(counts["Q39"], 8)
    assert of(counts, "Q39")[0].state is Flow.DROPPED and of(counts, "Q37")[0].state is Flow.USUAL


@pytest.mark.parametrize("days", [0, 30, 62])
def test_too_short_a_history_is_never_told_as_usual(days: int) -> None:
    counts = {"Q01": flow(5, days)} if days else {}
    week, month = of(counts, "Q01")
    assert month.state is Flow.UNKNOWN and month.expected is None and "days of history" in month.why
    assert days > 60 or week.state is Flow.UNKNOWN


def test_where_hardly_any_report_is_expected_none_is_not_told_as_usual() -> None:
    counts = {**world(), "QQA": {UNTIL - timedelta(days=200): 1}}
    for place in ("QQA", "QQB"):
        assert {w.state for w in judged("words", counts, ["QQA", "QQB"], UNTIL)[place]} == {Flow.UNKNOWN}


def test_the_quiet_after_a_crisis_is_no_drop() -> None:
    counts = world()
    loud = [UNTIL - timedelta(days=n) for n in range(40, 80)]
    counts["Q10"] = counts["Q10"] | {day: 300 for day in loud}
    assert {w.state for w in of(counts, "Q10")} <= {Flow.USUAL, Flow.UNKNOWN}


def test_a_home_about_one_place_names_a_drop_only_when_its_source_was_read() -> None:
    counts = {"Q01": cut(flow(5), 8)}
    assert of(counts, "Q01", ran=True)[0].state is Flow.DROPPED
    for ran in (None, False):
        week = of(counts, "Q01", ran=ran)[0]
        assert week.state is Flow.SOURCE and "nothing tells a silent place from a silent source" in week.why


def test_places_of_which_nothing_was_ever_read_say_nothing_of_the_source() -> None:
    counts = {"Q01": cut(flow(5, 100), 28), "Q02": flow(5, 100, seed=1)}
    never = [f"Z{n:03}" for n in range(190)]
    found = judged("words", counts, ["Q01", "Q02", *never], UNTIL, ran=True)
    assert [w.state for w in found["Q01"]] == [Flow.DROPPED, Flow.DROPPED]
    assert {w.state for w in found["Q02"]} <= {Flow.USUAL, Flow.UNKNOWN}
    assert {w.state for place in never for w in found[place]} == {Flow.UNKNOWN}


def test_a_weekend_is_no_drop_and_seasons_are_learned_from_a_year() -> None:
    sunday = date(2026, 11, 22)
    counts = {p: {d: n for d, n in days.items()} for p, days in world(until=sunday).items()}
    assert not any(
        w.state is Flow.DROPPED for ws in judged("w", counts, sorted(counts), sunday).values() for w in ws
    )


def test_false_names_are_rare_over_many_made_up_worlds() -> None:
    named = 0
    for run in range(12):
        counts = {f"Q{n:02}": flow(0.3 + n / 5, 300, seed=1000 * run + n, spread=0.3) for n in range(60)}
        named += bool(states(counts)[Flow.DROPPED])
    assert named <= 2


def test_other_names_of_the_places_change_nothing() -> None:
    counts = world(12)
    counts["Q11"] = cut(counts["Q11"], 8)
    renamed = {f"Z{99 - n}": days for n, days in enumerate(counts.values())}
    one, other = states(counts), states(renamed)
    assert one == other


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["QQA", "QQB", "QQC"]),
        st.dictionaries(
            st.integers(-30, 900).map(lambda n: UNTIL - timedelta(days=n)), st.integers(0, 5000), max_size=60
        ),
    )
)
def test_any_counts_give_every_place_its_windows_and_chances_are_chances(counts: dict[str, Days]) -> None:
    found = judged("words", counts, ["QQA", "QQZ"], UNTIL)
    for place in ("QQA", "QQZ"):
        assert [w.days for w in found[place]] == list(rules().windows)
        for w in found[place]:
            assert w.why and (w.probability is None or 0 <= w.probability <= 1)
            assert w.state is not Flow.USUAL or w.expected is not None
