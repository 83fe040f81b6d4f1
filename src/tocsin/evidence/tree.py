"""The Merkle tree of RFC 6962, section 2.1: roots, proofs, and their verification (RFC 9162, section 2.1).

Every hash is SHA-256, 32 bytes. A leaf is hashed behind 0x00 and a node behind 0x01, so that neither can be
passed off as the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""
WIDTH = 32


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """What of a tree is needed to append to it: the roots of its complete subtrees, the largest first.

    There are as many as `size` has ones in binary. Raises ValueError for another number of hashes.
    """

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size, self.hashes = size, list(hashes)
        if size < 0 or len(self.hashes) != size.bit_count() or any(len(h) != WIDTH for h in self.hashes):
            raise ValueError(f"{len(self.hashes)} hashes are no frontier of {size} leaves")

    def push(self, leaf: bytes) -> None:
        """Append the hash of one entry."""
        self.hashes.append(leaf)
        full = self.size
        while full & 1:
            right = self.hashes.pop()
            self.hashes[-1] = node_hash(self.hashes[-1], right)
            full >>= 1
        self.size += 1

    @property
    def root(self) -> bytes:
        """The root of the tree as it stands."""
        if not self.hashes:
            return EMPTY
        whole = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            whole = node_hash(left, whole)
        return whole


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over the hashes of entries, in order."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.push(leaf)
    return frontier.root


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The path from the leaf at `index` (from 0) to the root (RFC 6962, 2.1.1).

    Raises IndexError when there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"no leaf {index} in a tree of {len(leaves)}")
    path, low, high = list[bytes](), 0, len(leaves)
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(root(leaves[middle:high]))
            high = middle
        else:
            path.append(root(leaves[low:middle]))
            low = middle
    return path[::-1]


def consistency_proof(leaves: Sequence[bytes], first: int) -> list[bytes]:
    """What shows that the tree of the first `first` leaves is the beginning of this one (RFC 6962, 2.1.2).

    Empty for a tree of no leaves and for the tree itself. Raises IndexError for a larger one.
    """
    if not 0 <= first <= len(leaves):
        raise IndexError(f"a tree of {len(leaves)} leaves has no beginning of {first}")
    path, low, high, whole = list[bytes](), 0, len(leaves), True
    while low < first < high:
        middle = low + _split(high - low)
        if first <= middle:
            path.append(root(leaves[middle:high]))
            high = middle
        else:
            path.append(root(leaves[low:middle]))
            low, whole = middle, False
    if first and not whole:
        path.append(root(leaves[low:high]))
    return path[::-1]


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows the leaf at `index` in the tree of that size and root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or any(len(step) != WIDTH for step in proof):
        return False
    node, last, reached = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            reached = node_hash(step, reached)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            reached = node_hash(reached, step)
        node, last = node >> 1, last >> 1
    return last == 0 and reached == root


def extends(sizes: tuple[int, int], roots: tuple[bytes, bytes], proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows the tree of the first size and root as the beginning of the second.

    As in RFC 9162, 2.1.4.2; the empty tree is the beginning of every one.
    """
    (first, second), (old, new) = sizes, roots
    if not 0 <= first <= second or any(len(step) != WIDTH for step in proof):
        return False
    if first in (0, second):
        return not proof and (old == EMPTY if first == 0 else old == new)
    path = [old, *proof] if first & (first - 1) == 0 else list(proof)
    return bool(path) and _joined(first - 1, second - 1, path) == (old, new)


def _joined(node: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The two roots that a consistency proof leads to; None when it is too long or too short."""
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for step in path[1:]:
        if last == 0:
            return None
        if node & 1 or node == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, step)
        node, last = node >> 1, last >> 1
    return (old, new) if last == 0 else None


def _split(count: int) -> int:
    """The largest power of two smaller than `count`, which is 2 or more."""
    return 1 << (count - 1).bit_length() - 1
