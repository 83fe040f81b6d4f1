"""The command line: quick to answer, light to load, one line for what the user can mend."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.tools import documents, environment, tocsin

pytestmark = pytest.mark.slow

HEAVY = ("sklearn", "duckdb", "fastapi", "shapely", "lxml", "sqlalchemy", "trafilatura", "numpy")


def test_help_loads_none_of_the_heavy_libraries() -> None:
    probe = (
        "import sys\nsys.argv = ['tocsin', '--help']\n"
        "from tocsin.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print('LOADED', [m for m in {HEAVY!r} if m in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, timeout=60, check=False
    )
    assert said.stdout.splitlines()[-1] == "LOADED []", said.stderr


def test_help_states_the_norm_of_use(tmp_path: Path) -> None:
    said = tocsin(tmp_path, "--help")
    assert said.returncode == 0
    assert "Norm of use" in said.stdout and "norm, not a lock" in " ".join(said.stdout.split())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["gather", "ucpd", "--from", "x"], "did you mean ucdp"),
        (["gather", "--from", "nowhere-at-all"], "nowhere-at-all"),
        (["run", "--as-of", "2014-04"], "YYYY-MM-DD"),
        (["run", "--as-of", "2999-01-01"], "lies ahead"),
        (["assess", "--place", "RWD"], "did you mean RWA"),
        (["assess", "--place", "Ruwanda"], "did you mean Rwanda"),
        (["assess", "--as-of", "2999-01-01"], "lies ahead"),
        (["assess", "--as-of", "2012-01-01", "--replay", "x"], "one of the two"),
        (["code", "."], "Is a directory"),
        (["evaluate", "onset", "--first", "2012", "--last", "2010", "--out", "x"], "2012 is after"),
        (["users", "add", " "], "1 to 80 characters"),
        (["users", "add", "\u0430da"], "Cyrillic and Latin"),
        (["users", "add", "a\u200bda"], "cannot be seen"),
        (["gather", "--published", "April 2", "--from", "."], "--published"),
        (["serve", "--host", "0.0.0.0"], "127.0.0.1"),
    ],
)
def test_a_user_error_is_one_line_and_exit_code_2(tmp_path: Path, words: list[str], told: str) -> None:
    said = tocsin(tmp_path / "home", *words)
    assert said.returncode == 2, said.stderr
    assert "Traceback" not in said.stderr
    assert told in said.stderr + said.stdout


def test_data_go_to_standard_output_and_progress_to_standard_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("3 May 2024.\nThe bridge is open again.", "utf-8")
    said = tocsin(tmp_path / "home", "gather", "--from", str(tmp_path / "a.txt"))
    assert said.returncode == 0 and said.stdout == "" and "1 used" in said.stderr


def test_a_home_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = subprocess.run(
        [sys.executable, "-m", "tocsin.cli", "users", "add", "ada"],
        env=environment(tmp_path / "file" / "home"), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert said.returncode == 2 and len(said.stderr.strip().splitlines()) == 1


def test_a_backup_verifies_and_is_a_home_of_its_own(tmp_path: Path) -> None:
    home, copy = tmp_path / "home", tmp_path / "copy"
    tocsin(home, "gather", "--from", str(documents(tmp_path / "in", 5)))
    said = tocsin(home, "check", "backup", str(copy))
    assert said.returncode == 0 and "5 records" in said.stdout
    (home / "ledger.sqlite").unlink()
    assert tocsin(home, "check", "home").returncode == 2
    restored = tocsin(copy, "check", "home", "--json")
    assert restored.returncode == 0 and '"records": 5' in restored.stdout
    assert tocsin(copy, "gather", "--from", str(tmp_path / "in")).returncode == 0
    again = tocsin(copy, "check", "backup", str(copy))
    assert again.returncode == 2 and "not empty" in again.stderr
