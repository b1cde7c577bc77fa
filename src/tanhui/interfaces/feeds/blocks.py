"""Reads a text file in blocks of whole lines, so memory stays bounded whatever the file.

A block is at most about BLOCK_BYTES; a row longer than that becomes a block of its own, of which
only the beginning is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from tanhui.core.errors import InputRefused, TooLarge
from tanhui.engine.batch.landing_file import LineIndex, SourceFile
from tanhui.engine.batch.limits import BLOCK_BYTES, ROW_BYTES_MAX, ROWS_MAX

from .sniff import UTF8_MARK

_KEPT_OF_GIANT = ROW_BYTES_MAX + 1
"""Enough of a giant row to see that it is too long."""


@dataclass(frozen=True)
class LineBlock:
    """Whole lines, each ended by a line feed; `first_row` is the data row of the first."""

    data: bytes
    rows: int
    first_row: int
    start: int
    end: int
    is_giant: bool = False

    def index(self, source: SourceFile) -> LineIndex:
        """Where the original bytes of each row are."""
        return LineIndex(
            source,
            start=self.start,
            end=self.end,
            first_row=self.first_row,
            single=self.is_giant,
        )


def read_header(source: SourceFile) -> tuple[bytes, int]:
    """First line without mark and line break, and the offset of the line after it.

    Raises InputRefused `header.too_long` when the first line has no end in sight.
    """
    head = source.read(0, ROW_BYTES_MAX)
    line, found, _ = head.partition(b"\n")
    if not found and len(head) == ROW_BYTES_MAX:
        raise InputRefused(
            "header.too_long",
            zh="表头超过 65,536 字节；请检查文件是否有换行。",
            en="The header is longer than 65,536 bytes; does the file have line breaks?",
        )
    return line.removeprefix(UTF8_MARK).removesuffix(b"\r"), len(line) + len(found)


def text_start(source: SourceFile) -> int:
    """Offset of the first byte after a byte-order mark."""
    return len(UTF8_MARK) if source.read(0, len(UTF8_MARK)) == UTF8_MARK else 0


def read_blocks(
    source: SourceFile, start: int, *, block_bytes: int = BLOCK_BYTES
) -> Iterator[LineBlock]:
    """The lines from offset `start` on, in order; an ending line feed starts no further row.

    Raises TooLarge `file.too_many_rows` above ROWS_MAX rows.
    """
    row = 1
    with source.path.open("rb") as stream:
        while start < source.size:
            stream.seek(start)
            block = _next_block(stream, source, (start, row), block_bytes)
            yield block
            row += block.rows
            start = block.end
            if row > ROWS_MAX + 1:
                raise TooLarge(
                    "file.too_many_rows",
                    zh=f"文件超过 {ROWS_MAX} 行；请分成几个文件提交。",
                    en=f"The file has more than {ROWS_MAX} rows; split it.",
                )


def _next_block(
    stream: BinaryIO, source: SourceFile, place: tuple[int, int], block_bytes: int
) -> LineBlock:
    start, row = place
    data = stream.read(block_bytes)
    cut = data.rfind(b"\n") + 1
    if start + len(data) < source.size:
        if cut == 0:
            end = _end_of_line(stream, start + len(data))
            kept = data[:_KEPT_OF_GIANT] + b"\n"
            return LineBlock(kept, 1, row, start, end, is_giant=True)
        data = data[:cut]
    end = start + len(data)
    if not data.endswith(b"\n"):
        data += b"\n"
    return LineBlock(data, data.count(b"\n"), row, start, end)


def _end_of_line(stream: BinaryIO, offset: int) -> int:
    """Offset behind the next line feed, or the end of the file."""
    while part := stream.read(BLOCK_BYTES):
        found = part.find(b"\n")
        if found >= 0:
            return offset + found + 1
        offset += len(part)
    return offset
