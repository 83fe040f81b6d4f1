"""A secret is sent where it belongs and shown nowhere, whatever goes wrong."""

import json
import logging
import traceback
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.net.server import Quiet, guest
from tocsin.errors import AddressRefused, TocsinError
from tocsin.net import Ask, Fetched
from tocsin.net.veil import Veil
from tocsin.settings import Secret

# A traceback shows lines of the source: the beginning keeps a drawn word from being one that stands there.
WORD = (
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=24)
    .filter(lambda word: any(letter.isalnum() for letter in word[2:]))
    .map("q7".__add__)
)
FAILING = (
    *("down", "short", "refused", "brotli", "longer", "no-http"),
    *("mirror", "lost", "repeat", "elsewhere", "garbled", "scheme", "encoded"),
)


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    caplog.set_level(logging.DEBUG)
    yield caplog


def spellings(word: str) -> set[str]:
    return {
        word,
        quote(word, safe=""),
        quote_plus(word),
        quote(word),
        repr(word)[1:-1],
        json.dumps(word)[1:-1],
    }


@pytest.mark.parametrize("where", ["headers", "query", "form"])
@pytest.mark.parametrize("path", FAILING)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(word=WORD)
def test_no_error_repr_or_log_of_a_failing_fetch_holds_a_secret(
    shared: Quiet, told: pytest.LogCaptureFixture, word: str, path: str, where: str
) -> None:
    secret, told_before = Secret(word), len(told.records)
    ask = Ask(**{where: {"key": secret.after("Bearer ") if where == "headers" else secret}})
    fetcher = guest(shared)
    with pytest.raises(TocsinError) as raised:
        fetcher.fetch(f"{shared.url}/{path}?a=1", ask=ask)
    logged = [record.getMessage() for record in told.records[told_before:]]
    shown = "\n".join([*traceback.format_exception(raised.value), repr(ask), str(vars(fetcher)), *logged])
    assert not [spelled for spelled in spellings(word) if spelled in shown]
    assert word.lower() not in str(raised.value).lower()
    assert len(str(raised.value).splitlines()) == 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(word=WORD)
def test_nothing_of_an_answer_but_its_body_holds_a_secret_that_the_server_repeats(
    shared: Quiet, word: str
) -> None:
    answer = guest(shared).fetch(f"{shared.url}/parrot", ask=Ask(query={"key": Secret(word)}))
    assert not [spelled for spelled in spellings(word) if spelled in told_of(answer)]
    moved = guest(shared).fetch(f"{shared.url}/return", ask=Ask(query={"key": Secret(word)}))
    assert not [spelled for spelled in spellings(word) if spelled in told_of(moved)]
    assert moved.url == f"{shared.url}/echo?key=***"
    assert json.loads(moved.body)["path"] == f"/echo?key={quote_plus(word)}"


def told_of(answer: Fetched) -> str:
    parts = (answer.url, answer.reason, answer.content_type, answer.headers, answer.lines, answer.validators)
    return "\n".join([repr(answer), *map(str, parts)])


def test_headers_of_an_ask_stay_with_the_host_they_are_meant_for(planned: Quiet, shared: Quiet) -> None:
    planned.plan["away"] = [(302, b"", {"Location": f"{shared.url}/echo"})]
    planned.plan["on"] = [(302, b"", {"Location": "/echo"})]
    fetcher = guest(planned)
    fetcher.allow |= {shared.host}
    ask = Ask({"Authorization": Secret("Bearer k-1")})
    assert json.loads(fetcher.fetch(f"{planned.url}/away", ask=ask).body)["key"] is None
    assert json.loads(fetcher.fetch(f"{planned.url}/on", ask=ask).body)["key"] == "Bearer k-1"


def test_a_redirect_that_carries_a_secret_away_is_not_followed(planned: Quiet, shared: Quiet) -> None:
    planned.plan["away"] = [(302, b"", {"Location": f"{shared.url}/echo?key=k-123456"})]
    fetcher = guest(planned)
    fetcher.allow |= {shared.host}
    with pytest.raises(AddressRefused, match="a secret would go to another host"):
        fetcher.fetch(f"{planned.url}/away", ask=Ask(query={"key": Secret("k-123456")}))


@given(WORD | st.text(min_size=1, max_size=10).filter(str.strip), st.text(max_size=10), st.booleans())
def test_a_veil_hides_a_secret_in_the_middle_of_a_text(word: str, around: str, small: bool) -> None:
    veil = Veil([Secret(word)])
    for spelled in {word, quote(word, safe="", errors="replace"), quote_plus(word, errors="replace")}:
        shown = veil.text(around + (spelled.lower() if small and spelled != word else spelled) + around)
        assert word not in shown.replace("***", "") or word in around * 2
    assert veil.hides(word) and not Veil().hides(word)
