"""The table of past forecasts: what it is made from, what it holds, and that it can be made again."""

import gzip
import runpy
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from tocsin.errors import InputError
from tocsin.evidence.ids import sha256
from tocsin.forecasting.hindcast import Hindcasts, hindcasts, opening

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "build_hindcasts.py"
DATA = files("tocsin.forecasting").joinpath("data")


@pytest.fixture(scope="module")
def table() -> Hindcasts:
    return hindcasts()


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


def test_it_is_made_from_the_tables_that_are_shipped(table: Hindcasts, script: dict[str, Any]) -> None:
    assert table.manifest["inputs"] == script["inputs"](), "run scripts/build_hindcasts.py again"
    plain = gzip.decompress(DATA.joinpath("hindcasts.csv.gz").read_bytes())
    assert table.manifest["sha256"] == sha256(plain)
    assert table.manifest["rows"] == plain.count(b"\n") - 1


def test_every_quarter_from_1990_on_has_forecasts_of_every_state_of_the_day(table: Hindcasts) -> None:
    assert table.days[0] == date(1990, 1, 1)
    assert len(table.days) == 4 * (table.days[-1].year - 1989)
    for day in table.days:
        assert 150 < len({line.split(",")[3] for line in table.lines[day]}) < 210


def test_a_rank_is_that_of_its_probability(table: Hindcasts) -> None:
    for day in table.days[::13]:
        for key in {(f.outcome, f.horizon_months) for f in table.on(day)}:
            one = [f for f in table.on(day) if (f.outcome, f.horizon_months) == key]
            assert len(one) == one[0].of
            for f in one:
                assert f.rank == 1 + sum(other.probability > f.probability for other in one)
                assert 0 <= f.low <= f.probability <= f.high <= 1


def test_a_day_sees_the_newest_forecast_that_was_out_and_none_later(table: Hindcasts) -> None:
    before = datetime(2013, 12, 31, 23, 59, tzinfo=UTC)
    assert {f.as_of for f in table.at(before)} == {opening(date(2013, 10, 1))}
    assert {f.as_of for f in table.at(opening(date(2014, 1, 1)))} == {opening(date(2014, 1, 1))}
    assert {f.iso3 for f in table.of("RWA", before)} == {"RWA"}
    assert table.of("SSD", opening(date(2010, 10, 1))) == (), "a state that was not yet there has none"


def test_before_its_first_day_nothing_is_guessed(table: Hindcasts) -> None:
    with pytest.raises(InputError, match="1990-01-01"):
        table.at(datetime(1989, 12, 31, tzinfo=UTC))


@pytest.mark.slow
@pytest.mark.parametrize("day", [date(1994, 4, 1), date(2013, 7, 1)], ids=str)
def test_the_script_makes_the_same_rows_again(table: Hindcasts, script: dict[str, Any], day: date) -> None:
    made = {(r["outcome"], r["months"], r["iso3"]): r for r in script["of"](day)}
    kept = {(f.outcome, f.horizon_months, f.iso3): f for f in table.on(day)}
    assert made.keys() == kept.keys()
    for key, row in made.items():
        assert row["probability"] == pytest.approx(kept[key].probability, abs=2e-6)
        assert row["rank"] == kept[key].rank or row["probability"] < 1e-3
