"""Merkle trees of RFC 6962, section 2.1: roots, inclusion paths, consistency proofs.

One code for SHA-256 and for SM3: the hash is an argument. Proofs ask a function for the nodes
they need, so a tree of a million entries is never held in memory. Two mistakes that published
vectors catch are refused here: a leaf or root that is no hash, and a consistency proof from an
empty tree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

Hash = Callable[[bytes], bytes]
Node = Callable[[int, int], bytes]  # level, index -> hash of a complete subtree of 2**level leaves

HASH_BYTES = 32
_LEAF, _INNER = b"\x00", b"\x01"


def sha256(data: bytes) -> bytes:
    """SHA-256, the hash of the main log."""
    return hashlib.sha256(data).digest()


def leaf_hash(entry: bytes, hash_of: Hash = sha256) -> bytes:
    """The hash of one entry as a leaf."""
    return hash_of(_LEAF + entry)


def node_hash(left: bytes, right: bytes, hash_of: Hash = sha256) -> bytes:
    """The hash of an inner node."""
    return hash_of(_INNER + left + right)


def empty_root(hash_of: Hash = sha256) -> bytes:
    """The root of a tree without entries: the hash of nothing."""
    return hash_of(b"")


def levels_of(leaves: Sequence[bytes], hash_of: Hash = sha256) -> list[list[bytes]]:
    """Hashes of complete subtrees by level; level 0 are the leaves.

    A level's odd last node waits for its sibling: it is in no higher level.

    >>> [len(level) for level in levels_of([sha256(b"a")] * 7)]
    [7, 3, 1]
    """
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append(
            [
                hash_of(_INNER + below[at] + below[at + 1])
                for at in range(0, len(below) - len(below) % 2, 2)
            ]
        )
    return levels


def nodes_of(leaves: Sequence[bytes], hash_of: Hash = sha256) -> Node:
    """The nodes of a tree that fits in memory."""
    levels = levels_of(leaves, hash_of)
    return lambda level, index: levels[level][index]


def root(node: Node, size: int, hash_of: Hash = sha256) -> bytes:
    """The root over the first `size` leaves."""
    return subtree(node, 0, size, hash_of) if size else empty_root(hash_of)


def subtree(node: Node, first: int, end: int, hash_of: Hash = sha256) -> bytes:
    """The hash over leaves `first` to `end`, where `first` is a multiple of the power below."""
    complete = [node(level, index) for level, index in _complete(first, end)]
    return _fold(reversed(complete), hash_of)


def _complete(first: int, end: int) -> list[tuple[int, int]]:
    """The complete subtrees that make up leaves `first` to `end`, largest first."""
    found = []
    while first < end:
        level = (end - first).bit_length() - 1
        found.append((level, first >> level))
        first += 1 << level
    return found


def _fold(hashes: Iterable[bytes], hash_of: Hash) -> bytes:
    """Join subtrees from the smallest, at the right, to the largest."""
    found: bytes | None = None
    for each in hashes:
        found = each if found is None else node_hash(each, found, hash_of)
    assert found is not None, "there is no hash over nothing"
    return found


def inclusion_path(node: Node, index: int, size: int, hash_of: Hash = sha256) -> list[bytes]:
    """The hashes from the leaf's sibling up to the child of the root (section 2.1.1)."""
    assert 0 <= index < size, "the leaf stands in the tree"
    path = []
    first, end = 0, size
    while end - first > 1:
        middle = first + _half(end - first)
        if index < middle:
            path.append(subtree(node, middle, end, hash_of))
            end = middle
        else:
            path.append(subtree(node, first, middle, hash_of))
            first = middle
    return path[::-1]


def consistency_path(node: Node, old: int, size: int, hash_of: Hash = sha256) -> list[bytes]:
    """The hashes that show the first `old` leaves unchanged in the larger tree (2.1.2)."""
    assert 0 <= old <= size, "the old tree is no larger than the new one"
    if old in {0, size}:
        return []
    path = []
    first, end, is_whole = 0, size, True
    while old != end:
        middle = first + _half(end - first)
        if old <= middle:
            path.append(subtree(node, middle, end, hash_of))
            end = middle
        else:
            path.append(subtree(node, first, middle, hash_of))
            first, is_whole = middle, False
    if not is_whole:
        path.append(subtree(node, first, end, hash_of))
    return path[::-1]


def _half(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def is_included(
    leaf: bytes,
    index: int,
    size: int,
    path: Sequence[bytes],
    root_hash: bytes,
    *,
    hash_of: Hash = sha256,
) -> bool:
    """Whether `path` leads from the leaf to the root (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes([leaf, root_hash, *path]):
        return False
    at, last, found = index, size - 1, leaf
    for each in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(each, found, hash_of)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, each, hash_of)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root_hash


def is_consistent(
    old: int,
    size: int,
    old_root: bytes,
    new_root: bytes,
    path: Sequence[bytes],
    *,
    hash_of: Hash = sha256,
) -> bool:
    """Whether the tree of `size` begins with the tree of `old` (RFC 9162, section 2.1.4.2).

    Nothing can be shown about an empty old tree, so `old` 0 is refused.
    """
    if not 0 < old <= size or not _are_hashes([old_root, new_root, *path]):
        return False
    if old == size:
        return not path and old_root == new_root
    hashes = list(path) if old & (old - 1) else [old_root, *path]
    if not hashes:
        return False
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = hashes[0]
    for each in hashes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(each, before, hash_of), node_hash(each, after, hash_of)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, each, hash_of)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _are_hashes(values: Sequence[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
