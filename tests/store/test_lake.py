"""The lake: whole commits, no second copy of a row, reads as of a date."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.made import event, record
from tocsin.clock import as_of_end, now
from tocsin.errors import HomeDamaged, InputError, NewerHome
from tocsin.sources.record import Record
from tocsin.store.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake", tmp_path / "writer.lock")


def test_what_is_written_comes_back_the_same(lake: Lake) -> None:
    lake.write({"records": [record(1)], "events": [event(7)]}, "test")
    assert lake.read("records", now()) == [record(1)]
    assert lake.read("events", now()) == [event(7)]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(min_size=1, max_size=200), title=st.text(max_size=50))
def test_any_text_comes_back_the_same(lake: Lake, text: str, title: str) -> None:
    said = replace(
        record(1, text="x"),
        id=f"rec-{hash((text, title))}",
        text=text.encode(errors="ignore").decode(),
        title=title.encode(errors="ignore").decode(),
    )
    lake.write({"records": [said]}, "test")
    assert lake.read("records", now(), where={"id": said.id}) == [said]


def test_writing_twice_changes_nothing(lake: Lake) -> None:
    assert lake.write({"records": [record(1), record(2), record(1)]}, "test") == {"records": 2}
    before = lake.generation()
    assert lake.write({"records": [record(1), record(2)]}, "test") == {"records": 0}
    assert lake.generation() == before


def test_a_read_sees_only_what_was_known(lake: Lake) -> None:
    lake.write(
        {"records": [record(1, "2014-04-02"), record(2, "2014-04"), record(3, "2014"), record(4, None)]},
        "test",
    )

    def seen(day: date, undated: bool = False) -> int:
        return len(lake.read("records", as_of_end(day), undated=undated))

    assert seen(date(2014, 4, 1)) == 0
    assert seen(date(2014, 4, 2)) == 1
    assert seen(date(2014, 4, 30)) == 2, "a month is known at its end"
    assert seen(date(2014, 12, 31)) == 3, "a year is known at its end"
    assert seen(date(2026, 1, 1)) == 3, "a document without a date is seen by no past turn"
    assert seen(date(2026, 1, 1), undated=True) == 4


def test_a_correction_stands_for_the_row_it_names(lake: Lake) -> None:
    old, new = record(1), record(1, text="Corrected words.", replaces=record(1).id)
    lake.write({"records": [old]}, "test")
    lake.write({"records": [new]}, "test")
    assert lake.read("records", now()) == [new]
    assert lake.ids("records") == {old.id, new.id}, "the old row is kept"


def test_a_source_that_fails_half_way_leaves_nothing(lake: Lake) -> None:
    def failing() -> Iterator[Record]:
        yield record(1)
        raise InputError("broken", "row 2")

    with pytest.raises(InputError):
        lake.write({"records": failing()}, "test")
    assert lake.read("records", now()) == []
    assert not list(lake.folder.rglob("*.parquet")) and not list(lake.folder.rglob("*.jsonl"))


def test_a_changed_or_missing_part_is_found(lake: Lake) -> None:
    lake.write({"records": [record(1)]}, "test")
    lake.write({"records": [record(2)]}, "test")
    first, second = (lake.folder / p.file for p in lake.generation().parts)
    assert lake.check() == []
    raw = bytearray(first.read_bytes())
    raw[len(raw) // 2] ^= 1
    first.write_bytes(raw)
    second.unlink()
    faults = lake.check()
    assert len(faults) == 2 and "changed" in faults[0] and "missing" in faults[1]


def test_debris_of_a_killed_writer_is_swept_and_never_read(lake: Lake) -> None:
    lake.write({"records": [record(1)]}, "test")
    part = lake.folder / lake.generation().parts[0].file
    (part.parent / "debris.parquet").write_bytes(part.read_bytes())
    (lake.folder / "staging" / "999999999-dead-records.jsonl").write_text("{}")
    assert lake.read("records", now()) == [record(1)]
    lake.write({"records": [record(2)]}, "test")
    assert not (part.parent / "debris.parquet").exists()
    assert not list((lake.folder / "staging").iterdir())


def test_a_newer_or_broken_manifest_is_refused(lake: Lake) -> None:
    lake.write({"records": [record(1)]}, "test")
    manifest = lake.folder / "manifest.json"
    stored = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**stored, "schema": 99}))
    with pytest.raises(NewerHome):
        lake.read("records", now())
    manifest.write_text("{")
    with pytest.raises(HomeDamaged):
        lake.read("records", now())


def test_times_are_kept_in_utc(lake: Lake) -> None:
    said = replace(record(1), recorded=datetime(2026, 1, 5, 23, 59, 59, 123456, tzinfo=UTC))
    lake.write({"records": [said]}, "test")
    assert lake.read("records", now())[0].recorded == said.recorded


def test_a_part_older_than_a_field_is_read_with_the_default(lake: Lake) -> None:
    import duckdb

    lake.write({"records": [record(1)]}, "test")
    old = lake.generation().parts[0]
    path = str(lake.folder / old.file)
    duckdb.read_parquet(path).project("* EXCLUDE (replaces)").write_parquet(path + ".new")
    Path(path + ".new").replace(path)
    assert lake.read("records", now()) == [record(1)]
    lake.write({"records": [record(2)]}, "test")
    assert sorted(r.title for r in lake.read("records", now())) == ["Report 1", "Report 2"]
