"""What the lint promises: no crime as fact, no sentence on nothing, no word below the level."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.alarms.told import a_dossier, an_alarm
from tocsin.alarms.alarm import Level
from tocsin.alarms.bulletin import LANGUAGES, Bulletin, Dossier, Part, Scope, Statement
from tocsin.alarms.folding import fold
from tocsin.alarms.lint import claims, faults, lint_reason, must_pass, weaker
from tocsin.alarms.telling import tell
from tocsin.errors import NotAllowed

STATED = {
    "en": [
        "This is genocide.",
        "It is not genocide.",
        "What happens there constitutes a genocide.",
        "This amounts to crimes against humanity.",
        "The army committed war crimes.",
        "The militia is committing genocide against them.",
        "They carried out ethnic cleansing in the north.",
        "Genocide is under way.",
        "Crimes against humanity were reported.",
        "A genocidal campaign goes on.",
        "There is a risk, and this is clearly genocide.",
        "There may be no doubt that the army committed genocide.",
        "There is no risk of genocide.",
        "There is hardly any risk of genocide.",
        "This is no longer a risk but genocide.",
        "The risk is past: it is genocide now.",
        "The Security Council met while the army committed genocide.",
        "This is genocide, and the International Criminal Court found nothing.",
        "War-crimes, nothing else.",
        "The army, which may deny it, committed genocide.",
        "We fear that this is genocide.",
        "It could not be anything but genocide.",
        "There is a risk of famine and genocide is happening.",
        "They may have fled the genocide.",
        "Stop the genocide!",
        "Possible genocide? No: genocide.",
        "Mass extermination is under way.",
    ],
    "fr": [
        "C’est un génocide.",
        "Ce n’est pas un génocide.",
        "Cela constitue un génocide.",
        "Il s’agit de crimes contre l’humanité.",
        "L’armée a commis des crimes de guerre.",
        "Un nettoyage ethnique est en cours.",
        "Il n’y a aucun risque de génocide.",
        "Sans aucun doute, le risque de génocide est un génocide.",
        "Le Conseil de sécurité s’est réuni pendant que l’armée commettait un génocide.",
    ],
    "es": [
        "Esto es genocidio.",
        "No es un genocidio.",
        "Esto constituye un crimen de lesa humanidad.",
        "El ejército cometió crímenes de guerra.",
        "Hay limpieza étnica en el norte.",
        "No hay riesgo de genocidio.",
        "Se trata de un genocidio.",
        "El Consejo de Seguridad se reunió mientras se cometía un genocidio.",
    ],
    "ar": [
        "هذه إبادة جماعية.",
        "ليست هذه إبادة جماعية.",
        "ارتكب الجيش جرائم حرب.",
        "ترتكب الميليشيا الإبادة الجماعية.",
        "ما يجري جرائم ضد الإنسانية.",
        "يجري تطهير عرقي في الشمال.",
        "لا خطر لوقوع إبادة جماعية.",
        "هذه إِبَادَة جَمَاعِيَّة.",
        "هذه إبـــادة جمـــاعية.",
    ],
}
FAIR = {
    "en": [
        "The risk of genocide is high.",
        "There is a chance of crimes against humanity.",
        "Two origins report alleged war crimes.",
        "The risk of genocide, crimes against humanity and war crimes has grown.",
        "The acts may amount to war crimes.",
        "A duty to prevent genocide arises.",
        "The International Court of Justice found that genocide was committed there.",
        "He was convicted of genocide by the International Criminal Tribunal for Rwanda.",
        "A Commission of Inquiry concluded that crimes against humanity were committed.",
        "The state has not signed the Genocide Convention.",
        "Genocide prevention is a duty.",
        "Armed actors killed 400 civilians.",
        "The war. Crimes rose in the city.",
        "",
    ],
    "fr": [
        "Le risque de génocide est élevé.",
        "Des crimes de guerre présumés sont signalés.",
        "La Cour internationale de Justice a conclu qu’un génocide avait été commis.",
        "L’État n’a pas signé la Convention pour la prévention et la répression du crime de génocide.",
        "Des acteurs armés ont tué 400 civils.",
    ],
    "es": [
        "El riesgo de genocidio es alto.",
        "Se denuncian presuntos crímenes de guerra.",
        "La Corte Internacional de Justicia concluyó que se cometió un genocidio.",
        "Actores armados mataron a 400 civiles.",
    ],
    "ar": [
        "خطر الإبادة الجماعية مرتفع.",
        "ثمة مزاعم بارتكاب جرائم حرب.",
        "خلصت محكمة العدل الدولية إلى وقوع إبادة جماعية.",
        "قُتل 400 مدني.",
    ],
}
WORDS = [
    "genocide",
    "génocide",
    "genocidio",
    "war crimes",
    "limpieza étnica",
    "nettoyage ethnique",
    "إبادة جماعية",
]
Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
LOOKALIKE = str.maketrans("aeocipx", "аеосірх")


@pytest.mark.parametrize("said", [s for some in STATED.values() for s in some])
def test_a_crime_stated_as_fact_is_refused_in_every_language(said: str) -> None:
    assert claims(f"Nothing else here. {said}")[-1] in said


@pytest.mark.parametrize("said", [s for some in FAIR.values() for s in some])
def test_risk_allegation_and_named_findings_may_be_said(said: str) -> None:
    assert claims(said) == ()


@pytest.mark.parametrize(
    "said",
    [
        "This is g e n o c i d e.",
        "This is geno-cide.",
        "This is geno\u200bcide.",
        "This is geno\u00adcide.",
        "This is GENOCIDE.",
        "This is ɡеnοсіdе.",
        "This is ｇｅｎｏｃｉｄｅ.",
        "This is 𝐠𝐞𝐧𝐨𝐜𝐢𝐝𝐞.",
        "This is gen0cide.",
        "This is g3nocid3.",
        "This is g*nocide.",
        "This is genocde.",
        "This is geno\ncide.",
        "This is g.e.n.o.c.i.d.e.",
        "This is gé́nocide.",
        "These are w-a-r c-r-i-m-e-s.",
        "These are war\u00a0crimes.",
        "This is a war  crime.",
        "The risk of g e n o c i d e.",
        "\u202eThis is genocide.",
        "هذه إ\u200cبادة جماعية.",
        "هذه ا ب ا د ة جماعية.",
    ],
)
def test_hiding_the_word_does_not_help(said: str) -> None:
    assert claims(said)


@given(
    word=st.sampled_from(WORDS),
    case=st.sampled_from([str.upper, str.title, str.lower, str.swapcase]),
    put=st.sampled_from(["", "\u200b", "\u2060", "\u00ad", "\u0301", "\ufe0f", " ", "-", "_"]),
    at=st.integers(1, 7),
    swap=st.booleans(),
    form=st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]),
    before=st.sampled_from(["", "This is ", "Here: ", "C’est ", "Es ", "إنها "]),
)
def test_no_spelling_of_a_crime_passes(
    word: str, case: Callable[[str], str], put: str, at: int, swap: bool, form: Form, before: str
) -> None:
    spelt = case(word)
    spelt = spelt[:at] + put + spelt[at:]
    spelt = spelt.translate(LOOKALIKE) if swap else spelt
    assert claims(unicodedata.normalize(form, f"{before}{spelt}.")), spelt


@given(st.text(max_size=300))
def test_any_text_is_judged_and_folding_is_stable(text: str) -> None:
    claims(text)
    assert fold(fold(text)) == fold(text)


@given(
    st.text(alphabet="abcdefghijklmnopqrstuvwxyz .,", max_size=120).filter(
        lambda t: "g" not in t and "w" not in t
    )
)
def test_letters_that_spell_no_crime_are_never_refused(text: str) -> None:
    assert "ethnic" in text or claims(text) == ()


def test_a_reason_is_refused_with_its_claim_and_a_fair_one_passes() -> None:
    with pytest.raises(NotAllowed, match=r"a reason may not .* 'This is genocide.'"):
        lint_reason("I have seen the films. This is genocide.")
    lint_reason("Two bodies of monitors warn of a risk of genocide.")
    lint_reason("")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Ruritania: risk. Grave signs at present."),
        ("en", "Ruritania: warning. Grave signs at present."),
        ("en", "Ruritania: a mere word. Grave signs."),
        ("en", "Ruritania: alarm, which is only a warning."),
        ("en", "Ruritania: alarm. Isolated incidents were reported."),
        ("en", "Ruritania: alarm. A minor rise."),
        ("en", "Ruritania: alarm. There is no cause for worry, a low risk."),
        ("fr", "Ruritanie : avertissement. Des signes graves."),
        ("fr", "Ruritanie : alarme, un simple risque."),
        ("fr", "Ruritanie : alarme. Des incidents isolés."),
        ("es", "Ruritania: advertencia. Signos graves."),
        ("es", "Ruritania: alarma. Solo un riesgo."),
        ("es", "Ruritania: alarma. Algo leve."),
        ("ar", "روريتانيا: تحذير. علامات خطيرة."),
        ("ar", "روريتانيا: إنذار. مجرد حوادث معزولة."),
        ("ar", "روريتانيا: إنذار، وهو خطر محدود."),
    ],
)
def test_a_finding_below_its_level_is_refused(language: str, said: str) -> None:
    assert weaker(said, Level.ALARM, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_bulletin_that_was_edited_down_is_refused(language: str) -> None:
    dossier = a_dossier(an_alarm())
    made = tell(dossier, language, Scope.PUBLIC)
    must_pass(made, dossier)
    lower = tell(a_dossier(replace(an_alarm(), level=Level.RISK)), language, Scope.PUBLIC)
    for edited in (
        replace(made, headline=lower.headline),
        replace(made, statements=(lower.statements[0], *made.statements[1:])),
        replace(made, statements=made.statements[1:]),
    ):
        with pytest.raises(NotAllowed, match="is weaker than the level warning"):
            must_pass(edited, dossier)


def _with(made: Bulletin, statement: Statement) -> Bulletin:
    return replace(made, statements=(*made.statements, statement))


def _faults(made: Bulletin, dossier: Dossier) -> str:
    return " | ".join(faults(made, dossier))


def test_a_sentence_that_rests_on_nothing_of_the_alarm_is_refused() -> None:
    dossier = a_dossier()
    made = tell(dossier, "en", Scope.RESTRICTED)
    stray = Statement(Part.KNOWN, "A claim of nobody.", ("sig-99",))
    assert "rests on ['sig-99'], which the alarm does not" in _faults(_with(made, stray), dossier)
    with pytest.raises(ValueError, match="no evidence"):
        Statement(Part.KNOWN, "A claim of nobody.", ())
    with pytest.raises(ValueError, match="empty statement"):
        Statement(Part.KNOWN, " ", ("sig-1",))
    with pytest.raises(ValueError, match="is not in"):
        Statement(Part.KNOWN, "One.", ("sig-1",), verbatim="Two.")


@pytest.mark.parametrize("part", [Part.KNOWN, Part.NOT_KNOWN, Part.STANDING])
def test_an_added_claim_is_refused_wherever_it_stands(part: Part) -> None:
    dossier = a_dossier()
    made = tell(dossier, "en", Scope.PUBLIC)
    added = Statement(
        part, "The army committed genocide.", ("sig-1",), verbatim="The army committed genocide."
    )
    assert "states a crime as a fact" in _faults(_with(made, added), dossier)


def test_the_words_and_the_title_of_a_named_source_are_its_own() -> None:
    dossier = a_dossier()
    quote = replace(dossier.quotes[0], words="This is genocide.", title="Genocide in the hills")
    told = tell(replace(dossier, quotes=(quote,)), "fr", Scope.RESTRICTED)
    assert any(s.verbatim == "This is genocide." for s in told.part(Part.HOW_KNOWN))


def test_words_or_a_point_in_a_public_text_are_refused() -> None:
    dossier = a_dossier()
    made = tell(dossier, "en", Scope.PUBLIC)
    quoted = next(s for s in tell(dossier, "en", Scope.RESTRICTED).part(Part.HOW_KNOWN) if s.verbatim)
    assert "words of a source" in _faults(_with(made, quoted), dossier)
    point = Statement(Part.KNOWN, "It is at 12.34567, 23.45678.", ("sig-1",))
    assert "coordinates" in _faults(_with(made, point), dossier)


@pytest.mark.parametrize("text", ["This is genocide.", "It was a war crime."])
@pytest.mark.parametrize("field", ["sentences", "unknowns"])
def test_an_alarm_whose_own_sentences_claim_a_crime_is_not_told(field: str, text: str) -> None:
    changes: dict[str, Any] = {"measured": {}, field: (text,)}
    alarm = replace(an_alarm(), **changes)
    with pytest.raises(NotAllowed, match=r"may not be told: it states a crime as a fact"):
        tell(a_dossier(alarm), "es", Scope.PRIVATE)
