"""The partner's bytes on their way into evidence: each line sealed under the key of its person.

The clear file stands beside the intake only while it runs; what is sealed is all that stays.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from tanhui.books.sealed_source import SealedWriter
from tanhui.engine.batch.landing import FeedChunk
from tanhui.engine.batch.landing_file import LineIndex, SourceFile
from tanhui.engine.batch.limits import RAW_BYTES_MAX

WHOLE = "whole"
_READ_BYTES = 4 * 1024**2


class SourceKeeper:
    """Seals the blocks of one file as they are read, and at the end what no block covered."""

    def __init__(self, source: SourceFile, writer: SealedWriter) -> None:
        self.source, self.writer = source, writer
        self.by_lines = False  # else all of it is sealed as one, under the batch's key
        self._kept = 0  # bytes of the file that are sealed

    @property
    def manner(self) -> str:
        """What the manifest says: `lines` under people's keys, or the `whole` under the batch's."""
        return "lines" if self.by_lines else WHOLE

    def keep(self, chunk: FeedChunk, first_row: int, whose: npt.NDArray[np.int64]) -> None:
        """Seal the lines of a chunk, row by row under the keys of `whose`."""
        index = chunk.lines
        if index is None or not chunk.rows:
            return
        self.by_lines = True
        self._rest(index.span[0])
        if index.is_giant:
            for piece in self._pieces(*index.span):
                self.writer.add_lines([piece], first_row, whose)
        else:
            self.writer.add_lines(self._lines(index), first_row, whose)
        self._kept = index.span[1]

    def show(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Keep rows as people read them, where the file has no lines to find them by."""
        if not self.by_lines:
            for row, text in rows:
                self.writer.add_shown(row, text[:RAW_BYTES_MAX])

    def finish(self) -> None:
        """Seal what is left of the file, and wait until every key is on disk."""
        self._rest(self.source.size)
        self.writer.keys.sync()

    def _rest(self, end: int) -> None:
        for piece in self._pieces(self._kept, end):
            self.writer.add_rest(piece)
        self._kept = max(self._kept, end)

    def _pieces(self, start: int, end: int) -> Iterable[bytes]:
        for at in range(start, end, _READ_BYTES):
            yield self.source.read(at, min(_READ_BYTES, end - at))

    def _lines(self, index: LineIndex) -> list[bytes]:
        data = self.source.read(index.span[0], index.span[1] - index.span[0])
        *ended, last = data.split(b"\n")
        return [line + b"\n" for line in ended] + ([last] if last else [])
