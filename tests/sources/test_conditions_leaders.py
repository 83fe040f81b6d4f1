"""Leaders and coups: days and ways, and no name of anybody."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared_data import shared
from tests.sources.stated import adds_up, gathered, read, seen, table
from tocsin.errors import InputError

SPELL = {
    "obsid": "NAM-1990",
    "gwcode": "565",
    "leadid": "x-1",
    "leader": "A Name",
    "yrborn": "1950",
    "gender": "M",
    "startdate": "1990-03-21",
    "enddate": "2005-03-21",
    "entry": "Regular",
    "exit": "Regular",
    "exitcode": "Regular",
}
ATTEMPT = {
    "country": "Sudan",
    "ccode": "625",
    "year": "2021",
    "month": "10",
    "day": "25",
    "coup": "2",
    "version": "2021.11.1",
}
CLINE = {"coup_id": "62510252021", "cowcode": "625", "country": "Sudan", "year": "2021", "month": "10"}
CLINE |= {"day": "25", "event_type": "coup", "military": "1"}


def test_a_spell_gives_the_day_and_way_of_entry_and_exit_and_no_name(tmp_path: Path) -> None:
    found, step = read("leaders", table(tmp_path / "archigos.csv", SPELL))
    assert [(c.series, c.iso3, c.text, str(c.happened.start)) for c in found] == [
        ("leader_entry", "NAM", "Regular", "1990-03-21"),
        ("leader_exit", "NAM", "Regular", "2005-03-21"),
    ]
    assert "Name" not in str([asdict(c) for c in found]) and not step.report.unknown_columns


def test_who_is_still_in_office_has_no_exit(tmp_path: Path) -> None:
    found, _ = read("leaders", table(tmp_path / "a.csv", SPELL | {"exit": "Still in Office"}))
    assert [c.series for c in found] == ["leader_entry"]


def test_two_leaders_of_one_day_are_both_kept(tmp_path: Path) -> None:
    second = SPELL | {"obsid": "NAM-1990-2", "entry": "Irregular"}
    found, step = read("leaders", table(tmp_path / "a.csv", SPELL, second))
    assert len(found) == 4 and step.report.refused_rows == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"gwcode": "9999"}, "9999"),
        ({"gwcode": "NA"}, "not a whole number"),
        ({"startdate": "1990-02-30"}, "is not a date"),
        ({"enddate": "1980-01-01"}, "is before startdate"),
        ({"entry": "By lot"}, "is none of Regular"),
        ({"exit": "NA"}, "exit is empty"),
    ],
)
def test_a_spell_that_cannot_be_taken_is_named(tmp_path: Path, change: dict[str, str], why: str) -> None:
    found, step = read("leaders", table(tmp_path / "a.csv", SPELL | change))
    assert not found and why in step.report.refused[0][1]


def test_the_real_list_is_read_and_three_spells_without_a_state_are_named() -> None:
    found, step = read("leaders", shared("data/structural/archigos.parquet"))
    assert step.report.rows_read == 3409 and step.report.refused_rows == 3 and len(found) > 4000


def test_a_coup_is_dated_and_says_how_it_ended(tmp_path: Path) -> None:
    rows = [ATTEMPT, ATTEMPT | {"month": "9", "day": "21", "coup": "1"}]
    found, _ = read("coups", table(tmp_path / "pt.txt", *rows))
    assert [(c.iso3, c.text, str(c.happened.start)) for c in found] == [
        ("SDN", "successful", "2021-10-25"),
        ("SDN", "failed", "2021-09-21"),
    ]
    assert str(found[0].known) == "2021-11"


@pytest.mark.parametrize(
    ("change", "first", "last"),
    [
        ({"day": "-99"}, "2021-10-01", "2021-10-31"),
        ({"day": "0", "month": "-9"}, "2021-01-01", "2021-12-31"),
        ({"day": "NA"}, "2021-10-01", "2021-10-31"),
    ],
)
def test_a_day_that_the_list_does_not_know_stays_unknown(
    tmp_path: Path, change: dict[str, str], first: str, last: str
) -> None:
    found, _ = read("coups", table(tmp_path / "pt.csv", ATTEMPT | change))
    assert (str(found[0].happened.start), str(found[0].happened.end)) == (first, last)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"coup": "3"}, "neither 1"),
        ({"month": "13"}, "between 1 and 12"),
        ({"month": "2", "day": "30"}, "is not a day"),
        ({"ccode": "SD"}, "not a whole number"),
        ({"ccode": "626", "year": "1990"}, "626"),
        ({"year": "-999"}, "is not a year"),
    ],
)
def test_an_attempt_that_cannot_be_taken_is_named(tmp_path: Path, change: dict[str, str], why: str) -> None:
    found, step = read("coups", table(tmp_path / "pt.csv", ATTEMPT | change))
    assert not found and why in step.report.refused[0][1]


def test_the_other_list_is_read_by_its_own_ids(tmp_path: Path) -> None:
    found, _ = read("coups", table(tmp_path / "cline.csv", CLINE, CLINE | {"coup_id": "2", "day": "26"}))
    assert [c.text for c in found] == ["coup", "coup"]


def test_a_past_date_sees_the_list_that_was_out_then(tmp_path: Path) -> None:
    old = table(tmp_path / "old.csv", ATTEMPT | {"coup": "1"})
    new = table(tmp_path / "new.csv", ATTEMPT)
    home = gathered(tmp_path / "home", ("coups", new, "2022-06-01"), ("coups", old, "2021-12-01"))
    assert seen(home, "SDN", "2021-11-30") == {}
    assert seen(home, "SDN", "2022-01-01") == {"coup_attempt 2021": "failed"}
    assert seen(home, "SDN", "2022-07-01") == {"coup_attempt 2021": "successful"}


def test_another_table_is_refused(tmp_path: Path) -> None:
    for name in ("leaders", "coups"):
        with pytest.raises(InputError, match="lacks"):
            read(name, table(tmp_path / "other.csv", {"a": "1"}))


TEXT = st.one_of(st.text(max_size=8), st.sampled_from(["NA", "-99", "0", "565", "1990-03-21", "31"]))


@pytest.mark.parametrize("name", ["leaders", "coups"])
def test_a_row_of_any_text_is_used_ignored_or_refused(tmp_path: Path, name: str) -> None:
    plain = SPELL if name == "leaders" else ATTEMPT

    @settings(deadline=None)
    @given(st.dictionaries(st.sampled_from(list(plain)), TEXT, max_size=6))
    def reads(values: dict[str, str]) -> None:
        path = table(tmp_path / "any.csv", plain, plain | values)
        adds_up(lambda: read(name, path), path)

    reads()
