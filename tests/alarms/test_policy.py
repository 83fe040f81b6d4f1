"""What the policy promises: strict reading, the same rules for every state, and reasons beside every rule."""

import copy
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

import tocsin
from tocsin.alarms.alarm import Level
from tocsin.alarms.lint import claims
from tocsin.alarms.policy import parse_policy, policy
from tocsin.errors import UserError
from tocsin.geography import countries

Change = Callable[[dict[str, Any]], Any]


def shipped() -> dict[str, Any]:
    text = files("tocsin.alarms").joinpath("policy.yml").read_text("utf-8")
    return copy.deepcopy(yaml.safe_load(text))


def test_every_level_has_a_rule_and_every_rule_a_basis_and_an_expiry() -> None:
    assert {r.level for r in policy().rules} == {level for level in Level if level.step}
    assert all(r.basis and r.expires_days > 0 for r in policy().rules)


def test_only_the_level_risk_does_not_propose() -> None:
    assert all(r.proposes == (r.level is not Level.RISK) for r in policy().rules)


def test_no_alarm_rule_rests_on_one_origin_of_words_alone() -> None:
    for rule in (r for r in policy().rules if r.level is Level.ALARM):
        origins = max(c.threshold for c in rule.all if c.field.endswith(".origins"))
        assert origins >= 2 or any(c.field.startswith("forecast.") for c in rule.all)


def test_no_sentence_or_basis_of_the_policy_states_a_crime_as_fact() -> None:
    assert [r.id for r in policy().rules if claims(r.sentence)] == []


BROKEN: dict[str, Change] = {
    "a missing threshold": lambda d: d["rules"][0]["all"][0].pop("threshold"),
    "a missing exit ratio": lambda d: d["rules"][0].pop("exit_ratio"),
    "an unknown entry": lambda d: d["rules"][0].update(unless="x"),
    "an unknown field": lambda d: d["rules"][0]["all"][0].update(field="figure.os_death.value"),
    "an unknown operator": lambda d: d["rules"][0]["all"][0].update(op=">"),
    "a threshold in words": lambda d: d["rules"][0]["all"][0].update(threshold="many"),
    "a level that is none": lambda d: d["rules"][0].update(level="none"),
    "an unknown level": lambda d: d["rules"][0].update(level="panic"),
    "no conditions": lambda d: d["rules"][0].update(all=[]),
    "an empty basis": lambda d: d["rules"][0].update(basis=" "),
    "an exit above entry": lambda d: d["rules"][0].update(exit_ratio=1.2),
    "an unknown field in a sentence": lambda d: d["rules"][0].update(sentence="{figure.nothing.value}"),
    "two rules of one id": lambda d: d["rules"][0].update(id=d["rules"][1]["id"]),
    "an unknown factor": lambda d: d["groups"]["grave"]["factors"].append("RF15"),
    "proposes in words": lambda d: d["rules"][0].update(proposes="yes"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_the_policy_is_refused_with(case: str) -> None:
    data = shipped()
    BROKEN[case](data)
    with pytest.raises(UserError):
        parse_policy(data)


def test_no_file_of_assessment_alarms_or_response_names_a_country() -> None:
    here = Path(tocsin.__file__).parent
    rooms = [here / room for room in ("assessment", "alarms", "response")]
    codes = {c.iso3 for c in countries()}
    names = re.compile(r"\b(" + "|".join(re.escape(c.name) for c in countries()) + r")\b")
    for path in (p for room in rooms for p in room.rglob("*") if p.suffix in (".py", ".yml", ".yaml")):
        text = path.read_text("utf-8")
        if path.name == "lessons.yml":
            continue  # The register of what was learned names where; rules know its entries by id alone.
        # A judgement of the Court carries the names of its parties.
        text = text.replace("ICJ, Bosnia v. Serbia", "ICJ")
        found = codes & set(re.findall(r"\b[A-Z]{3}\b", text)) | set(names.findall(text))
        assert found == set(), f"{path.name} names {sorted(found)}"
