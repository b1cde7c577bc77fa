"""Trees against the plain definition, and proofs of every pair of sizes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tanhui.books.translog.sm2 import is_available, sm3
from tanhui.books.translog.tree import (
    Hash,
    consistency_path,
    inclusion_path,
    is_consistent,
    is_included,
    leaf_hash,
    nodes_of,
    root,
    sha256,
)

HASHES: list[Hash] = [sha256, sm3] if is_available() else [sha256]


def _plain(leaves: list[bytes], hash_of: Hash) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hash_of(b"")
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    left, right = _plain(leaves[:half], hash_of), _plain(leaves[half:], hash_of)
    return hash_of(b"\x01" + left + right)


def _leaves(size: int, hash_of: Hash) -> list[bytes]:
    return [leaf_hash(b"%d" % index, hash_of) for index in range(size)]


def test_roots_and_all_proofs_of_small_trees() -> None:
    for hash_of in HASHES:
        leaves = _leaves(40, hash_of)
        for size in range(41):
            node = nodes_of(leaves[:size] or leaves[:1], hash_of)
            top = root(node, size, hash_of)
            assert top == _plain(leaves[:size], hash_of)
            for index in range(size):
                path = inclusion_path(node, index, size, hash_of)
                assert is_included(leaves[index], index, size, path, top, hash_of=hash_of)
            for old in range(1, size + 1):
                path = consistency_path(node, old, size, hash_of)
                before = _plain(leaves[:old], hash_of)
                assert is_consistent(old, size, before, top, path, hash_of=hash_of)


@given(size=st.integers(2, 600), data=st.data())
def test_a_proof_with_one_flipped_bit_or_another_place_is_refused(
    size: int, data: st.DataObject
) -> None:
    leaves = _leaves(size, sha256)
    node = nodes_of(leaves)
    top, index = root(node, size), data.draw(st.integers(0, size - 1))
    path = inclusion_path(node, index, size)
    at = data.draw(st.integers(0, len(path) - 1))
    assert not is_included(leaves[index], index, size, _flipped(path, at, data), top)
    assert not is_included(leaves[index], (index + 1) % size, size, path, top)
    assert not is_included(leaves[index], index, size, path[:-1], top)
    assert not is_included(leaves[index], index, size, [*path, top], top)


@given(size=st.integers(2, 600), data=st.data())
def test_a_rewritten_history_has_no_consistency_proof(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    leaves = _leaves(size, sha256)
    path = consistency_path(nodes_of(leaves), old, size)
    changed = data.draw(st.integers(0, old - 1))
    other = [*leaves[:changed], leaf_hash(b"other"), *leaves[changed + 1 :]]
    before, after = root(nodes_of(leaves[:old]), old), root(nodes_of(other), size)
    assert not is_consistent(old, size, before, after, path)
    assert not is_consistent(old, size, before, after, consistency_path(nodes_of(other), old, size))
    assert not is_consistent(0, size, before, after, [])


def _flipped(path: list[bytes], at: int, data: st.DataObject) -> list[bytes]:
    bit = data.draw(st.integers(0, 255))
    value = int.from_bytes(path[at], "big") ^ (1 << bit)
    return [*path[:at], value.to_bytes(32, "big"), *path[at + 1 :]]
