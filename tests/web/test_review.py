"""The page of a record: what the machine and people read, side by side, and a form for one's own word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from tests.web.desk import AT, MemoryActs, MemoryDesk, reading, small_desk
from tocsin.clock import day_moment
from tocsin.web.app import create_app

HOME = "http://127.0.0.1:8000"
OWN = {"origin": HOME}


@pytest.fixture
def desk() -> MemoryDesk:
    return small_desk()


@pytest.fixture
def client(desk: MemoryDesk) -> Iterator[TestClient]:
    app = create_app(lambda run: small_desk(run) if run else desk, MemoryActs(desk), b"s" * 32)
    with TestClient(app, HOME) as made:
        yield made


def post(client: TestClient, target: str, **fields: str) -> tuple[int, str]:
    page = client.get("/record/rec-1").text
    csrf = re.findall(r'name="csrf" value="(\w+)"', page)[0]
    answer = client.post(f"/record/rec-1/review/{target}", data={"csrf": csrf, **fields}, headers=OWN)
    return answer.status_code, answer.text


def test_a_correction_stands_beside_the_machines_reading(client: TestClient, desk: MemoryDesk) -> None:
    assert "Read by machine only" in client.get("/record/rec-1").text
    code, page = post(
        client, "rec-1", verdict="correct", by="Ada", time="past", factors="none", reason="It is <old>."
    )
    assert code == 200 and len(desk.told) == 1 and desk.told[0].says.factors == ()
    row = re.search(r'<tr><th scope="row">Time of the situation</th>.*?</tr>', page, re.S)
    assert row and "present" in row.group() and "Ada: past" in row.group() and "(person)" in row.group()
    assert "It is &lt;old&gt;." in page and "<old>" not in page


def test_one_claim_is_confirmed_or_called_wrong(client: TestClient, desk: MemoryDesk) -> None:
    assert post(client, "sig-1", verdict="confirm", by="Ada")[0] == 200
    code, page = post(client, "sig-3", verdict="wrong", by="Ben", reason="The words say otherwise.")
    assert code == 200 and "no longer counts" in page and "calls wrong" in page
    assert [(r.signal, r.verdict.value) for r in desk.told] == [("sig-1", "confirm"), ("sig-3", "wrong")]
    assert all(s.review == "machine" for s in desk.claims), "the machine's rows stay"


@pytest.mark.parametrize(
    ("target", "fields"),
    [
        ("rec-1", {"verdict": "correct", "by": "Ada", "time": "past"}),
        ("rec-1", {"verdict": "correct", "by": "Ada", "factors": "RF99", "reason": "seen"}),
        ("rec-1", {"verdict": "confirm", "by": "Ada", "time": "past"}),
        ("rec-1", {"verdict": "wrong", "by": "Ada", "reason": "seen"}),
        ("sig-1", {"verdict": "correct", "by": "Ada", "countries": "SSD,SDN", "reason": "seen"}),
        ("rec-1", {"verdict": "", "by": "Ada"}),
    ],
)
def test_a_refused_review_comes_back_as_typed_and_keeps_nothing(
    client: TestClient, desk: MemoryDesk, target: str, fields: dict[str, str]
) -> None:
    code, page = post(client, target, **fields)
    assert code == 400 and "Not done:" in page and 'value="Ada"' in page and not desk.told


def test_a_review_from_a_foreign_page_or_without_the_token_is_refused(
    client: TestClient, desk: MemoryDesk
) -> None:
    client.get("/record/rec-1")
    data = {"verdict": "confirm", "by": "Ada"}
    assert client.post("/record/rec-1/review/rec-1", data=data, headers=OWN).status_code == 403
    foreign = {"origin": "http://elsewhere.example"}
    assert client.post("/record/rec-1/review/rec-1", data=data, headers=foreign).status_code == 403
    assert not desk.told


def test_a_replay_and_a_desk_for_reading_offer_no_review(client: TestClient, desk: MemoryDesk) -> None:
    assert "Review this" in client.get("/record/rec-1").text
    assert "Review this" not in client.get("/replay/replay-1/record/rec-1").text
    with TestClient(create_app(lambda run: desk, None, b"s" * 32), HOME) as reading_only:
        assert "Review this" not in reading_only.get("/record/rec-1").text


def test_older_readings_are_kept_on_the_page_with_the_reviews_beside_both(
    client: TestClient, desk: MemoryDesk
) -> None:
    desk.read.insert(0, reading(desk.records[0], [], version="0"))
    post(client, "rec-1", verdict="correct", by="Ada", time="past", reason="It is over.")
    page = client.get("/record/rec-1").text
    assert "Other readings, kept (1)" in page and "Coder rules 0" in page
    assert page.count("Ada: past") == 2
    assert page.count("Used by later steps") == 1, "only the reading in use is used"


def test_a_record_that_no_coder_has_read_is_shown_without_a_reading(
    client: TestClient, desk: MemoryDesk
) -> None:
    desk.read.clear()
    assert "Read as a whole" not in client.get("/record/rec-1").text


def test_what_is_worth_reviewing_is_listed_until_somebody_has_looked(
    client: TestClient, desk: MemoryDesk
) -> None:
    desk.claims = [replace(c, known=day_moment(AT.date())) for c in desk.claims]
    page = client.get("/review").text
    assert 'href="/record/rec-1"' in page and "a present sign of risk" in page
    assert "<script>alert" not in page
    post(client, "rec-1", verdict="confirm", by="Ada")
    assert "Nothing waits for a review" in client.get("/review").text
    assert "Nothing is reviewed in a replay" in client.get("/replay/replay-1/review").text


def test_a_claim_says_what_the_review_of_its_record_does_to_it(client: TestClient) -> None:
    said = "By the review of the whole record"
    assert said not in client.get("/record/rec-1").text
    post(client, "rec-1", verdict="correct", by="Ada", countries="Sudan", reason="It is across the border.")
    assert f"{said} it counts as: SDN, " in client.get("/record/rec-1").text
    post(client, "rec-1", verdict="correct", by="Ada", relevance="none", reason="It is a drill.")
    page = client.get("/record/rec-1").text
    assert f"{said} it no longer counts." in page and f"{said} it counts as" not in page
