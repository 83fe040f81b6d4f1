"""Slices: whole delivered files in the lake, every row judged, none read twice, corrections as of a date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import rmtree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.shared_data import shared
from tests.store.given_slices import RECORDED, TABLE, delivered, file, line, numbers, rows, taken
from tests.store.made import record
from tocsin.clock import now
from tocsin.errors import HomeBusy, InputError
from tocsin.sources.slices import Delivered, layout
from tocsin.store.bulk import TWICE
from tocsin.store.lake import Lake
from tocsin.store.lines import LONGEST
from tocsin.store.sliced import sliced
from tocsin.store.slicelog import COPY, HELD, HeldSlices

FIRST_DAY = date(2025, 1, 7)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake", tmp_path / "writer.lock")


def known(lake: Lake, at: datetime) -> list[int]:
    return [row["GLOBALEVENTID"] for row in sliced(lake, TABLE, at, numbers)]


def test_a_row_lies_there_under_the_publishers_names_with_its_types(lake: Lake, tmp_path: Path) -> None:
    one = delivered(tmp_path, file(line(7)))
    (account,) = taken(lake, one)
    assert (account.rows_read, account.used, account.refused_rows, account.notes) == (1, 1, 0, ())
    (row,) = lake.ask(TABLE, lambda frame: frame, bare=True)
    assert list(row) == [*(c.name for c in layout(TABLE).columns), "iso3", "happened", "known", "slice"]
    assert row["GLOBALEVENTID"] == 7 and row["SQLDATE"] == FIRST_DAY and row["IsRootEvent"] is True
    assert row["EventCode"] == "010", "a code is text"
    assert row["ActionGeo_FullName"] == 'A "place", somewhere', "quotes are characters like others"
    assert row["Actor1Geo_Lat"] is None, "a place without coordinates is not at zero"
    assert row["DATEADDED"] == row["known"] == datetime(2025, 1, 7, 14, 30)
    assert (row["iso3"], row["happened"], row["slice"]) == ("SDN", FIRST_DAY, one.slice.id)
    assert lake.read("slices", now()) == [replace(one.slice, rows=1)]


@pytest.mark.parametrize(
    ("fips", "iso3"),
    [
        ("SU", "SDN"), ("OD", "SSD"), ("CG", "COD"), ("CF", "COG"), ("BM", "MMR"), ("NI", "NGA"),
        ("NG", "NER"), ("IZ", "IRQ"), ("GZ", "PSE"), ("WE", "PSE"), ("KV", "XKX"),
    ],
)  # fmt: skip
def test_a_fips_code_is_not_read_as_iso(lake: Lake, tmp_path: Path, fips: str, iso3: str) -> None:
    taken(lake, delivered(tmp_path, file(line(1, ActionGeo_CountryCode=fips))))
    assert rows(lake, ["iso3"]) == [(iso3,)]


def test_a_code_without_a_country_on_that_day_is_counted_and_stays_unknown(
    lake: Lake, tmp_path: Path
) -> None:
    body = file(
        line(1, ActionGeo_CountryCode="OS"),
        line(2, ActionGeo_CountryCode="YI"),
        line(3, ActionGeo_CountryCode="YI", SQLDATE="20050101"),
        line(4, ActionGeo_CountryCode=""),
    )
    (account,) = taken(lake, delivered(tmp_path, body))
    assert rows(lake, ["iso3"]) == [(None,), (None,), ("SCG",), (None,)], "that state ended in 2006"
    assert account.used == 4 and "'OS' (1 rows), 'YI' (1 rows)" in account.notes[0]


BAD = {
    "GLOBALEVENTID is empty": line(""),
    "GLOBALEVENTID '12.7' is no whole number": line("12.7"),
    "NumMentions '1e3' is no whole number": line(9, NumMentions="1e3"),
    "AvgTone 'nan' is no number": line(9, AvgTone="nan"),
    "AvgTone '1,5' is no number": line(9, AvgTone="1,5"),
    "SQLDATE '20250230' is no date": line(9, SQLDATE="20250230"),
    "SQLDATE '2025010' is no date": line(9, SQLDATE="2025010"),
    "SQLDATE '2025017 ' is no date": line(9, SQLDATE="2025017 "),
    "SQLDATE 'infinity' is no date": line(9, SQLDATE="infinity"),
    "DATEADDED '20250107240000' is no instant": line(9, DATEADDED="20250107240000"),
    "ActionGeo_Lat '90.5' is no latitude on the globe": line(9, ActionGeo_Lat="90.5"),
    "ActionGeo_Long '-181' is no longitude on the globe": line(9, ActionGeo_Long="-181"),
    "ActionGeo_Lat '48#85' is no latitude": line(9, ActionGeo_Lat="48#85"),
    "IsRootEvent '2' is neither 0 nor 1": line(9, IsRootEvent="2"),
    "has 60 columns, not 61": line(9).replace(b"\t", b" ", 1),
    "has 62 columns, not 61": line(9) + b"\tmore",
    "has 1 columns, not 61": b"<html>Service unavailable</html>",
    "is empty": b"",
    "is not UTF-8": line(9).replace(b"place", b"pl\xe9ce"),
    "holds control characters": line(9).replace(b"place", b"pl\x00ce"),
    "holds control characters (a line end)": line(9).replace(b"place", b"pl\rce"),
}


@pytest.mark.parametrize("why", BAD)
def test_a_bad_row_is_refused_by_line_and_reason_and_its_neighbours_stay(
    lake: Lake, tmp_path: Path, why: str
) -> None:
    good = delivered(tmp_path, file(line(3)), "20250107144500")
    first, second = taken(lake, delivered(tmp_path, file(line(1), BAD[why], line(2))), good)
    assert (first.rows_read, first.used, first.refused_rows) == (3, 2, 1)
    ((where, told),) = first.refused
    assert where == "20250107143000.export.CSV, line 2" and told.startswith(why.partition(" (")[0])
    assert (second.used, second.refused) == (1, ())
    assert rows(lake) == [(1,), (2,), (3,)]


def test_a_line_without_end_and_one_without_measure(lake: Lake, tmp_path: Path) -> None:
    endless = b"x" * (LONGEST + 10) + b"\t" + line(9)
    (account,) = taken(lake, delivered(tmp_path, file(line(1), endless) + line(2)))
    assert (account.rows_read, account.used, account.refused_rows) == (3, 2, 1)
    assert account.refused[0] == ("20250107143000.export.CSV, line 2", f"is longer than {LONGEST:,} bytes")


def test_lines_that_end_like_those_of_another_system_are_read(lake: Lake, tmp_path: Path) -> None:
    body = b"\xef\xbb\xbf" + file(line(1), line(2)).replace(b"\n", b"\r\n")
    (account,) = taken(lake, delivered(tmp_path, body))
    assert account.used == 2 and rows(lake) == [(1,), (2,)]


def test_the_first_fifty_refused_rows_are_named_and_all_are_counted(lake: Lake, tmp_path: Path) -> None:
    body = file(*(line(n, AvgTone="?") for n in range(70)), b"short", line(70))
    (account,) = taken(lake, delivered(tmp_path, body))
    assert (account.used, account.refused_rows, len(account.refused)) == (1, 71, 50)
    assert account.refused[0][0].endswith("line 1") and account.refused[49][0].endswith("line 50")


REAL = [line(n, ActionGeo_FullName=name) for n, name in enumerate(["Sūdān", "السودان", "Судан", "x", "苏丹"])]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_happens_to_the_bytes_the_account_adds_up(tmp_path: Path, data: st.DataObject) -> None:
    body = bytearray(file(*REAL))
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(body)))
        new = data.draw(st.binary(max_size=3) | st.sampled_from([b"\t", b"\n", b"\r", b"\0", b'"', b"\xff"]))
        body[at : at + data.draw(st.integers(0, 3))] = new
    rmtree(tmp_path / "lake", ignore_errors=True)
    own = Lake(tmp_path / "lake", tmp_path / "writer.lock")
    (account,) = taken(own, delivered(tmp_path, bytes(body)))
    lines = bytes(body).removesuffix(b"\n").split(b"\n") if body else []
    assert account.rows_read == len(lines) if bytes(body) != b"\n" else 1
    assert account.rows_read == account.used + sum(account.ignored.values()) + account.refused_rows
    assert account.refused_rows == len(account.refused) and all(
        "line" in where for where, _ in account.refused
    )
    assert account.used == len(rows(own)) == own.read("slices", now())[0].rows
    assert account.used >= len({one for one in lines if one in REAL}), "an unharmed row is used"


def test_a_key_that_stands_twice_in_a_step_counts_once(lake: Lake, tmp_path: Path) -> None:
    one = delivered(tmp_path, file(line(1, AvgTone="1"), line(2), line(1, AvgTone="2")))
    two = delivered(tmp_path, file(line(2, AvgTone="3"), line(3)), "20250107144500")
    first, second = taken(lake, one, two)
    assert (first.used, first.ignored, first.rows_read) == (2, {TWICE: 1}, 3)
    assert (second.used, second.ignored, second.rows_read) == (1, {TWICE: 1}, 2)
    assert rows(lake, ["GLOBALEVENTID", "AvgTone"]) == [(1, 1.0), (2, -3.25), (3, -3.25)]
    assert [s.rows for s in lake.read("slices", now())] == [2, 1]


def test_a_slice_that_is_held_is_left_out_and_counted(lake: Lake, tmp_path: Path) -> None:
    one = delivered(tmp_path, file(line(1), line(2)))
    taken(lake, one)
    before = lake.generation()
    (again,) = taken(lake, one)
    assert (again.rows_read, again.used, again.ignored) == (2, 0, {HELD: 2})
    assert lake.generation() == before


def test_a_copy_under_another_name_is_left_out_and_said(lake: Lake, tmp_path: Path) -> None:
    body = file(line(1))
    one, other = delivered(tmp_path, body), delivered(tmp_path, body, "20250107144500")
    _, copy = sorted(taken(lake, one, other), key=lambda a: a.used, reverse=True)
    assert copy.ignored == {COPY: 1} and other.slice.name in copy.notes[0]
    assert rows(lake) == [(1,)]
    assert taken(lake, other)[0].ignored == {COPY: 1}


def test_empty_files_are_no_copies_of_one_another(lake: Lake, tmp_path: Path) -> None:
    taken(lake, delivered(tmp_path, b""), delivered(tmp_path, b"", "20250107144500"))
    held = HeldSlices(lake.ask, "gdelt").slices(FIRST_DAY)
    assert [one.rows for one in held.values()] == [0, 0], "the publisher said nothing, twice"


def test_a_corrected_slice_is_seen_from_when_it_was_known(lake: Lake, tmp_path: Path) -> None:
    later = timedelta(days=3)
    taken(lake, delivered(tmp_path, file(line(1), line(2))))
    taken(lake, delivered(tmp_path, file(line(1), line(3)), recorded=RECORDED + later))
    assert known(lake, datetime(2025, 1, 7, 14, 29, tzinfo=UTC)) == []
    assert known(lake, RECORDED) == [1, 2], "what was corrected later was not known yet"
    assert known(lake, RECORDED + later) == [1, 3]
    assert len(rows(lake)) == 4, "the old rows are kept"
    held = HeldSlices(lake.ask, "gdelt").slices(FIRST_DAY)
    assert [(s.rows, bool(s.replaces)) for s in held.values()] == [(2, True)], "under the day of its name"


def test_a_slice_that_goes_back_to_what_it_was_is_a_third_version(lake: Lake, tmp_path: Path) -> None:
    bodies = [file(line(1)), file(line(2)), file(line(1))]
    for n, body in enumerate(bodies):
        taken(lake, delivered(tmp_path, body, recorded=RECORDED + timedelta(hours=n)))
    assert [known(lake, RECORDED + timedelta(hours=n)) for n in range(3)] == [[1], [2], [1]]
    assert len({s["id"] for s in lake.stored("slices")}) == 3


def test_slices_and_rows_of_a_step_are_there_together_or_not_at_all(lake: Lake, tmp_path: Path) -> None:
    def failing() -> Iterator[Delivered]:
        yield delivered(tmp_path, file(line(1)))
        raise InputError("broken", "the second file")

    with pytest.raises(InputError):
        lake.write({"records": [record(1)]}, "test", failing())
    assert lake.generation().number == 0 and not [p for p in lake.folder.rglob("*") if p.is_file()]
    written = lake.write({"records": [record(1)]}, "test", [delivered(tmp_path, file(line(1)))])
    assert written == {"records": 1, TABLE: 1, "slices": 1} and lake.generation().number == 1


def test_a_file_that_is_gone_is_named(lake: Lake, tmp_path: Path) -> None:
    one = delivered(tmp_path, file(line(1)))
    one.path.unlink()
    with pytest.raises(InputError, match=one.slice.name):
        taken(lake, one)


def test_what_another_process_wrote_meanwhile_is_not_written_twice(lake: Lake, tmp_path: Path) -> None:
    one = delivered(tmp_path, file(line(1)))

    def slow() -> Iterator[Delivered]:
        yield one

    class Meanwhile(Lake):
        """A lake of which another process writes while this one reads its slices."""

        def _commit(self, *given: object) -> list[object]:  # type: ignore[override]
            if not lake.generation().number:
                taken(lake, one)
            return super()._commit(*given)  # type: ignore[arg-type]

    with pytest.raises(HomeBusy, match="run it again"):
        Meanwhile(lake.folder, tmp_path / "other.lock").write({}, "test", slow())
    assert rows(lake) == [(1,)] and lake.check() == []


def test_slices_of_a_day_are_found_by_name_and_source(lake: Lake, tmp_path: Path) -> None:
    stamps = ["20250106234500", "20250107000000", "20250107234500", "20250108000000"]
    taken(lake, *(delivered(tmp_path, file(line(n)), stamp) for n, stamp in enumerate(stamps)))
    found = HeldSlices(lake.ask, "gdelt").slices(FIRST_DAY)
    assert list(found) == [f"{stamp}.export.CSV" for stamp in stamps[1:3]]
    assert not HeldSlices(lake.ask, "gdelt_gkg").slices(FIRST_DAY)


def test_the_real_files_are_read_whole(lake: Lake, tmp_path: Path) -> None:
    for name, stamp, lines in (
        ("20191024143000.export.CSV", "20191024143000", 2111),
        ("translingual.export.CSV", "20191024144500", 100),
    ):
        body = shared(f"data/gdelt_raw_samples/{name}").read_bytes()
        (account,) = taken(lake, delivered(tmp_path, body, stamp))
        assert (account.rows_read, account.used) == (lines, lines)
