"""tocsin code --json: one answer for every line, in order, whatever the line is."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.tools import COMMAND, environment

pytestmark = pytest.mark.slow
TEXT = "Soldiers killed forty villagers near Bor in South Sudan on Sunday."
READ = {"relevance", "relevance_score", "factors", "countries", "signals", "story"}


def coded(tmp_path: Path, given: bytes, *how: str) -> subprocess.CompletedProcess[bytes]:
    command, env = [*COMMAND, "code", *how], environment(tmp_path / "home")
    return subprocess.run(command, input=given, capture_output=True, env=env, timeout=120, check=False)


def test_lines_that_are_no_documents_keep_their_place(tmp_path: Path) -> None:
    good = json.dumps({"id": "good", "text": TEXT}).encode()
    lines = [
        b"\xef\xbb\xbf" + good,
        b"not JSON",
        b'{"id": 1, "text": "cut off',
        b"[1, 2]",
        b"7",
        b"null",
        b"NaN",
        b'{"id": "n", "text": NaN}',
        b'{"id": "deep", "text": ' + b"[" * 200_000,
        b'{"id": "big", "text": ' + b"9" * 10_000 + b"}",
        b'{"id": "list", "text": ["a"]}',
        b'{"id": "twice", "id": "twice", "text": "It rained."}',
        b'{"id": "\\ud800", "text": "\\ud800 ' + TEXT.encode() + b'"}',
        b'{"id": "nul", "text": "\\u0000"}',
        b'{"id": "date", "text": "It rained.", "published": NaN}',
        good,
        good,
    ]
    said = coded(tmp_path, b"\r\n".join(lines), "--json")
    assert said.returncode == 0, said.stderr.decode()
    answers = [json.loads(line, parse_constant=float) for line in said.stdout.splitlines()]
    assert len(answers) == len(lines) and b"NaN" not in said.stdout
    assert [n for n, a in enumerate(answers) if a["id"] == "good" and not a["error"]] == [0, 15, 16]
    for answer in answers:
        assert answer["error"] or answer.keys() >= READ
    assert all(answer["error"] for answer in answers[1:11])
    assert answers[0]["story"] == answers[15]["story"] == answers[16]["story"] != ""


def test_a_text_of_a_million_characters_and_one_of_none(tmp_path: Path) -> None:
    said = coded(tmp_path, (TEXT + " ").encode() * (1_000_000 // len(TEXT)))
    assert said.returncode == 0 and b"SSD" in said.stdout
    for nothing in (b"", b" \n\t", "\u200b\ufeff".encode()):
        empty = coded(tmp_path, nothing)
        assert empty.returncode in (0, 2) and b"Traceback" not in empty.stderr
