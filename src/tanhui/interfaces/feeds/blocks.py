"""Reads a text file in blocks of whole lines, so memory stays bounded whatever the file.

A block is at most about BLOCK_BYTES; a row longer than that becomes a block of its own, of which
only the beginning is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import RawIOBase

import numpy as np

from tanhui.core.errors import InputRefused, TooLarge
from tanhui.engine.batch.landing_file import LineIndex, LineReader, SourceFile
from tanhui.engine.batch.limits import BLOCK_BYTES, ROW_BYTES_MAX, ROWS_MAX

from .sniff import UTF8_MARK

_KEPT_OF_GIANT = ROW_BYTES_MAX + 1
"""Enough of a giant row to see that it is too long."""

_PROBE_BYTES = 65_536
_PIECE_BYTES = 262_144


@dataclass(frozen=True)
class LineBlock:
    """Whole lines, each ended by a line feed; `first_row` is the data row of the first."""

    data: bytes
    rows: int
    first_row: int
    start: int
    end: int
    is_giant: bool = False

    def index(self, reader: LineReader) -> LineIndex:
        """Where the original bytes of each row are."""
        return LineIndex(reader, (self.start, self.end), self.first_row, self.is_giant)


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
    with source.path.open("rb", buffering=0) as stream:
        while start < source.size:
            end = _line_end(stream, min(start + block_bytes, source.size), source.size)
            block = _block(stream, (start, end), row, block_bytes)
            yield block
            row += block.rows
            start = block.end
            if row > ROWS_MAX + 1:
                raise TooLarge(
                    "file.too_many_rows",
                    zh=f"文件超过 {ROWS_MAX} 行；请分成几个文件提交。",
                    en=f"The file has more than {ROWS_MAX} rows; split it.",
                )


def _line_end(stream: RawIOBase, offset: int, size: int) -> int:
    """Offset behind the line feed that ends the line around `offset - 1`, or the file's end."""
    offset -= 1
    while offset < size:
        stream.seek(offset)
        part = stream.read(_PROBE_BYTES) or b""
        found = part.find(b"\n")
        if found >= 0:
            return offset + found + 1
        if not part:
            break
        offset += len(part)
    return size


def _block(stream: RawIOBase, span: tuple[int, int], row: int, block_bytes: int) -> LineBlock:
    """The lines in `span`; where its last line is a giant, only those before it."""
    start, end = span
    if end - start > block_bytes + ROW_BYTES_MAX:
        head = _read_exactly(stream, start, block_bytes)
        cut = head.rfind(b"\n") + 1
        if cut == 0:
            return LineBlock(head[:_KEPT_OF_GIANT] + b"\n", 1, row, start, end, is_giant=True)
        return LineBlock(head[:cut], count_bytes(head[:cut], b"\n"), row, start, start + cut)
    data = _read_exactly(stream, start, end - start)
    if not data.endswith(b"\n"):
        data += b"\n"
    return LineBlock(data, count_bytes(data, b"\n"), row, start, end)


def _read_exactly(stream: RawIOBase, start: int, length: int) -> bytes:
    stream.seek(start)
    parts = []
    while length > 0:
        part = stream.read(length)
        if not part:
            break
        parts.append(part)
        length -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def count_bytes(data: bytes, one: bytes) -> int:
    """How often a byte occurs; in pieces that stay in the processor's cache.

    >>> count_bytes(b"a,b,c", b",")
    2
    """
    values, wanted = np.frombuffer(data, dtype=np.uint8), ord(one)
    pieces = range(0, len(values), _PIECE_BYTES)
    return sum(
        int(np.count_nonzero(values[place : place + _PIECE_BYTES] == wanted)) for place in pieces
    )
