"""tocsin warn text: the letter of an alarm in lines, in four languages and for three kinds of reader."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.cli.house import ALARM, House, standing


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with standing(tmp_path_factory.mktemp("text")) as up:
        yield up


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_a_letter_is_printed_in_lines_and_nothing_in_it_is_hidden(house: House, language: str) -> None:
    code, out, _ = house.run("text", ALARM.id, "--language", language)
    assert code == 0
    printed = out.splitlines()
    assert ALARM.id in printed[0] and printed[1] == "" and len(printed) > 20
    assert max(map(len, printed[2:])) <= 90
    assert "\ufffd" not in out
    assert out.count("\u2066") + out.count("\u2067") + out.count("\u2068") == out.count("\u2069")


def test_names_of_signers_are_for_private_readers_alone(house: House) -> None:
    assert "Ada" in house.run("text", ALARM.id, "--scope", "private")[1]
    assert "Ada" not in house.run("text", ALARM.id, "--scope", "restricted")[1]
    assert "Ada" not in house.run("text", ALARM.id, "--html")[1]


def test_every_sentence_comes_with_its_evidence(house: House) -> None:
    code, out, _ = house.run("text", ALARM.id, "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and rows[0]["part"] == "finding" and all(row["evidence"] for row in rows)


def test_an_unknown_alarm_or_language_is_one_line(house: House) -> None:
    assert house.run("text", "alm-none")[0] == 2
    code, out, err = house.run("text", ALARM.id, "--language", "xx")
    assert code == 2 and out == "" and "xx" in err and len(err.strip().splitlines()) == 1
