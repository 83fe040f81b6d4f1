"""Phases of food insecurity: what is assessed and what is projected never meet, and no phase is guessed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.event_server import BAD_ANSWERS, Says, asking, far
from tests.sources.given import RECORDED
from tests.sources.stated import adds_up, all_steps, gathered, read, seen, table
from tocsin.errors import FetchFailed, InputError, SourceStopped
from tocsin.sources.feeds.conditions.food import FewsNet, Ipc

LONG: dict[str, Any] = {
    "analysis_date": "Mar 2022",
    "country_iso3": "SOM",
    "area": "Baki",
    "population": "15000000",
    "projection": "current",
    "period_start": "2022-03-01",
    "period_end": "2022-05-31",
    "phase": "4",
    "number_affected": "15000",
    "percentage_affected": "0.15",
}
FEWS: dict[str, Any] = {
    "country": "Namibia",
    "country_code": "NA",
    "fnid": "NA2013A205",
    "classification_scale": "IPC31",
    "scenario_name": "Current Situation",
    "scenario": "CS",
    "projection_start": "2024-06-01",
    "projection_end": "2024-06-30",
    "value": "3",
    "reporting_date": "2024-06-01",
    "is_allowing_for_assistance": "False",
}
AREA = {
    "id": "2",
    "name": "Baki",
    "phase3_percentage": 0.25,
    "phase3_population": 100,
    "p3plus_percentage": 0.3,
}
AREA |= {"overall_phase": 3, "overall_phase_projected": 4, "phase3_percentage_projected": 0.4}
ANALYSIS: dict[str, Any] = {
    "id": "1",
    "country": "SO",
    "condition": "A",
    "analysis_date": "Apr 2023",
    "current_period_dates": "Apr 2023 - Jun 2023",
    "projected_period_dates": "Jul 2023 - Sep 2023",
    "second_projected_period_dates": "",
    "phase3_percentage": 0.2,
    "groups": [{"name": "Awdal", "phase3_percentage": 0.22, "areas": [AREA]}],
}


def test_shares_and_people_of_a_phase_by_area(tmp_path: Path) -> None:
    tags = {name: f"#{name}" for name in LONG}
    projected = LONG | {"projection": "projected", "phase": "P3+", "number_affected": ""}
    found, step = read("ipc", table(tmp_path / "ipc_long.csv", tags, LONG, projected))
    assert [(c.series, c.area, c.value, c.missing) for c in found] == [
        ("current_phase_4_share", "Baki", 0.15, ""),
        ("current_phase_4_people", "Baki", 15000.0, ""),
        ("projected_phase_3+_share", "Baki", 0.15, ""),
        ("projected_phase_3+_people", "Baki", None, "no value given"),
    ]
    assert str(found[0].known) == "2022-03" and found[0].vintage == "as known"
    assert step.report.ignored == {"row of HXL tags": 1}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"percentage_affected": "15"}, "15 is outside 0 to 1"),
        ({"number_affected": "-99"}, "outside 0"),
        ({"phase": "6"}, "is none of 1 to 5"),
        ({"projection": "soon"}, "neither an assessment"),
        ({"country_iso3": "SO"}, "two letters"),
        ({"analysis_date": "2022-03"}, "is not a month and a year"),
        ({"period_end": "2021-05-31"}, "is before"),
    ],
)
def test_a_row_that_cannot_be_taken_is_named(tmp_path: Path, change: dict[str, str], why: str) -> None:
    _, step = read("ipc", table(tmp_path / "ipc_long.csv", LONG | change))
    assert why in step.report.refused[0][1]


def test_a_saved_answer_gives_country_group_and_area(tmp_path: Path) -> None:
    path = tmp_path / "population.json"
    path.write_text(json.dumps([ANALYSIS, ANALYSIS | {"condition": "C"}, 7]))
    found, step = read("ipc", path)
    told = {(c.series, c.area): c.value for c in found}
    assert told["current_phase_3_share", ""] == 0.2 and told["current_phase_3_share", "Awdal"] == 0.22
    assert told["current_phase", "Awdal/Baki"] == 3 and told["projected_phase", "Awdal/Baki"] == 4
    assert {c.iso3 for c in found} == {"SOM"} and {str(c.known) for c in found} == {"2023-04"}
    assert next(c for c in found if c.series == "projected_phase").happened.start.month == 7
    assert step.report.ignored == {"not of acute food insecurity": 3}
    assert step.report.refused[0][1] == "is not a JSON object"


def test_hapi_is_known_from_the_day_it_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_HAPI_APP", "tocsin:desk@example.org")
    row = {"location_code": "SOM", "ipc_phase": "3+", "ipc_type": "first projection", "admin_level": 0}
    row |= {"population_in_phase": 5000, "population_fraction_in_phase": 0.3}
    row |= {"reference_period_start": "2024-04-01T00:00:00", "reference_period_end": "2024-06-30T23:59:59"}

    def says(asked: Any) -> Says:
        return Says({"data": [row] if asked.query["offset"] == "0" else []})

    with far(says) as up:
        found, _ = all_steps(Ipc(base=up.base), asking(up))
    assert [(c.series, c.value) for c in found] == [
        ("projected_phase_3+_share", 0.3),
        ("projected_phase_3+_people", 5000.0),
    ]
    assert all(c.known.end == RECORDED for c in found)


def test_namibia_is_read_by_its_code_and_scenarios_stay_apart(tmp_path: Path) -> None:
    rows = [FEWS, FEWS | {"scenario": "ML1", "value": "4.0"}, FEWS | {"scenario": "ML2", "value": "99"}]
    rows.append(FEWS | {"fnid": "NA1", "value": "88"})
    found, step = read("fewsnet", table(tmp_path / "ipcphase.csv", *rows))
    assert [(c.iso3, c.series, c.value, c.missing) for c in found] == [
        ("NAM", "current_phase", 3.0, ""),
        ("NAM", "projected_phase", 4.0, ""),
        ("NAM", "projected_2_phase", None, "no data, as FEWS NET says"),
    ]
    assert str(found[0].known) == "2024-06" and step.report.ignored == {
        "is a park or forest, which bears no phase": 1
    }


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"value": "6"}, "outside 1 to 5"),
        ({"value": "3.5"}, "is not a phase"),
        ({"scenario": "FIPE6"}, "is none of CS"),
        ({"country_code": "QQ"}, "unknown ISO 3166 alpha-2"),
        ({"fnid": " "}, "names no area"),
        ({"reporting_date": "June"}, "is not a date"),
    ],
)
def test_an_area_that_cannot_be_taken_is_named(tmp_path: Path, change: dict[str, str], why: str) -> None:
    found, step = read("fewsnet", table(tmp_path / "ipcphase.csv", FEWS | change))
    assert not found and why in step.report.refused[0][1]


def test_the_warehouse_is_asked_for_two_years() -> None:
    body = ",".join(FEWS) + "\n" + ",".join(map(str, FEWS.values())) + "\n"
    with far(lambda _: Says(body.encode())) as up:
        found, _ = all_steps(FewsNet(base=up.base), asking(up))
        assert up.asked[0].path == "/api/ipcphase.csv" and up.asked[0].query["start_date"] == "2024-11-20"
    assert len(found) == 1


@pytest.mark.parametrize("habit", list(BAD_ANSWERS))
def test_a_bad_answer_stops_the_source_with_a_line(habit: str) -> None:
    told = r"127\.0\.0\.1|169\.254"
    with (
        far(lambda _: BAD_ANSWERS[habit][0]) as up,
        pytest.raises((InputError, FetchFailed, SourceStopped), match=told),
    ):
        all_steps(FewsNet(base=up.base), asking(up))


def test_a_past_date_sees_the_analysis_that_was_out_then(tmp_path: Path) -> None:
    first = table(tmp_path / "one.csv", FEWS)
    second = table(tmp_path / "two.csv", FEWS | {"value": "4", "reporting_date": "2024-10-01"})
    home = gathered(
        tmp_path / "home", ("fewsnet", second, ""), ("fewsnet", first, ""), ("fewsnet", first, "")
    )
    assert seen(home, "NAM", "2024-06-29") == {}
    assert seen(home, "NAM", "2024-07-01") == {"current_phase 2024": 3.0}
    assert seen(home, "NAM", "2024-11-01") == {"current_phase 2024": 4.0}


TEXT = st.one_of(st.text(max_size=8), st.sampled_from(["NA", "-99", "0", "3", "1.5", "all", "2022-03-01"]))


@pytest.mark.parametrize("name", ["ipc", "fewsnet"])
def test_a_row_of_any_text_is_used_ignored_or_refused(tmp_path: Path, name: str) -> None:
    plain = LONG if name == "ipc" else FEWS

    @settings(deadline=None)
    @given(st.dictionaries(st.sampled_from(list(plain)), TEXT, max_size=6))
    def reads(values: dict[str, str]) -> None:
        path = table(tmp_path / "any.csv", plain, plain | values)
        adds_up(lambda: read(name, path), path)

    reads()


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=6), st.integers()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from([*ANALYSIS, *AREA, "areas"]), inner)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*ANALYSIS, "areas"]), JSON, max_size=4))
def test_a_saved_answer_of_any_shape_is_used_ignored_or_refused(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("ipc") / "population.json"
    path.write_text(json.dumps([ANALYSIS | values]))
    adds_up(lambda: read("ipc", path), path)
