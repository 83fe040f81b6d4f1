"""tocsin gather of pages and web archives, as a desk officer types it, against a real server."""

from __future__ import annotations

import gzip
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.tools import COMMAND, environment
from tests.net.server import Quiet, serving
from tests.sources.test_pages import html, plan
from tests.sources.test_warc import entry, http
from tocsin.store.home import open_home

pytestmark = pytest.mark.slow


@pytest.fixture
def web() -> Iterator[Quiet]:
    with serving() as up:
        yield up


def run(home: Path, web: Quiet, *words: str) -> subprocess.CompletedProcess[str]:
    given = environment(home, TOCSIN_OFFLINE="0", TOCSIN_ALLOW_HOSTS=web.host)
    done = subprocess.run(
        [*COMMAND, *words], env=given, capture_output=True, text=True, timeout=60, check=False
    )
    return done


def test_a_page_is_gathered_by_its_address_kept_and_checked(tmp_path: Path, web: Quiet) -> None:
    home, address = tmp_path / "home", plan(web, "a", (200, html()))
    done = run(home, web, "gather", address)
    assert done.returncode == 0 and "pages: 1 read, 1 used" in done.stderr, done.stderr
    opened = open_home(home)
    (path,) = opened.archive.files()
    opened.close()
    assert run(home, web, "check", "home").returncode == 0
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b"sentence 3", b"sentence 4")))
    broken = run(home, web, "check", "home")
    assert broken.returncode == 2 and "changed since it was kept" in broken.stderr


def test_a_list_and_an_archive_are_gathered_with_from(tmp_path: Path, web: Quiet) -> None:
    home, listed, archived = tmp_path / "home", tmp_path / "list.txt", tmp_path / "x.warc.gz"
    listed.write_text(plan(web, "a", (200, html())), "utf-8")
    archived.write_bytes(gzip.compress(entry(http(html()))))
    one = run(home, web, "gather", "pages", "--from", os.fspath(listed))
    two = run(home, web, "gather", "--from", os.fspath(archived))
    assert "pages: 1 read, 1 used" in one.stderr and "1 new records" in one.stderr, one.stderr
    assert "pages: 1 read, 1 used" in two.stderr and two.returncode == 0, two.stderr
