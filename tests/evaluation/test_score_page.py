"""The report and its pictures: whole, self-contained, the same bytes for the same figures."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from tests.evaluation.forecast_files import binary_rows, compared, count_rows, outcome_rows
from tocsin.evaluation.score_page import figure, share, write_report
from tocsin.evaluation.scored import Scored, scored

PNG = b"\x89PNG\r\n\x1a\n"


def both(folder: Path) -> Scored:
    return scored(compared(folder, {"a": binary_rows(1), "b": binary_rows(2)}, outcome_rows(3)), 0.95)


class Tags(HTMLParser):
    """Tags that are open, and every address that the page names."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "srcset")]
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_report_stands_alone_and_says_plain_things_first(tmp_path: Path) -> None:
    made = write_report(both(tmp_path), tmp_path / "out")
    assert [p.name for p in made] == ["reliability.png", "ranking.png", "onsets.png", "report.html"]
    assert all(p.read_bytes().startswith(PNG) for p in made[:3])
    text = made[3].read_text("utf-8")
    tags = Tags()
    tags.feed(text)
    assert not tags.open
    assert len(tags.addresses) == 3 and all(a.startswith("data:image/png;base64,") for a in tags.addresses)
    assert not re.search(r"https?://|url\(|@import|<script", text)
    assert text.index("In short") < text.index("<table")
    for said in (
        "of the events were among the 10 highest",
        "seed 20240815",
        "1,000 resamples",
        "misses first",
    ):
        assert said in text
    assert "nan" not in re.sub(r"base64,[^\"]*", "", text).casefold().replace("financ", "")


def test_the_same_figures_give_the_same_bytes(tmp_path: Path) -> None:
    first = write_report(both(tmp_path), tmp_path / "one")
    second = write_report(both(tmp_path), tmp_path / "two")
    assert [a.read_bytes() == b.read_bytes() for a, b in zip(first, second, strict=True)] == [True] * 4


def test_counts_alone_and_a_single_year_have_a_report_too(tmp_path: Path) -> None:
    given = count_rows(1)
    single = [r for r in given if r[1] == 2000 and r[3] == "1"]
    for name, rows in (("all", given), ("one", single)):
        found = scored(compared(tmp_path, {"a": rows}, outcome_rows(3, most=60)), 0.9)
        text = write_report(found, tmp_path / name)[-1].read_text("utf-8")
        assert "CRPS" in text and "whole distribution" in text
    assert "Event by event" in text and "lead, top" not in text


@pytest.mark.parametrize("happened", [0, 1])
def test_rows_without_events_or_with_nothing_else_are_reported_without_a_crash(
    tmp_path: Path, happened: int
) -> None:
    outcomes = [[name, year, happened] for name, year, _ in outcome_rows(3)]
    found = scored(compared(tmp_path, {"a": binary_rows(1)}, outcomes), 0.95)
    text = write_report(found, tmp_path / "out")[-1].read_text("utf-8")
    assert happened or "Nothing happened" in text


def test_names_from_the_file_cannot_become_markup(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    given = [[evil if r[0] == "PER" else r[0], *r[1:]] for r in binary_rows(1)]
    known = [[evil if r[0] == "PER" else r[0], *r[1:]] for r in outcome_rows(3)]
    found = scored(compared(tmp_path, {"a": given}, known), 0.95)
    text = write_report(found, tmp_path / "out")[-1].read_text("utf-8")
    assert "<script" not in text and "&lt;script&gt;" in text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"), (12.0, "12"), (0.12345, "0.123"), (-0.5, "−0.5"), (12345.6, "12,346"),
        (0.00001234, "1.2e−05"), (math.nan, "–"), (math.inf, "∞"),
    ],
)  # fmt: skip
def test_numbers_are_written_for_readers(value: float, shown: str) -> None:
    assert figure(value) == shown


def test_small_shares_keep_their_digits() -> None:
    assert [share(v) for v in (0.0, 0.00012, 0.034, 0.5, 1.0)] == ["0%", "0.012%", "3.4%", "50%", "100%"]
    assert np.isfinite([float(share(v)[:-1]) for v in (1e-9, 0.0999)]).all()
