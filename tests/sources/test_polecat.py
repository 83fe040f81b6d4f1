"""POLECAT in the user's copy: machine-coded events, every row accounted for. All rows here are invented."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.event_server import asking, only, steps
from tests.sources.given import RECORDED
from tocsin import flow
from tocsin.errors import InputError, SourceStopped
from tocsin.sources import Gathered, sort_paths
from tocsin.sources.contract import UNJUDGED
from tocsin.sources.feeds.polecat import COLUMNS, Polecat
from tocsin.sources.incident import Incident
from tocsin.store.home import open_home

ROW = dict.fromkeys(COLUMNS, "None") | {
    "Event ID": "2026-000001",
    "Event Date": "2026-03-04",
    "Event Type": "ASSAULT",
    "Event Mode": "firearms",
    "Intensity": "-9.0",
    "Quad Code": "MATERIAL CONFLICT",
    "Actor Name": "Armed Group",
    "Actor Country": "NAM",
    "Actor COW": "565",
    "Primary Actor Sector": "Rebel",
    "Actor Sectors": "Rebel",
    "Recipient Name": "Villagers",
    "Recipient Country": "NAM",
    "Recipient COW": "565",
    "Primary Recipient Sector": "Civilian",
    "Recipient Sectors": "Civilian; Agriculture",
    "Placename": "A town",
    "Province": "A province",
    "Country": "NAM",
    "Latitude": "-22.5",
    "Longitude": "17.1",
    "Feature Type": "PPL",
    "Source": "A newspaper",
    "Publication Date": "2026-03-05",
    "Story People": "Some Person",
    "Language": "en",
    "Version": "V1",
}


def lines(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> str:
    return "".join("\t".join(cells) + "\n" for cells in (columns, *([r[c] for c in columns] for r in rows)))


def write(path: Path, *rows: dict[str, str], columns: tuple[str, ...] = COLUMNS, code: str = "utf-8") -> Path:
    path.write_bytes(lines(*rows, columns=columns).encode(code))
    return path


def read(path: Path, **options: Any) -> tuple[list[Incident], Gathered]:
    return only(Polecat(), asking(None, paths=(path,), **options))


def test_a_row_becomes_an_incident_with_what_the_publisher_says_and_no_more(tmp_path: Path) -> None:
    (found,), gathered = read(write(tmp_path / "ngecEvents.20260309.Release700.DV.txt", ROW))
    assert (found.kind, found.root, found.actor, found.target) == (
        "ASSAULT/firearms",
        "ASSAULT",
        "Armed Group",
        "Villagers",
    )
    assert (found.iso3, found.place, found.admin1, found.latitude) == ("NAM", "A town", "A province", -22.5)
    assert (found.against_civilians, found.deaths, found.count) == (True, None, 1)
    assert (found.reported_by, found.where_precision, found.sensitivity) == ("A newspaper", "PPL", "internal")
    assert found.happened.start == found.happened.end == date(2026, 3, 4)
    assert found.published and str(found.published) == "2026-03-05"
    assert found.columns["Quad Code"] == "MATERIAL CONFLICT" and "Contexts" not in found.columns
    assert gathered.report.used == 1 and not gathered.report.unknown_columns


def test_a_row_is_known_a_week_after_its_story_and_never_after_it_was_read(tmp_path: Path) -> None:
    late = ROW | {"Event ID": "2", "Publication Date": "2026-11-19"}
    undated = ROW | {"Event ID": "3", "Publication Date": "None"}
    (one, two, three), gathered = read(write(tmp_path / "a.txt", ROW, late, undated))
    assert one.known.end.date() == date(2026, 3, 12)
    assert two.known.end == three.known.end == RECORDED
    assert three.published is None and "without a Publication Date" in str(gathered.report.notes)


def test_names_of_persons_in_the_story_are_not_kept(tmp_path: Path) -> None:
    (found,), gathered = read(write(tmp_path / "a.txt", ROW))
    assert "Some Person" not in str(found)
    assert "the column Story People is not kept: it names persons" in gathered.report.notes


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, True),
        ({"Primary Recipient Sector": "CVL", "Recipient Sectors": "CVL"}, True),
        ({"Primary Recipient Sector": "Military", "Recipient Sectors": "Military; Civilian"}, True),
        ({"Primary Recipient Sector": "Military", "Recipient Sectors": "Military"}, None),
        ({"Primary Recipient Sector": "None", "Recipient Sectors": "None"}, None),
        ({"Event Type": "AID"}, None),
        ({"Primary Recipient Sector": "Civilian Aviation", "Recipient Sectors": "None"}, None),
    ],
)
def test_only_an_assault_on_stated_civilians_is_against_civilians(
    tmp_path: Path, change: dict[str, str], told: bool | None
) -> None:
    (found,), _ = read(write(tmp_path / "a.txt", ROW | change))
    assert found.against_civilians is told


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"Event Date": "2026-02-30"}, "Event Date '2026-02-30' is not a date"),
        ({"Event Date": "03/04/2026"}, "is not a date of the form YYYY-MM-DD"),
        ({"Publication Date": "2027-01-01"}, "lies in the future"),
        ({"Event ID": "None"}, "Event ID is empty"),
        ({"Event Type": "None"}, "Event Type is empty"),
        ({"Event Type": "-9.0"}, "no PLOVER codes"),
        ({"Latitude": "91"}, "Latitude '91' is not a number of degrees up to 90"),
        ({"Longitude": "x"}, "Longitude 'x' is not a number of degrees up to 180"),
        ({"Longitude": "None"}, "one of them is empty"),
        ({"Country": "SU"}, "FIPS 10-4 or ISO, nobody can tell"),
        ({"Country": "SUD"}, "country 'SUD' is not in the country table"),
        ({"Country": "Atlantis"}, "country 'Atlantis' is not in the country table"),
    ],
)
def test_a_row_that_cannot_be_true_is_refused_with_its_reason(
    tmp_path: Path, change: dict[str, str], why: str
) -> None:
    good = [ROW | {"Event ID": f"g{n}"} for n in range(150)]
    found, gathered = read(write(tmp_path / "a.txt", *good, ROW | change))
    assert (len(found), gathered.report.refused_rows) == (150, 1)
    assert gathered.report.refused[0][0] == "a.txt, row 152" and why in gathered.report.refused[0][1]


def test_a_place_is_named_by_code_or_name_or_not_at_all(tmp_path: Path) -> None:
    rows = [ROW | {"Event ID": str(n), "Country": c} for n, c in enumerate(["NAM", "Namibia", "None"])]
    found, _ = read(write(tmp_path / "a.txt", *rows))
    assert [i.iso3 for i in found] == ["NAM", "NAM", ""]


def test_numbers_and_codes_of_an_actor_that_name_two_states_are_noted(tmp_path: Path) -> None:
    same = ROW | {"Event ID": "2", "Actor Country": "DEU", "Actor COW": "255"}
    _, gathered = read(write(tmp_path / "a.txt", ROW, same))
    assert not [note for note in gathered.report.notes if "COW" in note]
    _, gathered = read(write(tmp_path / "a.txt", ROW | {"Recipient COW": "625"}))
    assert (
        "Recipient Country and Recipient COW name different states; kept as published"
        in gathered.report.notes
    )


def test_utf_8_and_iso_8859_1_say_the_same(tmp_path: Path) -> None:
    row = ROW | {"Placename": "Lüderitz", "Source": "Périodique"}
    (new,), plain = read(write(tmp_path / "new.txt", row))
    (old,), noted = read(write(tmp_path / "old.txt", row, code="iso-8859-1"))
    assert new == old and new.place == "Lüderitz"
    assert not [n for n in plain.report.notes if "ISO" in n] and [n for n in noted.report.notes if "ISO" in n]


def test_columns_and_rows_in_another_order_say_the_same(tmp_path: Path) -> None:
    rows = [ROW | {"Event ID": str(n)} for n in range(5)]
    found, _ = read(write(tmp_path / "a.txt", *rows))
    turned, gathered = read(write(tmp_path / "b.txt", *reversed(rows), columns=tuple(reversed(COLUMNS))))
    assert sorted(found, key=lambda i: i.id) == sorted(turned, key=lambda i: i.id)
    assert gathered.report.unknown_columns == gathered.report.missing_columns == ()


def test_columns_that_are_unknown_missing_or_of_an_older_name_are_told(tmp_path: Path) -> None:
    columns = (*(c.replace("Intensity", "Event Intensity") for c in COLUMNS if c != "Version"), "Mood")
    path = write(tmp_path / "a.txt", ROW | {"Event Intensity": "-9.0", "Mood": "grim"}, columns=columns)
    (found,), gathered = read(path)
    assert found.columns["Intensity"] == "-9.0" and found.columns["Mood"] == "grim"
    assert (gathered.report.unknown_columns, gathered.report.missing_columns) == (("Mood",), ("Version",))


def test_tabs_at_the_end_and_stray_quotes_lose_no_row(tmp_path: Path) -> None:
    text = lines(ROW | {"Placename": 'a "quoted'}, ROW | {"Event ID": "2", "Placename": '"A ""fine"" town"'})
    (tmp_path / "a.txt").write_text(text.replace("\n", "\t\t\r\n"), encoding="utf-8")
    (one, two), gathered = read(tmp_path / "a.txt")
    assert (one.place, two.place) == ('a "quoted', 'A "fine" town')
    assert gathered.report.refused_rows == 0


def test_a_file_cut_short_keeps_its_whole_rows_and_refuses_the_last(tmp_path: Path) -> None:
    rows = [ROW | {"Event ID": str(n)} for n in range(150)]
    (tmp_path / "a.txt").write_text(lines(*rows)[:-120], encoding="utf-8")
    found, gathered = read(tmp_path / "a.txt")
    assert len(found) == 149 and "fields under a header of 40" in gathered.report.refused[0][1]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<html><body>Sign in</body></html>", "is a web page or JSON"),
        (b'{"status": "ERROR"}', "is a web page or JSON"),
        (b"", "has no header row"),
        (b"\xff\xfeE\x00v\x00", "is UTF-16"),
        (b"\x1f\x8b\x08\x00binary\nmore", "lacks the columns Event ID"),
        (b"Event ID\tEvent Date\tSource Name\n", "is this a POLECAT file?"),
        (b"Event ID\tEvent ID\n", "twice"),
    ],
)
def test_a_file_that_is_something_else_is_refused_whole(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    (gathered,) = Polecat().read(asking(None, paths=(tmp_path / "a.txt",)))
    with pytest.raises(InputError, match=why):
        list(gathered.incidents)
    assert why in gathered.report.stopped


def test_an_archive_is_read_and_a_broken_one_refused(tmp_path: Path) -> None:
    whole = tmp_path / "ngecEventsDV-2025.txt.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ngecEventsDV-2025-01.txt", lines(ROW))
        archive.writestr("ngecEventsDV-2025-02.txt", lines(ROW | {"Event ID": "2"}))
    found, _ = read(whole)
    assert [i.external_id for i in found] == ["2026-000001", "2"]
    (tmp_path / "cut.zip").write_bytes(whole.read_bytes()[:-60])
    with pytest.raises(InputError, match="not a whole zip"):
        read(tmp_path / "cut.zip")


def test_each_file_of_a_folder_is_a_step_and_a_bad_one_names_what_was_not_read(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", ROW)
    (tmp_path / "b.txt").write_bytes(b"<html>")
    write(tmp_path / "c.txt", ROW)
    first, second, _ = Polecat().read(asking(None, paths=(tmp_path,)))
    assert len(list(first.incidents)) == 1
    with pytest.raises(InputError):
        list(second.incidents)
    assert "1 files after b.txt were not read" in second.report.notes


def test_without_files_it_says_where_they_are(tmp_path: Path) -> None:
    (gathered,) = Polecat().read(asking(None))
    with pytest.raises(SourceStopped, match="DVN/AJGVIT, bring them with --from"):
        list(gathered.incidents)
    found, empty = read(tmp_path)
    assert found == [] and "says nothing about any place" in str(empty.report.notes)


def test_the_same_row_twice_is_one_and_another_version_is_noted(tmp_path: Path) -> None:
    found, gathered = read(write(tmp_path / "a.txt", ROW, ROW, ROW | {"Event Mode": "aerial"}))
    assert [i.kind for i in found] == ["ASSAULT/firearms", "ASSAULT/aerial"]
    assert gathered.report.ignored == {"said twice in the same reading": 1}
    assert "the later one stands" in str(gathered.report.notes)


def test_since_leaves_out_what_happened_before(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", ROW, ROW | {"Event ID": "2", "Event Date": "2026-03-10"})
    found, gathered = read(path, since=date(2026, 3, 5))
    assert [i.external_id for i in found] == ["2"]
    assert gathered.report.ignored == {"ended before 2026-03-05": 1}


def test_running_twice_changes_nothing_and_a_corrected_row_replaces(tmp_path: Path) -> None:
    home, path = open_home(tmp_path / "home"), tmp_path / "a.txt"
    write(path, ROW)
    first = flow.gather(home, "polecat", asking(None, paths=(path,)))
    again = flow.gather(home, "polecat", asking(None, paths=(path,)))
    write(path, ROW | {"Event Mode": "aerial"})
    corrected = flow.gather(home, "polecat", asking(None, paths=(path,)))
    assert [run.written["incidents"] for run in (first, again, corrected)] == [1, 0, 1]
    (stands,) = home.lake.read("incidents", RECORDED)
    assert (stands.kind, bool(stands.replaces)) == ("ASSAULT/aerial", True)
    assert home.lake.read("events", RECORDED) == []


def test_files_find_their_reader_by_their_name(tmp_path: Path) -> None:
    names = {
        "ngecEvents.20230103111842.Release603.DV.txt": "polecat",
        "ngecEventsDV-2022.txt.zip": "polecat",
        "events.2014.20160121105408.tab": "icews",
        "20181119-icews-events.zip": "icews",
        "events.txt": "folder",
        "GEDEvent_v25_1.csv": "ucdp",
    }
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    found = {path.name: source for source, paths in sort_paths([tmp_path]).items() for path in paths}
    assert found == names


def test_steps_are_read_one_by_one(tmp_path: Path) -> None:
    for name in "abc":
        write(tmp_path / f"{name}.txt", ROW | {"Event ID": name})
    told: list[tuple[str, int, int | None]] = []
    done = steps(Polecat(), asking(None, paths=(tmp_path,), progress=lambda *what: told.append(what)))
    assert [rows[0].external_id for rows, _ in done] == ["a", "b", "c"]
    assert told == [("polecat: files", n, 3) for n in (1, 2, 3)]


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=12), max_size=6), max_size=5))
def test_any_row_is_used_ignored_or_refused(tmp_path_factory: Any, changes: list[dict[str, str]]) -> None:
    path = tmp_path_factory.mktemp("any") / "a.txt"
    rows = [
        ROW | {name: value.encode("utf-8", "replace").decode() for name, value in c.items()} for c in changes
    ]
    found, gathered = read(write(path, *rows))
    report = gathered.report
    assert report.used == len(found)
    assert not [why for _, why in report.refused if UNJUDGED in why]
    assert all(i.deaths is None and i.source == "polecat" for i in found)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_one_clear_error(tmp_path_factory: Any, tail: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "a.txt"
    path.write_bytes(lines(ROW).encode() + tail)
    found, gathered = read(path)
    assert gathered.report.rows_read == gathered.report.used + gathered.report.refused_rows + sum(
        gathered.report.ignored.values()
    )
    assert found[0].external_id == "2026-000001"
