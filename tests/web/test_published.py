"""What is public keeps its address, says when it changed, never holds a proposal; the files say the same."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import feedparser
import pytest
from starlette.testclient import TestClient

from tests.alarms.laid import decoded, proposed, put_again
from tests.alarms.made import later
from tests.cli.tools import tocsin
from tocsin.alarms.alarm import Alarm, Level, Signature
from tocsin.alarms.forms import FORMS
from tocsin.alarms.signing import make_key, verify
from tocsin.alarms.watch import cancel, override
from tocsin.clock import now
from tocsin.store.backup import back_up
from tocsin.store.desk import Desk
from tocsin.store.home import Home, open_home
from tocsin.store.publishing import Publishing, key_folder
from tocsin.web.app import create_app

HOME = "http://127.0.0.1:8000"
SENDER = "alarms@tocsin.example"


def lately(iso3: str) -> list[Alarm]:
    """Proposed and issued within the last days."""
    at = now().replace(microsecond=0) - timedelta(days=2)
    day = at.date()
    first = proposed(
        iso3, id=f"alm-{iso3}", as_of=at, recorded=at, first_crossing=day, expires=day + timedelta(days=60)
    )
    return [first, override(first, "Adaeze Uniquename", "no time", later(first, 1))]


def ended(iso3: str) -> list[Alarm]:
    """Issued, and cancelled while a change to it waited for signatures."""
    every = lately(iso3)
    waiting = put_again(every[-1], Level.ONGOING, "Never public: a change that nobody signed.")
    waiting = replace(waiting, recorded=later(every[-1], 1))
    return [*every, waiting, cancel(waiting, "Adaeze Uniquename", "it was counted twice", later(waiting, 1))]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = open_home(tmp_path / "home")
    for name in ("Adaeze Uniquename", "Bento Uniquename"):
        made.ledger.add_user(name, "desk officer")
    waiting = replace(lately("COD")[0], sentences=("Never public either.",))
    issued = lately("SSD")
    dissent = Signature(issued[0].id, "Bento Uniquename", False, "the figures are old", issued[0].recorded, 1)
    unsigned = Signature("alm-SDN", "Bento Uniquename", False, "Never public: too much", now(), 3)
    made.ledger.add(*issued, *ended("SDN"), waiting, dissent, unsigned)
    yield made
    made.close()


@pytest.fixture
def client(home: Home) -> Iterator[TestClient]:
    app = create_app(
        lambda run: Desk(home, run or "live"),
        None,
        b"s" * 32,
        lambda base: Publishing(home, base, SENDER, linked=True),
    )
    with TestClient(app, HOME) as made:
        yield made


@pytest.mark.parametrize("form", list(FORMS))
def test_every_form_has_its_media_type_and_holds_what_was_issued_and_what_ended(
    client: TestClient, form: str
) -> None:
    answer = client.get(f"/alarms.{form}")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith(FORMS[form][1])
    assert "alm-SSD" in answer.text and "alm-SDN" in answer.text
    assert not any(
        word in answer.text for word in ("alm-COD", "Never public", "ongoing_deaths", "Uniquename")
    ), "no proposal, no change that waits, nobody who signed"


@pytest.mark.parametrize("path", [*(f"/alarms.{form}" for form in FORMS), "/cap/alm-SSD.2.xml"])
def test_a_reader_that_has_it_is_told_so(client: TestClient, path: str) -> None:
    first = client.get(path)
    assert first.headers["cache-control"] == "no-cache" and first.headers["last-modified"].endswith("GMT")
    for tag in (first.headers["etag"], f'W/{first.headers["etag"]}, "other"', "*"):
        again = client.get(path, headers={"if-none-match": tag})
        assert again.status_code == 304 and not again.content
        assert again.headers["etag"] == first.headers["etag"]
    assert client.get(path, headers={"if-none-match": '"other"'}).content == first.content


def test_a_date_alone_is_no_reason_to_hold_a_text_back(client: TestClient) -> None:
    for path in ("/cap/alm-SSD.2.xml", "/alarms.atom"):
        since = {"if-modified-since": client.get(path).headers["last-modified"]}
        assert client.get(path, headers=since).status_code == 200


def test_what_is_issued_changes_the_tag(client: TestClient, home: Home) -> None:
    before = client.get("/alarms.json").headers["etag"]
    home.ledger.add(cancel(lately("SSD")[-1], "Adaeze Uniquename", "it was counted twice", now()))
    assert client.get("/alarms.json", headers={"if-none-match": before}).status_code == 200


def test_each_entry_leads_to_its_cap_document(client: TestClient) -> None:
    for entry in feedparser.parse(client.get("/alarms.rss").content).entries:
        answer = client.get(entry.link)
        assert answer.headers["content-type"] == "application/cap+xml"
        message = decoded(answer.content)
        assert entry.id == f"urn:tocsin:{message['identifier']}" and message["scope"] == "Public"
        assert [i["language"] for i in message["info"]] == ["en", "fr", "es", "ar"]
        assert message["sender"] == SENDER


def test_the_messages_that_an_end_names_can_be_read_too(client: TestClient) -> None:
    end = decoded(client.get("/cap/alm-SDN.4.xml").content)
    assert end["msgType"] == "Cancel"
    _, named, sent = end["references"].split(",")
    assert decoded(client.get(f"/cap/{named}.xml").content)["sent"] == sent


@pytest.mark.parametrize(
    "row", ["alm-COD.1", "alm-SSD.1", "alm-SDN.3", "alm-SSD.99", "alm-no.1", "x", "..%2Fx"]
)
def test_proposals_and_what_never_was_look_alike(client: TestClient, row: str) -> None:
    answer = client.get(f"/cap/{row}.xml")
    assert answer.status_code == 404 and "Never public" not in answer.text


@pytest.mark.parametrize(
    "path", ["/alarms.exe", "/replay/replay-1/alarms.atom", "/replay/replay-1/cap/alm-SSD.2.xml"]
)
def test_other_forms_and_replays_have_none(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_desk_that_publishes_nothing_says_that_there_is_no_such_page(home: Home) -> None:
    with TestClient(create_app(lambda run: Desk(home, run or "live"), None, b"s" * 32), HOME) as client:
        assert client.get("/alarms.atom").status_code == 404


def test_the_pages_lead_to_every_form(client: TestClient) -> None:
    page = client.get("/alarms").text
    assert all(f'href="/alarms.{form}"' in page for form in FORMS)
    assert 'rel="alternate" type="application/atom+xml"' in page
    assert json.loads(client.get("/alarms.schema.json").content)["title"]


def test_with_a_key_every_document_is_signed(client: TestClient, home: Home) -> None:
    pem = make_key(key_folder(home.folder), "tocsin.example", now() - timedelta(minutes=1)).read_bytes()
    document = client.get("/cap/alm-SSD.2.xml").content
    assert verify(document, pem, now()).identifier == "alm-SSD.2"
    assert decoded(document)["msgType"] == "Alert"


def test_a_backup_holds_no_key(home: Home, tmp_path: Path) -> None:
    make_key(key_folder(home.folder), "tocsin.example", now())
    back_up(home, tmp_path / "copy")
    assert not [p for p in (tmp_path / "copy").rglob("*") if "key" in p.name or "signing" in p.name]


@pytest.mark.slow
def test_the_files_say_the_same_twice_and_verify_anywhere(home: Home, tmp_path: Path) -> None:
    made = tocsin(home.folder, "warn", "key", "--name", "tocsin.example")
    pem = made.stdout.strip()
    assert made.returncode == 0 and (key_folder(home.folder) / "signing.key.pem").stat().st_mode & 0o077 == 0
    options = ("--base", "https://tocsin.example/alarms/", "--sender", SENDER)
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        done = tocsin(home.folder, "warn", "publish", str(folder), *options)
        assert done.returncode == 0 and not done.stdout and "3 CAP document(s)" in done.stderr, done.stderr
    one, two = ({str(p.relative_to(f)): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in folders)
    assert one == two
    assert set(one) == {
        *(f"alarms.{form}" for form in FORMS), "alarms.schema.json", "tocsin.crt.pem",
        "cap/alm-SSD.2.xml", "cap/alm-SDN.2.xml", "cap/alm-SDN.4.xml",
    }  # fmt: skip
    assert not any(
        b"PRIVATE" in body or b"Never public" in body or b"Uniquename" in body for body in one.values()
    )
    document = str(folders[0] / "cap" / "alm-SSD.2.xml")
    nowhere = tmp_path / "no-home"
    assert "the signature holds" in tocsin(nowhere, "warn", "verify", document, "--certificate", pem).stdout
    forged = tmp_path / "forged.xml"
    forged.write_bytes(Path(document).read_bytes().replace(b"Warning", b"Nothing"))
    refused = tocsin(nowhere, "warn", "verify", str(forged), "--certificate", pem)
    assert refused.returncode == 2 and "does not hold" in refused.stderr and not refused.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--base", "ftp://x", "--sender", SENDER), "--base"),
        (("--base", "https://x.example", "--sender", "a b"), "sender"),
        (("--base", "https://x.example"), "TOCSIN_CONTACT"),
    ],
)
def test_a_slip_is_one_line_and_writes_nothing(
    home: Home, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    assert "TOCSIN_CONTACT" not in os.environ
    done = tocsin(home.folder, "warn", "publish", str(tmp_path / "out"), *words)
    assert done.returncode == 2 and said in done.stderr and len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()
