"""The tree over a batch's rows, as a file of its evidence: paths for people, a root for the log.

    tree.bin    the leaves, 32 bytes each, in row order; then every 8th level of complete subtrees

A tree of RFC 6962, as the log's. Levels between the stored ones are computed when asked for: a
path costs a few hundred hashes, and the file is hardly larger than its leaves. Leaves cannot be
made again once a key is destroyed, so all of them are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from .translog import tree

TREE_FILE = "tree.bin"
HASH_BYTES = tree.HASH_BYTES
STEP = 8  # levels from one stored level to the next
_WIDTH = 1 << STEP


class TreeWriter:
    """Takes the leaves in any order, then writes the levels; memory stays small."""

    def __init__(self, path: Path, size: int) -> None:
        self.path, self.size = path, size
        self._leaves: npt.NDArray[Any] | None = None
        if size:
            self._leaves = np.memmap(path, dtype=np.uint8, mode="w+", shape=(size, HASH_BYTES))
        else:
            path.touch()

    def __enter__(self) -> TreeWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leaves = None

    def put(self, places: npt.NDArray[np.int64], hashes: Sequence[bytes]) -> None:
        """Write the leaf hashes at these places, counted from 0."""
        if self._leaves is not None:
            rows = np.frombuffer(b"".join(hashes), dtype=np.uint8)
            self._leaves[places] = rows.reshape(-1, HASH_BYTES)

    def finish(self) -> bytes:
        """Write the levels above the leaves; returns the root."""
        if isinstance(self._leaves, np.memmap):
            self._leaves.flush()
        self._leaves = None
        made = BatchTree(self.path, self.size)
        with self.path.open("ab") as file:
            for level in range(STEP, made.top + 1, STEP):
                file.write(b"".join(made.computed(level)))
                file.flush()
        return made.root()


@dataclass(frozen=True)
class BatchTree:
    """A finished tree of `size` leaves; a missing or short file raises OSError or ValueError."""

    path: Path
    size: int

    @property
    def top(self) -> int:
        """The highest stored level."""
        level = 0
        while self.size >> (level + STEP):
            level += STEP
        return level

    def root(self) -> bytes:
        """The root over all leaves; of none, the hash of nothing."""
        return tree.root(self.node, self.size)

    def path_of(self, index: int) -> list[bytes]:
        """The hashes from leaf `index` up to the root."""
        return tree.inclusion_path(self.node, index, self.size)

    def leaves(self, first: int, end: int) -> list[bytes]:
        """The leaf hashes from `first` up to but not including `end`."""
        return self._stored(0, first, end)

    def node(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree of 2**level leaves."""
        above = level % STEP
        hashes = self._stored(level - above, index << above, (index + 1) << above)
        return tree.levels_of(hashes)[-1][0]

    def computed(self, level: int) -> Iterator[bytes]:
        """A stored level once more, from the one STEP below it."""
        for index in range(self.size >> level):
            below = self._stored(level - STEP, index * _WIDTH, (index + 1) * _WIDTH)
            yield tree.levels_of(below)[-1][0]

    def is_sound(self) -> bool:
        """Whether every stored level fits the one below it and nothing else is in the file."""
        expected = sum(self.size >> level for level in range(0, self.top + 1, STEP))
        if self.path.stat().st_size != expected * HASH_BYTES:
            return False
        return all(
            each == self._stored(level, index, index + 1)[0]
            for level in range(STEP, self.top + 1, STEP)
            for index, each in enumerate(self.computed(level))
        )

    def _stored(self, level: int, first: int, end: int) -> list[bytes]:
        before = sum(self.size >> below for below in range(0, level, STEP))
        with self.path.open("rb") as file:
            file.seek((before + first) * HASH_BYTES)
            data = file.read((end - first) * HASH_BYTES)
        if len(data) != (end - first) * HASH_BYTES:
            raise ValueError(f"{self.path.name} is cut short")
        return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]
