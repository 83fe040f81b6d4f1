"""One server for the tests that leave it as it is, and one of their own for those that plan its answers."""

from collections.abc import Iterator

import pytest

from tests.net.server import Quiet, guest, serving
from tocsin.net import GuardedFetcher


@pytest.fixture(scope="package")
def shared() -> Iterator[Quiet]:
    with serving() as up:
        yield up


@pytest.fixture
def server(shared: Quiet) -> str:
    return shared.url


@pytest.fixture
def fetcher(shared: Quiet) -> GuardedFetcher:
    return guest(shared)


@pytest.fixture
def planned() -> Iterator[Quiet]:
    with serving() as up:
        yield up
