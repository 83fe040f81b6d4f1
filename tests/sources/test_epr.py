"""EPR Core in the user's copy: standings of groups, every row accounted for. All rows here are invented."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.given import RECORDED, request
from tocsin.clock import Precision
from tocsin.errors import InputError, SourceStopped
from tocsin.sources import Gathered, source
from tocsin.sources.groups import GroupStatus, Status

ROW = {
    "gwid": "565",
    "statename": "Namibia",
    "from": "1990",
    "to": "2013",
    "group": "Group A",
    "groupid": "1000",
    "gwgroupid": "56501000",
    "umbrella": "",
    "size": "0.4976",
    "status": "DISCRIMINATED",
    "reg_aut": "false",
}
COLUMNS = list(ROW)


def write(path: Path, *rows: dict[str, str], columns: list[str] = COLUMNS) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def read(path: Path, **options: str) -> tuple[list[GroupStatus], Gathered]:
    gathered = next(source("epr").read(request(path, **options)))  # type: ignore[arg-type]
    return list(gathered.groups), gathered


def test_a_row_becomes_the_standing_of_a_group(tmp_path: Path) -> None:
    found, gathered = read(
        write(tmp_path / "EPR-2021.csv", ROW, ROW | {"group": "B", "size": "NA", "reg_aut": ""})
    )
    one, two = found
    assert (one.iso3, one.group, one.status, one.size, one.autonomous) == (
        "NAM",
        "Group A",
        Status.DISCRIMINATED,
        0.4976,
        False,
    )
    assert one.happened.start == date(1990, 1, 1) and one.happened.end == date(2013, 12, 31)
    assert (one.release, one.known.end.date()) == ("2021", date(2021, 12, 31))
    assert one.columns == {"groupid": "1000", "umbrella": ""} and one.external_id == "56501000"
    assert (two.size, two.autonomous) == (None, None)
    assert (gathered.report.used, gathered.report.notes) == (2, ())


def test_a_group_is_shut_out_when_it_holds_no_executive_power() -> None:
    shut = {status for status in Status if status.shut_out}
    assert shut == {Status.DISCRIMINATED, Status.POWERLESS, Status.SELF_EXCLUSION}


def test_a_state_is_found_by_its_number_in_those_years(tmp_path: Path) -> None:
    rows = [ROW | {"gwid": "626", "statename": "South Sudan", "from": "2011", "to": "2013"}]
    rows += [ROW | {"gwid": "260", "statename": "German Federal Republic", "from": "1949", "to": "1989"}]
    found, _ = read(write(tmp_path / "EPR-2021.csv", *rows))
    assert [g.iso3 for g in found] == ["SSD", "DEU"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"status": "OPPRESSED"}, "status 'OPPRESSED' is none of MONOPOLY"),
        ({"from": "9"}, "from '9' is not a year"),
        ({"to": "1980"}, "to 1980 is before from 1990"),
        ({"size": "49.8"}, "size '49.8' is not a share"),
        ({"reg_aut": "maybe"}, "reg_aut 'maybe' is neither"),
        ({"gwid": "9999"}, "no state bore the number 9999"),
        ({"gwid": "x"}, "gwid 'x' is not a whole number"),
        ({"group": " "}, "group is empty"),
    ],
)
def test_a_row_that_cannot_be_taken_is_named_with_the_reason(
    tmp_path: Path, change: dict[str, str], why: str
) -> None:
    found, gathered = read(write(tmp_path / "EPR-2021.csv", ROW, ROW | change))
    assert len(found) == 1 and gathered.report.refused_rows == 1
    where, told = gathered.report.refused[0]
    assert where == "EPR-2021.csv, row 3" and why in told


def test_a_file_that_names_no_release_is_known_from_today_and_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "groups.csv", ROW)
    found, gathered = read(path)
    assert found[0].known.end == RECORDED and "names no release" in gathered.report.notes[0]
    dated, _ = read(path, release="2018")
    assert dated[0].known.precision is Precision.YEAR and dated[0].known.end.year == 2018
    told, _ = read(path, published="2019-02-03")
    assert told[0].known.end.date() == date(2019, 2, 3)


def test_another_table_and_no_file_at_all_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lacks status, reg_aut.*is this the EPR Core table"):
        read(write(tmp_path / "EPR-2021.csv", ROW, columns=COLUMNS[:9]))
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "nothing.csv")
    with pytest.raises(SourceStopped, match="your own copy"):
        list(next(source("epr").read(request())).groups)


def test_a_new_column_makes_a_noise(tmp_path: Path) -> None:
    _, gathered = read(write(tmp_path / "EPR-2021.csv", ROW, columns=[*COLUMNS, "extra"]))
    assert gathered.report.unknown_columns == ("extra",)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=10), max_size=5))
def test_a_row_of_any_text_is_used_or_refused(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, str]
) -> None:
    path = write(tmp_path_factory.mktemp("epr") / "EPR-2021.csv", ROW | values)
    try:
        _, gathered = read(path)
    except InputError as error:
        assert str(path) in str(error)
    else:
        assert gathered.report.rows_read == gathered.report.used + gathered.report.refused_rows
