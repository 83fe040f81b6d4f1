"""What the policy promises: strict reading, the same rules for every state, and reasons beside every rule."""

import copy
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import tocsin
from tocsin.alarms.alarm import Level
from tocsin.alarms.lint import claims
from tocsin.alarms.policy import Cost, parse_policy, policy
from tocsin.errors import InputError, UnknownId, UserError
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


def test_costs_give_the_chance_from_which_on_warning_pays() -> None:
    warning, risk = policy().costs[Level.WARNING], policy().costs[Level.RISK]
    assert Cost(1, "even").threshold() == 0.5
    for cost in (warning, risk):
        chance = cost.threshold()
        assert chance * cost.miss == pytest.approx(1 - chance), "there a miss costs what a false alarm costs"
    onset = policy().rule("warning-onset")
    lesser = policy().rule("risk-violence")
    assert onset is not None and lesser is not None
    assert onset.all[0].threshold == warning.threshold()
    assert lesser.all[0].threshold == risk.threshold(policy().gravity["one_sided_100"]) > risk.threshold()


@given(miss=st.floats(0.01, 1e4), more=st.floats(1.01, 10))
def test_a_dearer_miss_lowers_every_threshold_of_its_level_and_nothing_else(miss: float, more: float) -> None:
    cheap, dear = (policy().priced(Level.WARNING, m) for m in (miss, miss * more))
    for one, other in zip(cheap.rules, dear.rules, strict=True):
        for a, b in zip(one.all, other.all, strict=True):
            assert a.threshold > b.threshold if a.cost is Level.WARNING else a == b


def test_a_cost_must_be_a_number_above_zero_with_a_reason_and_a_level_that_has_one() -> None:
    for miss in (0, -1, float("nan"), float("inf")):
        with pytest.raises(InputError, match="cannot cost"):
            policy().priced(Level.WARNING, miss)
    with pytest.raises(InputError, match="no reason"):
        Cost(2, " ")
    with pytest.raises(UnknownId, match="stated cost"):
        policy().priced(Level.ONGOING, 5)


def test_no_alarm_rule_rests_on_one_origin_of_words_alone() -> None:
    for rule in (r for r in policy().rules if r.level is Level.ALARM):
        origins = max(c.threshold for c in rule.all if c.field.endswith(".origins"))
        assert origins >= 2 or any(c.field.startswith("forecast.") for c in rule.all)


def test_no_sentence_or_basis_of_the_policy_states_a_crime_as_fact() -> None:
    assert [r.id for r in policy().rules if claims(r.sentence)] == []


def test_the_page_on_the_policy_names_every_rule_with_what_it_rests_on() -> None:
    page = (Path(__file__).parents[2] / "docs" / "policy.md").read_text("utf-8")
    for rule in policy().rules:
        (row,) = [line for line in page.splitlines() if re.match(rf"\|.*\b{rule.id}\b.*\|.*\|.*\|", line)]
        assert all(id in row for id in rule.rests_on)


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
    "a rule that rests on nothing": lambda d: d["rules"][0].update(rests_on=[]),
    "a rule without a word on what it rests on": lambda d: d["rules"][0].pop("rests_on"),
    "a rule on an unknown lesson": lambda d: d["rules"][0].update(rests_on=["atlantis-1999"]),
    "a cost for a figure": lambda d: d["rules"][0]["all"][0].update(threshold="cost"),
    "a cost of a level without one": lambda d: condition(d, "warning-onset").update(
        threshold={"cost": "alarm"}
    ),
    "a cost as an upper bound": lambda d: condition(d, "warning-onset").update(op="<="),
    "a cost without a reason": lambda d: d["costs"]["warning"].update(why=""),
    "a cost of nothing": lambda d: d["costs"]["warning"].update(miss=0),
    "a missing gravity": lambda d: d["gravity"].pop("one_sided_25"),
    "a gravity of nothing": lambda d: d["gravity"].update(one_sided_25=0),
    "a level without patience": lambda d: d["unanswered_days"].pop("alarm"),
    "a patience of half a day": lambda d: d["unanswered_days"].update(alarm=0.5),
    "an alarm on one origin": lambda d: named(d, "alarm-two-origins")["all"].pop(0),
    "an alarm on a forecast alone": lambda d: only(d, "alarm-forecast-and-origin", "forecast."),
    "a level that holds itself up": lambda d: only(d, "alarm-long-warning-and-origin", "standing."),
    "neighbours that hold each other up": lambda d: condition(d, "alarm-neighbour-and-origin").update(
        field="neighbours.alarm"
    ),
}


def named(data: dict[str, Any], rule: str) -> dict[str, Any]:
    return next(row for row in data["rules"] if row["id"] == rule)


def condition(data: dict[str, Any], rule: str) -> dict[str, Any]:
    row: dict[str, Any] = named(data, rule)["all"][0]
    return row


def only(data: dict[str, Any], rule: str, kind: str) -> None:
    row = named(data, rule)
    row["all"] = [c for c in row["all"] if c["field"].startswith(kind)]


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
