"""A spec says what it means, or one line says what is wrong with it."""

from datetime import date
from pathlib import Path

import pytest

from tests.forecasting.panels import spec, tables, toml
from tocsin.errors import InputError
from tocsin.forecasting.spec import load_spec, parse


def refused(found: dict, *parts: str) -> None:
    with pytest.raises(InputError) as raised:
        parse(found, "spec.toml")
    assert "\n" not in str(raised.value)
    for part in ("spec.toml", *parts):
        assert part in str(raised.value)


def test_the_spec_of_the_manual_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text("\ufeff" + toml(tables(label_lag=1, horizons=[3, 1], first=30)), encoding="utf-8")
    read = load_spec(path)
    assert (read.entity, read.period, read.label, read.kind, read.label_lag) == ("who", "t", "y", "count", 1)
    assert (read.first, read.last, read.refit_every, read.thresholds) == (30, 33, 2, (1, 5))
    assert [(t.key, t.ahead, t.total) for t in read.tasks] == [
        ("1", 1, False),
        ("3", 3, False),
        ("sum2", 2, True),
    ]
    assert read.columns == ("y", "z")


def test_dates_are_dates_quoted_or_not() -> None:
    assert spec(first=date(2001, 1, 1), last="2001-03-01").last == date(2001, 3, 1)


def test_who_asks_for_sums_of_yes_or_no_gets_them_and_thresholds_are_not_needed() -> None:
    assert spec("binary", sums=[2]).tasks[-1].total


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"kind": "counts"}, ["unknown kind 'counts'", "use binary or count"]),
        ({"kind": ["count"]}, ["unknown kind"]),
        ({"entity": 3}, ["entity is 3", "a text is needed"]),
        ({"entity": ""}, ["entity is ''"]),
        ({"label": "who"}, ["'who' has two meanings"]),
        ({"entity": "t"}, ["'t' has two meanings"]),
        ({"label_lag": -1}, ["label_lag is -1", "from 0"]),
        ({"label_lag": True}, ["label_lag is True"]),
        ({"history": "y"}, ["history is 'y'", "a list of column names"]),
        ({"known": ["z", "z"]}, ["known names a column twice"]),
        ({"first": 34}, ["first 34 is after last 33"]),
        ({"first": "2001-01-01"}, ["first and last are not of one kind"]),
        ({"first": 30.0}, ["first is 30.0", "a whole number or a date"]),
        ({"first": "soon"}, ["first is 'soon'"]),
        ({"refit_every": 0}, ["refit_every is 0", "from 1"]),
        ({"horizons": 3}, ["horizons is 3"]),
        ({"horizons": [-1]}, ["horizons is [-1]"]),
        ({"horizons": [1, 1]}, ["horizons names a number twice"]),
        ({"horizons": [10**30]}, ["whole numbers from 0"]),
        ({"horizons": [], "sums": []}, ["nothing to forecast"]),
        ({"sums": [0]}, ["sums is [0]", "from 1"]),
        ({"thresholds": []}, ["thresholds are missing", "a count needs them"]),
        ({"thresholds": [1.5]}, ["thresholds is [1.5]"]),
    ],
)  # fmt: skip
def test_a_wrong_word_is_named(words: dict, said: list[str]) -> None:
    refused(tables(**words), *said)


def test_unknown_words_tables_and_missing_ones_are_named() -> None:
    refused(tables() | {"origin": {}}, "unknown table [origin]", "panel, features, origins")
    refused(tables() | {"panel": 3}, "unknown table [panel]")
    refused(tables(horizon=[1]), "unknown word 'horizon'", "[origins]")
    refused({"origins": tables()["origins"]}, "entity is missing", "[panel]")
    found = tables()
    del found["origins"]["last"]
    refused(found, "last is missing", "[origins]")


def test_a_file_that_is_no_toml_or_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        load_spec(tmp_path / "none.toml")
    for bytes_ in (b"[panel\n", b"\xff\xfe"):
        (tmp_path / "s.toml").write_bytes(bytes_)
        with pytest.raises(InputError, match="not TOML"):
            load_spec(tmp_path / "s.toml")


def test_an_outcome_is_never_known_at_the_origin_that_forecasts_it() -> None:
    for lag in (0, 1, 2):
        asked = spec("binary", label_lag=lag, horizons=[0, 1], sums=[3])
        assert [asked.gap(t) for t in asked.tasks] == [max(lag, 1), 1 + lag, 3 + lag]
        assert [asked.first_lag(t) for t in asked.tasks] == [max(lag, 1), lag, lag]
