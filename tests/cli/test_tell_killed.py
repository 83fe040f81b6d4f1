"""Killed at any point of telling: nothing is told twice and nothing is lost. Real processes, real servers."""

from __future__ import annotations

import json
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.house import House, standing

pytestmark = pytest.mark.slow


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with standing(tmp_path) as up:
        yield up


def test_killed_between_deciding_and_telling_nothing_is_lost(house: House) -> None:
    house.addresses("au: {mail: a@au.example}\neac: {mail: e@eac.example}\n")
    house.box.at_connect = house.kill
    assert house.killed_at("tell", "--send") == -signal.SIGKILL
    assert house.box.taken == [] and house.told() == {"au": "owed", "eac": "owed"}
    house.box.at_connect = lambda: None
    assert house.run("tell", "--send")[0] == 0
    assert sorted(to for to, _ in house.box.taken) == ["a@au.example", "e@eac.example"]


def test_killed_between_telling_and_noting_nothing_is_told_twice(house: House) -> None:
    house.addresses("au: {mail: a@au.example}\neac: {mail: e@eac.example}\n")
    house.box.at_data = house.kill
    assert house.killed_at("tell", "--send") == -signal.SIGKILL
    assert len(house.box.taken) == 1
    house.box.at_data = lambda: None
    assert house.run("tell", "--send")[0] == 2, "one is in doubt, and that is said"
    assert sorted(house.told().values()) == ["in doubt", "told"]
    assert house.run("tell", "--send", "--at-once")[0] == 2
    assert sorted(to for to, _ in house.box.taken) == ["a@au.example", "e@eac.example"]


def test_a_webhook_killed_before_its_answer_is_sent_again_under_the_same_id(house: House) -> None:
    house.addresses("au: {webhook: HOOK}\n")

    class Plan(list[tuple[int, bytes, dict[str, str]]]):
        def __len__(self) -> int:
            house.kill()
            return 0

        def __bool__(self) -> bool:
            return True

    house.server.plan["hook"] = Plan([(204, b"", {})])
    assert house.killed_at("tell", "--send") == -signal.SIGKILL
    house.server.plan["hook"] = [(204, b"", {})]
    assert house.told() == {"au": "owed"}
    assert house.run("tell", "--send")[0] == 0 and house.told() == {"au": "told"}
    ids = [{k.lower(): v for k, v in h.items()}["webhook-id"] for _, _, h in house.server.seen]
    assert len(ids) == 2 and len(set(ids)) == 1, "its receiver drops the copy"
    assert house.run("tell", "--send")[0] == 0 and len(house.server.seen) == 2


def test_two_senders_at_once_tell_everybody_once(house: House) -> None:
    house.addresses(
        "au: {mail: [a@au.example, b@au.example]}\neac: {mail: e@eac.example}\nun-ocha: {webhook: HOOK}\n"
    )
    both = [house.start("tell", "--send") for _ in range(2)]
    for process in both:
        process.communicate(timeout=120)
    assert [p.returncode for p in both] == [0, 0]
    assert len(house.box.taken) == 3 and len(house.server.seen) == 1


def test_killed_at_random_moments_each_address_hears_once_or_is_in_doubt(house: House) -> None:
    chance = random.Random(20090516)
    keys = ("au", "eac", "icglr", "eccas", "un-ocha", "un-dpo", "un-unhcr", "un-dppa")
    house.addresses("".join(f"{k}: {{mail: {k}@desk.example, webhook: HOOK}}\n" for k in keys))
    house.box.habit = "slow"
    for _ in range(5):
        process = house.start("tell", "--send", "--at-once")
        first = len(house.box.taken) + len(house.server.seen)
        while process.poll() is None and len(house.box.taken) + len(house.server.seen) == first:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.15))
        process.kill()
        process.communicate(timeout=60)
    house.run("tell", "--send", "--at-once")
    rows = [json.loads(line) for line in house.run("told", "--json")[1].splitlines()]
    assert len(rows) == 2 * len(keys)
    letters = Counter(to for to, _ in house.box.taken)
    ids = Counter({k.lower(): v for k, v in h.items()}["webhook-id"] for _, _, h in house.server.seen)
    for row in rows:
        if row["channel"] == "mail":
            assert letters[row["address"]] <= 1
            assert row["standing"] == "in doubt" or (row["standing"], letters[row["address"]]) == ("told", 1)
        else:
            assert row["standing"] == "told" and ids[row["id"]] >= 1
    assert len(ids) == len(keys), "a copy bears the id of what it copies"
