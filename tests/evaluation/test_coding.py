"""The figures of a coder mean what their definitions say."""

from math import isnan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.signals.reports import SPEECH, record
from tocsin.evaluation import coding
from tocsin.signals.coder import HybridCoder
from tocsin.signals.lines import code_line

RELEVANCE = ("none", "context", "signal", "atrocity")
SIDES = ("state", "nonstate", "both", "unclear", "none")
FACTORS = [f"RF{n}" for n in range(1, 15)]


def gold(relevance: str = "signal", **given: Any) -> dict[str, Any]:
    row = {"relevance": relevance, "factors": [], "time": "none", "countries": []}
    return row | {"perpetrator": "none", "mitigation": False} | given


def answer(relevance: str = "signal", **given: Any) -> dict[str, Any]:
    row = gold(relevance, **given)
    return row | {"factors_present": row.pop("factors"), "relevance_score": given.get("score", 0.5)}


FAILED = {"id": "x", "error": "no text in this line; give id and text"}
LINES = st.builds(
    gold,
    st.sampled_from(RELEVANCE),
    factors=st.lists(st.sampled_from(FACTORS), unique=True, max_size=4),
    time=st.sampled_from(["present", "past", "future", "none"]),
    countries=st.lists(st.sampled_from(["SDN", "TCD", "MMR"]), unique=True),
    perpetrator=st.sampled_from(SIDES),
    mitigation=st.booleans(),
)


def perfect(row: dict[str, Any]) -> dict[str, Any]:
    score = float(row["relevance"] in coding.SIGNALS)
    return {**row, "factors_present": row["factors"], "relevance_score": score}


def test_an_atrocity_is_a_signal_and_context_is_not():
    pairs = [
        (gold("atrocity"), answer("signal")),
        (gold("signal"), answer("context")),
        (gold("context"), answer("signal")),
        (gold("none"), answer("none")),
    ]
    assert coding.signal(pairs) == coding.Counts(hit=1, wrong=1, missed=1)
    assert coding.signal(pairs).f1 == 0.5


def test_false_signals_are_a_share_of_gold_context_alone():
    pairs = [
        (gold("context"), answer("atrocity")),
        *[(gold("context"), answer("context"))] * 3,
        (gold("none"), answer("signal")),
    ]
    assert coding.false_signals(pairs) == 0.25


def test_factors_are_judged_by_the_list_decided_on_and_not_by_probabilities():
    told = answer(factors=["RF1", "RF2"]) | {"factors": {"RF7": 0.99}}
    assert coding.factors_micro([(gold(factors=["RF1", "RF7"]), told)]) == 0.5


def test_a_factor_with_fewer_than_five_gold_rows_does_not_count_in_the_mean():
    often = [(gold(factors=["RF1"]), answer(factors=["RF1"]))] * 5
    seldom = [(gold(factors=["RF10"]), answer())] * 4
    assert coding.factors_macro([*often, *seldom]) == 1.0
    assert coding.factors_macro([*often, *seldom, seldom[0]]) == 0.5
    assert list(coding.factor_counts(often)) == FACTORS


def test_a_factor_never_in_the_gold_costs_micro_but_not_macro():
    pairs = [(gold(factors=["RF1"]), answer(factors=["RF1", "RF12"]))] * 5
    assert coding.factors_macro(pairs) == 1.0
    assert coding.factors_micro(pairs) == pytest.approx(2 / 3)


def test_time_is_judged_where_there_is_one():
    pairs = [
        (gold(time="past"), answer(time="past")),
        (gold(time="past"), answer(time="present")),
        (gold(time="present"), answer(time="present")),
        (gold(time="future"), answer(time="none")),
        (gold(time="none"), answer(time="present")),
    ]
    assert coding.time_accuracy(pairs) == 0.5
    assert coding.past_recall(pairs) == 0.5


def test_a_second_country_too_many_costs_precision():
    found = coding.countries([(gold(countries=["SDN"]), answer(countries=["SDN", "TCD"]))])
    assert (found.precision, found.recall) == (0.5, 1.0)


def test_the_side_is_judged_on_gold_signals_whatever_the_answer_said_of_them():
    pairs = [
        (gold("signal", perpetrator="state"), answer("none", perpetrator="state")),
        (gold("atrocity", perpetrator="both"), answer("atrocity", perpetrator="state")),
        (gold("context", perpetrator="state"), answer("context", perpetrator="none")),
    ]
    assert coding.perpetrator_accuracy(pairs) == 0.5


def test_the_score_ranks_signals_over_the_rest():
    pairs = [(gold("signal"), answer(score=s)) for s in (0.9, 0.4)]
    pairs += [(gold("context"), answer(score=s)) for s in (0.5, 0.1)]
    assert coding.signal_auc(pairs) == 0.75


def test_a_failed_answer_is_counted_and_earns_nothing():
    rows = [gold("none"), gold("signal", time="present", factors=["RF1"], countries=["SDN"])]
    found = coding.figures([(row, FAILED) for row in rows])
    assert (found.rows, found.failed) == (2, 2)
    assert (found.signal_f1, found.factors_micro, found.time_accuracy) == (0, 0, 0)
    assert (found.countries_f1, found.perpetrator_accuracy) == (0, 0)


def test_a_figure_without_rows_is_not_a_number():
    found = coding.figures([(gold("none"), answer("none"))])
    assert all(isnan(v) for v in (found.signal_f1, found.false_signals, found.factors_macro))
    assert all(isnan(v) for v in (found.signal_auc, found.past_recall, found.mitigation_f1))


@given(st.lists(LINES, min_size=1, max_size=12))
def test_the_gold_itself_is_never_wrong(rows: list[dict[str, Any]]):
    pairs = [(row, perfect(row)) for row in rows]
    found = coding.figures(pairs)
    for name in (
        "signal_f1",
        "signal_auc",
        "factors_micro",
        "time_accuracy",
        "countries_f1",
        "mitigation_f1",
    ):
        value = getattr(found, name)
        assert value == 1.0 or isnan(value)
    assert not found.false_signals > 0


@given(st.lists(st.tuples(LINES, LINES.map(perfect)), min_size=1, max_size=12))
def test_every_figure_is_a_share_and_the_order_of_rows_is_of_no_matter(pairs: list[coding.Pair]):
    found, turned = coding.figures(pairs), coding.figures(pairs[::-1])
    for name in coding.Figures.__slots__[2:]:
        value, again = getattr(found, name), getattr(turned, name)
        assert isnan(value) or 0 <= value <= 1
        assert value == pytest.approx(again, nan_ok=True)


def test_a_reading_is_measured_as_the_line_of_the_command_is():
    rec = record(SPEECH)
    line = code_line({"id": rec.id, "text": rec.text, "published": str(rec.published)})
    told = coding.measured(HybridCoder(), rec)
    assert told == {key: line[key] for key in told}
