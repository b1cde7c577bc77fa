"""Text columns as one run of UTF-8 bytes and offsets, for checks that go byte by byte."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Bytes = npt.NDArray[np.uint8]
Counts = npt.NDArray[np.int64]

_PRINTABLE_FIRST, _PRINTABLE_LAST = ord(" "), ord("~")


@dataclass(frozen=True)
class TextBytes:
    """Row i is `data[starts[i] : starts[i] + lengths[i]]`; a null row has length 0."""

    data: Bytes
    starts: Counts
    lengths: Counts

    @classmethod
    def of(cls, texts: pl.Series) -> TextBytes:
        """The bytes of a text column.

        >>> TextBytes.of(pl.Series(["ab", None, "c"])).lengths.tolist()
        [2, 0, 1]
        """
        if texts.null_count() == len(texts):
            nothing = np.zeros(len(texts), dtype=np.int64)
            return cls(np.zeros(0, dtype=np.uint8), nothing, nothing)
        array = texts.to_arrow().cast("large_string")
        _, offsets, data = array.buffers()
        edges = np.frombuffer(offsets, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
        flat = np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(0, np.uint8)
        return cls(flat[: edges[-1]], edges[:-1], np.diff(edges))

    def is_printable_ascii(self) -> bool:
        """Whether every byte of the column is printable ASCII."""
        if not len(self.data):
            return True
        return bool(self.data.min() >= _PRINTABLE_FIRST and self.data.max() <= _PRINTABLE_LAST)

    def columns(self, rows: npt.NDArray[np.intp] | None, length: int) -> Bytes:
        """Bytes of rows of one length as [length, rows], so that each place is contiguous.

        `rows` None means all rows, which then are of this length.
        """
        if rows is None:
            return np.ascontiguousarray(self.data.reshape(len(self.lengths), length).T)
        starts = self.starts[rows]
        found = np.empty((length, len(rows)), dtype=np.uint8)
        for place in range(length):
            np.take(self.data, starts + place, out=found[place])
        return found

    def rows_by_length(self, longest: int) -> dict[int, npt.NDArray[np.intp] | None]:
        """Rows of each length from 1 to `longest`; None when all rows have that length."""
        counts = np.bincount(np.minimum(self.lengths, longest + 1), minlength=longest + 2)
        present = np.flatnonzero(counts[1 : longest + 1]) + 1
        return {
            int(length): None
            if counts[length] == len(self.lengths)
            else np.flatnonzero(self.lengths == length)
            for length in present
        }
