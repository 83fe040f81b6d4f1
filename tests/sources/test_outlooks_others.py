"""conflictforecast.org, ACLED CAST and the Early Warning Project, and that none of them enters ours."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tocsin
from tests.sources.event_server import BAD_ANSWERS, Asked, Says, asking, far
from tests.sources.given import request
from tests.sources.stated import adds_up, all_steps, forecast, gathered, read, table
from tocsin.errors import InputError, SourceStopped
from tocsin.sources import catalog, source
from tocsin.sources.feeds.outlooks.cast import Cast
from tocsin.sources.feeds.outlooks.conflictforecast import ConflictForecast, chosen
from tocsin.sources.outlook import Measure

CHANCE: dict[str, Any] = {
    "isocode": "NAM",
    "period": "202610",
    "ons_armedconf_03_all": "0.05",
    "ons_armedconf_03_text": "0.5",
    "ons_armedconf_03_naive": "0.9",
    "ons_armedconf_03_target": "",
}
CAST: dict[str, Any] = {
    "country": "Sudan",
    "admin1": "Khartoum",
    "month": "December",
    "year": "2026",
    "total_forecast": "40",
    "battles_forecast": "20",
    "erv_forecast": "10",
    "vac_forecast": "10",
    "timestamp": "1794000000",
}
LIST: dict[str, Any] = {"year": "2025", "ewp_name": "Sudan", "ccode": "625", "risk": "0.071", "riskrank": "3"}
PAST: dict[str, Any] = {
    "year": "2023",
    "ewp_name": "Sudan",
    "ccode": "625",
    "mk_onset": "1",
    "risk_prev": "0.06",
    "rank_prev": "7",
    "risk_two_years_prior": "0.05",
    "rank_two_years_prior": "9",
}
NAME = "conflictforecast_ons_armedconf_03.csv"


def test_of_the_variants_the_full_one_is_read_and_neither_baseline_nor_outcome() -> None:
    assert chosen(list(CHANCE)) == {"ons_armedconf_03_all": ("an armed conflict begins", 3)}
    assert chosen(["ons_armedconf_12_hist", "ons_armedconf_12_text"]) == {
        "ons_armedconf_12_text": ("an armed conflict begins", 12)
    }
    assert chosen(["ons_armedconf_03_naive", "ons_armedconf_03_target", "period", "other_03"]) == {}


def test_the_last_month_of_a_file_is_the_forecast(tmp_path: Path) -> None:
    found, step = read("conflictforecast", table(tmp_path / NAME, CHANCE | {"period": "202609"}, CHANCE))
    (one,) = found
    assert (one.iso3, one.measure, one.value, one.run) == ("NAM", Measure.PROBABILITY, 0.05, "2026-10")
    assert (str(one.window.start), str(one.window.end)) == ("2026-11-01", "2027-01-31")
    assert step.report.ignored == {"an earlier month, estimated again in this file": 1}


def listing(body: Any, created: Any = 1_794_000_000_000) -> Any:
    """The list of newest files, and the files on the same host."""

    def says(asked: Asked) -> Says:
        if asked.path.endswith("get-latest-file-listing"):
            base = f"http://{asked.headers['host']}"
            files = [{"name": NAME, "publicUrl": f"{base}/files/{NAME}", "created": created}]
            files.append({"name": "broken_ons_armedconf_12.csv", "publicUrl": f"{base}/broken", "created": 1})
            return Says([*files, {"name": "notes.txt"}, 7])
        return Says(status=503) if asked.path == "/broken" else body

    return says


def test_files_of_the_list_are_read_and_one_that_fails_leaves_the_others() -> None:
    body = Says((",".join(CHANCE) + "\n" + ",".join(map(str, CHANCE.values())) + "\n").encode())
    with far(listing(body)) as up:
        found, (step,) = all_steps(ConflictForecast(base=up.base), asking(up))
    assert len(found) == 1 and str(found[0].known).startswith("2026-11-06T")
    assert [where for where, _ in step.report.unreadable] == ["broken_ons_armedconf_12.csv"]
    assert sum("left out" in note for note in step.report.notes) == 2


@pytest.mark.parametrize("habit", [h for h in BAD_ANSWERS if h != "elsewhere"])
def test_a_bad_file_of_the_list_is_named_and_asked_for_again(habit: str) -> None:
    with far(listing(BAD_ANSWERS[habit][0])) as up:
        found, (step,) = all_steps(ConflictForecast(base=up.base), asking(up))
    assert not found and step.report.unreadable[0][0] == NAME and not step.validators


@pytest.mark.parametrize(
    ("name", "row", "change", "why"),
    [
        ("conflictforecast", CHANCE, {"isocode": "NA"}, "two letters"),
        ("conflictforecast", CHANCE, {"ons_armedconf_03_all": "5"}, "5 is outside 0 to 1"),
        ("conflictforecast", CHANCE, {"period": "2026-13"}, "is not a month"),
        ("acled_cast", CAST, {"month": "Smarch"}, "is not a year and a month"),
        ("acled_cast", CAST, {"country": "Narnia"}, "not in the country table"),
        ("acled_cast", CAST, {"admin1": ""}, "names no area"),
        ("acled_cast", CAST, {"vac_forecast": "-1"}, "outside 0"),
        ("earlywarningproject", LIST, {"risk": "7.1"}, "7.1 is outside 0 to 1"),
        ("earlywarningproject", LIST, {"riskrank": "0"}, "outside 1"),
        ("earlywarningproject", LIST, {"ccode": "SDN"}, "not a whole number"),
        ("earlywarningproject", LIST, {"year": "25"}, "is not a year"),
    ],
)
def test_a_row_that_cannot_be_taken_is_named(
    tmp_path: Path, name: str, row: dict[str, Any], change: dict[str, str], why: str
) -> None:
    good = row | {"isocode": "AGO"} if "isocode" in row else row | {"admin1": "Other", "ccode": "540"}
    _, step = read(name, table(tmp_path / NAME, good, row | change, columns=list(row)))
    assert why in step.report.refused[0][1] and "row 3" in step.report.refused[0][0]


def test_cast_gives_events_by_area_and_month_from_the_day_it_was_made(tmp_path: Path) -> None:
    found, _ = read(
        "acled_cast", table(tmp_path / "cast.csv", CAST, CAST | {"admin1": "Darfur", "month": "12"})
    )
    assert [o.value for o in found if o.area == "Khartoum"] == [40.0, 20.0, 10.0, 10.0]
    assert {str(o.window.start) for o in found} == {"2026-12-01"} and found[0].run == "2026-11-06"
    assert str(found[0].known).startswith("2026-11-06")


def test_cast_is_read_through_the_account_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_ACLED_USER", "desk@example.org")
    monkeypatch.setenv("TOCSIN_ACLED_PASSWORD", "hidden words")

    def says(asked: Asked) -> Says:
        if asked.path == "/oauth/token":
            return Says({"access_token": "t1", "expires_in": 86400})
        assert asked.headers["authorization"] == "Bearer t1"
        first = asked.query["page"] == "1" and asked.query["year"] == "2026"
        return Says({"status": 200, "success": True, "data": [CAST] if first else []})

    with far(says) as up:
        found, (step,) = all_steps(Cast(base=up.base), asking(up))
        assert up.asked[1].path == "/api/cast/read"
    assert len(found) == 4 and "hidden" not in str(step.report)
    monkeypatch.delenv("TOCSIN_ACLED_USER")
    with far(says) as up, pytest.raises(SourceStopped, match="TOCSIN_ACLED_USER"):
        all_steps(Cast(base=up.base), asking(up))


def test_the_list_gives_chance_and_rank_of_the_two_years_after_its_data(tmp_path: Path) -> None:
    found, step = read("earlywarningproject", table(tmp_path / "list.csv", LIST), release="2025-12-10")
    assert [(o.iso3, o.measure.value, o.value) for o in found] == [
        ("SDN", "probability", 0.071),
        ("SDN", "rank", 3.0),
    ]
    assert (str(found[0].window.start), str(found[0].window.end)) == ("2026-01-01", "2027-12-31")
    past, _ = read("earlywarningproject", table(tmp_path / "past.csv", PAST))
    assert (past[0].value, str(past[0].window.start), str(past[0].window.end)) == (
        0.06,
        "2023-01-01",
        "2024-12-31",
    )
    assert not step.report.unknown_columns
    with pytest.raises(SourceStopped, match="your own copy"):
        list(next(source("earlywarningproject").read(request())).outlooks)


def test_twice_changes_nothing_and_a_correction_is_a_new_row(tmp_path: Path) -> None:
    one = table(tmp_path / "cast.csv", CAST)
    home = gathered(tmp_path / "home", ("acled_cast", one, ""), ("acled_cast", one, ""))
    assert len(list(home.lake.stored("outlooks"))) == 4
    gathered(tmp_path / "home", ("acled_cast", table(one, CAST | {"vac_forecast": "11"}), ""))
    assert sorted(o.value for o in forecast(home, "SDN", "2026-11-20")) == [10.0, 11.0, 20.0, 40.0]
    assert forecast(home, "SDN", "2026-11-01") == []


def test_another_table_is_refused(tmp_path: Path) -> None:
    for name in ("conflictforecast", "acled_cast", "earlywarningproject"):
        with pytest.raises(InputError, match=r"other\.csv"):
            read(name, table(tmp_path / "other.csv", {"a": "1"}))


TEXT = st.one_of(st.text(max_size=8), st.sampled_from(["NA", "-99", "0", "0.5", "202610", "12", "625"]))


@pytest.mark.parametrize(
    ("name", "plain"), [("conflictforecast", CHANCE), ("acled_cast", CAST), ("earlywarningproject", LIST)]
)
def test_a_row_of_any_text_is_used_ignored_or_refused(
    tmp_path: Path, name: str, plain: dict[str, Any]
) -> None:
    @settings(deadline=None)
    @given(st.dictionaries(st.sampled_from(list(plain)), TEXT, max_size=5))
    def reads(values: dict[str, str]) -> None:
        path = table(tmp_path / NAME, plain, plain | values)
        adds_up(lambda: read(name, path), path)

    reads()


ROOM = Path(tocsin.__file__).parent
SHOWN = {"sources", "web", "cli"}
STORED = {"store/tables.py", "store/corrections.py", "store/conditions.py"}


def test_nothing_that_forecasts_believes_or_warns_reads_what_others_forecast() -> None:
    readers = set()
    for path in ROOM.rglob("*.py"):
        name = path.relative_to(ROOM).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            module = node.module if isinstance(node, ast.ImportFrom) else ""
            text = node.value if isinstance(node, ast.Constant) else ""
            attribute = node.attr if isinstance(node, ast.Attribute) else ""
            if "outlook" in (module or "") or text == "outlooks" or attribute in ("outlooks", "outlooks_of"):
                readers.add(name)
    assert {name for name in readers if name.partition("/")[0] not in SHOWN} == STORED


def test_every_source_of_forecasts_says_how_to_cite_it_and_whether_rows_may_leave() -> None:
    sheets = {s.id: s for s in catalog().values() if s.group == "forecasts"}
    assert set(sheets) == {"views", "conflictforecast", "acled_cast", "earlywarningproject"}
    assert all(sheet.attribution and sheet.licence for sheet in sheets.values())
    assert not sheets["acled_cast"].shareable and not sheets["earlywarningproject"].shareable
