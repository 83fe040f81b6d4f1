"""Figures in the home: dated rows read as of a day, and acts of people that nothing removes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from tests.signals.counted import COUNTED, figures
from tocsin.clock import as_of_end, now
from tocsin.errors import NotAllowed, UnknownId
from tocsin.signals.held import State, hold, standing
from tocsin.store import ledger
from tocsin.store.desk import Desk
from tocsin.store.figuring import Figuring
from tocsin.store.home import Home, open_home
from tocsin.store.ledger import open_engine

FIRST = figures()[0]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = open_home(tmp_path / "home")
    for name in ("ada", "ben"):
        made.ledger.add_user(name, "monitor")
    made.lake.write({"records": [COUNTED], "figures": figures()}, "test")
    yield made
    made.close()


def test_figures_are_read_back_as_they_were_written_from_the_day_they_were_known(home: Home) -> None:
    assert home.lake.read("figures", as_of_end(date(2017, 10, 12))) == figures()
    assert home.lake.read("figures", as_of_end(date(2017, 10, 11))) == []
    assert home.lake.write({"figures": figures()}, "again") == {"figures": 0}


def test_an_act_needs_a_known_name_and_a_known_figure(home: Home) -> None:
    with pytest.raises(UnknownId, match="users add"):
        Figuring(home).hold(FIRST.id, "eve")
    with pytest.raises(UnknownId, match="figure"):
        Figuring(home).hold("fig-none", "ada")
    with pytest.raises(NotAllowed):
        home.figure_acts.add(hold(standing(FIRST, []), "eve", "", now()))
    assert home.figure_acts.known(now()) == []


def test_a_figure_is_held_explained_and_published_by_names(home: Home) -> None:
    desk = Figuring(home)
    before = now()
    assert FIRST.id in desk.hold(FIRST.id, "ada")
    with pytest.raises(NotAllowed, match="held already"):
        desk.hold(FIRST.id, "ben")
    desk.explain(FIRST.id, "ben", "the place names a shelter")
    (first, *rest) = Desk(home).figuring.standings("SSD")
    assert (first.state, first.by, first.reason) == (State.HELD, "ada", "the place names a shelter")
    assert [s.state for s in rest] == [State.PUBLISHED, State.PUBLISHED]
    assert Desk(home).figuring.standings("SDN") == []
    desk.publish(FIRST.id, "ben")
    assert Desk(home).figuring.standings("SSD")[0].state is State.PUBLISHED
    assert [a.act for a in home.figure_acts.known(now())] == ["hold", "explain", "publish"]
    assert home.figure_acts.known(before) == [], "seen from when they were made"


def test_a_replay_holds_nothing_back_and_sees_no_act(home: Home) -> None:
    Figuring(home).hold(FIRST.id, "ada")
    replay = open_home(home.folder / "replays" / "replay-1", "replay-1")
    replay.lake.write({"figures": figures(run="replay-1")}, "test")
    seen = Figuring(home, replay, now() + timedelta(days=90)).standings("SSD")
    assert [s.state for s in seen] == [State.PUBLISHED] * 3
    assert replay.figure_acts.known(now()) == []
    replay.close()


def test_acts_on_figures_are_append_only(home: Home) -> None:
    Figuring(home).hold(FIRST.id, "ada")
    raw = sqlite3.connect(home.folder / "ledger.sqlite")
    for statement in ("UPDATE figure_acts SET by = 'ben'", "DELETE FROM figure_acts"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            raw.execute(statement)
    raw.close()


def test_a_ledger_of_before_gains_the_table_and_keeps_a_copy(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    config = Config()
    config.set_main_option("script_location", str(Path(ledger.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
    assert ledger.behind(engine)
    ledger.migrate(engine, tmp_path / "before.sqlite")
    assert not ledger.behind(engine) and (tmp_path / "before.sqlite").exists()
    with sqlite3.connect(tmp_path / "ledger.sqlite") as raw:
        assert raw.execute("SELECT count(*) FROM figure_acts").fetchone() == (0,)
    engine.dispose()
