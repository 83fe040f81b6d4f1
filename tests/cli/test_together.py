"""Two processes read and write one home at once: a dashboard serves while two gathers run."""

import json
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.cli.tools import documents, started, tocsin
from tocsin.acts import faults
from tocsin.store.home import open_home

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def page(port: int, path: str = "/") -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as e:
        return e.code
    except urllib.error.URLError:
        return 0


def test_two_gathers_run_while_the_dashboard_serves(tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port()
    assert tocsin(home, "run").returncode == 0
    server = started(home, "serve", "--port", str(port))
    try:
        until = time.monotonic() + 30
        while page(port) != 200:
            assert time.monotonic() < until and server.poll() is None, "the dashboard did not start"
            time.sleep(0.2)
        gathers = []
        for n in range(2):
            folder = documents(tmp_path / f"in{n}", 300, mark=f"g{n}-")
            documents(folder, 50, mark="both-")
            gathers.append(started(home, "gather", "--from", str(folder), "--json"))
        served = []
        while any(g.poll() is None for g in gathers):
            served.append(page(port))
        told = [json.loads(g.communicate()[0])["written"]["records"] for g in gathers]
        served.append(page(port, "/sources"))
        assert set(served) == {200}
        assert [g.returncode for g in gathers] == [0, 0]
        assert sum(told) == 650, "what both brought is written once"
    finally:
        server.terminate()
        server.communicate(timeout=20)
    opened = open_home(home)
    assert faults(opened) == [] and len(opened.lake.ids("records")) == 650
    opened.close()
