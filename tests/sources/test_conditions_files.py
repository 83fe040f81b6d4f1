"""Files in every form under every name, and pages of interfaces that keep or break what they claim."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.event_server import Asked, Says, asking, far
from tests.sources.stated import read, table
from tocsin import flow
from tocsin.errors import InputError
from tocsin.sources.feeds.conditions.food import hapi_row
from tocsin.sources.feeds.conditions.given import Fault, RowIgnored
from tocsin.sources.feeds.conditions.hapi import idps_row
from tocsin.sources.feeds.conditions.inform import risk_row
from tocsin.sources.feeds.conditions.ipc_answer import saved_row
from tocsin.sources.feeds.conditions.run import Reading
from tocsin.sources.feeds.conditions.unhcr import Unhcr
from tocsin.sources.feeds.conditions.worldbank import WorldBank
from tocsin.sources.readers.answers import Page, count, paged, parsed
from tocsin.sources.readers.cells import RowRefused
from tocsin.store.home import open_home

ROW = {"country_text_id": "NAM", "year": "2023", "v2x_libdem": "0.55"}
CSV = "country_text_id,year,v2x_libdem\nNAM,2023,0.55\n"


def zipped(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("_", "."), text)
    return path


def test_the_same_table_in_every_form_gives_the_same_conditions(tmp_path: Path) -> None:
    plain, _ = read("vdem", table(tmp_path / "vdem_v15.csv", ROW))
    (tmp_path / "vdem_v15.tsv").write_text("\ufeff" + CSV.replace(",", "\t"), "utf-8")
    (tmp_path / "semi_v15.csv").write_text(CSV.replace(",", ";"))
    packed = zipped(tmp_path / "vdem_v15.zip", **{"data_csv": CSV})
    for path in (tmp_path / "vdem_v15.tsv", tmp_path / "semi_v15.csv"):
        assert [c.id for c in read("vdem", path)[0]] == [c.id for c in plain]
    inside, _ = read("vdem", packed, release="15")
    assert [c.id for c in inside] == [c.id for c in plain]


def test_rows_in_another_order_say_the_same(tmp_path: Path) -> None:
    rows = [ROW | {"year": str(2000 + n)} for n in range(9)]
    one, _ = read("vdem", table(tmp_path / "vdem_v15.csv", *rows))
    two, _ = read("vdem", table(tmp_path / "vdem_v15.csv", *reversed(rows)))
    assert {c.id for c in one} == {c.id for c in two}


@pytest.mark.parametrize(
    ("name", "body", "why"),
    [
        ("v15.zip", b"PK\x03\x04 cut short", "not a whole zip"),
        ("v15.xlsx", CSV.encode(), "not a whole zip|not a workbook"),
        ("v15.parquet", CSV.encode(), "not Parquet"),
        ("v15.csv", CSV.encode("utf-16"), "UTF-16"),
        ("v15.csv", b"\xff\xfa" + CSV.encode(), "not UTF-8"),
        ("v15.csv", b"", "no header row"),
        ("v15.csv", b'{"data": []}', "web page or JSON"),
        ("v15.csv", b"year,year\n1,2\n", "'year' twice"),
        ("v15.pdf", b"%PDF", "not a form this source reads"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    tmp_path: Path, name: str, body: bytes, why: str
) -> None:
    (tmp_path / name).write_bytes(body)
    with pytest.raises(InputError, match=why) as raised:
        read("vdem", tmp_path / name)
    assert name in str(raised.value)


def test_an_archive_that_reaches_outside_itself_and_one_without_a_table_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "v15.zip", "w") as archive:
        archive.writestr("../outside.csv", CSV)
    with pytest.raises(InputError, match="outside the archive"):
        read("vdem", tmp_path / "v15.zip")
    with pytest.raises(InputError, match="holds no table"):
        read("vdem", zipped(tmp_path / "v15.zip", **{"readme_md": "words"}))
    with pytest.raises(InputError, match="there is no such file"):
        read("vdem", tmp_path / "nothing.csv")


def test_a_folder_is_looked_through_for_tables(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    table(tmp_path / "in" / "vdem_v15.csv", ROW)
    (tmp_path / "in" / "readme.md").write_text("words")
    assert len(read("vdem", tmp_path / "in")[0]) == 1


def test_a_row_that_breaks_off_is_named_and_the_rest_is_kept(tmp_path: Path) -> None:
    (tmp_path / "vdem_v15.csv").write_text(CSV + "NAM,20")
    found, step = read("vdem", tmp_path / "vdem_v15.csv")
    assert len(found) == 1
    assert step.report.refused == (("vdem_v15.csv, row 3", "2 fields under a header of 3"),)


PAGES = st.lists(st.lists(st.integers(), max_size=3), max_size=6)


@settings(deadline=None)
@given(PAGES, st.one_of(st.none(), st.integers(0, 8)), st.one_of(st.none(), st.integers(0, 20)))
def test_pages_give_all_their_rows_or_say_why_not(
    pages: Sequence[Sequence[int]], claimed: int | None, total: int | None
) -> None:
    def page(number: int) -> Page:
        return Page(list(pages[number - 1]) if number <= len(pages) else [], claimed, total)

    try:
        rows = list(paged(page, "there"))
    except InputError as error:
        assert str(error).startswith("there")
        return
    read_until = next((n for n, p in enumerate(pages) if not p), len(pages))
    assert rows == [row for p in pages[: claimed if claimed is not None else read_until] for row in p]
    assert total is None or len(rows) == total


@pytest.mark.parametrize("said", [None, -1, 1.5, True, "many", "9" * 40, [], "٣"])
def test_a_number_of_pages_that_is_none_is_not_believed(said: Any) -> None:
    assert count(said) is None


def test_a_server_without_an_end_is_left() -> None:
    with pytest.raises(InputError, match="never ends"):
        list(paged(lambda number: Page([number]), "there"))


@settings(deadline=None)
@given(st.binary(max_size=40))
def test_any_bytes_are_json_or_an_error_that_names_the_place(body: bytes) -> None:
    try:
        parsed(body, "there")
    except InputError as error:
        assert str(error).startswith("there")


def test_json_that_is_too_deep_is_an_error_and_no_crash() -> None:
    with pytest.raises(InputError, match="is not JSON"):
        parsed(b"[" * 100_000, "there")


def test_running_twice_over_the_network_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def says(asked: Asked) -> Says:
        if asked.path.startswith("/v2"):
            head = {"page": 1, "pages": 1, "total": 1, "lastupdated": "2025-07-01"}
            of = {"indicator": {"id": "SP.POP.TOTL"}, "country": {"value": "Namibia"}}
            return Says([head, [of | {"countryiso3code": "NAM", "date": "2023", "value": 5}]])
        here = {"year": 2024, "coa_iso": "NAM", "coa_name": "Namibia", "coo_iso": "-", "refugees": 7}
        rows = [here] if "coa_all" in asked.query and asked.query["year"] == "2024" else []
        return Says({"page": 1, "maxPages": 1 if rows else 0, "items": rows})

    with far(says) as up:
        made = {"worldbank": WorldBank(base=up.base), "unhcr": Unhcr(base=up.base)}
        monkeypatch.setattr(flow, "source_named", made.__getitem__)
        home = open_home(tmp_path / "home")
        for run in range(2):
            later = asking(up, only=("SP.POP.TOTL",))
            written = [flow.gather(home, name, later).written for name in made]
            assert [w.get("conditions", 0) for w in written] == ([1, 1] if run == 0 else [0, 0])


JSON = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=6),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
    st.sampled_from(["SOM", "2024-04-01", "2024-06-30T23:59:59", "3+", "current", "0", "-99", "1e999"]),
)


@pytest.mark.parametrize("reader", [idps_row, risk_row, hapi_row, saved_row])
def test_a_row_of_any_json_is_read_or_refused_with_a_reason(reader: Reading) -> None:
    names = ["location_code", "location_name", "reference_period_start", "reference_period_end", "error"]
    names += ["population", "operation", "admin_level", "admin1_code", "overall_risk", "risk_class"]
    names += ["ipc_phase", "ipc_type", "population_in_phase", "population_fraction_in_phase"]
    whole = {"location_code": "SOM", "reference_period_start": "2024-04-01", "admin_level": 0}
    whole |= {"reference_period_end": "2024-06-30", "ipc_phase": "3", "ipc_type": "current", "population": 5}

    @settings(deadline=None)
    @given(st.dictionaries(st.sampled_from(names), JSON, max_size=5), JSON, JSON)
    def reads(values: dict[str, Any], area: Any, analysis: Any) -> None:
        row = whole | values | {"area": area, "analysis": analysis, "path": ("x",)}
        try:
            found = list(reader(row))
        except (RowRefused, RowIgnored) as why:
            assert str(why)
            return
        assert all(isinstance(one, Fault) or one.value is not None or one.missing for one in found)

    reads()
