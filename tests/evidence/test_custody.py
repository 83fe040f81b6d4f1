"""The log: what nobody touched is whole, and whatever one thing is changed, removed or moved is found."""

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.evidence.logs import a_log, faults, rehashed
from tocsin.errors import InputError, NotAllowed
from tocsin.evidence import canonical
from tocsin.evidence.custody import Entry, Head, Log, grown_faults, log_faults, packed, unpacked
from tocsin.evidence.log_copy import read_copy, write_copy
from tocsin.evidence.tree import Frontier, leaf_hash, root

WRITINGS = st.lists(st.integers(1, 4), min_size=1, max_size=5)
ENTRIES, HEADS = a_log([2, 3, 1, 2])


@given(WRITINGS)
def test_what_nobody_touched_is_faults(writings: list[int]) -> None:
    assert faults(*a_log(writings)) == []


def test_an_empty_log_is_faults() -> None:
    assert faults([], []) == []


@given(WRITINGS, st.data())
def test_one_changed_character_of_a_text_is_one_line_that_names_the_entry(
    writings: list[int], data: st.DataObject
) -> None:
    entries, heads = a_log(writings, "word")
    n = data.draw(st.integers(0, len(entries) - 1))
    body = entries[n].body or ""
    spot = data.draw(st.integers(0, len(body) - 1))
    other = data.draw(st.characters().filter(lambda c: c != body[spot]))
    entries[n] = replace(entries[n], body=body[:spot] + other + body[spot + 1 :])
    (line,) = faults(entries, heads)
    assert line.startswith(f"entry {n}") and "changed" in line


@given(WRITINGS, st.data())
def test_a_text_that_was_changed_together_with_its_hash_is_found_by_the_heads(
    writings: list[int], data: st.DataObject
) -> None:
    entries, heads = a_log(writings)
    n = data.draw(st.integers(0, len(entries) - 1))
    entries[n] = rehashed(entries[n], n=99)
    (line,) = faults(entries, heads)
    first = next(head for head in heads if head.size > n)
    assert f"{first.seq} " in line and "not follow" in line


@given(WRITINGS, st.data())
def test_a_removed_entry_is_one_line_also_at_the_end(writings: list[int], data: st.DataObject) -> None:
    entries, heads = a_log(writings)
    n = data.draw(st.integers(0, len(entries) - 1))
    (line,) = faults(entries[:n] + entries[n + 1 :], heads)
    assert line.startswith(f"entry {n} is missing") and (n < len(entries) - 1 or "at the end" in line)


@given(WRITINGS, st.data())
def test_a_removed_entry_is_found_when_the_others_are_counted_anew(
    writings: list[int], data: st.DataObject
) -> None:
    entries, heads = a_log(writings)
    n = data.draw(st.integers(0, len(entries) - 1))
    left = [replace(one, seq=k) for k, one in enumerate(entries[:n] + entries[n + 1 :])]
    assert faults(left, heads)


@given(WRITINGS.filter(lambda w: sum(w) > 1), st.data())
def test_reordered_entries_are_found_as_lines_as_numbers_and_as_texts(
    writings: list[int], data: st.DataObject
) -> None:
    entries, heads = a_log(writings)
    n = data.draw(st.integers(0, len(entries) - 2))
    one, two = entries[n], entries[n + 1]
    lines = faults([*entries[:n], two, one, *entries[n + 2 :]], heads)
    assert lines == [f"entry {n} is out of its place"]
    swaps = (
        (replace(two, seq=one.seq), replace(one, seq=two.seq)),
        (replace(one, body=two.body), replace(two, body=one.body)),
    )
    for swap in swaps:
        assert faults([*entries[:n], *swap, *entries[n + 2 :]], heads)


def test_an_entry_that_comes_twice_is_found() -> None:
    assert faults([*ENTRIES[:3], ENTRIES[2], *ENTRIES[3:]], HEADS) == ["entry 2 comes twice"]


CHANGES: dict[str, Callable[[Head], Head]] = {
    "size": lambda h: replace(h, size=h.size - 1),
    "root": lambda h: replace(h, root="0" * 64),
    "no hash": lambda h: replace(h, root="z"),
    "time": lambda h: replace(h, at="2026-02-01T12:00:00"),
    "authority": lambda h: replace(h, authority="https://tsa.example"),
    "token": lambda h: replace(h, token=b"0"),
    "frontier": lambda h: replace(h, frontier=packed(Frontier(1, [b"0" * 32]))),
    "number": lambda h: replace(h, seq=h.seq + 7),
    "far": lambda h: replace(h, size=10**15),
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("n", range(len(HEADS)))
def test_any_one_part_of_a_head_that_is_changed_is_found(what: str, n: int) -> None:
    assert faults(ENTRIES, [*HEADS[:n], CHANGES[what](HEADS[n]), *HEADS[n + 1 :]])


def test_a_head_that_was_changed_is_told_from_entries_that_were() -> None:
    odd = [HEADS[0], replace(HEADS[1], root="0" * 64), *HEADS[2:]]
    assert faults(ENTRIES, odd) == ["head 2 was changed: its entries give another root"]
    assert faults([*ENTRIES[:3], rehashed(ENTRIES[3], n=9), *ENTRIES[4:]], HEADS) == [
        "heads 2 to 4 do not follow: entries 2 to 4 or what the head says was changed, removed or moved"
    ]


def test_a_removed_head_is_found_in_the_middle_and_at_the_end() -> None:
    assert faults(ENTRIES, HEADS[:1] + HEADS[2:]) == ["head 2 is missing: head 3 stands in its place"]
    (line,) = faults(ENTRIES, HEADS[:-1])
    assert line == "entries 6 to 7 are under no head: the newest heads are missing"
    assert faults(ENTRIES, [])


def test_log_and_heads_that_were_cut_together_are_found_only_against_an_earlier_copy() -> None:
    cut = ENTRIES[:5], HEADS[:2]
    assert faults(*cut) == []
    assert grown_faults((Log(ENTRIES), HEADS), (Log(cut[0]), cut[1])) == [
        "entry 5 (and 2 more) of the earlier copy is missing",
        "head 3 is not what the earlier copy holds",
        "head 4 is not what the earlier copy holds",
    ]


@given(WRITINGS, WRITINGS)
def test_a_log_that_grew_has_its_earlier_copy_as_its_beginning(first: list[int], more: list[int]) -> None:
    earlier, later = a_log(first), a_log([*first, *more])
    assert grown_faults((Log(earlier[0]), earlier[1]), (Log(later[0]), later[1])) == []


def test_a_log_that_was_written_anew_is_not_the_earlier_one() -> None:
    anew = a_log([2, 3, 1, 2, 2], "another")
    assert faults(*anew) == []
    first, *_ = grown_faults((Log(ENTRIES), HEADS), (Log(anew[0]), anew[1]))
    assert first == "entry 0 (and 7 after it) is not what the earlier copy holds"


def test_withheld_texts_leave_the_log_whole_and_are_counted() -> None:
    log = Log([replace(one, body=None) if one.seq % 2 else one for one in ENTRIES])
    assert log_faults(log, HEADS) == [] and log.withheld == 4


def test_the_hash_of_a_withheld_text_is_not_that_of_its_row_alone() -> None:
    (one, *_), _ = a_log([1])
    told = one.told()
    del told["salt"]
    assert len(one.told()["salt"]) == 32
    assert leaf_hash(canonical(told).encode()).hex() != one.leaf


@given(st.text(), st.integers(0, 300))
def test_text_that_is_no_frontier_is_refused_with_a_value_error(text: str, size: int) -> None:
    with suppress(ValueError):
        assert len(unpacked(size, text).hashes) == size.bit_count()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copies") / "copy"
    heads = [replace(head, frontier=None) for head in HEADS]
    write_copy(folder, ENTRIES, heads)
    return folder


def read(folder: Path) -> list[str]:
    return log_faults(*read_copy(folder))


def test_a_copy_is_faults(copy: Path) -> None:
    assert read(copy) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(["log.jsonl", "heads.jsonl"]), data=st.data())
def test_any_one_byte_of_a_copy_that_is_changed_is_found(
    copy: Path, tmp_path: Path, name: str, data: st.DataObject
) -> None:
    for file in copy.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    raw = bytearray((copy / name).read_bytes())
    spot = data.draw(st.integers(0, len(raw) - 1))
    raw[spot] ^= data.draw(st.integers(1, 255))
    (tmp_path / name).write_bytes(raw)
    assert read(tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.sampled_from(["log.jsonl", "heads.jsonl"]))
def test_a_hostile_copy_never_stops_the_reader(copy: Path, tmp_path: Path, raw: bytes, name: str) -> None:
    for file in copy.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / name).write_bytes(raw)
    assert read(tmp_path)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[1]",
        '"x"',
        "{}",
        '{"seq":0}',
        "[" * 100_000,
        '{"seq":"0"}',
        '{"seq":1e400}',
        '{"seq":true}',
    ],
)
def test_a_text_that_says_nothing_is_a_fault_and_no_crash(body: str) -> None:
    leaf = leaf_hash(body.encode())
    heads = [Head(1, 1, root([leaf]).hex(), "2026-01-01T12:00:00")]
    found = faults([Entry(0, leaf.hex(), body)], heads)
    assert found


def test_a_folder_that_is_no_copy_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="custody export"):
        read_copy(tmp_path / "nowhere")


def test_a_copy_is_never_written_over_something(copy: Path) -> None:
    with pytest.raises(NotAllowed, match="not empty"):
        write_copy(copy, ENTRIES, HEADS)


def test_a_token_survives_the_copy(tmp_path: Path) -> None:
    head = replace(HEADS[-1], seq=5, authority="https://tsa.example", token=bytes(range(256)), frontier=None)
    write_copy(tmp_path / "c", ENTRIES, [*HEADS, head])
    assert read_copy(tmp_path / "c")[1][-1] == head
    line = (tmp_path / "c" / "heads.jsonl").read_text().splitlines()[-1]
    assert base64.b64decode(json.loads(line)["token"]) == head.token


def test_a_hundred_thousand_entries_verify() -> None:
    entries, heads = a_log([1000] * 20 + [1] * 10 + [16_000] * 5)
    assert len(entries) > 100_000 and faults(entries, heads) == []
