"""Every member of the United Nations is listed; one of which nothing is read is never told as a low risk."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.assessment.made import AS_OF, DAY
from tests.assessment.test_doubt import gone
from tests.signals.test_voices import PAST
from tocsin.assessment.coverage import MEMBERS, Covered, Looked, coverage, members, summary
from tocsin.sources.reportflow import Counts

GDELT: Counts = {"MLI": {DAY - timedelta(days=n): 9 for n in range(8, 200)}} | {
    iso3: {DAY - timedelta(days=n): 9 for n in range(200)} for iso3 in ("TCD", "KEN", "NAM")
}
WORDS: Counts = {"MLI": {DAY - timedelta(days=n): 1 for n in range(3)}, "XKX": {DAY - timedelta(days=400): 1}}
LOOKED = Looked({"events": {"gdelt": GDELT}, "words": {"feeds": WORDS}}, PAST, [gone()], {"gdelt": DAY})


def found(looked: Looked = LOOKED) -> dict[str, Covered]:
    return {c.iso3: c for c in coverage(looked, AS_OF)}


def test_exactly_193_members_come_first_and_the_other_states_after_them() -> None:
    listed = coverage(Looked({}), AS_OF)
    assert [c.member for c in listed] == [True] * MEMBERS + [False] * (len(listed) - MEMBERS)
    assert {c.iso3 for c in listed if not c.member} >= {"VAT", "PSE", "XKX"}


@pytest.mark.parametrize(
    ("day", "count"), [(date(2011, 7, 13), 192), (date(2011, 7, 14), 193), (date(2006, 6, 27), 191)]
)
def test_members_are_those_of_the_day(day: date, count: int) -> None:
    assert len(members(day)) == count


def test_each_state_has_a_last_seen_day_by_group_and_source_or_no_data() -> None:
    told = found()
    mali = told["MLI"]
    assert (mali.groups["words"].last, mali.groups["events"].last) == (DAY, DAY - timedelta(days=8))
    assert {s.of: s.last for s in mali.sources} == {"feeds": DAY, "gdelt": DAY - timedelta(days=8)}
    assert (mali.groups["events"].reports, mali.documents, mali.origins) == (9 * 83, 19, 2)
    assert mali.groups["conditions"].state == "no data" and not mali.no_data
    assert mali.gone == ("The mission (mission): expelled by the state, 2026-10-31",)
    assert told["FJI"].no_data and told["FJI"].last is None
    assert {s.state for s in told["FJI"].groups.values()} == {"no data"}
    assert told["XKX"].last == DAY - timedelta(days=400)


def test_a_silent_place_is_named_and_a_short_history_is_never_usual() -> None:
    told = found()
    assert told["MLI"].groups["events"].state == "dropped" and told["KEN"].groups["events"].state == "usual"
    assert re.fullmatch(r"0 in 7 days, where 6\d are expected", told["MLI"].groups["events"].why)
    short = found(Looked({"words": {"feeds": {"MLI": {DAY: 3}}}}))
    assert short["MLI"].groups["words"].state == "not known yet"


def test_releases_that_come_too_seldom_show_no_silence_and_say_so() -> None:
    yearly = found(Looked({"events": {"ucdp": {"MLI": {DAY - timedelta(days=300): 50}}}}))["MLI"].groups[
        "events"
    ]
    assert yearly.flow == () and yearly.state == "not known yet" and "too seldom" in yearly.why


def test_what_is_missed_most_comes_first_and_the_summary_counts_it() -> None:
    listed = coverage(LOOKED, AS_OF)
    order = [c.iso3 for c in listed if c.member]
    assert order.index("FJI") < order.index("MLI") and order[-4:] == ["TCD", "KEN", "NAM", "MLI"]
    told = summary(listed)
    assert (
        told.startswith(f"193 UN members: {MEMBERS - 4} with no data in this home")
        and "reports dropped in 1" in told
    )
    assert told.endswith("No data is not low risk.")


def test_a_day_of_the_past_lists_the_members_of_then() -> None:
    then = datetime(2006, 6, 27, 23, 59, tzinfo=UTC)
    assert sum(c.member for c in coverage(Looked({}), then)) == 191


def test_no_level_and_no_chance_stands_in_coverage() -> None:
    assert not {"level", "risk", "probability", "score"} & set(Covered.__slots__)
