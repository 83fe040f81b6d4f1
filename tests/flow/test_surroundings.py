"""A turn knows how its places' neighbours stood in the turn before, and what was forecast a year before."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.alarms.made import a_decision
from tests.assessment.made import a_forecast
from tocsin.alarms.alarm import Level
from tocsin.clock import as_of_end, now
from tocsin.flow import turn
from tocsin.forecasting.hindcast import hindcasts
from tocsin.geography.neighbours import neighbours
from tocsin.store.desk import Desk
from tocsin.store.home import Home, open_home
from tocsin.store.models import TurnRow
from tocsin.store.surroundings import a_year_before, surroundings

TODAY = as_of_end(date(2020, 11, 20))
KEY = "new_mass_killing.24"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = open_home(tmp_path / "home")
    yield made
    made.close()


def forecast_then(home: Home, then: date, probability: float, *, finished: bool = True) -> None:
    """What a turn that looked from the end of a day wrote; one that was killed has no row in the ledger."""
    as_of, run = as_of_end(then), f"live-{then}-{finished}"
    made = a_forecast("new_mass_killing", 24, probability, 0.013, iso3="MLI", as_of=as_of, run=run, id=run)
    home.lake.write({"forecasts": [made]}, f"turn {run}")
    if finished:
        at = as_of.astimezone(UTC).replace(tzinfo=None)
        row = TurnRow(run=run, replay=False, as_of=at, ended=at, generation=1, body={})
        home.ledger.add_turn(row, [], {"forecasts": [made]}, as_of)


def test_a_young_home_takes_the_year_before_from_the_shipped_table(home: Home) -> None:
    shipped = hindcasts().of("MLI", as_of_end(date(2019, 11, 20)))
    assert {f.as_of.date() for f in shipped} == {date(2019, 10, 1)}
    told = a_year_before(home, TODAY)
    assert told["MLI"] == {f"{f.outcome}.{f.horizon_months}": f.probability for f in shipped}
    assert len(told) > 150


def test_a_home_with_a_turn_of_a_year_ago_compares_with_its_own_sealed_forecasts(home: Home) -> None:
    forecast_then(home, date(2019, 11, 1), 0.031)
    forecast_then(home, date(2019, 11, 12), 0.042)
    forecast_then(home, date(2019, 11, 19), 0.9, finished=False)
    forecast_then(home, date(2019, 11, 22), 0.8)
    assert a_year_before(home, TODAY) == {"MLI": {KEY: 0.042}}


def test_a_turn_of_a_year_and_two_months_ago_is_not_a_year_ago(home: Home) -> None:
    forecast_then(home, date(2019, 9, 10), 0.031)
    assert a_year_before(home, TODAY)["MLI"][KEY] != 0.031


def test_where_no_past_forecast_reaches_nothing_was_forecast(home: Home) -> None:
    last = hindcasts().days[-1]
    assert a_year_before(home, as_of_end(date(1990, 6, 1))) == {}
    assert a_year_before(home, datetime(last.year + 3, 1, 1, tzinfo=UTC)) == {}


def test_the_neighbours_of_a_place_stand_as_in_the_turn_before(home: Home) -> None:
    levels = {"BDI": Level.ALARM, "COD": Level.ONGOING, "FRA": Level.WARNING}
    before = {iso3: a_decision(level, iso3=iso3) for iso3, level in levels.items()}
    around = surroundings(home, TODAY, before)
    assert around("RWA").neighbours == {"BDI": Level.ALARM, "COD": Level.ONGOING}
    assert around("LKA").neighbours == {} and around("RWA").before


@pytest.mark.slow
def test_a_second_turn_sees_what_goes_on_next_door(home: Home) -> None:
    at = now()
    turn(home, at, False, lambda line: None, at=at)
    first = {d.iso3: d for d in Desk(home).decisions()}
    assert not any("neighbours.ongoing" in d.measured for d in first.values())
    turn(home, at, False, lambda line: None, at=at + timedelta(minutes=1))
    moved = [d for d in Desk(home).decisions() if "neighbours.ongoing" in d.measured]
    assert moved
    for d in moved:
        around = [first[i].level for i in neighbours(d.iso3, at.date()) if i in first]
        assert d.measured["neighbours.ongoing"] == around.count(Level.ONGOING) > 0
