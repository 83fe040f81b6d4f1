"""GDELT as its publisher serves it, and as it fails: a slice comes whole, or is named and asked for again."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.sources.gdelt_site import (
    RECORDED,
    Shelf,
    Site,
    answers,
    endless,
    named,
    packed,
    point_to,
    serving,
    short,
    text,
    whole,
)
from tocsin.errors import SourceStopped
from tocsin.sources.contract import UNCHANGED, SourceReport
from tocsin.sources.feeds.gdelt.source import ALL_HELD

NOON, BEFORE = "20261120120000", "20261120114500"
LATEST = ["lastupdate.txt", "lastupdate-translation.txt"]
LISTS = ["masterfilelist.txt", "masterfilelist-translation.txt"]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with serving() as up:
        point_to(up, tmp_path, monkeypatch)
        yield up


@pytest.fixture
def shelf(site: Site, tmp_path: Path) -> Shelf:
    return Shelf(site, staging=tmp_path / "staging")


def zips(stamp: str, translated: bool = False, kinds: tuple[str, ...] = ("export", "mentions")) -> list[str]:
    return [f"{named(stamp, kind, translated)}.zip" for kind in kinds]


def both(site: Site, *stamps: str) -> None:
    for stamp in stamps:
        site.publish(stamp)
        site.publish(stamp, translated=True)


def said(reports: list[SourceReport], words: str) -> bool:
    notes = [note for report in reports for note in report.notes]
    refused = [f"{where}: {why}" for report in reports for where, why in report.refused]
    return any(words in line for line in (*notes, *refused))


def test_the_newest_slices_come_whole_in_both_languages(site: Site, shelf: Shelf) -> None:
    both(site, BEFORE, NOON)
    (report,) = shelf.gather(shelf.request())
    assert sorted(shelf.held) == sorted(name[:-4] for t in (False, True) for name in zips(NOON, t))
    assert report.inputs == 4 and not report.refused_rows
    for name, one in shelf.held.items():
        kind = "mentions" if "mentions" in name else "export"
        assert shelf.content[name] == text(kind, NOON, translated="translation" in name)
        assert one.sha256 == hashlib.sha256(shelf.content[name]).hexdigest()
        assert one.md5 == hashlib.md5(site.files[f"{name}.zip"]).hexdigest()
        assert one.address == f"{site.folder}{name}.zip" and one.known.at == datetime.fromisoformat(
            "2026-11-20T12:00:00Z"
        )
    assert {one.table for one in shelf.held.values()} == {"gdelt_events", "gdelt_mentions"}
    assert not [*(shelf.staging or Path()).rglob("*.CSV*")], "nothing is left on the disk"


def test_the_knowledge_graph_is_a_source_of_its_own(site: Site, shelf: Shelf) -> None:
    both(site, NOON)
    shelf.gather(shelf.request(), "gdelt_gkg")
    assert sorted(shelf.held) == [named(NOON, "gkg"), named(NOON, "gkg", True)]
    assert {one.table for one in shelf.held.values()} == {"gdelt_gkg"}


def test_a_second_run_asks_only_whether_something_changed(site: Site, shelf: Shelf) -> None:
    both(site, NOON)
    shelf.gather(shelf.request())
    before = dict(shelf.held)
    site.asked()
    (report,) = shelf.gather(shelf.request())
    assert site.asked() == LATEST and report.notes == (UNCHANGED,) and not report.rows_read
    assert shelf.held == before


def test_of_the_next_slice_only_its_own_files_are_asked_for(site: Site, shelf: Shelf) -> None:
    both(site, BEFORE)
    shelf.gather(shelf.request())
    both(site, NOON)
    site.asked()
    shelf.gather(shelf.request())
    assert sorted(site.asked()) == sorted([*LATEST, *zips(NOON), *zips(NOON, True)])
    assert len(shelf.held) == 8


def test_slices_that_were_missed_are_fetched_from_the_whole_list(site: Site, shelf: Shelf) -> None:
    both(site, "20261118234500")
    shelf.gather(shelf.request())
    missed = ["20261119000000", "20261119001500", "20261120113000", NOON]
    both(site, *missed)
    site.asked()
    reports = shelf.gather(shelf.request())
    assert len(reports) == 2, "a step a day"
    assert set(LISTS) <= set(site.asked()) and len(shelf.held) == 5 * 4
    assert said(reports, "English export: 141 of 145 slices from 2026-11-19 00:00")
    site.asked()
    shelf.gather(shelf.request())
    assert site.asked() == LATEST


def test_a_run_that_was_cut_off_between_days_goes_on_with_the_next(site: Site, shelf: Shelf) -> None:
    both(site, "20261118234500")
    shelf.gather(shelf.request())
    both(site, "20261119001500", NOON)
    shelf.gather(shelf.request(), steps=1)
    assert len(shelf.held) == 8 and not shelf.cursor["English"].startswith("2026-11-20")
    site.asked()
    shelf.gather(shelf.request())
    assert sorted(site.asked()) == sorted([*LATEST, *LISTS, *zips(NOON), *zips(NOON, True)])
    assert len(shelf.held) == 12


def test_without_the_whole_list_the_gap_is_filled_next_time(site: Site, shelf: Shelf) -> None:
    both(site, "20261120100000")
    shelf.gather(shelf.request())
    both(site, BEFORE, NOON)
    site.faults[LISTS[0]] = [answers(503), answers(503), whole]
    reports = shelf.gather(shelf.request())
    assert said(reports, "masterfilelist.txt: the server answered 503")
    assert named(BEFORE, "export") not in shelf.held and named(NOON, "export") in shelf.held
    shelf.gather(shelf.request())
    assert named(BEFORE, "export") in shelf.held


def redirected(handler: object, _: bytes) -> None:
    answers(302, Location="http://169.254.169.254/latest/meta-data/")(handler, b"")  # type: ignore[arg-type]


BAD = zips(NOON)[0]
BODY = packed({BAD[:-4]: text("export", NOON)})


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (answers(404), "404"),
        (answers(429, Retry_After="100000"), "429"),
        (answers(429), "429"),
        (answers(503, Retry_After="0"), "503"),
        (answers(503), "503"),
        (answers(200, b"<html>busy</html>", Content_Type="text/html"), "text/html"),
        (answers(200, BODY[:-30]), "another content than the list says"),
        (answers(200, BODY + b"more", Content_Length=str(len(BODY))), "sent more"),
        (answers(200, BODY, Content_Length="-1"), "://"),
        (short, "://"),
        (endless, "more than"),
        (redirected, "169.254.169.254"),
        (answers(302, Location="/elsewhere"), "404"),
    ],
)
def test_a_file_that_does_not_come_is_named_and_the_others_go_on(
    site: Site, shelf: Shelf, fault: object, why: str
) -> None:
    both(site, NOON)
    site.faults[BAD] = [fault]  # type: ignore[list-item]
    (report,) = shelf.gather(shelf.request())
    assert sorted(shelf.held) == sorted(n[:-4] for n in [*zips(NOON)[1:], *zips(NOON, True)])
    ((where, told),) = report.unreadable
    assert where.endswith(BAD) and why in told and "\n" not in told and not report.stopped
    del site.faults[BAD]
    site.asked()
    shelf.gather(shelf.request())
    assert BAD in site.asked() and BAD[:-4] in shelf.held, "it is asked for again"
    site.asked()
    shelf.gather(shelf.request())
    assert site.asked() == LATEST


@pytest.mark.parametrize(
    ("fault", "turns"),
    [
        ([answers(503), whole], 2),
        ([answers(429, Retry_After="0"), whole], 2),
        ([answers(200, b"torn"), whole], 2),
        ([short, whole], 2),
    ],
)
def test_what_fails_once_is_asked_for_once_more(
    site: Site, shelf: Shelf, fault: list[object], turns: int
) -> None:
    both(site, NOON)
    site.faults[BAD] = fault  # type: ignore[assignment]
    (report,) = shelf.gather(shelf.request())
    assert not report.refused_rows and len(shelf.held) == 4
    assert site.asked().count(BAD) == turns


def bomb() -> bytes:
    return packed({BAD[:-4]: b"0" * 30_000_000})


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html>not found</html>", "not a whole zip archive"),
        (b"", "says that"),
        (packed({BAD[:-4]: text("export", NOON), "readme.txt": b"x"}), "holds 2 files"),
        (packed({}), "holds 0 files"),
        (packed({"20261120120000.mentions.CSV": b"x"}), "holds '20261120120000.mentions.CSV'"),
        (packed({"../../etc/passwd": b"x"}), "outside the archive"),
        (packed({BAD[:-4]: b"x" * 99}, zipfile.ZIP_LZMA), "packed in a way"),
        (BODY[:-30], "not a whole zip archive"),
        (BODY.replace(BODY[60:70], b"\0" * 10, 1), "cannot be unpacked"),
        (bomb(), "unpacks"),
    ],
)
def test_an_archive_that_is_as_listed_and_not_what_it_must_be_is_refused_by_name(
    site: Site, shelf: Shelf, body: bytes, why: str
) -> None:
    both(site, NOON)
    site.put(BAD, body)
    site.files[LATEST[0]] = (site.line(BAD) + site.line(zips(NOON)[1])).encode()
    (report,) = shelf.gather(shelf.request())
    assert len(shelf.held) == 3 and report.refused_rows == 1 and why in report.refused[0][1]
    assert BAD in "".join(report.refused[0])


def test_a_file_that_never_comes_is_given_up_after_a_week(site: Site, shelf: Shelf) -> None:
    both(site, NOON)
    site.faults[BAD] = [answers(404)]
    shelf.gather(shelf.request())
    later = RECORDED + timedelta(days=8)
    reports = shelf.gather(shelf.request(recorded=later))
    assert said(reports, "1 files that never came are no longer asked for")
    assert said(reports, "the publisher has fallen behind")
    site.asked()
    shelf.gather(shelf.request(recorded=later))
    assert BAD not in site.asked()


@pytest.mark.parametrize("body", [b"", b"<html><body>Service\nunavailable</body></html>", b"\xff\x00" * 500])
def test_a_list_that_is_none_is_said_and_the_other_language_goes_on(
    site: Site, shelf: Shelf, body: bytes
) -> None:
    both(site, NOON)
    good, site.files[LATEST[0]] = site.files[LATEST[0]], body
    (report,) = shelf.gather(shelf.request())
    assert len(shelf.held) == 2 and report.unreadable[0][0].endswith(LATEST[0])
    site.files[LATEST[0]] = good
    shelf.gather(shelf.request())
    assert len(shelf.held) == 4


def test_without_any_list_the_source_stops_and_keeps_nothing(site: Site, shelf: Shelf) -> None:
    for name in (*LATEST, *LISTS):
        site.faults[name] = [answers(503)]
    with pytest.raises(SourceStopped, match=r"no list of the publisher can be read.*503"):
        shelf.gather(shelf.request())
    with pytest.raises(SourceStopped, match=r"no list of the publisher can be read.*503"):
        shelf.gather(shelf.request(since=date(2026, 11, 1)))
    with pytest.raises(SourceStopped, match="offline"):
        shelf.gather(shelf.request(offline=True))
    assert not shelf.validators and not shelf.cursor


def test_a_publisher_that_goes_away_stops_the_step_instead_of_looking_like_absent_files(
    site: Site, shelf: Shelf
) -> None:
    stamps = [f"2026112011{minute}00" for minute in ("00", "15", "30", "45")]
    both(site, *stamps)
    for name in [n for s in stamps for t in (False, True) for n in zips(s, t)]:
        site.faults[name] = [answers(404)]
    reports = shelf.gather(shelf.request(since=date(2026, 11, 20)))
    assert reports[0].refused_rows == 16, "the publisher is there and says that they are not"
    for name in site.faults:
        site.faults[name] = [answers(503)]
    site.faults[LATEST[0]] = [answers(503)]
    shelf.cursor.clear()
    with pytest.raises(SourceStopped, match="8 files in a row did not come"):
        shelf.gather(shelf.request(since=date(2026, 11, 20)))
    assert not shelf.held and not shelf.cursor
    site.faults.clear()
    shelf.gather(shelf.request(since=date(2026, 11, 20)))
    assert len(shelf.held) == 16


def test_a_backfill_goes_day_by_day_in_both_languages_and_passes_over_what_is_held(
    site: Site, shelf: Shelf
) -> None:
    stamps = ["20261118120000", "20261119090000", "20261119091500", "20261120080000"]
    both(site, *reversed(stamps))
    site.files[LISTS[0]] = b"12 torn\n" + site.files[LISTS[0]] + b"150 0123456789abcdef http://data"
    request = shelf.request(since=date(2026, 11, 18))
    reports = shelf.gather(request, steps=1)
    assert sorted(shelf.held) == sorted(n[:-4] for t in (False, True) for n in zips(stamps[0], t))
    assert reports[0].refused_rows == 2 and said(reports, "the list ends in it")
    reports = shelf.gather(request)
    assert len(reports) == 2, "the day that is held is passed over"
    assert site.asked().count(zips(stamps[0])[0]) == 1 and len(shelf.held) == 16
    assert ("gdelt: days", 3, 3) in shelf.told and ("gdelt: files of the day", 8, 8) in shelf.told
    before = dict(shelf.held)
    site.asked()
    (report,) = shelf.gather(request)
    assert sorted(site.asked()) == sorted(LISTS) and shelf.held == before
    assert ALL_HELD in report.notes
    assert said([report], "English mentions: 221 of 225 slices"), "what is not there is unknown, and counted"


def test_after_a_whole_backfill_the_live_run_goes_on_from_its_end(site: Site, shelf: Shelf) -> None:
    both(site, "20261119090000", BEFORE)
    shelf.gather(shelf.request(since=date(2026, 11, 19)))
    both(site, NOON)
    site.asked()
    shelf.gather(shelf.request())
    assert sorted(site.asked()) == sorted([*LATEST, *zips(NOON), *zips(NOON, True)])


def test_a_day_of_files_is_thrown_away_before_the_next_one_comes(site: Site, shelf: Shelf) -> None:
    both(site, "20261118120000", "20261119090000")
    staging = shelf.staging or Path()
    (staging / "gdelt" / "step").mkdir(parents=True)
    (staging / "gdelt" / "step" / "left by a killed run.CSV").write_text("x")
    from tocsin.sources import source

    days = []
    for step in source("gdelt").read(shelf.request(since=date(2026, 11, 18))):
        delivered = list(step.slices)
        there = sorted(path.name for path in staging.rglob("*.CSV*"))
        assert there == sorted(one.path.name for one in delivered), "unpacked, and nothing else"
        days.append({one.slice.known.at.date() for one in delivered})
    assert days == [{date(2026, 11, 18)}, {date(2026, 11, 19)}] and not [*staging.rglob("*")]


def test_a_slice_that_the_publisher_corrects_is_fetched_and_names_what_it_corrects(
    site: Site, shelf: Shelf
) -> None:
    both(site, NOON)
    shelf.gather(shelf.request())
    old = shelf.held[BAD[:-4]]
    site.put(BAD, packed({BAD[:-4]: text("export", NOON, 3)}))
    site.files[LISTS[0]] += site.line(BAD).encode()
    site.asked()
    shelf.gather(shelf.request(since=date(2026, 11, 20)))
    assert site.asked().count(BAD) == 1 and len(shelf.held) == 4
    new = shelf.held[BAD[:-4]]
    assert new.replaces == old.id != new.id and shelf.content[BAD[:-4]] == text("export", NOON, 3)


def test_a_slice_of_the_future_or_of_another_host_is_not_opened(site: Site, shelf: Shelf) -> None:
    both(site, NOON)
    site.publish("20261120140000")
    site.files[LATEST[0]] += site.line(BAD).replace("127.0.0.1", "localhost").encode()
    site.files[LATEST[0]] += site.line(zips(NOON)[1]).encode()
    (report,) = shelf.gather(shelf.request())
    assert len(shelf.held) == 3 and said([report], "of the future") and said([report], "another host")
    assert not [name for name in site.asked() if name.startswith("2026112014")]
