"""Gathering and coding on a real home: corrections, replays that see only what was known, failing sources."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.cli.tools import documents
from tests.store.made import record
from tocsin.clock import as_of_end, now, parse_moment
from tocsin.errors import FetchFailed
from tocsin.flow import Gathering, code, gather
from tocsin.signals.coded import unread
from tocsin.signals.rules.lexicon import languages
from tocsin.sources import Gathered, Record, Request
from tocsin.sources.contract import Tally
from tocsin.store.home import Home, open_home
from tocsin.store.turns import Stamp

WORDS = "Gunmen killed twelve farmers near Bamako this week, and hundreds fled.\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


def gathered(home: Home, path: Path, published: str | None = None, name: str = "folder") -> Gathering:
    at = parse_moment(published) if published else None
    return gather(home, name, Request((path,), None, at, now(), True, None))


def stamp(day: date, replay: bool) -> Stamp:
    return Stamp("replay-1" if replay else "live-1", as_of_end(day), datetime.now(UTC), replay)


def test_a_document_that_gets_its_date_later_is_a_correction(home: Home, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(WORDS, "utf-8")
    assert gathered(home, tmp_path / "a.txt").written["records"] == 1
    assert gathered(home, tmp_path / "a.txt", "2024-05-03").written["records"] == 1
    assert gathered(home, tmp_path / "a.txt", "2024-05-03").written["records"] == 0
    (record,) = home.lake.read("records", now(), undated=True)
    assert str(record.known) == "2024-05-03" and record.replaces
    assert len(home.lake.ids("records")) == 2, "the undated row is kept"


def test_a_replay_sees_neither_later_nor_undated_documents(home: Home, tmp_path: Path) -> None:
    for name, published in (("then", "2024-05-03"), ("later", "2024-06-03"), ("undated", None)):
        (tmp_path / f"{name}.txt").write_text(f"{name}: {WORDS}", "utf-8")
        gathered(home, tmp_path / f"{name}.txt", published)
    view = open_home(tmp_path / "view", "replay-1")
    seen, signals, _ = code(home, view, stamp(date(2024, 5, 10), True))
    assert len(seen) == 1 and {s.record for s in signals} == {seen[0].record}
    assert len(code(home, home, stamp(date(2024, 7, 1), False))[0]) == 3


def test_what_was_read_from_a_replaced_record_no_longer_counts(home: Home, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(WORDS, "utf-8")
    gathered(home, tmp_path / "a.txt")
    seen, signals, _ = code(home, home, stamp(date(2024, 7, 1), False))
    home.lake.write({"coded": seen, "signals": signals}, "test")
    gathered(home, tmp_path / "a.txt", "2024-05-03")
    (only,), again, _ = code(home, home, stamp(date(2024, 7, 1), False))
    assert only.record != seen[0].record and {s.record for s in again} == {only.record}


def test_a_source_that_fails_is_written_down_and_the_others_go_on(home: Home, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n", "utf-8")
    assert gathered(home, tmp_path / "bad.csv", name="ucdp").report.stopped
    assert not gathered(home, documents(tmp_path / "in", 3)).report.stopped
    health = home.sources.health()
    assert health["ucdp"] and not health["folder"]


class Stepping:
    """A source of our own that reads one record a step and stops before the third when told to."""

    name = "folder"

    def __init__(self, fails: bool) -> None:
        self.fails = fails

    def read(self, request: Request) -> Iterator[Gathered]:
        for n in range(int(request.cursor.get("next", "0")), 4):
            tally = Tally(self.name)
            tally.cursor["next"] = str(n + 1)
            yield Gathered(self.name, tally, records=self._records(n, tally))

    def _records(self, n: int, tally: Tally) -> Iterator[Record]:
        tally.read()
        tally.use()
        yield record(n)
        if self.fails and n == 2:
            raise FetchFailed("the line was cut")


def test_a_run_that_was_cut_off_goes_on_with_the_step_it_had_not_finished(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.flow.source_named", lambda name: Stepping(fails=True))
    first = gather(home, "folder", Request((), None, None, now(), True, None))
    assert first.report.stopped == "the line was cut" and first.written["records"] == 2
    assert first.report.rows_read == 3, "the account holds what was read of the step that stopped"
    monkeypatch.setattr("tocsin.flow.source_named", lambda name: Stepping(fails=False))
    second = gather(home, "folder", Request((), None, None, now(), True, None))
    assert second.written["records"] == 2 and len(home.lake.ids("records")) == 4
    assert not home.sources.health()["folder"]


def test_a_source_that_cannot_begin_is_written_down(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        name = "folder"

        def read(self, request: Request) -> Iterator[Gathered]:
            raise FetchFailed("no list")
            yield

    monkeypatch.setattr("tocsin.flow.source_named", lambda name: Broken())
    assert gather(home, "folder", Request((), None, None, now(), True, None)).report.stopped == "no list"
    assert home.sources.health() == {"folder": "no list"}


def test_a_document_in_a_language_without_words_is_told_as_unread(home: Home, tmp_path: Path) -> None:
    (tmp_path / "am.txt").write_text("በትግራይ ክልል ወታደሮች ንጹሃን ዜጎችን ገደሉ። ብዙ ሰዎች ከቤታቸው ተፈናቀሉ።\n" * 3, "utf-8")
    (tmp_path / "en.txt").write_text(WORDS * 3, "utf-8")
    gathered(home, tmp_path, "2024-05-03")
    seen, _, _ = code(home, home, stamp(date(2024, 7, 1), False))
    assert unread(seen, languages()) == {"am": 1}
