"""A turn writes every casualty claim once, flags what is held too long, and a replay stays apart."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.signals.counted import SAID
from tests.signals.reports import record as report
from tocsin.cli.report import lines_of
from tocsin.clock import as_of_end, now, today
from tocsin.flow import turn
from tocsin.signals.held import Act, State, hold, standing
from tocsin.store.desk import Desk
from tocsin.store.figuring import Figuring
from tocsin.store.home import Home, open_home

pytestmark = pytest.mark.slow

RECORD = report(SAID, address="told", lang="en")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = open_home(tmp_path_factory.mktemp("figures") / "home")
    made.ledger.add_user("ada", "desk officer")
    made.lake.write({"records": [RECORD]}, "test")
    return made


def quiet(line: str) -> None:
    """Progress that nobody reads."""


def test_a_turn_writes_every_claim_and_a_second_turn_adds_none(home: Home) -> None:
    report = turn(home, now(), False, quiet)
    rows = home.lake.read("figures", now())
    assert [(f.low, f.high, f.claimant_kind, f.denied) for f in rows] == [
        (30, None, "UN", False), (30, 30, "state", True), (45, 45, "witness", False),
    ]  # fmt: skip
    assert {(f.record, f.iso3, f.run, f.known) for f in rows} == {
        (RECORD.id, "SSD", report["run"], RECORD.known)
    }
    assert (report["casualty_figures"], report["casualty_figures_late"]) == (3, [])
    again = turn(home, now(), False, quiet)
    assert again["written"]["figures"] == 0 and again["casualty_figures"] == 3
    assert home.lake.read("figures", now()) == rows


def test_a_figure_held_over_a_week_in_silence_is_in_the_report_until_explained(home: Home) -> None:
    first = home.lake.read("figures", now())[0]
    long_ago = now() - timedelta(days=8)
    home.figure_acts.add(replace(hold(standing(first, []), "ada", "", long_ago), id="fac-old"))
    report = turn(home, now(), False, quiet)
    (late,) = report["casualty_figures_late"]
    assert (late["id"], late["by"], late["since"]) == (first.id, "ada", long_ago.date().isoformat())
    told = "\n".join(lines_of(report))
    assert "1 figure over 7 days without a reason" in told and "by ada since" in told
    assert "30" not in "".join(map(str, late.values())).replace(first.id, "").replace(late["since"], "")
    Figuring(home).explain(first.id, "ada", "the family asked for time")
    assert turn(home, now(), False, quiet)["casualty_figures_late"] == []


def test_a_replay_writes_its_own_rows_and_opens_no_timer(home: Home) -> None:
    first = home.lake.read("figures", now())[0]
    acts, before = home.figure_acts.known(now()), home.lake.read("figures", now())
    day = datetime(2018, 6, 30, tzinfo=UTC).date()
    report = turn(home, as_of_end(day), True, quiet)
    desk = Desk(home, report["run"])
    told = desk.figuring.standings("SSD")
    assert {s.figure.run for s in told} == {report["run"]} and len(told) == 3
    assert {s.state for s in told} == {State.PUBLISHED}, "what was held later was not held then"
    assert report["casualty_figures_late"] == []
    assert (home.figure_acts.known(now()), home.lake.read("figures", now())) == (acts, before)
    assert acts[0].act is Act.HOLD and acts[0].of.id == first.id
    assert {s.figure.run for s in Desk(home).figuring.standings("SSD")}.isdisjoint({report["run"]})
    early = turn(home, as_of_end(datetime(2017, 1, 1, tzinfo=UTC).date()), True, quiet)
    assert early["casualty_figures"] == 0, "nothing was known yet"


def test_a_copy_of_the_home_keeps_figures_and_acts(home: Home, tmp_path: Path) -> None:
    from tocsin.store.backup import back_up

    back_up(home, tmp_path / "copy")
    copy = open_home(tmp_path / "copy")
    assert copy.lake.read("figures", as_of_end(today())) == home.lake.read("figures", as_of_end(today()))
    assert copy.figure_acts.known(now()) == home.figure_acts.known(now()) != []
    copy.close()
    shutil.rmtree(tmp_path / "copy")
