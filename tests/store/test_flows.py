"""Reports are counted in the lake: each once, on the day it was first known, none from after the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.assessment.test_everywhere import a_coded
from tests.store.given_slices import delivered, file, line, taken
from tests.store.made import event
from tocsin.clock import as_of_end, day_moment
from tocsin.sources.record import Event
from tocsin.sources.reportflow import Counts
from tocsin.store.flows import Watching, last_beliefs, last_good_runs, reports, watched
from tocsin.store.home import Home, open_home
from tocsin.store.lake import Lake
from tocsin.store.turns import Stamp

LATE = as_of_end(date(2026, 11, 20))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


def an_event(number: int, known: date, release: str = "26.0.1", iso3: str = "NAM") -> Event:
    made = replace(event(number), iso3=iso3, release=release, known=day_moment(known))
    return replace(made, id=f"evt-{number}-{release}")


def plain(counts: Counts) -> dict[str, dict[date, int]]:
    return {iso3: dict(days) for iso3, days in counts.items()}


def test_an_event_counts_once_on_the_day_of_its_first_release(home: Home) -> None:
    first, later = date(2026, 2, 20), date(2026, 8, 1)
    rows = [an_event(1, first), an_event(1, later, "26.1"), an_event(2, later, "26.1", "MLI")]
    home.lake.write({"events": rows}, "test")
    assert plain(reports(home.lake, LATE, ())["events"]["ucdp"]) == {"NAM": {first: 1}, "MLI": {later: 1}}
    assert plain(reports(home.lake, as_of_end(first), ())["events"]["ucdp"]) == {"NAM": {first: 1}}


def test_documents_count_for_every_country_they_name_and_not_before_they_were_known(home: Home) -> None:
    told = [a_coded(1, countries=("MLI", "TCD")), a_coded(2, countries=()), a_coded(3, known=None)]
    day = date(2026, 11, 18)
    assert plain(reports(home.lake, LATE, told)["words"]["made"]) == {"MLI": {day: 1}, "TCD": {day: 1}}
    assert reports(home.lake, as_of_end(date(2026, 11, 17)), told) == {}


def test_rows_of_slices_are_counted_by_country_and_day_as_known_then(home: Home, tmp_path: Path) -> None:
    one = file(line(1), line(2), line(3, ActionGeo_CountryCode="ML"), line(4, ActionGeo_CountryCode=""))
    other = file(line(5))
    taken(home.lake, delivered(tmp_path, one), delivered(tmp_path, other, "20250109000000"))
    seventh, ninth = date(2025, 1, 7), date(2025, 1, 9)
    found = plain(reports(home.lake, LATE, ())["events"]["gdelt"])
    assert found == {"SDN": {seventh: 2, ninth: 1}, "MLI": {seventh: 1}}
    assert plain(reports(home.lake, as_of_end(seventh), ())["events"]["gdelt"])["SDN"] == {seventh: 2}


def test_an_empty_home_covers_nobody_and_still_lists_every_member(home: Home) -> None:
    found = Watching(home, home).coverage()
    assert sum(c.member for c in found) == 193 and all(c.no_data for c in found)
    assert reports(home.lake, LATE, ()) == {}
    assert sum(c.figures is None for c in found) < 20, (
        "the shipped figures are told apart from what was gathered"
    )


def test_a_turn_watches_every_place_and_a_replay_knows_of_no_runs_of_sources(home: Home) -> None:
    home.lake.write({"events": [an_event(1, date(2026, 2, 20))]}, "test")
    stamp = Stamp("live-1", LATE, datetime(2026, 11, 20, 12, tzinfo=UTC), False)
    eyes = watched(home, home, stamp, [a_coded(n) for n in range(3)])
    assert len(eyes.flow) >= 195 and eyes.in_home == 4 and eyes.before == {} and eyes.health == {}
    assert {w.of for w in eyes.flow["MLI"]} == {"words"}, (
        "events that come once a month show no silence of a week"
    )
    assert last_good_runs(home) == {} and last_beliefs(home, LATE) == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 27), st.sampled_from(["NAM", "MLI"])), max_size=12)
)
def test_as_many_reports_are_counted_as_there_are_different_ones(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int, str]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    lake = Lake(folder / "lake", folder / "lock")
    made = [an_event(n, date(2026, 2, day), f"26.0.{day}", iso3) for n, day, iso3 in rows]
    lake.write({"events": [replace(e, id=f"{e.id}-{e.iso3}") for e in made]}, "test")
    found = reports(lake, LATE, ()).get("events", {}).get("ucdp", {})
    assert sum(n for days in found.values() for n in days.values()) == len({(n, iso3) for n, _, iso3 in rows})
    first = {(n, iso3): min(d for m, d, i in rows if (m, i) == (n, iso3)) for n, _, iso3 in rows}
    assert {(iso3, day.day) for iso3, days in found.items() for day in days} == {
        (iso3, day) for (_, iso3), day in first.items()
    }
