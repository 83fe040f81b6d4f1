"""What the words after `tocsin gather` ask for."""

from pathlib import Path

import pytest

from tests.cli.tools import documents, tocsin
from tocsin.cli.gather import _plan
from tocsin.flow import NETWORK


def test_parts_and_pages_are_asked_for_by_name_and_address() -> None:
    words = ["feeds/icrc", "feeds/ohchr", "https://example.org/a", "ucdp"]
    assert _plan(words, ()) == [
        ("pages", (), (), ("https://example.org/a",)),
        ("feeds", (), ("icrc", "ohchr"), ()),
        ("ucdp", (), (), ()),
    ]


def test_without_words_the_files_say_who_reads_them_and_else_the_sources_of_every_day(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words", "utf-8")
    assert _plan([], (tmp_path / "a.txt",)) == [("folder", (tmp_path / "a.txt",), (), ())]
    assert [name for name, *_ in _plan([], ())] == list(NETWORK)


@pytest.mark.slow
def test_the_account_says_what_is_new_and_that_the_second_run_brought_nothing(tmp_path: Path) -> None:
    papers = str(documents(tmp_path / "in", 3))
    first = tocsin(tmp_path / "home", "gather", "folder", "--from", papers)
    assert first.returncode == 0 and "3 new records" in first.stderr
    second = tocsin(tmp_path / "home", "gather", "folder", "--from", papers)
    assert second.returncode == 0 and "nothing new" in second.stderr
    unknown = tocsin(tmp_path / "home", "gather", "folders", "--from", papers)
    assert unknown.returncode == 2 and "did you mean folder" in unknown.stderr
