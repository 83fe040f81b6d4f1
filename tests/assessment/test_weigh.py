"""What an assessment promises: all 14 factors, coverage always, and silence never read as peace."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.assessment.made import AS_OF, DAY, PEACE, a_signal, figures, inputs
from tocsin.assessment.belief import Assessment, FactorReading, Missing, Seen
from tocsin.assessment.figures import FACTORS, figure_of, figures_from_panel, weights
from tocsin.assessment.weigh import assess
from tocsin.clock import day_moment
from tocsin.forecasting.panel import load_panel
from tocsin.signals.signal import Relevance, TimeStatus


def reading(assessment: Assessment, factor: str) -> FactorReading:
    return next(r for r in assessment.readings if r.factor == factor)


def test_nothing_read_is_no_reading_anywhere_and_never_low_risk() -> None:
    made = assess("QQA", inputs())
    assert made.no_data
    assert [r.factor for r in made.readings] == list(FACTORS)
    assert all(r.seen is Seen.NO_READING and r.why_missing for r in made.readings)
    assert "No document about this place was read in the 90 days before 2026-11-20." in made.coverage.blind


def test_a_war_is_seen_from_figures_with_label_source_and_year() -> None:
    made = assess("QQA", inputs(figures=figures({"acd_intensity": (2, 2025)})))
    found = reading(made, "RF1")
    assert (found.seen, found.strength, found.newest) == (Seen.PRESENT, 1.0, "2025")
    assert found.figures[0][1:] == ("2", "UCDP", "2025")
    assert figure_of(made, "acd_intensity") == (2.0, 2025)


def test_a_figure_too_old_does_not_count_and_the_gap_says_its_year() -> None:
    made = assess("QQA", inputs(figures=figures({"acd_intensity": (2, 2019)})))
    assert reading(made, "RF1").missing is Missing.NOT_COVERED
    assert "2019" in reading(made, "RF1").why_missing
    assert "UCDP figures end in 2019, too old to count." in made.coverage.blind


@pytest.mark.parametrize("status", [t for t in TimeStatus if t is not TimeStatus.PRESENT])
def test_words_on_the_past_or_denied_or_supposed_never_count_as_present(status: TimeStatus) -> None:
    made = assess("QQA", inputs(signals=[a_signal(time=status)], records_read=1, origins_read=1))
    assert reading(made, "RF11").seen is Seen.NO_READING


def test_context_and_undated_and_later_known_words_do_not_count() -> None:
    late = day_moment(DAY + timedelta(days=1))
    signals = [
        a_signal(1, relevance=Relevance.CONTEXT),
        a_signal(2, known=None),
        a_signal(3, known=late),
        a_signal(4, known=day_moment(DAY - timedelta(days=200))),
    ]
    made = assess("QQA", inputs(signals=signals, records_read=1, origins_read=1))
    assert made.reasons == ()
    assert "1 claim(s) without a date were not counted." in made.coverage.blind


def test_a_present_atrocity_is_seen_with_its_signal_and_origin() -> None:
    made = assess("QQA", inputs(signals=[a_signal()], records_read=1, origins_read=1))
    found = reading(made, "RF11")
    assert (found.seen, found.signals, found.origins) == (Seen.PRESENT, ("sig-1",), 1)
    assert made.reasons == ("sig-1",)


def test_killings_counted_are_no_sign_of_intent_or_plan() -> None:
    made = assess("QQA", inputs(figures=figures({"os_deaths": (5000, 2025), "mk_ongoing": (1, 2025)})))
    assert reading(made, "RF11").seen is Seen.PRESENT
    assert {reading(made, f).seen for f in ("RF10", "RF12")} == {Seen.NO_READING}
    assert "no document about this place was read" in reading(made, "RF10").why_missing


def test_war_crimes_factors_do_not_apply_only_where_covered_figures_show_no_conflict() -> None:
    peace = assess("QQA", inputs(figures=figures(PEACE)))
    unknown = assess("QQA", inputs())
    unrest = assess("QQA", inputs(figures=figures(PEACE), signals=[a_signal(factor="RF1")]))
    for factor in ("RF13", "RF14"):
        assert reading(peace, factor).missing is Missing.NOT_APPLICABLE
        assert "2025" in reading(peace, factor).why_missing
        assert reading(unknown, factor).missing is Missing.NOT_COVERED
        assert reading(unrest, factor).missing is Missing.NOT_COVERED


def test_not_seen_needs_enough_documents_from_more_than_one_origin() -> None:
    enough = assess("QQA", inputs(records_read=5, origins_read=2, newest_record="2026-11-19"))
    few = assess("QQA", inputs(records_read=5, origins_read=1))
    assert reading(enough, "RF10").seen is Seen.NOT_SEEN
    assert reading(few, "RF10").missing is Missing.NOT_COVERED


def test_a_zero_in_a_late_list_does_not_clear_a_factor() -> None:
    made = assess("QQA", inputs(figures=figures({"mk_ongoing": (0, 2025)})))
    assert reading(made, "RF11").seen is Seen.NO_READING
    assert "does not rule it out" in reading(made, "RF11").why_missing


def test_each_reason_for_a_gap_is_told_apart() -> None:
    down = assess("QQA", inputs(source_health={"ucdp": "the file is truncated"}))
    silent = assess("QQA", inputs(source_health={"radio": "the feed is HTML"}))
    withheld = assess("QQA", inputs(figures=figures({}, "withheld: under review")))
    withdrawn = assess("QQA", inputs(signals=[a_signal(review="withdrawn")]))
    assert reading(down, "RF1").missing is Missing.SOURCE_DOWN
    assert "truncated" in reading(down, "RF1").why_missing
    assert reading(silent, "RF10").missing is Missing.SOURCE_DOWN
    assert reading(withheld, "RF1").missing is Missing.WITHHELD
    assert reading(withdrawn, "RF11").missing is Missing.WITHDRAWN


def test_a_correction_takes_the_place_of_what_it_replaces() -> None:
    signals = [a_signal(1), a_signal(2, time=TimeStatus.PAST, replaces="sig-1")]
    made = assess("QQA", inputs(signals=signals, records_read=1, origins_read=1))
    assert made.reasons == ()


def test_protective_acts_stand_beside_and_take_nothing_away() -> None:
    shelter = a_signal(2, protective=True, factor="", indicator="")
    with_shelter = assess("QQA", inputs(signals=[a_signal(1), shelter], records_read=2, origins_read=2))
    without = assess("QQA", inputs(signals=[a_signal(1)], records_read=2, origins_read=2))
    assert with_shelter.protective == ("sig-2",)
    assert with_shelter.readings == without.readings


def test_shelter_of_years_ago_is_no_protective_act_of_today() -> None:
    then = a_signal(protective=True, factor="", time=TimeStatus.PAST, relevance=Relevance.CONTEXT)
    assert assess("QQA", inputs(signals=[then])).protective == ()


def test_killing_told_in_one_sentence_with_shelter_counts_as_killing() -> None:
    both = a_signal(protective=True)
    made = assess("QQA", inputs(signals=[both], records_read=1, origins_read=1))
    assert reading(made, "RF11").seen is Seen.PRESENT
    assert made.protective == made.reasons == ("sig-1",)


@given(value=st.floats(-1e6, 1e6), step=st.floats(0, 1e6))
def test_every_figure_reads_between_0_and_1_and_worse_is_never_weaker(value: float, step: float) -> None:
    for rule in weights().figures:
        worse = value + step if rule.worse == "higher" else value - step
        assert 0 <= rule.strength(value) <= rule.strength(worse) <= 1


def test_every_state_of_the_shipped_table_gets_an_assessment_that_says_what_is_not_seen() -> None:
    panel = load_panel()
    for iso3 in panel.states(2024):
        made = assess(iso3, inputs(figures=figures_from_panel(panel, iso3, AS_OF)))
        assert made.coverage.blind and made.coverage.factors_read < 14
        assert replace(made, run="other").readings == made.readings


def test_a_replay_reads_no_figure_that_was_not_out_by_then() -> None:
    then = AS_OF.replace(year=2014, month=4, day=3)
    panel = load_panel()
    for iso3 in panel.states(2014)[:40]:
        made = assess(iso3, inputs(as_of=then, figures=figures_from_panel(panel, iso3, then)))
        years = [int(year) for r in made.readings for *_, year in r.figures]
        assert all(year <= 2013 for year in years)


def test_figures_on_law_alone_do_not_make_a_place_known() -> None:
    lawful = assess("QQA", inputs(figures=figures({"v2x_rule": (0.9, 2025), "mk_ever": (0, 2024)})))
    assert lawful.no_data and reading(lawful, "RF3").seen is Seen.NOT_SEEN
    assert not assess("QQA", inputs(figures=figures({"os_deaths": (0, 2025)}))).no_data
    assert assess("QQA", inputs(figures=figures({"os_deaths": (0, 2015)}))).no_data, "too old to count"
