"""World Development Indicators: pages that keep or break what they claim, aggregates, days of update."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared_data import shared
from tests.sources.event_server import BAD_ANSWERS, Asked, Says, asking, far
from tests.sources.given import request
from tests.sources.stated import adds_up, all_steps, gathered, read, seen, table
from tocsin.errors import InputError, SourceStopped, UnknownId
from tocsin.sources.contract import Gathered, Request
from tocsin.sources.feeds.conditions.worldbank import WorldBank

PEOPLE = "SP.POP.TOTL"


def row(**changes: Any) -> dict[str, Any]:
    """One row of an answer, in the layout of the interface."""
    indicator = {"id": PEOPLE, "value": "Population, total"}
    country = {"id": "NA", "value": "Namibia"}
    made = {"indicator": indicator, "country": country, "countryiso3code": "NAM", "date": "2023"}
    return made | {"value": 2963095, "unit": "", "obs_status": "", "decimal": 0} | changes


def answer(*rows: Any, page: int = 1, pages: int = 1, total: int | None = None, **head: Any) -> list[Any]:
    """An answer of the interface."""
    told = {"page": page, "pages": pages, "per_page": 2, "total": len(rows) if total is None else total}
    return [told | {"sourceid": "2", "lastupdated": "2025-07-01"} | head, list(rows)]


def gather(says: Any, only: tuple[str, ...] = (PEOPLE,)) -> tuple[list[Any], list[Gathered], list[Asked]]:
    """What is made of the answers of a server; `says` is an answer, or a function of the request."""
    with far(says if callable(says) else lambda _: says if isinstance(says, Says) else Says(says)) as up:
        found, steps = all_steps(WorldBank(base=up.base), asking(up, only=only))
        return found, steps, up.asked


def test_a_row_gives_a_value_known_from_the_day_of_update() -> None:
    found, (step,), asked = gather(answer(row()))
    (one,) = found
    assert (one.iso3, one.series, one.value, one.unit) == ("NAM", PEOPLE, 2963095.0, "people")
    assert (str(one.published), str(one.known), one.release) == ("2025-07-01", "2025-07-01", "2025-07-01")
    assert one.vintage == "later revision" and one.happened.start.year == 2023
    assert asked[0].path == f"/v2/country/all/indicator/{PEOPLE}" and asked[0].query["format"] == "json"
    assert step.report.used == 1


def test_every_page_is_read_and_each_series_is_a_step_of_its_own() -> None:
    def says(asked: Asked) -> Says:
        page = int(asked.query["page"])
        series = asked.path.rpartition("/")[2]
        of = {"id": series, "value": "x"}
        return Says(answer(row(indicator=of, date=str(2000 + page), value=5), page=page, pages=3, total=3))

    found, steps, asked = gather(says, only=(PEOPLE, "SH.DYN.MORT"))
    assert len(found) == 6 and len(steps) == 2 and len(asked) == 6
    assert {c.happened.start.year for c in found} == {2001, 2002, 2003}


@pytest.mark.parametrize("code", ["AFE", "WLD", "SSF", "LIC", "EUU"])
def test_aggregates_are_left_out_by_name(code: str) -> None:
    found, (step,), _ = gather(answer(row(countryiso3code=code, country={"id": "ZH", "value": "A region"})))
    assert not found and step.report.ignored == {"an aggregate of states": 1}


def test_namibia_is_a_state_and_na_is_no_value() -> None:
    found, _, _ = gather(answer(row(), row(date="2022", value="NA"), row(date="2021", value=None)))
    assert [(c.iso3, c.value, c.missing) for c in found] == [
        ("NAM", 2963095.0, ""),
        ("NAM", None, "no value given"),
        ("NAM", None, "no value given"),
    ]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"countryiso3code": "NA"}, "is not ISO 3166 alpha-3"),
        ({"countryiso3code": "QQQ"}, "not in the country table"),
        ({"date": "2023Q1"}, "is not a year"),
        ({"value": "many"}, "is not a number"),
        ({"value": -99}, "outside 0"),
        ({"value": True}, "is not a number"),
        ({"indicator": {"id": "SH.DYN.MORT"}}, "was asked for"),
    ],
)
def test_a_row_that_cannot_be_taken_is_named(change: dict[str, Any], why: str) -> None:
    found, (step,), _ = gather(answer(row(date="2020"), row(**change)))
    assert len(found) == 1 and why in step.report.refused[0][1]
    assert step.report.refused[0][0] == f"{PEOPLE}, row 2"


def test_a_percentage_over_a_hundred_is_refused() -> None:
    rural = row(indicator={"id": "SP.URB.TOTL.IN.ZS"}, value=104.2)
    found, (step,), _ = gather(answer(rural), only=("SP.URB.TOTL.IN.ZS",))
    assert not found and "104.2 is outside 0 to 100" in step.report.refused[0][1]


def lying(kind: str) -> Any:
    """A server whose pages are not what it claims."""

    def says(asked: Asked) -> Says:
        page = int(asked.query["page"])
        own = row(date=str(2000 + page))
        if kind == "fewer rows than claimed":
            return Says(answer(own, page=page, pages=1, total=9))
        if kind == "an empty page in the middle":
            return Says(answer(*([] if page == 2 else [own]), page=page, pages=3, total=3))
        if kind == "the same page again":
            return Says(answer(row(), page=page, pages=3, total=3))
        if kind == "updated in between":
            return Says(answer(own, page=page, pages=2, total=2, lastupdated=f"2025-07-0{page}"))
        return Says(status=503) if page == 2 else Says(answer(own, page=page, pages=3, total=3))

    return says


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("fewer rows than claimed", "claims 9 rows and gave 1"),
        ("an empty page in the middle", "page 2 of 3 is empty"),
        ("the same page again", "page 2 repeats page 1"),
        ("updated in between", "was updated while it was read"),
        ("down in the middle", "503"),
    ],
)
def test_a_series_whose_pages_lie_is_named_and_taken_in_no_part(kind: str, why: str) -> None:
    found, (step,), _ = gather(lying(kind))
    assert not found and step.report.unreadable[0][0] == PEOPLE and why in step.report.unreadable[0][1]
    assert not step.report.stopped


@pytest.mark.parametrize("habit", [h for h in BAD_ANSWERS if h != "elsewhere"])
def test_a_bad_answer_of_one_series_leaves_the_others_whole(habit: str) -> None:
    bad, why = BAD_ANSWERS[habit]

    def says(asked: Asked) -> Says:
        good = row(indicator={"id": "SH.DYN.MORT"}, value=40)
        return bad if asked.path.endswith(PEOPLE) else Says(answer(good))

    found, steps, _ = gather(says, only=(PEOPLE, "SH.DYN.MORT"))
    assert [c.series for c in found] == ["SH.DYN.MORT"]
    told = " ".join(f"{where} {line}" for where, line in steps[0].report.unreadable)
    assert told.startswith(PEOPLE) and any(words in told for words in (why, "layout", "closed connection"))


def test_what_the_interface_says_of_an_error_is_passed_on() -> None:
    message = [{"message": [{"id": "120", "key": "Invalid value", "value": "The indicator was not found"}]}]
    _, (step,), _ = gather(message)
    assert "The indicator was not found" in step.report.unreadable[0][1]


def test_offline_and_an_unknown_series_are_said() -> None:
    with pytest.raises(SourceStopped, match="offline"):
        list(next(WorldBank().read(Request((), None, None, request().recorded, True, None))).conditions)
    with pytest.raises(UnknownId, match=r"unknown series 'SP\.POP'"):
        all_steps(WorldBank(), asking(None, only=("SP.POP",)))


def test_a_past_date_sees_the_update_that_was_out_then(tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(answer(row(value=10), lastupdated="2024-07-01")))
    new.write_text(json.dumps(answer(row(value=12), lastupdated="2025-07-01")))
    home = gathered(tmp_path / "home", ("worldbank", new, ""), ("worldbank", old, ""), ("worldbank", new, ""))
    assert seen(home, "NAM", "2024-06-30") == {}
    assert seen(home, "NAM", "2025-01-01") == {f"{PEOPLE} 2023": 10.0}
    assert seen(home, "NAM", "2025-07-02") == {f"{PEOPLE} 2023": 12.0}
    assert len(list(home.lake.stored("conditions"))) == 2


def test_without_a_day_of_update_a_value_is_known_nine_months_after_its_year(tmp_path: Path) -> None:
    plain = {"Country Name": "Namibia", "Country Code": "NAM", "Year": "2023", "Value": "3000000"}
    path = table(tmp_path / "population.csv", plain)
    found, (step,) = all_steps(WorldBank(), asking(None, paths=(path,), only=(PEOPLE,)))
    assert str(found[0].known) == "2024-09" and "no release date" in step.report.notes[0]
    with pytest.raises(InputError, match="does not say which series"):
        read("worldbank", path)


def test_the_bulk_table_gives_a_value_a_year(tmp_path: Path) -> None:
    wide = {"Country Name": "Namibia", "Country Code": "NAM", "Indicator Name": "x", "Indicator Code": PEOPLE}
    rows = [
        wide | {"2022": "2900000", "2023": ""},
        wide | {"Indicator Code": "XX.YY", "2022": "1", "2023": "2"},
    ]
    rows.append(wide | {"Country Code": "WLD", "2022": "1", "2023": "2"})
    found, step = read("worldbank", table(tmp_path / "WDICSV.csv", *rows), release="2025-07-01")
    assert [(c.happened.start.year, c.value) for c in found] == [(2022, 2900000.0), (2023, None)]
    assert sum(step.report.ignored.values()) == 2 and str(found[0].known) == "2025-07-01"


def test_a_real_table_is_read_whole() -> None:
    path = shared("data/structural/population.csv")
    found, (step,) = all_steps(WorldBank(), asking(None, paths=(path,), only=(PEOPLE,)))
    assert step.report.refused_rows == 0 and step.report.rows_read == 17195 == step.report.used + 3185
    assert len({c.iso3 for c in found}) > 200 and not {c.iso3 for c in found} & {"WLD", "AFE"}


ANY = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.lists(st.none())
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*row(), "other"]), ANY, max_size=6))
def test_a_row_of_any_json_is_used_ignored_or_refused(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("wb") / "answer.json"
    path.write_text(json.dumps(answer(row(date="2001"), row() | values, "no object")))
    adds_up(lambda: read("worldbank", path), path)
