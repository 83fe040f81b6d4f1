"""Forecast and outcome files: the four forms, and every fault with file, row and column."""

from __future__ import annotations

import random
from pathlib import Path

import duckdb
import numpy as np
import pytest

from tests.evaluation.forecast_files import BINARY, COUNT, binary_rows, count_rows, outcome_rows, write
from tocsin.errors import InputError, UserError
from tocsin.evaluation.forecast_file import QUANTILES, read_forecasts
from tocsin.evaluation.outcomes_of import from_file, from_panel, shipped_deaths, shipped_onsets
from tocsin.forecasting.panel import load_panel

YEARLY = ("entity", "p_ge_1", "p_ge_25", "p_ge_100", "p_ge_1000", *QUANTILES)


def year_row(name: str, *p: float) -> list[object]:
    return [name, *(p or (0.5, 0.2, 0.1, 0.0)), *range(99)]


def test_each_form_is_known_by_its_columns(tmp_path: Path) -> None:
    backtest = read_forecasts(write(tmp_path / "a.csv", BINARY, binary_rows(1)))
    assert backtest.binary and not backtest.own and set(backtest.exceed) == {1}
    assert len(backtest) == len(binary_rows(1)) and backtest.keys[0].horizon == "1"
    onset = read_forecasts(
        write(tmp_path / "b.csv", ("entity", "gwcode", "period", "probability"), [["RWA", 517, 1993, 0.2]])
    )
    assert onset.binary and onset.own and onset.keys[0] == ("0", 1993, 1993, "RWA") and not onset.unread
    count = read_forecasts(write(tmp_path / "c.csv", COUNT, count_rows(1)))
    assert not count.binary and list(count.exceed) == [1, 25]
    assert count.quantiles is not None and count.quantiles.shape == (len(count), 99)
    assert [k.horizon for k in count.keys] == ["1"] * 60 + ["sum3"] * 60
    year = read_forecasts(write(tmp_path / "d.csv", YEARLY, [year_row("RWA")]), 2024)
    assert year.own and list(year.exceed) == [1, 25, 100, 1000] and year.keys[0].period == 2024
    with pytest.raises(UserError, match="say which year"):
        read_forecasts(tmp_path / "d.csv")
    with pytest.raises(UserError, match="leave --year 2024 out"):
        read_forecasts(tmp_path / "a.csv", 2024)


def test_parquet_reads_as_csv_does_and_the_order_of_rows_is_nothing(tmp_path: Path) -> None:
    rows = count_rows(3)
    first = read_forecasts(write(tmp_path / "a.csv", COUNT, rows))
    random.Random(1).shuffle(rows)
    second = read_forecasts(write(tmp_path / "b.csv", COUNT, rows))
    duckdb.read_csv(str(tmp_path / "b.csv")).write_parquet(str(tmp_path / "b.parquet"))
    third = read_forecasts(tmp_path / "b.parquet")
    for other in (second, third):
        assert first.keys == other.keys
        assert all((first.exceed[t] == other.exceed[t]).all() for t in first.exceed)
        assert first.quantiles is not None and other.quantiles is not None
        assert (first.quantiles == other.quantiles).all()


def test_periods_may_be_dates(tmp_path: Path) -> None:
    dated = write(tmp_path / "a.csv", BINARY, [["E1", "2020-01-31", "2020-02-29", "1", 0.5]])
    read = read_forecasts(dated)
    assert read.dated and read.shown(read.keys[0].period) == "2020-02-29"
    happened = from_file(
        write(tmp_path / "o.csv", ("entity", "period", "observed"), [["E1", "2020-02-29", 1]])
    )
    assert happened.observed(read).tolist() == [1]
    numbers = write(tmp_path / "n.csv", ("entity", "period", "observed"), [["E1", 5, 1]])
    with pytest.raises(InputError, match=r"n\.csv: periods are whole numbers.*are dates"):
        from_file(numbers).observed(read)


GOOD = ["E1", 1, 2, "1", 0.5]
BAD_BINARY = [
    ([GOOD, ["E1", 1, 2, "1", 0.4]], "row 3, column entity: has the key of row 2"),
    ([["E1", 1, 2, "1", 1.2]], "row 2, column probability: 1.2 is not a probability"),
    ([["E1", 1, 2, "1", -0.1]], "row 2, column probability: -0.1 is not a probability"),
    ([GOOD, ["E2", 1, 2, "1", "high"]], "row 3, column probability: 'high' is not a number"),
    ([["E1", 1, 2, "1", "nan"]], "row 2, column probability: 'nan' is not a number"),
    ([["E1", 1, 2, "1", "inf"]], "row 2, column probability: 'inf' is not a number"),
    ([["E1", 1, 2, "1", ""]], "row 2, column probability: is empty"),
    ([["", 1, 2, "1", 0.5]], "row 2, column entity: is empty"),
    ([["E1", "soon", 2, "1", 0.5]], "row 2, column origin: 'soon' is no period"),
    ([GOOD, ["E1", "2020-01-01", 2, "1", 0.5]], "row 3, column origin: '2020-01-01' mixes"),
    ([["E1", 1, 2, "next", 0.5]], "row 2, column horizon: 'next' is no horizon"),
    ([["E1", 1, 2, "1"]], "row 2: 4 fields under a header of 5"),
    ([], "holds no rows"),
]


@pytest.mark.parametrize(("rows", "said"), BAD_BINARY)
def test_a_fault_names_file_row_and_column(tmp_path: Path, rows: list[list[object]], said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_forecasts(write(tmp_path / "a.csv", BINARY, rows))
    assert "a.csv" in str(caught.value) and said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_quantiles_that_fall_and_exceedances_that_rise_are_refused(tmp_path: Path) -> None:
    falling = year_row("RWA")
    falling[-1] = 3
    path = write(tmp_path / "a.csv", YEARLY, [year_row("SDN"), falling])
    with pytest.raises(InputError, match="row 3, column q99: 3 is lower than the quantile before it"):
        read_forecasts(path, 2024)
    path = write(tmp_path / "b.csv", YEARLY, [year_row("SDN", 0.5, 0.2, 0.3, 0.1)])
    with pytest.raises(InputError, match=r"row 2, column p_ge_100: 0\.3 is higher"):
        read_forecasts(path, 2024)
    below = [*year_row("SDN")[:5], -1, *range(1, 99)]
    with pytest.raises(InputError, match="row 2, column q01: -1 is below 0"):
        read_forecasts(write(tmp_path / "c.csv", YEARLY, [below]), 2024)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (("entity", "origin", "period", "probability"), "the column horizon is missing"),
        (("entity", "probability"), "the column period is missing"),
        (("period", "probability"), "the column entity is missing"),
        (("entity", "score"), "has neither probability nor p_ge_ columns"),
        (("entity", "period", "probability", "p_ge_1"), "has both probability and p_ge_"),
        (("entity", "p_ge_1", *QUANTILES[:-1]), "the column q99 is missing"),
    ],
)
def test_a_missing_column_is_named(tmp_path: Path, columns: tuple[str, ...], said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_forecasts(write(tmp_path / "a.csv", columns, [[1] * len(columns)]))


def test_columns_that_are_not_read_are_told(tmp_path: Path) -> None:
    read = read_forecasts(write(tmp_path / "a.csv", (*BINARY, "note"), [[*GOOD, "x"]]))
    assert read.unread == ("note",)


def test_outcomes_make_totals_and_leave_unknown_what_is_not_wholly_known(tmp_path: Path) -> None:
    head = ("entity", "period", "observed")
    happened = from_file(
        write(tmp_path / "o.csv", head, [["E", 1, 2], ["E", 2, 3], ["E", 3, ""], ["E", 4, 1]])
    )
    rows = [["E", 1, p, h, 0.5, 0.1, *range(99)] for p, h in ((2, "1"), (2, "sum2"), (3, "1"), (4, "sum2"))]
    f = read_forecasts(write(tmp_path / "f.csv", COUNT, rows))
    found = {k[:3]: v for k, v in zip(f.keys, happened.observed(f).tolist(), strict=True)}
    assert found["1", 1, 2] == 3 and found["sum2", 1, 2] == 5
    assert np.isnan(found["1", 1, 3]) and np.isnan(found["sum2", 1, 4])
    own = from_file(
        write(tmp_path / "h.csv", ("entity", "period", "horizon", "observed"), [["E", 2, "sum2", 9]])
    )
    assert np.nansum(own.observed(f)) == 9 and np.isnan(own.observed(f)).sum() == 3


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["E", 1, 1], ["E", 1, 0]], "row 3, column entity: has the key of row 2"),
        ([["E", 1, "many"]], "row 2, column observed: 'many' is not a number"),
        ([["E", "x", 1]], "row 2, column period: 'x' is no period"),
    ],
)
def test_faults_of_outcomes_are_named(tmp_path: Path, rows: list[list[object]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        from_file(write(tmp_path / "o.csv", ("entity", "period", "observed"), rows))


def test_an_outcome_that_is_none_is_refused(tmp_path: Path) -> None:
    read = read_forecasts(write(tmp_path / "a.csv", BINARY, [["E", 2000, 2001, 1, 0.5]]))
    with pytest.raises(InputError, match=r"E 2001: the outcome 7 is not 0 or 1"):
        from_file(write(tmp_path / "o.csv", ("entity", "period", "observed"), [["E", 2001, 7]])).observed(
            read
        )


def test_a_panel_and_its_spec_say_the_same_as_a_file_of_outcomes(tmp_path: Path) -> None:
    outcomes = outcome_rows(5, most=40)
    write(tmp_path / "p.csv", ("iso3", "year", "deaths"), outcomes)
    (tmp_path / "s.toml").write_text(
        '[panel]\nentity = "iso3"\nperiod = "year"\nlabel = "deaths"\nkind = "count"\n'
        '[features]\nhistory = ["deaths"]\n'
        "[origins]\nfirst = 2000\nlast = 2009\nhorizons = [1]\nsums = [3]\nthresholds = [1, 25]\n"
    )
    read = read_forecasts(write(tmp_path / "f.csv", COUNT, count_rows(2)))
    by_file = from_file(write(tmp_path / "o.csv", ("entity", "period", "observed"), outcomes)).observed(read)
    by_panel = from_panel(tmp_path / "p.csv", tmp_path / "s.toml", {"1", "sum3"}).observed(read)
    assert by_file == pytest.approx(by_panel) and not np.isnan(by_file).any()


def test_the_shipped_onsets_count_two_years_ahead_and_no_year_counts_half() -> None:
    panel = load_panel()
    values, last = shipped_onsets(panel).values, panel.column_info("mk_onset").last_year
    assert values["RWA", 1993, ""] == 1 and values["RWA", 1992, ""] == 1
    assert values["FRA", 1993, ""] == 0
    assert max(year for _, year, _ in values) == last - 2
    started = {
        (i, y) for i, y, v in zip(panel.iso3, panel.year, panel.columns["mk_onset"], strict=True) if v == 1
    }
    for iso3, year, _ in values:
        if (iso3, year + 1) in panel.rows:
            assert values[iso3, year, ""] == float(bool({(iso3, year + 1), (iso3, year + 2)} & started))
        else:
            assert np.isnan(values[iso3, year, ""])


def test_the_shipped_deaths_are_those_of_the_table() -> None:
    panel = load_panel()
    assert shipped_deaths(panel).values["RWA", 1994, ""] == panel.value("os_deaths", "RWA", 1994) > 100_000
