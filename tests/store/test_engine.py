"""The database that a thread keeps for short questions."""

import multiprocessing
from threading import Thread

import duckdb
import pytest

from tocsin.store.engine import kept


def asked() -> int:
    with kept() as con:
        return int(con.execute("SELECT 6 * 7").fetchall()[0][0])


def test_a_thread_keeps_one_and_a_question_within_a_question_has_its_own() -> None:
    with kept() as first, kept() as second:
        assert first is not second
    with kept() as again:
        assert again is first


def test_after_an_error_the_next_one_is_new() -> None:
    with pytest.raises(duckdb.Error), kept() as first:
        first.execute("SELECT nothing")
    with kept() as second:
        assert second is not first
    assert asked() == 42


def test_other_threads_and_forked_processes_have_their_own() -> None:
    assert asked() == 42
    found: list[int] = []
    thread = Thread(target=lambda: found.append(asked()))
    thread.start()
    thread.join()
    assert found == [42]
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply_async(asked).get(timeout=60) == 42
