"""Situations are what the events name: perpetrator, target as the data give it, place; and they add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from tests.forecasting.happenings import happening, out
from tests.shared_data import shared
from tocsin.clock import Period, Precision, as_of_end
from tocsin.errors import UnknownId
from tocsin.forecasting.areas import SOMEWHERE
from tocsin.forecasting.events import EventRow, known_events
from tocsin.forecasting.months import monthly_cube
from tocsin.forecasting.situations import Recent, shut_out, situation_cube
from tocsin.sources import Request, source
from tocsin.sources.groups import GroupStatus, Status

LATE = as_of_end(date(2026, 1, 1))
ROWS = [
    happening(1, "2021-01-05", best=9),
    happening(2, "2022-11-05", best=30, side_a="RSF"),
    happening(3, "2023-06-05", best=60, side_a="RSF"),
    happening(4, "2023-11-05", best=8, side_a="RSF", where_precision=6),
    happening(5, "2023-12-05", best=200, violence=1, side_b="RSF"),
]


def recents(rows: list[EventRow]) -> dict[tuple[str, ...], Recent]:
    keys, cube = situation_cube(known_events(rows, LATE), "SDN")
    return {key: Recent.of(cube, i) for i, key in enumerate(keys)}


def test_each_situation_says_what_was_done_and_when() -> None:
    found = recents(ROWS)
    darfur = ("Civilians", "Northern Darfur state")
    assert found["RSF", *darfur] == Recent(deaths=90, last_3=0, last_12=60, before_12=30, months_since=6)
    assert found["RSF", "Civilians", SOMEWHERE] == Recent(8, 8, 8, 0, 1)
    assert found["Government of Sudan", *darfur].months_since == 35
    assert {key[0] + key[2][:9]: r.trend for key, r in found.items()} == {
        "RSFNorthern ": "rising",
        "RSFsomewhere": "new",
        "Government of SudanNorthern ": "quiet",
    }


def test_a_situation_that_was_quiet_for_a_year_and_is_not_returns() -> None:
    rows = [happening(1, "2020-01-05"), happening(2, "2023-06-05"), happening(3, "2023-12-05", violence=1)]
    assert [r.trend for r in recents(rows).values()] == ["returning"]


def test_situations_add_up_to_the_country_and_fighting_is_told_apart() -> None:
    known = known_events(ROWS, LATE)
    keys, cube = situation_cube(known, "SDN")
    country = monthly_cube(known).columns
    np.testing.assert_array_equal(cube.columns["ged_best_os"].sum(axis=0), country["ged_best_os"][0])
    fought = cube.columns["ged_best_other"].sum(axis=1)
    named = {k[0]: n for k, n in zip(keys, fought, strict=True) if k[2] != SOMEWHERE}
    assert named == {"Government of Sudan": 200, "RSF": 200}
    with pytest.raises(UnknownId):
        situation_cube(known, "TCD")


def test_real_situations_add_up_and_name_no_target_but_the_data_s_own() -> None:
    path = shared("data/ucdp_ged_country_extracts/ged_events_combined.parquet")
    events = next(source("ucdp").read(Request((path,), None, None, LATE, False, None))).events
    known = known_events([EventRow.of(e) for e in events if e.iso3 == "SDN"], LATE)
    keys, cube = situation_cube(known, "SDN")
    total = cube.columns["ged_best_os"].sum(axis=0)
    np.testing.assert_array_equal(total, monthly_cube(known).columns["ged_best_os"][0])
    assert {target for _, target, _ in keys} == {"Civilians"}
    newest = max(range(len(keys)), key=lambda i: Recent.of(cube, i).last_12)
    assert keys[newest][0] == "RSF"


GROUP = GroupStatus(
    "grp-1",
    "epr",
    "56501000",
    "2018",
    "SDN",
    "Sudan",
    "Group A",
    Period(date(2000, 1, 1), date(2017, 12, 31), Precision.YEAR),
    0.1,
    Status.POWERLESS,
    False,
    out("2018-12-31"),
    datetime(2026, 1, 1, tzinfo=UTC),
)


def later(**values: object) -> GroupStatus:
    period = Period(date(2018, 1, 1), date(2021, 12, 31), Precision.YEAR)
    newer = replace(GROUP, id="grp-2", release="2021", known=out("2021-12-31"), happened=period)
    return replace(newer, **values)  # type: ignore[arg-type]


def test_groups_shut_out_are_those_of_the_newest_year_and_release_known() -> None:
    groups = [
        GROUP,
        later(id="a", external_id="2", group="Group B", status=Status.DISCRIMINATED),
        later(id="b", external_id="3", group="Group C", status=Status.SENIOR_PARTNER),
        later(id="c", external_id="4", group="Group D", status=Status.POWERLESS),
        later(id="d", external_id="5", group="Group E", iso3="TCD"),
    ]
    assert [g.group for g in shut_out(groups, "SDN", LATE)] == ["Group B", "Group D"]
    assert [g.group for g in shut_out(groups, "SDN", as_of_end(date(2020, 1, 1)))] == ["Group A"]
    assert shut_out(groups, "SDN", as_of_end(date(2015, 1, 1))) == []
