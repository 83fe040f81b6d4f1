"""What the framework promises: 14 factors, known ids, carried confidence, and no silence about bad data."""

from pathlib import Path

import pytest
import yaml

from tocsin.errors import InputError, UnknownId
from tocsin.framework import factor, framework, indicator, load
from tocsin.framework.load import DATA


def test_there_are_fourteen_factors_in_the_order_of_the_document():
    assert [f.code for f in framework().factors] == [f"RF{n}" for n in range(1, 15)]


def test_every_indicator_belongs_to_its_factor_and_carries_confidence_scope_and_temporality():
    for f in framework().factors:
        for i in f.indicators:
            assert i.factor == f.code and i.id.startswith(f"{f.number}.")
            assert i.confidence in ("high", "medium", "low")
            assert i.scope == f.scope and i.temporality == f.temporality


def test_low_confidence_is_carried_and_not_polished_away():
    assert indicator("14.9").confidence == "low" and indicator("7.1").confidence == "high"


def test_the_crimes_are_scoped_as_in_the_document():
    scopes = [f.scope for f in framework().factors]
    assert scopes[:8] == ["common"] * 8
    assert scopes[8:] == ["genocide"] * 2 + ["crimes_against_humanity"] * 2 + ["war_crimes"] * 2


def test_an_unknown_indicator_is_refused_with_a_suggestion():
    with pytest.raises(UnknownId, match=r"did you mean .*7\.14"):
        indicator("7.144")


def test_an_unknown_factor_is_refused_with_a_suggestion():
    with pytest.raises(UnknownId, match=r"did you mean .*RF1"):
        factor("RF15")


def test_the_framework_is_read_once():
    assert framework() is framework()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda d: d["factors"].pop(3), "factors are"),
        (lambda d: d["factors"][0].update(scope="everything"), "'everything' is not one of"),
        (lambda d: d["factors"][6]["indicators"][0].update(id="8.1"), "does not belong to RF7"),
        (lambda d: d["factors"][6]["indicators"][1].update(id="7.1"), "occur twice: 7.1"),
        (lambda d: d["factors"][6]["indicators"][1].pop("label"), r"RF7\), indicator 2: label is None"),
        (lambda d: d.pop("source"), "source is None"),
    ],
)
def test_malformed_data_are_refused_and_the_place_is_named(tmp_path: Path, spoil, says: str):
    data = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    spoil(data)
    spoiled = tmp_path / "framework.yaml"
    spoiled.write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(InputError, match=says):
        load(spoiled)


def test_a_file_that_is_not_yaml_is_refused(tmp_path: Path):
    (tmp_path / "x.yaml").write_text("factors: [", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        load(tmp_path / "x.yaml")
