"""V-Dem country-years: releases and when they were known, states that ended, and rows of any kind."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared_data import shared
from tests.sources.given import request
from tests.sources.stated import adds_up, all_steps, gathered, read, seen, table
from tocsin.errors import InputError, SourceStopped
from tocsin.sources import source
from tocsin.sources.feeds.conditions import vdem
from tocsin.sources.feeds.conditions.series import reviewed

ROW = {
    "country_name": "Namibia",
    "country_text_id": "NAM",
    "COWcode": "565",
    "year": "2023",
    "v2x_libdem": "0.55",
    "v2clkill": "1.5",
}


def test_a_row_gives_a_value_a_series_with_its_release(tmp_path: Path) -> None:
    found, step = read("vdem", table(tmp_path / "V-Dem-CY-Full+Others-v14.csv", ROW))
    one = next(c for c in found if c.series == "v2clkill")
    assert (one.iso3, one.value, one.release, one.vintage) == ("NAM", 1.5, "v14", "later revision")
    assert str(one.known) == "2024-03" and one.happened.start.year == 2023 and one.area == ""
    assert step.report.used == 1 and step.report.refused_rows == 0
    assert len(found) == 2 and "lacks 58 of 60 reviewed series" in step.report.notes[0]


def test_a_past_date_sees_the_release_that_was_out_whenever_it_was_gathered(tmp_path: Path) -> None:
    older = table(tmp_path / "vdem_v14.csv", ROW)
    newer = table(tmp_path / "vdem_v15.csv", ROW | {"v2x_libdem": "0.50"}, ROW | {"year": "2024"})
    home = gathered(tmp_path / "home", ("vdem", newer, ""), ("vdem", older, ""))
    assert seen(home, "NAM", "2024-02-01") == {}
    assert seen(home, "NAM", "2024-12-31", "v2x_libdem") == {"v2x_libdem 2023": 0.55}
    assert seen(home, "NAM", "2025-12-31", "v2x_libdem") == {
        "v2x_libdem 2023": 0.50,
        "v2x_libdem 2024": 0.55,
    }


def test_a_corrected_file_of_one_release_is_a_new_row_and_twice_the_same_is_none(tmp_path: Path) -> None:
    first = table(tmp_path / "vdem_v14.csv", ROW)
    home = gathered(tmp_path / "home", ("vdem", first, ""), ("vdem", first, ""))
    assert len(list(home.lake.stored("conditions"))) == 2
    gathered(tmp_path / "home", ("vdem", table(first, ROW | {"v2x_libdem": "0.6"}), ""))
    assert len(list(home.lake.stored("conditions"))) == 3
    assert seen(home, "NAM", "2025-01-01", "v2x_libdem") == {"v2x_libdem 2023": 0.6}


def test_a_value_that_a_release_takes_back_is_missing_from_then_on(tmp_path: Path) -> None:
    one = table(tmp_path / "vdem_v14.csv", ROW)
    two = table(tmp_path / "vdem_v15.csv", ROW | {"v2clkill": ""})
    home = gathered(tmp_path / "home", ("vdem", one, ""), ("vdem", two, ""))
    assert seen(home, "NAM", "2024-12-31", "v2clkill") == {"v2clkill 2023": 1.5}
    assert seen(home, "NAM", "2025-12-31", "v2clkill") == {"v2clkill 2023": "no value given"}


def test_the_day_of_a_release_is_taken_where_it_was_seen(tmp_path: Path) -> None:
    found, _ = read("vdem", table(tmp_path / "V-Dem-CY-Core-v16.csv", ROW))
    assert str(found[0].known) == "2026-03-17"
    told, _ = read("vdem", table(tmp_path / "my.csv", ROW), release="15")
    assert (told[0].release, str(told[0].known)) == ("v15", "2025-03")
    _, step = read("vdem", table(tmp_path / "my.csv", ROW))
    assert any("names no version" in note for note in step.report.notes)


@pytest.mark.parametrize(
    ("code", "cow", "year", "iso3", "area"),
    [
        ("SRB", "345", 1980, "YUG", ""),
        ("SRB", "345", 2020, "SRB", ""),
        ("RUS", "365", 1980, "RUS", ""),
        ("DDR", "265", 1980, "DDR", ""),
        ("YMD", "680", 1980, "YMD", ""),
        ("PSG", "", 2020, "PSE", "Gaza"),
        ("ZZB", "", 2020, "TZA", "Zanzibar"),
        ("XKX", "347", 2020, "XKX", ""),
    ],
)
def test_states_that_ended_and_parts_of_states_keep_their_own_place(
    tmp_path: Path, code: str, cow: str, year: int, iso3: str, area: str
) -> None:
    row = ROW | {"country_text_id": code, "COWcode": cow, "year": str(year)}
    found, step = read("vdem", table(tmp_path / "vdem_v15.csv", row))
    assert {(c.iso3, c.area) for c in found} == {(iso3, area)} and not step.report.refused


def test_one_faulty_cell_is_refused_by_name_and_the_rest_of_its_row_is_kept(tmp_path: Path) -> None:
    found, step = read("vdem", table(tmp_path / "vdem_v14.csv", ROW | {"v2x_libdem": "5.5"}))
    assert [c.series for c in found] == ["v2clkill"]
    assert step.report.refused == (("vdem_v14.csv, row 2, v2x_libdem", "v2x_libdem 5.5 is outside 0 to 1"),)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"year": "20233"}, "year '20233' is not a year"),
        ({"country_text_id": "WA"}, "is not a code of three letters"),
        ({"country_text_id": "565"}, "is not a code of three letters"),
        ({"country_text_id": "QQQ"}, "'QQQ' is not in the country table"),
        ({"country_text_id": "DDR", "year": "2020"}, "ended"),
    ],
)
def test_a_row_that_cannot_be_placed_is_refused(tmp_path: Path, change: dict[str, str], why: str) -> None:
    found, step = read("vdem", table(tmp_path / "vdem_v14.csv", ROW | change))
    assert not found and why in step.report.refused[0][1]


def test_what_is_missing_is_missing_and_never_zero(tmp_path: Path) -> None:
    rows = [ROW | {"v2clkill": cell, "year": str(2000 + n)} for n, cell in enumerate(["", "NA", "..", "nan"])]
    found, _ = read("vdem", table(tmp_path / "vdem_v14.csv", *rows))
    killed = [c for c in found if c.series == "v2clkill"]
    assert [(c.value, c.missing) for c in killed] == [(None, "no value given")] * 4


def test_doubles_are_dropped_and_contradictions_refused(tmp_path: Path) -> None:
    rows = [ROW, ROW, ROW | {"v2x_libdem": "0.4"}]
    found, step = read("vdem", table(tmp_path / "vdem_v14.csv", *rows))
    assert len(found) == 2 and step.report.ignored["said twice in the same input"] == 1
    assert "says 0.4, and an earlier row" in step.report.refused[0][1]


def test_another_file_under_the_name_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "vdem_v15.csv"
    page.write_text("<!DOCTYPE html><html>Please fill in the form</html>")
    with pytest.raises(InputError, match="web page or JSON, not a table"):
        read("vdem", page)
    with pytest.raises(InputError, match=r"lacks country_text_id.*V-Dem country-year table"):
        read("vdem", table(tmp_path / "other.csv", {"year": "2020", "v2clkill": "1"}))
    with pytest.raises(InputError, match="is not Parquet"):
        (tmp_path / "cut.parquet").write_bytes(b"PAR1cut")
        read("vdem", tmp_path / "cut.parquet")
    with pytest.raises(InputError, match="no V-Dem version"):
        read("vdem", table(page, ROW), release="of last year")
    with pytest.raises(SourceStopped, match="your own copy"):
        list(next(source("vdem").read(request())).conditions)


def test_a_real_release_is_read_whole() -> None:
    found, step = read("vdem", shared("data/vdem_subsets/vdem_v15_simple.parquet"))
    assert step.report.refused_rows == 0 and step.report.used == 13077
    polyarchy = {(c.iso3, c.area, c.happened.start.year) for c in found if c.series == "v2x_polyarchy"}
    assert len(polyarchy) == 13077 and ("YUG", "", 1980) in polyarchy and ("SRB", "", 2023) in polyarchy
    assert {c.release for c in found} == {"v15"} and {str(c.known) for c in found} == {"2025-03"}


def test_a_long_table_is_written_in_steps_and_a_double_is_found_across_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vdem, "ROWS_A_STEP", 30)
    years = [ROW | {"year": str(1991 + n)} for n in range(30)]
    found, steps = all_steps(source("vdem"), request(table(tmp_path / "vdem_v15.csv", *years, years[0])))
    assert [step.report.rows_read for step in steps] == [30, 1] and len(found) == 60
    assert steps[1].report.ignored == {"said twice in the same input": 1}


def test_every_reviewed_series_has_a_label_a_unit_and_bounds() -> None:
    for name in (
        "vdem",
        "worldbank",
        "unhcr",
        "idmc",
        "idps",
        "inform",
        "leaders",
        "coups",
        "ipc",
        "fewsnet",
    ):
        for series in reviewed(name).values():
            assert series.label and series.low < series.high


CELLS = st.one_of(st.text(max_size=8), st.sampled_from(["NA", "-99", "-999", "1e400", "٣", "0.5", "inf"]))


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(list(ROW)), CELLS, max_size=5))
def test_a_row_of_any_text_is_used_ignored_or_refused(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, str]
) -> None:
    path = table(tmp_path_factory.mktemp("vdem") / "vdem_v15.csv", ROW, ROW | values)
    adds_up(lambda: read("vdem", path), path)
