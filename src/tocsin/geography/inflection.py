"""Forms that a name takes in running Russian and Arabic text.

Coarse, for finding names, not for writing them.
"""

from __future__ import annotations

import re

# Nominative ending -> genitive, dative, accusative, instrumental, prepositional (Zaliznyak's regular
# patterns).
_ENDINGS: tuple[tuple[str, tuple[str, str, str, str, str]], ...] = (
    ("ия", ("ии", "ии", "ию", "ией", "ии")),
    ("ея", ("еи", "ее", "ею", "еей", "ее")),
    ("ская", ("ской", "ской", "скую", "ской", "ской")),
    ("ная", ("ной", "ной", "ную", "ной", "ной")),
    ("ский", ("ского", "скому", "ский", "ским", "ском")),
    ("ный", ("ного", "ному", "ный", "ным", "ном")),
    ("ый", ("ого", "ому", "ый", "ым", "ом")),
    ("ые", ("ых", "ым", "ые", "ыми", "ых")),
    ("ие", ("их", "им", "ие", "ими", "их")),
    ("ка", ("ки", "ке", "ку", "кой", "ке")),
    ("га", ("ги", "ге", "гу", "гой", "ге")),
    ("а", ("ы", "е", "у", "ой", "е")),
    ("я", ("и", "е", "ю", "ей", "е")),
    ("ы", ("ов", "ам", "ы", "ами", "ах")),
    ("усь", ("уси", "уси", "усь", "усью", "уси")),
    ("ь", ("я", "ю", "ь", "ем", "е")),
    ("й", ("я", "ю", "й", "ем", "е")),
)
_ADJECTIVE = ("ий", "ого", "ому", "им", "ом", "ая", "ой", "ую", "ое", "ие", "их", "ими")
_MANY = ("ам", "ами", "ах")
_CONSONANT = re.compile(r"[бвгджзклмнпрстфхцчшщ]$")


def russian_forms(name: str) -> set[str]:
    """The oblique cases of a name in Cyrillic: all words declined alike, and the last word alone."""
    words = re.split(r"([ -])", name)
    declined = [_declined(word) for word in words]
    alike = {"".join(forms) for forms in zip(*declined, strict=True)}
    return alike | {"".join([*words[:-1], form]) for form in declined[-1]}


def _declined(word: str) -> tuple[str, ...]:
    if len(word) < 3 or word.isupper():
        return (word,) * 5
    for ending, forms in _ENDINGS:
        if word.endswith(ending):
            return tuple(word[: -len(ending)] + form for form in forms)
    return (
        tuple(word + form for form in ("а", "у", "", "ом", "е")) if _CONSONANT.search(word) else (word,) * 5
    )


ARABIC_PREFIX = re.compile(r"(?<!\w)[وفبلك]{1,2}$")
"""Conjunctions and prepositions that Arabic writes onto the next word: and, so, in, to, as."""


def arabic_forms(name: str) -> set[str]:
    """The form after the preposition li-, in which the article loses its first letter."""
    return {"لل" + name[2:]} if name.startswith("ال") else set()


def forms(name: str) -> set[str]:
    """The name and its forms in its own script."""
    if re.match(r"[А-Яа-яЁё]", name):
        return {name, *russian_forms(name)}
    if re.match(r"[\u0600-\u06ff]", name):
        return {name, *arabic_forms(name)}
    return {name}


def french_adjectives(masculine: str) -> set[str]:
    """Masculine and feminine, singular and plural: syrien, syrienne, syriens, syriennes."""
    doubled = masculine.endswith(("ien", "éen"))
    same = masculine.endswith("e")
    feminine = (
        masculine if same else "turque" if masculine == "turc" else masculine + ("ne" if doubled else "e")
    )
    plural = masculine if masculine.endswith("s") else masculine + "s"
    return {masculine, feminine, plural, feminine + "s"}


def spanish_adjectives(masculine: str) -> set[str]:
    """Masculine and feminine, singular and plural: sirio, siria, sirios, sirias; sudanés, sudanesa, ..."""
    if masculine.endswith("o"):
        return {masculine[:-1] + ending for ending in ("o", "a", "os", "as")}
    if masculine.endswith(("és", "án")):
        stem = masculine[:-2] + {"é": "e", "á": "a"}[masculine[-2]] + masculine[-1]
        return {masculine, *(stem + ending for ending in ("a", "es", "as"))}
    return {masculine, masculine + "s", masculine + "es"}


def portuguese_adjectives(masculine: str) -> set[str]:
    """Masculine and feminine, singular and plural: russo, russa, russos, russas; ruandês, ruandesa, ..."""
    if masculine.endswith("o") and not masculine.endswith("ão"):
        return {masculine[:-1] + ending for ending in ("o", "a", "os", "as")}
    if masculine.endswith("ês"):
        return {masculine, *(masculine[:-2] + "es" + ending for ending in ("a", "es", "as"))}
    if masculine.endswith("ão"):
        return {masculine[:-2] + ending for ending in ("ão", "ã", "ães", "ãos", "ãs")}
    if masculine.endswith("ol"):
        return {masculine, masculine + "a", masculine + "as", masculine[:-2] + "óis"}
    return {masculine, masculine + "s"}


def swahili_people(name: str) -> set[str]:
    """One and many of the people of a one-word country: Mkenya, Wakenya; Mwingereza, Waingereza.

    The country's own prefix u- falls away (Ufaransa, Mfaransa). The form in ki-, the language, is left out.
    """
    if not re.fullmatch(r"[A-Z][a-z]{3,}", name):
        return set()
    root = name[1:] if re.match(r"U[^aeiouk]|Ui", name) else name.lower()
    one = "Mw" + root if root[0] in "aei" else "M" + root
    return {one, "Wa" + root, one.replace("Mwi", "Mui")}


def russian_people(noun: str) -> set[str]:
    """All cases of a noun for one of a people: украинец, украинца, украинцы, ...; россиянин, россияне, ..."""
    if noun.endswith("ец"):
        stem = noun[:-2] + ("йц" if noun[-3] in "аеио" else "ц")
        return {noun} | {stem + ending for ending in ("а", "у", "ем", "ом", "е", "ы", "ев", "ов", *_MANY)}
    if noun.endswith(("анин", "янин")):
        one = {noun + ending for ending in ("", "а", "у", "ом", "е")}
        return one | {noun[:-2] + ending for ending in ("е", "", *_MANY)}
    plural = "и" if noun.endswith(("к", "г", "х")) else "ы"
    return {noun} | {noun + ending for ending in ("а", "у", "ом", "е", plural, "ов", *_MANY)}


def russian_town_adjectives(name: str) -> set[str]:
    """All cases of the adjective of a town: Львов, львовский; Донецк, донецкий; Пермь, пермский."""
    stem = re.sub(r"[аяоеиыьй]+$", "", name.lower())
    if not re.fullmatch(r"[а-яё]{3,}", stem) or (stem.endswith("ск") and len(stem) < 5):
        return set()
    return russian_adjectives(stem if stem.endswith(("ск", "цк")) else stem + "ск")


def russian_adjectives(stem: str) -> set[str]:
    """All cases of an adjective in -ский."""
    return {stem + ending for ending in _ADJECTIVE}


def arabic_adjectives(name: str) -> set[str]:
    """The relative adjective of a one-word name with and without the article: سوداني, السودانية, ..."""
    stem = re.sub(r"(?:يا|ا|ة)$", "", name.removeprefix("ال"))
    if " " in name or len(stem) < 4 or stem.endswith(("ي", "و")):
        return set()
    return arabic_relatives(stem)


def arabic_relatives(stem: str) -> set[str]:
    """The relative adjective of a stem in its numbers and genders, with and without the article."""
    plain = {stem + "ي" + ending for ending in ("", "ة", "ين", "ون", "ات")}
    return plain | {"ال" + p for p in plain} | {"لل" + p for p in plain}
