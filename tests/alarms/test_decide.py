"""What a level promises: quick to rise, slow to fall, and neither silence nor noise moves it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.alarms.made import a_decision, turn
from tests.assessment.made import AS_OF, a_forecast, a_signal, figures, inputs, onset
from tocsin.alarms.alarm import Decision, Level
from tocsin.alarms.decide import decide
from tocsin.alarms.policy import Condition, policy
from tocsin.assessment.figures import figures_from_panel
from tocsin.assessment.weigh import assess
from tocsin.clock import day_moment
from tocsin.errors import NotAllowed
from tocsin.forecasting.panel import load_panel
from tocsin.signals.signal import Relevance, TimeStatus

COST = policy().costs[Level.WARNING].threshold()
LINE = COST / onset(1).probability
"""The ratio to the made-up base rate at which a warning pays."""


def test_a_multiple_of_the_average_is_a_warning_said_with_number_word_and_range() -> None:
    decision, _ = turn(forecasts=[onset(5)])
    assert (decision.level, decision.rule) == (Level.WARNING, "warning-onset")
    assert "6.5 %" in decision.sentences[0] and "5.0 times the average" in decision.sentences[0]
    assert "possible; 90 % range" in decision.sentences[1]
    assert decision.reasons == ("fct-new_mass_killing-24",)


def test_two_independent_origins_of_atrocities_are_an_alarm() -> None:
    decision, _ = turn([a_signal(1), a_signal(2, relevance=Relevance.SIGNAL)])
    assert (decision.level, decision.origins) == (Level.ALARM, 2)
    assert set(decision.reasons) == {"sig-1", "sig-2"}


def test_two_origins_without_an_atrocity_or_a_trigger_are_no_alarm() -> None:
    weak = [a_signal(n, relevance=Relevance.SIGNAL) for n in (1, 2)]
    triggers = [a_signal(n, relevance=Relevance.SIGNAL, factor="RF8") for n in (1, 2)]
    assert turn(weak)[0].level is Level.RISK
    assert turn(triggers)[0].level is Level.ALARM


@given(copies=st.integers(1, 40), confidence=st.floats(0, 1))
@settings(max_examples=30)
def test_a_flood_from_one_story_or_one_origin_never_makes_an_alarm(copies: int, confidence: float) -> None:
    one_story = [a_signal(n, story="one", confidence=confidence) for n in range(copies)]
    one_origin = [a_signal(n, origin="one", confidence=confidence) for n in range(copies)]
    once = turn(one_story[:1])[0].level
    assert once.step <= Level.RISK.step
    assert turn(one_story)[0].level is turn(one_origin)[0].level is once


def test_one_report_of_some_confidence_is_a_reason_to_look_and_a_doubtful_one_is_not() -> None:
    assert turn([a_signal(confidence=0.5)])[0].level is Level.RISK
    assert turn([a_signal(confidence=0.25)])[0].level is Level.NONE


def test_one_origin_with_a_forecast_at_warning_height_is_an_alarm() -> None:
    assert turn([a_signal()], [onset(5)])[0].level is Level.ALARM
    assert turn([a_signal(confidence=0.3)], [onset(5)])[0].level is Level.WARNING


def test_reports_of_the_past_raise_nothing() -> None:
    past = [a_signal(n, time=TimeStatus.PAST) for n in (1, 2, 3)]
    assert turn(past)[0].level is Level.NONE


def test_signals_of_another_place_do_not_count() -> None:
    assert turn([a_signal(n, iso3="QQB") for n in (1, 2)])[0].level is Level.NONE


def test_a_thousand_killed_in_the_newest_year_is_ongoing_and_an_old_year_is_not() -> None:
    killed, old = figures({"os_deaths": (1200, 2025)}), figures({"os_deaths": (1200, 2021)})
    assert turn(figures=killed)[0].level is Level.ONGOING
    assert "1,200 civilians" in turn(figures=killed)[0].sentences[0]
    assert "in 2025, the newest year known" in turn(figures=killed)[0].sentences[0]
    assert turn(figures=old)[0].level is Level.NONE


def test_nothing_read_is_told_as_unknown_and_not_as_low() -> None:
    decision, _ = turn()
    assert decision.level is Level.NONE
    assert decision.sentences == (
        "Neither words nor figures on violence were read: the risk is unknown, which is not low.",
    )
    assert decision.unknowns


def test_a_level_is_kept_until_its_measure_is_clearly_below_the_threshold() -> None:
    first, _ = turn(forecasts=[onset(5)])
    kept, _ = turn(forecasts=[onset(0.75 * LINE)], previous=first, day=1)
    gone, _ = turn(forecasts=[onset(0.68 * LINE)], previous=kept, day=2)
    assert (kept.level, bool(kept.held), kept.expires) == (Level.WARNING, True, first.expires)
    assert (gone.level, gone.held) == (Level.RISK, "")


@given(left=st.integers(0, 2))
def test_a_fall_in_reports_never_lowers_a_level(left: int) -> None:
    many = [a_signal(n) for n in range(3)]
    first, _ = turn(many)
    assert first.level is Level.ALARM
    later, _ = turn(many[:left], previous=first, day=3)
    assert later.level is Level.ALARM


def test_a_forecast_that_was_not_made_does_not_lower_a_level() -> None:
    first, _ = turn(forecasts=[onset(5)])
    later, _ = turn(previous=first, day=1)
    assert later.level is Level.WARNING
    assert "silence does not lower a level" in later.held
    assert any("is kept" in s for s in later.sentences)


def test_a_source_that_is_down_does_not_lower_a_level() -> None:
    first, _ = turn(forecasts=[onset(5)])
    later, _ = turn(forecasts=[onset(1)], previous=first, day=1, source_health={"ucdp": "unreachable"})
    assert later.level is Level.WARNING and "a source is down" in later.held


def test_fewer_figures_than_before_do_not_lower_a_level() -> None:
    first, _ = turn(forecasts=[onset(5)], figures=figures({"sb_deaths": (0, 2025), "os_deaths": (0, 2025)}))
    later, _ = turn(forecasts=[onset(1)], previous=first, figures=figures({"sb_deaths": (0, 2025)}), day=1)
    assert later.level is Level.WARNING and "only 1 figures" in later.held


def test_a_level_falls_when_as_much_was_read_and_it_says_so() -> None:
    first, _ = turn([a_signal(n) for n in (1, 2)])
    quiet = [a_signal(n, factor="RF1", relevance=Relevance.CONTEXT) for n in (1, 2, 3, 4, 5)]
    later, _ = turn(quiet, previous=first, day=3, records_read=5, origins_read=5)
    assert (later.level, later.held) == (Level.NONE, "")


def test_a_level_that_cannot_be_measured_outlives_its_last_day_and_says_since_when() -> None:
    first, _ = turn(forecasts=[onset(5)])
    assert first.expires == AS_OF.date() + timedelta(days=180)
    held, _ = turn(previous=first, day=180)
    over, _ = turn(previous=held, day=181)
    assert (held.level, over.level) == (Level.WARNING, Level.WARNING)
    since = (AS_OF + timedelta(days=180)).date()
    assert held.held.startswith("not measured this time: the forecast of new_mass_killing")
    assert over.held.startswith("not measured any more: the forecast of new_mass_killing")
    assert f"since {since};" in held.held and f"since {since};" in over.held
    assert over.sentences[-2].endswith(f"{over.held}.") and "unknown, which is not low" in over.sentences[-1]
    again, _ = turn(previous=over, day=182)
    assert len(again.sentences) == len(over.sentences)


def test_a_level_measured_again_falls_past_its_last_day_as_before_it_and_not_in_between() -> None:
    first, _ = turn(forecasts=[onset(5)])
    over, _ = turn(previous=first, day=200)
    near, _ = turn(forecasts=[onset(0.75 * LINE)], previous=over, day=201)
    below, _ = turn(forecasts=[onset(0.68 * LINE)], previous=near, day=202)
    assert (near.level, "still above" in near.held) == (Level.WARNING, True)
    assert (below.level, below.held) == (Level.RISK, "")


def test_holding_again_and_again_neither_renews_the_expiry_nor_wears_down_the_yardstick() -> None:
    decision, _ = turn([a_signal(n) for n in range(4)])
    first = decision
    for day in range(1, 6):
        decision, _ = turn([a_signal(1)], previous=decision, day=day)
    assert (decision.expires, decision.records_read) == (first.expires, first.records_read)


def test_a_rule_that_left_the_policy_holds_until_it_expires() -> None:
    gone = a_decision(Level.WARNING, rule="an-old-rule", expires=AS_OF.date() + timedelta(days=9))
    assert "no longer in the policy" in turn(previous=gone, day=1)[0].held
    blind, _ = turn(previous=gone, day=10)
    assert blind.level is Level.WARNING and "not measured any more" in blind.held
    peace = figures({"os_deaths": (0, 2025)})
    assert turn(previous=gone, day=10, figures=peace)[0].level is Level.NONE
    thin = replace(gone, figures_read=2)
    assert turn(previous=thin, day=10, figures=peace)[0].level is Level.WARNING


def test_a_rule_within_a_tenth_of_its_threshold_is_kept_as_a_near_miss() -> None:
    decision, near = turn(forecasts=[onset(0.92 * LINE)])
    assert decision.level is Level.RISK
    assert [(m.rule, m.threshold) for m in near] == [("warning-onset", COST)]
    assert turn(forecasts=[onset(0.88 * LINE)])[1] == ()


levels = st.lists(st.floats(0.0, 30.0), min_size=1, max_size=12)


@given(ratios=levels, reports=st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_no_course_of_events_gives_a_level_without_expiry_or_a_fall_on_thinner_reading(
    ratios: list[float], reports: list[int]
) -> None:
    previous = None
    for day, (ratio, count) in enumerate(zip(ratios, reports, strict=False)):
        decision, _ = turn([a_signal(n) for n in range(count)], [onset(ratio)], previous, day)
        assert (decision.expires is None) == (decision.level is Level.NONE)
        words = previous is not None and previous.rule in ("alarm-two-origins", "risk-words")
        if words and previous is not None and decision.level.step < previous.level.step:
            assert count >= previous.records_read
        previous = decision


def test_a_high_chance_of_large_killing_is_a_warning() -> None:
    assert turn(forecasts=[a_forecast("one_sided_1000", 12, 0.16, 0.015)])[0].level is Level.WARNING


@given(ratio=st.floats(0, 30), deaths=st.integers(0, 3000), count=st.integers(0, 3))
def test_renaming_a_country_changes_no_level_no_rule_and_no_sentence(
    ratio: float, deaths: int, count: int
) -> None:
    told = []
    for iso3 in ("QQA", "ZZB"):
        signals = [a_signal(n, iso3=iso3) for n in range(count)]
        killed = figures({"os_deaths": (deaths, 2025)})
        forecasts = [replace(onset(ratio), iso3=iso3)]
        decision, near = turn(signals, forecasts, iso3=iso3, figures=killed)
        told.append((decision.level, decision.rule, decision.sentences, len(near)))
    assert told[0] == told[1]


def test_the_figures_of_one_state_give_any_other_state_the_same_level() -> None:
    panel = load_panel()
    states = panel.states(2024)
    for iso3, other in zip(states, states[1:] + states[:1], strict=True):
        read = figures_from_panel(panel, iso3, AS_OF)
        own, borrowed = turn(iso3=iso3, figures=read)[0], turn(iso3=other, figures=read)[0]
        assert (own.level, own.sentences) == (borrowed.level, borrowed.sentences)


def quiet(count: int, origins: int) -> dict[str, Any]:
    return {"records_read": count, "origins_read": origins}


def course(first: Decision, days: int, **changes: Any) -> list[Decision]:
    """One turn a day in which nothing new is read."""
    told = [first]
    for day in range(1, days + 1):
        told.append(turn(previous=told[-1], day=day, **changes)[0])
    return told


def test_figures_that_grow_too_old_hold_their_level_for_two_years_of_daily_turns() -> None:
    dead = figures({"os_deaths": (1200, 2024)})
    told = course(turn(figures=dead)[0], 730, figures=dead)
    assert {d.level for d in told} == {Level.ONGOING}
    assert told[-1].held.startswith("not measured any more: the figure os_deaths (missing or too old)")
    assert "since 2027-01-01;" in told[-1].held
    assert told[-1].sentences[-1].startswith("Neither words nor figures on violence were read")


@pytest.mark.parametrize("reports", [1, 2, 3])
def test_words_that_stop_hold_their_level_for_two_years_of_daily_turns(reports: int) -> None:
    first = turn([a_signal(n) for n in range(reports)])[0]
    told = [first]
    for day in range(1, 731):
        left = [a_signal(n) for n in range(reports)] if day <= 88 else []
        told.append(turn(left, previous=told[-1], day=day)[0])
    assert {d.level for d in told} == {first.level} and first.level is not Level.NONE
    assert told[-1].held.startswith("not measured any more: the words (no document about the place was read)")
    assert f"since {(AS_OF + timedelta(days=89)).date()};" in told[-1].held
    assert "No rule fires" not in " ".join(told[-1].sentences)


def test_new_figures_lower_a_level_only_when_they_are_clearly_below() -> None:
    held = course(turn(figures=figures({"os_deaths": (1200, 2024)}))[0], 1, figures=figures({}))[-1]
    still, _ = turn(previous=held, day=300, figures=figures({"os_deaths": (600, 2026)}))
    below, _ = turn(previous=held, day=300, figures=figures({"os_deaths": (400, 2026)}))
    assert (still.level, "still above" in still.held) == (Level.ONGOING, True)
    assert (below.level, below.held) == (Level.NONE, "")


def test_a_figure_that_is_read_but_too_old_for_its_rule_is_not_measured() -> None:
    rules = [replace(r, all=tuple(younger(c) for c in r.all)) for r in policy().rules]
    strict = replace(policy(), rules=tuple(rules))
    old = inputs(as_of=AS_OF, figures=figures({"os_deaths": (0, 2024)}))
    first = a_decision(Level.ONGOING)
    told, _ = decide(assess("QQA", old), (), (), first, strict)
    assert told.level is Level.ONGOING and "too old" in told.held


def younger(condition: Condition) -> Condition:
    return replace(condition, threshold=1) if condition.field.endswith("os_deaths.age") else condition


def test_unrelated_documents_lower_no_level_until_as_many_from_as_many_origins_were_read() -> None:
    first, _ = turn([a_signal(n) for n in range(4)])
    gone, _ = turn(previous=first, day=100)
    for count, origins, why in ((3, 3, "only 3 documents"), (40, 3, "only 3 origins")):
        later, _ = turn(previous=gone, day=101, **quiet(count, origins))
        assert later.level is Level.ALARM
        assert f"not measured any more as well as then: {why} were read, 4 before" in later.held
    assert turn(previous=gone, day=101, **quiet(4, 4))[0].level is Level.NONE


def test_figures_that_a_rule_of_words_does_not_compare_do_not_hold_its_level() -> None:
    first, _ = turn([a_signal(n) for n in (1, 2)], figures=figures({"sb_deaths": (0, 2024)}))
    later, _ = turn(previous=first, day=100, **quiet(2, 2))
    assert (first.figures_read, later.level) == (1, Level.NONE)


def test_what_only_leaves_the_window_does_not_wear_down_the_yardstick_and_new_documents_set_it() -> None:
    many, few = [a_signal(n) for n in range(6)], [a_signal(n) for n in range(2)]
    two = figures({"sb_deaths": (0, 2025), "os_deaths": (0, 2025)})
    first, _ = turn(many, figures=two, newest_record="2026-11-18")
    worn, _ = turn(few, previous=first, day=50, newest_record="2026-11-18")
    anew, _ = turn(few, previous=first, day=50, newest_record="2027-01-02")
    assert (worn.held, anew.held) == ("", "")
    assert (worn.records_read, worn.origins_read, worn.figures_read) == (6, 6, first.figures_read)
    assert (anew.records_read, anew.origins_read, anew.figures_read) == (2, 2, first.figures_read)


documents = st.lists(st.tuples(st.integers(0, 500), st.booleans(), st.integers(0, 4)), max_size=25)


@given(read=documents, ends=st.integers(2022, 2027))
@settings(max_examples=25, deadline=None)
def test_over_two_years_a_level_falls_only_when_something_was_read_since_it_was_set(
    read: list[tuple[int, bool, int]], ends: int
) -> None:
    dead = figures({"os_deaths": (1200, ends)} if ends <= 2025 else {})
    previous, set_on = None, 0
    for day in range(0, 730, 6):
        window = [(n, d) for n, d in enumerate(read) if day - 90 <= d[0] <= day]
        grave = [
            a_signal(n, origin=f"o{d[2]}", known=day_moment(AS_OF.date() + timedelta(days=d[0])))
            for n, d in window
            if d[1]
        ]
        newest = max(((AS_OF + timedelta(days=d[0])).date().isoformat() for _, d in window), default="")
        seen = quiet(len(window), len({d[2] for _, d in window})) | {"newest_record": newest}
        now, _ = turn(grave, previous=previous, day=day, figures=dead, **seen)
        if previous is not None and now.level.step < previous.level.step:
            assert any(set_on < d[0] <= day for d in read), f"fell on day {day}, set on day {set_on}"
            assert not previous.rule.startswith("ongoing"), "no new figure was read"
        previous, set_on = now, set_on if now.held else day


def test_a_policy_whose_sentence_states_a_crime_as_fact_makes_no_decision() -> None:
    claim = tuple(replace(r, sentence="This is genocide.") for r in policy().rules)
    for read in (figures({}), figures({"os_deaths": (0, 2025)})):
        with pytest.raises(NotAllowed, match="This is genocide"):
            decide(assess("QQA", inputs(figures=read)), [onset(5)], (), None, replace(policy(), rules=claim))
