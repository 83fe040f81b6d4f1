"""The page of an alarm says which role was told, when, and in which state it is; never at which address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.store.telling import AT, home_with, issued, mail, moved
from tests.web.desk import MemoryActs, MemoryDesk, MemoryTelling, small_desk
from tocsin.alarms.alarm import AlarmState
from tocsin.response.dispatch import Attempt, Step
from tocsin.response.told import PASSED, Line
from tocsin.store.outbox import Outbox, Telling, Word, hold
from tocsin.web.app import create_app


@pytest.fixture
def desk() -> MemoryDesk:
    return replace(small_desk(), telling=MemoryTelling([]))


@pytest.fixture
def client(desk: MemoryDesk) -> Iterator[TestClient]:
    with TestClient(
        create_app(lambda run: desk, MemoryActs(desk), b"s" * 32), "http://127.0.0.1:8000"
    ) as made:
        yield made


def section(client: TestClient, desk: MemoryDesk) -> str:
    html = client.get(f"/alarm/{desk.raised[0].id}").text
    found = re.search(r'<section aria-labelledby="told">.*?</section>', html, re.S)
    assert found
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found.group()))


def test_the_page_of_an_alarm_lists_who_was_told(client: TestClient, desk: MemoryDesk) -> None:
    assert desk.telling
    assert "Nobody yet" in section(client, desk)
    desk.telling.told[:] = [
        Line("African Union", "Secretariat", "mail", 2, "in doubt", AT, loud=True),
        Line("A state", "Mission", "", 2, "notice held back", AT, "Ada", "<b>those who spoke</b>"),
    ]
    said = section(client, desk)
    assert "African Union, Secretariat 2 mail in doubt" in said and f"{AT:%Y-%m-%d}" in said
    assert "notice held back Ada: &lt;b&gt;those who spoke&lt;/b&gt;" in said


def test_lines_hold_roles_and_states_and_no_address(tmp_path: Path) -> None:
    home = home_with(tmp_path, issued())
    outbox = Outbox(home.ledger.engine, {"au": mail("a@au.example"), "eac": mail("e@eac.example")})
    due = {d.recipient: d.id for d in outbox.owed(AT)}
    outbox.write(outbox.owed(AT))
    outbox.note(Attempt(due["au"], Step.DONE, AT))
    outbox.note(Attempt(due["eac"], Step.FAILED, AT, "the webhook of eac said no"))
    hold(outbox, issued(), "state-r2p-BDI", Word("Ada", "they are there", AT))
    home.ledger.add(moved(issued(), AlarmState.UPDATED))
    told = {line.body: line for line in Telling(home.ledger.engine).of(issued().id)}
    home.close()
    assert told["African Union"].said == "told" and told["African Union"].on == AT
    assert told["East African Community"].said == PASSED and not told["East African Community"].loud
    assert told["Government of the state concerned"].by == "Ada"
    assert "@" not in str(list(told.values()))
