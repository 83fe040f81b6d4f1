"""tocsin custody at the door: a copy verifies elsewhere, faults are lines, the page's own verifier works."""

import base64
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.tools import environment, tocsin
from tests.evidence.authority import Authority, openssl, own_authority, serving
from tests.store.test_log import FIRST, lived_in, proposal
from tocsin.cli.main import main
from tocsin.store.home import open_home

Ran = subprocess.CompletedProcess[str]
Door = Callable[..., Ran]
DOCS = Path(__file__).resolve().parents[2] / "docs" / "custody.md"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = lived_in(tmp_path_factory.mktemp("lived") / "home")
    home.close()
    return home.folder


@pytest.fixture
def home(lived: Path, tmp_path: Path) -> Path:
    shutil.copytree(lived, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    if not shutil.which("openssl"):
        pytest.skip("needs the openssl command")
    with serving(own_authority(tmp_path_factory.mktemp("tsa") / "own", "Own Test")) as up:
        yield up


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Door:
    """The command line in this process, with the home and the settings given."""

    def enter(home: Path, *words: str, **more: str) -> Ran:
        for name, value in environment(home, **more).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["tocsin", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Ran(words, int(ended.value.code or 0), said.out, said.err)

    return enter


def exported(door: Door, home: Path, folder: Path, *words: str) -> Path:
    assert door(home, "custody", "export", str(folder), *words).returncode == 0
    return folder


def stamping(door: Door, home: Path, authority: Authority, path: str, **more: str) -> Ran:
    told = {
        "TOCSIN_OFFLINE": "0",
        "TOCSIN_ALLOW_HOSTS": authority.host,
        "TOCSIN_TSA_URL": authority.url(path),
    }
    told |= {"TOCSIN_TSA_ROOTS": str(authority.folder / "ca.pem")} | more
    return door(home, "custody", "timestamp", **told)


def test_a_home_and_a_copy_without_a_home_verify(door: Door, home: Path, tmp_path: Path) -> None:
    at_home = tocsin(home, "custody", "verify", "--json")
    copy = exported(door, home, tmp_path / "copy")
    elsewhere = tocsin(tmp_path / "nowhere", "custody", "verify", str(copy), "--json")
    assert at_home.returncode == elsewhere.returncode == 0
    told = json.loads(at_home.stdout)
    assert told == json.loads(elsewhere.stdout) and told["faults"] == [] and told["entries"] > 6
    assert not (tmp_path / "nowhere").exists(), "looking makes no home"


def test_each_fault_is_one_line_and_the_exit_code_is_2(door: Door, home: Path, tmp_path: Path) -> None:
    copy = exported(door, home, tmp_path / "copy")
    lines = (copy / "log.jsonl").read_bytes().splitlines(keepends=True)
    (copy / "log.jsonl").write_bytes(b"".join([*lines[:2], lines[2].replace(b"XXB", b"XXC"), *lines[4:]]))
    found = door(home, "custody", "verify", str(copy))
    assert found.returncode == 2 and "Traceback" not in found.stderr
    *faults, last = found.stderr.splitlines()
    assert len(faults) == 2 and last.startswith("tocsin: 2 fault(s) found")
    assert any("entry 2 " in fault for fault in faults) and "entry 3 is missing" in faults


def test_check_home_holds_the_log_too(door: Door, home: Path) -> None:
    assert door(home, "check", "home").returncode == 0
    db = sqlite3.connect(home / "ledger.sqlite")
    db.execute("DROP TRIGGER keep_log_delete")
    db.execute("DELETE FROM log WHERE seq = (SELECT max(seq) FROM log)")
    db.commit()
    db.close()
    found = door(home, "check", "home")
    assert found.returncode == 2 and "missing at the end" in found.stderr


def test_a_log_that_was_cut_with_its_heads_is_found_against_an_earlier_copy(
    door: Door, home: Path, tmp_path: Path
) -> None:
    earlier = exported(door, home, tmp_path / "earlier")
    opened = open_home(home)
    opened.ledger.add(proposal("XXC"))
    opened.close()
    later = exported(door, home, tmp_path / "later")
    nowhere = tmp_path / "nowhere"
    for now in ([], [str(later)]):
        well = door(home, "custody", "verify", *now, "--against", str(earlier))
        assert well.returncode == 0 and "is its beginning" in well.stderr
    for name, gone in (("log.jsonl", 2), ("heads.jsonl", 2)):
        kept = (earlier / name).read_bytes().splitlines(keepends=True)[:-gone]
        (later / name).write_bytes(b"".join(kept))
    size = json.loads((later / "heads.jsonl").read_text().splitlines()[-1])["size"]
    kept = (earlier / "log.jsonl").read_bytes().splitlines(keepends=True)[:size]
    (later / "log.jsonl").write_bytes(b"".join(kept))
    assert door(nowhere, "custody", "verify", str(later)).returncode == 0, "by itself it looks whole"
    found = door(nowhere, "custody", "verify", str(later), "--against", str(earlier))
    assert found.returncode == 2 and "of the earlier copy is missing" in found.stderr


def test_the_verifier_on_the_page_verifies_a_copy_and_a_proof_and_finds_changes(
    door: Door, home: Path, tmp_path: Path
) -> None:
    found = re.search(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.S)
    assert found
    (tmp_path / "check.py").write_text(found.group(1), "utf-8")
    copy = exported(door, home, tmp_path / "copy")
    with sqlite3.connect(home / "ledger.sqlite") as db:
        refs = [ref for (ref,) in db.execute("SELECT ref FROM log ORDER BY seq")]
    db.close()
    proofs = []
    for n, ref in enumerate((refs[0], refs[3], refs[-1])):
        proofs.append(tmp_path / f"{n}.json")
        proofs[-1].write_text(door(home, "custody", "proof", ref).stdout, "utf-8")
    command = [sys.executable, "-I", str(tmp_path / "check.py"), str(copy)]

    def checked(*words: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *map(str, words)], capture_output=True, text=True, check=False)

    well = checked(*proofs)
    assert well.returncode == 0 and f"{len(refs)} entries" in well.stdout
    told = json.loads(proofs[1].read_text("utf-8"))
    told["entry"]["body"] = told["entry"]["body"].replace("true", "false", 1)
    proofs[1].write_text(json.dumps(told), "utf-8")
    assert "1.json does not verify" in checked(*proofs).stderr
    whole = (copy / "log.jsonl").read_text("utf-8")
    (copy / "log.jsonl").write_text(whole.replace("XXB", "XXC", 1), "utf-8")
    assert "entry 2 does not verify" in checked().stderr
    (copy / "log.jsonl").write_text(whole[: whole.rindex("\n", 0, -1) + 1], "utf-8")
    assert "does not follow" in checked().stderr


def test_a_head_is_printed_with_what_shows_an_earlier_size_to_be_its_beginning(
    door: Door, home: Path
) -> None:
    told = json.loads(door(home, "custody", "head", "--since", "3").stdout)
    assert told["since"]["size"] == 3 and told["head"]["size"] > 3 and told["path"]
    assert json.loads(door(home, "custody", "head").stdout) == {"head": told["head"]}
    far = door(home, "custody", "head", "--since", "999")
    assert far.returncode == 2 and "give a number" in far.stderr


def test_an_authority_timestamps_the_newest_head_and_openssl_agrees_as_the_page_says(
    door: Door, home: Path, authority: Authority, tmp_path: Path
) -> None:
    well = stamping(door, home, authority, "good")
    assert well.returncode == 0 and authority.url() in well.stderr
    roots = {"TOCSIN_TSA_ROOTS": str(authority.folder / "ca.pem")}
    copy = exported(door, home, tmp_path / "copy")
    for folder in ([], [str(copy)]):
        held = door(home, "custody", "verify", "--json", *folder, **roots)
        told = json.loads(held.stdout)
        assert told["timestamp"]["authority"] == authority.url() and not told["timestamps_unchecked"]
    bare = door(home, "custody", "verify", str(copy), TOCSIN_TSA_ROOTS="")
    assert bare.returncode == 0 and "not held to a root certificate" in bare.stdout
    lines = [json.loads(line) for line in (copy / "heads.jsonl").read_text("utf-8").splitlines()]
    head = next(line for line in lines if line["token"])
    told = {name: head[name] for name in ("authority", "root", "size")}
    (tmp_path / "head.json").write_text(json.dumps(told, separators=(",", ":")), "utf-8")
    (tmp_path / "head.tsr").write_bytes(base64.b64decode(head["token"]))
    files = ("-data", tmp_path / "head.json", "-in", tmp_path / "head.tsr")
    openssl("ts", "-verify", *files, "-CAfile", authority.folder / "ca.pem")
    proof = json.loads(door(home, "custody", "proof", proposal("XXB").row).stdout)
    assert base64.b64decode(proof["head"]["token"]) and proof["head"]["authority"] == authority.url()


@pytest.mark.parametrize("path", ["down", "html", "noise"])
def test_a_timestamp_that_fails_says_so_and_loses_nothing(
    door: Door, home: Path, authority: Authority, path: str
) -> None:
    before = door(home, "custody", "head").stdout
    ill = stamping(door, home, authority, path)
    assert ill.returncode == 2 and len(ill.stderr.splitlines()) == 1 and authority.url(path) in ill.stderr
    assert door(home, "custody", "head").stdout == before
    assert door(home, "custody", "verify").returncode == 0


def test_without_an_authority_or_its_roots_nothing_is_asked(
    door: Door, home: Path, authority: Authority
) -> None:
    asked = len(authority.asked)
    for gone in ("TOCSIN_TSA_URL", "TOCSIN_TSA_ROOTS"):
        ill = stamping(door, home, authority, "good", **{gone: ""})
        assert ill.returncode == 2 and gone in ill.stderr
    assert len(authority.asked) == asked


def test_a_name_is_cut_loose_and_only_a_known_one(door: Door, home: Path) -> None:
    assert door(home, "custody", "erase", "--person", FIRST).returncode == 0
    assert door(home, "custody", "verify").returncode == 0
    again = door(home, "custody", "erase", "--person", FIRST)
    assert again.returncode == 2 and "unknown" in again.stderr
    assert door(home, "custody", "erase").returncode == 2


def test_a_public_copy_says_how_much_is_withheld(door: Door, home: Path, tmp_path: Path) -> None:
    copy = exported(door, home, tmp_path / "copy", "--public")
    found = door(home, "custody", "verify", str(copy))
    assert found.returncode == 0 and "1 withheld" in found.stdout
    assert os.listdir(copy) and "XXB" not in (copy / "log.jsonl").read_text("utf-8")
