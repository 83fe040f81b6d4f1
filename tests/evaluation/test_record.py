"""What then happened, and the record of it: open is not zero, late is not compared, misses come first."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.evaluation.recorded import (
    LONG_AFTER,
    NEW_YEAR,
    a_record,
    a_world,
    at,
    judge,
    sealed,
    table,
    two_years,
    when,
)
from tocsin import scores
from tocsin.clock import Moment, Period
from tocsin.evaluation.outcome import Sealed, arrived, judged_by, standing_of
from tocsin.evaluation.published import as_json, as_lines, as_rows
from tocsin.evaluation.record import judged
from tocsin.evaluation.verdict import BASE, FIRST, MODEL, Verdict
from tocsin.forecasting.window import year_shares


def test_an_outcome_says_what_happened_by_which_definition_and_table() -> None:
    one = sealed("SDN", NEW_YEAR, 0.4, 2)
    (told,) = judge(one, by=table({("SDN", 2021): 140.0}))
    assert told.occurred and told.met == told.years == (2021,) and told.inside == 1
    assert told.figures == {"2021": 140.0} and told.window == Period(date(2021, 1, 1), date(2021, 12, 31))
    assert "os_deaths of at least 100" in told.definition and told.dataset == "A source: os_deaths 24.1"
    assert str(told.known) == "2022-06-30" and told.vintage == "later revision"
    assert (told.forecast, told.run, told.replaces) == (one.id, LONG_AFTER.run, "")


@pytest.mark.parametrize(
    ("day", "known"),
    [
        (date(2021, 12, 31), False),
        (date(2022, 6, 29), False),
        (date(2022, 6, 30), True),
        (date(2023, 1, 1), True),
    ],
)
def test_a_window_is_open_until_its_figures_are_out_and_never_zero(day: date, known: bool) -> None:
    assert bool(judge(sealed("FRA", NEW_YEAR, 0.4, 2), on=at(day))) is known


def test_a_window_of_two_years_waits_for_both_also_when_the_first_decides() -> None:
    one, by = two_years(sealed("SDN", NEW_YEAR, 0.4, 2)), table({("SDN", 2021): 140.0}, last=2021)
    assert judge(one, by=by) == []
    (told,) = judge(one, by=table({("SDN", 2021): 140.0}))
    assert told.occurred and told.met == (2021,) and told.years == (2021, 2022)


def test_an_empty_cell_or_a_state_without_a_row_leaves_the_window_open() -> None:
    one = sealed("SDN", NEW_YEAR, 0.4, 2)
    assert judge(one, by=table({("SDN", 2021): np.nan})) == []
    assert judge(replace(one, iso3="XKX"), by=table({})) == []


def test_a_forecast_that_could_have_seen_its_window_is_never_compared() -> None:
    one, by = sealed("SDN", NEW_YEAR, 0.4, 2), table({("SDN", 2021): 140.0})
    for late in (datetime(2021, 1, 1, tzinfo=UTC), datetime(2024, 6, 1, tzinfo=UTC)):
        assert list(arrived([one], {one.run: late}, {}, by, LONG_AFTER)) == []
        (row,) = judged([one], {one.run: late}, {})
        assert row.verdict is Verdict.LATE
    assert list(arrived([one], {one.run: datetime(2020, 12, 31, 23, tzinfo=UTC)}, {}, by, LONG_AFTER))


def test_what_was_never_sealed_is_no_forecast() -> None:
    one = sealed("SDN", NEW_YEAR, 0.4, 2)
    assert list(arrived([one], {}, {}, table({}), LONG_AFTER)) == [] == judged([one], {}, {})


def test_an_outcome_that_is_no_longer_in_the_tables_stays_open() -> None:
    assert judge(replace(sealed("SDN", NEW_YEAR, 0.4, 2), outcome="given_up")) == []


def test_a_later_revision_is_a_new_row_that_names_the_row_it_replaces() -> None:
    one, first = sealed("SDN", NEW_YEAR, 0.4, 2), table({("SDN", 2021): 140.0})
    (was,) = judge(one, by=first, on=at(date(2022, 7, 1)))
    standing = standing_of([was])
    assert judge(one, by=first, standing=standing) == [], "the same figures are no news"
    newer = table({("SDN", 2021): 60.0}, release="25.1")
    (now,) = judge(one, by=newer, standing=standing)
    assert now.replaces == was.id and not now.occurred and now.dataset.endswith("25.1")
    assert str(now.known) == "2025-12-31" and was.occurred
    (back,) = judge(one, by=first, standing=standing_of([now, was]), on=at(date(2026, 7, 1)))
    assert back.replaces == now.id and back.id not in {was.id, now.id}
    assert standing_of([back, was, now]) == {one.id: back}


@given(st.dates(date(2001, 1, 1), date(2030, 12, 31)), st.sampled_from([12, 24]))
def test_a_window_is_judged_by_the_years_of_which_half_lies_inside(issued: date, months: int) -> None:
    one = sealed("SDN", issued, 0.4, 2)
    window = (two_years(one) if months == 24 else one).window
    shares, years = year_shares(window), judged_by(window)
    assert years and all(shares[year] >= 0.5 for year in years)
    assert all(shares[year] < 0.5 for year in shares if year not in years)
    assert all(one.window.start.year <= year for year in years)


@pytest.mark.parametrize(
    ("p", "rank", "figure", "verdict"),
    [
        (0.4, 1, 140.0, Verdict.HIT),
        (0.05, FIRST, 140.0, Verdict.HIT),
        (0.4, FIRST + 1, 140.0, Verdict.MISS),
        (0.049, 1, 140.0, Verdict.MISS),
        (0.4, 1, 99.0, Verdict.FALSE_ALARM),
        (0.4, FIRST + 1, 99.0, Verdict.QUIET),
        (0.049, 1, 0.0, Verdict.QUIET),
    ],
)
def test_a_verdict_rests_on_rank_base_rate_and_what_happened(
    p: float, rank: int, figure: float, verdict: Verdict
) -> None:
    one = sealed("SDN", NEW_YEAR, p, rank)
    standing = standing_of(judge(one, by=table({("SDN", 2021): figure})))
    (row,) = judged([one], when(one), standing)
    assert row.verdict is verdict


def test_the_record_counts_and_scores_what_is_scored() -> None:
    record = a_record(*a_world(), sealed("SDN", date(2025, 6, 1), 0.4, 1))
    (card,) = record.cards
    assert (card.sealed, card.open, card.late, card.all.scored) == (4, 1, 0, 3)
    tally = card.all
    counts = (tally.events, tally.misses, tally.hits, tally.false_alarms, tally.quiet)
    assert counts == (2, 1, 1, 1, 0) and card.years.keys() == {2020}
    p, y, base = np.array([0.4, 0.3, 0.01]), np.array([1.0, 0.0, 1.0]), np.full(3, 0.05)
    assert tally.scores[MODEL].brier == pytest.approx(scores.brier(p, y))
    assert tally.scores[MODEL].log_score == pytest.approx(-np.mean(np.log([0.4, 0.7, 0.01])))
    assert tally.scores[MODEL].skill == pytest.approx(1 - scores.brier(p, y) / scores.brier(base, y))
    assert tally.scores["own_history"].brier == pytest.approx(scores.brier(p / 2, y))
    assert tally.scores[BASE].skill == 0 and tally.scores["climatology"].n == 3
    assert card.next_known == date(2027, 6, 30)


def test_forecasts_of_one_event_are_one_finding_and_one_event() -> None:
    days = [NEW_YEAR - timedelta(days=n) for n in range(5)]
    record = a_record(*(sealed("SSD", day, 0.01 + n / 1000, 90 + n) for n, day in enumerate(days)))
    (missed,) = record.misses
    assert missed.forecasts == 5 and missed.rank == (90, 94) and missed.figures == {"2021": 4000.0}
    assert missed.issued == (days[-1], days[0]) and missed.probability == (0.01, 0.014)
    assert record.cards[0].all.events == 1 and record.cards[0].all.misses == 5


def test_a_hit_in_a_year_that_had_begun_is_said_to_be_one() -> None:
    record = a_record(sealed("SDN", date(2021, 3, 1), 0.4, 1), sealed("SDN", NEW_YEAR, 0.4, 1))
    assert (record.cards[0].all.hits, record.cards[0].all.begun) == (2, 1)


def test_a_rival_is_scored_on_the_forecasts_it_was_issued_beside() -> None:
    world = a_world()
    world[0] = replace(world[0], baselines={"climatology": 0.05, "newcomer": 0.2})
    told = a_record(*world).cards[0].all.scores
    assert told["newcomer"].n == 1 and told["own_history"].n == 2 and told[MODEL].n == 3


def test_misses_come_before_hits_and_hits_before_false_alarms_in_every_form() -> None:
    record = a_record(*a_world())
    text = "\n".join(as_lines(record))
    assert (
        text.index("MISSES")
        < text.index("South Sudan")
        < text.index("HITS")
        < text.index("Sudan:", text.index("HITS"))
    )
    assert text.index("HITS") < text.index("FALSE ALARMS") < text.index("France")
    assert list(as_json(record))[:3] == ["misses", "hits", "false_alarms"]


@settings(max_examples=20)
@given(st.permutations(a_world() + a_world(date(2020, 11, 2)) + a_world(date(2025, 1, 1))))
def test_the_same_inputs_give_the_same_bytes_in_whatever_order_they_come(asked: list[Sealed]) -> None:
    first = sorted(asked, key=lambda f: f.id)
    told = [as_json(replace(a_record(*some), head="")) for some in (first, asked)]
    assert json.dumps(told[0]) == json.dumps(told[1])


def test_an_impossible_event_has_an_infinite_log_score_and_json_stays_json() -> None:
    record = a_record(sealed("SSD", NEW_YEAR, 0.0, 90))
    told = as_json(record)
    assert told["cards"][0]["all"]["scores"][MODEL]["log_score"] == "infinite"
    json.dumps(told, allow_nan=False)
    assert any("infinite" in line for line in as_lines(record))


def test_a_record_without_outcomes_says_open_and_when_figures_can_be_had() -> None:
    record = a_record(*a_world(date(2025, 6, 1)))
    (card,) = record.cards
    assert (card.open, card.all.scored, card.all.scores) == (3, 0, {})
    text = "\n".join(as_lines(record))
    assert "3 open" in text and "2027-06-30" in text and "none among the scored forecasts" in text
    assert {row["verdict"] for row in as_rows(judged(a_world(), when(*a_world()), {}))} == {"open"}
    assert {row["occurred"] for row in as_rows(judged(a_world(), when(*a_world()), {}))} == {""}


def test_an_outcome_is_known_no_earlier_than_its_window_ends() -> None:
    for one in judge(*a_world(), *a_world(date(2021, 8, 1))):
        assert isinstance(one.known, Moment) and one.known.at.date() > one.window.end
