"""A wire copy is told by its dateline, its credit or its author; a text about an agency is none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.sources.factsheet import feed_list
from tocsin.sources.wires import stated_agency, wires


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("NAIROBI, Nov 28 (Reuters) - Three", "reuters"),
        ("NAIROBI (Reuters) - Three", "reuters"),
        ("WASHINGTON (AP) — The", "associated_press"),
        ("PARIS — AP — The", "associated_press"),
        ("BEIJING, Nov. 28 (Xinhua) -- The", "state_chn"),
        ("NEW DELHI: Nov 28 (PTI) The", "press_trust_of_india"),
        ("ISLAMABAD, Nov 28 (APP): The", "state_pak"),
        ("DHAKA, Nov 28, 2025 (BSS) - The", "state_bgd"),
        ("Damascus, SANA- The", "state_syr"),
        ("Brussels, April 2 (AFP/dpa) The chief said", "afp"),
        ("Bamako (AFP) – Des", "afp"),
        ("Port-au-Prince, 28 nov. 2025 (AFP) - Des", "afp"),
        ("Kabul (AFP/Archives) - Des", "afp"),
        ("Berlin (dpa) - Die", "dpa"),
        ("(ANSA) - ROMA, 28 NOV - Il", "ansa"),
        ("San Salvador (El Salvador), 28 nov (EFE).- El", "efe"),
        ("Río de Janeiro, 28 de noviembre de 2025 (EFE).- El", "efe"),
        ("Lisboa, 28 nov 2025 (Lusa) – O", "lusa"),
        ("ANKARA (AA) - Bakan", "state_tur"),
        ("МОСКВА, 28 ноября. /ТАСС/. Суд", "state_rus"),
        ("МОСКВА, 28 ноя — РИА Новости. Суд", "state_rus"),
        ("Киев. 28 ноября. ИНТЕРФАКС-УКРАИНА - Суд", "interfax_ukraine"),
        ("غزة (رويترز) - قال", "reuters"),
        ("بيروت - أ ف ب: قال", "afp"),
        ("دمشق - سانا: قال", "state_syr"),
        ("تهران - ایرنا - وزیر", "state_irn"),
        ("新华社北京11月28日电（记者）外交部", "state_chn"),
        ("（法新社巴黎28日电）法国", "afp"),
        ("［東京 28日 ロイター］ - 日本", "reuters"),
        ("A title\nNAIROBI (Reuters) - Three", "reuters"),
        ("Text ended here. (AFP)", "afp"),
        ("It ended. — AFP", "afp"),
        ("Text\n\n--AFP\nxy/z", "afp"),
    ],
)
def test_a_dateline_or_credit_in_any_language_names_the_agency(text: str, origin: str) -> None:
    assert stated_agency(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        "A mere mention of Reuters in the text.",
        "The army told Reuters (news agency) that",
        "According to AFP, troops",
        "Reuters: troops enter the town",
        "Three reporters of Reuters, AFP and AP were hurt.",
        "Journalists at the agency (Reuters) - who were",
        "A photographer of an agency (AP) in Lagos - police say",
        "In 2024 (AP) the court",
        "At least 20 people died, Reuters reported - and",
        "He gave an interview to the agency (Reuters)",
        "He works for Agence France-Presse (AFP).",
        "Agence France-Presse (AFP) - the agency",
        "Pakistan Tehreek-e-Insaf (PTI) - the party",
        "Aam Aadmi Party (AAP) - the party",
        "The Middle East and North Africa (MENA) - a region",
        "The United Nations (UN) said on 3 May",
        "Lisbon, April 2 (ABC) of an agency that nobody lists",
        "Sources: Haaretz, AP.",
        "Photo: AFP",
        "AFP",
        "قال مراسل وكالة (رويترز) - إن",
        "به گزارش خبرگزاری (مهر) - وزیر",
        "据新华社报道，外交部",
        "",
    ],
)
def test_a_text_that_tells_of_an_agency_is_no_copy_of_it(text: str) -> None:
    assert stated_agency(text) == ""


@pytest.mark.parametrize(
    ("credit", "origin"),
    [
        ("By Reuters", "reuters"),
        ("Reuters Staff", "reuters"),
        ("AFP", "afp"),
        ("Le Monde avec AFP", "afp"),
        ("El País con EFE", "efe"),
        ("A. Writer, Associated Press", "associated_press"),
        ("desk@paper.example (AFP)", "afp"),
        ("Agencia EFE", "efe"),
        ("Xinhua News Agency", "state_chn"),
        ("https://www.reuters.com/world", "reuters"),
        ("A. Writer", ""),
        ("The Reuters Institute", ""),
        ("Reutersward", ""),
        ("https://reuters.example.org/", ""),
    ],
)
def test_an_author_or_source_that_is_an_agency_is_believed(credit: str, origin: str) -> None:
    assert stated_agency("Words.", (credit,)) == origin


@settings(deadline=None)
@given(st.text(max_size=300), st.lists(st.text(max_size=80), max_size=3))
def test_any_text_names_a_reviewed_agency_or_none(text: str, credits: list[str]) -> None:
    assert stated_agency(text, credits) in {"", *wires().names.values()}


@settings(deadline=None)
@given(st.sampled_from(sorted(wires().names)), st.sampled_from(["Goma", "Port Sudan", "غزة", "Київ"]))
def test_every_listed_name_is_known_in_a_dateline(name: str, place: str) -> None:
    assert stated_agency(f"{place} ({name}) - ") in {wires().names[name], ""}
    assert stated_agency("Words.", (name,)) == wires().names[name]


def test_a_long_hostile_head_is_searched_at_once() -> None:
    for text in (
        "(" * 100_000,
        "A " * 100_000,
        "A, " * 50_000 + "(AFP) -",
        "- " * 100_000,
        "[" + "a/" * 100_000,
    ):
        assert stated_agency(text) == ""


def test_an_agency_of_a_state_has_the_origin_of_that_states_media() -> None:
    states = {feed.independence_group for feed in feed_list() if feed.ownership == "state"}
    assert len(states & set(wires().names.values())) >= 8
