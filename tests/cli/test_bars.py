"""Long work says how far it is: a bar on a terminal, plain lines elsewhere."""

import io

import pytest

from tocsin.cli.bars import bars


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_elsewhere_than_on_a_terminal_there_are_few_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with bars() as tell:
        for done in range(1, 401):
            tell("days", done, 400)
            tell("pages", done, None)
    told = capsys.readouterr()
    assert told.out == ""
    lines = told.err.splitlines()
    assert "days: 400 of 400" in lines and sum(line.startswith("days") for line in lines) == 10
    assert "pages: 256" in lines and len(lines) < 25


def test_on_a_terminal_a_bar_is_drawn_and_what_a_source_says_cannot_move_it() -> None:
    screen = Terminal()
    with bars(screen) as tell:
        tell("days\x1b[2J[red]x", 3, 9)
        tell("days\x1b[2J[red]x", 9, 9)
    assert "9/9" in screen.getvalue() and "\x1b[2J" not in screen.getvalue() and "[red]x" in screen.getvalue()
