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


class LineReader:
    """Gives back lines of a file; keeps the block it looked at last, so memory stays bounded."""

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._span = (0, 0)
        self._block = b""
        self._breaks: npt.NDArray[np.intp] = np.zeros(0, dtype=np.intp)

    def line(self, span: tuple[int, int], number: int) -> bytes:
        """Line `number` (from 0) of the whole lines between two offsets, without line break."""
        if span != self._span:
            self._block = self._source.read(span[0], span[1] - span[0])
            self._breaks = np.flatnonzero(np.frombuffer(self._block, np.uint8) == ord("\n"))
            self._span = span
        first = 0 if number == 0 else int(self._breaks[number - 1]) + 1
        end = int(self._breaks[number]) if number < len(self._breaks) else len(self._block)
        return self._block[first : min(end, first + RAW_BYTES_MAX)].removesuffix(b"\r")

    def giant(self, span: tuple[int, int]) -> bytes:
        """The beginning of a line that is a block of its own."""
        length = min(span[1] - span[0], RAW_BYTES_MAX)
        return self._source.read(span[0], length).removesuffix(b"\n").removesuffix(b"\r")


@dataclass(frozen=True)
class LineIndex:
    """Finds the original bytes of the rows of one block of lines."""

    reader: LineReader
    span: tuple[int, int]
    first_row: int
    is_giant: bool

    def raw(self, row: int) -> bytes:
        """The line of `row` without its line break, cut at RAW_BYTES_MAX."""
        if self.is_giant:
            return self.reader.giant(self.span)
        return self.reader.line(self.span, row - self.first_row)
