"""What the register of lessons and laws promises: entries that can be found, in our words, read strictly."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
import yaml

from tocsin.alarms.lessons import Kind, lessons, parse_lessons
from tocsin.alarms.policy import policy
from tocsin.errors import UserError

Change = Callable[[dict[str, Any]], Any]


def shipped() -> dict[str, Any]:
    text = files("tocsin.alarms").joinpath("lessons.yml").read_text("utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data


def test_the_inquiries_and_the_duties_are_there_with_their_documents() -> None:
    found = {id: (one.kind, one.document) for id, one in lessons().items()}
    assert found["rwanda-1999"] == (Kind.LESSON, "S/1999/1257")
    assert found["srebrenica-1999"] == (Kind.LESSON, "A/54/549")
    assert found["sri-lanka-2012"][0] is Kind.LESSON and lessons()["sri-lanka-2012"].date == "2012-11"
    assert found["icj-2007-431"][0] is found["genocide-convention-1"][0] is Kind.LAW
    assert found["world-summit-2005"] == (Kind.LAW, "A/RES/60/1")


def test_every_rule_rests_on_an_entry_and_every_entry_carries_a_rule() -> None:
    used = {id for rule in policy().rules for id in rule.rests_on}
    assert all(rule.rests_on for rule in policy().rules)
    assert used == set(lessons())


BROKEN: dict[str, Change] = {
    "a missing symbol": lambda d: d["lessons"][0].pop("document"),
    "an empty gist": lambda d: d["lessons"][0].update(teaches=" "),
    "an unknown entry": lambda d: d["lessons"][0].update(mood="grave"),
    "an unknown kind": lambda d: d["lessons"][0].update(kind="rumour"),
    "an unknown confidence": lambda d: d["lessons"][0].update(confidence="total"),
    "a date in words": lambda d: d["lessons"][0].update(date="last winter"),
    "an address that is none": lambda d: d["lessons"][0].update(source="a book"),
    "an id in capitals": lambda d: d["lessons"][0].update(id="RWANDA"),
    "two entries of one id": lambda d: d["lessons"][0].update(id=d["lessons"][1]["id"]),
    "another list": lambda d: d.update(more=[]),
}


@pytest.mark.parametrize("case", BROKEN)
def test_the_register_is_refused_with(case: str) -> None:
    data = shipped()
    BROKEN[case](data)
    with pytest.raises(UserError):
        parse_lessons(data)
