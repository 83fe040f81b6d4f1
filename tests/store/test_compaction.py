"""Small parts become one: the same rows in the same order, for every reader, whatever happens meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.given_slices import TABLE, delivered, file, line, rows, taken
from tests.store.made import event, record
from tocsin.clock import now
from tocsin.errors import HomeDamaged
from tocsin.store import merging, parts
from tocsin.store.lake import Lake
from tocsin.store.merging import SMALL, Size
from tocsin.store.slicelog import HeldSlices

ROOT = Path(__file__).resolve().parents[2]
FEW = Size(rows=SMALL.rows, bytes=SMALL.bytes, most=4, together=SMALL.together)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake", tmp_path / "writer.lock")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four small parts in a row are as many as may stand."""
    monkeypatch.setattr(merging, "SMALL", FEW)


def titles(lake: Lake) -> list[str]:
    return [row["title"] for row in lake.stored("records", columns=["title"])]


def written(lake: Lake, first: int, last: int) -> None:
    for n in range(first, last):
        lake.write({"records": [record(n)]}, "test")


@pytest.mark.usefixtures("few")
def test_many_small_parts_become_one_with_the_same_rows_in_their_order(lake: Lake) -> None:
    written(lake, 0, FEW.most)
    assert len(lake.generation().of("records")) == FEW.most
    before, read = titles(lake), lake.read("records", now())
    written(lake, FEW.most, FEW.most + 1)
    (part,) = lake.generation().of("records")
    assert part.rows == FEW.most + 1
    assert titles(lake) == [*before, f"Report {FEW.most}"]
    assert [r for r in lake.read("records", now()) if r.title != f"Report {FEW.most}"] == read
    assert lake.check() == []


@pytest.mark.usefixtures("few")
def test_only_small_parts_that_follow_one_another_are_merged(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "SMALL", Size(rows=3, bytes=1 << 20, most=4, together=1000))
    for size in (1, 1, 5, 1, 1, 1, 1):
        start = len(titles(lake))
        lake.write({"records": [record(start + n) for n in range(size)]}, "test")
    before = titles(lake)
    assert [p.rows for p in lake.generation().of("records")] == [1, 1, 5, 1, 1, 1, 1]
    written(lake, 11, 12)
    assert [p.rows for p in lake.generation().of("records")] == [1, 1, 5, 5]
    assert titles(lake) == [*before, "Report 11"]


def test_the_middle_ones_are_merged_from_the_oldest_on_as_far_as_they_stay_handy(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "SMALL", Size(rows=1, bytes=1 << 20, most=2, together=1000))
    monkeypatch.setattr(merging, "MIDDLE", Size(rows=10, bytes=1 << 20, most=4, together=3))
    written(lake, 0, 5)
    assert [p.rows for p in lake.generation().of("records")] == [3, 1, 1]
    written(lake, 5, 8)
    assert [p.rows for p in lake.generation().of("records")] == [5, 1, 1, 1]
    assert titles(lake) == [f"Report {n}" for n in range(8)]


@pytest.mark.usefixtures("few")
def test_tables_of_slices_are_merged_too_and_slices_are_still_found(lake: Lake, tmp_path: Path) -> None:
    stamps = [f"202501{day:02d}143000" for day in range(1, 8)]
    for n, stamp in enumerate(stamps):
        taken(lake, delivered(tmp_path, file(line(2 * n), line(2 * n + 1)), stamp))
    assert rows(lake) == [(n,) for n in range(14)]
    for table in (TABLE, "slices"):
        assert len(lake.generation().of(table)) <= FEW.most
    held = HeldSlices(lake.ask, "gdelt")
    for day in range(1, 8):
        (one,) = held.slices(now().date().replace(year=2025, month=1, day=day)).values()
        assert one.rows == 2


@pytest.mark.usefixtures("few")
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 4), min_size=1, max_size=9))
def test_however_rows_come_in_the_table_holds_them_in_that_order(tmp_path: Path, sizes: list[int]) -> None:
    own = Lake(tmp_path / str(len(list(tmp_path.iterdir()))), tmp_path / "writer.lock")
    given = 0
    for size in sizes:
        own.write({"records": [record(given + n) for n in range(size)]}, "test")
        given += size
    assert titles(own) == [f"Report {n}" for n in range(given)]
    assert len(own.generation().parts) <= FEW.most and own.check() == []


@pytest.mark.usefixtures("few")
def test_parts_older_than_a_field_are_merged_with_newer_ones(lake: Lake) -> None:
    import duckdb

    written(lake, 0, 2)
    old = lake.folder / lake.generation().parts[0].file
    duckdb.read_parquet(str(old)).project("* EXCLUDE (replaces)").write_parquet(f"{old}.new")
    Path(f"{old}.new").replace(old)
    written(lake, 2, 5)
    assert len(lake.generation().parts) == 1
    assert lake.read("records", now()) == [record(n) for n in sorted(range(5), key=lambda n: record(n).id)]


@pytest.mark.usefixtures("few")
def test_a_reader_that_began_before_a_merge_reads_on_without_a_row_lost_or_twice(lake: Lake) -> None:
    written(lake, 0, 4)
    reading = lake.stored("records", columns=["title"])
    seen = [next(reading)["title"], next(reading)["title"]]
    written(lake, 4, 7)
    assert len(list((lake.folder / "records").iterdir())) < 4, "what it was reading is swept"
    seen += [row["title"] for row in reading]
    assert seen == [f"Report {n}" for n in range(4)]


@pytest.mark.usefixtures("few")
def test_a_part_that_is_truly_missing_is_still_told(lake: Lake) -> None:
    written(lake, 0, 2)
    (lake.folder / lake.generation().parts[0].file).unlink()
    with pytest.raises(HomeDamaged, match="cannot be read"):
        lake.read("records", now())


READER = """
    import sys
    from pathlib import Path
    from tocsin.clock import now
    from tocsin.store.lake import Lake

    lake = Lake(Path(sys.argv[1]), Path(sys.argv[2]))
    seen = 0
    while seen < int(sys.argv[3]):
        read, lain = len(lake.read("records", now())), sum(1 for _ in lake.stored("records"))
        assert seen <= read <= lain, (seen, read, lain)
        seen = read
        print(seen, flush=True)
"""


@pytest.mark.usefixtures("few")
def test_another_process_reads_on_while_parts_are_written_and_merged(lake: Lake, tmp_path: Path) -> None:
    written(lake, 0, 1)
    places = [str(lake.folder), str(tmp_path / "writer.lock"), "13"]
    reader = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(READER), *places],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert reader.stdout and int(reader.stdout.readline()) == 1
    written(lake, 1, 13)
    out, err = reader.communicate(timeout=120)
    assert reader.returncode == 0, err.decode()
    assert out.split()[-1] == b"13" and len(lake.generation().parts) <= FEW.most


WRITER = """
    import os, signal, sys
    from pathlib import Path
    from tests.store.made import record
    from tocsin.store import merging, parts
    from tocsin.store.lake import Lake
    from tocsin.store.merging import SMALL, Size

    merging.SMALL = Size(SMALL.rows, SMALL.bytes, 4, SMALL.together)
    module, name = {"merged": (merging, "settled"), "committed": (parts, "commit")}[sys.argv[3]]
    there = getattr(module, name)

    def killed(*given):
        if name == "settled":
            there(*given)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, name, killed)
    Lake(Path(sys.argv[1]), Path(sys.argv[2])).write({"records": [record(9)]}, "killed")
"""


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("when", ["merged", "committed"])
def test_a_writer_that_is_killed_while_it_merges_leaves_the_old_state_whole(
    lake: Lake, tmp_path: Path, when: str
) -> None:
    written(lake, 0, 4)
    before = lake.generation()
    places = [str(lake.folder), str(tmp_path / "writer.lock"), when]
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(WRITER), *places],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert lake.generation() == before and lake.check() == []
    assert titles(lake) == [f"Report {n}" for n in range(4)]
    written(lake, 4, 6)
    assert titles(lake) == [f"Report {n}" for n in range(6)] and lake.check() == []
    named = {p.file for p in lake.generation().parts}
    lake.write({"events": [event(1)]}, "test")
    left = {p.relative_to(lake.folder).as_posix() for p in (lake.folder / "records").iterdir()}
    assert left == named, "what the killed writer left is swept"


def test_the_manifest_of_ten_years_of_days_stays_small(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts that are only told, not written: what is merged is decided by rows and bytes alone."""
    monkeypatch.setattr(merging, "_bytes", lambda _, part: part.rows * 100)
    monkeypatch.setattr(merging, "_one", lambda _, run: parts.Part(TABLE, "m", "0", sum(p.rows for p in run)))
    days: tuple[parts.Part, ...] = ()
    for _ in range(3650):
        days = merging.merged(lake.folder, (*days, parts.Part(TABLE, "d", "0", 150_000)))
    assert len(days) < 750 and sum(p.rows for p in days) == 3650 * 150_000
    quarters: tuple[parts.Part, ...] = ()
    for _ in range(96 * 60):
        quarters = merging.merged(lake.folder, (*quarters, parts.Part(TABLE, "q", "0", 1_500)))
    assert len(quarters) < 150 and sum(p.rows for p in quarters) == 96 * 60 * 1_500
