"""Keyed digests of a pool's rides in one file, sorted: a question is a binary search.

    rides-*.npy   four rows of 64-bit numbers: first and second half of 128 bits of each digest in
                  order of the first, then the batch and the row of the ride

The file names no person and no time; without the key of its register it tells nothing.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..batch.events import Column
from .trace import sha256_of

DIGEST_BYTES = 32


@dataclass(frozen=True)
class RideDigests:
    """The digests with their rows: `table` has the four rows of the file."""

    table: Column

    @classmethod
    def of(cls, digests: Sequence[bytes], batch: Column, row: Column) -> RideDigests:
        """From digests of 32 bytes, each with the batch and row of its ride."""
        hi, lo = _halves(digests)
        order = np.argsort(hi, kind="stable")
        columns = (hi, lo, batch.astype(np.uint64), row.astype(np.uint64))
        return cls(np.vstack([column[order] for column in columns]))

    @classmethod
    def open(cls, path: Path) -> RideDigests:
        """A file, of which only what a question touches is read."""
        return cls(np.load(path, mmap_mode="r"))

    def write(self, folder: Path) -> tuple[str, str]:
        """Write the file whole or not at all; returns its name, which holds the digest, and its
        SHA-256. The same digests give the same file.
        """
        folder.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=folder, prefix=".")
        with os.fdopen(handle, "wb") as file:
            np.save(file, self.table)
            file.flush()
            os.fsync(file.fileno())
        digest = sha256_of(Path(draft))
        name = f"rides-{digest[:16]}.npy"
        Path(draft).replace(folder / name)
        return name, digest

    def places(self, digests: Sequence[bytes]) -> list[tuple[int, int]]:
        """(number of the digest that was asked for, place in the table) of each that is there."""
        hi, lo = _halves(digests)
        first = np.searchsorted(self.table[0], hi, side="left")
        end = np.searchsorted(self.table[0], hi, side="right")
        return [
            (asked, place)
            for asked in np.flatnonzero(end > first).tolist()
            for place in range(int(first[asked]), int(end[asked]))
            if self.table[1][place] == lo[asked]
        ]

    def rows_of(self, digests: Sequence[bytes]) -> dict[int, Column]:
        """Batch -> its rows that one of these digests is about, each once."""
        found: dict[int, set[int]] = {}
        for _, place in self.places(digests):
            rows = found.setdefault(int(self.table[2][place]), set())
            rows.add(int(self.table[3][place]))
        return {batch: np.array(sorted(rows), dtype=np.int64) for batch, rows in found.items()}


def _halves(digests: Sequence[bytes]) -> tuple[Column, Column]:
    """The first 128 bits of each digest as two numbers."""
    assert all(len(each) == DIGEST_BYTES for each in digests), "digests have 32 bytes"
    words = np.frombuffer(b"".join(digests), dtype=">u8").reshape(-1, 4).astype(np.uint64)
    return words[:, 0], words[:, 1]
