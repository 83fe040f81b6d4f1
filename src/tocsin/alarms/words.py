"""Fixed words for chances, each with its range, in every language of alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from tocsin.alarms.policy import Rule
from tocsin.errors import InputError
from tocsin.forecasting.forecast import Forecast


@cache
def wording() -> Mapping[str, Any]:
    """The shipped wording. Raises InputError when the probability words leave a gap or are out of order."""
    data: dict[str, Any] = yaml.load(
        files(__package__).joinpath("wording.yml").read_text("utf-8"), yaml.CSafeLoader
    )
    bounds = [row["from"] for row in data["probability"]]
    if bounds[0] != 0 or bounds != sorted(set(bounds)) or bounds[-1] >= 1:
        raise InputError("probability words must rise from 0 without a gap", "wording.yml")
    return data


def probability_word(probability: float, language: str = "en") -> str:
    """The fixed word for a probability (ranges in wording.yml). Raises ValueError outside 0 to 1."""
    if not 0 <= probability <= 1:
        raise ValueError(f"{probability} is not a probability")
    return str(
        [
            r["word" if language == "en" else language]
            for r in wording()["probability"]
            if probability >= r["from"]
        ][-1]
    )


def how_sure(rule: Rule, forecasts: Sequence[Forecast]) -> tuple[str, ...]:
    """One sentence for each forecast that the rule compared: the word, the range and the average."""
    wanted = {tuple(f.split(".")[1:3]) for f in rule.fields if f.startswith("forecast.")}
    return tuple(
        f"In fixed words: {probability_word(f.probability)}; 90 % range {100 * f.low:.1f} to "
        f"{100 * f.high:.1f} %; the average place has {100 * f.base_rate:.1f} %; rank {f.rank} of {f.of}."
        for f in forecasts
        if (f.outcome, str(f.horizon_months)) in wanted
    )
