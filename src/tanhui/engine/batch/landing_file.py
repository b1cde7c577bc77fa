"""The partner's file as it came: its size, its hash and the bytes of any row.

Rows of a text file are its physical lines after the header, counted from 1. The hash is the
identity of the file: the same bytes always give the same receipt.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tanhui.core.errors import InputRefused, TooLarge

from .limits import FILE_BYTES_MAX, RAW_BYTES_MAX

_HASH_BLOCK_BYTES = 4 * 1024**2


@dataclass(frozen=True)
class SourceFile:
    """A file on disk and the name the partner gave it.

    Raises InputRefused `file.empty` or `file.missing`, TooLarge `file.too_large` when made.
    """

    path: Path
    name: str
    size: int = field(init=False)

    def __post_init__(self) -> None:
        if not self.path.is_file():
            raise InputRefused(
                "file.missing",
                zh=f"没有找到文件“{self.name}”；请检查路径。",
                en=f"There is no file '{self.name}'; check the path.",
            )
        size = self.path.stat().st_size
        object.__setattr__(self, "size", size)
        if size == 0:
            raise InputRefused(
                "file.empty",
                zh=f"文件“{self.name}”是空的；请重新导出后再提交。",
                en=f"The file '{self.name}' is empty; export it again and resubmit.",
            )
        if size > FILE_BYTES_MAX:
            raise TooLarge(
                "file.too_large",
                zh=f"文件有 {size} 字节，上限为 {FILE_BYTES_MAX}；请分成几个文件提交。",
                en=f"The file has {size} bytes, the limit is {FILE_BYTES_MAX}; split it.",
                size=size,
                limit=FILE_BYTES_MAX,
            )

    @cached_property
    def sha256(self) -> str:
        """Hex SHA-256 of the whole file, read in blocks."""
        digest = hashlib.sha256()
        with self.path.open("rb") as stream:
            while block := stream.read(_HASH_BLOCK_BYTES):
                digest.update(block)
        return digest.hexdigest()

    def read(self, start: int, length: int) -> bytes:
        """At most `length` bytes from offset `start`."""
        with self.path.open("rb") as stream:
            stream.seek(start)
            return stream.read(length)


class LineIndex:
    """Finds the bytes of a row inside one block of lines; the block is scanned on first use.

    A block of one giant row is never loaded: `single` says so.
    """

    def __init__(
        self, source: SourceFile, *, start: int, end: int, first_row: int, single: bool = False
    ) -> None:
        self._source = source
        self._start = start
        self._end = end
        self._first_row = first_row
        self._breaks: npt.NDArray[np.intp] | None = np.zeros(0, np.intp) if single else None

    def raw(self, row: int) -> bytes:
        """The line of `row` without its line break, cut at RAW_BYTES_MAX."""
        if self._breaks is None:
            block = self._source.read(self._start, self._end - self._start)
            self._breaks = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == ord("\n"))
        number = row - self._first_row
        first = 0 if number == 0 else int(self._breaks[number - 1]) + 1
        whole = self._end - self._start
        end = int(self._breaks[number]) if number < len(self._breaks) else whole
        length = min(end - first, RAW_BYTES_MAX)
        return self._source.read(self._start + first, length).removesuffix(b"\r")
