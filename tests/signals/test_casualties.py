"""Counts of people harmed: read as intervals, with who claims them, in the exact words; and nothing else."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.clock import Period, Precision
from tocsin.signals.casualties import KINDS, CasualtyClaim, casualty_claims, claim_of
from tocsin.signals.claimants import KINDS as SPEAKERS
from tocsin.signals.count_words import count_words, languages
from tocsin.signals.quantities import read_number
from tocsin.signals.rules.passage import passage


def read(text: str, language: str = "en", year: int = 0) -> tuple[CasualtyClaim, ...]:
    found = casualty_claims(passage(text, language, year))
    for claim in found:
        assert text[claim.start : claim.end] == claim.quote
        assert text[claim.who_start : claim.who_end] == claim.claimant
    return found


def told(text: str, language: str = "en") -> list[tuple[str, int, int, int | None]]:
    return [(c.kind, c.low, c.best, c.high) for c in read(text, language)]


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("en", "At least 30 civilians were killed in Pibor.", [("killed", 30, 30, None)]),
        ("en", "Between 20 and 30 people died.", [("killed", 20, 25, 30)]),
        ("en", "Up to 50 detainees were executed at dawn.", [("killed", 0, 50, 50)]),
        ("en", "Thirty people or more were killed.", [("killed", 30, 30, None)]),
        ("en", "Nearly 500 were killed.", [("killed", 450, 500, 500)]),
        ("en", "About 300 people are missing.", [("missing", 270, 300, 330)]),
        ("en", "Dozens of villagers were injured.", [("injured", 24, 48, 96)]),
        ("en", "Tens of thousands fled the valley.", [("displaced", 20_000, 40_000, 100_000)]),
        ("en", "Twenty-three people were hurt in the fire.", [("injured", 23, 23, 23)]),
        ("en", "Two hundred thousand have been displaced.", [("displaced", 200_000, 200_000, 200_000)]),
        ("en", "More than 1.2 million people need assistance.", [("in need", 1_200_000, 1_200_000, None)]),
        ("en", "Gunmen abducted 110 schoolgirls.", [("abducted", 110, 110, 110)]),
        ("en", "Soldiers arrested 4 police officers.", [("detained", 4, 4, 4)]),
        ("en", "No one was killed in the raid.", [("killed", 0, 0, 0)]),
        ("en", "The death toll rose to 12.", [("killed", 12, 12, 12)]),
        ("en", "One death and two injuries.", [("killed", 1, 1, 1), ("injured", 2, 2, 2)]),
        ("fr", "Au moins 25 civils ont été tués.", [("killed", 25, 25, None)]),
        ("fr", "Un mort et trois blessés.", [("killed", 1, 1, 1), ("injured", 3, 3, 3)]),
        ("fr", "Plusieurs dizaines de personnes ont été enlevées.", [("abducted", 20, 40, 90)]),
        ("fr", "Quatre-vingt-douze personnes sont mortes.", [("killed", 92, 92, 92)]),
        ("fr", "Aucun civil n'a été tué.", [("killed", 0, 0, 0)]),
        ("es", "Entre 30 y 40 personas fueron secuestradas.", [("abducted", 30, 35, 40)]),
        ("es", "Veintitrés heridos y tres muertos.", [("injured", 23, 23, 23), ("killed", 3, 3, 3)]),
        ("pt", "Pelo menos 50 civis foram mortos.", [("killed", 50, 50, None)]),
        ("pt", "Dezenas de pessoas ficaram feridas.", [("injured", 20, 40, 90)]),
        ("ar", "قُتل 25 مدنيا في المدينة.", [("killed", 25, 25, 25)]),
        ("ar", "نزوح ما يزيد على 000 30 شخص.", [("displaced", 30_000, 30_000, None)]),
        ("ar", "قتل 120 شخصا على الأقل.", [("killed", 120, 120, None)]),
        ("ar", "مقتل شخصين وإصابة ثلاثة.", [("killed", 2, 2, 2), ("injured", 3, 3, 3)]),
        ("ar", "أصيب عشرات المدنيين بجروح.", [("injured", 20, 40, 90)]),
        ("ru", "Не менее 30 мирных жителей были убиты.", [("killed", 30, 30, None)]),
        ("ru", "Погибли трое детей, ранены десятки человек.", [("killed", 3, 3, 3), ("injured", 20, 40, 90)]),
        ("sw", "Watu 30 waliuawa katika shambulio.", [("killed", 30, 30, 30)]),
        ("sw", "Zaidi ya watu 2,000 wamekimbia makazi yao.", [("displaced", 2_000, 2_000, None)]),
        ("sw", "Watoto watatu walijeruhiwa.", [("injured", 3, 3, 3)]),
    ],
)
def test_numbers_of_people_harmed_are_intervals(
    language: str, text: str, wanted: list[tuple[str, int, int, int | None]]
) -> None:
    assert told(text, language) == wanted


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "In 2019 the law changed, and article 3 forbids killing; resolution 1325 deplores murder."),
        ("en", "He was killed 40 km from the town in the year 2004, three days after the vote."),
        ("en", "The raid killed cattle worth $500 million and 3,000 euros in cash were seized."),
        ("en", "The 35-year-old was arrested. Ada Example, 35, was arrested. Ada Example (35) was killed."),
        ("en", "The side lost 3-2 and fans were injured; the second half was dead for 20 minutes."),
        ("en", "Five attacks killed nobody known to us, and 14 states spoke against the death penalty."),
        ("en", "Camp 4 was attacked, district 12 was killed off, and 30% of the wounded animals died."),
        ("en", "It could kill 5,000 people. They plotted to kidnap two envoys. One of the hostages spoke."),
        ("en", "No more deaths, said the banner. 11 September is a day of mourning for the dead."),
        ("en", "7. Killings went on. They met on 12 and 31 August to mourn the dead (see para. 17)."),
        ("en", "Two kidnappers spoke. Police executed five warrants; a large number of the dead are old."),
        ("en", "The group counted 14 massacres. It told of (1) fear of being jailed, (2) forced work."),
        ("en", "They were killed there. About three or four friends wrote to us."),
        ("es", "Hay 17 expedientes con material; nadie participó de ninguna forma en el asesinato."),
        ("ar", "25 - تراجع اختطاف الأطفال. بعد الاغتيال بيوم واحد."),
        ("fr", "L'article 7 punit le meurtre ; en 2015, l'attaque a tué du bétail à 40 km du camp."),
        ("es", "El artículo 5 castiga la muerte; murió en 2010, a 30 kilómetros de la ciudad."),
        ("ru", "Статья 105 говорит об убийстве; он погиб в 2014 году в 20 километрах от города."),
        ("sw", "Ibara ya 5 inakataza mauaji; alifariki mwaka 2010 umbali wa kilomita 30."),
    ],
)  # fmt: skip
def test_numbers_that_are_not_people_give_nothing(language: str, text: str) -> None:
    assert [c for c in read(text, language) if c.best > 0] == []


def test_nobody_claims_that_nobody_was_arrested() -> None:
    assert read("No arrests were made. No one was detained.") == ()


@pytest.mark.parametrize("language", ["de", "am", "zh"])
def test_a_language_without_words_gives_nothing(language: str) -> None:
    assert count_words(language) is None
    assert read("30 Menschen wurden getötet, 20 killed.", language) == ()


@pytest.mark.parametrize(
    ("language", "text", "who", "kind"),
    [
        ("en", "Soldiers killed 40 farmers, the government said.", "government", "state"),
        ("en", "The United Nations said that 40 farmers were killed.", "United Nations", "UN"),
        ("en", "The rebels claimed that they had killed 60 soldiers.", "rebels", "armed group"),
        ("en", "Residents said 80 people had been killed.", "Residents", "witness"),
        ("en", "At least 12 people were wounded, according to doctors.", "doctors", "medical"),
        ("en", "Some 9,000 people fled (OCHA, 3 May).", "OCHA", "UN"),
        ("en", "Forty farmers were killed in the valley.", "", "unknown"),
        ("fr", "Quarante personnes ont été tuées, selon des témoins.", "témoins", "witness"),
        ("es", "Murieron doce personas, según la policía.", "policía", "state"),
        ("ar", "مقتل 40 شخصا، بحسب الأمم المتحدة.", "الأمم المتحدة", "UN"),
        ("ru", "Убиты 40 человек, сообщила ООН.", "ООН", "UN"),
        ("sw", "Watu 30 waliuawa, polisi walisema.", "polisi", "state"),
    ],
)
def test_who_claims_a_figure_is_named_in_the_words(language: str, text: str, who: str, kind: str) -> None:
    (claim,) = read(text, language)
    assert (claim.claimant, claim.claimant_kind) == (who, kind)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The army denied killing 45 civilians."),
        ("en", "The government denied that 45 people were killed by its soldiers."),
        ("fr", "Le gouvernement a démenti la mort de 45 personnes."),
        ("es", "El ejército negó haber matado a 45 campesinos."),
        ("pt", "O governo negou que 45 pessoas tenham sido mortas."),
        ("ar", "نفى الجيش مقتل 45 شخصا."),
        ("ru", "Министерство отрицает гибель 45 человек."),
        ("sw", "Jeshi limekanusha kuuawa kwa watu 45."),
    ],
)
def test_a_denied_figure_is_kept_and_marked(language: str, text: str) -> None:
    (claim,) = read(text, language)
    assert claim.denied and claim.best == 45 and claim.claimant_kind == "state"


def test_a_denial_of_something_else_denies_no_figure() -> None:
    (claim,) = read("Police arrested five teachers, and a court denied them bail.")
    assert not claim.denied


def test_figures_that_disagree_each_keep_their_speaker() -> None:
    first, second = read("Villagers said 80 people had been killed, but the government put the toll at 12.")
    assert (first.best, first.claimant_kind) == (80, "witness")
    assert (second.best, second.claimant_kind) == (12, "state")


def test_who_spoke_before_is_who_says_it_in_the_next_sentence() -> None:
    text = "The United Nations said 30 people were killed. It also said that 50 people were injured."
    assert [c.claimant for c in read(text)] == ["United Nations", "United Nations"]


@pytest.mark.parametrize(
    ("language", "text", "unit", "best"),
    [
        ("en", "Some 1,200 families were displaced.", "families", 1_200),
        ("en", "At least 300 households have been displaced.", "households", 300),
        ("es", "Decenas de familias fueron desplazadas.", "families", 40),
        ("pt", "Mais de 3.000 famílias deslocadas.", "families", 3_000),
        ("ar", "نزحت 300 عائلة من القرية.", "families", 300),
        ("ru", "Около 200 семей покинули свои дома.", "families", 200),
        ("sw", "Familia 200 wamehama.", "families", 200),
    ],
)
def test_families_are_never_made_into_people(language: str, text: str, unit: str, best: int) -> None:
    (claim,) = read(text, language)
    assert (claim.unit, claim.best, claim.kind) == (unit, best, "displaced")


def test_parts_of_a_total_are_marked_and_not_taken_for_more() -> None:
    total, children, women = read("Forty people were killed, including 12 children and 5 women.")
    assert [c.part for c in (total, children, women)] == [False, True, True]
    assert [(c.best, c.victims) for c in (children, women)] == [(12, "children"), (5, "women")]


def test_numbers_in_a_list_share_their_harm_and_each_other_harm_keeps_its_own() -> None:
    listed = read("Five men, three women and a child were killed.")
    assert [(c.kind, c.best, c.victims) for c in listed] == [
        ("killed", 5, "men"), ("killed", 3, "women"), ("killed", 1, "children"),
    ]  # fmt: skip
    assert told("An airstrike left 17 dead and 45 wounded.") == [
        ("killed", 17, 17, 17),
        ("injured", 45, 45, 45),
    ]


def test_a_part_that_was_harmed_does_not_make_the_whole_so() -> None:
    assert told("De esos 168 niños, 135 fueron secuestrados.", "es") == [("abducted", 135, 135, 135)]


def test_the_number_of_attacks_is_not_that_of_their_dead() -> None:
    assert told("It was the third of two attacks that left 10 people dead.") == [("killed", 10, 10, 10)]


def test_the_day_or_month_named_nearest_is_when_it_happened() -> None:
    day, month = read(
        "On 3 May 2023 soldiers killed 20 farmers in Pibor. In June 2023, 40 people were abducted in Bor."
    )
    assert day.happened == Period(date(2023, 5, 3), date(2023, 5, 3))
    assert month.happened == Period(date(2023, 6, 1), date(2023, 6, 30), Precision.MONTH)
    assert (day.iso3, day.place, month.place) == ("SSD", "Pibor", "Bor")
    (undated,) = read("On 3 May soldiers killed 20 farmers.")
    assert undated.happened is None, "a day without a year is of no year that is not known"
    (dated,) = read("On 3 May soldiers killed 20 farmers.", year=2021)
    assert dated.happened == Period(date(2021, 5, 3), date(2021, 5, 3))


def test_a_claim_is_read_again_from_its_row() -> None:
    for claim in read("On 3 May 2023 at least 20 farmers were killed in Pibor, the army said. Dozens fled."):
        assert claim_of(json.loads(json.dumps(claim.row()))) == claim


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "sad"}, {"unit": "tribes"}, {"low": 9}, {"high": 1}, {"quote": ""}, {"quote": "longer words"}],
)
def test_an_impossible_claim_is_refused(wrong: dict[str, object]) -> None:
    (claim,) = read("Five men were killed.")
    with pytest.raises(ValueError):
        replace(claim, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "text", "bounds"),
    [
        ("en", "several dozen", (24, 48, 96)),
        ("en", "tens of millions", (20_000_000, 40_000_000, 100_000_000)),
        ("en", "2.5 million", (2_500_000, 2_500_000, 2_500_000)),
        ("en", "20 or more", (20, 20, None)),
        ("fr", "soixante et onze", (71, 71, 71)),
        ("fr", "dizaines de millions", (20_000_000, 40_000_000, 90_000_000)),
        ("es", "mil doscientos", (1_200, 1_200, 1_200)),
        ("sw", "elfu tatu na mia tano", (3_500, 3_500, 3_500)),
        ("ar", "خمسة وعشرين", (25, 25, 25)),
    ],
)
def test_numbers_as_people_write_them(language: str, text: str, bounds: tuple[int, int, int | None]) -> None:
    found = read_number(text, language)
    assert found is not None and (found.low, found.best, found.high) == bounds


def test_every_language_can_tell_every_kind_and_every_speaker() -> None:
    assert set(languages()) >= {"en", "fr", "es", "pt", "ar", "ru", "sw"}
    for language in languages():
        words = count_words(language)
        assert words is not None
        roles = [t for group in (words._exact, words._stems) for terms in group.values() for t in terms]
        assert {t.value for t in roles if t.role == "cue"} >= set(KINDS) - {"casualties"}, language
        assert {t.value for t in roles if t.role == "who"} == set(SPEAKERS), language


_WORDS = (
    "30 1,200 2.5 million dozens of at least between and 20 to people children families killed injured dead "
    "were was a one no nobody the army said denied according UN ( ) , . ; - – % $ 3 May 2023 including "
    "others tués morts civils ont été "
    "قُتل شخصا نفى الجيش و убиты человек не watu waliuawa wawili 5 k m \n \u200f"
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.one_of(st.sampled_from(_WORDS.split(" ")), st.text(max_size=6)), max_size=40),
    st.sampled_from(["", "en", "fr", "es", "pt", "ar", "ru", "sw"]),
)
def test_no_text_crashes_it_and_every_claim_is_in_its_words(words: list[str], language: str) -> None:
    for claim in read(" ".join(words), language):
        assert claim.low <= claim.best and (claim.high is None or claim.best <= claim.high)
        assert claim.unit in ("people", "families", "households")


@pytest.mark.parametrize(
    ("language", "unit"),
    [
        ("en", "At least 30 civilians were killed in Pibor on 3 May 2023, the United Nations said. "),
        ("en", "30 killed army said and "),
        ("en", "killed "),
        ("en", "one and "),
        ("en", "hundred "),
        ("en", "1,"),
        ("en", "(un 3 killed "),
        ("ar", "قُتل 25 مدنيا "),
    ],
)
def test_time_grows_with_the_length_of_a_text_and_no_faster(language: str, unit: str) -> None:
    def spent(size: int) -> float:
        doc = passage((unit * (size // len(unit) + 1))[:size], language)
        began = time.process_time()
        casualty_claims(doc)
        return time.process_time() - began

    spent(1_000)
    short, long = spent(20_000), spent(160_000)
    assert long < 8 * 3 * short + 1.0


def test_a_million_characters_are_read_in_bounded_time() -> None:
    text = ("Rain fell on the market all day. " * 40 + "At least 30 civilians were killed in Pibor. ") * 740
    began = time.process_time()
    found = casualty_claims(passage(text[:1_000_000], "en"))
    assert len(found) > 600 and time.process_time() - began < 60
