"""UNHCR, IDMC, rounds of displaced people and INFORM: totals are whole or missing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared_data import shared
from tests.sources.event_server import BAD_ANSWERS, Asked, Says, asking, far
from tests.sources.stated import adds_up, all_steps, gathered, read, seen, table
from tocsin.errors import InputError, SourceStopped
from tocsin.sources.feeds.conditions.hapi import Idps
from tocsin.sources.feeds.conditions.inform import Inform
from tocsin.sources.feeds.conditions.unhcr import Unhcr

PAIR: dict[str, Any] = {
    "year": "2024",
    "coo_name": "Myanmar",
    "coo": "MYA",
    "coo_iso": "MMR",
    "coa_name": "Bangladesh",
    "coa": "BGD",
    "coa_iso": "BGD",
    "refugees": "1000",
    "asylum_seekers": "0",
    "returned_refugees": "0",
    "idps": "0",
    "returned_idps": "0",
    "stateless": "1000",
    "ooc": "0",
    "oip": "-",
    "hst": "7",
}
ROUND: dict[str, Any] = {
    "location_code": "TCD",
    "admin1_code": "",
    "admin2_code": "",
    "provider_admin1_name": "",
    "provider_admin2_name": "",
    "admin_level": "0",
    "operation": "Lake Chad Basin Crisis",
    "assessment_type": "BA",
    "population": "200000",
    "reporting_round": "5",
    "reference_period_start": "2024-03-01",
    "reference_period_end": "2024-03-31",
    "warning": "",
    "error": "",
}
RISK: dict[str, Any] = {
    "location_code": "NAM",
    "location_name": "Namibia",
    "risk_class": 2,
    "global_rank": 90,
    "overall_risk": 3.9,
    "hazard_exposure_risk": 2.4,
    "vulnerability_risk": 4.8,
    "coping_capacity_risk": 5.1,
    "reference_period_start": "2025-01-01T00:00:00",
    "reference_period_end": "2025-12-31T23:59:59",
}
EXPORT = {
    "CountryName": "Chad",
    "Iso3": "TCD",
    "ValidityYear": "2024",
    "IndicatorName": "Internally Displaced People",
    "IndicatorScore": "5",
    "Unit": "Number",
}


@pytest.fixture(autouse=True)
def app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_HAPI_APP", "tocsin:desk@example.org")


def totals(found: list[Any], iso3: str) -> dict[str, float | str]:
    return {c.series: c.missing if c.value is None else c.value for c in found if c.iso3 == iso3}


def test_pairs_add_up_to_totals_by_host_and_by_origin(tmp_path: Path) -> None:
    rows = [PAIR, PAIR | {"coa_name": "India", "coa_iso": "IND", "refugees": "50", "stateless": "0"}]
    rows.append(PAIR | {"coo_name": "Unknown", "coo_iso": "UNK", "refugees": "5"})
    found, step = read("unhcr", table(tmp_path / "population.csv", *rows))
    assert totals(found, "MMR")["refugees_from"] == 1050 and totals(found, "BGD")["refugees_hosted"] == 1005
    assert totals(found, "MMR")["asylum_seekers_from"] == 0, "a zero that was counted is a zero"
    assert "oip_from" not in totals(found, "MMR"), "what nobody gives is not zero"
    one = next(c for c in found if c.series == "refugees_from")
    assert one.columns == {"summed_from": 2} and str(one.known) == "2025-06"
    assert step.report.used == 3


def test_a_refused_row_makes_the_totals_of_its_year_missing_and_no_other(tmp_path: Path) -> None:
    rows = [PAIR, PAIR | {"coa_iso": "IND", "refugees": "-99"}, PAIR | {"year": "2023"}]
    found, step = read("unhcr", table(tmp_path / "population.csv", *rows))
    by_year = {c.happened.start.year: c for c in found if c.series == "refugees_from"}
    assert by_year[2023].value == 1000 and by_year[2024].value is None
    assert "a row of that year was refused" in by_year[2024].missing
    assert "refugees -99 is outside 0" in step.report.refused[0][1]


def test_a_pair_that_is_said_twice_is_counted_once(tmp_path: Path) -> None:
    found, step = read("unhcr", table(tmp_path / "p.csv", PAIR, PAIR))
    assert totals(found, "MMR")["refugees_from"] == 1000
    assert step.report.ignored == {"said twice in the same input": 1}
    found, step = read("unhcr", table(tmp_path / "p.csv", PAIR, PAIR | {"refugees": "9"}))
    assert totals(found, "MMR")["refugees_from"].startswith("a row of that year")  # type: ignore[union-attr]
    assert "says otherwise" in step.report.refused[0][1]


def unhcr(asked: Asked) -> Says:
    """The interface: totals by the side that is asked for, in two pages, for 2025 alone."""
    page, host = int(asked.query["page"]), "coa_all" in asked.query
    if asked.query["year"] != "2025":
        return Says({"page": 1, "maxPages": 0, "total": [], "items": []})
    side = (
        {"coo_name": "-", "coo": "-", "coo_iso": "-"}
        if host
        else {"coa_name": "-", "coa": "-", "coa_iso": "-"}
    )
    iso = ("BGD", "IND") if host else ("MMR", "SYR")
    named = {
        "coa_iso" if host else "coo_iso": iso[page - 1],
        "coa_name" if host else "coo_name": iso[page - 1],
    }
    row = PAIR | {"year": 2025, "refugees": 1000 + page} | side | named
    return Says({"page": page, "maxPages": 2, "total": [], "items": [row]})


def test_the_interface_gives_totals_of_each_year_page_by_page() -> None:
    with far(unhcr) as up:
        found, steps = all_steps(Unhcr(base=up.base), asking(up))
        assert up.asked[0].path == "/population/v1/population/"
    assert totals(found, "BGD")["refugees_hosted"] == 1001 and totals(found, "SYR")["refugees_from"] == 1002
    assert "refugees_from" not in totals(found, "BGD") and len(steps) == 11
    assert steps[-1].report.notes[-1].startswith("nothing was read")


@pytest.mark.parametrize("habit", [h for h in BAD_ANSWERS if h != "elsewhere"])
def test_half_an_answer_is_none_and_the_other_half_is_kept(habit: str) -> None:
    def says(asked: Asked) -> Says:
        bad = "coa_all" in asked.query and asked.query["page"] == "2" and asked.query["year"] == "2025"
        return BAD_ANSWERS[habit][0] if bad else unhcr(asked)

    with far(says) as up:
        found, steps = all_steps(Unhcr(base=up.base), asking(up))
    assert {c.series for c in found if c.value} == {"refugees_from"}
    assert [where for where, _ in steps[1].report.unreadable] == ["2025, coa_all"]


def test_a_correction_is_seen_from_its_own_release_on(tmp_path: Path) -> None:
    old = table(tmp_path / "old.csv", PAIR)
    new = table(tmp_path / "new.csv", PAIR | {"refugees": "1200"})
    home = gathered(
        tmp_path / "home",
        ("unhcr", new, "2025-11-01"),
        ("unhcr", old, "2025-06-12"),
        ("unhcr", old, "2025-06-12"),
    )
    assert seen(home, "MMR", "2025-06-11") == {}
    assert seen(home, "MMR", "2025-07-01", "refugees_from") == {"refugees_from 2024": 1000.0}
    assert seen(home, "MMR", "2025-12-01", "refugees_from") == {"refugees_from 2024": 1200.0}


def test_real_pairs_and_the_real_stock_of_idmc_are_read_whole() -> None:
    path = shared("data/displacement/unhcr_population.parquet")
    found, step = read("unhcr", path, since=date(2023, 1, 1))
    assert step.report.refused_rows == 0 and step.report.rows_read == 138893
    syria = [c for c in found if (c.iso3, c.series, c.happened.start.year) == ("SYR", "refugees_from", 2023)]
    assert 6_000_000 < (syria[0].value or 0) < 7_000_000
    idmc, step = read("idmc", shared("data/displacement/unhcr_idmc.parquet"))
    assert step.report.refused_rows == 0 and {c.series for c in idmc} == {"idps_stock"}


def test_the_export_of_idmc_keeps_stock_and_movements_apart(tmp_path: Path) -> None:
    row = {"ISO3": "TCD", "Name": "Chad", "Year": "2024", "Conflict Stock Displacement (Raw)": "221000"}
    row |= {"Conflict Internal Displacements (Raw)": "", "Conflict Stock Displacement": "220000"}
    found, _ = read("idmc", table(tmp_path / "gidd.csv", row))
    assert [(c.series, c.value, c.missing) for c in found] == [
        ("conflict_stock", 221000.0, ""),
        ("conflict_displacements", None, "no value given"),
    ]


def test_rounds_stay_apart_by_operation_and_area(tmp_path: Path) -> None:
    area = ROUND | {"admin_level": "1", "admin1_code": "TD07", "population": "150000"}
    found, _ = read("idps", table(tmp_path / "idps.csv", ROUND, area, ROUND | {"operation": "Other"}))
    assert [(c.area, c.about, c.value) for c in found] == [
        ("", "Lake Chad Basin Crisis", 200000.0),
        ("TD07", "Lake Chad Basin Crisis", 150000.0),
        ("", "Other", 200000.0),
    ]
    assert str(found[0].known) == "2024-05" and found[0].vintage == "as known"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"location_code": "TD"}, "two letters"),
        ({"location_code": "CD"}, "two letters"),
        ({"population": ""}, "population is empty"),
        ({"population": "-5"}, "outside 0"),
        ({"reference_period_end": "2024-01-01"}, "is before"),
        ({"reference_period_start": "2024-13-01"}, "is not a date"),
        ({"admin_level": "2"}, "names none"),
    ],
)
def test_a_round_that_cannot_be_taken_is_named(tmp_path: Path, change: dict[str, str], why: str) -> None:
    found, step = read("idps", table(tmp_path / "idps.csv", ROUND | change))
    assert not found and why in step.report.refused[0][1]


def test_the_real_file_of_rounds_is_read_whole() -> None:
    found, step = read("idps", shared("data/displacement/hdx_hapi_idps_global.csv"))
    assert step.report.rows_read == 6854 and step.report.refused_rows == 0 and len(found) == step.report.used
    assert not step.report.unknown_columns


def hapi(rows: list[dict[str, Any]], size: int) -> Any:
    """The interface, which gives fewer rows a page than it is asked for."""

    def says(asked: Asked) -> Says:
        assert asked.query["app_identifier"] == "dG9jc2luOmRlc2tAZXhhbXBsZS5vcmc="
        start = int(asked.query["offset"])
        return Says({"data": rows[start : start + size]})

    return says


def test_hapi_is_read_to_its_empty_page() -> None:
    rows = [ROUND | {"reporting_round": n} for n in range(5)]
    with far(hapi(rows, 2)) as up:
        found, (step,) = all_steps(Idps(base=up.base), asking(up))
        assert up.asked[0].path == "/api/v2/affected-people/idps" and len(up.asked) == 4
    assert len(found) == 5 and "example.org" not in str(step.report)
    with far(lambda _: Says({"data": rows})) as up:
        found, (step,) = all_steps(Idps(base=up.base), asking(up))
    assert not found and "page 2 repeats page 1" in step.report.unreadable[0][1]


def test_without_the_secret_hapi_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCSIN_HAPI_APP")
    with far(hapi([], 2)) as up:
        with pytest.raises(SourceStopped, match="TOCSIN_HAPI_APP"):
            all_steps(Idps(base=up.base), asking(up))
        assert not up.asked


def test_inform_gives_its_scores_and_keeps_class_and_rank_beside_them() -> None:
    with far(hapi([RISK, RISK | {"location_code": "AGO", "overall_risk": 11}], 9)) as up:
        found, (step,) = all_steps(Inform(base=up.base), asking(up))
    assert totals(found, "NAM")["overall_risk"] == 3.9 and "overall_risk" not in totals(found, "AGO")
    assert found[0].columns == {"risk_class": "2", "global_rank": "90"}
    assert step.report.refused == (
        ("national_risk, row 2, overall_risk", "overall_risk 11 is outside 0 to 10"),
    )


def test_the_export_of_inform_is_read_by_name_and_unit(tmp_path: Path) -> None:
    rows = [EXPORT, EXPORT | {"IndicatorName": ""}, EXPORT | {"Unit": "0-10"}]
    found, step = read("inform", table(tmp_path / "inform.csv", *rows), release="2024-09-01")
    assert [(c.series, c.value, str(c.known)) for c in found] == [("idps", 5.0, "2024-09-01")]
    assert sum(step.report.ignored.values()) == 2
    real, step = read("inform", shared("data/structural/inform_risk_index.csv"))
    assert step.report.refused_rows == 0 and len(real) == step.report.used > 500


def test_another_table_is_refused(tmp_path: Path) -> None:
    for name in ("unhcr", "idmc", "idps", "inform"):
        with pytest.raises(InputError, match=r"other\.csv"):
            read(name, table(tmp_path / "other.csv", {"a": "1"}))


TEXT = st.one_of(st.text(max_size=8), st.sampled_from(["-", "NA", "-99", "2024", "0", "UNK", "2024-03-31"]))


@pytest.mark.parametrize("name", ["unhcr", "idps", "inform"])
def test_a_row_of_any_text_is_used_ignored_or_refused(tmp_path: Path, name: str) -> None:
    plain = {"unhcr": PAIR, "idps": ROUND, "inform": EXPORT}[name]

    @settings(deadline=None)
    @given(st.dictionaries(st.sampled_from(list(plain)), TEXT, max_size=6))
    def reads(values: dict[str, str]) -> None:
        path = table(tmp_path / "any.csv", plain, plain | values)
        adds_up(lambda: read(name, path), path)

    reads()
