"""Who may speak to the desk, and what a change must carry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html import escape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.web.desk import MemoryActs, MemoryDesk, raised, small_desk
from tocsin.alarms.alarm import AlarmState, Level
from tocsin.errors import NotAllowed, UserError
from tocsin.response.engagement import EngagementState, Inaction
from tocsin.web.app import STATIC, create_app
from tocsin.web.guard import host_allowed
from tocsin.web.server import check_host, listening, serve
from tocsin.web.words import safe_link

HOME = "http://127.0.0.1:8000"
OWN = {"origin": HOME}


@pytest.fixture
def desk() -> MemoryDesk:
    return small_desk()


@pytest.fixture
def client(desk: MemoryDesk) -> Iterator[TestClient]:
    with TestClient(create_app(lambda run: desk, MemoryActs(desk), b"s" * 32), HOME) as made:
        yield made


def token(client: TestClient) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', client.get("/").text)
    assert found
    return found.group(1)


def vote(client: TestClient, desk: MemoryDesk, signer: str, csrf: str, **headers: str) -> int:
    form = {
        "csrf": csrf,
        "signer": signer,
        "verdict": "yes",
        "reason": "two origins agree",
        "revision": str(desk.raised[0].revision),
    }
    sent = client.post(
        f"/alarm/{desk.raised[0].id}/sign", data=form, headers=OWN | headers, follow_redirects=False
    )
    return sent.status_code


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", "127.0.0.53"])
def test_serve_takes_loopback(host: str) -> None:
    check_host(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.4", "example.org", "", "localhost.evil.test", "10.0.0.1"]
)
def test_serve_refuses_any_other_address(host: str) -> None:
    with pytest.raises(NotAllowed, match="sign-in"):
        check_host(host)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "LOCALHOST:8000"])
def test_loopback_names_with_the_served_port_pass(host: str) -> None:
    assert host_allowed(host, 8000)


@pytest.mark.parametrize(
    "host",
    [
        "evil.test:8000",
        "127.0.0.1",
        "127.0.0.1:8001",
        "localhost.evil.test:8000",
        "a@127.0.0.1:8000",
        "",
        "[::1",
        "127.0.0.1:8000.evil.test",
        "127.0.0.1:x",
        "0.0.0.0:8000",
    ],
)
def test_a_rebound_name_or_another_port_is_refused_even_for_reading(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 421


@given(st.text(max_size=40))
def test_no_text_is_taken_for_a_loopback_host_unless_it_is_one(host: str) -> None:
    if host_allowed(host, 8000):
        assert re.fullmatch(r"(localhost|127(\.\d{1,3}){3}|\[[0-9a-f:]+\]):8000", host.lower())


@pytest.mark.parametrize(
    "path",
    ["/", "/country/SSD", "/static/map.js", "/api/alarms", "/map.json", "/nowhere", "/alarms.schema.json"],
)
def test_every_answer_carries_the_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    for part in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    ):
        assert part in policy
    assert "unsafe" not in policy and headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == ("no-cache" if path.startswith("/alarms.") else "no-store")


def test_no_page_holds_inline_script_or_style_or_a_foreign_address(
    client: TestClient, desk: MemoryDesk
) -> None:
    for path in (
        "/",
        "/country/SSD",
        "/alarms",
        f"/alarm/{desk.raised[0].id}",
        "/follow",
        "/sources",
        "/about",
    ):
        html = client.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", html), path
        assert not re.search(r'(?:src|href)="(?:https?:)?//', html), path


def test_the_cookie_is_strict_and_hidden_from_script(client: TestClient) -> None:
    cookie = client.get("/").headers["set-cookie"].lower()
    assert "samesite=strict" in cookie and "httponly" in cookie


def test_two_people_issue_an_alarm_from_the_page(client: TestClient, desk: MemoryDesk) -> None:
    csrf = token(client)
    assert vote(client, desk, "Ada", csrf) == 303
    assert desk.alarms()[0].state is AlarmState.PROPOSED
    assert vote(client, desk, "Ben", csrf) == 303
    assert desk.alarms()[0].state is AlarmState.ISSUED


def test_one_person_cannot_sign_twice(client: TestClient, desk: MemoryDesk) -> None:
    csrf = token(client)
    vote(client, desk, "Ada", csrf)
    assert vote(client, desk, "Ada", csrf) == 400
    assert desk.alarms()[0].state is AlarmState.PROPOSED


def sent(client: TestClient, path: str, **fields: str) -> Any:
    return client.post(path, data={"csrf": token(client), **fields}, headers=OWN, follow_redirects=False)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"reason": ""}, "the reason is missing"),
        ({"signer": "Eve"}, "unknown user"),
        ({"revision": "7"}, "is now revision 1, not 7"),
        ({"revision": ""}, "does not say which revision"),
    ],
)
def test_a_refused_signature_comes_back_as_typed_with_one_line(
    client: TestClient, desk: MemoryDesk, changes: dict[str, str], line: str
) -> None:
    typed = {"signer": "Ada", "verdict": "yes", "reason": "two <origins>", "revision": "1", **changes}
    answer = sent(client, f"/alarm/{desk.raised[0].id}/sign", **typed)
    assert answer.status_code == 400 and answer.text.count('role="alert"') == 1 and line in answer.text
    assert f'name="signer" value="{typed["signer"]}"' in answer.text
    assert f">{escape(typed['reason'])}</textarea>" in answer.text
    assert ('value="yes" required checked' in answer.text) is (typed["revision"] == "1")
    assert not desk.signed


def test_who_read_an_older_revision_has_not_signed_the_newer(client: TestClient, desk: MemoryDesk) -> None:
    proposed = desk.raised[0]
    page = client.get(f"/alarm/{proposed.id}").text
    assert 'name="revision" value="1"' in page
    desk.raised.append(raised(proposed, Level.ONGOING))
    assert vote(client, desk, "Ada", token(client)) == 400
    assert not desk.signed


def test_forms_offer_the_names_that_may_sign(client: TestClient, desk: MemoryDesk) -> None:
    for path in (f"/alarm/{desk.raised[0].id}", "/follow"):
        page = client.get(path).text
        assert 'list="signers"' in page and '<option value="Ada">' in page, path
        assert page.count('<datalist id="signers">') == 1, path


def test_a_refused_step_comes_back_as_typed(client: TestClient, desk: MemoryDesk) -> None:
    answer = sent(client, "/engagement/eng-1/decline", by="Ada", inaction="other", text="")
    assert answer.status_code == 400 and answer.text.count('role="alert"') == 1
    assert "<details open>" in answer.text and '<option value="other" selected>' in answer.text
    assert sent(client, "/engagement/eng-9/answer", by="Ada", text="x").status_code == 404
    assert sent(client, "/engagement/eng-1/burn", by="Ada", text="x").status_code == 404


def test_a_declined_ask_is_upheld_or_asked_again_once_its_review_is_due(
    client: TestClient, desk: MemoryDesk
) -> None:
    assert "/reopen" not in client.get("/follow").text
    desk.asked[0] = replace(
        desk.asked[0],
        state=EngagementState.DECLINED,
        inaction=Inaction.LACK_OF_CAPACITY,
        review_due=date(2026, 3, 1),
    )
    page = client.get("/follow").text
    assert "/engagement/eng-1/reopen" in page and "/engagement/eng-1/uphold" in page
    path = "/engagement/eng-1"
    assert sent(client, f"{path}/uphold", by="Ada", text="").status_code == 400
    for due in ("soon", "2020-01-01", ""):
        assert sent(client, f"{path}/reopen", by="Ada", text="Look again.", due=due).status_code == 400
    assert sent(client, f"{path}/uphold", by="Ada", text="Still no funds.").status_code == 303
    assert desk.asked[-1].state is EngagementState.DECLINED and desk.asked[-1].note == "Still no funds."
    assert sent(client, f"{path}/reopen", by="Ada", text="Look again.", due="2999-01-01").status_code == 303
    assert desk.asked[-1].state is EngagementState.OPEN and desk.asked[-1].due == date(2999, 1, 1)


def test_an_ask_that_nobody_moved_reads_as_opened_by_the_alarm(client: TestClient, desk: MemoryDesk) -> None:
    first = desk.asked[0]
    desk.asked[0] = replace(first, moved_by=f"alarm {first.alarm}.2")
    page = client.get("/follow").text
    assert "opened by the alarm" in page and "moved by alarm" not in page


@pytest.mark.parametrize(
    "origin", ["http://evil.test", "null", "", "http://127.0.0.1:8001", "https://127.0.0.1:8000"]
)
def test_a_foreign_or_missing_origin_changes_nothing(
    client: TestClient, desk: MemoryDesk, origin: str
) -> None:
    assert vote(client, desk, "Ada", token(client), origin=origin) == 403
    assert not desk.signed


@pytest.mark.parametrize("csrf", ["", "0" * 64, "é"])
def test_a_form_without_its_token_changes_nothing(client: TestClient, desk: MemoryDesk, csrf: str) -> None:
    token(client)
    assert vote(client, desk, "Ada", csrf) == 403
    assert not desk.signed


def test_a_token_of_another_visitor_or_process_changes_nothing(client: TestClient, desk: MemoryDesk) -> None:
    other = TestClient(create_app(lambda run: desk, None, b"t" * 32), HOME)
    client.get("/")
    assert vote(client, desk, "Ada", token(other)) == 403
    stranger = TestClient(client.app, HOME)
    assert vote(stranger, desk, "Ada", token(client)) == 403, "a token without its cookie"
    assert not desk.signed


def test_a_desk_for_reading_only_takes_no_change(desk: MemoryDesk) -> None:
    client = TestClient(create_app(lambda run: desk, None, b"s" * 32), HOME)
    assert vote(client, desk, "Ada", token(client)) == 403
    assert "/sign" not in client.get(f"/alarm/{desk.raised[0].id}").text


def test_a_form_that_is_too_long_is_refused_unread(client: TestClient, desk: MemoryDesk) -> None:
    assert vote(client, desk, "Ada" * 40_000, token(client)) == 413


def step(client: TestClient, verb: str, **fields: str) -> int:
    form = {"csrf": token(client), "by": "Ada", **fields}
    return client.post(
        f"/engagement/eng-1/{verb}", data=form, headers=OWN, follow_redirects=False
    ).status_code


def test_an_engagement_is_answered_and_then_acted_on(client: TestClient, desk: MemoryDesk) -> None:
    assert step(client, "answer", text="We are looking.") == 303
    assert step(client, "act", text="Observers were sent.") == 303
    assert desk.engagements()[0].state is EngagementState.ACTED
    assert step(client, "decline", inaction="complexity_or_risk") == 400, "closed is closed"


def test_no_action_needs_a_reason_from_the_list_and_other_needs_a_note(
    client: TestClient, desk: MemoryDesk
) -> None:
    assert step(client, "decline") == 400
    assert step(client, "decline", inaction="busy") == 400
    assert step(client, "decline", inaction="other") == 400
    assert desk.engagements()[0].state is EngagementState.OPEN
    assert step(client, "decline", inaction="lack_of_capacity") == 303
    assert desk.engagements()[0].inaction is Inaction.LACK_OF_CAPACITY
    page = client.get("/follow").text
    assert "Lack of capacity" in page


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil.test", " http://a"]
)
def test_only_web_addresses_become_links(address: str) -> None:
    assert safe_link(address) == ""


def test_the_built_scripts_name_no_other_machine_and_evaluate_no_text() -> None:
    for script in (STATIC / "map.js", STATIC / "table.js", STATIC / "vendor" / "d3-geo.js"):
        text = script.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|\beval\(|new Function|innerHTML|document\.write", text), script.name
    licence = (STATIC / "vendor" / "d3-geo.LICENSE.txt").read_text("utf-8")
    assert re.search(r"== d3-geo \d+\.\d+\.\d+ ==", licence) and "Bostock" in licence


def test_a_taken_port_is_one_clear_line(desk: MemoryDesk) -> None:
    with listening("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(UserError, match=f"port {port}.*--port"):
            serve(create_app(lambda run: desk, None, b"s"), "127.0.0.1", port)
