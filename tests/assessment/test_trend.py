"""A rise of reported violations is told when it comes, not when copies, crowds or more reading make it."""

import runpy
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.assessment.made import AS_OF, DAY, a_signal, inputs
from tests.assessment.test_everywhere import PANEL, a_coded
from tocsin.assessment.belief import Assessment, FactorReading, RightsTrend, Seen
from tocsin.assessment.everywhere import Material, assess_everywhere
from tocsin.assessment.inputs import Sight
from tocsin.assessment.past import Pasts, law
from tocsin.assessment.weigh import assess
from tocsin.clock import day_moment
from tocsin.signals.coded import CodedRecord
from tocsin.signals.signal import Relevance, Signal, TimeStatus
from tocsin.signals.voices import Voices
from tocsin.sources.reportflow import Flow, Window
from tocsin.store.rows import from_row, to_row

SCRIPT = Path(__file__).parents[2] / "scripts" / "measure_trend.py"
DROP = Window("words", 30, 0, Flow.DROPPED, "0 in 30 days, where 40 are expected", 40.0, 1e-9)
WEEKS = 60
"""Eight that are looked at, and a past of 52."""


@cache
def measured() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


@pytest.mark.parametrize("past", [26, 52])
@pytest.mark.parametrize("mean", [0.5, 1, 4, 10])
def test_at_most_one_quiet_week_in_a_hundred_alerts_with_mean_and_spread_estimated(
    mean: float, past: int
) -> None:
    assert measured()["false"](mean, 1.5, past, 1000)[0] <= 0.01


def test_a_step_to_three_times_the_mean_alerts_within_two_weeks() -> None:
    one_year, two_years = (measured()["found"](4, 3, past, 1000) for past in (52, 104))
    assert one_year[1] >= 0.8 and two_years[1] >= 0.8
    assert one_year[2] >= 0.9 and one_year[4] >= 0.99


def test_larger_steps_are_seen_more_often_and_every_step_more_often_with_time() -> None:
    curves = [measured()["found"](4, step, 52, 1000) for step in (1.5, 2, 3)]
    assert all(small < large for small, large in zip(*curves[:2], strict=True))
    assert all(small < large for small, large in zip(*curves[1:], strict=True))
    assert all(list(curve) == sorted(curve) for curve in curves)


Read = tuple[list[CodedRecord], list[Signal]]


def report(
    n: int, week: int, *, sign: bool, origin: str = "", iso3: str = "MLI", **more: Any
) -> tuple[CodedRecord, list[Signal]]:
    """One text of an origin, `week` weeks ago, with or without a claim of a present violation."""
    known = day_moment(DAY - timedelta(days=7 * week + 1 + n % 6))
    given = {"origin": origin or f"paper-{n % 3}", "known": known, "published": known, "countries": (iso3,)}
    weight = more.pop("of", Relevance.ATROCITY if sign else Relevance.NONE)
    record = a_coded(n, **given, story=more.pop("story", f"story-{n}"), claims=int(sign), relevance=weight)
    told = a_signal(n, origin=record.origin, story=record.story, known=known, iso3=iso3, **more)
    return record, [told] if sign else []


def place(
    signs: Mapping[int, int] | None = None,
    others: Mapping[int, int] | None = None,
    elsewhere: Mapping[int, int] | None = None,
    weeks: int = WEEKS,
    **more: Any,
) -> Read:
    """Two stories of violations a week, ten others, thirty of Kenya; some weeks ago (0: this one) more."""
    coded, signals, n = [], [], 0
    for week in range(weeks):
        kinds = [("MLI", True)] * (signs or {}).get(week, 2)
        kinds += [("MLI", False)] * (others or {}).get(week, 10)
        kinds += [("KEN", False)] * (elsewhere or {}).get(week, 30)
        for iso3, sign in kinds:
            record, told = report(n, week, sign=sign, iso3=iso3, **(more if sign else {}))
            coded.append(record)
            signals += told
            n += 1
    return coded, signals


def believed(read: Read, flow: tuple[Window, ...] = ()) -> Assessment:
    coded, signals = read
    here = [s for s in signals if s.iso3 == "MLI"]
    past = Pasts(coded, Voices(coded, AS_OF), AS_OF).of("MLI", here)
    return assess("MLI", inputs(signals=here, sight=Sight(flow=flow, past=past)))


def trend(read: Read, flow: tuple[Window, ...] = ()) -> RightsTrend | None:
    return believed(read, flow).trend


def reading(made: Assessment, factor: str) -> FactorReading:
    return next(r for r in made.readings if r.factor == factor)


RISE = {0: 8, 1: 8}


def test_a_place_where_violations_are_told_as_usual_has_a_reading_and_no_alert() -> None:
    found = trend(place())
    assert found is not None and not found.alert
    assert found.counts == (2,) * WEEKS and found.periods == 52
    assert found.ratio == pytest.approx(1, abs=0.05)
    assert found.why.startswith("Reports of present rights violations did not rise clearly:")


def test_a_rise_alerts_and_says_since_when_how_much_and_by_which_claims() -> None:
    made = believed(place(RISE))
    found = made.trend
    assert found is not None and found.alert
    assert found.since == DAY - timedelta(days=13)
    assert found.ratio == pytest.approx(4, abs=0.1) and len(found.signals) == 16
    assert found.why == (
        "Reports of present rights violations rose: 16 distinct stories in the newest 2 weeks, "
        "where 4.0 are expected from 52 weeks before."
    )


def test_an_alert_makes_violations_and_preparation_present_with_its_reason() -> None:
    made, quiet = believed(place(RISE)), believed(place())
    for factor in ("RF2", "RF7"):
        assert reading(made, factor).seen is Seen.PRESENT
        assert reading(made, factor).strength >= law().strength
        assert made.trend is not None and reading(made, factor).risen == made.trend.why
        assert reading(quiet, factor).risen == ""
    assert reading(quiet, "RF7").seen is not Seen.PRESENT
    assert reading(made, "RF11").risen == ""


def test_a_trend_is_the_same_after_it_was_stored() -> None:
    for read in (place(RISE), place(), place(weeks=10)):
        made = believed(read)
        assert from_row(Assessment, to_row(made)) == made
    old = {name: value for name, value in to_row(believed(place())).items() if name != "trend"}
    assert from_row(Assessment, old).trend is None


@given(many=st.integers(1, 60), week=st.integers(0, 7), new=st.booleans())
@settings(max_examples=15)
def test_a_flood_of_copies_changes_nothing(many: int, week: int, new: bool) -> None:
    coded, signals = place()
    first = next(c for c in reversed(coded) if c.claims)
    copies = [
        report(9000 + n, week, sign=True, origin=f"site-{n}" if new else "", story=first.story)
        for n in range(many)
    ]
    flooded = [*coded, *(c for c, _ in copies)], [*signals, *(s for _, told in copies for s in told)]
    assert trend(flooded) == trend((coded, signals))


@given(st.integers(1, 60))
@settings(max_examples=10)
def test_stories_that_only_new_sites_tell_change_nothing(many: int) -> None:
    coded, signals = place()
    fresh = [report(9000 + n, 0, sign=True, origin=f"site-{n}") for n in range(many)]
    crowd = [*coded, *(c for c, _ in fresh)], [*signals, *(s for _, told in fresh for s in told)]
    assert trend(crowd) == trend((coded, signals))


def test_more_reading_of_the_same_mix_is_no_rise() -> None:
    here = trend(place(RISE, others={0: 40, 1: 40}))
    everywhere = trend(place(RISE, elsewhere={0: 120, 1: 120}))
    for found in (here, everywhere):
        assert found is not None and not found.alert and found.ratio < 1.5


def test_what_a_crisis_brings_into_the_news_does_not_hide_it() -> None:
    coded, signals = place(RISE)
    debate = [report(9000 + n, n % 2, sign=False, of=Relevance.CONTEXT)[0] for n in range(60)]
    assert trend(([*coded, *debate], signals)) == trend((coded, signals))


def test_less_reading_of_other_things_makes_no_rise_of_what_is_usual() -> None:
    found = trend(place(others={0: 5, 1: 5}, elsewhere={0: 20, 1: 20}))
    assert found is not None and not found.alert and found.ratio == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(
    "change",
    [
        {"time": TimeStatus.PAST},
        {"time": TimeStatus.DENIED},
        {"time": TimeStatus.HYPOTHETICAL},
        {"relevance": Relevance.CONTEXT},
        {"factor": "RF4"},
        {"review": "withdrawn"},
    ],
)
def test_what_is_no_standing_claim_of_a_present_violation_is_no_rise(change: dict[str, Any]) -> None:
    coded, signals = place()
    more = [report(9000 + n, n % 2, sign=True, **change) for n in range(20)]
    found = trend(([*coded, *(c for c, _ in more)], [*signals, *(s for _, told in more for s in told)]))
    assert found is not None and not found.alert and found.counts == (2,) * WEEKS


def test_a_past_too_short_or_hardly_read_is_no_reading() -> None:
    assert trend(place(RISE, weeks=8 + law().past_least - 1)) is None
    assert trend(place(RISE, weeks=8 + law().past_least)) is not None
    silent = {week: 0 for week in range(8, WEEKS - law().named_least + 1)}
    assert trend(place(RISE | silent, others=silent)) is None
    assert trend(([], [])) is None


def test_where_reports_fell_no_rise_cannot_be_said_but_a_rise_can() -> None:
    nothing = {week: 0 for week in range(8)}
    assert trend(place(), (DROP,)) is None
    assert trend(place(nothing, others=nothing)) is None
    assert trend(place(nothing, nothing, nothing)) is None
    assert trend(place(others={week: 1 for week in range(8)}, signs={week: 1 for week in range(8)})) is None
    told = trend(place(RISE), (DROP,))
    assert told is not None and told.alert


@given(st.sets(st.integers(0, 7)))
@settings(max_examples=10)
def test_silent_weeks_make_no_rise_and_take_no_strength(gone: set[int]) -> None:
    """Where nothing of the newest weeks is left, there is no reading."""
    silent = dict.fromkeys(gone, 0)
    found = trend(place(silent, others=silent))
    assert found is None or not found.alert
    assert found is not None or len(gone) > 3
    made = believed(place(RISE | silent, others=silent))
    for factor in ("RF2", "RF7"):
        assert reading(made, factor).strength >= reading(believed(([], [])), factor).strength


def test_the_rule_is_the_same_for_every_state() -> None:
    coded, signals = place(RISE)
    usual = trend((coded, signals))
    other = {"MLI": "NER", "KEN": "KEN"}
    renamed = (
        [replace(c, countries=tuple(other[i] for i in c.countries)) for c in coded],
        [replace(s, iso3=other[s.iso3]) for s in signals],
    )
    found = assess_everywhere(Material(PANEL, (), *renamed, {}), AS_OF, "run", AS_OF)
    by_place = {b.assessment.iso3: b.assessment.trend for b in found}
    assert by_place["NER"] == usual and usual is not None and usual.alert
    assert by_place["MLI"] is None


def test_words_on_a_factor_that_grew_stronger_have_a_trend_and_absent_ones_none() -> None:
    weaker = place({week: 0 for week in range(13, WEEKS)})
    grew, fell = believed(weaker), believed(place({week: 0 for week in range(13)}))
    assert (reading(grew, "RF11").trend or 0) > 0.5
    assert (reading(fell, "RF11").trend or 0) < -0.5
    assert reading(believed(place()), "RF11").trend == 0
    assert reading(grew, "RF4").trend == 0


def test_words_of_two_windows_are_not_compared_where_reading_changed_or_fell() -> None:
    more = believed(place(others={week: 40 for week in range(13)}))
    short, dropped = believed(place(weeks=20)), believed(place(), (DROP,))
    for made in (more, short, dropped, believed(([], []))):
        assert all(r.trend is None for r in made.readings)
