"""ICEWS in the user's copy: machine-coded events of 1995 to 2023. All rows here are invented."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.event_server import asking, only
from tests.sources.given import RECORDED
from tocsin import flow
from tocsin.clock import parse_moment
from tocsin.errors import InputError, SourceStopped
from tocsin.sources import Gathered
from tocsin.sources.contract import UNJUDGED
from tocsin.sources.feeds.icews import COLUMNS, Icews
from tocsin.sources.incident import Incident
from tocsin.store.home import open_home

ROW = dict.fromkeys(COLUMNS, "") | {
    "Event ID": "926685",
    "Event Date": "2014-01-06",
    "Source Name": "Militant (Namibia)",
    "Source Sectors": "Unidentified Forces",
    "Source Country": "Namibia",
    "Event Text": "Use unconventional violence",
    "CAMEO Code": "180",
    "Intensity": "-9.0",
    "Target Name": "Citizen (Namibia)",
    "Target Sectors": "Social,General Population / Civilian / Social",
    "Target Country": "Namibia",
    "Story ID": "28235806",
    "Sentence Number": "5",
    "Publisher": "A newspaper",
    "City": "Windhoek",
    "Province": "Khomas",
    "Country": "Namibia",
    "Latitude": "-22.55",
    "Longitude": "17.08",
}
NAME = "events.2014.20150313084929.tab"


def write(path: Path, *rows: dict[str, str], columns: tuple[str, ...] = COLUMNS, code: str = "utf-8") -> Path:
    cells = (columns, *([r[c] for c in columns] for r in rows))
    path.write_bytes("".join("\t".join(row) + "\n" for row in cells).encode(code))
    return path


def read(path: Path, **options: Any) -> tuple[list[Incident], Gathered]:
    return only(Icews(), asking(None, paths=(path,), **options))


def test_a_row_becomes_an_incident_with_what_the_publisher_says_and_no_more(tmp_path: Path) -> None:
    (found,), gathered = read(write(tmp_path / NAME, ROW))
    assert (found.kind, found.root, found.actor) == ("180", "18", "Militant (Namibia)")
    assert (found.iso3, found.place, found.admin1, found.where_precision) == (
        "NAM",
        "Windhoek",
        "Khomas",
        "city",
    )
    assert (found.against_civilians, found.deaths, found.count) == (True, None, 1)
    assert (found.reported_by, found.published) == ("A newspaper", None)
    assert found.columns["Event Text"] == "Use unconventional violence" and "District" not in found.columns
    assert gathered.report.used == 1 and not gathered.report.notes


def test_a_row_is_known_from_the_day_in_the_name_of_its_file(tmp_path: Path) -> None:
    (stamped,), _ = read(write(tmp_path / NAME, ROW))
    assert (stamped.release, stamped.known.end.date()) == ("2015-03-13", date(2015, 3, 13))
    (bare,), gathered = read(write(tmp_path / "events.tab", ROW))
    assert bare.known.end == RECORDED and "known only from the day it was read" in str(gathered.report.notes)
    (told,), _ = read(tmp_path / "events.tab", published=parse_moment("2016-02-01"))
    assert told.known.end.date() == date(2016, 2, 1)
    assert stamped.id == bare.id == told.id, "what a row says does not depend on its file"
    (daily,), _ = read(write(tmp_path / "20140101-icews-events.tab", ROW))
    assert daily.known.end.date() == date(2014, 1, 6), "nothing is known before it happened"


def test_an_event_id_counts_with_its_day(tmp_path: Path) -> None:
    found, gathered = read(write(tmp_path / NAME, ROW, ROW | {"Event Date": "2014-01-07"}, ROW))
    assert [i.external_id for i in found] == ["926685/2014-01-06", "926685/2014-01-07"]
    assert gathered.report.ignored == {"said twice in the same reading": 1}


@pytest.mark.parametrize(
    ("code", "kind", "root"),
    [
        ("042", "042", "04"),
        ("42", "042", "04"),
        ("211", "0211", "02"),
        ("1823", "1823", "18"),
        ("190", "190", "19"),
        ("20", "020", "02"),
        ("13y", "13y", "13"),
        ("010", "010", "01"),
        ("10", "010", "01"),
    ],
)
def test_cameo_codes_stay_text_and_get_a_lost_zero_back(
    tmp_path: Path, code: str, kind: str, root: str
) -> None:
    (found,), gathered = read(write(tmp_path / NAME, ROW | {"CAMEO Code": code}))
    assert (found.kind, found.root) == (kind, root)
    assert bool(gathered.report.notes) is (code != kind)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"CAMEO Code": "190"}, True),
        ({"CAMEO Code": "2042"}, True),
        ({"CAMEO Code": "070"}, None),
        ({"Target Sectors": "Government,Police"}, None),
        ({"Target Sectors": ""}, None),
    ],
)
def test_only_violence_on_stated_civilians_is_against_civilians(
    tmp_path: Path, change: dict[str, str], told: bool | None
) -> None:
    (found,), _ = read(write(tmp_path / NAME, ROW | change))
    assert found.against_civilians is told


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"Event ID": "x1"}, "Event ID 'x1' is not a whole number"),
        ({"Event Date": "2014-13-01"}, "is not a date"),
        ({"Event Date": "2094-01-01"}, "lies in the future"),
        ({"CAMEO Code": "kill"}, "is no CAMEO code"),
        ({"CAMEO Code": "9911"}, "has the root 99"),
        ({"CAMEO Code": ""}, "CAMEO Code is empty"),
        ({"Latitude": "-95"}, "degrees up to 90"),
        ({"Latitude": ""}, "one of them is empty"),
        ({"Country": "Atlantis"}, "country 'Atlantis' is not in the country table"),
        ({"Country": "SU"}, "country 'SU' is not in the country table"),
    ],
)
def test_a_row_that_cannot_be_true_is_refused_with_its_reason(
    tmp_path: Path, change: dict[str, str], why: str
) -> None:
    good = [ROW | {"Event ID": str(n)} for n in range(150)]
    found, gathered = read(write(tmp_path / NAME, *good, ROW | change))
    assert (len(found), gathered.report.refused_rows) == (150, 1)
    assert gathered.report.refused[0][0] == f"{NAME}, row 152" and why in gathered.report.refused[0][1]


def test_a_country_is_the_one_of_its_day_and_none_is_unknown(tmp_path: Path) -> None:
    rows = [
        ROW | {"Event ID": "1", "Event Date": "1995-03-01", "Country": "Zaire"},
        ROW | {"Event ID": "2", "Country": "Occupied Palestinian Territory"},
        ROW | {"Event ID": "3", "Country": "Cote d'Ivoire"},
        ROW | {"Event ID": "4", "Country": ""},
    ]
    found, _ = read(write(tmp_path / NAME, *rows))
    assert [i.iso3 for i in found] == ["COD", "PSE", "CIV", ""]


def test_columns_in_another_order_and_another_encoding_say_the_same(tmp_path: Path) -> None:
    row = ROW | {"City": "São Tomé"}
    (found,), _ = read(write(tmp_path / NAME, row))
    (turned,), gathered = read(write(tmp_path / NAME, row, columns=COLUMNS[::-1], code="iso-8859-1"))
    assert found == turned
    assert [note for note in gathered.report.notes if "ISO-8859-1" in note]


@pytest.mark.parametrize(
    "content", [b"<html>", b'{"a": 1}', b"", b"Event ID\tEvent Date\tActor Name\n1\t2\t3\n"]
)
def test_a_file_that_is_something_else_is_refused_whole(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(InputError, match=r"web page or JSON|no header row|is this an ICEWS event file"):
        read(tmp_path / NAME)


def test_a_file_cut_short_refuses_its_last_row(tmp_path: Path) -> None:
    path = write(tmp_path / NAME, *(ROW | {"Event ID": str(n)} for n in range(150)))
    path.write_bytes(path.read_bytes()[:-30])
    found, gathered = read(path)
    assert len(found) == 149 and "fields under a header of 20" in gathered.report.refused[0][1]


def test_without_files_it_says_where_they_are() -> None:
    (gathered,) = Icews().read(asking(None))
    with pytest.raises(SourceStopped, match="DVN/28075, bring them with --from"):
        list(gathered.incidents)


def test_running_twice_changes_nothing_and_a_later_file_corrects(tmp_path: Path) -> None:
    home = open_home(tmp_path / "home")
    path = write(tmp_path / NAME, ROW)
    later = write(tmp_path / "events.2014.20160121105408.tab", ROW | {"CAMEO Code": "190"})
    runs = [flow.gather(home, "icews", asking(None, paths=(p,))) for p in (path, path, later, later)]
    assert [run.written["incidents"] for run in runs] == [1, 0, 1, 0]
    (then,) = home.lake.read("incidents", parse_moment("2015-06-01").end)
    (now,) = home.lake.read("incidents", RECORDED)
    assert (then.kind, now.kind) == ("180", "190"), "a replay sees what was known that day"


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=12), max_size=6), max_size=5))
def test_any_row_is_used_ignored_or_refused(tmp_path_factory: Any, changes: list[dict[str, str]]) -> None:
    path = tmp_path_factory.mktemp("any") / NAME
    rows = [
        ROW | {name: value.encode("utf-8", "replace").decode() for name, value in c.items()} for c in changes
    ]
    found, gathered = read(write(path, *rows))
    assert gathered.report.used == len(found)
    assert not [why for _, why in gathered.report.refused if UNJUDGED in why]
    assert all(i.deaths is None and i.root.isdigit() for i in found)
