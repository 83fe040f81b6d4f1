"""GDELT slices that somebody brings: known by their names alone, the same as those that are fetched."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.sources.gdelt_site import Shelf, Site, named, packed, point_to, serving, text
from tocsin.errors import InputError
from tocsin.sources import sort_paths
from tocsin.sources.contract import NOTHING
from tocsin.sources.feeds.gdelt.carry import Carrier, Refused
from tocsin.sources.feeds.gdelt.names import Offer, file_name

STAMP, NEXT = "20191024143000", "20191024150000"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An archive and an unpacked file, of both languages, in folders out of order."""
    folder = tmp_path / "brought"
    (folder / "b").mkdir(parents=True)
    put(folder / "b", STAMP, "export", zipped=True)
    put(folder / "b", STAMP, "mentions", translated=True)
    put(folder, NEXT, "export")
    put(folder, STAMP, "gkg", zipped=True)
    return folder


def put(folder: Path, stamp: str, kind: str, translated: bool = False, zipped: bool = False) -> Path:
    name = named(stamp, kind, translated)
    body = text(kind, stamp, translated=translated)
    path = folder / (f"{name}.zip" if zipped else name)
    path.write_bytes(packed({name: body}) if zipped else body)
    return path


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as up:
        yield up


def test_archives_and_unpacked_files_are_read_in_any_order(folder: Path, tmp_path: Path) -> None:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    seen = []
    for order in itertools.permutations(paths):
        shelf = Shelf(staging=tmp_path / "staging")
        shelf.gather(shelf.request(*order))
        seen.append({name: (one.id, one.md5, one.address) for name, one in shelf.held.items()})
    assert seen[0].keys() == {
        named(STAMP, "export"),
        named(NEXT, "export"),
        named(STAMP, "mentions", True),
    }
    assert all(one == seen[0] for one in seen)
    assert all(str(tmp_path) not in address for _, _, address in seen[0].values()), "no path of one machine"


def test_the_same_folder_again_changes_nothing(folder: Path) -> None:
    shelf = Shelf()
    (report,) = shelf.gather(shelf.request(folder))
    before = dict(shelf.held)
    assert report.inputs == 3 and any("1 files that the source gdelt_gkg reads" in n for n in report.notes)
    assert any("1 of 3 slices from 2019-10-24 14:30 to 2019-10-24 15:00" in n for n in report.notes)
    steps = []
    for step in _read(shelf, folder):
        steps.append(list(step.slices))  # type: ignore[attr-defined]
        assert "3 files of 2019-10-24 hold what the home has already" in step.report.notes  # type: ignore[attr-defined]
    assert steps == [[]] and shelf.held == before


def _read(shelf: Shelf, folder: Path) -> Iterator[object]:
    from tocsin.sources import source

    yield from source("gdelt").read(shelf.request(folder))


def test_what_was_brought_is_the_same_slice_as_what_is_fetched(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to(site, tmp_path, monkeypatch)
    stamp = "20261120120000"
    site.publish(stamp)
    site.publish(stamp, translated=True)
    for zipped in (True, False):
        folder = tmp_path / f"zipped {zipped}"
        folder.mkdir()
        for kind, translated in itertools.product(("export", "mentions"), (False, True)):
            put(folder, stamp, kind, translated, zipped)
        shelf = Shelf(site)
        shelf.gather(shelf.request(folder))
        brought = {name: one.id for name, one in shelf.held.items()}
        site.asked()
        shelf.gather(shelf.request(since=date(2026, 11, 20)))
        assert {name: one.id for name, one in shelf.held.items()} == brought
        assert not [name for name in site.asked() if name.endswith(".zip")], "held, so not asked for"


def test_small_days_are_one_step_in_their_order_and_since_leaves_out_older_ones(tmp_path: Path) -> None:
    for stamp in ("20191024143000", "20191026143000", "20191025143000"):
        put(tmp_path, stamp, "export")
    shelf = Shelf()
    reports = shelf.gather(shelf.request(tmp_path, since=date(2019, 10, 25)))
    assert len(reports) == 1 and list(shelf.held) == [
        named(stamp, "export") for stamp in ("20191025143000", "20191026143000")
    ]
    assert any("left out 1 files of before 2019-10-25" in note for note in reports[0].notes)


def test_a_file_that_states_no_instant_is_refused_by_a_clear_line(tmp_path: Path) -> None:
    for name in (
        "mentions.CSV",
        "20191024.export.CSV.zip",
        "20301024143000.export.CSV",
        "notes.txt",
        "._x.gkg.csv",
    ):
        (tmp_path / name).write_bytes(b"x")
    put(tmp_path, STAMP, "export")
    shelf = Shelf()
    (report,) = shelf.gather(shelf.request(tmp_path))
    assert list(shelf.held) == [named(STAMP, "export")] and report.refused_rows == 3 == len(report.unreadable)
    told = {Path(where).name: why for where, why in report.unreadable}
    assert "states no instant" in told["mentions.CSV"] and "YYYYMMDDhhmmss" in told["mentions.CSV"]
    assert "GDELT 1" in told["20191024.export.CSV.zip"] and "future" in told["20301024143000.export.CSV"]
    assert any("left out 2 files that are not GDELT's" in note for note in report.notes)


def test_nothing_but_refusals_is_no_data_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "gkg.csv").write_bytes(b"x")
    shelf = Shelf()
    (report,) = shelf.gather(shelf.request(tmp_path), "gdelt_gkg")
    assert report.refused_rows == 1 and NOTHING in report.notes
    with pytest.raises(InputError, match="no such file"):
        shelf.gather(shelf.request(tmp_path / "nowhere"))


def test_two_files_of_one_name_are_read_once_or_refused(tmp_path: Path) -> None:
    for inside in ("a", "b", "c"):
        (tmp_path / inside).mkdir()
        put(tmp_path / inside, STAMP, "export")
    put(tmp_path / "a", STAMP, "export", zipped=True)
    (tmp_path / "c" / named(STAMP, "export")).write_bytes(b"something else")
    shelf = Shelf()
    (report,) = shelf.gather(shelf.request(tmp_path))
    assert shelf.content == {named(STAMP, "export"): text("export", STAMP)}
    assert any("was brought twice and read once (2 times)" in note for note in report.notes)
    ((where, why),) = report.unreadable
    assert Path(where).parent.name == "c" and "bring one of them" in why


def test_an_archive_that_is_cut_is_refused_and_the_others_go_on(folder: Path) -> None:
    path = folder / "b" / f"{named(STAMP, 'export')}.zip"
    path.write_bytes(path.read_bytes()[:-20])
    shelf = Shelf()
    (report,) = shelf.gather(shelf.request(folder))
    assert len(shelf.held) == 2 and "not a whole zip archive" in report.unreadable[0][1]


def test_a_folder_that_cannot_be_written_stops_the_step(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "staging").write_text("a file where a folder should be")
    shelf = Shelf(staging=tmp_path / "staging")
    with pytest.raises(InputError, match="cannot be used"):
        shelf.gather(shelf.request(folder))


def test_a_file_that_vanished_is_refused(tmp_path: Path) -> None:
    gone = tmp_path / named(STAMP, "export")
    carrier = Carrier("gdelt", None, tmp_path, datetime(2026, 11, 20, tzinfo=UTC), {})
    ((_, result),) = carrier.carry([Offer(file_name(gone.name), gone.name, path=gone)])
    assert isinstance(result, Refused) and "cannot be read (No such file" in result.why


def test_files_named_as_gdelt_names_them_find_their_sources(folder: Path) -> None:
    (folder / "ged251.csv").write_bytes(b"x")
    found = {name: len(paths) for name, paths in sort_paths([folder]).items()}
    assert found == {"gdelt": 3, "gdelt_gkg": 1, "ucdp": 1}
