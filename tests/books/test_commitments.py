"""A row's leaf: equal to plain HMAC, hidden without the key, and a tree file equal to the tree."""

from __future__ import annotations

import secrets
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanhui.books.batch_tree import BatchTree, TreeWriter
from tanhui.books.commitments import commitment, leaf_hashes, opening
from tanhui.books.translog import tree


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 10**9), st.text()), max_size=20))
def test_many_leaves_are_the_leaves_one_by_one(rows: list[tuple[int, int, str]]) -> None:
    keys = {person: secrets.token_bytes(32) for person in range(1, 6)}
    ids = [f"7-{row}" for _, row, _ in rows]
    texts = [text.encode("utf-8", "replace").decode() for *_, text in rows]
    found = leaf_hashes(keys, [person for person, *_ in rows], ids, texts)
    assert found == [
        tree.leaf_hash(commitment(opening(keys[person], row_id), text.encode()))
        for (person, *_), row_id, text in zip(rows, ids, texts, strict=True)
    ]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 255, 256, 257, 1000, 65_537])
def test_the_file_gives_the_root_and_paths_of_the_tree(size: int, tmp_path: Path) -> None:
    leaves = [tree.leaf_hash(b"%d" % at) for at in range(size)]
    turn = np.random.default_rng(3).permutation(size)
    with TreeWriter(tmp_path / "tree.bin", size) as writer:
        for places in np.array_split(turn, 3):
            writer.put(places, [leaves[at] for at in places])
        root = writer.finish()
    whole = tree.nodes_of(leaves)
    assert root == tree.root(whole, size)
    made = BatchTree(tmp_path / "tree.bin", size)
    assert made.is_sound()
    for index in {0, size // 2, size - 1} if size else set():
        path = made.path_of(index)
        assert path == tree.inclusion_path(whole, index, size)
        assert tree.is_included(leaves[index], index, size, path, root)


def test_a_changed_or_cut_file_is_not_sound(tmp_path: Path) -> None:
    path = tmp_path / "tree.bin"
    with TreeWriter(path, 600) as writer:
        writer.put(np.arange(600), [tree.leaf_hash(b"%d" % at) for at in range(600)])
        writer.finish()
    whole = path.read_bytes()
    assert BatchTree(path, 600).is_sound()
    path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    assert not BatchTree(path, 600).is_sound()
    path.write_bytes(whole[:-1])
    assert not BatchTree(path, 600).is_sound()
