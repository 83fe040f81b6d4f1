"""Publish or explain: the state of a figure by what people did, and the flag after seven days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.signals.counted import COUNTED, SAID, Counter, figures
from tests.signals.reviewed import NOON
from tocsin.errors import NotAllowed
from tocsin.signals.figures import Figure
from tocsin.signals.held import (
    Act,
    FigureAct,
    State,
    explain,
    hold,
    overdue,
    publish,
    same_figure,
    standing,
    standings,
)  # fmt: skip
from tocsin.signals.make import figures_of
from tocsin.signals.stories import Told

FIRST, DENIED, OTHER = figures()


def after(days: float) -> datetime:
    return NOON + timedelta(days=days)


def test_every_claim_is_a_figure_with_its_words_times_and_speaker() -> None:
    assert [(f.low, f.high, f.claimant_kind, f.denied) for f in (FIRST, DENIED, OTHER)] == [
        (30, None, "UN", False), (30, 30, "state", True), (45, 45, "witness", False),
    ]  # fmt: skip
    assert all(SAID[f.start : f.end] == f.quote for f in figures())
    assert {(f.record, f.known, f.iso3) for f in figures()} == {(COUNTED.id, COUNTED.known, "SSD")}
    assert [f.id for f in figures()] == [f.id for f in figures(run="live-2")], "read twice, the same rows"
    assert {f.id for f in figures("2")}.isdisjoint(f.id for f in figures())


def test_a_figure_in_words_that_are_not_the_records_is_refused() -> None:
    coder = Counter()
    reading = coder.code(COUNTED)
    quote = str(reading.counts[0]["quote"])
    moved = replace(reading, counts=({**reading.counts[0], "start": 1, "end": 1 + len(quote)},))
    with pytest.raises(ValueError, match="not in its words"):
        list(figures_of(COUNTED, moved, Told("sto-1", "sto-1"), "live-1", NOON, coder=coder))


def test_a_figure_of_a_public_source_is_published_from_the_start() -> None:
    assert standing(FIRST, []).state is State.PUBLISHED
    (internal, *_) = figures(sensitivity="internal")
    assert standing(internal, []).state is State.INTERNAL
    act = publish(standing(internal, []), "ada", "the mission agreed", NOON)
    assert standing(internal, [act]).state is State.PUBLISHED


def test_a_held_figure_is_flagged_after_seven_days_and_not_before() -> None:
    held = [hold(standing(FIRST, []), "ada", "", NOON)]
    day = NOON.date()
    assert overdue(figures(), held, day + timedelta(days=7)) == []
    (late,) = overdue(figures(), held, day + timedelta(days=8))
    assert (late.figure.id, late.by, late.since) == (FIRST.id, "ada", NOON)


def test_a_reason_or_its_publication_ends_the_flag_and_a_new_hold_starts_anew() -> None:
    far = NOON.date() + timedelta(days=60)
    held = hold(standing(FIRST, []), "ada", "", NOON)
    why = explain(standing(FIRST, [held]), "ben", "the family asked for a week", after(9))
    assert overdue(figures(), [held], far) and overdue(figures(), [held, why], far) == []
    assert standing(FIRST, [held, why]).reason == "the family asked for a week"
    out = publish(standing(FIRST, [held, why]), "ada", "", after(20))
    assert standing(FIRST, [held, why, out]).state is State.PUBLISHED
    again = hold(standing(FIRST, [held, why, out]), "ada", "", after(50))
    acts = [held, why, out, again]
    assert overdue(figures(), acts, after(57).date()) == [], "the old reason is gone, and so is the old clock"
    assert overdue(figures(), acts, after(58).date())


def test_acts_that_change_nothing_and_explanations_without_words_are_refused() -> None:
    free = standing(FIRST, [])
    held = standing(FIRST, [hold(free, "ada", "", NOON)])
    for wrong in (
        lambda: hold(held, "ben", "", NOON),
        lambda: publish(free, "ben", "", NOON),
        lambda: explain(free, "ben", "why", NOON),
        lambda: explain(held, "ben", "  ", NOON),
        lambda: hold(free, " ", "", NOON),
    ):
        with pytest.raises(NotAllowed):
            wrong()


def test_a_hold_stays_when_a_newer_version_reads_the_record_again_or_no_longer_finds_the_figure() -> None:
    held = [hold(standing(FIRST, []), "ada", "", NOON)]
    newer = figures("2")
    assert same_figure(FIRST, newer[0]) and not same_figure(FIRST, newer[1])
    assert [s.state for s in standings(newer, held)] == [State.HELD, State.PUBLISHED, State.PUBLISHED]
    far = NOON.date() + timedelta(days=30)
    assert [s.figure.id for s in overdue(newer, held, far)] == [newer[0].id]
    assert [s.figure.id for s in overdue(newer[1:], held, far)] == [FIRST.id], "not lost with the reading"


_STEPS = st.lists(st.tuples(st.sampled_from(Act), st.booleans(), st.integers(0, 20)), max_size=8)


@given(_STEPS, st.integers(0, 200))
def test_whatever_people_do_a_figure_is_flagged_exactly_when_it_is_held_a_week_in_silence(
    steps: list[tuple[Act, bool, int]], wait: int
) -> None:
    acts: list[FigureAct] = []
    day, since, silent = 0, None, True
    for step, speaks, days in steps:
        day += days
        made = {Act.HOLD: hold, Act.PUBLISH: publish, Act.EXPLAIN: explain}[step]
        try:
            act = made(standing(FIRST, acts), "ada", "a reason" if speaks else "", after(day))
        except NotAllowed:
            continue
        acts.append(act)
        if step is Act.HOLD:
            since, silent = day, not speaks
        elif step is Act.EXPLAIN:
            silent = False
        else:
            since = None
    on: date = after(day + wait).date()
    wanted = since is not None and silent and day + wait - since > 7
    seen: list[Figure] = [s.figure for s in overdue([FIRST, OTHER], acts, on)]
    assert seen == ([FIRST] if wanted else [])
