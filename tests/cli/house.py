"""A home with an issued alarm, addresses of roles, real servers, and the command run in it."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from tests.cli.tools import COMMAND, environment
from tests.net.mail_server import Box, taking
from tests.net.server import Quiet, serving
from tests.store.telling import KEY, home_with, issued
from tocsin.cli.main import app
from tocsin.errors import TocsinError

ALARM = issued()


class House:
    """A home with addresses, its servers, and the command run in it."""

    def __init__(self, folder: Path, box: Box, port: int, server: Quiet) -> None:
        self.box, self.server, self.home = box, server, folder / "home"
        self.victim: subprocess.Popen[str] | None = None
        self.settings = {
            "TOCSIN_OFFLINE": "0",
            "TOCSIN_SMTP_HOST": "127.0.0.1",
            "TOCSIN_SMTP_PORT": str(port),
            "TOCSIN_SMTP_TLS": "none",
            "TOCSIN_SMTP_FROM": "alarms@tocsin.example",
            "TOCSIN_ALLOW_HOSTS": f"127.0.0.1:{port},{server.host}",
            "TOCSIN_WEBHOOK_TEST": KEY,
            "TOCSIN_HOST_SECONDS": "0",
        }
        made = home_with(folder, ALARM)
        made.ledger.add_user("Ada", "desk")
        made.close()

    def addresses(self, text: str) -> None:
        file = self.home / "addresses.yml"
        file.write_text(
            text.replace("HOOK", f'{{url: "{self.server.url}/hook", secret: WEBHOOK_TEST}}'), "utf-8"
        )
        file.chmod(0o600)

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*COMMAND, "warn", *words],
            env=environment(self.home, **self.settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> tuple[int, str, str]:
        """What the command gives here and now: its exit code, and what it says on either side."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), self.here():
            try:
                app(["warn", *words], standalone_mode=False)
            except TocsinError as error:
                return 2, out.getvalue(), err.getvalue() + str(error)
        return 0, out.getvalue(), err.getvalue()

    @contextmanager
    def here(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment(self.home, **self.settings).items():
                patch.setenv(name, value)
            yield

    def told(self) -> dict[str, str]:
        """Where each role stands."""
        rows = [json.loads(line) for line in self.run("told", "--json")[1].splitlines()]
        return {r["recipient"]: r["standing"] for r in rows}

    def killed_at(self, *words: str) -> int:
        """Runs the command until one of the servers kills it."""
        self.victim = self.start(*words)
        self.victim.communicate(timeout=120)
        return self.victim.returncode

    def kill(self) -> None:
        assert self.victim
        os.kill(self.victim.pid, signal.SIGKILL)


@contextmanager
def standing(folder: Path) -> Iterator[House]:
    """A house with its servers up, while the block runs."""
    box = Box()
    with taking(box) as port, serving() as server:
        server.plan["hook"] = [(204, b"", {})]
        yield House(folder, box, port, server)
