"""A live home over years: alarms are issued, figures come later, and the record of alarms is made again."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from tests.cli.tools import environment
from tests.evaluation.alarms_issued import SIGNERS, History, at, issued, proposed, signatures
from tocsin.alarms import watch
from tocsin.alarms.alarm import Level, NearMiss
from tocsin.cli.main import app
from tocsin.clock import as_of_end
from tocsin.errors import UserError
from tocsin.forecasting.panel import load_panel
from tocsin.store.alarm_record import AlarmRecords
from tocsin.store.desk import Desk
from tocsin.store.home import Home, open_home
from tocsin.store.models import TurnRow
from tocsin.web.app import create_app

FIRST, LATE = date(2012, 10, 1), date(2013, 11, 1)
SOON, LONG_AFTER = date(2014, 2, 1), date(2020, 1, 15)


def a_turn(home: Home, day: date, *made: object) -> None:
    """A finished live turn of a day, with what it made."""

    def plain(when: datetime) -> datetime:
        return when.replace(tzinfo=None)

    row = TurnRow(
        run=f"live-{day}",
        replay=False,
        as_of=plain(as_of_end(day)),
        ended=plain(at(day)),
        generation=1,
        body={},
    )
    home.ledger.add_turn(row, made, {}, at(day))


def keep(home: Home, history: History, dissent: str = "") -> None:
    """The revisions of an issued alarm with its signatures."""
    home.ledger.add(*signatures(history[0], history[0].recorded.date(), dissent), *history[1:])


def told(home: Home, *words: str) -> Result:
    """What the command says of the home."""
    return CliRunner().invoke(app, ["evaluate", "alarms", *words], env=environment(home.folder))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = open_home(tmp_path / "home")
    for who in (*SIGNERS, "Mary Somerville"):
        made.ledger.add_user(who, "desk officer")
    warned, standing = issued(FIRST, "CAF", dissent="two copies"), issued(LATE, "SSD")
    refused = proposed(LATE, "FRA")
    near = NearMiss(f"live-{FIRST}", "MLI", Level.WARNING, "warning-onset", 0.06, 0.0625, at(FIRST))
    a_turn(made, FIRST, warned[0], near)
    keep(made, warned, "two copies")
    a_turn(made, LATE, standing[0], refused)
    keep(made, standing)
    made.ledger.add(watch.refuse(refused, "Ada Lovelace", "thin", at(LATE)))
    made.ledger.add(watch.cancel(standing[-1], "Ada Lovelace", "an error", at(date(2013, 11, 20))))
    yield made
    made.close()


def test_nothing_is_judged_before_its_figures_are_out(home: Home) -> None:
    a_turn(home, SOON)
    record = AlarmRecords(home).made()
    assert (record.all.issued, record.all.open) == (2, 2)
    assert not record.misses and not record.met


def test_later_figures_bear_alarms_out_and_show_misses_first(home: Home, tmp_path: Path) -> None:
    a_turn(home, LONG_AFTER)
    panel = load_panel()
    assert panel.value("mk_onset", "CAF", 2013) == panel.value("mk_onset", "SSD", 2013) == 1
    record = AlarmRecords(home).made()
    alarms = {one.iso3: one for one in record.alarms}
    assert alarms["CAF"].dissents == 1 and alarms["CAF"].ending.value == "borne out"
    assert alarms["SSD"].state == "cancelled" and alarms["SSD"].ending.value == "same year"
    assert ("CAF", 2013) in {(b.iso3, b.began.year) for b in record.met}
    assert ("SSD", 2013) in {(b.iso3, b.began.year) for b in record.same_year}
    assert (record.refused, record.near_misses, record.first) == (1, 1, FIRST)
    begun = {(b.iso3, b.began.year) for b in (*record.misses, *record.met, *record.same_year)}
    first_year = {(i, y) for i, y in panel.rows if 2014 <= y <= 2018 and panel.value("mk_onset", i, y) == 1}
    assert first_year and first_year <= begun
    folders = tmp_path / "one", tmp_path / "two"
    for folder in folders:
        assert told(home, "--out", str(folder)).exit_code == 0
    for name in ("alarms.txt", "alarms.json", "alarms.csv"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()
    text = told(home).stdout
    assert text == (folders[0] / "alarms.txt").read_text("utf-8")
    assert text.index("MISSES") < text.index("MET") < text.index("ALARMS")
    assert not any(said in text for said in (*SIGNERS, "Mary Somerville", "two copies", "an error"))
    plain = json.loads(told(home, "--json").stdout)
    assert plain == json.loads((folders[0] / "alarms.json").read_text("utf-8"))
    rows = list(csv.DictReader(io.StringIO((folders[0] / "alarms.csv").read_text("utf-8"))))
    assert {row["iso3"] for row in rows} == {"CAF", "SSD"}


def test_one_file_is_written_by_its_ending_and_another_is_refused(home: Home, tmp_path: Path) -> None:
    a_turn(home, SOON)
    assert told(home, "--out", str(tmp_path / "a.json")).exit_code == 0
    assert json.loads((tmp_path / "a.json").read_text("utf-8"))["all"]["issued"] == 2
    refused = told(home, "--out", str(tmp_path / "a.pdf")).exception
    assert isinstance(refused, UserError) and "unknown ending" in str(refused)


def test_the_page_shows_misses_before_alarms_and_the_same_as_json(home: Home) -> None:
    a_turn(home, LONG_AFTER)
    made = create_app(lambda run: Desk(home, run or "live"), None, b"s" * 32)
    client = TestClient(made, "http://127.0.0.1:8000")
    html = client.get("/track-record").text
    spots = [html.index(f'id="{name}"') for name in ("alarms", "alarm-misses", "alarms-issued")]
    assert spots == sorted(spots)
    assert "Central African Republic" in html and "cancelled" in html
    assert not any(said in html for said in (*SIGNERS, "two copies", "an error"))
    plain = client.get("/api/track-record").json()["alarms"]
    assert next(iter(plain)) == "misses" and plain["all"]["issued"] == 2
