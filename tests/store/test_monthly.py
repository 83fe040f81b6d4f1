"""Monthly forecasts in a home: made once from the events gathered, standing until these change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.shared_data import shared
from tocsin.clock import as_of_end, now
from tocsin.forecasting.events import KnownEvents
from tocsin.forecasting.forecasters.baselines import Decayed
from tocsin.forecasting.panel import load_panel
from tocsin.sources import Request, source
from tocsin.store.home import Home, open_home
from tocsin.store.monthly import events_of, months_of
from tocsin.store.turns import Stamp

AS_OF = as_of_end(date(2024, 7, 10))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    extract = shared("data/ucdp_ged_country_extracts/gedevents-2025-01-04_sudan.csv")
    opened = open_home(tmp_path / "home")
    events = next(source("ucdp").read(Request((extract,), None, None, now(), False, None, "24.1"))).events
    opened.lake.write({"events": events}, "test")
    return opened


def stamp(run: str, replay: bool = False) -> Stamp:
    return Stamp(run, AS_OF, now(), replay)


def known(home: Home, at: Stamp | None = None) -> KnownEvents:
    return events_of(home, at or stamp("live-1"), load_panel())


def test_months_come_from_the_events_in_the_home_as_known(home: Home) -> None:
    found = months_of(home, stamp("live-1"), known(home), Decayed(12))
    assert {f.iso3 for f in found.forecasts} == {"SDN"} and len(found.forecasts) == 39
    assert (found.account["newest"], found.account["new"]) == ("2023-12", True)
    early = replace(stamp("live-1"), as_of=as_of_end(date(2024, 6, 29)))
    assert (
        "no gathered event data were known that day"
        in months_of(home, early, known(home, early)).account["refused"]
    )


def test_what_was_made_is_read_back_and_parts_too(home: Home) -> None:
    found = months_of(home, stamp("live-1"), known(home), Decayed(12))
    home.lake.write({"monthly": found.forecasts, "parts": found.parts}, "test")
    until = AS_OF + timedelta(days=1)
    assert sorted(home.lake.read("monthly", until), key=lambda f: f.id) == sorted(
        found.forecasts, key=lambda f: f.id
    )
    assert {p.id: p for p in home.lake.read("parts", until)} == {p.id: p for p in found.parts}


def test_an_empty_home_has_no_months(tmp_path: Path) -> None:
    empty = open_home(tmp_path / "home")
    found = months_of(empty, stamp("live-1"), known(empty))
    assert found.account["refused"].endswith("(tocsin gather ucdp)") and not found.forecasts
