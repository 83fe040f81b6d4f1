"""For every source of conditions a past date sees what was known then, in whatever order it was gathered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.sources.given import request
from tests.sources.stated import gathered, seen, table
from tests.sources.test_conditions_food import LONG
from tests.sources.test_conditions_leaders import ATTEMPT, SPELL
from tests.sources.test_conditions_people import EXPORT, PAIR, ROUND
from tests.sources.test_conditions_vdem import ROW
from tocsin import flow
from tocsin.store.home import open_home

IDMC = {"ISO3": "TCD", "Name": "Chad", "Year": "2023", "Conflict Stock Displacement (Raw)": "5"}
WIDE = {"Country Name": "Chad", "Country Code": "TCD", "Indicator Name": "x", "Indicator Code": "SP.POP.TOTL"}
OLD, NEW = "2025-02-01", "2025-08-01"
VALUES: list[tuple[str, dict[str, Any], str, tuple[str, str], str]] = [
    ("vdem", ROW | {"year": "2020"}, "v2x_libdem", ("0.5", "0.7"), "v2x_libdem"),
    ("worldbank", WIDE | {"2023": "5"}, "2023", ("5", "7"), "SP.POP.TOTL"),
    ("unhcr", PAIR, "refugees", ("5", "7"), "refugees_from"),
    ("idmc", IDMC, "Conflict Stock Displacement (Raw)", ("5", "7"), "conflict_stock"),
    ("idps", ROUND, "population", ("5", "7"), "idps"),
    ("inform", EXPORT, "IndicatorScore", ("5", "7"), "idps"),
    ("leaders", SPELL, "exit", ("Regular", "Irregular"), "leader_exit"),
    ("coups", ATTEMPT, "coup", ("1", "2"), "coup_attempt"),
]
PLACES = {"vdem": "NAM", "unhcr": "MMR", "leaders": "NAM", "coups": "SDN"}
SHOWN = {"0.5": 0.5, "0.7": 0.7, "5": 5.0, "7": 7.0, "1": "failed", "2": "successful"}


@pytest.mark.parametrize(("name", "row", "column", "cells", "series"), VALUES, ids=[v[0] for v in VALUES])
def test_of_two_releases_the_one_that_was_out_is_seen(
    tmp_path: Path, name: str, row: dict[str, Any], column: str, cells: tuple[str, str], series: str
) -> None:
    home, iso3 = open_home(tmp_path / "home"), PLACES.get(name, "TCD")
    older = table(tmp_path / "older.csv", row | {column: cells[0]})
    newer = table(tmp_path / "newer.csv", row | {column: cells[1]})
    for path, day in ((newer, NEW), (older, OLD), (newer, NEW), (older, OLD)):
        assert not flow.gather(home, name, request(path, published=day)).report.stopped
    assert seen(home, iso3, "2025-01-31", series) == {}
    assert list(seen(home, iso3, "2025-07-31", series).values()) == [SHOWN.get(cells[0], cells[0])]
    assert list(seen(home, iso3, "2025-08-01", series).values()) == [SHOWN.get(cells[1], cells[1])]
    rows = [r for r in home.lake.stored("conditions") if (r["series"], r["iso3"]) == (series, iso3)]
    assert len(rows) == 2, "reading either again changes nothing"


def test_of_two_analyses_of_one_time_the_one_that_was_out_is_seen(tmp_path: Path) -> None:
    older = table(tmp_path / "older.csv", LONG)
    newer = table(tmp_path / "newer.csv", LONG | {"analysis_date": "May 2022", "percentage_affected": "0.3"})
    home = gathered(tmp_path / "home", ("ipc", newer, ""), ("ipc", older, ""), ("ipc", older, ""))
    assert seen(home, "SOM", "2022-03-30") == {}
    assert seen(home, "SOM", "2022-04-01", "current_phase_4_share") == {"current_phase_4_share 2022": 0.15}
    assert seen(home, "SOM", "2022-05-31", "current_phase_4_share") == {"current_phase_4_share 2022": 0.3}
