"""Gathered events beside a belief: each counted once, candidates marked, later releases not seen early."""

from dataclasses import replace
from datetime import date

from tests.store.made import event
from tocsin.assessment.happened import years
from tocsin.clock import Period, as_of_end, day_moment
from tocsin.sources.record import Event

KNOWN = day_moment(date(2015, 6, 30))
LATER = as_of_end(date(2026, 1, 1))


def happened(number: int, year: int, **changes: object) -> Event:
    when = Period(date(year, 3, 1), date(year, 3, 2))
    return replace(event(number), happened=when, known=KNOWN, **changes)


def test_only_one_sided_violence_counts_as_killing_of_civilians() -> None:
    found = years([happened(1, 2014), happened(2, 2014, violence=1, best=90)], LATER)
    assert [(y.year, y.events, y.best, y.low, y.high) for y in found] == [(2014, 2, 4, 3, 9)]


def test_an_event_that_stands_in_two_releases_counts_once() -> None:
    annual = happened(1, 2014, best=4)
    older = replace(annual, id="evt-old", release="24.1", best=2)
    candidate = replace(annual, id="evt-can", release="25.0.1", layer="candidate", best=7)
    assert [y.best for y in years([older, candidate, annual], LATER)] == [4]


def test_a_candidate_that_no_annual_release_holds_is_marked_provisional() -> None:
    candidate = happened(3, 2014, layer="candidate", release="25.0.1")
    assert [(y.events, y.provisional) for y in years([happened(1, 2014), candidate], LATER)] == [(2, 1)]


def test_what_was_not_out_yet_is_not_seen() -> None:
    assert years([happened(1, 2014)], as_of_end(date(2015, 6, 29))) == ()


def test_the_newest_years_come_first_and_a_year_without_events_has_no_row() -> None:
    assert [y.year for y in years([happened(n, 2000 + n) for n in (1, 9, 4)], LATER)] == [2009, 2004, 2001]
