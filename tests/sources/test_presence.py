"""Presence of witnesses as the desk notes it: bodies and networks, every row accounted for. Rows made up."""

from __future__ import annotations

import csv
import json
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.given import RECORDED, request
from tocsin.errors import InputError, SourceStopped
from tocsin.sources.contract import Gathered
from tocsin.sources.feeds.presence import NEEDED, OPTIONAL, Noted
from tocsin.sources.presence import Change, Presence, Witness

ROW = {
    "country": "Namibia",
    "area": "",
    "body": "Mission of observers",
    "witness": "observers",
    "change": "expelled",
    "by": "state",
    "since": "2026-10-01",
    "published": "2026-10-02",
    "address": "https://example.org/notice",
    "id": "",
}


def table(path: Path, *rows: dict[str, str], columns: tuple[str, ...] = (*NEEDED, *OPTIONAL)) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def json_lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def read(path: Path, **options: str) -> tuple[list[Presence], Gathered]:
    gathered = next(Noted().read(request(path, **options)))  # type: ignore[arg-type]
    return list(gathered.presence), gathered


def test_a_row_is_a_change_of_presence_in_either_form(tmp_path: Path) -> None:
    (one,), told = read(table(tmp_path / "a.csv", ROW))
    assert (one.iso3, one.witness, one.change, one.by) == ("NAM", Witness.OBSERVERS, Change.EXPELLED, "state")
    assert one.happened.start == one.happened.end == date(2026, 10, 1)
    assert (str(one.known), one.recorded) == ("2026-10-02", RECORDED)
    (same,), _ = read(json_lines(tmp_path / "a.jsonl", ROW))
    assert same == one and (told.report.used, told.report.refused_rows) == (1, 0)


def test_the_same_row_again_is_the_same_and_one_that_says_more_bears_the_same_name(tmp_path: Path) -> None:
    (one,), _ = read(table(tmp_path / "a.csv", ROW))
    (other,), _ = read(table(tmp_path / "b.csv", ROW | {"by": "unclear"}))
    assert one.external_id == other.external_id == "NAM::mission of observers:expelled:2026-10-01"
    assert one.id != other.id


def test_without_a_date_of_publication_no_past_turn_sees_it(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", ROW | {"published": ""})
    assert read(path)[0][0].known.at == RECORDED
    assert str(read(path, published="2026-10-05")[0][0].known) == "2026-10-05"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"country": "Nambia"}, "did you mean"),
        ({"witness": "tourist"}, "witness 'tourist' is none of mission, observers"),
        ({"change": "gone"}, "change 'gone' is none of reduced, withdrawn"),
        ({"by": "a general"}, "by 'a general' is none of state"),
        ({"since": "last week"}, "since: 'last week' is not a date"),
        ({"since": "2031-01-01"}, "lies in the future"),
        ({"published": "2031-01-01"}, "lies in the future"),
        ({"body": " "}, "body is empty"),
        ({"address": ""}, "address is empty"),
        ({"body": "x" * 201}, "body is longer than 200 characters"),
    ],
    ids=str,
)
def test_a_row_that_cannot_be_taken_is_refused_with_its_reason_and_the_others_stay(
    tmp_path: Path, change: dict[str, str], why: str
) -> None:
    found, gathered = read(table(tmp_path / "a.csv", ROW | change, ROW))
    assert len(found) == 1
    ((where, told),) = gathered.report.refused
    assert where == "a.csv, row 2" and why in told


def test_a_column_that_may_name_a_person_is_reported_and_never_kept(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", ROW | {"contact": "someone"}, columns=(*NEEDED, *OPTIONAL, "contact"))
    (found,), gathered = read(path)
    assert gathered.report.unknown_columns == ("contact",)
    assert "someone" not in str(found)
    assert not {"contact", "person", "name"} & {f.name for f in fields(Presence)}


def test_a_file_without_the_columns_is_an_error_that_names_them(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lacks witness"):
        read(table(tmp_path / "a.csv", ROW, columns=tuple(n for n in NEEDED if n != "witness")))


def test_nothing_is_fetched(tmp_path: Path) -> None:
    gathered = next(Noted().read(request()))
    with pytest.raises(SourceStopped, match="bring the file with --from"):
        list(gathered.presence)


def test_lines_that_are_no_objects_are_refused_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f'[1]\n{{"country": \n{json.dumps(ROW)}\n{json.dumps(ROW | {"body": ["x"]})}\n', "utf-8")
    found, gathered = read(path)
    assert len(found) == 1 and gathered.report.refused_rows == 3


@settings(deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from([*NEEDED, *OPTIONAL, "more"]), st.text(max_size=20)), max_size=5)
)
def test_any_lines_are_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
) -> None:
    found, gathered = read(json_lines(tmp_path_factory.mktemp("any") / "a.jsonl", *rows))
    report = gathered.report
    assert report.rows_read == len(rows) == len(found) + report.refused_rows
