"""The tree: the vectors of Certificate Transparency, every proof verifies, and nothing else does."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.evidence.tree import (
    EMPTY,
    Frontier,
    consistency_proof,
    extends,
    includes,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
)

# Entries, roots and proofs of the test of Merkle trees in github.com/google/certificate-transparency.
ENTRIES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
PATHS = {
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (1, 5): (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
STEPS = {
    (1, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
LEAVES = [leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES]
TREES = st.lists(st.binary(max_size=3), min_size=1, max_size=40).map(lambda es: [leaf_hash(e) for e in es])


def hexed(path: list[bytes]) -> tuple[str, ...]:
    return tuple(step.hex() for step in path)


def by_definition(leaves: list[bytes]) -> bytes:
    """The recursion of RFC 6962, 2.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(by_definition(leaves[:k]), by_definition(leaves[k:]))


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert root([]) == EMPTY == sha256(b"").digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_the_reference(size: int) -> None:
    assert root(LEAVES[:size]).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("index", "size"), PATHS)
def test_the_inclusion_proofs_are_those_of_the_reference(index: int, size: int) -> None:
    path = inclusion_proof(LEAVES[:size], index)
    assert hexed(path) == PATHS[index, size]
    assert includes(LEAVES[index], index, size, path, bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(("first", "second"), STEPS)
def test_the_consistency_proofs_are_those_of_the_reference(first: int, second: int) -> None:
    path = consistency_proof(LEAVES[:second], first)
    assert hexed(path) == STEPS[first, second]
    roots = bytes.fromhex(ROOTS[first - 1]), bytes.fromhex(ROOTS[second - 1])
    assert extends((first, second), roots, path)


@given(TREES)
def test_appending_gives_the_root_of_the_definition_at_every_size(leaves: list[bytes]) -> None:
    frontier = Frontier()
    for n, leaf in enumerate(leaves, 1):
        frontier = Frontier(frontier.size, frontier.hashes)
        frontier.push(leaf)
        assert frontier.root == by_definition(leaves[:n]) and len(frontier.hashes) == n.bit_count()


@given(TREES, st.data())
def test_every_inclusion_proof_verifies_and_with_one_changed_byte_none(
    leaves: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path, top = inclusion_proof(leaves, index), root(leaves)
    assert includes(leaves[index], index, len(leaves), path, top)
    parts = [leaves[index], *path, top]
    leaf, *changed, other = one_byte(parts, data)
    assert not includes(leaf, index, len(leaves), changed, other)


@given(TREES, st.data())
def test_every_consistency_proof_verifies_and_with_one_changed_byte_none(
    leaves: list[bytes], data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(leaves)))
    sizes, roots = (first, len(leaves)), (root(leaves[:first]), root(leaves))
    path = consistency_proof(leaves, first)
    assert extends(sizes, roots, path)
    spots = [roots[0], *path, roots[1]] if first else [roots[0]]
    old, *rest = one_byte(spots, data)
    changed, new = (rest[:-1], rest[-1]) if first else (path, roots[1])
    assert not extends(sizes, (old, new), changed)


@given(TREES, st.data())
def test_a_proof_that_is_longer_shorter_or_of_another_place_does_not_verify(
    leaves: list[bytes], data: st.DataObject
) -> None:
    index, size = data.draw(st.integers(0, len(leaves) - 1)), len(leaves)
    path, top = inclusion_proof(leaves, index), root(leaves)
    assert not includes(leaves[index], index, size, [*path, top], top)
    assert not path or not includes(leaves[index], index, size, path[:-1], top)
    assert not includes(leaves[index], size, size, path, top)
    assert not includes(leaves[index], -1, size, path, top)
    first = index + 1
    steps, roots = consistency_proof(leaves, first), (root(leaves[:first]), top)
    assert not extends((first, size), roots, [*steps, top])
    assert not steps or not extends((first, size), roots, steps[:-1])
    assert not extends((size + 1, size), roots, steps)


@given(TREES, st.data())
def test_a_tree_that_rewrites_its_beginning_is_not_shown_to_extend_it(
    leaves: list[bytes], data: st.DataObject
) -> None:
    first = data.draw(st.integers(1, len(leaves)))
    spot = data.draw(st.integers(0, first - 1))
    rewritten = [*leaves[:spot], leaf_hash(b"another"), *leaves[spot + 1 :]]
    path = consistency_proof(rewritten, first)
    assert not extends((first, len(leaves)), (root(leaves[:first]), root(rewritten)), path)


def test_a_hundred_thousand_leaves_are_hashed_and_proved() -> None:
    leaves = [leaf_hash(str(n).encode()) for n in range(100_000)]
    top = root(leaves)
    path = inclusion_proof(leaves, 77_777)
    assert len(path) <= 17 and includes(leaves[77_777], 77_777, len(leaves), path, top)
    steps = consistency_proof(leaves, 65_535)
    assert extends((65_535, 100_000), (root(leaves[:65_535]), top), steps)


@pytest.mark.parametrize(("size", "hashes"), [(1, []), (0, [EMPTY]), (3, [EMPTY]), (-1, []), (1, [b"short"])])
def test_a_frontier_that_does_not_fit_its_size_is_refused(size: int, hashes: list[bytes]) -> None:
    with pytest.raises(ValueError, match="no frontier"):
        Frontier(size, hashes)


def one_byte(parts: list[bytes], data: st.DataObject) -> list[bytes]:
    """The parts with one byte of one of them changed."""
    part = data.draw(st.integers(0, len(parts) - 1))
    spot = data.draw(st.integers(0, len(parts[part]) - 1))
    byte = data.draw(st.integers(1, 255))
    touched = bytearray(parts[part])
    touched[spot] ^= byte
    return [*parts[:part], bytes(touched), *parts[part + 1 :]]
