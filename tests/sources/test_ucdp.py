"""UCDP GED in every layout met so far, its releases and its layers."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared_data import shared
from tests.sources.event_server import Asked, Far, Says, asking, far
from tests.sources.given import COLUMNS, RECORDED, events, ged_row, request, write
from tocsin.clock import Precision
from tocsin.errors import InputError, SourceStopped
from tocsin.net import Validators
from tocsin.sources import Event, layered, source
from tocsin.sources.contract import UNCHANGED
from tocsin.sources.factsheet import fact_sheet
from tocsin.sources.feeds.ucdp import Ucdp
from tocsin.sources.feeds.ucdp_release import annual_on, named, order, stated
from tocsin.sources.feeds.ucdp_row import Setting, event
from tocsin.sources.readers.cells import RowRefused

EXTRACTS = "data/ucdp_ged_country_extracts"
CANDIDATE = "data/ucdp_candidate"


@pytest.mark.parametrize(
    ("path", "read", "used", "known"),
    [
        (f"{EXTRACTS}/conflict_data_sdn.csv", 3823, 3822, {"2026-11-20"}),
        (f"{EXTRACTS}/gedevents-2025-01-04_sudan.csv", 3822, 3822, {"2024-06-30"}),
        (f"{EXTRACTS}/gedevents-2026-01-17_api_format.csv", 693, 693, {"2025-06-30"}),
        (
            f"{EXTRACTS}/ged_events_combined.parquet",
            34022,
            34022,
            {"2019-06-30", "2020-06-30", "2022-06-30", "2023-06-30", "2024-06-30"},
        ),
        (f"{CANDIDATE}/GEDevent_v26_0_2.xlsx", 1298, 1298, {"2026-03-31"}),
        (f"{CANDIDATE}/candidate_v26_0_2_full49.parquet", 1298, 1298, {"2026-03-31"}),
    ],
)
def test_every_row_of_every_layout_is_used_or_accounted_for(
    path: str, read: int, used: int, known: set[str]
) -> None:
    found, gathered = events(shared(path))
    report = gathered.report
    assert (report.rows_read, report.used, len(found), report.refused) == (read, used, used, ())
    assert sum(report.ignored.values()) == read - used
    assert report.unknown_columns == report.missing_columns == ()
    assert {event.known.end.date().isoformat() for event in found} == known
    assert all(len(event.iso3) == 3 for event in found)


def test_the_web_export_says_the_same_as_the_country_extract_row_by_row() -> None:
    """Same release, two layouts: nothing is shifted and no day is exchanged with a month."""
    web, _ = events(shared(f"{EXTRACTS}/gedevents-2025-01-04_sudan.csv"))
    extract, _ = events(shared(f"{EXTRACTS}/conflict_data_sdn.csv"))

    def facts(event: Event) -> tuple[object, ...]:
        return event.happened, event.best, event.low, event.high, event.civilians, event.iso3, event.side_b

    assert {e.external_id: facts(e) for e in web} == {e.external_id: facts(e) for e in extract}


def test_the_candidate_workbook_and_its_parquet_copy_hold_the_same_events() -> None:
    workbook, _ = events(shared(f"{CANDIDATE}/GEDevent_v26_0_2.xlsx"))
    columnar, _ = events(shared(f"{CANDIDATE}/candidate_v26_0_2_full49.parquet"))
    assert workbook == columnar
    assert {e.layer for e in workbook} == {"candidate"} and {e.vintage for e in workbook} == {"as known"}
    assert sum(e.status != "Clear" for e in workbook) == 515


def test_namibia_and_the_text_na_are_values_not_gaps(tmp_path: Path) -> None:
    found, gathered = events(write(tmp_path / "ged251.csv", ged_row(side_b="NA", adm_1="NA")))
    assert (found[0].iso3, found[0].side_b, found[0].columns["adm_1"]) == ("NAM", "NA", "NA")
    assert gathered.report.refused_rows == 0


def test_a_zip_of_the_annual_release_is_read(tmp_path: Path) -> None:
    table = write(tmp_path / "GEDEvent_v25_1.csv", ged_row(), ged_row(id=2))
    with zipfile.ZipFile(tmp_path / "ged251-csv.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(table, table.name)
    found, _ = events(tmp_path / "ged251-csv.zip")
    assert [(e.external_id, e.release, e.layer) for e in found] == [
        ("1", "25.1", "annual"),
        ("2", "25.1", "annual"),
    ]


def test_an_id_stays_the_same_and_differs_between_releases(tmp_path: Path) -> None:
    table = write(tmp_path / "ged251.csv", ged_row())
    (first,), _ = events(table)
    (again,), _ = events(table)
    (other,), _ = events(table, release="26.1")
    assert first == again and first.id != other.id and first.external_id == other.external_id


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"country": "Atlantis", "country_id": "9999"}, "not in the country table"),
        ({"country_id": "625"}, "is NAM but country_id 625 is SDN"),
        ({"date_start": "05/06/2020"}, "date_start '05/06/2020' is not a date of the form YYYY-MM-DD"),
        ({"date_end": "2020-05-01"}, "before date_start"),
        ({"year": "2019"}, "are the columns shifted?"),
        ({"best": ""}, "best is empty"),
        ({"best": "3.5"}, "best '3.5' is not a whole number"),
        ({"deaths_civilians": "-1"}, "below zero"),
        ({"latitude": "122.5"}, "latitude '122.5' is not a number of degrees up to 90"),
        ({"type_of_violence": "4"}, "none of 1, 2, 3"),
        ({"date_prec": "6"}, "none of 1 to 5"),
        ({"year": "2025", "date_start": "2025-01-02", "date_end": "2025-01-02"}, "after release 25.1 ends"),
    ],
)
def test_a_row_that_cannot_be_true_is_refused_with_its_reason(
    tmp_path: Path, change: dict[str, str], reason: str
) -> None:
    good = [ged_row(id=n) for n in range(2, 202)]
    found, gathered = events(write(tmp_path / "ged251.csv", ged_row(**change), *good))
    report = gathered.report
    assert (len(found), report.refused_rows) == (200, 1)
    assert reason in report.refused[0][1] and report.refused[0][0].endswith("ged251.csv, row 2")


def test_a_row_with_more_or_fewer_fields_than_the_header_is_refused_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path / "ged251.csv", *(ged_row(id=n) for n in range(1, 201)))
    with path.open("a", encoding="utf-8") as stream:
        stream.write(",".join([*ged_row().values(), ""]) + "\n")
        stream.write("9,short\n")
    _, gathered = events(path)
    assert [(where[-7:], why) for where, why in gathered.report.refused] == [
        ("row 202", "50 fields under a header of 49"),
        ("row 203", "2 fields under a header of 49"),
    ]


def _web_export(path: Path, *rows: dict[str, str]) -> Path:
    columns = tuple(c for c in COLUMNS if c not in ("gwnoa", "gwnob"))
    write(path, *rows, columns=columns)
    lines = path.read_text(encoding="utf-8").splitlines()
    header = lines[0].replace("best,high,low", "best_est,high_est,low_est")
    path.write_text("\n".join([header, *(f"{line}," for line in lines[1:])]) + "\n", encoding="utf-8")
    return path


def test_a_web_export_is_realigned_only_where_every_value_then_fits(tmp_path: Path) -> None:
    days = {"date_start": "05/06/2020 00:00:00", "date_end": "05/06/2020 00:00:00"}
    rows = [ged_row(id=n, **days) for n in range(1, 200)]
    # An unquoted comma shifts what follows; with `low` empty the row ends in an empty field like all others.
    shifted = ged_row(id=200, **days, where_description="shifted text", low="")
    path = _web_export(tmp_path / "gedevents-2026-01-17.csv", *rows, shifted)
    text = path.read_text(encoding="utf-8").replace("shifted text", "shifted, text")
    path.write_text(text.removesuffix(",\n") + "\n", encoding="utf-8")
    found, gathered = events(path)
    assert [e.external_id for e in found] == [str(n) for n in range(1, 200)]
    assert found[0].happened.start == date(2020, 5, 6)
    assert gathered.report.refused_rows == 1 and "separator" in " ".join(gathered.report.notes)


def test_a_missing_needed_column_is_one_line_that_names_it(tmp_path: Path) -> None:
    path = write(tmp_path / "ged251.csv", ged_row(), columns=tuple(c for c in COLUMNS if c != "date_start"))
    with pytest.raises(InputError, match=r"ged251\.csv: lacks the column date_start") as raised:
        events(path)
    assert "\n" not in str(raised.value)


def test_unknown_and_missing_columns_are_reported_and_unknown_ones_kept(tmp_path: Path) -> None:
    columns = (*(c for c in COLUMNS if c != "adm_2"), "news")
    found, gathered = events(write(tmp_path / "ged251.csv", ged_row(news="x"), columns=columns))
    assert gathered.report.unknown_columns == ("news",)
    assert gathered.report.missing_columns == ("adm_2",)
    assert found[0].columns["news"] == "x"


def test_a_column_that_is_mostly_empty_stops_the_source_and_says_why(tmp_path: Path) -> None:
    rows = [ged_row(id=n, where_coordinates="" if n % 5 else "A town") for n in range(1, 101)]
    gathered = next(source("ucdp").read(request(write(tmp_path / "ged251.csv", *rows))))
    with pytest.raises(
        SourceStopped, match=r"where_coordinates is filled in 20\.0% of 100 rows, 95% expected"
    ):
        list(gathered.events)
    assert gathered.report.rows_read == 100 and "where_coordinates" in gathered.report.stopped


def test_a_file_that_states_no_release_is_known_only_from_today_or_from_the_given_date(
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "extract.csv", ged_row(), ged_row(id=2, code_status="Check deaths"))
    found, gathered = events(path)
    assert [(e.release, e.layer, e.known.at) for e in found] == [
        ("", "annual", RECORDED),
        ("", "candidate", RECORDED),
    ]
    assert "name the release with --release" in gathered.report.notes[0]
    found, _ = events(path, published="2025-02")
    assert {e.known.end.date() for e in found} == {date(2025, 2, 28)}
    found, _ = events(path, release="24.1")
    assert {(e.release, e.known.end.date()) for e in found} == {("24.1", date(2024, 6, 30))}


def test_an_option_that_is_no_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'newest' is no release"):
        events(write(tmp_path / "extract.csv", ged_row()), release="newest")


@pytest.mark.parametrize(
    ("name", "label", "known"),
    [
        ("GEDEvent_v25_1.csv", "25.1", "2025-06-30"),
        ("ged251-csv.zip", "25.1", "2025-06-30"),
        ("GEDEvent_v26_0_2.csv", "26.0.2", "2026-03-31"),
        ("GEDEvent_v25_0_12.csv", "25.0.12", "2026-01-31"),
        ("GEDEvent_v26_01_26_03.csv", "26.01-03", "2026-04-30"),
        ("gedevents-2025-01-04.csv", "24.1", "2024-06-30"),
        ("gedevents-2025-08-01.csv", "25.1", "2025-06-30"),
        ("gedevents-2025-06-15.csv", "", ""),
        ("conflict_data_nam.csv", "", ""),
        ("sudan_17_1.csv", "", ""),
    ],
)
def test_a_release_is_told_from_a_file_name_or_not_at_all(name: str, label: str, known: str) -> None:
    release = named(name, fact_sheet("ucdp"))
    found = (release.label, release.known.end.date().isoformat()) if release else ("", "")
    assert found == (label, known)


def test_releases_are_ordered_by_their_number_not_by_their_text() -> None:
    labels = ["26.1", "", "9.9 special", "26.0.10", "24.1?", "26.0.9", "26.01-03", "25.1"]
    assert sorted(labels, key=order)[2:4] == ["24.1?", "25.1"]
    assert order("26.0.9") < order("26.0.10") and order("26.01-03") == order("26.0.3")


def test_the_newest_annual_release_waits_for_its_lag() -> None:
    sheet = fact_sheet("ucdp")
    assert annual_on(date(2026, 6, 29), sheet).label == "25.1"
    assert annual_on(date(2026, 6, 30), sheet).label == "26.1"
    special = stated("Syria special 2016-2019", sheet)
    assert special and special.known.end.date() == date(2020, 6, 30)


def test_date_precision_becomes_the_precision_of_the_period(tmp_path: Path) -> None:
    rows = [ged_row(id=n, date_prec=n) for n in range(1, 6)]
    found, _ = events(write(tmp_path / "ged251.csv", *rows))
    assert [e.happened.precision for e in found] == [Precision.DAY] * 3 + [Precision.MONTH, Precision.YEAR]


def _event(release: str, **values: object) -> Event:
    given = stated(release, fact_sheet("ucdp"))
    assert given
    return event(ged_row(**values), given, Setting(False, RECORDED))


def test_a_candidate_row_lies_on_top_and_gives_way_to_the_annual_release_once_that_is_known() -> None:
    candidate = _event("20.0.5", best=10)
    later = _event("20.0.6", best=8)
    annual = _event("21.1", best=5)
    revised = _event("22.1", best=4)
    rows = [revised, candidate, annual, later]

    def best(year: int, month: int) -> list[int]:
        return [e.best for e in layered(rows, datetime(year, month, 1, tzinfo=UTC))]

    assert best(2020, 6) == []
    assert best(2020, 7) == [10]
    assert best(2020, 8) == [8]
    assert best(2021, 7) == [5]
    assert best(2022, 7) == [4]


def test_a_row_of_unstated_release_never_replaces_a_stated_one() -> None:
    annual = _event("21.1", best=5)
    unnamed = replace(annual, release="", best=99, known=replace(annual.known, at=RECORDED))
    assert [e.best for e in layered([unnamed, annual], datetime(2027, 1, 1, tzinfo=UTC))] == [5]


@settings(deadline=None)
@given(st.permutations(["20.0.5", "20.0.6", "21.1", "22.1", "26.1"]))
def test_layers_do_not_depend_on_the_order_of_rows(releases: list[str]) -> None:
    rows = [_event(release) for release in releases]
    assert [e.release for e in layered(rows, datetime(2022, 12, 1, tzinfo=UTC))] == ["22.1"]


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=12), max_size=6))
def test_a_row_of_any_text_becomes_an_event_or_a_reason(values: dict[str, str]) -> None:
    release = stated("25.1", fact_sheet("ucdp"))
    assert release
    try:
        found = event(ged_row(**values), release, Setting(True, RECORDED))
    except RowRefused as refusal:
        assert str(refusal)
    else:
        assert found.happened.start <= release.covers and found.best >= 0


class Bulk:
    """The download folders: bytes by path, each under one entity tag."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def __call__(self, asked: Asked) -> Says:
        if asked.path not in self.files:
            return Says(status=404)
        if asked.headers.get("if-none-match") == "one":
            return Says(status=304)
        return Says(self.files[asked.path], headers={"ETag": "one", "Content-Type": "application/zip"})


ANNUAL = "/downloads/ged/ged261-csv.zip"


@pytest.fixture
def bulk(tmp_path: Path) -> Iterator[Far]:
    table = write(tmp_path / "GEDEvent_v26_1.csv", ged_row())
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(table, table.name)
    with far(Bulk({ANNUAL: packed.read_bytes()})) as up:
        yield up


def test_a_bulk_run_with_too_few_rows_stops(bulk: Far) -> None:
    gathered = next(Ucdp(base=bulk.base).read(asking(bulk)))
    with pytest.raises(SourceStopped, match="1 rows, at least 300000 expected"):
        list(gathered.events)
    assert gathered.validators == {}, "what was not written must be asked for again"
    assert bulk.asked[1].path == "/downloads/candidateged/GEDEvent_v26_0_1.csv"
    assert bulk.asked[-1].path.endswith("v26_0_9.csv")


def test_a_bulk_run_asks_again_with_what_the_server_gave_and_takes_unchanged_for_an_answer(bulk: Far) -> None:
    url = f"{bulk.base}{ANNUAL}"
    gathered = next(Ucdp(base=bulk.base).read(asking(bulk, validators={url: Validators(etag="one")})))
    assert list(gathered.events) == []
    assert f"{url} has not changed since the last run" in gathered.report.notes
    assert gathered.validators[url].etag == "one"
    assert UNCHANGED in gathered.report.notes


def test_one_new_candidate_over_an_unchanged_annual_release_is_taken(bulk: Far, tmp_path: Path) -> None:
    path = "/downloads/candidateged/GEDEvent_v26_0_1.csv"
    days = {"year": "2026", "date_start": "2026-01-05", "date_end": "2026-01-05", "code_status": "Candidate"}
    bulk.answer.files[path] = write(tmp_path / "c.csv", ged_row(**days)).read_bytes()  # type: ignore[attr-defined]
    known = {f"{bulk.base}{ANNUAL}": Validators(etag="one")}
    gathered = next(Ucdp(base=bulk.base).read(asking(bulk, validators=known)))
    assert [e.release for e in gathered.events] == ["26.0.1"]
    assert gathered.report.stopped == ""
    asked = {address for address, v in gathered.validators.items() if v.etag}
    assert asked == {f"{bulk.base}{ANNUAL}", f"{bulk.base}{path}"}


def test_a_candidate_release_that_cannot_be_had_is_told_from_one_that_is_not_there(bulk: Far) -> None:
    files = bulk.answer
    bulk.answer = lambda a: Says(status=503) if a.path.endswith("26_0_3.csv") else files(a)
    known = {f"{bulk.base}{ANNUAL}": Validators(etag="one")}
    gathered = next(Ucdp(base=bulk.base).read(asking(bulk, validators=known)))
    assert list(gathered.events) == []
    assert [where[-17:] for where, _ in gathered.report.unreadable] == ["Event_v26_0_3.csv"]
    assert len([note for note in gathered.report.notes if "is not there" in note]) == 8


def test_without_network_and_without_files_the_source_stops_and_says_so() -> None:
    gathered = next(source("ucdp").read(request(offline=True)))
    with pytest.raises(SourceStopped, match="offline, and no files were given"):
        list(gathered.events)
