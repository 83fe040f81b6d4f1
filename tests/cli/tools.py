"""The command as a newcomer runs it: a process of its own, with a home of its own."""

import os
import subprocess
import sys
from pathlib import Path

COMMAND = [sys.executable, "-m", "tocsin.cli"]


def environment(home: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "TOCSIN_HOME": str(home), "TOCSIN_OFFLINE": "1", "NO_COLOR": "1", **more}


def tocsin(
    home: Path, *words: str, stdin: str | None = None, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words],
        env=environment(home),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def started(home: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *words], env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def documents(folder: Path, count: int, mark: str = "") -> Path:
    """A folder of short dated reports of our own, no two alike."""
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(count):
        said = f"Report {mark}{n}: the market of quarter {n * 7919 % 104729} opened late after rain."
        text = f"{1 + n % 28} March 2014.\n{said}\n"
        (folder / f"{mark}{n}.txt").write_text(text, "utf-8")
    return folder
