"""The tree over a batch's rows: built before the batch is posted, compared by every proof.

Leaves stand in the order of the partner's rows; rows that became no record have none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tanhui.books.batch_tree import TREE_FILE, BatchTree, TreeWriter
from tanhui.books.commitments import leaf_hashes
from tanhui.books.keystore import KeyStore
from tanhui.books.models import Batch
from tanhui.engine.batch.cut import folders_of
from tanhui.engine.batch.files import EVENTS_FILE, read_columns

from .committed_rows import BatchNames, groups_of_rows


@dataclass(frozen=True)
class TreeHead:
    """Root in hex, and over how many leaves."""

    root: str
    leaves: int


class Places:
    """Where the leaf of each row stands: its rank among the rows that became records."""

    def __init__(self, folder: Path, cut: dict[str, Any], rows: int) -> None:
        there = np.zeros(rows + 1, dtype=bool)
        for each in folders_of(folder, cut):
            there[read_columns(each / EVENTS_FILE, ["row"])["row"]] = True
        self._rank = np.cumsum(there, dtype=np.int64) - 1

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return int(self._rank[-1]) + 1

    def of(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The leaf of each of these rows, from 0."""
        found: npt.NDArray[np.int64] = self._rank[rows]
        return found


def names_of(batch: Batch) -> BatchNames:
    """The names in a posted batch's files."""
    return BatchNames(batch.seq, batch.buckets["scenes"], batch.methodologies)


def build_tree(
    staged: Path, names: BatchNames, cut: dict[str, Any], *, rows: int, keys: KeyStore
) -> TreeHead:
    """Write the tree of a settled batch into its staged evidence; `rows` are all of the file's.

    Whoever has no key gets one; the caller waits for them (`keys.sync`) before it posts.
    """
    places = Places(staged, cut, rows)
    with TreeWriter(staged / TREE_FILE, places.size) as writer:
        for group in groups_of_rows(names, staged, cut):
            held = keys.make(np.unique(group.person).tolist(), wait=False)
            for part in group.slices():
                hashes = leaf_hashes(held, part.person.tolist(), part.ids, part.texts)
                writer.put(places.of(part.row), hashes)
        return TreeHead(writer.finish().hex(), places.size)


@dataclass(frozen=True)
class TreeCheck:
    """How many leaves could be opened with a key, and how many of them fit their rows."""

    is_sound: bool
    root: str
    opened: int
    fitting: int


def check_tree(
    folder: Path, batch: Batch, *, keys: KeyStore | None, leaves: int | None = None
) -> TreeCheck:
    """Compute a sealed batch's tree again: its levels, and every leaf whose key is there.

    Without `keys` the levels alone. Raises OSError or ValueError when files are missing or cut.
    """
    tree = BatchTree(folder / TREE_FILE, batch.leaves if leaves is None else leaves)
    opened = fitting = 0
    if keys is not None:
        places = Places(folder, batch.buckets, batch.n_rows)
        for group in groups_of_rows(names_of(batch), folder, batch.buckets):
            held = keys.find(np.unique(group.person).tolist())
            known = np.isin(group.person, np.fromiter(held, dtype=np.int64, count=len(held)))
            for part in group.slices(known):
                hashes = leaf_hashes(held, part.person.tolist(), part.ids, part.texts)
                opened += len(hashes)
                fitting += _fitting(tree, places.of(part.row), hashes)
    return TreeCheck(tree.is_sound(), tree.root().hex(), opened, fitting)


def _fitting(tree: BatchTree, places: npt.NDArray[np.int64], hashes: Sequence[bytes]) -> int:
    stored = np.memmap(tree.path, dtype="V32", mode="r", shape=(tree.size,))
    own = np.frombuffer(b"".join(hashes), dtype="V32")
    return int(np.count_nonzero(stored[places] == own))
