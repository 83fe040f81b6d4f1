"""VIEWS: the newest run, its pages whole or not at all, and when a reader could have it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.event_server import BAD_ANSWERS, Asked, Says, asking, far
from tests.sources.given import RECORDED
from tests.sources.stated import adds_up, all_steps, forecast, gathered, read, table
from tocsin.errors import InputError, UnknownId
from tocsin.sources.feeds.outlooks.views import Views
from tocsin.sources.outlook import Measure

RUN = "fatalities003_2026_09_t01"
RUNS = ["fatalities003_2026_08_t01", RUN, "predictors_fatalities002_0000_00", "fatalities002_2026_09_t01", 7]
ROW: dict[str, Any] = {
    "country_id": 245,
    "month_id": 562,
    "name": "Sudan",
    "isoab": "SDN",
    "year": 2026,
    "month": 10,
    "main_mean_ln": 5.5909,
    "main_dich": 0.99,
    "main_mean": 266.9778,
}


def page(*rows: Any, **claims: int) -> dict[str, Any]:
    """An answer, in the layout of the interface."""
    told = {"page_count": 1, "page_cur": 1, "row_count": len(rows)} | claims
    return {"next_page": "", "prev_page": "", "model_tree": {}, **told, "data": list(rows)}


def views(asked: Asked) -> Says:
    """The interface: a list of runs, and two pages of the newest."""
    if asked.path == "/":
        return Says({"runs": RUNS})
    assert asked.path == f"/{RUN}/cm/sb"
    number = int(asked.query["page"])
    return Says(page(ROW | {"month": 9 + number}, page_count=2, page_cur=number, row_count=2))


def test_the_newest_run_gives_deaths_and_chances_by_month() -> None:
    with far(views) as up:
        found, (step,) = all_steps(Views(base=up.base), asking(up))
    assert len(found) == 4 and {o.run for o in found} == {RUN}
    deaths, chance = found[:2]
    assert (deaths.iso3, deaths.measure, deaths.value) == ("SDN", Measure.EXPECTED, 266.9778)
    assert (chance.measure, chance.value, str(chance.window.start)) == (
        Measure.PROBABILITY,
        0.99,
        "2026-10-01",
    )
    assert str(deaths.made) == "2026-09" and deaths.known.end == RECORDED
    assert step.cursor == {"run": RUN} and "does not say when a run came out" in step.report.notes[0]


def test_a_run_that_was_read_is_not_asked_for_again() -> None:
    with far(views) as up:
        found, (step,) = all_steps(Views(base=up.base), asking(up, cursor={"run": RUN}))
        assert not found and len(up.asked) == 1 and step.report.notes[0].startswith("nothing new")
    with far(views) as up, pytest.raises(UnknownId, match="did you mean fatalities003_2026_09_t01"):
        all_steps(Views(base=up.base), asking(up, only=("fatalities003_2026_09_t02",)))


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"row_count": 5}, "claims 5 rows and gave 1"),
        ({"page_count": 3, "row_count": 3}, "page 2 repeats page 1"),
    ],
)
def test_pages_that_are_not_as_claimed_are_taken_in_no_part(claims: dict[str, int], why: str) -> None:
    def says(asked: Asked) -> Says:
        return Says({"runs": RUNS}) if asked.path == "/" else Says(page(ROW, **claims))

    with far(says) as up:
        found, (step,) = all_steps(Views(base=up.base), asking(up))
    assert not found and why in step.report.unreadable[0][1] and step.cursor == {}


@pytest.mark.parametrize("habit", [h for h in BAD_ANSWERS if h not in ("elsewhere", "no key", "not allowed")])
def test_a_bad_answer_in_the_middle_leaves_nothing_half_taken(habit: str) -> None:
    def says(asked: Asked) -> Says:
        return BAD_ANSWERS[habit][0] if asked.query.get("page") == "2" else views(asked)

    with far(says) as up:
        found, (step,) = all_steps(Views(base=up.base), asking(up))
    assert not found and step.report.unreadable[0][0] == RUN and step.cursor == {}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"isoab": "SU"}, "two letters"),
        ({"isoab": "QQQ"}, "not in the country table"),
        ({"month": 13}, "is not a year and a month"),
        ({"year": -999}, "is not a year and a month"),
        ({"main_dich": 99}, "99 is outside 0 to 1"),
        ({"main_mean": -1}, "outside 0"),
        ({"main_mean": "many"}, "is not a number"),
    ],
)
def test_a_row_that_cannot_be_taken_is_named(tmp_path: Path, change: dict[str, Any], why: str) -> None:
    path = tmp_path / f"{RUN}.json"
    path.write_text(json.dumps(page(ROW | {"month": 11}, ROW | change)))
    found, step = read("views", path)
    assert len(found) in (2, 3) and why in step.report.refused[0][1]
    assert step.report.refused[0][0].startswith(f"{RUN}.json, row 2")


def test_namibia_is_a_state_in_a_table_too(tmp_path: Path) -> None:
    row = ROW | {"isoab": "NAM", "name": "Namibia"}
    found, _ = read("views", table(tmp_path / f"cm_{RUN}.csv", row, row, row | {"main_mean": 3}))
    assert [o.iso3 for o in found] == ["NAM", "NAM"]


def test_a_past_date_sees_the_run_that_was_out_then(tmp_path: Path) -> None:
    paths = []
    for month, value in (("08", 200.0), ("09", 300.0)):
        path = tmp_path / f"fatalities003_2026_{month}_t01.json"
        path.write_text(json.dumps(page(ROW | {"main_mean": value})))
        paths.append(path)
    older, newer = paths
    home = gathered(tmp_path / "home", ("views", newer, ""), ("views", older, ""))
    assert len(list(home.lake.stored("outlooks"))) == 4
    gathered(tmp_path / "home", ("views", newer, ""))
    assert len(list(home.lake.stored("outlooks"))) == 4
    assert forecast(home, "SDN", "2026-11-19") == [], (
        "nobody says when a run came out: known when it was read"
    )
    assert {o.run for o in forecast(home, "SDN", "2026-11-20")} == {RUN, "fatalities003_2026_08_t01"}
    dated, _ = read("views", older, published="2026-09-20")
    assert str(dated[0].known) == "2026-09-20"


def test_what_is_no_run_of_views_is_refused(tmp_path: Path) -> None:
    (tmp_path / "forecast.json").write_text(json.dumps(page(ROW)))
    with pytest.raises(InputError, match="names no run"):
        read("views", tmp_path / "forecast.json")
    (tmp_path / f"{RUN}.json").write_text(json.dumps(page({"isoab": "SDN", "year": 2026, "month": 1})))
    with pytest.raises(InputError, match="lacks main_mean, main_dich"):
        read("views", tmp_path / f"{RUN}.json")


ANY = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6), st.lists(st.none())
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*ROW, "other"]), ANY, max_size=6))
def test_a_row_of_any_json_is_used_ignored_or_refused(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("views") / f"{RUN}.json"
    path.write_text(json.dumps(page(ROW | {"month": 1}, ROW | values, 7)))
    adds_up(lambda: read("views", path), path)
