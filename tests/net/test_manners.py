"""A guest that comes in its turn, waits when asked to, and gives up in words."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.net.server import LIMITS, Quiet, Waits, guest
from tocsin.errors import FetchFailed
from tocsin.net import Ask, GuardedFetcher
from tocsin.net.manners import BUSY, LONGEST_WAIT, Manners, asked_wait, doubling


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("", None),
        ("soon", None),
        ("-3", None),
        ("0", 0.0),
        (" 7 ", 7.0),
        ("²", None),
        ("9" * 500, LONGEST_WAIT),
    ],
)
def test_the_wait_that_a_server_asks_for_is_read(header: str, wait: float | None) -> None:
    assert asked_wait(header) == wait


def test_a_wait_may_be_given_as_a_date() -> None:
    assert asked_wait("Thu, 01 Jan 1970 00:00:00 GMT") == 0.0
    soon = datetime.now(UTC) + timedelta(hours=1)
    assert 3500 < (asked_wait(format_datetime(soon, usegmt=True)) or 0) <= 3600


@given(
    st.text(max_size=40)
    | st.datetimes().map(lambda at: at.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    | st.from_regex(
        r"\A[A-Z]?[a-z]{0,3},? [0-9]{1,12} (Jan|Feb|x) [0-9]{1,12} [0-9:]{1,12} [+-]?[0-9]{0,12}\Z"
    )
)
@example("Thu, 01 Jan 9999 23:59:59 -2359")
@example("Thu, 01 Jan 0001 00:00:00 +9999")
def test_no_words_of_a_server_about_waiting_end_in_an_error(header: str) -> None:
    wait = asked_wait(header)
    assert wait is None or 0 <= wait <= LONGEST_WAIT


@given(st.floats(0.001, 60), st.integers(0, 10))
def test_the_wait_doubles_and_is_never_the_same_for_all(seconds: float, turn: int) -> None:
    assert 0.5 <= doubling(seconds, turn) / (seconds * 2**turn) <= 1.5


def test_requests_to_one_host_keep_their_distance_and_those_to_another_do_not_wait() -> None:
    clock, waits = [100.0], Waits()
    manners = Manners(host_seconds=2.0, wait=waits, clock=lambda: clock[0])
    assert [manners.turn("a"), manners.turn("a"), manners.turn("b")] == [0.0, 2.0, 0.0]
    clock[0] = 103.5
    assert manners.turn("a") == 0.5
    clock[0] = 200.0
    assert manners.turn("a") == 0.0 and waits == [2.0, 0.5]


def test_threads_take_turns_of_their_own() -> None:
    waits = Waits()
    manners = Manners(host_seconds=1.0, wait=waits, clock=lambda: 0.0)
    threads = [threading.Thread(target=manners.turn, args=("a",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]


def test_an_allowed_host_is_spared_unless_the_manners_say_otherwise(planned: Quiet) -> None:
    for spared, expected in ((True, []), (False, [1.0, 2.0])):
        waits = Waits()
        fetcher = guest(planned, wait=waits, clock=lambda: 0.0, spare_allowed=spared)
        for _ in range(3):
            fetcher.fetch(f"{planned.url}/plain", ask=Ask(robots=False))
        assert waits == expected


def test_every_hop_and_every_attempt_takes_a_turn(planned: Quiet) -> None:
    planned.plan["busy"] = [(503, b"", {"Retry-After": "0"}), (302, b"", {"Location": "/plain"})]
    waits = Waits()
    fetcher = guest(planned, wait=waits, clock=lambda: 0.0, spare_allowed=False)
    assert fetcher.fetch(f"{planned.url}/busy").status == 200
    assert waits == [1.0, 0.0, 2.0, 3.0]


def test_manners_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_HOST_SECONDS", "2.5")
    monkeypatch.setenv("TOCSIN_CONTACT", "https://example.org/watch")
    manners = GuardedFetcher.from_environment().manners
    assert manners.host_seconds == 2.5
    assert manners.agent.endswith("(early warning of atrocity crimes; https://example.org/watch)")


@pytest.mark.parametrize("status", BUSY)
def test_a_busy_host_is_asked_again_later(planned: Quiet, status: int) -> None:
    planned.plan["busy"] = [(status, b"", {}), (status, b"", {}), (200, b"here", {})]
    waits = Waits()
    assert guest(planned, wait=waits).fetch(f"{planned.url}/busy").body == b"here"
    assert len(waits) == 2 and 0.5 <= waits[0] <= 1.5 and 1.0 <= waits[1] <= 3.0


def test_a_body_that_was_cut_is_asked_for_again(planned: Quiet) -> None:
    waits = Waits()
    assert guest(planned, wait=waits).fetch(f"{planned.url}/cut").body == b"whole now"
    assert len(waits) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418, 501])
def test_a_refusal_is_not_asked_again(planned: Quiet, status: int) -> None:
    planned.plan["no"] = [(status, b"", {"Retry-After": "0"})]
    with pytest.raises(FetchFailed, match=f"/no: the server answered {status}"):
        guest(planned).fetch(f"{planned.url}/no")
    assert planned.paths().count("no") == 1


def test_a_host_that_stays_busy_is_left_after_the_last_attempt(planned: Quiet) -> None:
    planned.plan["busy"] = [(503, b"", {})]
    with pytest.raises(FetchFailed, match="answered 503 Service Unavailable at attempt 3; try later"):
        guest(planned, replace(LIMITS, retries=2)).fetch(f"{planned.url}/busy")
    assert planned.paths().count("busy") == 3


@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_within_the_time_is_kept_to_the_second_and_one_beyond_ends_at_once(
    planned: Quiet, status: int
) -> None:
    planned.plan["busy"] = [(status, b"", {"Retry-After": "9"}), (status, b"", {"Retry-After": "3600"})]
    waits = Waits()
    with pytest.raises(FetchFailed, match=rf"answered {status} .* asks to come back at \d{{4}}-.* UTC$"):
        guest(planned, wait=waits).fetch(f"{planned.url}/busy")
    assert waits == [9.0] and planned.paths().count("busy") == 2


def test_our_own_waiting_is_not_taken_from_the_time_of_a_host(planned: Quiet) -> None:
    clock = [0.0]

    def wait(seconds: float) -> None:
        clock[0] += seconds

    fetcher = guest(planned, wait=wait, clock=lambda: clock[0], spare_allowed=False, host_seconds=500)
    fetcher.fetch(f"{planned.url}/plain", ask=Ask(robots=False))
    planned.plan["busy"] = [(503, b"", {"Retry-After": "400"}), (200, b"here", {})]
    assert fetcher.fetch(f"{planned.url}/busy", ask=Ask(robots=False)).body == b"here"
    fetcher = guest(planned, wait=wait, clock=lambda: clock[0])
    planned.plan |= {
        "robots.txt": [(503, b"", {"Retry-After": "15"}), (404, b"", {})],
        "busy": [(503, b"", {"Retry-After": "30"}), (200, b"here", {})],
    }
    assert fetcher.fetch(f"{planned.url}/busy").body == b"here"
