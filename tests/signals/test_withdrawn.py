"""A record taken back: what it said counts no more, nothing rises by it, and nothing is forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.alarms.made import turn
from tests.assessment.made import AS_OF, a_signal, inputs, onset
from tests.signals.counted import figures
from tocsin.alarms.alarm import Decision
from tocsin.assessment.belief import Missing
from tocsin.assessment.weigh import assess
from tocsin.assessment.words import present
from tocsin.clock import Moment, Precision
from tocsin.signals.held import State, standings
from tocsin.signals.held import taken_back as figures_taken_back
from tocsin.signals.signal import Relevance, Signal, TimeStatus
from tocsin.signals.withdrawn import REPLACED, WITHDRAWN, Taken, Version, marked, resting, taken_back, told
from tocsin.sources.withdrawal import Withdrawal

THEN = datetime(2026, 11, 10, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def version(id: str, at: datetime = THEN, **changes: str) -> Version:
    given = {"source": "pages", "external_id": "https://body.example/a", "replaces": ""} | changes
    return Version(id, given["source"], given["external_id"], given["replaces"], at)


def withdrawal(at: datetime = THEN + DAY, **changes: str) -> Withdrawal:
    given: dict[str, str] = {
        "external_id": "https://body.example/a",
        "record": "",
        "by": "body.example",
    } | changes
    why = given.get("why", "the page answers 410 (gone)")
    known = Moment(at, Precision.INSTANT)
    return Withdrawal("wdr-1", "pages", given["external_id"], given["record"], given["by"], why, known, at)


def test_a_source_takes_back_what_it_gave_until_then_and_not_what_it_says_anew() -> None:
    versions = [
        version("rec-1"),
        version("rec-2", THEN + 2 * DAY, replaces="rec-1"),
        version("rec-3", external_id="https://body.example/b"),
        version("rec-4", source="feeds"),
    ]
    found = taken_back(versions, [withdrawal()])
    assert {id: (t.how, t.by) for id, t in found.items()} == {"rec-1": (WITHDRAWN, "body.example")}


def test_a_replaced_version_is_taken_back_by_the_later_one() -> None:
    found = taken_back([version("rec-1"), version("rec-2", replaces="rec-1")], [])
    assert {id: t.how for id, t in found.items()} == {"rec-1": REPLACED} and "rec-2" in found["rec-1"].why


def test_a_person_takes_back_one_version_whatever_its_source_says() -> None:
    by_desk = withdrawal(external_id="", record="rec-1", by="ada", why="a forgery")
    found = taken_back([version("rec-1", external_id=""), version("rec-2", external_id="")], [by_desk])
    assert set(found) == {"rec-1"} and found["rec-1"].person
    assert "ada" in told([found["rec-1"]], named=True) and "a forgery" in told([found["rec-1"]], named=True)
    public = told([found["rec-1"]])
    assert "ada" not in public and "forgery" not in public and "this desk" in public


def test_the_first_withdrawal_is_told() -> None:
    early, late = withdrawal(THEN + DAY, by="a"), replace(withdrawal(THEN + 2 * DAY, by="b"), id="wdr-2")
    assert taken_back([version("rec-1")], [late, early])["rec-1"].by == "a"


def test_a_sentence_names_a_few_and_counts_all() -> None:
    flags = [Taken(f"rec-{n}", WITHDRAWN, "x", THEN, "gone") for n in range(5)]
    said = told([*flags, Taken("rec-9", REPLACED, "x", THEN, "later")])
    assert said.startswith("Rests on 5 withdrawn records (rec-0, withdrawn by x on 2026-11-10: gone; ")
    assert "and 2 more) and 1 replaced record (rec-9" in said and told([]) == ""


def test_what_a_person_confirmed_counts_no_more_when_its_record_is_withdrawn() -> None:
    confirmed = a_signal(1, review="person")
    (mark,) = marked([confirmed], {"rec-1": Taken("rec-1", WITHDRAWN, "x", THEN, "gone")})
    assert mark == replace(confirmed, review=WITHDRAWN) and present([mark], AS_OF) == ()
    (kept,) = marked([confirmed], {"rec-1": Taken("rec-1", REPLACED, "x", THEN, "later")})
    assert kept == confirmed, "what replaced it is read in its place"


def test_a_factor_that_rested_on_it_has_no_reading_and_says_why() -> None:
    signals = marked([a_signal(1)], {"rec-1": Taken("rec-1", WITHDRAWN, "x", THEN, "gone")})
    made = assess("QQA", inputs(signals=signals, records_read=1, origins_read=1))
    (reading,) = [r for r in made.readings if r.factor == "RF11"]
    assert reading.missing is Missing.WITHDRAWN and not reading.signals


def test_figures_of_a_withdrawn_record_are_marked_and_stay() -> None:
    one = figures()[0]
    back = Taken(one.record, WITHDRAWN, "body.example", THEN, "gone")
    (stand, *_) = figures_taken_back(standings([one], []), {one.record: back})
    assert (stand.state, stand.by, stand.reason, stand.figure) == (State.WITHDRAWN, back.by, "gone", one)
    assert not stand.overdue(AS_OF.date())
    (other, *_) = figures_taken_back(standings([one], []), {"rec-x": back})
    assert other.state is not State.WITHDRAWN


CLAIMS = st.builds(
    lambda n, record, origin, factor, **more: a_signal(
        n,
        record=f"rec-{record}",
        story=f"sto-{record}",
        origin=f"origin-{origin}",
        factor=factor,
        indicator=f"{factor[2:]}.1",
        **more,
    ),
    n=st.integers(1, 10_000),
    record=st.integers(1, 4),
    origin=st.integers(1, 3),
    factor=st.sampled_from(["RF1", "RF4", "RF7", "RF8", "RF11", "RF13"]),
    relevance=st.sampled_from(list(Relevance)),
    time=st.sampled_from([TimeStatus.PRESENT, TimeStatus.PRESENT, TimeStatus.PAST, TimeStatus.DENIED]),
    confidence=st.floats(0.05, 1.0),
    protective=st.booleans(),
    review=st.sampled_from(["machine", "person"]),
)


def _levels(signals: list[Signal], ratio: float, before: Decision | None) -> Decision:
    more: dict[str, Any] = {"records_read": 9, "origins_read": 4}
    return turn(signals, [onset(ratio)], before, day=1, **more)[0]


@settings(deadline=None)
@given(
    signals=st.lists(CLAIMS, min_size=1, max_size=10, unique_by=lambda s: s.id),
    ratio=st.sampled_from([0.2, 1.4, 2.0, 2.9, 4.0]),
    stood=st.booleans(),
    gone=st.integers(1, 4),
)
def test_a_withdrawal_raises_no_level_and_flags_all_that_rests_on_it(
    signals: list[Signal], ratio: float, stood: bool, gone: int
) -> None:
    record = f"rec-{gone}"
    taken = {record: Taken(record, WITHDRAWN, "x", THEN, "gone")}
    before = turn(signals, [onset(ratio)], None)[0] if stood else None
    having, without = _levels(signals, ratio, before), _levels(marked(signals, taken), ratio, before)
    most = max(having.level.step, before.level.step if before else 0)
    assert without.level.step <= most
    assert all(s.review == WITHDRAWN for s in marked(signals, taken) if s.record == record)
    record_of = {s.id: s.record for s in signals}
    for decision in (having, without, *([before] if before else [])):
        rests = any(record_of.get(reason) == record for reason in decision.reasons)
        assert bool(resting(decision.reasons, record_of, taken)) == rests
    if not without.held:
        assert not any(record_of.get(reason) == record for reason in without.reasons)


@pytest.mark.parametrize("records", [1, 2, 3])
def test_a_level_held_for_want_of_a_measure_still_says_what_it_rests_on(records: int) -> None:
    signals = [a_signal(n) for n in range(1, records + 2)]
    before = turn(signals, [onset(0.2)], None)[0]
    taken = {f"rec-{n}": Taken(f"rec-{n}", WITHDRAWN, "x", THEN, "gone") for n in range(1, records + 1)}
    after = _levels(marked(signals, taken), 0.2, before)
    flags = resting(before.reasons, {s.id: s.record for s in signals}, taken)
    assert len(flags) == records and after.level.step <= before.level.step
