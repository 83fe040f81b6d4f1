"""Promises of finding countries and places in text."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.shared_data import shared
from tocsin.geography import mentions
from tocsin.geography.folding import fold


def found(text: str) -> list[tuple[str, str, str]]:
    return [(m.text, m.iso3, m.kind) for m in mentions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("South Sudan and Sudan", ["SSD", "SDN"]),
        ("Guinea-Bissau, Guinea, Equatorial Guinea and Papua New Guinea", ["GNB", "GIN", "GNQ", "PNG"]),
        ("the Dominican Republic and Dominica", ["DOM", "DMA"]),
        ("Nigeria and Niger", ["NGA", "NER"]),
        ("oil in the Niger Delta", ["NGA"]),
        ("the former Yugoslavia", ["YUG"]),
        ("the Democratic Republic of the Congo and the Republic of the Congo", ["COD", "COG"]),
        ("Northern Ireland and Ireland", ["GBR", "IRL"]),
        ("New Mexico and New Jersey", []),
        ("fishing in the Gulf of Guinea and on Lake Chad", []),
        ("the Geneva Conventions and the Rome Statute", []),
    ],
)
def test_the_longest_name_wins(text: str, expected: list[str]) -> None:
    assert [m.iso3 for m in mentions(text)] == expected


def test_names_are_found_as_whole_words_with_their_capitals() -> None:
    assert found("a chad, a turkey and some china for the polish man") == []
    assert found("Malinese, Omanville and Iranology") == []
    assert found("Write to us now about the car") == []
    assert found("US troops left CAR for the DRC") == [
        ("US", "USA", "country"),
        ("CAR", "CAF", "country"),
        ("DRC", "COD", "country"),
    ]


def test_a_possessive_leaves_the_name_as_it_is() -> None:
    assert found("Rwanda's and Chad’s borders") == [("Rwanda", "RWA", "country"), ("Chad", "TCD", "country")]


def test_the_nationality_of_an_office_is_a_demonym() -> None:
    assert found("The Belgian Foreign Minister spoke") == [("Belgian", "BEL", "demonym")]


def test_a_person_is_not_a_country() -> None:
    for text in (
        "Chad Miller spoke.",
        "We met Michael Jordan there.",
        "Mr. Jordan spoke.",
        "His name is Israel Santos.",
    ):
        assert not [m for m in mentions(text) if m.kind == "country" and m.confidence >= 0.5], text
    assert [m.iso3 for m in mentions("Refugees crossed into Chad. Jordan and Israel spoke.")] == [
        "TCD",
        "JOR",
        "ISR",
    ]


def test_georgia_is_the_state_that_the_text_supports() -> None:
    assert mentions("Police in Georgia, near Atlanta, said so.")[0].iso3 == "USA"
    assert mentions("Police in Georgia, near Tbilisi, said so.")[0].iso3 == "GEO"
    assert mentions("Police in Georgia said so.")[0].iso3 == "GEO"


def test_a_place_many_countries_have_is_refused_with_its_candidates_unless_the_text_decides() -> None:
    (alone,) = mentions("Fighting reached Tripoli.")
    assert alone.iso3 == "" and {"LBY", "LBN"} <= set(alone.candidates) and alone.confidence < 0.5
    assert alone.lat is None
    for country, iso3 in (("Libya", "LBY"), ("Lebanon", "LBN")):
        place = mentions(f"Fighting reached Tripoli in {country}.")[0]
        assert (place.iso3, place.candidates) == (iso3, ())
    assert mentions("The town of Bor was attacked.")[0].iso3 == ""
    assert mentions("The town of Bor, South Sudan, was attacked.")[0].iso3 == "SSD"


def test_congo_alone_is_two_countries_and_a_city_decides() -> None:
    assert mentions("War in Congo.")[0].candidates == ("COD", "COG")
    assert mentions("War in Congo, around Goma.")[0].iso3 == "COD"
    assert mentions("Talks in Congo, in Brazzaville.")[0].iso3 == "COG"


def test_a_place_brings_its_coordinates_and_geonames_id() -> None:
    place = mentions("They fled El Geneina in Darfur.")[0]
    assert (place.iso3, place.kind, place.geonames) == ("SDN", "place", 379303)
    assert place.lat == pytest.approx(13.45, abs=0.1) and place.lon == pytest.approx(22.45, abs=0.1)


def test_a_common_word_is_not_a_town() -> None:
    assert found("Nice reading, and George and Paul took a Mobile phone to the Bath.") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Les soldats tchadiens en République centrafricaine et au Soudan du Sud", ["TCD", "CAF", "SSD"]),
        ("tropas ruandesas en la República Democrática del Congo y Costa de Marfil", ["RWA", "COD", "CIV"]),
        ("насилие в Южном Судане, Демократической Республике Конго и в Сирии", ["SSD", "COD", "SYR"]),
        ("российские войска на Украине", ["RUS", "UKR"]),
        ("العنف في السودان وسوريا وللعراق وبالصومال", ["SDN", "SYR", "IRQ", "SOM"]),
        ("الحكومة اللبنانية في جنوب السودان", ["LBN", "SSD"]),
    ],
)
def test_names_are_found_in_the_other_four_languages_in_the_forms_of_running_text(
    text: str, expected: list[str]
) -> None:
    assert [m.iso3 for m in mentions(text)] == expected


def test_a_mission_or_group_points_weakly_to_its_country() -> None:
    (one,) = mentions("Thousands sheltered with UNMISS.")
    assert (one.iso3, one.kind) == ("SSD", "body") and one.confidence < 0.7


@given(st.text(st.sampled_from("SudanCôte d'Ivoire’-السودان Конго.\nABCß İǅ"), max_size=80))
def test_mentions_are_ordered_apart_and_quote_the_text(text: str) -> None:
    assert len(fold(text)) == len(text)
    last = 0
    for one in mentions(text):
        assert last <= one.start < one.end and text[one.start : one.end] == one.text
        assert 0 < one.confidence <= 1 and bool(one.iso3) != bool(one.candidates)
        last = one.end


def test_the_places_of_the_named_cases_are_known() -> None:
    cases = yaml.safe_load(shared("domain/cases.yaml").read_text(encoding="utf-8"))["cases"]
    names = (
        "Srebrenica Kilinochchi Muttur Pibor Akobo Bor Malakal Golo Sittwe Taungup Bossangoa Abobo Duekoue"
    )
    names += (
        " Naivasha Nakuru Osh Benghazi Misrata Tawergha Daraa Homs Hama Sinjar Mosul Bujumbura Axum Kreinik"
    )
    text = str(cases)
    for name in names.split():
        assert name in text, name
        assert [m for m in mentions(f"Killings in {name}.") if m.kind == "place"], name
    for name in ("Maungdaw", "El Geneina", "Bentiu", "El Fasher", "Mai Kadra", "Tal Afar"):
        (place,) = mentions(f"Killings in {name}.")
        assert place.iso3 and place.confidence >= 0.5, name
