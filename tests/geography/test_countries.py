"""Promises of the country table."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from tests.shared_data import shared
from tocsin.errors import UnknownId
from tocsin.geography import by_cow, by_fips, by_gw, by_iso2, by_name, countries, country
from tocsin.geography.countries import LANGUAGES, read_table

NOW = date(2026, 1, 1)


def test_the_table_has_the_193_members_and_two_observers() -> None:
    statuses = [c.status for c in countries(NOW)]
    assert (statuses.count("member"), statuses.count("observer")) == (193, 2)


def test_every_member_has_a_day_of_admission_codes_regions_and_five_names() -> None:
    for one in countries(NOW):
        if one.status != "member":
            continue
        assert one.admitted and len(one.iso2) == 2 and len(one.m49) == 3 and one.fips, one.iso3
        assert one.region and one.sub_region, one.iso3
        assert [language for language, name in one.names if name] == list(LANGUAGES), one.iso3
        assert one.demonyms or one.iso3 in {"DOM", "DMA"}, one.iso3


def test_predecessors_successors_and_codes_point_into_the_table_and_codes_are_not_shared() -> None:
    now = [c for c in countries(NOW)]
    for one in countries():
        for other in one.predecessors + one.successors:
            assert country(other)
    for codes in ([c.iso2 for c in now], [c.m49 for c in now], [f for c in now for f in c.fips]):
        assert len([c for c in codes if c]) == len({c for c in codes if c})


def test_regional_bodies_have_their_known_number_of_members_and_the_sahel_has_left_ecowas() -> None:
    sizes = {
        "AU": 55,
        "EU": 27,
        "CoE": 46,
        "OSCE": 57,
        "OAS": 34,
        "ASEAN": 11,
        "ECOWAS": 12,
        "IGAD": 8,
        "EAC": 8,
    }
    sizes |= {"ICGLR": 12, "SADC": 16, "ECCAS": 11, "LAS": 22, "OIC": 57}
    for body, size in sizes.items():
        assert sum(body in c.organisations for c in countries(NOW)) == size, body
    assert not [c for c in ("MLI", "NER", "BFA") if "ECOWAS" in country(c).organisations]


def test_no_country_has_two_rows_of_aliases_and_none_is_unknown() -> None:
    given = [row["iso3"] for row in read_table("aliases.tsv")]
    assert len(given) == len(set(given)) and set(given) <= {c.iso3 for c in countries()}


def test_the_two_letters_of_namibia_survive_every_reader() -> None:
    assert country("NAM").iso2 == "NA"
    assert by_iso2("NA").iso3 == by_iso2("na").iso3 == "NAM"


def test_an_unknown_code_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UnknownId, match="did you mean SDN or SSD"):
        country("SSDN")
    with pytest.raises(UnknownId):
        by_name("Ruritania")


@pytest.mark.parametrize(
    ("code", "on", "iso3"),
    [
        (260, date(1989, 1, 1), "DEU"),
        (260, date(2020, 1, 1), "DEU"),
        (265, date(1989, 1, 1), "DDR"),
        (678, date(1980, 1, 1), "YEM"),
        (678, date(2020, 1, 1), "YEM"),
        (680, date(1980, 1, 1), "YMD"),
        (345, date(1999, 1, 1), "YUG"),
        (345, date(2004, 1, 1), "SCG"),
        (340, date(2010, 1, 1), "SRB"),
        (365, date(1985, 1, 1), "RUS"),
        (816, date(1970, 1, 1), "VNM"),
        (817, date(1970, 1, 1), "VDR"),
        (626, date(2011, 7, 9), "SSD"),
        (970, date(2000, 1, 1), "KIR"),
    ],
)
def test_gleditsch_ward_numbers_name_the_state_of_the_day(code: int, on: date, iso3: str) -> None:
    assert by_gw(code, on).iso3 == iso3


@pytest.mark.parametrize(
    ("code", "on", "iso3"),
    [
        (255, date(2020, 1, 1), "DEU"),
        (260, date(1989, 1, 1), "DEU"),
        (679, date(2020, 1, 1), "YEM"),
        (678, date(1980, 1, 1), "YEM"),
        (345, date(2010, 1, 1), "SRB"),
        (946, date(2000, 1, 1), "KIR"),
        (970, date(2000, 1, 1), "NRU"),
        (955, date(2000, 1, 1), "TON"),
    ],
)
def test_correlates_of_war_numbers_differ_where_states_joined_or_broke_up(
    code: int, on: date, iso3: str
) -> None:
    assert by_cow(code, on).iso3 == iso3


def test_a_number_is_refused_outside_its_days_and_the_refusal_says_who_held_it_when() -> None:
    with pytest.raises(UnknownId, match="SSD from 2011-07-09 to now"):
        by_gw(626, date(2005, 1, 1))
    for asking, code in ((by_gw, 255), (by_gw, 679), (by_cow, 340), (by_cow, 260), (by_gw, 345)):
        with pytest.raises(UnknownId):
            asking(code, date(2020, 1, 1))


def test_fips_codes_are_not_iso_codes() -> None:
    traps = (
        "SU=SDN OD=SSD CG=COD CF=COG BM=MMR NI=NGA NG=NER IZ=IRQ GZ=PSE WE=PSE RI=SRB KV=XKX RS=RUS AS=AUS"
    )
    for pair in traps.split():
        code, iso3 = pair.split("=")
        assert by_fips(code).iso3 == iso3


def test_sudan_and_the_soviet_union_exist_each_in_its_time() -> None:
    before, after = (
        {c.iso3 for c in countries(date(1990, 1, 1))},
        {c.iso3 for c in countries(date(2012, 1, 1))},
    )
    assert {"YUG", "CSK", "DDR", "YMD", "SDN", "RUS"} <= before and not before & {"SSD", "UKR", "SUN", "ERI"}
    assert {"SSD", "UKR", "SRB", "MNE", "XKX", "TLS"} <= after and not after & {"YUG", "SCG", "CSK", "DDR"}


@pytest.mark.parametrize(
    ("name", "iso3"),
    [
        ("Burma", "MMR"),
        ("DRC", "COD"),
        ("Congo-Kinshasa", "COD"),
        ("Congo, Dem. Rep.", "COD"),
        ("Congo, Rep.", "COG"),
        ("Ivory Coast", "CIV"),
        ("Côte d’Ivoire", "CIV"),
        ("COTE D'IVOIRE", "CIV"),
        ("CAR", "CAF"),
        ("Swaziland", "SWZ"),
        ("the Gambia", "GMB"),
        ("Gambia, The", "GMB"),
        ("Soudan du Sud", "SSD"),
        ("Sudán del Sur", "SSD"),
        ("جنوب السودان", "SSD"),
        ("Южный Судан", "SSD"),
        ("Niger", "NER"),
        ("Nigeria", "NGA"),
        ("Dominica", "DMA"),
        ("East Germany", "DDR"),
        ("Yugoslavia", "YUG"),
        ("Soviet Union", "SUN"),
        ("Taiwan", "TWN"),
        ("Western Sahara", "ESH"),
        ("Hong Kong", "HKG"),
        ("Kosovo", "XKX"),
    ],
)
def test_names_in_daily_use_resolve(name: str, iso3: str) -> None:
    assert by_name(name).iso3 == iso3


def test_a_name_that_served_several_states_goes_to_the_one_of_the_day() -> None:
    name = "Serbia (Yugoslavia)"
    found = [by_name(name, on).iso3 for on in (date(1999, 1, 1), date(2005, 1, 1), date(2010, 1, 1), None)]
    assert found == ["YUG", "SCG", "SRB", "SRB"]


UCDP = [
    "ucdp_candidate/candidate_v26_0_2_full49.parquet",
    "ucdp_ged251_dyad_country_year/ged251_country_year.parquet",
    "ucdp_ged251_dyad_country_year/ged251_dyad_country_year.parquet",
    "ucdp_ged251_dyad_country_year/ged251_onesided_actor_year_DERIVED.parquet",
    "ucdp_ged_country_extracts/ged_events_combined.parquet",
    "ucdp_ged_country_extracts/conflict_data_sdn.csv",
    "ucdp_ged_country_extracts/gedevents-2025-01-04_sudan.csv",
    "ucdp_ged_countrymonth_africa_views/ged_country_month_1990_2016.parquet",
]


@pytest.mark.parametrize("path", UCDP)
def test_every_country_name_of_ucdp_resolves(path: str) -> None:
    names = set(_names(path))
    assert names
    for name in names:
        assert by_name(name)


def test_every_number_of_ucdp_leads_to_the_country_of_its_name() -> None:
    table = shared("data/ucdp_ged_country_extracts/ged_events_combined.parquet")
    sql = f"SELECT DISTINCT country, country_id::INT, year::INT FROM '{table}' WHERE country_id IS NOT NULL"
    rows = duckdb.connect().execute(sql).fetchall()
    wrong = []
    for name, code, year in rows:
        on = date(year, 12, 31)
        if name != "Serbia (Yugoslavia)" and by_gw(code, on) != by_name(name, on):
            wrong.append((name, code, year))
    assert rows and not wrong


def _names(path: str) -> Iterator[str]:
    file = shared(f"data/{path}")
    source = f"read_csv('{file}', all_varchar=true)" if path.endswith("csv") else f"'{file}'"
    run = duckdb.connect().execute
    columns = {c[0] for c in run(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    (column,) = columns & {"country", "countries", "country_name"}
    for (value,) in run(f'SELECT DISTINCT "{column}" FROM {source}').fetchall():
        if value and not value.startswith("#"):
            yield from value.split(";")


def test_the_room_is_light_to_import() -> None:
    code = (
        "import sys, tocsin.geography; print({'shapely', 'ahocorasick', 'duckdb', 'yaml'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "set()"
