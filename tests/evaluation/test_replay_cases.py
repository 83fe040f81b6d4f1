"""The file of cases is read strictly and holds what it says; nothing that decides or forecasts reads it."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.shared_data import shared
from tocsin.errors import InputError, UnknownId
from tocsin.evaluation.replay_cases import ENOUGH_SIGNS, case, cases, parse_cases
from tocsin.forecasting.hindcast import hindcasts
from tocsin.geography import country

PACKAGE = Path(str(files("tocsin")))
ABOVE = (
    *("alarms", "assessment", "forecasting", "signals", "sources", "framework", "geography", "evidence"),
    *("net", "recipients", "response"),
)
IDS = {c.id for c in cases()}
DAYS = {str(s.dated) for c in cases() for s in c.signs if len(str(s.dated)) == 10} | {
    str(c.onset) for c in cases() if c.onset
}


RAW = yaml.safe_load((PACKAGE / "evaluation" / "cases.yml").read_text("utf-8"))


@pytest.fixture
def raw() -> dict[str, Any]:
    return copy.deepcopy(RAW)


def test_there_are_twenty_cases_and_eight_controls() -> None:
    assert sum(not c.control for c in cases()) == 20 and sum(c.control for c in cases()) == 8


def test_the_ids_onsets_and_windows_are_those_of_the_shared_list() -> None:
    given = yaml.safe_load(shared("domain/cases.yaml").read_text("utf-8"))
    told = {c["id"]: (c["iso3"], str(c["onset_date"]), len(c["precursors"])) for c in given["cases"]}
    assert told == {c.id: (c.iso3, str(c.onset), len(c.signs)) for c in cases() if not c.control}
    windows = {c["id"]: str(c["window"])[:7] for c in given["negative_controls"]}
    assert windows == {c.id: f"{c.window.start:%Y-%m}" for c in cases() if c.window}


def test_every_control_has_six_public_signs_known_by_the_end_of_its_window() -> None:
    for control in (c for c in cases() if c.control):
        assert len(control.usable) >= ENOUGH_SIGNS, control.id
        assert control.testable and all(s.known <= control.last for s in control.usable)


def test_a_control_with_fewer_signs_is_not_testable(raw: dict[str, Any]) -> None:
    raw["controls"][0]["signs"] = raw["controls"][0]["signs"][: ENOUGH_SIGNS - 1]
    assert not next(c for c in parse_cases(raw) if c.control).testable


def test_a_date_less_exact_than_the_day_is_known_at_the_end_of_its_unit() -> None:
    by_fact = {str(s.dated): s for s in case("rwa1994").signs}
    month = by_fact["1992-03"]
    assert month.known == date(1992, 3, 31)
    assert month.seen_on(date(1992, 3, 31)) and not month.seen_on(date(1992, 3, 30))
    year = next(s for s in case("ken2007").signs if str(s.dated) == "2007")
    assert year.known == date(2007, 12, 31) > case("ken2007").last
    assert "after the end of the walk" in year.why_withheld(case("ken2007").last)


def test_restricted_and_later_established_signs_are_never_seen() -> None:
    hidden = [s for c in cases() for s in c.signs if s.visibility != "public_at_time"]
    assert len(hidden) >= 10
    assert not any(s.seen_on(date(2030, 1, 1)) for s in hidden)
    assert {s.why_withheld(date(2030, 1, 1)) for s in hidden} == {
        "restricted at the time",
        "established only later",
    }


def test_an_onset_known_to_the_month_is_taken_at_its_first_day_with_the_wide_tolerance() -> None:
    darfur = case("sdn2003")
    assert darfur.last == date(2003, 7, 1) and darfur.first == date(2001, 7, 1) and darfur.tolerance == 60
    assert case("rwa1994").tolerance == 14


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("cases", 0, "iso3"), "XYZ", "XYZ"),
        (("cases", 0, "onset"), date(1994, 4, 7), "in quotes"),
        (("cases", 0, "onset"), "April 1994", "not a date"),
        (("cases", 0, "signs", 0, "date"), "1990-10-01T08:00", "in quotes"),
        (("cases", 0, "signs", 0, "visibility"), "leaked", "leaked"),
        (("cases", 0, "signs", 0, "confidence"), "sure", "sure"),
        (("cases", 0, "signs", 0, "indicators"), ["7.99"], "7.99"),
        (("cases", 0, "signs", 0, "indicators"), [], "needs a fact and an indicator"),
        (("cases", 0, "signs", 0, "mood"), "grim", "mood is not known"),
        (("controls", 0, "id"), "rwa1994", "stand twice"),
        (("controls", 0, "window"), "2001-13..2001-08", "month"),
        (("extra",), [], "extra is not known"),
    ],
)
def test_what_is_odd_is_refused_with_its_place(
    raw: dict[str, Any], path: tuple[str | int, ...], value: Any, said: str
) -> None:
    inner: Any = raw
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    with pytest.raises((InputError, UnknownId), match=re.escape(said)):
        parse_cases(raw)


@pytest.mark.parametrize("name", ["name", "signs", "response", "toll"])
def test_what_is_missing_is_refused(raw: dict[str, Any], name: str) -> None:
    del raw["cases"][0][name]
    with pytest.raises(InputError, match=f"case rwa1994: {name} is missing"):
        parse_cases(raw)


def test_no_room_above_evaluation_names_the_cases_or_their_file() -> None:
    read = [p for room in ABOVE for p in (PACKAGE / room).rglob("*") if p.suffix in (".py", ".yml", ".yaml")]
    assert len(read) > 100
    for path in read:
        text = path.read_text("utf-8")
        assert "cases.yml" not in text and "replay_cases" not in text, path
        assert not [id for id in IDS if id in text], path


def values(node: Any, without: frozenset[str]) -> Iterator[Any]:
    """Every key and value below a node, leaving out the named entries."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key not in without:
                yield key
                yield from values(value, without)
    elif isinstance(node, list):
        for value in node:
            yield from values(value, without)
    else:
        yield node


SAID = frozenset({"basis", "rests_on", "sentence", "why"})
"""What a rule says for its reason and to its readers; nothing is computed from it."""


@pytest.mark.parametrize(
    ("room", "name"),
    [("alarms", "policy.yml"), ("assessment", "figures.yml"), ("forecasting", "features.yml")],
)
def test_what_decides_holds_no_date_and_no_country_of_a_case(room: str, name: str) -> None:
    told = [str(v) for v in values(yaml.safe_load((PACKAGE / room / name).read_text("utf-8")), SAID)]
    assert len(told) > 50
    places = {c.iso3 for c in cases()} | {country(c.iso3).name for c in cases()}
    for text in told:
        assert not [p for p in places if re.search(rf"\b{re.escape(p)}\b", text)], text
        assert not [d for d in DAYS if d in text], text


def test_a_lesson_gives_a_rule_words_and_no_number() -> None:
    """Lessons tell of the cases by name, as they must; what a rule takes of one is its id, for its reason."""
    lessons = yaml.safe_load((PACKAGE / "alarms" / "lessons.yml").read_text("utf-8"))["lessons"]
    assert lessons and not [v for v in values(lessons, frozenset({"date"})) if isinstance(v, int | float)]
    ids = {lesson["id"] for lesson in lessons}
    for rule in yaml.safe_load((PACKAGE / "alarms" / "policy.yml").read_text("utf-8"))["rules"]:
        assert set(rule["rests_on"]) <= ids
        assert not [v for v in values(rule, SAID) if str(v) in ids], rule["id"]


def test_the_past_forecasts_were_made_from_the_tables_alone() -> None:
    made_from = set(hindcasts().manifest["inputs"])
    assert made_from == {"country_year.csv", "vdem.csv", "missing.csv", "outcomes.yml", "features.yml"}
