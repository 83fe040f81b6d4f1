"""Panels of every make: read as they are meant, or refused with row and column."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.forecasting.panels import cube, rows, spec, write
from tocsin.errors import InputError
from tocsin.forecasting.axis import axis_of
from tocsin.forecasting.reading import PanelFile, read_panel

GOOD = [["A", 1, 0, 0.5], ["A", 2, 3, 0.25], ["B", 2, 1, -1]]


def refused(path: Path, *parts: str, kind: str = "count") -> None:
    with pytest.raises(InputError) as raised:
        read_panel(path, spec(kind))
    assert "\n" not in str(raised.value)
    for part in (path.name, *parts):
        assert part in str(raised.value), str(raised.value)


def read(path: Path, text: str | bytes, kind: str = "count") -> PanelFile:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_panel(path, spec(kind))


def dated(path: Path, days: list[date]) -> PanelFile:
    return read_panel(write(path, [["A", d, 1, 0] for d in days]), spec())


def same(a: PanelFile, b: PanelFile) -> bool:
    columns = all(np.array_equal(a.cube.columns[c], b.cube.columns[c], equal_nan=True) for c in ("y", "z"))
    return columns and a.cube.entities == b.cube.entities and np.array_equal(a.cube.exists, b.cube.exists)


# ---------------------------------------------------------------- what is read


def test_a_gap_is_unknown_and_not_zero(tmp_path: Path) -> None:
    found = read_panel(write(tmp_path / "p.csv", GOOD), spec()).cube
    assert found.entities == ("A", "B") and found.periods.tolist() == [1, 2]
    assert found.exists.tolist() == [[True, True], [False, True]]
    np.testing.assert_array_equal(found.columns["y"], [[0, 3], [np.nan, 1]])
    np.testing.assert_array_equal(found.columns["z"], [[0.5, 0.25], [np.nan, -1]])


def test_every_way_to_leave_a_cell_blank_is_unknown(tmp_path: Path) -> None:
    for blank in ("", " ", "NA", "NaN", "nan", "NULL", "null", "None"):
        made = read_panel(write(tmp_path / "p.csv", [*GOOD, ["C", 1, blank, blank]]), spec()).cube
        assert np.isnan([made.columns[c][2, 0] for c in ("y", "z")]).all() and made.exists[2, 0]


def test_columns_that_the_spec_does_not_name_are_not_looked_at(tmp_path: Path) -> None:
    plain = read_panel(write(tmp_path / "p.csv", GOOD), spec())
    more = [[*row, "inf", '"a\nb"', "-"] for row in GOOD]
    garbage = write(tmp_path / "g.csv", more, ("who", "t", "y", "z", "a", "b", "c"))
    assert same(plain, read_panel(garbage, spec()))
    duckdb.connect().read_csv(str(garbage)).write_parquet(str(tmp_path / "g.parquet"))
    assert same(plain, read_panel(tmp_path / "g.parquet", spec()))


def test_marks_semicolons_tabs_and_line_breaks_in_quotes(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    want = read_panel(write(tmp_path / "q.csv", GOOD), spec())
    text = path.with_name("q.csv").read_text()
    assert same(want, read(path, b"\xef\xbb\xbf" + text.encode()))
    for sep in ";\t":
        assert same(want, read(path, text.replace(",", sep).replace("\n", "\r\n")))
    quoted = text.replace("A,", '"two\nlines",').replace("B,", '"a ""B"", c",')
    assert read(path, quoted).cube.entities == ('a "B", c', "two\nlines")


def test_namibia_and_numbers_are_entities(tmp_path: Path) -> None:
    made = read_panel(write(tmp_path / "p.csv", [["NA", 1, 0, 0], ["10", 1, 0, 0], ["9", 1, 2, 0]]), spec())
    assert made.cube.entities == ("10", "9", "NA") and made.cube.columns["y"][1, 0] == 2


def test_parquet_with_columns_of_every_type(tmp_path: Path) -> None:
    db = duckdb.connect()
    made = db.sql("""
        select 7::INTEGER who, timestamp '2001-01-01' + to_months(i) t, i::DECIMAL(9, 2) y, i % 2 = 0 z
        from (select unnest(range(0, 12))::INTEGER i)""")  # fmt: skip
    made.write_parquet(str(tmp_path / "a.parquet"))
    found = read_panel(tmp_path / "a.parquet", spec())
    assert found.cube.entities == ("7",) and found.axis.words == "1 month"
    assert found.cube.columns["y"].tolist() == [list(range(12))]
    assert found.cube.columns["z"].tolist() == [[1, 0] * 6]
    other = made.query("made", "select who, t::DATE t, y::DOUBLE y, nullif(z::INTEGER, 0) z from made")
    other.write_parquet(str(tmp_path / "b.parquet"))
    again = read_panel(tmp_path / "b.parquet", spec())
    assert again.axis.written(11) == "2001-12-01" and np.isnan(again.cube.columns["z"][0, 1])


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    made = rows(cube())
    straight = read_panel(write(tmp_path / "a.csv", made), spec())
    np.random.default_rng(1).shuffle(made)
    assert same(straight, read_panel(write(tmp_path / "b.csv", made), spec()))


def test_a_file_of_one_row(tmp_path: Path) -> None:
    assert read_panel(write(tmp_path / "p.csv", GOOD[:1]), spec()).cube.exists.tolist() == [[True]]


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["B", 1, -1, 0], ["row 5, column y", "the count -1 is negative"]),
        (["B", 1, 0.5, 0], ["row 5, column y", "the count 0.5 is no whole number"]),
        (["B", 1, "1e16", 0], ["row 5, column y", "too large"]),
        (["B", 1, "many", 0], ["row 5, column y", "'many' is not a number"]),
        (["B", 1, "1_000", 0], ["row 5, column y", "'1_000' is not a number"]),
        (["B", 1, 0, "inf"], ["row 5, column z", "not a finite number"]),
        (["B", 1, 0, "1e999"], ["row 5, column z", "not a finite number"]),
        (["B", 1, 0, "1e40"], ["row 5, column z", "too large"]),
        (["B", 1, 0, "N/A"], ["row 5, column z", "leave a cell empty"]),
        (["", 1, 0, 0], ["row 5, column who", "the entity is blank"]),
        (["null", 1, 0, 0], ["row 5, column who", "the entity is blank"]),
        (["B", "", 0, 0], ["row 5, column t", "the period is blank"]),
        (["B", "1.5", 0, 0], ["row 5, column t", "'1.5' is no whole number and no date"]),
        (["B", "2001-13-01", 0, 0], ["row 5, column t"]),
        (["B", "2001-01-01", 0, 0], ["some periods are dates and some are numbers"]),
        (["A", 2, 0, 0], ["A has two rows for 2, rows 3 and 5"]),
        (["B", 1, 0], ["row 5", "3 fields under a header of 4"]),
        (["B", 90_000_000, 0, 0], ["1 to 90000000", "is one mistyped?"]),
    ],
)  # fmt: skip
def test_a_bad_row_is_named(tmp_path: Path, row: list, said: list[str]) -> None:
    refused(write(tmp_path / "p.csv", [*GOOD, row]), *said)


def test_a_label_that_is_neither_yes_nor_no(tmp_path: Path) -> None:
    refused(write(tmp_path / "p.csv", GOOD), "row 3, column y", "3 is not 0 or 1", kind="binary")
    assert (
        read(tmp_path / "q.csv", "who,t,y,z\nA,1,true,0\nA,2,FALSE,0\n", "binary").cube.columns["y"].sum()
        == 1
    )


def test_files_that_are_no_panel(tmp_path: Path) -> None:
    refused(tmp_path / "none.csv", "there is no such file")
    for text, said in (
        ("", "no header row"),
        ("who,t,y,z\n", "has no rows"),
        ("who,t,z\nA,1,1\n", "no column 'y'"),
    ):
        (tmp_path / "p.csv").write_text(text)
        refused(tmp_path / "p.csv", said)
    (tmp_path / "p.parquet").write_text("who,t,y,z\n")
    refused(tmp_path / "p.parquet", "is not Parquet")


def test_many_entities_far_apart_do_not_fill_the_memory(tmp_path: Path) -> None:
    made = [[f"E{i}", 40 * i, 0, 0] for i in range(3000)]
    refused(write(tmp_path / "p.csv", made), "leave nearly all empty")


@pytest.mark.parametrize("stamps", [(201611, 201612, 201701), (20160131, 20160201, 20170131)])
def test_dates_run_together_are_not_taken_for_numbers(tmp_path: Path, stamps: tuple[int, ...]) -> None:
    refused(
        write(tmp_path / "p.csv", [["A", t, 0, 0] for t in stamps]),
        "dates run together",
        "write them as dates",
    )


# ---------------------------------------------------------------- dates


def month_ends(step: int) -> list[date]:
    months = [divmod(m, 12) for m in range(2000 * 12, 2005 * 12, step)]
    return [date(y, m + 1, calendar.monthrange(y, m + 1)[1]) for y, m in months]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ([date(2000, 2, 27) + timedelta(i) for i in range(40)], "1 day"),
        ([date(2000, 1, 3) + timedelta(7 * i) for i in range(40)], "7 days"),
        ([date(2000 + i // 12, i % 12 + 1, 1) for i in range(40)], "1 month"),
        ([date(2000 + i // 12, i % 12 + 1, min(30, calendar.monthrange(2000 + i // 12, i % 12 + 1)[1]))
          for i in range(40)], "1 month"),
        (month_ends(1), "1 month"),
        (month_ends(3), "3 months"),
        (month_ends(12), "12 months"),
        ([date(2000 + i, 12, 31) for i in range(9)], "12 months"),
        ([date(2000 + i, 7, 1) for i in range(9)], "12 months"),
    ],
)  # fmt: skip
def test_days_weeks_months_quarters_years(tmp_path: Path, days: list[date], words: str) -> None:
    found = dated(tmp_path / "p.csv", days)
    assert found.axis.words == words
    assert [found.axis.written(int(i)) for i in found.cube.periods] == [d.isoformat() for d in days]
    gone = dated(tmp_path / "q.csv", [*days[:2], *days[3:]])
    assert (
        gone.axis.words == words and gone.cube.exists[0].sum() == len(days) - 1 == len(gone.cube.periods) - 1
    )


def test_after_january_31_comes_the_last_of_february() -> None:
    axis = axis_of({date(2001, 1, 31), date(2001, 3, 31), date(2001, 4, 30)}, "p")
    assert [axis.written(i) for i in range(4)] == ["2001-01-31", "2001-02-28", "2001-03-31", "2001-04-30"]
    with pytest.raises(InputError, match="not one of the panel's periods"):
        axis.index(date(2001, 4, 29), "p")


def test_iso_weeks_are_their_mondays(tmp_path: Path) -> None:
    made = [["A", f"2015-W{w:02d}", 1, 0] for w in range(50, 54)] + [["A", "2016-W01", 1, 0]]
    found = read_panel(write(tmp_path / "p.csv", made), spec())
    assert found.axis.words == "7 days" and found.axis.written(4) == "2016-01-04"


@given(
    st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(1, 14), st.sets(st.integers(0, 300), min_size=2)
)
def test_what_is_written_is_found_again(start: date, step: int, at: set[int]) -> None:
    days = {start + timedelta(step * i) for i in at}
    axis = axis_of(days, "p")
    assert {axis.written(axis.index(d, "p")) for d in days} == {d.isoformat() for d in days}
    assert [axis.written(axis.index(date.fromisoformat(axis.written(i)), "p")) for i in range(5)] == [
        axis.written(i) for i in range(5)
    ]
