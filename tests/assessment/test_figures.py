"""What the table of figures promises: every entry is checked, and a wrong one is refused."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
import yaml

from tocsin.assessment.figures import FACTORS, columns, parse_weights, value_text, weights
from tocsin.errors import UserError
from tocsin.forecasting.panel import load_panel

BROKEN: dict[str, Callable[[dict[str, Any]], Any]] = {
    "an unknown factor": lambda d: d["figures"][0].update(factor="RF15"),
    "anchors against the direction": lambda d: d["figures"][0].update(worse="lower"),
    "an unknown direction": lambda d: d["figures"][0].update(worse="up"),
    "a logarithm of zero": lambda d: d["figures"][1].update(none=0),
    "an unknown scale": lambda d: d["figures"][0].update(scale="square"),
    "an unknown feed": lambda d: d["figures"][0].update(feed="rumour"),
    "a missing age limit": lambda d: d["figures"][0].pop("oldest"),
    "an unknown entry": lambda d: d["figures"][0].update(weight=2),
    "no trust in words": lambda d: d["words"].pop("trust_in_one_origin"),
    "one label for two columns": lambda d: d["figures"][1].update(label=d["figures"][0]["label"]),
}


@pytest.mark.parametrize("case", BROKEN)
def test_the_table_is_refused_with(case: str) -> None:
    data = yaml.safe_load(files("tocsin.assessment").joinpath("figures.yml").read_text("utf-8"))
    BROKEN[case](data)
    with pytest.raises(UserError):
        parse_weights(data)


def test_every_column_that_is_read_is_in_the_shipped_table() -> None:
    panel = load_panel()
    for column in columns():
        assert panel.column_info(column).name == column


def test_intent_and_plan_and_conduct_of_war_are_read_from_words_alone() -> None:
    assert {f for f in FACTORS if not weights().of(f)} == {"RF10", "RF12", "RF13", "RF14"}


@pytest.mark.parametrize(
    ("value", "text"), [(1234567.0, "1,234,567"), (0.0, "0"), (-1.505, "-1.50"), (0.5, "0.50")]
)
def test_figures_are_shown_as_people_write_them(value: float, text: str) -> None:
    assert value_text(value) == text
