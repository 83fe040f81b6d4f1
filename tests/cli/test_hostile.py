"""Bad input and bad ground: one clear line, exit code 2, and nothing lost."""

import json
import os
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.tools import documents, tocsin
from tests.shared_data import shared

pytestmark = pytest.mark.slow
GIGABYTES = 2 * 1024**3
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY a{n} "{"&a" + (str(n - 1) if n else "") + ";"}{"&a" + (str(n - 1) if n else "") + ";"}">'
        for n in range(1, 30)
    )
    + "]><rss><channel><title>&a29;</title></channel></rss>"
)


def refused(said: subprocess.CompletedProcess[str], *told: str) -> None:
    assert said.returncode == 2, said.stderr
    assert "Traceback" not in said.stderr and "Traceback" not in said.stdout
    for word in told:
        assert word.lower() in said.stderr.lower(), said.stderr


def test_a_truncated_zip(tmp_path: Path) -> None:
    whole = tmp_path / "ged251-csv.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("GEDEvent_v25_1.csv", "id,year\n" + "1,2024\n" * 5000)
    whole.write_bytes(whole.read_bytes()[:-200])
    refused(tocsin(tmp_path / "home", "gather", "ucdp", "--from", str(whole)), "zip")


def test_a_csv_with_a_missing_column(tmp_path: Path) -> None:
    source = shared("data/ucdp_ged_country_extracts/gedevents-2026-01-17_api_format.csv")
    lines = source.read_text("utf-8").splitlines()[:3]
    (tmp_path / "ged.csv").write_text(
        "\n".join(line.replace("type_of_violence", "kind") for line in lines), "utf-8"
    )
    refused(
        tocsin(tmp_path / "home", "gather", "ucdp", "--from", str(tmp_path / "ged.csv")), "type_of_violence"
    )


def test_a_feed_that_is_html(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text("<!doctype html><html><body>Please sign in</body></html>", "utf-8")
    refused(tocsin(tmp_path / "home", "gather", "feeds", "--from", str(tmp_path / "feed.xml")), "html")


def test_an_xml_bomb(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(BOMB, "utf-8")
    refused(
        tocsin(tmp_path / "home", "gather", "feeds", "--from", str(tmp_path / "feed.xml"), timeout=30),
        "entit",
    )


def test_a_line_of_two_gigabytes(tmp_path: Path) -> None:
    for name in ("long.csv", "long.jsonl", "long.txt"):
        with (tmp_path / name).open("wb") as f:
            f.truncate(GIGABYTES)
        said = tocsin(tmp_path / "home", "gather", "--from", str(tmp_path / name), timeout=60)
        refused(said, name)


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("3 May 2024. Une r\xe9union s'est tenue.".encode("latin-1"))
    (tmp_path / "b.txt").write_text("3 May 2024. The bridge is open.", "utf-8")
    said = tocsin(tmp_path / "home", "gather", "--from", str(tmp_path), "--json")
    refused(said, "a.txt", "UTF-8")
    assert json.loads(said.stdout)["written"]["records"] == 1, "the readable file is kept"


def test_a_home_made_by_a_newer_version(tmp_path: Path) -> None:
    home = tmp_path / "home"
    tocsin(home, "users", "add", "ada")
    (home / "home.json").write_text('{"schema": 99}')
    refused(tocsin(home, "gather", "--from", str(documents(tmp_path / "in", 2))), "newer", "update")


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        pytest.skip("needs the right to mount a small file system")
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_loses_nothing_that_was_written(tmp_path: Path) -> None:
    with mounted(tmp_path / "small", "size=3m") as disk:
        home = disk / "home"
        said = tocsin(home, "gather", "--from", str(documents(tmp_path / "few", 5, "few")), "--json")
        assert json.loads(said.stdout)["written"]["records"] == 5
        big = tmp_path / "big"
        big.mkdir()
        for n in range(30):
            noise = "".join(chr(0x4E00 + (n * 7919 + k * 104729) % 20000) for k in range(60_000))
            (big / f"{n}.txt").write_text(f"3 May 2024.\n{noise}", "utf-8")
        refused(tocsin(home, "gather", "--from", str(big)), "nothing was written")
        _fill(disk)
        refused(tocsin(home, "run"), str(home))
        (disk / "filler").unlink()
        checked = tocsin(home, "check", "home", "--json")
        assert checked.returncode == 0, checked.stderr
        assert json.loads(checked.stdout)["rows"]["records"] == 5


def _fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as f:
        try:
            while True:
                f.write(b"\0" * 4096)
        except OSError:
            return


def test_a_read_only_home(tmp_path: Path) -> None:
    with mounted(tmp_path / "ro", "size=8m") as disk:
        home = disk / "home"
        assert tocsin(home, "gather", "--from", str(documents(tmp_path / "in", 3))).returncode == 0
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        refused(tocsin(home, "gather", "--from", str(documents(tmp_path / "more", 3, "more"))), str(home))
        refused(tocsin(home, "run"), str(home))
